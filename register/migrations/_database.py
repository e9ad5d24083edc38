"""What the tables stand on: the application's role, the clock, the ledger's writer, the cache.

The owner runs this. `bluelight_app` is a group role without login: the application's login is made a member of
it and so may read and write, but not change the shape of anything, nor what the ledger holds.
"""

from django.db import migrations

ROLE = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bluelight_app') THEN
    CREATE ROLE bluelight_app NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;  -- another database of the same server made it at this moment
END $$;
GRANT USAGE ON SCHEMA public TO bluelight_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bluelight_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO bluelight_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bluelight_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO bluelight_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM bluelight_app;
"""

# Functions name their search path: else a temporary table of the application's own would hide the real one.
CLOCK = """
CREATE FUNCTION register_now() RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  told text := current_setting('register.now', true);
BEGIN
  IF coalesce(told, '') = '' THEN
    RETURN clock_timestamp();
  END IF;
  IF NOT pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'register_change'::regclass), 'MEMBER')
  THEN
    RAISE EXCEPTION 'Only the owner of the database may set its clock.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN told::timestamptz;
END $$;
"""

# The one writer of the ledger. Only columns that changed are kept; a row that did not change writes nothing.
RECORD = """
CREATE FUNCTION register_record(
  of_table text, how text, old_row jsonb, new_row jsonb, root text, excluded text[]
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  was jsonb;
  is_now jsonb;
  root_of bigint;
  this_row jsonb := coalesce(new_row, old_row);
  moment timestamptz;
BEGIN
  old_row := old_row - excluded - 'changed_at';
  new_row := new_row - excluded - 'changed_at';
  IF how = 'UPDATE' THEN
    SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value)
      INTO was, is_now
      FROM jsonb_each(old_row) o JOIN jsonb_each(new_row) n USING (key)
     WHERE o.value IS DISTINCT FROM n.value;
    IF was IS NULL OR NOT EXISTS (SELECT FROM jsonb_object_keys(was) k WHERE k <> 'version') THEN
      RETURN;
    END IF;
  ELSE
    was := old_row;
    is_now := new_row;
  END IF;
  IF coalesce(current_setting('register.source', true), '') = '' THEN
    RAISE EXCEPTION 'A change to % without who made it and from where.', of_table
      USING HINT = 'Write through a service, inside register.core.tracking.origin().';
  END IF;
  IF root LIKE '%:%' THEN
    EXECUTE format('SELECT initiative_id FROM %I WHERE id = $1', split_part(root, ':', 2))
      INTO root_of USING (this_row ->> split_part(root, ':', 1))::bigint;
  ELSIF root <> '' THEN
    root_of := (this_row ->> root)::bigint;
  END IF;
  moment := register_now();
  INSERT INTO register_change
    (tx, at, table_name, object_id, root_id, operation, before, after, actor_id, source, request_id, reason)
  VALUES
    (pg_current_xact_id(), moment, of_table, (this_row ->> 'id')::bigint, root_of, left(how, 1), was, is_now,
     nullif(current_setting('register.actor', true), '')::bigint, current_setting('register.source', true),
     coalesce(current_setting('register.request', true), ''), coalesce(current_setting('register.reason', true), ''));
  -- "Recently changed" is the record's last line in the ledger, kept here so that lists can sort by it.
  IF root_of IS NOT NULL THEN
    UPDATE register_initiative SET changed_at = moment WHERE id = root_of AND changed_at < moment;
  END IF;
END $$;
"""

LEDGER = "REVOKE UPDATE, DELETE, TRUNCATE ON register_change FROM bluelight_app"

CACHE = """
CREATE TABLE register_cache (
  cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
);
CREATE INDEX register_cache_expires ON register_cache (expires);
"""


BEFORE_TABLES = [
    migrations.RunSQL(
        "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent",
        migrations.RunSQL.noop,
    ),
    migrations.RunSQL(ROLE, migrations.RunSQL.noop),
    migrations.RunSQL(CLOCK, "DROP FUNCTION register_now()"),
    migrations.RunSQL(RECORD, "DROP FUNCTION register_record(text, text, jsonb, jsonb, text, text[])"),
    migrations.RunSQL(
        "CREATE SEQUENCE register_initiative_number", "DROP SEQUENCE register_initiative_number"
    ),
    migrations.RunSQL(CACHE, "DROP TABLE register_cache"),
]
AFTER_TABLES = [migrations.RunSQL(LEDGER, migrations.RunSQL.noop)]
