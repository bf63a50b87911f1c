-- Counts that the database keeps itself; docs/adr/0008-rollups.md says why in this way.
--
-- Every statement that changes a counted table appends what it changed to "rollup_deltas": nobody
-- waits for anybody. Now and then one of them adds the deltas to "rollups". A reader sums both.

ALTER TABLE "rollups" SET (fillfactor = 80);
--> statement-breakpoint
-- What one inquiry counts as. Everything that is counted about inquiries is in this one place.
-- The handling time is on a logarithmic scale: key k holds 2^(k/4)-1 to 2^((k+1)/4)-1 seconds.
CREATE FUNCTION "inquiry_measures"(
  "status" text, "source" text, "spam_reasons" text[],
  "submitted_at" timestamptz, "first_handled_at" timestamptz, "deleted_at" timestamptz
) RETURNS TABLE ("measure" text, "slot" timestamptz, "key" text)
LANGUAGE sql IMMUTABLE
AS $$
  SELECT m.measure, date_bin('15 minutes', $4, to_timestamp(0)), m.key
  FROM (VALUES
    ('inquiry.status', $1),
    ('inquiry.source', coalesce($2, '')),
    ('inquiry.spam', CASE WHEN cardinality($3) > 0 THEN 'spam' END),
    ('inquiry.handling', CASE WHEN $5 IS NOT NULL THEN floor(
      4 * ln(1 + greatest(0, extract(epoch FROM $5 - $4)::float8)) / ln(2::float8))::integer::text END)
  ) AS m(measure, key)
  WHERE $6 IS NULL AND m.key IS NOT NULL
$$;
--> statement-breakpoint
-- Adds the deltas to the rollups, in every grain. One at a time; who comes second leaves it to the
-- first. Only under READ COMMITTED, where the DELETE sees what was committed before it began: an older
-- snapshot would try to delete rows that are gone.
CREATE FUNCTION "compact_rollups"() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed'
    OR NOT pg_try_advisory_xact_lock(7402180002) THEN
    RETURN;
  END IF;
  WITH gone AS (
    DELETE FROM rollup_deltas RETURNING measure, slot, key, n
  ), spread AS (
    SELECT g.measure, grains.grain, g.key, sum(g.n) AS n,
      CASE grains.grain
        WHEN 0 THEN to_timestamp(0)
        ELSE date_bin(grains.grain * interval '1 minute', g.slot, to_timestamp(0))
      END AS slot
    FROM gone AS g, (VALUES (0), (15), (60), (1440)) AS grains(grain)
    GROUP BY 1, 2, 3, 5
    HAVING sum(g.n) <> 0
  )
  INSERT INTO rollups AS r (measure, grain, slot, key, n)
  SELECT measure, grain, slot, key, n FROM spread
  ON CONFLICT (measure, grain, slot, key) DO UPDATE SET n = r.n + excluded.n;
END
$$;
--> statement-breakpoint
-- The share of an INSERT, UPDATE or DELETE of any number of rows. Statement-level: one call a
-- statement, so a bulk change costs no more than its groups.
CREATE FUNCTION "roll_up_inquiries"() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  appended integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, count(*)
    FROM new_rows AS r, inquiry_measures(
      r.status, r.source, r.spam_reasons, r.submitted_at, r.first_handled_at, r.deleted_at) AS m
    GROUP BY 1, 2, 3;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, -count(*)
    FROM old_rows AS r, inquiry_measures(
      r.status, r.source, r.spam_reasons, r.submitted_at, r.first_handled_at, r.deleted_at) AS m
    GROUP BY 1, 2, 3;
  ELSE
    INSERT INTO rollup_deltas (measure, slot, key, n)
    SELECT m.measure, m.slot, m.key, sum(r.weight)
    FROM (
      SELECT 1 AS weight, status, source, spam_reasons, submitted_at, first_handled_at, deleted_at
      FROM new_rows
      UNION ALL
      SELECT -1, status, source, spam_reasons, submitted_at, first_handled_at, deleted_at
      FROM old_rows
    ) AS r, inquiry_measures(
      r.status, r.source, r.spam_reasons, r.submitted_at, r.first_handled_at, r.deleted_at) AS m
    GROUP BY 1, 2, 3
    HAVING sum(r.weight) <> 0;
  END IF;
  GET DIAGNOSTICS appended = ROW_COUNT;
  -- By chance, so that nobody has to count: about once in 256 deltas.
  IF random() < appended / 256.0 THEN
    PERFORM compact_rollups();
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "inquiries_rolled_up_after_insert" AFTER INSERT ON "inquiries"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_inquiries"();
--> statement-breakpoint
CREATE TRIGGER "inquiries_rolled_up_after_update" AFTER UPDATE ON "inquiries"
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_inquiries"();
--> statement-breakpoint
CREATE TRIGGER "inquiries_rolled_up_after_delete" AFTER DELETE ON "inquiries"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION "roll_up_inquiries"();
--> statement-breakpoint
-- What the rollups should say, by counting everything. A table that is counted is added here.
CREATE VIEW "counted" AS
SELECT m.measure, m.slot, m.key, count(*) AS n
FROM inquiries AS r, inquiry_measures(
  r.status, r.source, r.spam_reasons, r.submitted_at, r.first_handled_at, r.deleted_at) AS m
GROUP BY 1, 2, 3;
--> statement-breakpoint
-- Sets the rollups right, whatever they say now: after rows were loaded with the triggers off, say.
-- Writers are not held up: everything is counted in one statement, thus in one snapshot, which also
-- takes away the deltas it sees; what is committed later has its own. Returns how many counts changed.
CREATE FUNCTION "rebuild_rollups"() RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
  differences bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7402180002);
  WITH gone AS (
    DELETE FROM rollup_deltas
  ), difference AS (
    SELECT measure, slot, key, sum(n) AS n
    FROM (
      SELECT measure, slot, key, n FROM counted
      UNION ALL
      SELECT measure, slot, key, -n FROM rollups WHERE grain = 15
    ) AS both_sides
    GROUP BY 1, 2, 3
    HAVING sum(n) <> 0
  )
  INSERT INTO rollups AS r (measure, grain, slot, key, n)
  SELECT measure, 15, slot, key, n FROM difference
  ON CONFLICT (measure, grain, slot, key) DO UPDATE SET n = r.n + excluded.n;
  GET DIAGNOSTICS differences = ROW_COUNT;
  DELETE FROM rollups WHERE grain <> 15 OR n = 0;
  INSERT INTO rollups (measure, grain, slot, key, n)
  SELECT r.measure, grains.grain, CASE grains.grain
      WHEN 0 THEN to_timestamp(0)
      ELSE date_bin(grains.grain * interval '1 minute', r.slot, to_timestamp(0))
    END, r.key, sum(r.n)
  FROM rollups AS r, (VALUES (0), (60), (1440)) AS grains(grain)
  WHERE r.grain = 15
  GROUP BY 1, 2, 3, 4;
  RETURN differences;
END
$$;
--> statement-breakpoint
SELECT rebuild_rollups();
