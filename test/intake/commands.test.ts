import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { z } from "zod";
import { type SubmissionPayload, submission } from "../../src/inquiries/submission.ts";
import type { AnyCommand } from "../../src/intake/command.ts";
import { COMMANDS } from "../../src/intake/commands.ts";
import { replay } from "../../src/intake/replay.ts";
import { shardOf } from "../../src/intake/shards.ts";
import { SpoolStore } from "../../src/intake/spool-store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createRecorder } from "../../src/telemetry/metrics.ts";
import { database } from "../support/worker/app.ts";
import { storeInquiry } from "../support/worker/factories.ts";
import { aRow, aSpool, rowsUnder } from "../support/worker/spool.ts";

const v1 = submission.versions[1] as z.ZodType<SubmissionPayload, { name: string }>;

/** The same command after a deployment that split the name in two. */
const tomorrow: AnyCommand = {
  ...submission,
  version: 2,
  versions: {
    1: v1,
    2: z
      .looseObject({ givenName: z.string(), familyName: z.string() })
      .transform(({ givenName, familyName, ...rest }) => ({
        ...rest,
        name: `${givenName} ${familyName}`,
      }))
      .pipe(v1),
  },
};

it("understands a row that was spooled before a deployment, and one that was spooled after it", async () => {
  const spool = aSpool();
  const old = aRow({ name: "Ada Byron" });
  const recent = aRow(
    { name: undefined, givenName: "Grace", familyName: "Hopper" },
    { version: 2 },
  );
  const result = await runInDurableObject(spool, (_, state) => {
    const store = new SpoolStore(state.storage);
    store.accept(old);
    store.accept(recent);
    return replay({
      store,
      commands: [tomorrow],
      context: { db: database(), nodeId: 10 },
      shard: "test",
      failures: 0,
      log: createLogger({ level: "error" }),
      metrics: createRecorder(),
    });
  });
  expect(result).toEqual({ kind: "idle" });
  expect((await rowsUnder(old.key)).map((row) => row.name)).toEqual(["Ada Byron"]);
  expect((await rowsUnder(recent.key)).map((row) => row.name)).toEqual(["Grace Hopper"]);
});

it("announces a repeated submission while it is news, and neither spam nor what is in the bin", async () => {
  const key = crypto.randomUUID();
  await storeInquiry({ submissionKey: key });
  const [row] = await rowsUnder(key);
  if (row === undefined) throw new Error("was not stored");
  const { submissionKey, contentHash, submittedAt } = row;
  const saidOf = (changes: object, minutesLater = 0) => {
    const sentAt = new Date(submittedAt.getTime() + minutesLater * 60_000).toISOString();
    const again = {
      ...JSON.parse(aRow().payload),
      submissionKey,
      contentHash,
      submittedAt: sentAt,
    };
    const settled = submission.settle([{ ...row, inserted: false, ...changes }], again);
    return settled.kind === "stored" && settled.announcements.length;
  };
  expect(saidOf({})).toBe(1);
  expect(saidOf({}, 9)).toBe(1);
  expect(saidOf({}, 11)).toBe(0);
  expect(saidOf({ deletedAt: new Date() })).toBe(0);
  expect(saidOf({ spamReasons: ["honeypot"] })).toBe(0);
});

it("lists every command under a name of its own, able to read what it writes", () => {
  expect(new Set(COMMANDS.map((command) => command.name)).size).toBe(COMMANDS.length);
  for (const { version, versions } of COMMANDS) expect(versions[version]).toBeDefined();
});

it("spreads keys over the shards evenly", () => {
  const counts = new Map<string, number>();
  for (let n = 0; n < 10_000; n += 1) {
    const shard = shardOf(`content.2992269.${n}`);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(["0", "1", "2", "3"]);
  expect(Math.min(...counts.values())).toBeGreaterThan(2_300);
});
