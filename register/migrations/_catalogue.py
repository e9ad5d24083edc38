"""The catalogue's entries are written by the database, so that no bulk update, import or SQL leaves one behind."""

from django.db import migrations

# One statement for any number of records. Rows are locked first, so that what another transaction has just
# written is waited for and then read: each statement of a plpgsql function sees what is committed by then.
INDEX = """
CREATE FUNCTION register_index(records bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF records IS NULL THEN
    RETURN;
  END IF;
  PERFORM FROM register_initiative WHERE id = ANY(records) ORDER BY id FOR NO KEY UPDATE;
  WITH found AS (
  SELECT
    i.id,
    setweight(to_tsvector('english', i.title || ' BL' || lpad(i.number::text, greatest(5, length(i.number::text)), '0')), 'A')
      || setweight(to_tsvector('english', concat_ws(' ', i.purpose, partners.names, areas.names, places.names)), 'B')
      || setweight(to_tsvector('english', i.summary), 'C')
      || setweight(to_tsvector('english', concat_ws(' ', i.description, barriers.words, updates.words)), 'D') AS document,
    coalesce(areas.keys, '{}') AS areas, coalesce(places.keys, '{}') AS places, coalesce(partners.mix, '') AS mix,
    coalesce(barriers.codes, '{}') AS barriers, coalesce(benefits.codes, '{}') AS benefits,
    lines.forecast AS forecast_pence, lines.actual AS actual_pence,
    greatest(lines.forecast, lines.actual, stated.a_year) AS saving_pence,
    coalesce(lines.some, stated.some, false) AS has_figure
  FROM register_initiative i
  CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', o.name, o.short_name, others.names), ' ') AS names,
           concat_ws('-',
             max(CASE WHEN takes_part AND o.kind IN ('police', 'policing_body') THEN 'police' END),
             max(CASE WHEN takes_part AND o.kind = 'fire' THEN 'fire' END),
             max(CASE WHEN takes_part AND o.kind = 'ambulance' THEN 'ambulance' END),
             max(CASE WHEN takes_part AND o.kind = 'council' THEN 'council' END),
             max(CASE WHEN takes_part AND o.kind NOT IN ('police', 'policing_body', 'fire', 'ambulance', 'council')
                      THEN 'other' END)) AS mix
      FROM register_initiativepartner p
      JOIN register_organisation o ON o.id = p.organisation_id
      CROSS JOIN LATERAL (SELECT p.role IN ('lead', 'party', 'host') AS takes_part) t
      CROSS JOIN LATERAL (
        SELECT string_agg(n.name, ' ') AS names FROM register_organisationname n WHERE n.organisation_id = o.id
      ) others
     WHERE p.initiative_id = i.id
  ) partners
  CROSS JOIN LATERAL (
    SELECT string_agg(a.name, ' ') AS names, array_agg(a.id ORDER BY a.id) AS keys
      FROM register_initiativearea l JOIN register_areaofwork a ON a.id = l.area_of_work_id
     WHERE l.initiative_id = i.id
  ) areas
  CROSS JOIN LATERAL (
    SELECT string_agg(a.name, ' ') AS names, array_agg(a.id ORDER BY a.id) AS keys
      FROM register_initiativeplace l JOIN register_policearea a ON a.id = l.police_area_id
     WHERE l.initiative_id = i.id
  ) places
  CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', b.title, b.remedy), ' ') AS words,
           array_agg(DISTINCT b.category || ':' || b.remover) FILTER (WHERE b.state = ANY(%(in_the_way)s)) AS codes
      FROM register_barrier b WHERE b.initiative_id = i.id
  ) barriers
  CROSS JOIN LATERAL (
    SELECT left(string_agg(u.text, ' ' ORDER BY u.noted_on DESC), 200000) AS words
      FROM register_update u WHERE u.initiative_id = i.id
  ) updates
  CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT b.outcome || ':' || b.kind) AS codes
      FROM register_benefit b WHERE b.initiative_id = i.id
  ) benefits
  CROSS JOIN LATERAL (
    SELECT max(y.forecast) AS forecast, max(y.actual) AS actual, nullif(count(*) > 0, false) AS some
      FROM (
        SELECT sum(s.forecast_pence) AS forecast, sum(s.actual_pence) AS actual
          FROM register_benefit b JOIN register_savingline s ON s.benefit_id = b.id
         WHERE b.initiative_id = i.id
         GROUP BY s.financial_year, b.kind, b.is_recurring
      ) y
  ) lines
  CROSS JOIN LATERAL (
    SELECT max(f.amount_pence) FILTER (WHERE f.basis = 'a_year') AS a_year, nullif(count(*) > 0, false) AS some
      FROM register_statedfigure f WHERE f.initiative_id = i.id AND f.kind = 'saving'
  ) stated
  WHERE i.id = ANY(records)
  ), words AS (
  INSERT INTO register_cataloguewords (initiative_id, document) SELECT id, document FROM found
  ON CONFLICT (initiative_id) DO UPDATE SET document = excluded.document
  )
  INSERT INTO register_catalogueentry (
    initiative_id, areas, places, mix, barriers, benefits,
    forecast_pence, actual_pence, saving_pence, has_figure
  )
  SELECT id, areas, places, mix, barriers, benefits, forecast_pence, actual_pence, saving_pence, has_figure FROM found
  ON CONFLICT (initiative_id) DO UPDATE SET
    areas = excluded.areas, places = excluded.places, mix = excluded.mix,
    barriers = excluded.barriers, benefits = excluded.benefits, forecast_pence = excluded.forecast_pence,
    actual_pence = excluded.actual_pence, saving_pence = excluded.saving_pence, has_figure = excluded.has_figure;
END $$;
""".replace("%(in_the_way)s", "ARRAY['open', 'being_worked_on']")

# Sets of keys and codes as texts, which are grouped faster than arrays.
INDEX_AS_TEXTS = (
    INDEX.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("coalesce(areas.keys, '{}')", "coalesce(array_to_string(areas.keys, ' '), '')")
    .replace("coalesce(places.keys, '{}')", "coalesce(array_to_string(places.keys, ' '), '')")
    .replace("coalesce(barriers.codes, '{}')", "coalesce(array_to_string(barriers.codes, ' '), '')")
    .replace("coalesce(benefits.codes, '{}')", "coalesce(array_to_string(benefits.codes, ' '), '')")
)

# Once a statement, whatever number of rows it wrote. The argument says how rows lead to initiatives. A bulk load
# by the owner may put it off (`SET register.index_later = 'on'`) and call register_index itself.
TRIGGER = """
CREATE FUNCTION register_reindex() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  records bigint[];
  source text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
                            ELSE 'SELECT * FROM new_rows UNION ALL SELECT * FROM old_rows' END;
BEGIN
  IF current_setting('register.index_later', true) = 'on' THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT array_agg(DISTINCT root) FROM (%s) rows CROSS JOIN LATERAL (%s) roots(root)',
                 source, TG_ARGV[0]) INTO records;
  PERFORM register_index(records);
  RETURN NULL;
END $$;
CREATE FUNCTION register_reindex_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  records bigint[];
BEGIN
  EXECUTE format('SELECT array_agg(DISTINCT root) FROM new_rows n JOIN old_rows o ON o.id = n.id AND '
                 '(%s) IS DISTINCT FROM (%s) CROSS JOIN LATERAL (%s) roots(root)',
                 regexp_replace(TG_ARGV[1], '(\\w+)', 'n.\\1', 'g'), regexp_replace(TG_ARGV[1], '(\\w+)', 'o.\\1', 'g'),
                 TG_ARGV[0]) INTO records;
  PERFORM register_index(records);
  RETURN NULL;
END $$;
"""

OWN = "SELECT rows.initiative_id"
PARTS = {
    "initiativepartner": OWN,
    "initiativearea": OWN,
    "initiativeplace": OWN,
    "barrier": OWN,
    "update": OWN,
    "benefit": OWN,
    "statedfigure": OWN,
    "organisationname": (
        "SELECT initiative_id FROM register_initiativepartner p WHERE p.organisation_id = rows.organisation_id"
    ),
    "savingline": "SELECT initiative_id FROM register_benefit b WHERE b.id = rows.benefit_id",
}
# What is read of a row that others hang on: a change of anything else writes no entry again.
NAMED = {
    "initiative": ("SELECT n.id", "title, number, purpose, summary, description"),
    "organisation": (
        "SELECT initiative_id FROM register_initiativepartner p WHERE p.organisation_id = n.id",
        "name, short_name, kind",
    ),
    "areaofwork": (
        "SELECT initiative_id FROM register_initiativearea l WHERE l.area_of_work_id = n.id",
        "name, id",
    ),
    "policearea": (
        "SELECT initiative_id FROM register_initiativeplace l WHERE l.police_area_id = n.id",
        "name, id",
    ),
}
EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _trigger(name: str, table: str, event: str, call: str) -> str:
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON register_{table} REFERENCING {EVENTS[event]}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {call};"
    )


TRIGGERS = [
    *(
        _trigger(f"index_{event}", table, event, f"register_reindex('{root}')")
        for table, root in PARTS.items()
        for event in EVENTS
    ),
    _trigger("index_insert", "initiative", "insert", "register_reindex('SELECT rows.id')"),
    *(
        _trigger("index_update", table, "update", f"register_reindex_changed('{root}', '{columns}')")
        for table, (root, columns) in NAMED.items()
    ),
]

ARRAYS = {"areas": "bigint[]", "places": "bigint[]", "barriers": "varchar(50)[]", "benefits": "varchar(60)[]"}


def _alter(how: dict[str, str]) -> str:
    parts = [f"ALTER COLUMN {name} TYPE {kind}" for name, kind in how.items()]
    return f"ALTER TABLE register_catalogueentry {', '.join(parts)}"


SETS_TO_TEXTS = [
    migrations.RunSQL(
        _alter({name: f"text USING array_to_string({name}, ' ')" for name in ARRAYS}),
        _alter({name: f"{kind} USING string_to_array({name}, ' ')::{kind}" for name, kind in ARRAYS.items()}),
    ),
    migrations.RunSQL(INDEX_AS_TEXTS, INDEX.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
]

AFTER_ENTRIES = [
    migrations.RunSQL(INDEX, "DROP FUNCTION register_index(bigint[])"),
    migrations.RunSQL(
        TRIGGER, "DROP FUNCTION register_reindex() CASCADE; DROP FUNCTION register_reindex_changed() CASCADE"
    ),
    migrations.RunSQL("\n".join(TRIGGERS), migrations.RunSQL.noop),
    migrations.RunSQL(
        "SELECT register_index(array_agg(id)) FROM register_initiative", migrations.RunSQL.noop
    ),
]
