import { expect, it } from "vitest";
import { createSigner } from "../../src/auth/signing.ts";
import { decide } from "../../src/limits/check.ts";
import { createLimiter } from "../../src/limits/limiter.ts";
import { createLocalGate } from "../../src/limits/local.ts";

it("gives nobody a new quota when Redis goes away", async () => {
  let away = false;
  const limiter = createLimiter({
    edge: undefined,
    redis: {
      check: async (checks) =>
        away
          ? undefined
          : decide(
              checks,
              checks.map(() => ({ count: 0, resetMs: 0 })),
            ),
    },
    local: createLocalGate({ now: () => 1_800_000_000_000 }),
    signer: createSigner(new Uint8Array(32)),
    floodCeiling: 600,
    refused: () => {},
  });
  const client = { kind: "visitor", key: "203.0.113.7" } as const;
  const charge = () => limiter.charge({ route: "submit", client });
  for (let sent = 0; sent < 4; sent += 1) expect((await charge()).gate).toBe("redis");
  away = true;
  expect(await charge()).toMatchObject({ gate: "local", allowed: true });
  expect(await charge()).toMatchObject({ gate: "local", allowed: false });
});
