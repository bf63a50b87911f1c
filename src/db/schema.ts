import { type Column, type SQL, sql } from "drizzle-orm";
import {
  bigint,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  serial,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";

/** A Snowflake id: bigint in Postgres, a decimal string everywhere else (it exceeds 2^53). */
const snowflake = customType<{ data: string; driverData: string }>({ dataType: () => "bigint" });

/** RFC 3339 UTC as the driver hands it over, to the millisecond on the wire. */
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Who made, changed and deleted a row, and when. `by` is a token's subject, or null for a stranger. */
const audit = {
  createdAt: instant("created_at").notNull().defaultNow(),
  createdBy: text("created_by"),
  modifiedAt: instant("modified_at").notNull().defaultNow(),
  modifiedBy: text("modified_by"),
  deletedAt: instant("deleted_at"),
  deletedBy: text("deleted_by"),
};

export const INQUIRY_STATUSES = ["NEW", "IN_PROGRESS", "RESOLVED", "CANCELLED"] as const;
export type InquiryStatus = (typeof INQUIRY_STATUSES)[number];

export const inquiries = pgTable(
  "inquiries",
  {
    id: snowflake("id").primaryKey(),
    status: text("status", { enum: INQUIRY_STATUSES }).notNull().default("NEW"),
    name: text("name").notNull(),
    /** Null for a caller who left only a number, and after an erasure. */
    email: text("email"),
    phone: text("phone"),
    subject: text("subject"),
    message: text("message").notNull(),
    /** Which form or page it came from. */
    source: text("source"),
    /** BCP 47 language tag of the page. */
    locale: text("locale"),
    metadata: jsonb("metadata").$type<Record<string, string>>().notNull().default({}),
    /** The subject of the token of whoever looks after it. */
    assignee: text("assignee"),
    spamReasons: text("spam_reasons").array().notNull().default(sql`'{}'::text[]`),
    /** ISO 3166-1 alpha-2, from the edge. */
    country: text("country"),
    /** Keyed hash of the client address; the address itself is never stored. */
    clientHash: text("client_hash"),
    /** The receipt: one submission, one row. */
    submissionKey: text("submission_key").notNull(),
    /** Fingerprint of what was submitted, so that a key cannot be reused for other content. */
    contentHash: text("content_hash").notNull(),
    version: integer("version").notNull().default(1),
    submittedAt: instant("submitted_at").notNull(),
    firstHandledAt: instant("first_handled_at"),
    ...audit,
  },
  (table) => [
    uniqueIndex("inquiries_submission_key_unique").on(table.submissionKey),
    index("inquiries_status_id_index")
      .on(table.status, table.id)
      .where(sql`${table.deletedAt} is null`),
    index("inquiries_source_id_index")
      .on(table.source, table.id)
      .where(sql`${table.deletedAt} is null`),
    index("inquiries_assignee_id_index")
      .on(table.assignee, table.id)
      .where(sql`${table.deletedAt} is null and ${table.assignee} is not null`),
    index("inquiries_deleted_index").on(table.id).where(sql`${table.deletedAt} is not null`),
    index("inquiries_email_index").on(sql`lower(${table.email})`),
    // The pending list is kept short: whoever fills it pays for emptying it.
    index("inquiries_search_index")
      .using("gin", sql`${searchText(table)} gin_trgm_ops`)
      .with({ gin_pending_list_limit: 256 })
      .where(sql`${table.deletedAt} is null`),
    check(
      "inquiries_status_check",
      sql`${table.status} in ('NEW', 'IN_PROGRESS', 'RESOLVED', 'CANCELLED')`,
    ),
  ],
);

export type InquiryRow = typeof inquiries.$inferSelect;

/** What the search index covers. A query must use this very expression to use the index. */
export function searchText(
  table: Readonly<Record<"name" | "email" | "subject" | "message", Column | SQL.Aliased>>,
) {
  const { name, email, subject, message } = table;
  return sql`(' ' || ${name} || ' ' || coalesce(${email}, '') || ' ' || coalesce(${subject}, '') || ' ' || translate(${message}, E'\\n\\t', '  '))`;
}

export const ACTIVITY_KINDS = [
  "create",
  "status",
  "assignee",
  "edit",
  "note",
  "delete",
  "restore",
  "report",
  "erase",
] as const;

/** Append-only: who changed what and when. Notes live here. */
export const inquiryActivity = pgTable(
  "inquiry_activity",
  {
    id: snowflake("id").primaryKey(),
    inquiryId: snowflake("inquiry_id")
      .notNull()
      .references(() => inquiries.id),
    kind: text("kind", { enum: ACTIVITY_KINDS }).notNull(),
    /** The subject of a token. */
    actor: text("actor"),
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    /** Of a note: the caller's `Idempotency-Key`. */
    idempotencyKey: text("idempotency_key"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("inquiry_activity_inquiry_id_index").on(table.inquiryId, table.id),
    uniqueIndex("inquiry_activity_idempotency_key_index")
      .on(table.inquiryId, table.idempotencyKey)
      .where(sql`${table.idempotencyKey} is not null`),
    // So that an address somebody corrected is found by who asks what is held about it.
    index("inquiry_activity_former_email_index")
      .on(sql`lower(${table.data} #>> '{changes,email,before}')`)
      .where(sql`${table.data} #> '{changes,email,before}' is not null`),
  ],
);

export const SUBSCRIBER_STATUSES = ["ACTIVE", "UNSUBSCRIBED"] as const;
export type SubscriberStatus = (typeof SUBSCRIBER_STATUSES)[number];

/** Which words were agreed to, where and when (RFC 3339 UTC). */
export interface Consent {
  readonly at: string;
  readonly page?: string | undefined;
  readonly wording?: string | undefined;
}

export const subscribers = pgTable(
  "subscribers",
  {
    id: snowflake("id").primaryKey(),
    /** As typed. Null after an erasure, like its key. */
    email: text("email"),
    /** What makes two spellings one address: see `emailKey`. */
    emailKey: text("email_key"),
    name: text("name"),
    status: text("status", { enum: SUBSCRIBER_STATUSES }).notNull().default("ACTIVE"),
    /** Only ever leaves in the links of the mailing export, signed (ADR-0001). */
    unsubscribeToken: snowflake("unsubscribe_token").notNull(),
    source: text("source"),
    /** BCP 47 language tag of the page. */
    locale: text("locale"),
    consent: jsonb("consent").$type<Consent>(),
    spamReasons: text("spam_reasons").array().notNull().default(sql`'{}'::text[]`),
    /** The latest `Idempotency-Key` that was used for this address. */
    submissionKey: text("submission_key"),
    /** Fingerprint of what was sent under that key. */
    contentHash: text("content_hash"),
    version: integer("version").notNull().default(1),
    subscribedAt: instant("subscribed_at").notNull(),
    unsubscribedAt: instant("unsubscribed_at"),
    ...audit,
  },
  (table) => [
    uniqueIndex("subscribers_email_key_unique").on(table.emailKey),
    uniqueIndex("subscribers_unsubscribe_token_unique").on(table.unsubscribeToken),
    uniqueIndex("subscribers_submission_key_unique").on(table.submissionKey),
    index("subscribers_status_id_index")
      .on(table.status, table.id)
      .where(sql`${table.deletedAt} is null`),
    index("subscribers_source_id_index")
      .on(table.source, table.id)
      .where(sql`${table.deletedAt} is null`),
    index("subscribers_deleted_index").on(table.id).where(sql`${table.deletedAt} is not null`),
    index("subscribers_search_index")
      .using("gin", sql`${subscriberSearchText(table)} gin_trgm_ops`)
      .with({ gin_pending_list_limit: 256 })
      .where(sql`${table.deletedAt} is null`),
    check("subscribers_status_check", sql`${table.status} in ('ACTIVE', 'UNSUBSCRIBED')`),
    check("subscribers_email_check", sql`(${table.email} is null) = (${table.emailKey} is null)`),
  ],
);

export type SubscriberRow = typeof subscribers.$inferSelect;

/** What the search index covers. A query must use this very expression to use the index. */
export function subscriberSearchText(
  table: Readonly<Record<"name" | "email", Column | SQL.Aliased>>,
) {
  return sql`(' ' || coalesce(${table.email}, '') || ' ' || coalesce(${table.name}, ''))`;
}

export const SUBSCRIBER_ACTIVITY_KINDS = [
  "create",
  "join",
  "leave",
  "edit",
  "delete",
  "restore",
  "report",
  "erase",
] as const;

/**
 * Append-only, kept by triggers on `subscribers`: who joined, left and was changed, by whom and when,
 * with the consent of every time somebody joined.
 */
export const subscriberActivity = pgTable(
  "subscriber_activity",
  {
    id: snowflake("id").primaryKey(),
    subscriberId: snowflake("subscriber_id")
      .notNull()
      .references(() => subscribers.id),
    kind: text("kind", { enum: SUBSCRIBER_ACTIVITY_KINDS }).notNull(),
    /** By how much it changed the number of those who get mail: -1, 0 or 1. */
    change: smallint("change").notNull().default(0),
    /** The subject of a token; null for the subscriber. */
    actor: text("actor"),
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("subscriber_activity_subscriber_id_index").on(table.subscriberId, table.id),
    // So that an address somebody corrected is found by who asks what is held about it.
    index("subscriber_activity_former_email_index")
      .on(sql`lower(${table.data} #>> '{changes,email,before}')`)
      .where(sql`${table.data} #> '{changes,email,before}' is not null`),
  ],
);

/**
 * Counts kept by triggers, of whatever is counted (ADR-0008). `measure` says what (`inquiry.status`),
 * `key` which (`NEW`), `slot` when: the start of a stretch of `grain` minutes, or 1970 for the grain 0,
 * which is all time. The truth is this plus `rollup_deltas`.
 */
export const rollups = pgTable(
  "rollups",
  {
    measure: text("measure").notNull(),
    grain: smallint("grain").notNull(),
    slot: instant("slot").notNull(),
    key: text("key").notNull(),
    n: bigint("n", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.measure, table.grain, table.slot, table.key] })],
);

/** What has not been added to `rollups` yet: rows are only appended, so no writer waits for another. */
export const rollupDeltas = pgTable("rollup_deltas", {
  measure: text("measure").notNull(),
  /** Start of a quarter of an hour. */
  slot: instant("slot").notNull(),
  key: text("key").notNull(),
  n: bigint("n", { mode: "number" }).notNull(),
});

/** What remains of somebody who was erased: a keyed hash of the address. */
export const suppressions = pgTable("suppressions", {
  emailHash: text("email_hash").primaryKey(),
  createdAt: instant("created_at").notNull().defaultNow(),
});

/** Append-only: who had an address reported or erased. The address is there as its keyed hash only. */
export const privacyActivity = pgTable("privacy_activity", {
  id: snowflake("id").primaryKey(),
  kind: text("kind", { enum: ["report", "erase"] }).notNull(),
  emailHash: text("email_hash").notNull(),
  actor: text("actor").notNull(),
  /** How many of each kind: `{inquiries: 2}`. */
  found: jsonb("found").$type<Record<string, number>>().notNull(),
  createdAt: instant("created_at").notNull().defaultNow(),
});

/** Casbin rules. `seed` rows follow the seed file; `custom` rows are the operator's own. */
export const permissions = pgTable(
  "permissions",
  {
    id: serial("id").primaryKey(),
    ptype: text("ptype").notNull(),
    v0: text("v0").notNull().default(""),
    v1: text("v1").notNull().default(""),
    v2: text("v2").notNull().default(""),
    v3: text("v3").notNull().default(""),
    v4: text("v4").notNull().default(""),
    v5: text("v5").notNull().default(""),
    origin: text("origin", { enum: ["seed", "custom"] })
      .notNull()
      .default("custom"),
  },
  (table) => [
    unique("permissions_rule_unique").on(
      table.ptype,
      table.v0,
      table.v1,
      table.v2,
      table.v3,
      table.v4,
      table.v5,
    ),
    check("permissions_origin_check", sql`${table.origin} in ('seed', 'custom')`),
  ],
);
