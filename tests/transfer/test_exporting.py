"""Who may take what, what is kept of it, what is refused, and that it streams."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus

from register.core.tracking import origin
from register.history.events import fold
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier
from register.transfer import as_csv, as_json
from register.transfer.asking import WHAT, read
from register.transfer.contents import in_chunks, prepare
from register.transfer.models import Export
from tests.factories import TODAY, initiative, person
from tests.transfer.support import ADDRESS, read_csv, read_json, signed_in, take

pytestmark = pytest.mark.django_db

FORMATS = ["csv", "xlsx", "json"]
SECRET = "Zephyr"


def file_of(user, query: str):
    asked = read(QueryDict(query), user=user, on=TODAY)
    assert asked.errors == ()
    return prepare(asked, on=TODAY)


def all_text(body: bytes) -> str:
    """What a file says, unpacked."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


@pytest.fixture
def hidden() -> list[Initiative]:
    """Records that somebody with no role where they are may not see, each with something hanging on it."""
    records = [
        initiative(f"{SECRET} for partners", audience="partners"),
        initiative(f"{SECRET} draft", audience="draft"),
        initiative(f"{SECRET} sensitive", audience="partners", marking="official_sensitive"),
        initiative(f"{SECRET} deleted"),
    ]
    with origin("test"):
        for record in records:
            raise_barrier(
                by=None,
                initiative=record,
                title=f"{SECRET} barrier",
                category="governance",
                severity="low",
                remover="local",
                on=TODAY,
                raised_on=TODAY,
            )
        Initiative.objects.filter(pk=records[-1].pk).update(deleted_at="2026-11-01T12:00Z")
    return records


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_never_holds_what_the_reader_may_not_open(hidden, format: str) -> None:
    initiative("For everyone")
    reader = person("reader")
    asked = [(what, "") for what in WHAT]
    asked += [
        ("shown", more)
        for more in ("example=with", f"q={SECRET}", "marking=official_sensitive", "sort=saving")
    ]
    for what, more in asked:
        text = all_text(take(reader, f"what={what}&format={format}&{more}"))
        assert SECRET not in text
        assert "SENSITIVE" not in text
        assert not [record.reference for record in hidden if record.reference in text]
    assert max(Export.objects.values_list("rows", flat=True)) == 2  # the partners of what is for everyone
    assert set(Export.objects.values_list("marking", flat=True)) == {"official"}


def test_what_was_seen_is_seen_until_the_export_and_no_longer(hidden) -> None:
    lead = person("contributor", at="derbyshire-police")
    titles = [row[0] for row in read_csv(take(lead, "format=csv&cols=title&sort=title"))[1][1:]]
    assert titles == [f"{SECRET} draft", f"{SECRET} for partners", f"{SECRET} sensitive"]
    with origin("test"):
        lead.roles.all().delete()
    assert read_csv(take(lead, "format=csv&cols=title"))[1][1:] == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_sensitive_row_marks_the_file_its_name_and_its_first_line(hidden, format: str) -> None:
    administrator = person("administrator")
    answer = signed_in(administrator).get(f"{ADDRESS}?format={format}")
    assert 'filename="OFFICIAL-SENSITIVE-initiatives-' in answer.headers["Content-Disposition"]
    assert "OFFICIAL-SENSITIVE" in all_text(b"".join(answer.streaming_content))
    answer = signed_in(administrator).get(f"{ADDRESS}?format={format}&marking=official")
    assert 'filename="OFFICIAL-initiatives-' in answer.headers["Content-Disposition"]
    assert "SENSITIVE" not in all_text(b"".join(answer.streaming_content))
    assert take(administrator, "format=csv&what=barriers").startswith(b"\xef\xbb\xbfOFFICIAL-SENSITIVE\r\n")
    assert take(administrator, "format=csv&what=benefits").startswith(b"\xef\xbb\xbfOFFICIAL\r\n")
    assert read_json(take(administrator, "format=json"))["marking"] == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize("what", ["shown", "partners"])
def test_what_becomes_sensitive_while_a_file_is_made_is_not_in_one_marked_official(what: str) -> None:
    record, other = initiative("Turns"), initiative("Stays")
    file = file_of(person("administrator"), f"format=csv&what={what}")
    with origin("test"):
        Initiative.objects.filter(pk=record.pk).update(marking="official_sensitive", audience="partners")
    text = b"".join(as_csv.write(file)).decode()
    assert other.reference in text
    assert record.reference not in text


def test_who_exported_what_is_kept_and_read_by_them_and_by_those_who_answer_for_the_register() -> None:
    initiative("Fleet", areas=["fleet"])
    initiative("Estates", areas=["estates"])
    reader = person("reader", name="Rosa Reader")
    last = Change.objects.order_by("-pk").first().pk
    take(reader, "format=csv&area=fleet&sort=title&cols=title&size=50")
    [export] = Export.objects.all()
    assert (export.by, export.what, export.format, export.rows) == (reader, "shown", "csv", 1)
    assert export.parameters == {"area": ["fleet"], "sort": ["title"], "cols": ["title"]}
    [change] = Change.objects.filter(pk__gt=last)
    assert (change.table_name, change.actor_id, change.source) == ("register_export", reader.pk, "web")
    assert "Rosa" not in str(change.after)
    assert fold([change])[0].sentence == "an export was added"

    def page(user) -> str:
        return signed_in(user).get("/exports/").content.decode()

    assert "/initiatives/?area=fleet&amp;sort=title" in page(reader)
    assert "Rosa Reader" in page(person("auditor"))
    assert "Rosa Reader" in page(person("administrator"))
    assert "Nothing yet." in page(person("reader"))


def test_the_form_and_a_head_request_leave_no_trace() -> None:
    user = person("reader")
    assert signed_in(user).get(f"{ADDRESS}?area=fleet").status_code == 200
    assert signed_in(user).head(f"{ADDRESS}?format=csv").status_code == 200
    assert signed_in(user).post(f"{ADDRESS}?format=csv").status_code == 405
    assert not Export.objects.exists()


def test_the_form_carries_what_was_asked_for() -> None:
    initiative("Fleet", areas=["fleet"])
    html = (
        signed_in(person("reader")).get(f"{ADDRESS}?area=fleet&sort=title&cols=title,stage").content.decode()
    )
    for name, value in (("area", "fleet"), ("sort", "title"), ("cols", "title,stage")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in html
    assert "1 initiative. Area of work: Fleet." in html
    assert "Title, Stage" in html


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("format=pdf", "Format: there is none called “pdf”."),
        ("format=csv&format=json", "Format: choose one, not 2."),
        ("format=csv&what=secrets", "What to export: there is none called “secrets”."),
        ("format=csv&sort=colour", "Sort by: there is none called “colour”."),
        ("format=csv&sort=relevance", "Sort by: there is none called “relevance”."),
        ("format=csv&cols=title,colour", "Columns: there is no column called “colour”."),
        ("format=xlsx&colour=red", "There is no filter called “colour”."),
        ("format=json&stage=lively", "Stage: "),
        ("format=json&q=" + "x" * 201, "Words: "),
        ("stage=lively", "Stage: "),
        ("format=csv&started_from=2026-01-01&started_to=2025-01-01", "nothing can be between them"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_exported(query: str, named: str) -> None:
    initiative("Not told")
    answer = signed_in(person("reader")).get(f"{ADDRESS}?{query}")
    assert answer.status_code == 400
    html = answer.content.decode()
    assert named in html
    assert "Nothing is exported" in html
    assert "Not told" not in html
    assert not Export.objects.exists()


ANYTHING = st.text(st.characters(codec="utf-8"), max_size=30)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["format", "what", "cols", "sort", "q", "area", "size", "after", "last", "as"])
        | ANYTHING,
        st.lists(ANYTHING | st.sampled_from(["csv", "json", "everything", "title", "figures"]), max_size=2),
        max_size=4,
    )
)
def test_nothing_that_is_asked_breaks_it_or_shows_more(client, told) -> None:
    if not Initiative.objects.exists():
        initiative("Seen")
        initiative(SECRET, audience="partners")
    client.force_login(person("reader"))
    answer = client.get(f"{ADDRESS}?{urlencode(told, doseq=True)}")
    assert answer.status_code in (200, 400)
    body = b"".join(answer.streaming_content) if answer.streaming else b""
    assert SECRET.encode() not in body


@pytest.mark.parametrize("format", FORMATS)
def test_as_many_queries_for_many_records_as_for_one(format: str) -> None:
    client = signed_in(person("administrator"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            answer = client.get(f"{ADDRESS}?format={format}&what=everything")
            b"".join(answer.streaming_content)
        return len(told)

    initiative("One")
    once = queries()
    for number in range(6):
        initiative(f"More {number}", areas=["fleet", "estates"])
    assert queries() == once
    assert once <= 12 + (0 if format == "csv" else len(WHAT))


def test_the_first_piece_comes_before_any_row_and_rows_before_all_are_read() -> None:
    for number in range(3):
        initiative(f"Record {number}")
    user = person("reader")
    pieces = as_csv._lines(file_of(user, "format=csv"))
    with CaptureQueriesContext(connection) as told:
        assert next(pieces).startswith(as_csv.BOM)
    assert len(told) == 0
    assert next(pieces).startswith(b"BL-")
    status = connection.connection.pgconn.transaction_status
    assert status == TransactionStatus.ACTIVE  # PostgreSQL is still sending
    pieces.close()  # somebody who stops the download leaves the connection as it was
    assert Initiative.objects.count() == 3

    rows = as_json._pieces(file_of(user, "format=json"))
    with CaptureQueriesContext(connection) as told:
        assert next(rows).startswith(b'{"marking": "OFFICIAL"')
    assert len(told) == 0
    next(rows)
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (1,)
    rows.close()
    assert Initiative.objects.count() == 3


def test_chunks_hold_the_first_piece_alone_and_gather_the_others_without_reading_ahead() -> None:
    taken = []

    def pieces():
        for number in range(100):
            taken.append(number)
            yield b"x" * 10

    chunks = in_chunks(pieces(), size=50)
    assert next(chunks) == b"x" * 10
    assert len(taken) == 1
    assert next(chunks) == b"x" * 50
    assert len(taken) == 6
    assert sum(map(len, chunks)) == 1000 - 60


def test_an_export_of_nothing_is_a_file_with_its_head_alone() -> None:
    user = person("reader")
    for what in WHAT:
        _, rows = read_csv(take(user, f"format=csv&what={what}"))
        assert len(rows) == 1, what
    assert read_json(take(user, "format=json&what=everything"))["initiatives"] == []
