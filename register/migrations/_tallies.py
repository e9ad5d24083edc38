"""The database says which records are to be tallied again, so that no bulk update, import or SQL leaves one out."""

from django.db import migrations, models


class BitsField(models.Field):
    """What 0010 kept a block's bits in, before blocks were packed."""

    def db_type(self, connection):
        return "bit(8192)"


# What is tallied of a record itself; the rest stands in its entry.
FACTS = "stage, standing, depth, marking, audience, is_fictional, deleted_at, confirmed_on, next_update_due"


def _row(alias: str) -> str:
    return ", ".join(f"{alias}.{name.strip()}" for name in FACTS.split(","))


FUNCTIONS = f"""
CREATE FUNCTION register_untally_entries() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO register_untallied (initiative_id) SELECT initiative_id FROM rows;
  RETURN NULL;
END $$;
CREATE FUNCTION register_untally_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO register_untallied (initiative_id)
  SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id AND ({_row("n")}) IS DISTINCT FROM ({_row("o")});
  RETURN NULL;
END $$;
CREATE FUNCTION register_untally_linked() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  EXECUTE format('INSERT INTO register_untallied (initiative_id) SELECT DISTINCT l.initiative_id FROM new_rows n'
                 ' JOIN old_rows o ON o.id = n.id AND (%s) IS DISTINCT FROM (%s) JOIN %s = n.id',
                 regexp_replace(TG_ARGV[0], '(\\w+)', 'n.\\1', 'g'), regexp_replace(TG_ARGV[0], '(\\w+)', 'o.\\1', 'g'),
                 TG_ARGV[1]);
  RETURN NULL;
END $$;
"""  # noqa: S608 names of ours

TRIGGERS = """
CREATE TRIGGER untally_insert AFTER INSERT ON register_catalogueentry REFERENCING NEW TABLE AS rows
  FOR EACH STATEMENT EXECUTE FUNCTION register_untally_entries();
CREATE TRIGGER untally_update AFTER UPDATE ON register_catalogueentry REFERENCING NEW TABLE AS rows
  FOR EACH STATEMENT EXECUTE FUNCTION register_untally_entries();
CREATE TRIGGER untally_delete AFTER DELETE ON register_catalogueentry REFERENCING OLD TABLE AS rows
  FOR EACH STATEMENT EXECUTE FUNCTION register_untally_entries();
CREATE TRIGGER untally_update AFTER UPDATE ON register_initiative REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION register_untally_changed();
CREATE TRIGGER untally_update AFTER UPDATE ON register_areaofwork REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION
  register_untally_linked('code, merged_into_id', 'register_initiativearea l ON l.area_of_work_id');
CREATE TRIGGER untally_update AFTER UPDATE ON register_policearea REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION
  register_untally_linked('slug, region_id', 'register_initiativeplace l ON l.police_area_id');
"""

AFTER_TALLIES = [
    migrations.RunSQL(
        FUNCTIONS,
        "DROP FUNCTION register_untally_entries() CASCADE; DROP FUNCTION register_untally_changed() CASCADE;"
        " DROP FUNCTION register_untally_linked() CASCADE",
    ),
    migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    migrations.RunSQL(
        "INSERT INTO register_untallied (initiative_id) SELECT initiative_id FROM register_catalogueentry",
        migrations.RunSQL.noop,
    ),
]


# What pages count has grown: why there is no figure, what others may copy, when a record came to its stage, the
# dates that open a door, who may see it, and when anything of it changed last. All of them lie outside an entry, so what they hang on is marked by itself.
MORE_FACTS = f"{FACTS}, no_figure_reason, open_to_replication, created_by_id, changed_at"


def _changed(facts: str) -> str:
    columns = [name.strip() for name in facts.split(",")]
    new, old = (", ".join(f"{alias}.{name}" for name in columns) for alias in "no")
    return f"""
CREATE OR REPLACE FUNCTION register_untally_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO register_untallied (initiative_id)
  SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id AND ({new}) IS DISTINCT FROM ({old});
  RETURN NULL;
END $$;
"""  # noqa: S608 names of ours


PARTS = ("stagemove", "milestone", "agreement", "initiativegroup")
EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
UNTALLY_PART = """
CREATE FUNCTION register_untally_part() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO register_untallied (initiative_id) SELECT DISTINCT initiative_id FROM new_rows;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO register_untallied (initiative_id) SELECT DISTINCT initiative_id FROM old_rows;
  END IF;
  RETURN NULL;
END $$;
"""
PART_TRIGGERS = "\n".join(
    f"CREATE TRIGGER untally_{event} AFTER {event} ON register_{table} REFERENCING {rows}"
    " FOR EACH STATEMENT EXECUTE FUNCTION register_untally_part();"
    for table in PARTS
    for event, rows in EVENTS.items()
)

TALLY_MORE = [
    migrations.RunSQL(_changed(MORE_FACTS), _changed(FACTS)),
    migrations.RunSQL(UNTALLY_PART, "DROP FUNCTION register_untally_part() CASCADE"),
    migrations.RunSQL(PART_TRIGGERS, migrations.RunSQL.noop),
    migrations.RunSQL(
        "INSERT INTO register_untallied (initiative_id) SELECT initiative_id FROM register_catalogueentry",
        migrations.RunSQL.noop,
    ),
]
