"""What a record said while it was sensitive, a draft or for fewer people stays theirs when it is opened."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.accounts.models import User, WorkingGroup
from register.accounts.roles import Audience
from register.core.noted import Noted
from register.history.events import net
from register.history.models import Change
from register.history.past import EveryonesEyes, pasts_of
from register.history.reading import page_of
from register.history.recent import recent_events
from register.history.since import changed_since
from register.initiatives.models import Initiative
from register.initiatives.services import change_barrier, edit_initiative, raise_barrier
from tests.factories import TODAY, initiative, person, working_group
from tests.history.support import do

pytestmark = pytest.mark.django_db
SECRET = "Ripley"


def edit(record: Initiative, *, by: User | None = None, **fields: Any) -> None:
    do(edit_initiative, by=by, initiative=record, version=None, on=TODAY, **fields)
    record.refresh_from_db()


@pytest.fixture
def group() -> WorkingGroup:
    return working_group("peak")


@pytest.fixture
def author() -> User:
    return person("contributor", at="derbyshire-police")


def once_closed(
    author: User, group: WorkingGroup, clock: Any, audience: str, marking: str = "official"
) -> Initiative:
    """Something that was said of a record while it was closed, and taken out when it was opened."""
    clock.set("2026-11-16 09:00")
    record = initiative(
        by=author,
        title=f"{SECRET} workshop",
        summary=f"The {SECRET} raid is planned for May.",
        audience=audience,
        marking=marking,
        named_groups=[group] if audience == Audience.PARTNERS_AND_GROUPS else [],
    )
    clock.set("2026-11-17 09:00")
    edit(record, by=author, depth="co_location", owner=f"{SECRET} desk", reason=f"Because of {SECRET}.")
    do(
        raise_barrier, by=author, initiative=record, title=f"{SECRET} lease", category="boundaries",
        severity="low", remover="local", raised_on=TODAY, on=TODAY,
    )  # fmt: skip
    do(
        change_barrier, by=author, barrier=record.barriers.get(), version=None, on=TODAY,
        title="Lease",
    )  # fmt: skip
    clock.set("2026-11-18 09:00")
    edit(
        record, by=author, title="Shared workshop", summary="Vans in one place.", owner="Fleet desk",
        marking="official", audience="everyone", named_groups=[], reason=f"{SECRET} is over.",
    )  # fmt: skip
    clock.set("2026-11-20 09:00")
    edit(record, by=author, summary="Vans and engines in one place.", reason="Engines came.")
    clock.set("2026-11-23 09:00")
    return record


CLOSED = ["draft", "partners", "partners_and_groups"]
# Who might have seen it: by audience.
READERS: dict[str, Any] = {
    "a reader elsewhere": lambda group: person("reader"),
    "a reader of a party": lambda group: person("reader", at="derbyshire-fire"),
    "a member of the named group": lambda group: person("group_member", group=group),
    "a reader of the lead": lambda group: person("reader", at="derbyshire-police"),
    "an auditor": lambda group: person("auditor"),
}
MIGHT = {
    "draft": {"a reader of the lead"},
    "partners": {"a reader of the lead", "a reader of a party", "an auditor"},
    # The group is named no more: what it might read then is no longer its to read.
    "partners_and_groups": {"a reader of the lead", "a reader of a party", "an auditor"},
}


def shown(client: Client, user: User, url: str, **query: str) -> str:
    client.force_login(user)
    response = client.get(url, query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def pages(record: Initiative) -> list[str]:
    return [
        record.get_absolute_url(),
        reverse("initiative_history", args=[record.reference]),
        reverse("initiative_history", args=[record.reference]) + "?kind=record",
        reverse("initiative_history", args=[record.reference]) + "?kind=barriers",
        reverse("initiative_compare", args=[record.reference]),
        reverse("recent_changes"),
        reverse("recent_changes") + "?kind=barriers",
        reverse("home"),
        reverse("everything_state_of_play"),
        reverse("place_state_of_play", args=["derbyshire"]),
    ]


class TestTheRule:
    @pytest.mark.parametrize("who", READERS)
    @pytest.mark.parametrize("audience", CLOSED)
    def test_a_past_is_told_in_lists_to_exactly_those_who_might_have_seen_it(
        self, author: User, group: WorkingGroup, clock: Any, audience: str, who: str
    ) -> None:
        record = once_closed(author, group, clock, audience)
        rows = recent_events(READERS[who](group), limit=20, initiatives=[record.pk])
        told = str([(row.event.sentence, row.event.reason, row.event.details) for row in rows])
        assert (SECRET in told) is (who in MIGHT[audience])
        assert any(row.event.is_closed for row in rows) is (who not in MIGHT[audience])

    def test_of_what_was_done_then_it_is_told_that_it_was_and_by_whom(
        self, author: User, group: WorkingGroup, clock: Any
    ) -> None:
        record = once_closed(author, group, clock, "partners", "official_sensitive")
        page = page_of(Change.objects.of(record), person("reader"), limit=20, opens=True)
        assert [(row.event.sentence, row.event.reason) for row in page.rows] == [
            ("had its summary rewritten", "Engines came."),
            ("can now be seen by everyone signed in", ""),
            ("was changed while it was for its partners only", ""),
            ("was changed while it was for its partners only", ""),
            ("was changed while it was for its partners only", ""),
            ("was logged for its partners only", ""),
        ]
        assert {row.actor for row in page.rows} == {author.get_full_name()}
        opening = page.rows[1].event
        assert [(detail.before, detail.after) for detail in opening.details] == [
            ("Its partners", "Everyone signed in")
        ]
        assert not any(row.event.details for row in page.rows[2:])

    def test_what_closed_it_tells_nothing_of_what_it_says_since(
        self, author: User, group: WorkingGroup, clock: Any
    ) -> None:
        record = initiative(by=author)
        edit(record, by=author, audience="partners", summary=f"The {SECRET} raid.", reason=SECRET)
        edit(record, by=author, audience="everyone", summary="")
        rows = recent_events(person("reader"), limit=20, initiatives=[record.pk])
        assert SECRET not in str([(row.event.reason, row.event.details) for row in rows])
        assert [row.event.sentence for row in rows] == [
            "can now be seen by everyone signed in",
            "can now be seen by its partners only",
            "was logged at stage agreed",
        ]

    def test_as_many_queries_for_many_records_as_for_one(
        self, author: User, group: WorkingGroup, clock: Any, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(4):
            once_closed(author, group, clock, "partners")
        user = person("reader")
        assert user.holdings
        with django_assert_max_num_queries(6):
            assert len(recent_events(user, limit=20)) == 20


class TestPages:
    @pytest.mark.parametrize(
        ("audience", "marking"),
        [(audience, "official") for audience in CLOSED] + [("partners", "official_sensitive")],
    )
    def test_no_page_tells_a_reader_what_it_said_then(
        self, client: Client, author: User, group: WorkingGroup, clock: Any, audience: str, marking: str
    ) -> None:
        record = once_closed(author, group, clock, audience, marking)
        for who in ("a reader elsewhere", "a member of the named group"):
            user = READERS[who](group)
            for url in pages(record):
                assert SECRET not in shown(client, user, url), (who, url)

    def test_a_day_on_which_it_was_closed_cant_be_compared_or_put_back(
        self, client: Client, author: User, group: WorkingGroup, clock: Any
    ) -> None:
        record = once_closed(author, group, clock, "draft")
        url = reverse("initiative_compare", args=[record.reference])
        back = reverse("initiative_put_back", args=[record.reference, "summary"])
        party = person("contributor", at="derbyshire-fire")
        client.force_login(party)
        days = {"then": "17 November 2026", "now": "20 November 2026"}
        refused = client.get(url, days)
        assert refused.status_code == 400
        assert "It was closed to you on that day." in refused.content.decode()
        assert SECRET not in refused.content.decode()
        assert client.get(back, {"then": "17 November 2026"}).status_code == 404
        assert client.get(back).status_code == 404
        assert "Vans in one place." in shown(client, party, back, then="18 November 2026")
        assert "Vans and engines" in shown(client, party, url)
        assert SECRET in shown(client, author, url, **days)
        assert SECRET in shown(client, author, back, then="17 November 2026")

    @pytest.mark.parametrize("name", ["initiative_history", "initiative_compare"])
    def test_what_was_sensitive_is_marked_so_where_it_is_shown(
        self, client: Client, author: User, group: WorkingGroup, clock: Any, name: str
    ) -> None:
        record = once_closed(author, group, clock, "partners", "official_sensitive")
        days = {"then": "17 November 2026", "now": "20 November 2026"} if "compare" in name else {}
        url = reverse(name, args=[record.reference])
        assert '<span class="bl-official">OFFICIAL-SENSITIVE' in shown(client, author, url, **days)
        assert "OFFICIAL-SENSITIVE" not in shown(client, person("reader"), url)

    @pytest.mark.parametrize("name", ["initiative_history", "initiative_compare"])
    @pytest.mark.parametrize("role", ["administrator", "auditor"])
    def test_who_oversees_reads_what_was_a_draft_on_its_own_pages_and_that_is_noted(
        self, client: Client, author: User, group: WorkingGroup, clock: Any, role: str, name: str
    ) -> None:
        record, user = once_closed(author, group, clock, "draft"), person(role)
        for url in (record.get_absolute_url(), reverse("recent_changes"), reverse("home")):
            assert SECRET not in shown(client, user, url)
        noted = Change.ledger.of(record).filter(table_name=Noted.OPENED_DRAFT, actor_id=user.pk)
        assert not noted.exists()
        days = {"then": "17 November 2026", "now": "20 November 2026"} if "compare" in name else {}
        assert SECRET in shown(client, user, reverse(name, args=[record.reference]), **days)
        assert noted.count() == 1

    def test_the_form_says_what_opening_a_record_shows(self, client: Client, author: User) -> None:
        record = initiative(by=author, audience="draft")
        form = shown(client, author, reverse("initiative_edit", args=[record.reference]))
        assert "what it said before stays with those who could see it." in form


class TestInTheEnd:
    def test_since_a_review_a_group_is_told_what_was_done_since_it_was_opened(
        self, author: User, group: WorkingGroup, clock: Any
    ) -> None:
        record = once_closed(author, group, clock, "draft")
        first = Change.objects.of(record).earliest("at").at
        [new] = changed_since({record.pk: first}, person("reader"), known=[record])[record.pk]
        assert (new.sentence, new.reason) == ("was logged at stage agreed", "")
        since = first.replace(day=17)
        events = changed_since({record.pk: since}, person("reader"), known=[record])[record.pk]
        assert SECRET not in str(events)
        assert {event.sentence for event in events} == {
            "can now be seen by everyone signed in", "had its summary rewritten"
        }  # fmt: skip

    def test_a_window_that_ended_before_it_was_opened_tells_nothing_of_it(
        self, author: User, group: WorkingGroup, clock: Any
    ) -> None:
        record = once_closed(author, group, clock, "partners")
        opened = Change.objects.of(record).filter(after__audience="everyone").earliest("at").at
        eyes = EveryonesEyes(pasts_of([record.pk]))
        [event] = net(Change.objects.of(record).filter(at__lt=opened), eyes=eyes)
        assert (event.sentence, event.reason) == ("was logged for its partners only", "")
