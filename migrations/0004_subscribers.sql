CREATE TABLE "subscriber_activity" (
	"id" bigint PRIMARY KEY NOT NULL,
	"subscriber_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"change" smallint DEFAULT 0 NOT NULL,
	"actor" text,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscribers" (
	"id" bigint PRIMARY KEY NOT NULL,
	"email" text,
	"email_key" text,
	"name" text,
	"status" text DEFAULT 'ACTIVE' NOT NULL,
	"unsubscribe_token" bigint NOT NULL,
	"source" text,
	"locale" text,
	"consent" jsonb,
	"spam_reasons" text[] DEFAULT '{}'::text[] NOT NULL,
	"submission_key" text,
	"content_hash" text,
	"version" integer DEFAULT 1 NOT NULL,
	"subscribed_at" timestamp with time zone NOT NULL,
	"unsubscribed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text,
	"modified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"modified_by" text,
	"deleted_at" timestamp with time zone,
	"deleted_by" text,
	CONSTRAINT "subscribers_status_check" CHECK ("subscribers"."status" in ('ACTIVE', 'UNSUBSCRIBED')),
	CONSTRAINT "subscribers_email_check" CHECK (("subscribers"."email" is null) = ("subscribers"."email_key" is null))
);
--> statement-breakpoint
ALTER TABLE "subscriber_activity" ADD CONSTRAINT "subscriber_activity_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "subscriber_activity_subscriber_id_index" ON "subscriber_activity" USING btree ("subscriber_id","id");--> statement-breakpoint
CREATE INDEX "subscriber_activity_former_email_index" ON "subscriber_activity" USING btree (lower("data" #>> '{changes,email,before}')) WHERE "subscriber_activity"."data" #> '{changes,email,before}' is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "subscribers_email_key_unique" ON "subscribers" USING btree ("email_key");--> statement-breakpoint
CREATE UNIQUE INDEX "subscribers_unsubscribe_token_unique" ON "subscribers" USING btree ("unsubscribe_token");--> statement-breakpoint
CREATE UNIQUE INDEX "subscribers_submission_key_unique" ON "subscribers" USING btree ("submission_key");--> statement-breakpoint
CREATE INDEX "subscribers_status_id_index" ON "subscribers" USING btree ("status","id") WHERE "subscribers"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "subscribers_source_id_index" ON "subscribers" USING btree ("source","id") WHERE "subscribers"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "subscribers_deleted_index" ON "subscribers" USING btree ("id") WHERE "subscribers"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "subscribers_search_index" ON "subscribers" USING gin ((' ' || coalesce("email", '') || ' ' || coalesce("name", '')) gin_trgm_ops) WITH (gin_pending_list_limit=256) WHERE "subscribers"."deleted_at" is null;