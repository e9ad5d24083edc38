"""Finding past editions: by words, group, year and month, and never by what one may not see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from register.catalogue.search import as_query
from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.archive.finding import MOST, notes_with
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.notes import write_covering_note
from register.digests.models import Edition, EditionItem
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative, edit_initiative
from tests.digests.support import MONDAY, NEXT_MONDAY, Team, london, new_team
from tests.factories import TODAY, initiative, person


def make_editions(at: Any = MONDAY) -> dict[Any, Edition]:
    open_due_editions(now=at)
    with origin("task"):
        return {edition.group or edition.person: edition for edition in build_open_editions(now=at)}


def edit(record: Initiative, **fields: Any) -> None:
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, **fields)


def look(user: Any, **asked: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/digests/?{urlencode(asked)}")
    assert answer.status_code == 200
    return answer.content.decode()


def found(user: Any, **asked: str) -> list[str]:
    """Addresses of the editions that are found, in order."""
    main = look(user, **asked).split("<main")[1]
    return re.findall(r'href="(/digests/[0-9a-f-]{36}/)"', main)


def lines(user: Any, q: str) -> list[str]:
    """The matching lines that are told."""
    hits = re.findall(r'<ul class="bl-hits">(.*?)</ul>', look(user, q=q), re.DOTALL)
    return re.findall(r"<li[^>]*>(.*?)</li>", "".join(hits))


def test_words_are_found_in_titles_sentences_references_and_notes(team: Team) -> None:
    record = initiative("Zephyr hangar", stage="considered")
    with origin("test"):
        write_covering_note(by=None, group=team.group, text="Mind the gazebo.", at=MONDAY)
    edition = make_editions()[team.group]
    for words in (
        "zephyr",
        "hangars zephyr",
        '"zephyr hangar"',
        "logged",
        record.reference,
        f"bl {record.number}",
        "gazebo",
    ):
        assert found(team.member, q=words) == [edition.get_absolute_url()], words
    assert found(team.member, q="zephyr -hangar") == []
    assert lines(team.member, "zephyr") == [
        f"{record.reference} Zephyr hangar: was logged at stage under consideration"
    ]
    assert lines(team.member, "gazebo") == ["Covering note: Mind the gazebo."]


def test_no_hit_says_so_and_what_to_do(team: Team) -> None:
    initiative("Zephyr hangar")
    make_editions()
    html = look(team.member, q="<unheard> of")
    assert "No edition has “&lt;unheard&gt; of” in what you may see of it today" in html
    assert "/initiatives/?q=%3Cunheard%3E%20of" in html
    assert "No edition is of then." in look(team.member, month="2")


def test_before_there_is_an_edition_there_is_nothing_to_search(team: Team) -> None:
    html = look(team.member)
    assert "There is no edition yet." in html
    assert 'role="search"' not in html.split("<main")[1]


class TestWhatOneMayNotSee:
    def test_a_record_of_others_betrays_nothing(self, team: Team) -> None:
        initiative("Zephyr hangar", audience="partners")
        partner = person("group_member", group=team.group)
        initiative("Open")
        make_editions()
        assert found(team.member, q="zephyr") == []
        assert partner is not None
        assert found(person("auditor"), q="zephyr") != []

    def test_one_that_was_open_then_and_is_not_now_is_no_hit(self, team: Team) -> None:
        record = initiative("Zephyr hangar")
        initiative("Open")
        make_editions()
        edit(record, audience="partners")
        assert found(team.member, q="zephyr") == []
        assert found(team.member, q=record.reference) == []

    def test_one_that_was_deleted_is_no_hit(self, team: Team) -> None:
        record = initiative("Zephyr hangar")
        make_editions()
        with origin("test"):
            delete_initiative(by=None, initiative=record, reason="Twice.", at=MONDAY)
        assert found(team.member, q="zephyr") == []

    def test_the_old_words_of_one_that_is_sensitive_by_now_are_no_hit(self, team: Team) -> None:
        record = initiative("Zephyr hangar")
        make_editions()
        auditor = person("auditor")
        assert len(found(auditor, q="zephyr")) == 1
        edit(record, audience="partners", marking="official_sensitive")
        assert found(auditor, q="zephyr") == []
        assert found(auditor, q="logged") == []

    def test_one_that_was_sensitive_then_is_its_reference(self, team: Team) -> None:
        record = initiative("Zephyr hangar", audience="partners", marking="official_sensitive")
        make_editions()
        auditor = person("auditor")
        assert found(auditor, q="zephyr") == []
        assert lines(auditor, record.reference) == [f"{record.reference} changed"]
        assert found(team.member, q=record.reference) == []

    def test_another_groups_and_another_persons_editions_are_no_hits(
        self, team: Team, committed: Any
    ) -> None:
        other = new_team("other", place=["kent"])
        record = initiative("Zephyr hangar", lead="kent-police", parties=[], places=["kent"])
        with origin("test"):
            follow_initiative(by=other.member, initiative=record)
        committed.advance(minutes=1)
        edit(record, title="Zephyr hangar, renamed")
        with origin("test"):
            write_covering_note(by=None, group=other.group, text="Gazebo.", at=MONDAY)
        made = make_editions()
        assert set(made) >= {team.group, other.group}
        for words in ("zephyr", "gazebo"):
            assert found(team.member, q=words) == []
            assert found(other.member, q=words) == [made[other.group].get_absolute_url()]

    def test_ones_own_editions_are_found_by_oneself_alone(self, committed: Any) -> None:
        reader = person("reader")
        record = initiative("Zephyr hangar")
        with origin("test"):
            follow_initiative(by=reader, initiative=record)
        committed.advance(minutes=1)
        edit(record, title="Zephyr hangar, renamed")
        edition = make_editions()[reader]
        assert found(reader, q="renamed", group=".own") == [edition.get_absolute_url()]
        for other in (person("auditor"), person("reader")):
            assert found(other, q="renamed") == []


class TestWhen:
    @pytest.fixture
    def editions(self, team: Team, committed: Any) -> list[str]:
        """Of November and December 2026 and of January 2027, the latest first."""
        made = []
        for at in (MONDAY, london("2026-12-07T07:00"), london("2027-01-04T07:00")):
            committed.set(at - timedelta(days=2))
            initiative(f"Zephyr {at:%B}")
            committed.set(at)
            made.append(make_editions(at)[team.group].get_absolute_url())
        return made[::-1]

    def test_a_year_a_month_or_both(self, team: Team, editions: list[str]) -> None:
        january, december, november = editions
        assert found(team.member) == editions
        assert found(team.member, year="2026") == [december, november]
        assert found(team.member, month="1") == [january]
        assert found(team.member, year="2026", month="11", q="zephyr") == [november]
        assert found(team.member, year="2027", month="11") == []

    def test_years_that_had_editions_are_offered(self, team: Team, editions: list[str]) -> None:
        years = re.search(r'<select name="year".*?</select>', look(team.member), re.DOTALL)[0]
        assert re.findall(r'value="(\d*)"', years) == ["", "2027", "2026"]

    def test_a_group_of_ones_own_is_chosen(self, team: Team, editions: list[str]) -> None:
        assert found(team.member, group="peak") == editions
        assert found(team.member, group=".own") == []

    def test_what_cannot_be_read_narrows_nothing_and_says_so(self, team: Team, editions: list[str]) -> None:
        new_team("other")
        wrong = [
            ("year", "1066"),
            ("year", "x"),
            ("month", "13"),
            ("group", "other"),
            ("q", "x" * 201),
        ]
        for field, value in wrong:
            html = look(team.member, **{field: value})
            assert f'href="#id_{field}"' in html
            assert found(team.member, **{field: value}) == editions

    def test_nothing_that_is_typed_is_an_error(self, team: Team, editions: list[str]) -> None:
        for q in ["'", "(((", "a & | ! b", '"', "-", ":*", "the of and", "%", "\\"]:
            look(team.member, q=q)


def test_pages_go_on_with_what_was_asked(team: Team, committed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.digests.archive.views.ON_A_PAGE", 1)
    for at in (MONDAY, NEXT_MONDAY):
        committed.set(at - timedelta(days=2))
        initiative("Zephyr hangar")
        make_editions(at)
    html = look(team.member, q="zephyr & co", year="2026")
    assert found(team.member, q="zephyr", page="2") != found(team.member, q="zephyr")
    assert "No edition has" in html
    html = look(team.member, q="zephyr hangar", year="2026")
    assert "2 editions with “zephyr hangar”" in html
    assert "?q=zephyr+hangar&amp;year=2026&amp;page=2" in html


def test_of_many_matching_lines_a_few_are_told_and_how_many_more(team: Team) -> None:
    for number in range(MOST + 3):
        initiative(f"Zephyr {number}")
    make_editions()
    told = lines(team.member, "zephyr")
    assert len(told) == MOST + 1
    assert told[-1] == "and 3 more lines"


def test_queries_do_not_grow_with_editions_and_hits(
    team: Team, committed: Any, django_assert_max_num_queries: Any
) -> None:
    for week in range(6):
        at = MONDAY + timedelta(weeks=week, hours=30)
        committed.set(at - timedelta(days=3))
        for number in range(3):
            initiative(f"Zephyr {number}")
        make_editions(at)
    client = Client()
    client.force_login(team.member)
    with django_assert_max_num_queries(14):
        client.get("/digests/?q=zephyr")


@pytest.mark.django_db
def test_words_are_looked_up_in_an_index() -> None:
    """Of ten years of editions there are too many lines to read."""
    with connection.cursor() as cursor:
        # Few rows are read faster whole: what is asked is whether the index could be used.
        cursor.execute("SET LOCAL enable_seqscan = off")
    items = EditionItem.objects.filter(words=as_query("zephyr"))
    assert "digest_item_words" in items.explain()
    assert "covering_note_words" in notes_with("zephyr").explain()
