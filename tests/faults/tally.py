"""Adding up what the scripts found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.faults.judging import Verdict

TOLD = ("messages_due", "delivered", "skipped", "held", "failed", "duplicates", "lost")
# Where nothing fell between acceptance and mark, so much must be delivered of what its reader had not kept back: of all
# messages of all scripts of which that is true, and of those of the scripts in which nothing of that kind happened at
# all. What the mail server refuses for good, and what was given up, counts as not delivered.
ENOUGH = 0.95


class Tally:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.scripts = 0
        self.counts: Counter[str] = Counter()
        self.calm: Counter[str] = Counter()
        self.failing: list[int] = []

    def add(self, seed: int, verdict: Verdict) -> None:
        self.scripts += 1
        self.counts.update(verdict.counts)
        if verdict.is_calm:
            self.calm.update(verdict.counts)
            self.calm["scripts"] += 1
        if verdict.complaints:
            self.failing.append(seed)

    @property
    def calm_share(self) -> float:
        due = self.calm["messages_due"] - self.calm["kept_back"]
        return self.calm["delivered"] / due if due else 1.0

    @property
    def undisturbed_share(self) -> float:
        due = self.counts["undisturbed_due"]
        return self.counts["undisturbed"] / due if due else 1.0

    @property
    def is_good(self) -> bool:
        return not (self.failing or self.counts["duplicates"] or self.counts["lost"]) and (
            min(self.calm_share, self.undisturbed_share) >= ENOUGH
        )

    def write(self, place: Path) -> None:
        told = {"scripts": self.scripts} | {name: self.counts[name] for name in TOLD}
        told |= {
            # Held, skipped or failed ones that the mail server had taken, and second copies that a person let go.
            "taken_unmarked": self.counts["taken_unmarked"],
            "persons_choice": self.counts["persons_choice"],
            "releases": self.counts["releases"],
            "ever_held": self.counts["ever_held"],
            "ever_held_not_taken": self.counts["ever_held_not_taken"],
        }
        more = {
            "undisturbed_due": self.counts["undisturbed_due"],
            "undisturbed_share": round(self.undisturbed_share, 4),
            "calm_scripts": self.calm["scripts"],
            "calm_share": round(self.calm_share, 4),
        }
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            json.dumps(told | more | {"seed": self.seed, "failing": self.failing}, indent=1) + "\n",
            encoding="utf-8",
        )

    def __str__(self) -> str:
        told = ", ".join(f"{self.counts[name]} {name.replace('_', ' ')}" for name in TOLD)
        lines = [
            f"{self.scripts} scripts: {told}",
            f"{self.counts['ever_held']} were held at some time, {self.counts['ever_held_not_taken']} of which had not"
            f" arrived; a person released {self.counts['releases']}",
            f"{self.counts['taken_unmarked']} of those held, skipped or failed had arrived all the same;"
            f" {self.counts['persons_choice']} second copies went out because a person decided so",
            f"{self.counts['undisturbed_due']} messages that their readers wanted and between whose acceptance and mark"
            f" nothing fell: {self.undisturbed_share:.1%} delivered; of the {self.calm['scripts']} scripts in which"
            f" nothing of that kind happened at all, {self.calm_share:.1%}",
        ]
        lines += [f"Failed: make test-faults FAULTS='--seed {seed} --scripts 1'" for seed in self.failing]
        return "\n".join(lines)
