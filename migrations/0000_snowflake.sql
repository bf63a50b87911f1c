-- Snowflake ids are minted here and nowhere else; docs/adr/0002-the-database-mints-ids.md says why.
-- 63 bits: milliseconds since 2025-01-01T00:00:00Z << 22 | node << 12 | sequence.
CREATE SEQUENCE "snowflake_sequence" AS integer MINVALUE 0 MAXVALUE 4095 START WITH 0 CYCLE;
--> statement-breakpoint
CREATE FUNCTION "snowflake"("node" integer) RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL UNSAFE
AS $$
  SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000) << 22)
    | (node::bigint << 12)
    | nextval('snowflake_sequence')
$$;
