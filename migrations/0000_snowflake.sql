-- Snowflake ids are minted here and nowhere else; docs/adr/0002-the-database-mints-ids.md says why.
-- 63 bits: milliseconds since 2025-01-01T00:00:00Z << 22 | node << 12 | sequence.
CREATE SEQUENCE "snowflake_sequence" AS integer MINVALUE 0 MAXVALUE 4095 START WITH 0 CYCLE;
--> statement-breakpoint
-- The sequence has to move within the millisecond of the id: whoever is held up between the two would
-- otherwise pair an old time with a number that has come round again.
CREATE FUNCTION "snowflake"("node" integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
  millisecond bigint;
  sequence bigint;
BEGIN
  LOOP
    millisecond := floor(extract(epoch FROM clock_timestamp()) * 1000);
    sequence := nextval('snowflake_sequence');
    EXIT WHEN millisecond = floor(extract(epoch FROM clock_timestamp()) * 1000);
  END LOOP;
  RETURN ((millisecond - 1735689600000) << 22) | (node::bigint << 12) | sequence;
END
$$;
