"""Whatever becomes of groups, remits, pauses and schedules: who follows a record hears of each thing once in all.

The model is the simplest there is: each edit, since they follow the record, reaches them in exactly one email, be it of
their own edition or of a group's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from django.utils.timezone import localdate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.services import grant_role, revoke_role
from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, stop_digest, want_digest, want_what_one_follows
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.sending.delivery import deliver
from register.groups.services import set_remit
from register.initiatives.services import raise_barrier
from register.reference.models import PoliceArea
from tests.digests.support import Sink
from tests.factories import initiative, person, working_group

TOKEN = re.compile(r"edit\d+x")
# The clocks change in the weeks after the first; the second has Christmas ahead.
BEGINNINGS = [datetime(2026, month, 11, 12, tzinfo=UTC) for month in (3, 12)]
_numbers = count(1)


class Story:
    """Somebody who follows a record, and groups that they are in or not, which look at it or not."""

    def __init__(self, clock: Any, sink: Sink, begins: datetime, places: list[str], *, groups: int) -> None:
        self.clock, self.sink, self.places = clock, sink, places
        now = clock.set(begins)
        self.edits: list[str] = []
        self.emails: list[tuple[datetime, set[str]]] = []
        self.member: User = person()
        self.record = initiative("Record", parties=[], places=places[:1], on=now.date())
        self.groups: list[WorkingGroup] = [working_group() for _ in range(groups)]
        self.timings: list[dict[str, Any]] = [
            {"weekday": weekday, "hour": 7, "rhythm": "week"} for weekday in range(2, 2 + groups)
        ]
        for number in range(groups):
            self.look(number, True)
            self.switch(number, True)
            self.join(number)
        clock.advance(hours=1)
        self._do(follow_initiative, by=self.member, initiative=self.record)

    def _do(self, door: Any, **told: Any) -> None:
        self.clock.advance(minutes=1)
        with origin("test"):
            door(**{"by": None} | told)

    def edit(self) -> None:
        token, day = f"edit{next(_numbers)}x", localdate(self.clock.now)
        self.edits.append(token)
        self._do(
            raise_barrier, initiative=self.record, title=token, category="governance", severity="high",
            remover="local", raised_on=day, on=day,
        )  # fmt: skip

    def join(self, number: int) -> None:
        group = self.groups[number]
        if not RoleGrant.objects.filter(user=self.member, group=group).exists():
            self._do(grant_role, user=self.member, role="group_member", group=group)

    def leave(self, number: int) -> None:
        for grant in RoleGrant.objects.filter(user=self.member, group=self.groups[number]):
            self._do(revoke_role, grant=grant)

    def look(self, number: int, at_it: bool) -> None:
        """The group looks at the record's place, or at another."""
        group, place = self.groups[number], self.places[0 if at_it else 1]
        self._do(set_remit, group=group, name=f"{group.code} {place}", parameters={"place": [place]})

    def switch(self, number: int, is_on: bool) -> None:
        group, timing = self.groups[number], self.timings[number]
        self._do(set_schedule, group=group, at=self.clock.now, is_on=is_on, **timing)

    def reschedule(self, number: int, weekday: int, rhythm: str) -> None:
        self.timings[number] |= {"weekday": weekday, "rhythm": rhythm}
        self.switch(number, True)

    def wish(self, number: int, what: str) -> None:
        whose = {"user": self.member, "group": self.groups[number]}
        day = localdate(self.clock.now)
        match what:
            case "pause":
                self._do(pause_digest, until=day + timedelta(days=9), on=day, **whose)
            case "none":
                self._do(stop_digest, **whose)
            case "followed":
                self._do(want_what_one_follows, **whose)
            case _:
                self._do(want_digest, **whose)

    def wait(self, days: int) -> None:
        """Beats come on the days on which a digest may be due, after its hour."""
        for _ in range(days):
            if self.clock.advance(days=1).weekday() in {0, *(timing["weekday"] for timing in self.timings)}:
                self.beat()

    def beat(self) -> None:
        now = self.clock.now
        open_due_editions(now=now)
        build_open_editions(now=now)
        due = list(Delivery.objects.due(now=now).values_list("pk", flat=True))
        deliver(due, clock=lambda: self.clock.now)
        for message in self.sink.to(self.member)[len(self.emails) :]:
            self.emails.append((now, set(TOKEN.findall(message.get_body(("plain",)).get_content()))))

    def end(self) -> None:
        """In the end the person is on their own, and what was left is told."""
        for number in range(len(self.groups)):
            self.leave(number)
        for _ in range(2):
            self.clock.advance(days=8)
            self.beat()

    def told(self) -> Counter[str]:
        """In how many emails each edit reached them."""
        return Counter(token for _, tokens in self.emails for token in tokens)

    def play(self, what: list[tuple[Any, ...]]) -> None:
        for verb, *how in what:
            getattr(self, verb)(*how)
        self.end()


def happens(groups: int) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    which = st.integers(0, groups - 1)
    one = st.one_of(
        st.tuples(st.just("edit")),
        st.tuples(st.just("edit")),
        st.tuples(st.just("wait"), st.sampled_from([1, 2, 3, 7])),
        st.tuples(st.just("wait"), st.sampled_from([1, 2, 3, 7])),
        st.tuples(st.sampled_from(["join", "leave"]), which),
        st.tuples(st.just("look"), which, st.booleans()),
        st.tuples(st.just("switch"), which, st.booleans()),
        st.tuples(st.just("wish"), which, st.sampled_from(["pause", "none", "followed", "all", "all"])),
        st.tuples(
            st.just("reschedule"),
            which,
            st.integers(0, 4),
            st.sampled_from(["week", "fortnight", "month"]),
        ),
    )
    return st.lists(one, min_size=8, max_size=18)


@pytest.fixture
def places(committed: Any) -> Iterator[str]:
    """Places for each story, so that nobody hears of another's."""
    return iter(PoliceArea.objects.order_by("slug").values_list("slug", flat=True))


often = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def long_emails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is only counted can't be looked for."""
    monkeypatch.setattr("register.digests.writing.letter.MOST", 100)


@often
@given(begins=st.sampled_from(BEGINNINGS), what=happens(groups=1))
def test_who_follows_a_record_hears_of_each_thing_once_in_all(
    committed: Any, sink: Sink, places: Iterator[str], begins: datetime, what: list[tuple[Any, ...]]
) -> None:
    ours = Story(committed, sink, begins, [next(places), next(places)], groups=1)
    ours.play(what)
    assert ours.told() == Counter(ours.edits)


@often
@given(begins=st.sampled_from(BEGINNINGS), what=happens(groups=2))
def test_who_is_in_groups_that_look_at_the_same_hears_of_each_thing_and_never_twice_in_a_week(
    committed: Any, sink: Sink, places: Iterator[str], begins: datetime, what: list[tuple[Any, ...]]
) -> None:
    """A month's digest may tell what a week's told long before it."""
    ours = Story(committed, sink, begins, [next(places), next(places)], groups=2)
    ours.play(what)
    assert ours.told().keys() == set(ours.edits)
    for token in ours.edits:
        when = [at for at, tokens in ours.emails if token in tokens]
        assert all(later - earlier >= timedelta(days=7) for earlier, later in pairwise(when)), token
