import { readFileSync } from "node:fs";
import { join } from "node:path";
import { neon, neonConfig } from "@neondatabase/serverless";
import { readRunning } from "../../dev/running.ts";
import { unsubscribeToken } from "../../dev/unsubscribe-token.ts";

/** The newsletter of a system that `npm start` runs, past its API: its database and its signing key. */
export function newsletter({ url, dataDir }: { url: string; dataDir: string }) {
  neonConfig.fetchEndpoint = readRunning(dataDir)?.databaseHttpEndpoint ?? "";
  const sql = neon("postgres://outreach:outreach@localhost/outreach");
  const key = Buffer.from(readFileSync(join(dataDir, "signing-key"), "utf8"), "base64");

  async function rowOf(email: string) {
    const [row] = await sql.query(
      "SELECT status, name, source, consent, unsubscribe_token FROM subscribers WHERE email = $1",
      [email],
    );
    if (row === undefined) throw new Error("no such subscriber");
    return row;
  }
  return {
    rowOf,
    statusOf: async (email: string) => String((await rowOf(email))["status"]),
    /** As it would stand in a mail. */
    async linkOf(email: string): Promise<string> {
      const number = String((await rowOf(email))["unsubscribe_token"]);
      const token = unsubscribeToken(key, number);
      return `${url}/v1/api/outreach/subscribers/unsubscribe?token=${token}`;
    },
  };
}
