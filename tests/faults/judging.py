"""Comparing what was due with what the mail server took and what the register wrote down."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

from tests.faults.model import Audience

if TYPE_CHECKING:
    from tests.faults.playing import Play
    from tests.faults.stage import Stage

TOKEN = re.compile(r"T\d{4}K")
EDITIONS = """
SELECT e.id, coalesce(g.code, 'followed') AS key, e.starts_at, e.ends_at, e.state,
       coalesce(string_agg(i.content::text, ' '), '') AS said
  FROM register_edition e
  LEFT JOIN register_workinggroup g ON g.id = e.group_id
  LEFT JOIN register_editionitem i ON i.id = ANY(e.says)
 GROUP BY e.id, g.code ORDER BY e.starts_at
"""
DELIVERIES = """
SELECT d.edition_id, u.email, d.state, d.why, d.message_id, d.sent_at
  FROM register_delivery d JOIN register_user u ON u.id = d.user_id
"""
# So far apart (in seconds) two clocks may see one kill: ours, before it, and the mail server's, when it hears.
HEARD = 1.0
# So long (in seconds) after the mail server took a message a worker knows of it that writes another.
KNOWN = 10.0


@dataclass
class Facts:
    """What is left when a script is over."""

    editions: Sequence[dict[str, Any]]
    deliveries: Sequence[dict[str, Any]]
    mail: Sequence[dict[str, Any]]
    now: datetime
    # Real moments when a worker or the database was killed, or a worker stopped.
    kills: Sequence[float] = ()
    held: frozenset[str] = frozenset()
    released: dict[str, int] = field(default_factory=dict)
    releases: int = 0
    # A worker that stands still writes down late what it sent.
    has_stood_still: bool = False


@dataclass
class Verdict:
    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    # No kill, no connection that broke and no silence of the mail server fell between acceptance and mark.
    is_calm: bool = True


class Judge:
    def __init__(self, audiences: Iterable[Audience], facts: Facts) -> None:
        self.audiences, self.facts = {audience.key: audience for audience in audiences}, facts
        self.verdict = Verdict()
        self.taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in facts.mail:
            if line["what"] == "taken" and line["list"]:
                self.taken[line["id"]].append(line)
        self.unanswered = {line["id"] for line in facts.mail if line["what"] == "unanswered"}
        self.interrupted = self._interrupted()
        self.refused = Counter(
            line["to"] for line in facts.mail if line["what"] == "refused" and line["code"] >= 500
        )
        self.rows = {(row["edition_id"], row["email"]): row for row in facts.deliveries}
        self.verdict.is_calm = not (self.unanswered or self.interrupted)

    def _interrupted(self) -> list[dict[str, Any]]:
        """The last messages of connections to the mail server that a kill ended after a recipient was taken.

        From then on the message may be on its way, until its end is written down: as the text of the next one begins
        (when that is asked for, it is still to do), or the connection is closed.
        """
        last: dict[int, list[dict[str, Any]]] = defaultdict(list)
        found = []
        for line in self.facts.mail:
            if line["what"] == "asked":
                before = [one for one in last[line["session"]] if one["what"] == "taken"]
                last[line["session"]] = [*before, line]
            elif line["what"] == "taken":
                last[line["session"]] = [line]
            elif line["what"] == "closed":
                for begun in last.pop(line["session"], ()):
                    first, end = begun["at"] - HEARD, line["at"] + HEARD
                    found += [begun] if any(first <= kill <= end for kill in self.facts.kills) else []
        return found

    def judge(self) -> Verdict:
        for key, audience in self.audiences.items():
            windows = [edition for edition in self.facts.editions if edition["key"] == key]
            self._windows(audience, windows)
            told: Counter[str] = Counter()
            for window in windows:
                told.update(self._window(audience, window))
            for edit in audience.edits:
                if told[edit.token] > 1 or (told[edit.token] == 0 and self._could_be_told(audience, edit)):
                    self._complain(f"{key}: {edit.token} was told {told[edit.token]} times")
        self._copies()
        self._strangers()
        self.verdict.counts["releases"] = self.facts.releases
        self.verdict.counts["ever_held"] = len(self.facts.held)
        self.verdict.counts["ever_held_not_taken"] = len(self.facts.held - self.taken.keys())
        return self.verdict

    def _complain(self, what: str) -> None:
        self.verdict.complaints.append(what)

    def _could_be_told(self, audience: Audience, edit: Any) -> bool:
        return any(slot > (edit.committed or edit.at) for slot in audience.slots(self.facts.now))

    def _windows(self, audience: Audience, windows: list[dict[str, Any]]) -> None:
        """They tile time from the anchor to the last slot that passed, each ending at a slot."""
        slots = set(audience.slots(self.facts.now))
        if {window["ends_at"] for window in windows} - slots:
            self._complain(f"{audience.key}: a window does not end at a slot")
        edges = [audience.anchor, *(window["starts_at"] for window in windows[1:])]
        if [window["starts_at"] for window in windows] != edges[: len(windows)] or any(
            one["ends_at"] != other["starts_at"] for one, other in pairwise(windows)
        ):
            self._complain(f"{audience.key}: its windows do not meet")
        if max((window["ends_at"] for window in windows), default=None) != max(slots, default=None):
            self._complain(f"{audience.key}: a slot passed without an edition")

    def _window(self, audience: Audience, window: dict[str, Any]) -> set[str]:
        start, end = window["starts_at"], window["ends_at"]
        where = f"{audience.key} to {end:%d %B %H:%M}"
        told = set(TOKEN.findall(window["said"]))
        missing = audience.must_tell(start, end) - told
        extra = told - audience.must_tell(start, end) - audience.may_tell(end)
        if missing or extra:
            self._complain(f"{where}: does not tell {sorted(missing)}, tells {sorted(extra)}")
        if (window["state"] == "ready") != bool(told):
            self._complain(f"{where}: is {window['state']} with {len(told)} things to tell")
        for email in audience.joined:
            self._person(audience, window, email, told, f"{where} for {email}")
        return told

    def _person(
        self, audience: Audience, window: dict[str, Any], email: str, told: set[str], where: str
    ) -> None:
        row = self.rows.get((window["id"], email))
        copies = self.taken.get(row["message_id"], []) if row else []
        due = audience.is_due(email, window["ends_at"])
        if due is False or not told:
            if copies or row:
                self._complain(f"{where}: was not due")
            return
        if due is None and row is None:
            return
        self.verdict.counts["messages_due"] += 1
        if row and row["sent_at"] and audience.is_paused(email, row["sent_at"]):
            self._complain(f"{where}: was paused")
        brought = told & self._brought_by_others(audience, window, email)
        for copy in copies:
            said = set(copy["tokens"])
            if copy["to"] != email or not told - brought <= said <= told or audience.key not in copy["list"]:
                self._complain(f"{where}: got {copy['to']} {copy['list']} {copy['tokens']}")
        self._class(audience, row, bool(copies), None if brought == told else due, where, window)

    def _brought_by_others(self, audience: Audience, window: dict[str, Any], email: str) -> set[str]:
        """What somebody was brought by digests of other groups in the same week: it may be left out here."""
        found: set[str] = set()
        for other in self.facts.editions:
            row = self.rows.get((other["id"], email))
            if row and other["key"] != audience.key and _in_one_week(other, window):
                found.update(*(copy["tokens"] for copy in self.taken.get(row["message_id"], [])))
        return found

    def _class(
        self,
        audience: Audience,
        row: dict[str, Any] | None,
        was_taken: bool,
        due: bool | None,
        where: str,
        window: dict[str, Any],
    ) -> None:
        counts = self.verdict.counts
        state = row["state"] if row else "missing"
        # What its reader did not want is kept back; what the mail server refused for good has not arrived.
        is_kept_back = bool(row) and state == "skipped" and self.refused[row["email"]] < 2
        counts["kept_back"] += is_kept_back
        if not is_kept_back and not (row and self._was_interrupted(row)):
            counts["undisturbed_due"] += 1
            counts["undisturbed"] += was_taken and state == "sent"
        if state in ("held", "failed", "skipped"):
            assert row
            counts["taken_unmarked"] += was_taken
            counts[state] += 1
            self.verdict.reasons[f"{state}: {row['why']}"] += 1
            if problem := self._unexplained(audience, row, due, window):
                self._complain(f"{where}: {state}, {problem} (why: {row['why']!r})")
        elif was_taken and state == "sent":
            counts["delivered"] += 1
        else:
            counts["lost"] += 1
            self._complain(f"{where}: lost, its delivery is {state}")

    def _unexplained(
        self, audience: Audience, row: dict[str, Any], due: bool | None, window: dict[str, Any]
    ) -> str:
        """What is wrong with a delivery that ended so; empty when a fault of this script explains it."""
        if not row["why"]:
            return "says nothing of why"
        refusals = self.refused[row["email"]]
        next_is_due = any(slot > window["ends_at"] for slot in audience.slots(self.facts.now))
        if row["state"] == "skipped":
            return "" if due is None or refusals >= 2 else "though nothing kept it"
        if row["state"] == "failed" and not refusals and not next_is_due:
            return "though nobody refused it and it could still be tried"
        if row["state"] == "held" and not self._was_interrupted(row):
            return "though nothing fell between its acceptance and its mark"
        return ""

    def _was_interrupted(self, row: dict[str, Any]) -> bool:
        if row["message_id"] in self.unanswered:
            return True
        return any(
            line["to"] == row["email"] and line.get("id", row["message_id"]) == row["message_id"]
            for line in self.interrupted
        )

    def _copies(self) -> None:
        """No message twice but by a person's choice, and nothing told twice to anybody in different messages."""
        for message_id, copies in self.taken.items():
            chosen = min(len(copies) - 1, self.facts.released.get(message_id, 0))
            self.verdict.counts["persons_choice"] += chosen
            if more := len(copies) - 1 - chosen:
                self.verdict.counts["duplicates"] += more
                self._complain(f"{copies[0]['to']} got {message_id} {len(copies)} times")
        messages: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for message_id, copies in self.taken.items():
            for token in copies[0]["tokens"]:
                messages[copies[0]["to"], copies[0]["list"], token].add(message_id)
        self._of_two_groups()
        for (to, _, token), ids in messages.items():
            if len(ids) > 1:
                self.verdict.counts["duplicates"] += len(ids) - 1
                self._complain(f"{to} was told {token} in {len(ids)} messages")

    def _of_two_groups(self) -> None:
        """Nothing is told to anybody by two groups in one week, once one of them is known to have brought it."""
        editions = {edition["id"]: edition for edition in self.facts.editions}
        brought = [
            (row["email"], editions[row["edition_id"]], copies[0])
            for row in self.rows.values()
            if row["state"] == "sent" and row["message_id"] not in self.facts.held
            for copies in [self.taken.get(row["message_id"], [])]
            if len(copies) == 1
        ]
        for (to, one, first), (email, other, second) in permutations(brought, 2):
            if to == email and first["at"] + KNOWN < second["at"] and _in_one_week(one, other):
                twice = set(first["tokens"]) & set(second["tokens"])
                if one["key"] != other["key"] and twice and not self.facts.has_stood_still:
                    self._complain(f"{to} was told {sorted(twice)} by {one['key']} and by {other['key']}")

    def _strangers(self) -> None:
        known = {row["message_id"] for row in self.facts.deliveries}
        for message_id in self.taken.keys() - known:
            self._complain(
                f"{self.taken[message_id][0]['to']} got {message_id}, which is written down nowhere"
            )


def _in_one_week(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(abs(one["ends_at"] - other["ends_at"]) < timedelta(weeks=1))


def facts_of(stage: Stage, play: Play) -> Facts:
    """What a script left behind, read without the register's code."""
    return Facts(
        editions=stage.look(EDITIONS),
        deliveries=stage.look(DELIVERIES),
        mail=stage.mail_log(),
        now=stage.clock.now(),
        kills=[at for at, name in stage.kills if not name.startswith("beat")],
        held=frozenset(play.held),
        released=play.released,
        releases=play.releases,
        has_stood_still=play.has_stood_still,
    )
