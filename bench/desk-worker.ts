import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { startIdentity } from "../dev/identity.ts";
import { startPostgres } from "../test/support/servers.ts";
import { bundleWorker, startWorker } from "../test/support/workerd.ts";
import { FIRST, type FilledDatabase, fillDatabase } from "./desk-rows.ts";

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
export async function withDeskWorker(
  rows: number,
  work: (desk: DeskWorker) => Promise<void>,
): Promise<void> {
  const postgres = await startPostgres();
  const identity = await startIdentity();
  try {
    const filled = await fillDatabase(postgres, { rows, first: FIRST, searchIndex: false });
    const worker = await startWorker({
      bundle: bundleWorker(),
      // Half of what an isolate has on the platform.
      v8Flags: ["--max-old-space-size=64"],
      variables: {
        DATABASE_URL: "postgres://outreach:outreach@localhost/outreach",
        DATABASE_HTTP_ENDPOINT: filled.endpoint,
        IDENTITY_ISSUER: identity.issuer,
        IDENTITY_AUDIENCE: identity.audience,
        IDENTITY_JWKS_URL: identity.jwksUrl,
        ALLOWED_ORIGINS: "http://localhost",
        PUBLIC_BASE_URL: "http://localhost",
        SIGNING_KEY: randomBytes(32).toString("base64"),
        LOG_LEVEL: "error",
      },
    });
    const memory = () => {
      const status = readFileSync(`/proc/${worker.pid}/status`, "utf8");
      return Number(status.match(/VmRSS:\s+(\d+)/)?.[1]) / 1024;
    };
    try {
      const token = await identity.token("OWNER", { expiresInSeconds: 3600 });
      const headers = { authorization: `Bearer ${token}` };
      await work({ filled, headers, api: `${worker.url}/v1/api/outreach`, memory });
    } finally {
      await worker.stop();
      await filled.close();
    }
  } finally {
    await identity.close();
    await postgres.stop();
  }
}
