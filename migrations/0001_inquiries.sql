CREATE TABLE "inquiries" (
	"id" bigint PRIMARY KEY NOT NULL,
	"status" text DEFAULT 'NEW' NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"phone" text,
	"subject" text,
	"message" text NOT NULL,
	"source" text,
	"locale" text,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"assignee" text,
	"spam_reasons" text[] DEFAULT '{}'::text[] NOT NULL,
	"country" text,
	"client_hash" text,
	"submission_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL,
	"first_handled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_by" text,
	"deleted_at" timestamp with time zone,
	"deleted_by" text,
	CONSTRAINT "inquiries_status_check" CHECK ("inquiries"."status" in ('NEW', 'IN_PROGRESS', 'RESOLVED', 'CANCELLED'))
);
--> statement-breakpoint
CREATE TABLE "inquiry_activity" (
	"id" bigint PRIMARY KEY NOT NULL,
	"inquiry_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"actor" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "permissions" (
	"id" serial PRIMARY KEY NOT NULL,
	"ptype" text NOT NULL,
	"v0" text DEFAULT '' NOT NULL,
	"v1" text DEFAULT '' NOT NULL,
	"v2" text DEFAULT '' NOT NULL,
	"v3" text DEFAULT '' NOT NULL,
	"v4" text DEFAULT '' NOT NULL,
	"v5" text DEFAULT '' NOT NULL,
	"origin" text DEFAULT 'custom' NOT NULL,
	CONSTRAINT "permissions_rule_unique" UNIQUE("ptype","v0","v1","v2","v3","v4","v5"),
	CONSTRAINT "permissions_origin_check" CHECK ("permissions"."origin" in ('seed', 'custom'))
);
--> statement-breakpoint
ALTER TABLE "inquiry_activity" ADD CONSTRAINT "inquiry_activity_inquiry_id_inquiries_id_fk" FOREIGN KEY ("inquiry_id") REFERENCES "public"."inquiries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "inquiries_submission_key_unique" ON "inquiries" USING btree ("submission_key");--> statement-breakpoint
CREATE INDEX "inquiries_status_id_index" ON "inquiries" USING btree ("status","id") WHERE "inquiries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "inquiry_activity_inquiry_id_index" ON "inquiry_activity" USING btree ("inquiry_id","id");