import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { aSubmission, type FaultWorld, type Submission, type SubmitAnswer } from "./fault-world.ts";

/** An answer and what it answered, with the moment it was asked for (`performance.now()`). */
export interface Sent extends SubmitAnswer {
  readonly submission: Submission;
  readonly at: number;
}

export interface Load {
  readonly sent: readonly Sent[];
  /** Sends no more, and resolves when everything was answered. */
  stop(): Promise<readonly Sent[]>;
}

const MOST_AT_ONCE = 100;

/**
 * Submits at a steady rate, whatever the answers are: visitors do not wait for each other, unless so
 * many already wait that the machine itself must be what is slow. Half carry
 * a key, one in twenty is a double click, and what got no 2xx is sent once more after a moment.
 */
export function startLoad(
  world: Pick<FaultWorld, "submit">,
  options: { perSecond: number; retries?: boolean },
): Load {
  const sent: Sent[] = [];
  const open = new Set<Promise<void>>();
  let stopped = false;
  const begin = performance.now();

  async function visit(submission: Submission, retries: boolean): Promise<void> {
    const at = performance.now();
    const answer = await world.submit(submission);
    sent.push({ ...answer, submission, at });
    if (!retries || isAccepted(answer)) return;
    await delay(1_000);
    await visit(submission, false);
  }
  const track = (work: Promise<void>) => {
    open.add(work);
    void work.finally(() => open.delete(work));
  };

  const running = (async () => {
    for (let n = 0; !stopped; n += 1) {
      while (open.size >= MOST_AT_ONCE) await Promise.race(open);
      const submission = aSubmission(n % 2 === 0 ? randomUUID() : undefined);
      track(visit(submission, options.retries ?? false));
      if (n % 20 === 0) track(visit(submission, false));
      await delay(Math.max(0, begin + ((n + 1) * 1_000) / options.perSecond - performance.now()));
    }
  })();

  return {
    sent,
    async stop() {
      stopped = true;
      await running;
      while (open.size > 0) await Promise.all(open);
      return sent;
    },
  };
}

export function isAccepted({ status }: { status: number }): boolean {
  return status >= 200 && status < 300;
}

/** What was promised, against what is there. Every number but the first two should be 0. */
export interface Verdict {
  readonly receipts: number;
  readonly events: number;
  readonly missing: number;
  readonly stored_twice: number;
  readonly unannounced: number;
  readonly announced_twice: number;
}

/** Proves by receipts that everything accepted is in Postgres once, and was seen once. */
export async function judge(
  world: FaultWorld,
  sent: readonly Sent[],
  events: readonly { type: string; data: Record<string, string> }[],
): Promise<Verdict> {
  const receipts = [
    ...new Set(sent.filter(isAccepted).flatMap(({ receipt }) => (receipt ? [receipt] : []))),
  ];
  const counts = await world.countRows(receipts);
  const messages = new Map<string, number>();
  const ids = new Map<string, number>();
  for (const { type, data } of events) {
    if (type !== "inquiry.submitted") continue;
    ids.set(data["id"] ?? "", (ids.get(data["id"] ?? "") ?? 0) + 1);
    messages.set(data["message"] ?? "", (messages.get(data["message"] ?? "") ?? 0) + 1);
  }
  const accepted = new Set(
    sent.filter(isAccepted).map(({ submission }) => String(submission.body["message"])),
  );
  return {
    receipts: receipts.length,
    events: ids.size,
    missing: receipts.filter((receipt) => !counts.has(receipt)).length,
    stored_twice: [...counts.values()].filter((count) => count > 1).length,
    unannounced: [...accepted].filter((message) => !messages.has(message)).length,
    announced_twice: [...messages.values()].filter((count) => count > 1).length,
  };
}

/** The value below which this share of them lies; NaN without any. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
