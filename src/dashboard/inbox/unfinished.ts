import type { Inquiry } from "../../inquiries/schema.ts";
import { answerOf, api } from "../api/client.ts";
import { sessionStore } from "../session/session.ts";
import { toastProblem } from "../ui/toasts.tsx";
import type { Status } from "./search.ts";
import { stepsTo } from "./steps.ts";

const PREFIX = "outreach.unfinished.";
/** Of this tab: another may be left at the same moment. */
const key = PREFIX + crypto.randomUUID();

interface Unfinished {
  readonly by: string;
  readonly to: Status;
  readonly inquiries: readonly Pick<Inquiry, "id" | "version">[];
}

/** Notes what is being sent: should the page be left meanwhile, only the first of several steps is sure to go. */
export function noteUnfinished(inquiries: readonly Inquiry[], to: Status): void {
  const session = sessionStore.get();
  if (!("user" in session)) return;
  const unfinished: Unfinished = {
    by: session.user.profile.sub,
    to,
    inquiries: inquiries.map(({ id, version }) => ({ id, version })),
  };
  localStorage.setItem(key, JSON.stringify(unfinished));
}

export function forgetUnfinished(): void {
  localStorage.removeItem(key);
}

/** Finishes what was begun when the desk was left, where nobody else has been at it since. */
export async function finishUnfinished(subject: string): Promise<void> {
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(PREFIX) || name === key) continue;
    const { by, to, inquiries } = JSON.parse(localStorage.getItem(name) ?? "{}") as Unfinished;
    if (by !== subject) continue;
    localStorage.removeItem(name);
    for (const each of inquiries) {
      await finish(each, to, subject).catch((error) =>
        toastProblem("A change that was begun before was not made", error),
      );
    }
  }
}

async function finish(
  { id, version: begun }: Unfinished["inquiries"][number],
  to: Status,
  subject: string,
): Promise<void> {
  const one = api.inquiries[":id"];
  const { status, modifiedBy, ...now } = await answerOf(
    one.$get({ param: { id }, query: { deleted: "false" } }),
  );
  let { version } = now;
  const isMine = version === begun || (version === begun + 1 && modifiedBy === subject);
  if (!isMine) return;
  for (const step of stepsTo(status, to) ?? []) {
    const header = { "if-match": `"v${version}"` };
    ({ version } = await answerOf(one.$patch({ param: { id }, header, json: { status: step } })));
  }
}
