import { inquiries } from "../../../src/db/schema.ts";
import { mintSnowflake } from "../../../src/db/snowflake.ts";
import { database } from "./app.ts";

export { anAddress } from "./address.ts";

/** A submission that nobody else sends, so that no test meets another's content. */
export function aSubmission(changes: Record<string, unknown> = {}) {
  const unique = crypto.randomUUID();
  return {
    name: "Ada Byron",
    email: `ada.${unique}@example.com`,
    message: `Do you deliver to the Isle of Wight? (${unique})`,
    ...changes,
  };
}

/** The same as the fields of an HTML form. */
export function aForm(changes: Record<string, string> = {}) {
  return { ...aSubmission(), ...changes } as Record<string, string>;
}

/** Puts an inquiry into the database, past the API. @returns its id */
export async function storeInquiry(
  changes: Partial<typeof inquiries.$inferInsert> = {},
): Promise<string> {
  const key = crypto.randomUUID();
  const [row] = await database()
    .insert(inquiries)
    .values({
      ...aSubmission(),
      id: mintSnowflake(10),
      submissionKey: key,
      contentHash: key,
      submittedAt: new Date(),
      ...changes,
    } as typeof inquiries.$inferInsert)
    .returning({ id: inquiries.id });
  return row?.id ?? "";
}
