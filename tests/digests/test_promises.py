"""Whatever happens to schedules, clocks, beats and edits: windows tile, and each edit is in one edition of its group.

A simple model says what must be told: it keeps a list of edits, works slots out from the calendar day by day, and
knows nothing of snapshots.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from register.accounts.models import WorkingGroup
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Edition
from register.groups.services import set_remit
from register.initiatives.services import raise_barrier
from tests.digests.support import items_of
from tests.factories import initiative, working_group
from tests.faults.model import BANK_HOLIDAYS

LONDON = "Europe/London"
AN_EVEN_WEEK = date(2026, 1, 5)
ZONES = [LONDON, "America/New_York", "Pacific/Auckland"]
# The clocks change in the weeks after the first three; the fourth has Christmas ahead.
BEGINNINGS = [datetime(2026, month, 11, 12, tzinfo=UTC) for month in (3, 10, 9, 12)]
TOKEN = re.compile(r"edit\d+x")
_numbers = count(1)


@dataclass
class Edit:
    token: str
    at: datetime
    is_committed: bool = True
    is_late: bool = False
    # What happens while the digest is off need not be told; if it commits late, it may be, once.
    is_owed: bool = True
    told_in: tuple[datetime, datetime] | None = None


@dataclass
class Model:
    """What the group must have been told so far."""

    anchor: datetime
    schedule: tuple[int, int, str, str, int] = (0, 7, LONDON, "week", 0)
    is_on: bool = True
    told_to: datetime | None = None
    edits: list[Edit] = field(default_factory=list)
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)

    def last_slot(self, now: datetime) -> datetime:
        weekday, hour, zone, rhythm, turn = self.schedule
        found = []
        for days in range(-1, 50):
            day = now.date() - timedelta(days=days)
            in_turn = {
                "week": True,
                "fortnight": (day - AN_EVEN_WEEK).days // 7 % 2 == turn,
                "month": day.day <= 7,
            }
            if day.weekday() == weekday and in_turn[rhythm]:
                while day.weekday() > 4 or day in BANK_HOLIDAYS:
                    day += timedelta(days=1)
                found.append(datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC))
        return max(slot for slot in found if slot <= now)

    def beat(self, now: datetime) -> None:
        """One window for all slots that passed."""
        if self.is_on:
            self._tell(self.last_slot(now))

    def _tell(self, end: datetime) -> None:
        """One window to here; it tells what nobody was told and everybody can see by now."""
        start = max(filter(None, (self.told_to, self.anchor)))
        if end <= start:
            return
        self.windows.append((start, end))
        self.told_to = end
        for edit in self.edits:
            if edit.is_committed and edit.told_in is None and edit.is_owed and edit.at < end:
                edit.told_in = (start, end)

    def switch(self, now: datetime, *, is_on: bool) -> None:
        if is_on and not self.is_on:
            self.anchor = now
        elif self.is_on and not is_on:
            self._tell(now)
        self.is_on = is_on


class Story:
    """The same things done to a real group and to the model."""

    def __init__(self, clock: Any, begins: datetime, place: str) -> None:
        self.clock, self.place = clock, place
        now = clock.set(begins)
        self.group: WorkingGroup = working_group()
        with origin("test"):
            set_remit(by=None, group=self.group, name=self.group.code, parameters={"place": [place]})
        # The late edit has a record of its own: its open transaction locks it.
        self.records = [initiative("Record", parties=[], places=[place], on=now.date()) for _ in range(2)]
        self.model = Model(self.clock.advance(minutes=1))
        self._late: Callable[[], None] | None = None
        self._set()

    def _set(self) -> None:
        weekday, hour, zone, rhythm, turn = self.model.schedule
        with origin("test"):
            set_schedule(
                by=None, group=self.group, at=self.clock.now, weekday=weekday, hour=hour, zone=zone,
                rhythm=rhythm, turn=turn, is_on=self.model.is_on,
            )  # fmt: skip

    def wait(self, hours: int) -> None:
        self.clock.advance(hours=hours)

    def edit(self) -> None:
        self._log(self._next())

    def begin_late(self) -> None:
        """An edit whose transaction stays open until `commit_late`."""
        if self._late:
            return
        edit = self._next(is_committed=False)
        wrote, may_commit = threading.Event(), threading.Event()

        def write() -> None:
            try:
                with transaction.atomic():
                    self._log(edit)
                    wrote.set()
                    assert may_commit.wait(20)
            finally:
                wrote.set()
                connection.close()

        thread = threading.Thread(target=write)
        thread.start()
        assert wrote.wait(20)

        def commit() -> None:
            may_commit.set()
            thread.join()
            edit.is_committed = True

        self._late = commit

    def commit_late(self) -> None:
        if self._late:
            self._late()
        self._late = None

    def _next(self, *, is_committed: bool = True) -> Edit:
        at = self.clock.advance(minutes=1)
        edit = Edit(f"edit{next(_numbers)}x", at, is_committed, not is_committed, self.model.is_on)
        self.model.edits.append(edit)
        return edit

    def _log(self, edit: Edit) -> None:
        with origin("test"):
            raise_barrier(
                by=None, initiative=self.records[edit.is_late], title=edit.token, category="governance",
                severity="high", remover="local", raised_on=edit.at.date(), on=edit.at.date(),
            )  # fmt: skip

    def open_only(self) -> None:
        """The beat dies before it builds what it has opened."""
        open_due_editions(now=self.clock.now, groups=[self.group])
        self.model.beat(self.clock.now)

    def beat(self) -> None:
        self.open_only()
        build_open_editions(now=self.clock.now, groups=[self.group])

    def reschedule(self, *schedule: Any) -> None:
        self.model.schedule = schedule
        self._set()

    def switch(self, *, is_on: bool) -> None:
        self.model.switch(self.clock.advance(minutes=1), is_on=is_on)
        self._set()

    def told(self) -> dict[tuple[datetime, datetime], list[str]]:
        """What each edition says: the words of our edits in it."""
        return {
            (edition.starts_at, edition.ends_at): [
                word for item in items_of(edition) for word in sorted(set(TOKEN.findall(str(item.content))))
            ]
            for edition in Edition.objects.filter(group=self.group).order_by("ends_at")
        }


@contextmanager
def story(*told: Any) -> Iterator[Story]:
    made = Story(*told)
    try:
        yield made
    finally:
        made.commit_late()


def in_any_order(*what: str) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    return st.permutations([(verb,) for verb in what])


nothing: st.SearchStrategy[list[tuple[Any, ...]]] = st.just([])
rescheduled = st.tuples(
    st.just("reschedule"),
    st.integers(0, 4),
    st.integers(0, 23),
    st.sampled_from(ZONES),
    st.sampled_from(["week", "week", "fortnight", "month"]),
    st.integers(0, 1),
).map(lambda change: [change])
waiting = st.sampled_from([20, 100, 160, 170, 180, 520]).map(lambda hours: [("wait", hours)])
# What happens in a week; how long nobody beats (which may be three weeks); what comes about while a beat is late.
a_week = st.tuples(
    st.one_of(in_any_order("edit", "begin_late"), in_any_order("edit", "begin_late", "off", "on"), nothing),
    st.one_of(nothing, rescheduled),
    waiting,
    st.one_of(
        in_any_order("edit", "open_only", "commit_late", "beat"), in_any_order("edit", "beat"), nothing
    ),
)
happenings = st.lists(a_week, min_size=2, max_size=5).map(
    lambda weeks: [happened for week in weeks for part in week for happened in part]
)


@pytest.fixture
def places() -> Iterator[str]:
    """A place for each story, so that no group hears of another's."""
    from register.reference.models import PoliceArea

    return iter(PoliceArea.objects.order_by("slug").values_list("slug", flat=True))


@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(begins=st.sampled_from(BEGINNINGS), happens=happenings)
def test_every_edit_is_in_exactly_one_edition_and_windows_tile(
    committed: Any, places: Iterator[str], begins: datetime, happens: list[tuple[Any, ...]]
) -> None:
    with story(committed, begins, next(places)) as ours:
        for verb, *how in happens:
            if verb in ("on", "off"):
                ours.switch(is_on=verb == "on")
            else:
                getattr(ours, verb)(*how)
        # In the end all is quiet, and the last of it is told.
        ours.beat()
        ours.commit_late()
        ours.wait(6 * 7 * 24)
        ours.beat()
    model, told = ours.model, ours.told()
    assert list(told) == model.windows
    owed = {edit.token: edit.told_in for edit in model.edits if edit.told_in}
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for window, words in told.items():
        for word in words:
            found.setdefault(word, []).append(window)
    assert {word: windows for word, windows in found.items() if word in owed} == {
        word: [window] for word, window in owed.items()
    }
    others = {edit.token: edit for edit in model.edits if edit.token not in owed}
    assert all(
        others[word].is_late and not others[word].is_owed and len(found[word]) == 1
        for word in found.keys() - owed.keys()
    )
    assert all(edit.told_in for edit in model.edits if edit.is_owed and model.is_on)
