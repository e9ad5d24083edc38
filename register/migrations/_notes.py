"""The second writer of the ledger: what somebody did that changes no row."""

from django.db import migrations

# It runs as the owner: the application says what and about what; who and from where it has said for the transaction;
# when, and in which transaction, nobody can say but the database.
NOTE = """
CREATE FUNCTION register_note(kind text, about bigint, root bigint, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF kind LIKE 'register%' THEN
    RAISE EXCEPTION 'A note is called like a table: %.', kind;
  END IF;
  IF coalesce(current_setting('register.source', true), '') = '' THEN
    RAISE EXCEPTION 'A note of % without who made it and from where.', kind;
  END IF;
  INSERT INTO register_change
    (tx, at, table_name, object_id, root_id, operation, after, actor_id, source, request_id, reason)
  VALUES
    (pg_current_xact_id(), register_now(), kind, about, root, 'N', detail,
     nullif(current_setting('register.actor', true), '')::bigint, current_setting('register.source', true),
     coalesce(current_setting('register.request', true), ''), coalesce(current_setting('register.reason', true), ''));
END $$;
REVOKE EXECUTE ON FUNCTION register_note(text, bigint, bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_note(text, bigint, bigint, jsonb) TO bluelight_app;
"""
NOTES = [migrations.RunSQL(NOTE, "DROP FUNCTION register_note(text, bigint, bigint, jsonb)")]
