import { neon, neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate, readSeedRules } from "../../dev/migrate.ts";
import {
  pgliteEngine,
  postgresEngine,
  type SqlEngine,
  servePostgresHttp,
} from "../../dev/postgres-http.ts";
import { findPostgres, laneAvailable, startPostgres } from "../support/servers.ts";

const databaseUrl = "postgres://outreach:outreach@localhost/outreach";

const lanes: Record<string, () => Promise<{ engine: SqlEngine; stop(): Promise<void> }>> = {
  pglite: async () => ({ engine: await pgliteEngine(), stop: async () => {} }),
};
if (laneAvailable("postgres", findPostgres())) {
  lanes["postgres"] = async () => {
    const server = await startPostgres();
    return {
      engine: postgresEngine({ connectionString: server.connectionString }),
      stop: server.stop,
    };
  };
}

describe.each(Object.keys(lanes))("migrations and seeds on %s", (lane) => {
  let httpEndpoint = "";
  const closers: (() => Promise<void>)[] = [];
  const sql = neon(databaseUrl);

  beforeAll(async () => {
    const { engine, stop } = await (lanes[lane] as (typeof lanes)[string])();
    const served = await servePostgresHttp({ engine });
    httpEndpoint = served.url;
    neonConfig.fetchEndpoint = served.url;
    closers.push(
      () => served.close(),
      () => engine.close(),
      stop,
    );
    await migrate({ databaseUrl, httpEndpoint });
  });

  afterAll(async () => {
    for (const close of closers) await close();
  });

  it("change nothing when they run again", async () => {
    const before = await sql`SELECT id, origin, ptype, v0, v1, v2 FROM permissions ORDER BY id`;
    expect(await migrate({ databaseUrl, httpEndpoint })).toEqual({
      applied: 0,
      waiting: [],
      rulesAdded: 0,
      rulesRemoved: 0,
    });
    const after = await sql`SELECT id, origin, ptype, v0, v1, v2 FROM permissions ORDER BY id`;
    expect(after).toEqual(before);
  });

  it("hold exactly the rules of the seed file", async () => {
    const rows = await sql`SELECT ptype, v0, v1, v2 FROM permissions WHERE origin = 'seed'`;
    const stored = rows.map(({ ptype, v0, v1, v2 }) => [ptype, v0, v1, v2].join());
    expect(stored.sort()).toEqual(readSeedRules().map(String).sort());
  });

  it("take out a rule that left the seed file, put back one that is missing, leave custom ones", async () => {
    await sql`INSERT INTO permissions (ptype, v0, v1, v2, origin) VALUES
      ('p', 'OWNER', 'moon', 'read', 'seed'), ('p', 'AUDITOR', 'inquiry', 'read', 'custom')`;
    await sql`DELETE FROM permissions WHERE v0 = 'CASHIER' AND v2 = 'triage'`;
    expect(await migrate({ databaseUrl, httpEndpoint })).toMatchObject({
      rulesAdded: 1,
      rulesRemoved: 1,
    });
    const rules = await sql`SELECT v0, v1, v2 FROM permissions`;
    expect(rules).not.toContainEqual({ v0: "OWNER", v1: "moon", v2: "read" });
    expect(rules).toContainEqual({ v0: "CASHIER", v1: "inquiry", v2: "triage" });
    expect(rules).toContainEqual({ v0: "AUDITOR", v1: "inquiry", v2: "read" });
  });

  it("can run twice at once", async () => {
    await sql.transaction([
      sql`DROP SCHEMA public CASCADE`,
      sql`CREATE SCHEMA public`,
      sql`DROP SCHEMA drizzle CASCADE`,
    ]);
    const [one, other] = await Promise.all([
      migrate({ databaseUrl, httpEndpoint }),
      migrate({ databaseUrl, httpEndpoint }),
    ]);
    const applied = await sql`SELECT created_at FROM drizzle.__drizzle_migrations`;
    expect(one.applied + other.applied).toBe(applied.length);
    expect(await migrate({ databaseUrl, httpEndpoint })).toMatchObject({ applied: 0 });
  });

  it("mint ids that carry the time and the node, and never the same twice", async () => {
    const rows = await sql`SELECT snowflake(10) AS id FROM generate_series(1, 20000)`;
    const ids = rows.map((row) => BigInt(row["id"] as string));
    expect(new Set(ids).size).toBe(20_000);
    for (const id of ids) expect((id >> 12n) & 0x3ffn).toBe(10n);
    const minted = Number((ids[0] as bigint) >> 22n) + Date.UTC(2025, 0, 1);
    expect(Math.abs(minted - Date.now())).toBeLessThan(60_000);
  });
});
