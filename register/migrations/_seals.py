"""The ledger's seals: what is written of one, by a function of the owner's that the application may call."""

from django.db import migrations

# What is hashed of a row: every column, framed as a JSON array, moments in UTC to the microsecond. A new column would be
# a new form: what is sealed by this one must be found by this one for ever (register/history/proof.py).
LEAF = """
CREATE FUNCTION register_leaf(c register_change) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(
    c.id, c.tx::text, to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), c.table_name, c.object_id,
    c.root_id, c.operation, c.before, c.after, c.actor_id, c.source, c.request_id, c.reason)::text, 'UTF8'))
$$;
"""

# A seal covers the rows of transactions older than any still running that no seal covers yet, in the order of their
# transactions: from where the seal before it ended to (to_tx, to_id), which is not in it. What commits late belongs to
# a transaction that still ran, and so to the next seal.
#
# Transactions are numbered upwards for ever, but for a database that was restored from a dump into another server. Then
# what was left of the old numbers is sealed first, and the new numbers begin above the last row's id (`above`).
SEAL = """
CREATE FUNCTION register_seal_next(most integer) RETURNS TABLE (sealed_as bigint, changes integer, its_hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  last register_seal;
  new register_seal;
  horizon xid8;
  from_tx xid8 := '0';
  from_id bigint := 0;
  txs xid8[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('register_seal'));
  SELECT * INTO last FROM register_seal ORDER BY number DESC LIMIT 1;
  horizon := pg_snapshot_xmin(pg_current_snapshot());
  new.above := coalesce(last.above, 0);
  IF last.number IS NOT NULL THEN
    from_tx := last.to_tx;
    from_id := last.to_id;
    IF horizon < last.to_tx THEN
      IF EXISTS (SELECT FROM register_change c WHERE c.id > last.above AND c.tx >= from_tx
                    AND (c.tx, c.id) >= (from_tx, from_id)) THEN
        horizon := '18446744073709551615';
      ELSE
        new.above := last.last_id;
        from_tx := '0';
        from_id := 0;
      END IF;
    END IF;
  END IF;
  SELECT count(*), array_agg(c.id ORDER BY c.tx, c.id), array_agg(c.tx ORDER BY c.tx, c.id),
         string_agg(register_leaf(c.row), '' ORDER BY c.tx, c.id), greatest(max(c.id), last.last_id)
    INTO new.rows, new.ids, txs, new.leaves, new.last_id
    FROM (SELECT r.id, r.tx, r AS row FROM register_change r
           WHERE r.id > new.above AND r.tx >= from_tx AND r.tx < horizon AND (r.tx, r.id) >= (from_tx, from_id)
           ORDER BY r.tx, r.id LIMIT most) c;
  IF new.rows = 0 THEN
    RETURN;
  END IF;
  IF new.rows = most THEN
    new.to_tx := txs[most];
    new.to_id := new.ids[most] + 1;
  ELSE
    new.to_tx := horizon;
    new.to_id := 0;
  END IF;
  new.number := coalesce(last.number, 0) + 1;
  new.previous := coalesce(last.hash, '');
  new.sealed_at := register_now();
  new.hash := encode(sha256(convert_to(jsonb_build_array(
    new.number, new.previous, new.above, new.to_tx::text, new.to_id, new.rows, new.last_id,
    to_char(new.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
    encode(sha256(new.leaves), 'hex'))::text, 'UTF8')), 'hex');
  INSERT INTO register_seal SELECT new.*;
  RETURN QUERY SELECT new.number, new.rows, new.hash::text;
END $$;
REVOKE EXECUTE ON FUNCTION register_seal_next(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_seal_next(integer) TO bluelight_app;
REVOKE ALL ON register_seal FROM bluelight_app;
GRANT SELECT ON register_seal TO bluelight_app;
"""

SEALS = [
    migrations.RunSQL(LEAF, "DROP FUNCTION register_leaf(register_change)"),
    migrations.RunSQL(SEAL, "DROP FUNCTION register_seal_next(integer)"),
]
