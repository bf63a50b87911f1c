import { randomUUID } from "node:crypto";
import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { eq, sql as fragment } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { bigint, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  pgliteEngine,
  postgresEngine,
  type SqlEngine,
  servePostgresHttp,
} from "../../dev/postgres-http.ts";
import { eventually } from "../support/eventually.ts";
import { findPostgres, laneAvailable, startPostgres } from "../support/servers.ts";

interface Backend {
  engine: SqlEngine;
  url: string;
  close(): Promise<void>;
}

/** The driver asks for the endpoint by the host in the connection string. */
const endpoints = new Map<string, string>();
neonConfig.fetchEndpoint = (host) => endpoints.get(host) ?? "";

const connectTo = (host: string) => neon(`postgresql://user:secret@${host}/db`);
const freshName = (prefix: string) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
const failureOf = (promise: Promise<unknown>): Promise<NeonDbError> =>
  promise.then(
    () => expect.fail("expected a rejection"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(NeonDbError);
      return error as NeonDbError;
    },
  );

async function serve(engine: SqlEngine, closeServer = async () => {}): Promise<Backend> {
  const server = await servePostgresHttp({ engine });
  const close = async () => {
    await server.close();
    await engine.close();
    await closeServer();
  };
  return { engine, url: server.url, close };
}

const BACKENDS: Record<string, () => Promise<Backend>> = {
  pglite: async () => serve(await pgliteEngine()),
  postgres: async () => {
    const postgres = await startPostgres();
    return serve(postgresEngine(postgres), postgres.stop);
  },
};

const HEADERS = {
  "Neon-Connection-String": "postgresql://user:secret@host/db",
  "Neon-Raw-Text-Output": "true",
  "Neon-Array-Mode": "true",
};

const post = (
  url: string,
  body: string | Uint8Array<ArrayBuffer> | object,
  headers: Record<string, string> = HEADERS,
) => {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const raw = isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body);
  return fetch(url, { method: "POST", headers, body: raw });
};

const hasPostgres = laneAvailable("postgres", findPostgres());

describe.each(hasPostgres ? ["pglite", "postgres"] : ["pglite"])("the driver over %s", (host) => {
  const sql = connectTo(host);
  let backend: Backend;

  beforeAll(async () => {
    backend = await (BACKENDS[host] as () => Promise<Backend>)();
    endpoints.set(host, backend.url);
  }, 60_000);
  afterAll(() => backend.close());

  async function createTable(columns: string): Promise<string> {
    const name = freshName("t");
    await sql.query(`CREATE TABLE ${name} (${columns})`);
    return name;
  }

  it.each([
    ["9223372036854775807::int8", "9223372036854775807"],
    ["12345678901234567890.123456789::numeric", "12345678901234567890.123456789"],
    ["0.1::float8 + 0.2::float8", "0.30000000000000004"],
    ["true", "t"],
    ["NULL::text", null],
    ["''", ""],
    [`'{"b": 1, "a": [1.50, null]}'::jsonb`, '{"a": [1.50, null], "b": 1}'],
    [`ARRAY['a', NULL, 'b,c', 'd"e', 'NULL', '']`, '{a,NULL,"b,c","d\\"e","NULL",""}'],
    ["ARRAY[9007199254740993::int8]", "{9007199254740993}"],
    ["'2026-11-22T10:00:00.123456+02'::timestamptz", "2026-11-22 08:00:00.123456+00"],
    ["'2026-11-22'::date", "2026-11-22"],
    ["'1 day 02:03:04'::interval", "1 day 02:03:04"],
    ["'\\xdeadbeef'::bytea", "\\xdeadbeef"],
    ["'žluťoučký 🐎'", "žluťoučký 🐎"],
  ])("sends %s as PostgreSQL's own text", async (expression, expected) => {
    const response = await post(backend.url, { query: `SELECT ${expression} AS value` });
    expect(await response.json()).toMatchObject({ rows: [[expected]] });
  });

  it("describes a column by its table, type and modifier", async () => {
    const table = await createTable("label varchar(20)");
    const { fields } = await sql.query(`SELECT label FROM ${table}`, [], { fullResults: true });
    const [oid] = await sql`SELECT ${table}::regclass::oid AS oid`;
    expect(fields).toEqual([
      {
        name: "label",
        tableID: Number(oid?.["oid"]),
        columnID: 1,
        dataTypeID: 1043,
        dataTypeSize: -1,
        dataTypeModifier: 24,
        format: "text",
      },
    ]);
  });

  it("gives back what it was given, whatever the type", async () => {
    const table = await createTable(
      "id int8, body jsonb, tags text[], gone text, spam boolean, at timestamptz, raw bytea",
    );
    const tags = ["plain", null, 'quo"te', "com,ma", "back\\slash", "", "NULL"];
    const body = { a: [1, null, "x"], b: { c: "ž🐎" } };
    const at = new Date("2026-11-22T10:00:00.123Z");
    const values = [2n ** 63n - 1n, body, tags, null, false, at, Buffer.from([0, 255])];
    await sql.query(`INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5, $6, $7)`, values);
    const [row] = await sql.query(
      `SELECT *, at = '2026-11-22 10:00:00.123Z' AS same FROM ${table}`,
    );
    expect(row).toMatchObject({ body, tags, gone: null, spam: false, same: true });
    expect(BigInt(row?.["id"])).toBe(2n ** 63n - 1n);
    expect(Array.from(row?.["raw"] ?? [])).toEqual([0, 255]);
  });

  it("keeps an empty text apart from none", async () => {
    expect(await sql`SELECT ${""}::text AS empty, ${null}::text AS none`).toEqual([
      { empty: "", none: null },
    ]);
  });

  it("keeps timestamps to the microsecond", async () => {
    const at = "2026-11-22 08:00:00.123456+00";
    const response = await post(backend.url, { query: "SELECT $1::timestamptz", params: [at] });
    expect(await response.json()).toMatchObject({ rows: [[at]] });
  });

  it("counts what each command did", async () => {
    const table = await createTable("n int");
    const run = async (query: string) => {
      const { command, rowCount, rows } = await sql.query(query, [], { fullResults: true });
      return { command, rowCount, rows };
    };
    expect(await run(`INSERT INTO ${table} SELECT generate_series(1, 5) RETURNING n`)).toEqual({
      command: "INSERT",
      rowCount: 5,
      rows: [1, 2, 3, 4, 5].map((n) => ({ n })),
    });
    expect(await run(`UPDATE ${table} SET n = n + 10 WHERE n > 2`)).toEqual({
      command: "UPDATE",
      rowCount: 3,
      rows: [],
    });
    expect(await run(`DELETE FROM ${table} WHERE n < 2`)).toMatchObject({
      command: "DELETE",
      rowCount: 1,
    });
    expect(await run(`SELECT * FROM ${table} WHERE n = 0`)).toEqual({
      command: "SELECT",
      rowCount: 0,
      rows: [],
    });
    expect(await run(`DROP TABLE ${table}`)).toMatchObject({ command: "DROP", rowCount: null });
  });

  it("passes a result of many megabytes", async () => {
    const [row] = await sql`SELECT repeat('ž', 5000000) AS long`;
    expect(row?.["long"]).toHaveLength(5_000_000);
  });

  it("names the constraint that a duplicate breaks", async () => {
    const table = await createTable("email text CONSTRAINT one_each UNIQUE");
    await sql.query(`INSERT INTO ${table} VALUES ('a@example.com')`);
    const error = await failureOf(sql.query(`INSERT INTO ${table} VALUES ($1)`, ["a@example.com"]));
    expect(error).toMatchObject({
      code: "23505",
      constraint: "one_each",
      table,
      schema: "public",
      severity: "ERROR",
      detail: "Key (email)=(a@example.com) already exists.",
    });
  });

  it.each([
    ["a text that is no number", "SELECT $1::int", ["many"], "22P02"],
    ["a statement that is none", "SELEC 1", [], "42601"],
    ["two statements in one", "SELECT 1; SELECT 2", [], "42601"],
    ["a table that is not there", "SELECT * FROM nowhere", [], "42P01"],
    ["too few parameters", "SELECT $1::int + $2::int", [1], "08P01"],
    ["a NUL in a text", "SELECT $1::text", ["a\0b"], "22021"],
    ["half a surrogate pair in JSON", "SELECT $1::jsonb", [{ a: "\ud800" }], "22P02"],
  ])("answers %s with PostgreSQL's code and works on", async (_, query, params, code) => {
    expect(await failureOf(sql.query(query, params))).toMatchObject({ code });
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it("says where a syntax error is", async () => {
    expect(await failureOf(sql`SELECT 1 FORM x y`)).toMatchObject({ position: "15" });
  });

  it("runs a batch as one transaction", async () => {
    const table = await createTable("n int");
    const results = await sql.transaction([
      sql.query(`INSERT INTO ${table} VALUES (1)`),
      sql.query(`UPDATE ${table} SET n = 2 RETURNING n`),
      sql.query(`SELECT count(*)::int FROM ${table}`),
    ]);
    expect(results).toEqual([[], [{ n: 2 }], [{ count: 1 }]]);
  });

  it("leaves nothing of a batch that fails, and works on", async () => {
    const table = await createTable("n int PRIMARY KEY");
    const insert = () => sql.query(`INSERT INTO ${table} VALUES (1)`);
    expect(await failureOf(sql.transaction([insert(), insert()]))).toMatchObject({ code: "23505" });
    expect(await sql.query(`SELECT * FROM ${table}`)).toEqual([]);
  });

  it("leaves nothing of a batch that fails when it commits", async () => {
    const table = await createTable("n int UNIQUE DEFERRABLE INITIALLY DEFERRED");
    const insert = () => sql.query(`INSERT INTO ${table} VALUES (1)`);
    expect(await failureOf(sql.transaction([insert(), insert()]))).toMatchObject({ code: "23505" });
    expect(await sql.query(`SELECT * FROM ${table}`)).toEqual([]);
  });

  it.each([
    ["ReadUncommitted", "read uncommitted"],
    ["ReadCommitted", "read committed"],
    ["RepeatableRead", "repeatable read"],
    ["Serializable", "serializable"],
  ] as const)("isolates a batch as %s", async (isolationLevel, expected) => {
    const [rows] = await sql.transaction([sql`SHOW transaction_isolation`], { isolationLevel });
    expect(rows).toEqual([{ transaction_isolation: expected }]);
  });

  it("makes a batch deferrable on demand", async () => {
    const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
    const [rows] = await sql.transaction([sql`SHOW transaction_deferrable`], options);
    expect(rows).toEqual([{ transaction_deferrable: "on" }]);
  });

  it("refuses a write in a read-only batch and allows the next one", async () => {
    const table = await createTable("n int");
    const insert = () => sql.query(`INSERT INTO ${table} VALUES (1)`);
    const failure = failureOf(sql.transaction([insert()], { readOnly: true }));
    expect(await failure).toMatchObject({ code: "25006" });
    await sql.transaction([insert()], { readOnly: false });
    expect(await sql.query(`SELECT * FROM ${table}`)).toEqual([{ n: 1 }]);
  });

  it("answers a hundred queries at once, each with its own result", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => sql`SELECT ${n}::int AS n`),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => [{ n }]));
  });

  it("lets no other query into a batch", async () => {
    // The engine itself, called in one tick: requests would arrive one after the other.
    const { engine } = backend;
    const current = { query: "SELECT txid_current()", params: [] };
    const calls = Array.from({ length: 20 }, async () => {
      const batch = engine.batch([current, current, current]);
      const [single, results] = await Promise.all([engine.query(current), batch]);
      const ids = new Set(results.map(({ rows }) => rows[0]?.[0]));
      expect(ids.size).toBe(1);
      return [...ids, single.rows[0]?.[0]];
    });
    expect(new Set((await Promise.all(calls)).flat()).size).toBe(40);
  });

  it("ends a transaction that a single statement has opened", async () => {
    const table = await createTable("n int");
    await sql`BEGIN`;
    await sql.query(`INSERT INTO ${table} VALUES (1)`);
    await failureOf(sql`SELECT 1/0`);
    expect(await sql.query(`SELECT * FROM ${table}`)).toEqual([{ n: 1 }]);
  });

  it("has the trigram extension", async () => {
    await sql`CREATE EXTENSION IF NOT EXISTS pg_trgm`;
    expect(await sql`SELECT similarity('word', 'word') AS s`).toEqual([{ s: 1 }]);
  });

  it("carries drizzle's rows and batches", async () => {
    const inquiries = pgTable(freshName("inquiries"), {
      id: bigint({ mode: "bigint" }).primaryKey(),
      data: jsonb().$type<{ score: number }>(),
      tags: text().array(),
      at: timestamp({ withTimezone: true, precision: 6, mode: "string" }),
    });
    const db = drizzle(sql);
    await db.execute(
      fragment`CREATE TABLE ${inquiries} (id int8 PRIMARY KEY, data jsonb, tags text[], at timestamptz)`,
    );
    const row = {
      id: 9007199254740993n,
      data: { score: 0.5 },
      tags: ["a,b", 'c"d'],
      at: "2026-11-22 08:00:00.123456+00",
    };
    const other = { id: 2n, data: null, tags: null, at: null };
    const [returned, updated, rows] = await db.batch([
      db.insert(inquiries).values([row, other]).returning({ id: inquiries.id }),
      db.update(inquiries).set({ tags: [] }).where(eq(inquiries.id, 2n)),
      db.select().from(inquiries).orderBy(inquiries.id),
    ]);
    expect(returned).toEqual([{ id: row.id }, { id: 2n }]);
    expect(updated.rowCount).toBe(1);
    expect(rows).toEqual([{ ...other, tags: [] }, row]);

    const batch = db.batch([
      db.insert(inquiries).values({ ...other, id: 3n }),
      db.insert(inquiries).values(row),
    ]);
    await expect(batch).rejects.toMatchObject({ code: "23505" });
    await expect(db.insert(inquiries).values(row)).rejects.toMatchObject({
      cause: { code: "23505", constraint: expect.stringContaining("_pkey") },
    });
    expect(await db.$count(inquiries)).toBe(2);
  });
});

describe.runIf(hasPostgres)("a PostgreSQL server that dies", () => {
  const host = "mortal";
  const sql = connectTo(host);
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let backend: Backend;

  beforeAll(async () => {
    postgres = await startPostgres();
    backend = await serve(postgresEngine(postgres), () => postgres.stop());
    endpoints.set(host, backend.url);
  }, 60_000);
  afterAll(() => backend.close());

  const isAsleep = async () => {
    const query =
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    expect(await sql.query(query)).toEqual([{ n: 1 }]);
  };

  it("is an error without a code, and works again after its restart", async () => {
    await Promise.all([sql`SELECT 1`, sql`SELECT 2`, sql`SELECT 3`]);
    await postgres.kill();
    expect((await failureOf(sql`SELECT 1`)).code).toBeUndefined();
    expect((await failureOf(sql.transaction([sql`SELECT 1`]))).code).toBeUndefined();
    await postgres.start();
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it("is an error without a code for those whose query was under way", async () => {
    const single = failureOf(sql`SELECT pg_sleep(600)`);
    await eventually(isAsleep);
    await postgres.kill();
    expect((await single).code).toBeUndefined();
    await postgres.start();

    const batch = failureOf(sql.transaction([sql`SELECT 1`, sql`SELECT pg_sleep(600)`]));
    await eventually(isAsleep);
    await postgres.kill();
    expect((await batch).code).toBeUndefined();
    await postgres.start();
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it("passes on the code of a server that is shut down", async () => {
    const single = failureOf(sql`SELECT pg_sleep(600)`);
    await eventually(isAsleep);
    await postgres.kill("SIGINT");
    expect(await single).toMatchObject({ code: "57P01", severity: "FATAL" });
    await postgres.start();
    expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });

  it("answers in the end when it only stood still", async () => {
    await sql`SELECT 1`;
    postgres.pause();
    onTestFinished(() => postgres.resume());
    const late = sql`SELECT 1 AS one`;
    const signal = AbortSignal.timeout(100);
    const impatient = failureOf(sql.query("SELECT 2", [], { fetchOptions: { signal } }));
    expect((await impatient).code).toBeUndefined();
    postgres.resume();
    expect(await late).toEqual([{ one: 1 }]);
  });
});

describe("the protocol", () => {
  const query = vi.fn<SqlEngine["query"]>();
  const engine: SqlEngine = { query, batch: vi.fn(), close: async () => {} };
  let backend: Backend;

  beforeAll(async () => {
    backend = await serve(engine);
  });
  afterAll(() => backend.close());

  it.each([
    ["without a connection string", { "Neon-Connection-String": "" }],
    ["with another database's connection string", { "Neon-Connection-String": "mysql://u@h/d" }],
    ["for parsed values", { "Neon-Raw-Text-Output": "false" }],
    ["for rows by name", { "Neon-Array-Mode": "false" }],
    ["with an isolation level that is none", { "Neon-Batch-Isolation-Level": "toString" }],
  ])("refuses a request %s", async (_, change) => {
    const headers = { ...HEADERS, ...change };
    const response = await post(backend.url, { queries: [] }, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.any(String) });
  });

  it("refuses a request that has no connection string at all", async () => {
    const { "Neon-Connection-String": _, ...headers } = HEADERS;
    const response = await post(backend.url, { query: "SELECT 1" }, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.any(String) });
  });

  it.each([
    ["that is not JSON", "SELECT 1"],
    ["that is not UTF-8", new Uint8Array([0x22, 0xff, 0x22])],
    ["without a query", {}],
    ["whose batch is no list", { queries: "SELECT 1" }],
    ["with a parameter that is neither text nor null", { query: "SELECT $1", params: [{}] }],
    ["with half a surrogate pair", { query: "SELECT $1", params: ["\ud800"] }],
    ["with a NUL in the statement", { query: "SELECT 1\0" }],
  ])("refuses a body %s", async (_, body) => {
    const response = await post(backend.url, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.any(String) });
  });

  it("refuses a body above 64 MiB", async () => {
    const response = await post(backend.url, new Uint8Array(64 * 1024 * 1024 + 1).fill(32));
    expect(response.status).toBe(413);
  });

  it("knows only POST /sql", async () => {
    expect((await fetch(backend.url)).status).toBe(404);
    expect((await post(new URL("/", backend.url).href, { query: "SELECT 1" })).status).toBe(404);
  });

  it("takes no system error's code for PostgreSQL's", async () => {
    query.mockRejectedValueOnce(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    const response = await post(backend.url, { query: "SELECT 1" });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: "write EPIPE" });
  });

  it("tells the engine when the client has left", async () => {
    const client = new AbortController();
    const left = new Promise<void>((resolve) => {
      query.mockImplementationOnce((_, signal) => {
        signal?.addEventListener("abort", () => resolve());
        client.abort();
        return new Promise(() => {});
      });
    });
    const options = { method: "POST", headers: HEADERS, signal: client.signal };
    await expect(
      fetch(backend.url, { ...options, body: JSON.stringify({ query: "SELECT 1" }) }),
    ).rejects.toThrow();
    await left;
  });

  it("closes although a request is under way", async () => {
    let closed: Promise<void> | undefined;
    const stuck: SqlEngine = {
      ...engine,
      query: () => {
        closed = short.close();
        return new Promise(() => {});
      },
    };
    const short = await serve(stuck);
    await expect(post(short.url, { query: "SELECT 1" })).rejects.toThrow();
    await closed;
    await expect(post(short.url, { query: "SELECT 1" })).rejects.toThrow();
  });
});

describe("an engine", () => {
  it("drops what waits for a client that has left", async () => {
    const engine = await pgliteEngine();
    onTestFinished(() => engine.close());
    const create = { query: "CREATE TABLE never (n int)", params: [] };
    await expect(engine.query(create, AbortSignal.abort())).rejects.toThrow();
    await expect(engine.batch([create], {}, AbortSignal.abort())).rejects.toThrow();
    const count = { query: "SELECT count(*) FROM pg_tables WHERE tablename = 'never'", params: [] };
    expect((await engine.query(count)).rows).toEqual([["0"]]);
  });

  it("refuses to work once it is closed", async () => {
    const engine = await pgliteEngine();
    await engine.close();
    const failure = engine.query({ query: "SELECT 1", params: [] });
    await expect(failure).rejects.not.toHaveProperty("code");
  });
});
