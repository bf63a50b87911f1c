import { sql } from "drizzle-orm";
import {
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  serial,
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
    email: text("email").notNull(),
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
    check(
      "inquiries_status_check",
      sql`${table.status} in ('NEW', 'IN_PROGRESS', 'RESOLVED', 'CANCELLED')`,
    ),
  ],
);

export type InquiryRow = typeof inquiries.$inferSelect;

/** Append-only: who changed what and when. Notes live here. */
export const inquiryActivity = pgTable(
  "inquiry_activity",
  {
    id: snowflake("id").primaryKey(),
    inquiryId: snowflake("inquiry_id")
      .notNull()
      .references(() => inquiries.id),
    /** `status`, `assignee`, `note`, `delete`, `restore`, … */
    kind: text("kind").notNull(),
    actor: text("actor"),
    data: jsonb("data").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [index("inquiry_activity_inquiry_id_index").on(table.inquiryId, table.id)],
);

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
