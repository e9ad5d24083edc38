"""How often each thing is met, after the real records of the sample."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Any

from register.initiatives.vocabulary import STAGES, Audience, Depth, PartnerRole, Standing
from register.pages.scale import words


class Odds:
    """Things and how often each is met, in parts of their sum."""

    def __init__(self, odds: dict[Any, float]) -> None:
        self.things = list(odds)
        self.sums = list(accumulate(odds.values()))

    def draw(self, draw: Random) -> Any:
        return self.things[bisect(self.sums, draw.random() * self.sums[-1])]


STAGE = Odds(dict(zip(STAGES, (8, 11, 10, 13, 12, 46), strict=True)))
EARLY_STANDING = Odds({Standing.ACTIVE: 76, Standing.DECLINED: 14, Standing.PAUSED: 10})
LATE_STANDING = Odds({Standing.ACTIVE: 84, Standing.CLOSED: 11, Standing.PAUSED: 5})
DEPTH = Odds(dict(zip(["", *Depth], (12, 14, 25, 10, 17, 11, 5, 5, 1), strict=True)))
AUDIENCE = Odds(
    {
        Audience.EVERYONE: 89,
        Audience.PARTNERS: 5,
        Audience.PARTNERS_AND_GROUPS: 3,
        Audience.DRAFT: 3,
    }
)
MIX = Odds(
    {
        ("police", "fire"): 25,
        ("fire", "ambulance"): 14,
        ("police", "fire", "ambulance"): 13,
        ("police", "council"): 12,
        ("police", "police"): 8,
        ("police", "fire", "council"): 7,
        ("fire", "council"): 6,
        ("police", "fire", "ambulance", "council"): 5,
        ("fire", "fire"): 4,
        ("police", "ambulance"): 4,
        ("police",): 2,
    }
)
MORE = Odds({0: 52, 1: 24, 2: 12, 3: 7, 4: 5})
ROLE = Odds(
    {
        PartnerRole.PARTY: 82,
        PartnerRole.HOST: 5,
        PartnerRole.FUNDER: 4,
        PartnerRole.CONSULTED: 4,
        PartnerRole.SUPPLIER: 3,
        PartnerRole.OBSERVER: 2,
    }
)
REASON = Odds(dict(zip(words.ENDINGS, (30, 12, 18, 10, 9, 4, 4, 9, 4), strict=True)))
NO_FIGURE = Odds(
    {"never_asked": 45, "not_stated": 25, "too_early": 15, "pooled_in_budgets": 10, "not_about_money": 5}
)
LATER = Odds({0: 22, 1: 22, 2: 19, 3: 14, 4: 10, 5: 6, 6: 4, 8: 2, 12: 1})
DONE = Odds({"update": 46, "confirm": 22, "barrier": 12, "benefit": 12, "milestone": 8})
