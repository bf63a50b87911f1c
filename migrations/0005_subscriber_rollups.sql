-- The trail of every subscriber and the counts of all, kept by the database itself.
--
-- Who joined and left is not to be seen in a row that says how things are now: somebody may come back. So
-- a trigger writes every change to the trail "subscriber_activity", and the statistics count the trail.

CREATE FUNCTION "is_active_subscriber"("status" text, "deleted_at" timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$
  SELECT ($1 = 'ACTIVE' AND $2 IS NULL)::integer
$$;
--> statement-breakpoint
-- What one subscriber counts as: how many there are is only asked of the present, so in no time's slot.
CREATE FUNCTION "subscriber_measures"("status" text, "deleted_at" timestamptz)
RETURNS TABLE ("measure" text, "slot" timestamptz, "key" text)
LANGUAGE sql IMMUTABLE
AS $$
  SELECT 'subscriber.status', to_timestamp(0), $1 WHERE $2 IS NULL
$$;
--> statement-breakpoint
-- What one entry of the trail counts as.
CREATE FUNCTION "subscriber_activity_measures"("kind" text, "change" smallint, "created_at" timestamptz)
RETURNS TABLE ("measure" text, "slot" timestamptz, "key" text)
LANGUAGE sql IMMUTABLE
AS $$
  SELECT 'subscriber.movement', date_bin('15 minutes', $3, to_timestamp(0)), CASE
    WHEN $2 > 0 AND $1 = 'restore' THEN 'restored'
    WHEN $2 > 0 THEN 'joined'
    WHEN $1 = 'leave' THEN 'left'
    ELSE 'removed'
  END
  WHERE $2 <> 0
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "rollup_grains"("measure" text) RETURNS TABLE ("grain" integer)
LANGUAGE sql IMMUTABLE
AS $$
  SELECT unnest(CASE
    WHEN $1 IN ('inquiry.source', 'inquiry.handling') THEN '{15,240,1440}'::integer[]
    WHEN $1 = 'subscriber.status' THEN '{0,15}'::integer[]
    ELSE '{0,15,60,240,1440}'::integer[]
  END)
$$;
--> statement-breakpoint
CREATE FUNCTION "log_subscribers"() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO subscriber_activity (id, subscriber_id, kind, change, actor, data, created_at)
    SELECT snowflake((id >> 12 & 1023)::integer), id, CASE a.active WHEN 1 THEN 'join' ELSE 'create' END,
      a.active, modified_by,
      jsonb_strip_nulls(jsonb_build_object('source', source, 'locale', locale, 'consent', consent)),
      subscribed_at
    FROM new_rows, is_active_subscriber(status, deleted_at) AS a(active);
    RETURN NULL;
  END IF;
  INSERT INTO subscriber_activity (id, subscriber_id, kind, change, actor, data, created_at)
  SELECT snowflake((n.id >> 12 & 1023)::integer), n.id, k.kind,
    is_active_subscriber(n.status, n.deleted_at) - is_active_subscriber(o.status, o.deleted_at),
    n.modified_by,
    CASE k.kind
      WHEN 'join' THEN jsonb_strip_nulls(
        jsonb_build_object('source', n.source, 'locale', n.locale, 'consent', n.consent))
      WHEN 'edit' THEN jsonb_build_object('changes', c.changes)
      ELSE '{}'
    END,
    CASE k.kind
      WHEN 'join' THEN n.subscribed_at
      WHEN 'leave' THEN coalesce(n.unsubscribed_at, n.modified_at)
      ELSE n.modified_at
    END
  FROM old_rows AS o
    JOIN new_rows AS n USING (id),
    LATERAL (
      SELECT jsonb_object_agg(field, jsonb_build_object('before', before, 'after', after)) AS changes
      FROM (VALUES
        ('email', o.email, n.email), ('name', o.name, n.name),
        ('source', o.source, n.source), ('locale', o.locale, n.locale)
      ) AS f(field, before, after)
      WHERE before IS DISTINCT FROM after
    ) AS c,
    LATERAL (
      SELECT CASE
        WHEN n.email_key IS NULL AND o.email_key IS NOT NULL THEN 'erase'
        WHEN n.deleted_at IS NOT NULL AND o.deleted_at IS NULL THEN 'delete'
        -- Out of the bin by the desk; who subscribes again has a new date.
        WHEN n.deleted_at IS NULL AND o.deleted_at IS NOT NULL
          AND n.subscribed_at = o.subscribed_at THEN 'restore'
        WHEN is_active_subscriber(n.status, n.deleted_at)
          > is_active_subscriber(o.status, o.deleted_at) THEN 'join'
        WHEN n.status <> 'ACTIVE' AND o.status = 'ACTIVE' THEN 'leave'
        WHEN c.changes IS NOT NULL THEN 'edit'
      END AS kind
    ) AS k
  WHERE k.kind IS NOT NULL;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "subscribers_logged_after_insert" AFTER INSERT ON "subscribers"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "log_subscribers"();
--> statement-breakpoint
CREATE TRIGGER "subscribers_logged_after_update" AFTER UPDATE ON "subscribers"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "log_subscribers"();
--> statement-breakpoint
CREATE FUNCTION "roll_up_subscribers"() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  appended integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, count(*)
    FROM new_rows AS r, subscriber_measures(r.status, r.deleted_at) AS m
    GROUP BY 1, 2, 3;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, -count(*)
    FROM old_rows AS r, subscriber_measures(r.status, r.deleted_at) AS m
    GROUP BY 1, 2, 3;
  ELSE
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, sum(r.weight)
    FROM (
      SELECT 1 AS weight, status, deleted_at FROM new_rows
      UNION ALL
      SELECT -1, status, deleted_at FROM old_rows
    ) AS r, subscriber_measures(r.status, r.deleted_at) AS m
    GROUP BY 1, 2, 3
    HAVING sum(r.weight) <> 0;
  END IF;
  GET DIAGNOSTICS appended = ROW_COUNT;
  IF random() < appended / 256.0 THEN
    PERFORM compact_rollups();
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "subscribers_rolled_up_after_insert" AFTER INSERT ON "subscribers"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_subscribers"();
--> statement-breakpoint
CREATE TRIGGER "subscribers_rolled_up_after_update" AFTER UPDATE ON "subscribers"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_subscribers"();
--> statement-breakpoint
CREATE TRIGGER "subscribers_rolled_up_after_delete" AFTER DELETE ON "subscribers"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_subscribers"();
--> statement-breakpoint
CREATE FUNCTION "roll_up_subscriber_activity"() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  appended integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, count(*)
    FROM new_rows AS r, subscriber_activity_measures(r.kind, r.change, r.created_at) AS m
    GROUP BY 1, 2, 3;
  ELSE
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, -count(*)
    FROM old_rows AS r, subscriber_activity_measures(r.kind, r.change, r.created_at) AS m
    GROUP BY 1, 2, 3;
  END IF;
  GET DIAGNOSTICS appended = ROW_COUNT;
  IF random() < appended / 256.0 THEN
    PERFORM compact_rollups();
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "subscriber_activity_rolled_up_after_insert" AFTER INSERT ON "subscriber_activity"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_subscriber_activity"();
--> statement-breakpoint
CREATE TRIGGER "subscriber_activity_rolled_up_after_delete" AFTER DELETE ON "subscriber_activity"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_subscriber_activity"();
--> statement-breakpoint
CREATE OR REPLACE VIEW "counted" AS
SELECT m.measure, m.slot, m.key, count(*) AS n
FROM inquiries AS r, inquiry_measures(
  r.status, r.source, r.spam_reasons, r.submitted_at, r.first_handled_at, r.deleted_at) AS m
GROUP BY 1, 2, 3
UNION ALL
SELECT m.measure, m.slot, m.key, count(*)
FROM subscribers AS r, subscriber_measures(r.status, r.deleted_at) AS m
GROUP BY 1, 2, 3
UNION ALL
SELECT m.measure, m.slot, m.key, count(*)
FROM subscriber_activity AS r, subscriber_activity_measures(r.kind, r.change, r.created_at) AS m
GROUP BY 1, 2, 3;
