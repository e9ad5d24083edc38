"""What people do in a script: they edit, one of them slowly, come and go, and decide about what is held."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import Any

from django.db import Error, connections, transaction

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.services import grant_role, revoke_role
from register.catalogue.services import save_view
from register.core.clock import database_clock
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, stop_digest
from register.digests.models import Delivery
from register.digests.sending.delivery import send_again
from register.groups.services import set_remit
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier
from tests.factories import initiative, person, working_group
from tests.faults.drawing import PLACES, REMITS, Script
from tests.faults.model import LONDON, Audience, Edit
from tests.faults.stage import Stage


class People:
    """Everything that goes through the register's own write doors. `audiences` is what the model is told of it."""

    def __init__(self, stage: Stage, script: Script) -> None:
        self.stage, self.script = stage, script
        self.clock = stage.clock
        self.audiences: dict[str, Audience] = {}
        self.groups: dict[str, WorkingGroup] = {}
        self.records: dict[str, list[Initiative]] = {}
        self.people: dict[str, User] = {}
        # Messages that a person let go once more although they had arrived, or might yet: a worker that has stood
        # still may go on with one.
        self.released: dict[str, int] = {}
        self.releases = 0
        self.has_stood_still = False
        self._held: tuple[threading.Thread, threading.Event] | None = None

    def _work(self, work: Callable[[datetime], Any]) -> Any:
        """Do something as people do, at the moved time. Its servers may have been restarted since the last time."""
        connections.close_all()
        now = self.clock.now()
        with database_clock(now), origin("test"):
            return work(now)

    # -- the world that a script begins with

    def found(self) -> None:
        began = datetime.combine(self.script.monday - timedelta(days=9), time(8), tzinfo=LONDON)
        self.clock.set(began)
        self._work(self._records)
        self.clock.set(began + timedelta(days=7))
        self._work(self._audiences)

    def _records(self, now: datetime) -> None:
        for place, lead in PLACES.items():
            self.records[place] = [
                initiative(f"Old {place} {n}", lead=lead, parties=[], places=[place], on=now.date())
                for n in range(3)
            ]

    def _audiences(self, now: datetime) -> None:
        for key in REMITS:
            self._audience(key, now)

    def _audience(self, key: str, now: datetime) -> None:
        timing, places = self.script.timings[key], REMITS[key]
        if key == "followed":
            [email] = self.script.people[key]
            reader = self._person(email)
            save_view(by=reader, name="Followed", parameters={"place": places}, on=now.date(), follow=True)
            now = self._followed_since(email)
        else:
            group = self.groups[key] = working_group(code=key, name=f"{key.title()} group")
            set_remit(by=None, group=group, name=key, parameters={"place": places})
            set_schedule(by=None, group=group, at=now, **asdict(timing))
            for email in self.script.people[key]:
                _person_in(self._person(email), group)
        joined = dict.fromkeys(self.script.people[key], now)
        self.audiences[key] = Audience(key, timing, now, joined)

    def _person(self, email: str) -> User:
        if email not in self.people:
            self.people[email] = person(email=email, name=email.split("@")[0].title())
        return self.people[email]

    def _followed_since(self, email: str) -> datetime:
        [row] = self.stage.look("SELECT since FROM register_viewfollow")
        return row["since"]

    # -- what people do

    def do_midweek(self, week: int) -> None:
        """The Saturday before the week's slots, or later when it is past already."""
        day = self.script.monday + timedelta(weeks=week, days=-2)
        at = datetime.combine(day, time(10), tzinfo=LONDON)
        self.clock.set(max(at, self.clock.now() + timedelta(minutes=10)))

    def do_edit(self, place: str, token: str, kind: str) -> None:
        at = self._insist(token, lambda now: self._edit(place, token, kind, now))
        self._is_to_be_told(place, Edit(token, at))

    def _is_to_be_told(self, place: str, edit: Edit) -> None:
        for key, places in REMITS.items():
            if place in places:
                self.audiences[key].edits.append(edit)

    def _insist(self, token: str, work: Callable[[datetime], datetime]) -> datetime:
        """Somebody whose page shows an error looks whether it was saved, and if not does it again."""
        while True:
            try:
                return self._work(work)
            except Error:
                self.stage.start_database()
                if found := self.stage.look(
                    f"SELECT max(at) AS at FROM register_change WHERE after::text LIKE '%{token}%'"
                )[0]["at"]:
                    return found

    def _edit(self, place: str, token: str, kind: str, now: datetime) -> datetime:
        day = now.astimezone(LONDON).date()
        if kind == "log":
            initiative(f"New {token}", lead=PLACES[place], parties=[], places=[place], on=day)
        else:
            record = self.records[place][len(token) % 2]
            raise_barrier(
                by=None, initiative=record, title=f"Wall {token}", category="governance",
                severity="high", remover="local", raised_on=day, on=day,
            )  # fmt: skip
        return now

    def do_hold(self, place: str, token: str) -> None:
        """Begin an edit whose transaction stays open until `commit`."""
        wrote, may_commit = threading.Event(), threading.Event()
        now, record = self.clock.now(), self.records[place][2]
        day = now.astimezone(LONDON).date()

        def write() -> None:
            # The database may die under it: then it never happened.
            with contextlib.suppress(Error):
                try:
                    with database_clock(now), origin("test"), transaction.atomic():
                        raise_barrier(
                            by=None, initiative=record, title=f"Wall {token}", category="governance",
                            severity="high", remover="local", raised_on=day, on=day,
                        )  # fmt: skip
                        wrote.set()
                        may_commit.wait()
                finally:
                    wrote.set()
                    connections.close_all()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        wrote.wait()
        self._held = thread, may_commit
        self._held_edit = place, Edit(token, now)

    def do_commit(self) -> None:
        if self._held:
            self.let_go()
            place, edit = self._held_edit
            if self.stage.look(f"SELECT 1 FROM register_barrier WHERE title = 'Wall {edit.token}'"):
                self._is_to_be_told(place, replace(edit, committed=self.clock.now()))

    def let_go(self) -> None:
        if self._held:
            thread, may_commit = self._held
            self._held = None
            may_commit.set()
            thread.join()

    def do_join(self, audience: str, email: str) -> None:
        self._work(lambda _: _person_in(self._person(email), self.groups[audience]))
        self.audiences[audience].joined[email] = self.clock.now()

    def do_leave(self, audience: str, email: str) -> None:
        grants = RoleGrant.objects.filter(user=self.people[email], group=self.groups[audience])
        self._go(audience, email, lambda: _revoke(grants))

    def do_refuse(self, audience: str, email: str) -> None:
        user, group = self.people[email], self.groups[audience]
        self._go(audience, email, lambda: stop_digest(by=user, user=user, group=group))

    def do_pause(self, audience: str, email: str, weeks: int) -> None:
        """Until some weeks later. Who has left it pauses nothing."""
        ours = self.audiences[audience]
        if email in ours.left or email in ours.paused:
            return
        user, group = self.people[email], self.groups[audience]
        on = self.clock.now().astimezone(LONDON).date()
        until = on + timedelta(weeks=weeks)
        self._work(lambda _: pause_digest(by=user, user=user, group=group, until=until, on=on))
        ours.paused[email] = self.clock.now(), until

    def _go(self, audience: str, email: str, how: Callable[[], Any]) -> None:
        self._work(lambda _: how())
        self.audiences[audience].left.setdefault(email, self.clock.now())

    def do_release(self) -> None:
        """A person looks at what is held, and decides to send it, taken or not."""
        taken = {line["id"] for line in self.stage.mail_log() if line["what"] == "taken"}

        def release(now: datetime) -> None:
            held = Delivery.objects.filter(state="held")
            for message_id in held.values_list("message_id", flat=True):
                self.releases += 1
                if message_id in taken or self.has_stood_still:
                    self.released[message_id] = self.released.get(message_id, 0) + 1
            send_again(by=None, deliveries=held, now=now)

        self._work(release)


def _person_in(user: User, group: WorkingGroup) -> None:
    grant_role(by=None, user=user, role="group_member", group=group)


def _revoke(grants: Any) -> None:
    for grant in grants:
        revoke_role(by=None, grant=grant)
