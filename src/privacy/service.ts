import type { Principal } from "../auth/principal.ts";
import { emailKey, emailSpellings } from "../db/email-key.ts";
import type { Deps } from "../deps.ts";
import { Problem } from "../http/problem.ts";
import { nameOf } from "../telemetry/logger.ts";
import { within } from "../within.ts";
import { placesElsewhere } from "./elsewhere.ts";
import type { Elsewhere, Subject } from "./holder.ts";
import { eraseHeld, findHeld, reportHeld } from "./repository.ts";
import type { PrivacyErasure, PrivacyReport } from "./schema.ts";

type Asking = Pick<Deps, "db" | "config" | "signer" | "spool" | "rooms" | "log" | "now">;

/** A shard of the spool may be in the middle of a replay, which it ends first. */
const PLACE_TIMEOUT_MS = 25_000;

/**
 * Everything held about an address. That it was asked for is logged.
 * @throws {Problem} `holder_unavailable` when a part of it cannot be looked at
 */
export async function reportOn(
  deps: Asking,
  principal: Principal,
  email: string,
): Promise<PrivacyReport> {
  const { subject, emailHashes } = await identify(deps, principal, email);
  const outside: Record<string, unknown[]> = {};
  // Before the tables: what moves from here to there meanwhile is reported twice, and not never.
  for (const place of placesElsewhere(deps)) {
    outside[place.name] = await reach(deps, place, () => place.report(subject));
  }
  const elsewhere = Object.fromEntries(
    Object.entries(outside).map(([name, held]) => [name, held.length]),
  );
  const { data, ...held } = await reportHeld(deps.db, subject, { emailHashes, elsewhere });
  return { email, reportedAt: deps.now().toISOString(), ...held, data: { ...data, ...outside } };
}

/**
 * Erases an address everywhere; observers are told to forget what they have seen. The tables come
 * last, because only they know what else is theirs: whatever fails before, a repetition begins anew.
 * @throws {Problem} `holder_unavailable` when it is not known to be erased everywhere
 */
export async function eraseAddress(
  deps: Asking & Pick<Deps, "publish">,
  principal: Principal,
  email: string,
): Promise<PrivacyErasure> {
  const { subject, emailHashes } = await identify(deps, principal, email);
  const ids = await findHeld(deps.db, subject);
  const elsewhere = await eraseElsewhere(deps, subject, ids);
  const erasedByHolder = await eraseHeld(deps.db, subject, { emailHashes, elsewhere });
  // What was stored and announced in between.
  const late = [...erasedByHolder.values()].flat().filter((id) => !ids.includes(id));
  if (late.length > 0) await eraseElsewhere(deps, subject, late);

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
  return { erasedAt: time, erased: { ...erased, ...elsewhere } };
}

/** One place after the other, in their order. @returns how much each held */
async function eraseElsewhere(
  deps: Asking,
  subject: Subject,
  ids: readonly string[],
): Promise<Record<string, number>> {
  const erased: Record<string, number> = {};
  for (const place of placesElsewhere(deps)) {
    erased[place.name] = await reach(deps, place, () => place.erase(subject, ids));
  }
  return erased;
}

async function reach<T>(
  { log }: Pick<Deps, "log">,
  place: Elsewhere,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await within(PLACE_TIMEOUT_MS, work());
  } catch (error) {
    log.error("holder of personal data unreachable", {
      holder: place.name,
      error: nameOf(error),
    });
    throw new Problem("holder_unavailable");
  }
}

async function identify(
  deps: Pick<Deps, "config" | "signer">,
  principal: Principal,
  email: string,
): Promise<{ subject: Subject; emailHashes: string[] }> {
  const key = emailKey(email);
  const { nodeId } = deps.config;
  const subject = {
    emails: emailSpellings(email),
    emailKey: key,
    actor: principal.subject,
    nodeId,
  };
  return { subject, emailHashes: await deps.signer.signUnderEach("suppression", key) };
}
