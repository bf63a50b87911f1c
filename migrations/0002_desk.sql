CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
CREATE TABLE "privacy_activity" (
	"id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"email_hash" text NOT NULL,
	"actor" text NOT NULL,
	"found" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollup_deltas" (
	"measure" text NOT NULL,
	"slot" timestamp with time zone NOT NULL,
	"key" text NOT NULL,
	"n" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollups" (
	"measure" text NOT NULL,
	"grain" smallint NOT NULL,
	"slot" timestamp with time zone NOT NULL,
	"key" text NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "rollups_measure_grain_slot_key_pk" PRIMARY KEY("measure","grain","slot","key")
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"email_hash" text PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "inquiries" ALTER COLUMN "email" DROP NOT NULL;--> statement-breakpoint
CREATE INDEX "inquiries_source_id_index" ON "inquiries" USING btree ("source","id") WHERE "inquiries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "inquiries_assignee_id_index" ON "inquiries" USING btree ("assignee","id") WHERE "inquiries"."deleted_at" is null and "inquiries"."assignee" is not null;--> statement-breakpoint
CREATE INDEX "inquiries_deleted_index" ON "inquiries" USING btree ("id") WHERE "inquiries"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "inquiries_email_index" ON "inquiries" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "inquiries_search_index" ON "inquiries" USING gin ((' ' || "name" || ' ' || coalesce("email", '') || ' ' || coalesce("subject", '') || ' ' || translate("message", E'\n\t', '  ')) gin_trgm_ops) WITH (gin_pending_list_limit=256) WHERE "inquiries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "inquiry_activity_former_email_index" ON "inquiry_activity" USING btree (lower("data" #>> '{changes,email,before}')) WHERE "inquiry_activity"."data" #> '{changes,email,before}' is not null;