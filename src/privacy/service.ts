import type { Principal } from "../auth/principal.ts";
import { emailKey } from "../db/email-key.ts";
import type { Deps } from "../deps.ts";
import type { Subject } from "./holder.ts";
import { eraseHeld, reportHeld } from "./repository.ts";
import type { PrivacyErasure, PrivacyReport } from "./schema.ts";

/** Everything held about an address. That it was asked for is logged. */
export async function reportOn(
  deps: Pick<Deps, "db" | "config" | "signer" | "now">,
  principal: Principal,
  email: string,
): Promise<PrivacyReport> {
  const { subject, hash } = await identify(deps, principal, email);
  const { data, ...held } = await reportHeld(deps.db, subject, hash);
  return { email, reportedAt: deps.now().toISOString(), ...held, data };
}

/**
 * Erases an address everywhere. What the room `inquiries` has logged of it is dropped with the log's
 * age; its observers are told to forget it now.
 */
export async function eraseAddress(
  deps: Pick<Deps, "db" | "config" | "signer" | "now" | "publish">,
  principal: Principal,
  email: string,
): Promise<PrivacyErasure> {
  const { subject, hash } = await identify(deps, principal, email);
  const erasedByHolder = await eraseHeld(deps.db, subject, hash);
  const time = deps.now().toISOString();
  const erased: Record<string, number> = {};
  for (const [{ name, event }, ids] of erasedByHolder) {
    erased[name] = ids.length;
    if (ids.length === 0) continue;
    deps.publish({
      room: event.room,
      events: ids.map((id) => ({ type: event.type, time, data: { id } })),
      message: "Erasure SENT",
      about: { [event.about]: ids.join(" ") },
    });
  }
  return { erasedAt: time, erased };
}

async function identify(
  deps: Pick<Deps, "config" | "signer">,
  principal: Principal,
  email: string,
): Promise<{ subject: Subject; hash: string }> {
  const key = emailKey(email);
  const emails = [...new Set([email.toLowerCase(), key])];
  const subject = { emails, actor: principal.subject, nodeId: deps.config.nodeId };
  return { subject, hash: await deps.signer.sign("suppression", key) };
}
