"""Money in whole pence: how it is shown, and how what people type is read."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

UNITS = {"": 1, "k": 1_000, "thousand": 1_000, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
TYPED = re.compile(
    r"^\s*(?P<minus>-)?\s*£?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"\s*(?P<unit>k|thousand|m|million|bn|billion)?\s*$",
    re.IGNORECASE,
)
# Wider than any public service's budget, narrow enough for a slip of the finger.
MOST_PENCE = 10**13
LONGEST = 60


class MoneyError(ValueError):
    """What was typed is not an amount. The message says what to do."""


def read_pounds(text: str) -> int:
    """Pence from what somebody typed: "£1.2m", "950,000", "2.5 million", "£12.50". MoneyError otherwise."""
    match = TYPED.match(text.replace("\u00a0", " ")) if len(text) <= LONGEST else None
    if match is None:
        raise MoneyError("Write an amount in pounds, like £1.2m, £950,000 or 2500.")
    if match["minus"]:
        raise MoneyError("Write an amount of nought or more.")
    pence = Decimal(match["number"].replace(",", "")) * UNITS[(match["unit"] or "").lower()] * 100
    if pence != pence.to_integral_value():
        raise MoneyError("Write no fractions of a penny.")
    if pence > MOST_PENCE:
        raise MoneyError("That is more than £100 billion. Check the amount.")
    return int(pence)


def exact(pence: int) -> str:
    """£1,200,000, with pence only where there are any."""
    pounds, rest = divmod(abs(pence), 100)
    sign = "-" if pence < 0 else ""
    return f"{sign}£{pounds:,}" + (f".{rest:02d}" if rest else "")


def in_words(pence: int) -> str:
    """£1.2 million, £35.0 million, £950,000: for sentences and figures."""
    return _scaled(pence, " million", " billion")


def short(pence: int) -> str:
    """£1.2m: for narrow columns only."""
    return _scaled(pence, "m", "bn")


def _scaled(pence: int, million: str, billion: str) -> str:
    pounds = Decimal(pence) / 100
    # What rounds up to a thousand million is a billion, and to a thousand thousand a million.
    if abs(pounds) >= Decimal("999950000"):
        return f"{_rounded(pounds / 10**9)}{billion}"
    if abs(pounds) >= Decimal("999999.5"):
        return f"{_rounded(pounds / 10**6)}{million}"
    return exact(int(pounds.quantize(Decimal(1), ROUND_HALF_UP)) * 100 if abs(pounds) >= 1000 else pence)


def _rounded(value: Decimal) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}£{abs(value).quantize(Decimal('0.1'), ROUND_HALF_UP)}"
