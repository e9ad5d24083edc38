"""Drawing a script: the same for the same seed. A script is a list of steps that a person can read."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.faults.model import Timing
from tests.faults.stage import BEATS, IN_A_CHILD, WORKERS

# Where things happen, and whose records they are.
PLACES = {
    "derbyshire": "derbyshire-police",
    "kent": "kent-police",
    "essex": "essex-police",
}
# What each audience hears of: `wide` is a group that looks at what two others look at, `followed` one person's view.
REMITS = {
    "north": ["derbyshire"],
    "south": ["kent"],
    "wide": ["derbyshire", "kent"],
    "followed": ["essex"],
}
GROUPS = ["north", "south", "wide"]
ZONES = ["Europe/London", "America/New_York"]
RHYTHMS = ["week", "week", "week", "fortnight", "month"]
PAINLESS = ["refuse", "greylist", "busy", "stranger", "stall"]
PAINFUL = ["drop", "drop_untaken", "mute", "unknown", "spam"]


@dataclass(frozen=True)
class Step:
    verb: str
    what: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.verb, *(f"{name}={value}" for name, value in self.what.items())])


@dataclass(frozen=True)
class Script:
    seed: int
    monday: date
    timings: dict[str, Timing]
    people: dict[str, list[str]]
    steps: list[Step]


class Drawing:
    """One script being drawn. `rough`: worker or database may be killed and mail may vanish or be refused for good."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.rough = self.random.random() < 0.7
        self.steps: list[Step] = []
        self.tokens = 0
        self.weeks = self.random.choice([1, 2, 2, 3])
        self.shared = f"shared@{seed}.example"
        self.people = {
            "north": [f"north{n}@{seed}.example" for n in range(self.random.randint(2, 5))] + [self.shared],
            "south": [f"south{n}@{seed}.example" for n in range(self.random.randint(1, 4))] + [self.shared],
            "wide": [f"wide{n}@{seed}.example" for n in range(self.random.randint(1, 3))] + [self.shared],
            "followed": [f"reader@{seed}.example"],
        }

    def script(self) -> Script:
        draw = self.random
        monday = date(2026, 1, 5) + timedelta(weeks=draw.randrange(44))
        timings = {key: self._timing() for key in GROUPS}
        if draw.random() < 0.5:  # two that would say the same to one person in the same hour
            timings["wide"] = timings["north"]
        timings["followed"] = Timing(0, 7)
        for week in range(self.weeks):
            self._week(week)
        if self._is_late_open() or draw.random() < 0.3:
            self._closing_week()
        return Script(self.seed, monday, timings, self.people, self.steps)

    def _timing(self) -> Timing:
        draw = self.random
        return Timing(
            draw.randrange(5),
            draw.randint(6, 17),
            draw.choice(ZONES),
            draw.choice(RHYTHMS),
            draw.randrange(2),
        )

    def do(self, verb: str, **what: Any) -> None:
        self.steps.append(Step(verb, what))

    def _is_late_open(self) -> bool:
        return any(step.verb == "hold" for step in self.steps)

    def _token(self) -> str:
        self.tokens += 1
        return f"T{self.tokens:04}K"

    def _week(self, week: int) -> None:
        draw = self.random
        self.do("midweek", week=week)
        for _ in range(draw.randint(2, 4)):
            kind = draw.choice(["log", "barrier"])
            self.do("edit", place=draw.choice(list(PLACES)), token=self._token(), kind=kind)
        if not self._is_late_open() and draw.random() < 0.3:
            self.do("hold", place=draw.choice(list(PLACES)), token=self._token())
        if draw.random() < 0.4:
            self._people_change()
        # What is there before the slot meets everything that is sent; what comes after it, some.
        draw.choice([self._fault, self._painless, self._slow, self._slow, lambda: None])()
        self.do("slots", week=week, one_by_one=draw.random() < 0.5)
        for _ in range(draw.choice([1, 1, 2, 3]) if self.rough else draw.choice([0, 1, 2])):
            self._until()
            self._fault()
        if self._is_late_open() and draw.random() < 0.5:
            self.do("commit")
        # Mail that could not go for a week is given up, as it should be: of a gentle script all must arrive.
        if draw.random() < 0.6 or week == self.weeks - 1 or not self.rough:
            self.do("settle")
            if draw.random() < 0.7:
                self.do("release")
                self.do("settle")
        elif draw.random() < 0.5:
            self.do("heal")

    def _closing_week(self) -> None:
        """Nothing happens any more, so that what was left to the next edition is told."""
        self.do("commit")
        self.do("slots", week=self.weeks, one_by_one=False)
        self.do("settle")

    def _people_change(self) -> None:
        draw = self.random
        audience = draw.choice(GROUPS)
        kind = draw.choice(["leave", "refuse", "join", "pause"])
        if kind == "join":
            email = f"late{self.tokens}@{self.seed}.example"
        else:
            # The first stays, so that there is somebody to send to.
            email = draw.choice(self.people[audience][1:])
        more = {"weeks": draw.randint(1, 3)} if kind == "pause" else {}
        self.do(kind, audience=audience, email=email, **more)

    def _until(self) -> None:
        self.do(
            "until", what=self.random.choice(["claimed", "taken", "opened"]), more=self.random.randint(1, 3)
        )

    def _fault(self) -> None:
        draw = self.random
        gentle = [self._kill_beat, self._broker, self._flush, self._painless]
        rough = [self._kill_worker, self._kill_worker, self._stand_still, self._database, self._painful]
        draw.choice(gentle + rough * 2 if self.rough else gentle)()

    def _kill_beat(self) -> None:
        for name in self.random.choice([BEATS[:1], BEATS[1:], BEATS]):
            self.do("kill", name=name)
        if self.random.random() < 0.5:
            self.do("start")

    def _kill_worker(self) -> None:
        draw = self.random
        if draw.random() < 0.6:
            # While the mail server thinks, so that some die before it takes a message and some before the mark.
            self.do("until", what=self._slow(), more=1)
        for name in draw.sample(WORKERS, draw.choice([1, 1, 2, 4])):
            self.do("kill", name=name, child=name in IN_A_CHILD and draw.random() < 0.5)
        if draw.random() < 0.5:
            self.do("start")

    def _stand_still(self) -> None:
        self.do("until", what=self._slow(), more=1)
        for name in self.random.sample(WORKERS, self.random.choice([1, 2])):
            self.do("stand_still", name=name)

    def _database(self) -> None:
        self.do("database", whole=self.random.random() < 0.6)

    def _broker(self) -> None:
        self.do("broker", back=self.random.random() < 0.5)

    def _flush(self) -> None:
        self.do("flush")

    def _painless(self) -> None:
        self.do("sink", mode=self.random.choice(PAINLESS), who=[])

    def _slow(self) -> str:
        """It takes its time, before it takes a message or before it says so; what happens just before that."""
        mode = self.random.choice(["slow", "slow_start"])
        self.do("sink", mode=mode, who=[])
        return "taken" if mode == "slow" else "claimed"

    def _painful(self) -> None:
        draw = self.random
        everyone = sorted({email for people in self.people.values() for email in people})
        self.do("sink", mode=draw.choice(PAINFUL), who=draw.sample(everyone, draw.randint(1, 2)))
