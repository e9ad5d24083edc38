"""What every picture is made of: a number with its link, its step on the ramp, the length of a bar, a tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

# Hexagons in rows, odd rows half a tile to the right.
ACROSS, DOWN = 62.0, 53.7  # from one tile to the next
HALF, RADIUS = 30.0, 34.64
MARGIN = 2.0


@dataclass(frozen=True)
class Number:
    """A count and the list that holds exactly that many. A nought has no list."""

    n: int
    href: str = ""
    level: int = 0  # 0 to 5 on the ramp, where the number stands in a grid

    def __str__(self) -> str:
        return f"{self.n:,}"


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart that is its own table."""

    label: str
    number: Number
    width: str  # per cent of the longest, as SVG wants it
    code: str = ""
    is_late: bool = False
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hexagon:
    """One tile, and where its name and its number stand, as SVG wants them."""

    path: str
    x: str
    name_y: str
    value_y: str


def hexagon(column: float, row: int) -> Hexagon:
    """The tile so many tiles from the left (in halves) and from the top."""
    x = MARGIN + HALF + column * ACROSS
    y = MARGIN + RADIUS + row * DOWN
    corners = [
        (0, -RADIUS),
        (HALF, -RADIUS / 2),
        (HALF, RADIUS / 2),
        (0, RADIUS),
        (-HALF, RADIUS / 2),
        (-HALF, -RADIUS / 2),
    ]
    path = "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "z"
    return Hexagon(path, f"{x:.1f}", f"{y - 4:.1f}", f"{y + 15:.1f}")


def room(columns: float, rows: int) -> tuple[str, str]:
    """Width and height that so many tiles take, in a row and rows below each other."""
    return f"{columns * ACROSS + 2 * MARGIN - 2:.0f}", f"{(rows - 1) * DOWN + 2 * RADIUS + 2 * MARGIN:.0f}"


def level(n: int, most: int) -> int:
    """Where a number stands on the five steps of the ramp: evenly while there are few, by the root when many."""
    if n <= 0 or most <= 0:
        return 0
    return n if most <= 5 else max(1, round(5 * sqrt(n / most)))


def width(n: int, most: int) -> str:
    return f"{100 * n / most:.1f}" if most else "0"


def percentage(n: int, base: int) -> str:
    """Such as "62%"; below 1 and above 99 said so, never rounded to none or all."""
    if not base:
        return ""
    exact = 100 * n / base
    if 0 < exact < 1:
        return "under 1%"
    if 99 < exact < 100:
        return "over 99%"
    return f"{exact:.0f}%"


def bars(rows: Sequence[tuple[str, str, Number]], *, late: str = "") -> tuple[Bar, ...]:
    """Bars from (code, label, number); `late` names the code that is drawn in the colour of what is late."""
    most = max((number.n for _, _, number in rows), default=0)
    return tuple(
        Bar(label, number, width(number.n, most), code, is_late=bool(late) and code == late)
        for code, label, number in rows
    )
