"""Only functions of the owner's write to the ledger: the application may no longer add a row itself.

Until here the trigger's function wrote with the application's rights, so the application could have added rows of its
own, with any time in them; and pgtrigger's functions can be switched off by a setting that anybody may set.
"""

from django.db import migrations

from register.migrations._database import RECORD

# The one writer of changes. Nobody may call it, nor hang it on a table of their own; the triggers that are there run it.
# Only columns that changed are kept; a row that did not change writes nothing.
TRACK = """
CREATE FUNCTION register_track() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  of_table text := TG_TABLE_NAME;
  root text := TG_ARGV[0];
  excluded text[] := TG_ARGV[1];
  old_row jsonb := to_jsonb(OLD) - excluded - 'changed_at';
  new_row jsonb := to_jsonb(NEW) - excluded - 'changed_at';
  was jsonb;
  is_now jsonb;
  root_of bigint;
  this_row jsonb := coalesce(to_jsonb(NEW), to_jsonb(OLD));
  moment timestamptz;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, n.value)
      INTO was, is_now
      FROM jsonb_each(old_row) o JOIN jsonb_each(new_row) n USING (key)
     WHERE o.value IS DISTINCT FROM n.value;
    IF was IS NULL OR NOT EXISTS (SELECT FROM jsonb_object_keys(was) k WHERE k <> 'version') THEN
      RETURN NULL;
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
    (pg_current_xact_id(), moment, of_table, (this_row ->> 'id')::bigint, root_of, left(TG_OP, 1), was, is_now,
     nullif(current_setting('register.actor', true), '')::bigint, current_setting('register.source', true),
     coalesce(current_setting('register.request', true), ''), coalesce(current_setting('register.reason', true), ''));
  -- "Recently changed" is the record's last line in the ledger, kept here so that lists can sort by it.
  IF root_of IS NOT NULL THEN
    UPDATE register_initiative SET changed_at = moment WHERE id = root_of AND changed_at < moment;
  END IF;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION register_track() FROM PUBLIC;
"""

ADD_NO_MORE = """
REVOKE ALL ON register_change FROM bluelight_app;
GRANT SELECT ON register_change TO bluelight_app;
REVOKE ALL ON SEQUENCE register_change_id_seq FROM bluelight_app;
"""
ADD_AGAIN = """
GRANT INSERT ON register_change TO bluelight_app;
GRANT USAGE, SELECT ON SEQUENCE register_change_id_seq TO bluelight_app;
"""

BEFORE_TRIGGERS = [migrations.RunSQL(TRACK, "DROP FUNCTION register_track()")]
AFTER_TRIGGERS = [
    migrations.RunSQL("DROP FUNCTION register_record(text, text, jsonb, jsonb, text, text[])", RECORD),
    migrations.RunSQL(ADD_NO_MORE, ADD_AGAIN),
]
