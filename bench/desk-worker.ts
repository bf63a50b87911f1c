import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { startIdentity } from "../dev/identity.ts";
import { startPostgres } from "../test/support/servers.ts";
import { bundleWorker, startWorker } from "../test/support/workerd.ts";
import { FIRST, type FilledDatabase, fillDatabase } from "./desk-rows.ts";
import { residentMiB } from "./usage.ts";

/** A Worker by itself on a database of its own, with an owner's token. */
export interface DeskWorker {
  readonly filled: FilledDatabase;
  readonly headers: { readonly authorization: string };
  /** Of the API, without a slash at its end. */
  readonly api: string;
  /** Resident memory of the Worker's process, in MiB. */
  memory(): number;
}

/** Runs `work` with everything started, and stops it all. @param rows inquiries in the database */
export async function withDeskWorker<T>(
  rows: number,
  work: (desk: DeskWorker) => Promise<T>,
): Promise<T> {
  const postgres = await startPostgres();
  const identity = await startIdentity();
  const bundle = bundleWorker();
  try {
    const filled = await fillDatabase(postgres, { rows, first: FIRST, searchIndex: false });
    const worker = await startWorker({
      bundle,
      // Half of what an isolate has on the platform.
      v8Flags: ["--max-old-space-size=64"],
      variables: {
        DATABASE_URL: "postgres://outreach:outreach@localhost/outreach",
        DATABASE_HTTP_ENDPOINT: filled.endpoint,
        IDENTITY_ISSUER: identity.issuer,
        IDENTITY_AUDIENCE: identity.audience,
        IDENTITY_JWKS_URL: identity.jwksUrl,
        SIGNING_KEY: randomBytes(32).toString("base64"),
        LOG_LEVEL: "error",
      },
    });
    try {
      const token = await identity.token("OWNER", { expiresInSeconds: 3600 });
      return await work({
        filled,
        headers: { authorization: `Bearer ${token}` },
        api: `${worker.url}/v1/api/outreach`,
        memory: () => residentMiB(worker.pid),
      });
    } finally {
      await worker.stop();
      await filled.close();
    }
  } finally {
    rmSync(bundle, { recursive: true, force: true });
    await identity.close();
    await postgres.stop();
  }
}
