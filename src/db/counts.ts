import { count, isNull } from "drizzle-orm";
import type { Database } from "./client.ts";
import { INQUIRY_STATUSES, type InquiryStatus, inquiries } from "./schema.ts";

/** Inquiries that are not in the bin, by status; a status that nothing has counts 0. */
export async function countInquiries(db: Database): Promise<Record<InquiryStatus, number>> {
  const rows = await db
    .select({ status: inquiries.status, count: count() })
    .from(inquiries)
    .where(isNull(inquiries.deletedAt))
    .groupBy(inquiries.status);
  const counts = INQUIRY_STATUSES.map((status) => [status, 0] as const);
  return Object.fromEntries([
    ...counts,
    ...rows.map((row) => [row.status, row.count] as const),
  ]) as Record<InquiryStatus, number>;
}
