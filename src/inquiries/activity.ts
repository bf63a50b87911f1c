import { and, desc, eq, getTableColumns, lt, sql } from "drizzle-orm";
import type { Database } from "../db/client.ts";
import { retryContention } from "../db/errors.ts";
import { inquiryActivity } from "../db/schema.ts";
import { mintSnowflake } from "../db/snowflake.ts";
import type { ActivityEntry } from "./desk-schema.ts";
import { IS_NEW, selectInquiry, toInquiry } from "./repository.ts";
import type { Inquiry } from "./schema.ts";

interface NewNote {
  readonly inquiryId: string;
  readonly actor: string;
  readonly note: string;
  readonly idempotencyKey: string | undefined;
}

/** A page of an inquiry's trail, newest first; `undefined` when there is no such inquiry. */
export async function listActivity(
  db: Database,
  inquiryId: string,
  options: { deleted: boolean; before: string | undefined; limit: number },
): Promise<ActivityEntry[] | undefined> {
  const { deleted, before, limit } = options;
  const [[inquiry], entries] = await db.batch([
    selectInquiry(db, inquiryId, { deleted }),
    db
      .select()
      .from(inquiryActivity)
      .where(
        and(
          eq(inquiryActivity.inquiryId, inquiryId),
          before === undefined ? undefined : lt(inquiryActivity.id, before),
        ),
      )
      .orderBy(desc(inquiryActivity.id))
      .limit(limit),
  ]);
  return inquiry && entries.map(toActivity);
}

/**
 * Adds a note, or finds the one that its key already stands for; `undefined` when there is no such
 * inquiry. The update in the conflict changes nothing: `DO NOTHING` would return no row.
 */
export async function insertNote(
  db: Database,
  nodeId: number,
  { inquiryId, actor, note, idempotencyKey }: NewNote,
): Promise<{ inquiry: Inquiry; entry: ActivityEntry; inserted: boolean } | undefined> {
  const target = db.$with("target").as(selectInquiry(db, inquiryId, { deleted: false }));
  const inserted = sql<boolean>`inserted`.as("inserted");
  const logged = db.$with("logged", { ...getTableColumns(inquiryActivity), inserted }).as(
    sql`INSERT INTO ${inquiryActivity} (id, inquiry_id, kind, actor, data, idempotency_key)
      SELECT ${mintSnowflake(nodeId)}, id, 'note', ${actor},
        jsonb_build_object('note', ${note}::text), ${idempotencyKey ?? null}
      FROM target
      ON CONFLICT (inquiry_id, idempotency_key) WHERE idempotency_key IS NOT NULL
        DO UPDATE SET idempotency_key = excluded.idempotency_key
      RETURNING *, ${IS_NEW} AS inserted`,
  );
  const [row] = await retryContention(() =>
    db
      .with(target, logged)
      .select()
      .from(target)
      .innerJoin(logged, eq(logged.inquiryId, target.id)),
  );
  if (row === undefined) return undefined;
  return {
    inquiry: toInquiry(row.target),
    entry: toActivity(row.logged),
    inserted: row.logged.inserted,
  };
}

function toActivity(row: typeof inquiryActivity.$inferSelect): ActivityEntry {
  const { note, changes } = row.data as Pick<ActivityEntry, "note" | "changes">;
  return {
    id: row.id,
    inquiryId: row.inquiryId,
    kind: row.kind,
    actor: row.actor,
    ...(note !== undefined && { note }),
    ...(changes !== undefined && { changes }),
    createdAt: row.createdAt.toISOString(),
  };
}
