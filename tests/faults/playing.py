"""Playing a script: what happens to what the register runs on, and the passing of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connections

from bluelight.embedded.processes import wait_until
from tests.faults.drawing import Script, Step
from tests.faults.people import People
from tests.faults.stage import Stage

# How long a step waits for what it wants to interrupt, and how long the end may take.
PATIENCE, SETTLING = 1.2, 60.0
LEFT = """
SELECT (SELECT count(*) FROM register_edition WHERE state = 'open') AS unbuilt,
       count(*) FILTER (WHERE state = 'waiting') AS waiting,
       count(*) FILTER (WHERE state IN ('claimed', 'sending')) AS claimed,
       min(due_at) FILTER (WHERE state = 'waiting') AS due_at,
       min(claimed_at) FILTER (WHERE state IN ('claimed', 'sending')) AS claimed_at,
       sum(attempts) AS attempts,
       (SELECT count(*) FROM register_edition) AS opened
  FROM register_delivery
"""


class UnsettledError(RuntimeError):
    """All faults are over, everything runs, and something is still left to do."""


class Play(People):
    """One script on a stage."""

    def __init__(self, stage: Stage, script: Script) -> None:
        super().__init__(stage, script)
        self.held: set[str] = set()  # messages that were held at some time

    def run(self) -> None:
        self.stage.begin()
        self.found()
        self.stage.heal()
        try:
            for step in self.script.steps:
                self._play(step)
        finally:
            self.let_go()
            connections.close_all()

    def _play(self, step: Step) -> None:
        getattr(self, f"do_{step.verb}")(**step.what)

    # -- what happens to what it runs on

    def do_kill(self, name: str, child: bool = False) -> None:
        if name in self.stage.up:
            self.stage.kill(name, child=child)

    def do_stand_still(self, name: str) -> None:
        if name in self.stage.up:
            self.has_stood_still = True
            self.stage.stand_still(name)

    def do_start(self) -> None:
        self.stage.start_all()

    def do_database(self, whole: bool) -> None:
        self.stage.kill_database(whole=whole)
        self.stage.start_database()

    def do_broker(self, back: bool) -> None:
        self.stage.kill_broker()
        if back:
            self.stage.start_broker()

    def do_flush(self) -> None:
        self.stage.flush()

    def do_sink(self, mode: str, who: list[str]) -> None:
        self.stage.sink(mode, who)

    def do_heal(self) -> None:
        self.stage.heal()

    # -- time

    def do_slots(self, week: int, one_by_one: bool) -> None:
        """To five minutes past every audience's next slot: at a leap, or from one to the next."""
        now = self.clock.now()
        slots = (audience.next_slot(now) for audience in self.audiences.values())
        # A month's may be far: it is passed in its week.
        coming = sorted(slot for slot in slots if slot < now + timedelta(days=9))
        for slot in coming if one_by_one else coming[-1:]:
            if slot > self.clock.now():
                self.clock.set(slot + timedelta(minutes=5))
                self.do_until("opened", 1)

    def do_until(self, what: str, more: int) -> None:
        """Until so much has happened, or for a moment: nothing may ever happen while everything is down."""
        at_least = self._how_many(what) + more
        wait_until(lambda: self._how_many(what) >= at_least, PATIENCE)

    def _how_many(self, what: str) -> int:
        if what == "taken":
            return sum(line["what"] == "taken" for line in self.stage.mail_log())
        [left] = self.stage.look(LEFT)
        return int({"claimed": left["attempts"], "opened": left["opened"]}[what] or 0)

    def do_settle(self) -> None:
        self.stage.heal()
        seen: list[Any] = [None]

        def nothing_left() -> bool:
            # In this order: what is opened between the two looks is left.
            is_all_opened = self._is_all_opened()
            [left] = self.stage.look(LEFT)
            if is_all_opened and not (left["unbuilt"] or left["waiting"] or left["claimed"]):
                return True
            # Two looks a second apart that see the same: whatever is left waits for time to pass.
            state = tuple(left.values())
            if seen[0] != state:
                seen[:] = [state, self.clock.now()]
            elif self.clock.now() - seen[1] > timedelta(seconds=1):
                self._let_time_pass(left)
                seen[0] = None
            return False

        if not wait_until(nothing_left, SETTLING, every=0.05):
            left = f"Left: {self.stage.look(LEFT)}, all opened: {self._is_all_opened()}"
            raise UnsettledError(f"{left}\n{self.stage.state_of_things()}")
        held = self.stage.look("SELECT message_id FROM register_delivery WHERE state = 'held'")
        self.held.update(row["message_id"] for row in held)

    def _let_time_pass(self, left: dict[str, Any]) -> None:
        now = self.clock.now()
        if left["claimed"] and left["claimed_at"] < now:
            self.clock.set(max(now, left["claimed_at"] + timedelta(minutes=15, seconds=2)))
        elif left["waiting"] and left["due_at"] > now:
            self.clock.set(left["due_at"] + timedelta(seconds=1))

    def _is_all_opened(self) -> bool:
        rows = self.stage.look(
            "SELECT coalesce(g.code, 'followed') AS key, max(e.ends_at) AS told_to"
            "  FROM register_edition e LEFT JOIN register_workinggroup g ON g.id = e.group_id GROUP BY 1"
        )
        told_to = {row["key"]: row["told_to"] for row in rows}
        now = self.clock.now()
        return all(told_to.get(key) == audience.last_slot(now) for key, audience in self.audiences.items())
