"""Reading a kept pack through one reader's eyes: without the rows of records that they may not see any more.

Each row about one record carries its key as `initiative`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def keys_in(content: Any) -> set[int]:
    """The keys of all records that a content speaks of one by one."""
    if isinstance(content, dict):
        own = {content["initiative"]} if "initiative" in content else set()
        return own.union(*(keys_in(value) for value in content.values()))
    if isinstance(content, list):
        return set().union(*(keys_in(value) for value in content))
    return set()


def sensitive_in(content: Any) -> set[int]:
    """Of those the ones that are marked as sensitive."""
    if isinstance(content, dict):
        own = {content["initiative"]} if content.get("sensitive") and "initiative" in content else set()
        return own.union(*(sensitive_in(value) for value in content.values()))
    if isinstance(content, list):
        return set().union(*(sensitive_in(value) for value in content))
    return set()


def seen_by(content: Any, seen: set[int]) -> tuple[Any, int]:
    """The content without rows of records other than these, and how many rows were taken out."""
    if isinstance(content, dict):
        parts = {name: seen_by(value, seen) for name, value in content.items()}
        return {name: part for name, (part, _) in parts.items()}, sum(n for _, n in parts.values())
    if isinstance(content, list):
        kept = [
            row for row in content if not isinstance(row, dict) or row.get("initiative", -1) in {-1, *seen}
        ]
        rows = [seen_by(row, seen) for row in kept]
        return [row for row, _ in rows], len(content) - len(kept) + sum(n for _, n in rows)
    return content, 0


@dataclass(frozen=True)
class Marks:
    """How a record is marked now: whether it is sensitive, and how its owners want it handled."""

    is_sensitive: bool
    handling: str


def mark_as_now(content: Any, marks: Mapping[int, Marks]) -> None:
    """Mark the rows of records that have become sensitive since, and say on each how it is to be handled today.

    A paper keeps what records said; what its readers may do with it is up to the owners of today.
    """
    if isinstance(content, dict):
        now = marks.get(content.get("initiative", -1))
        if now is not None:
            content["sensitive"] = content.get("sensitive", False) or now.is_sensitive
            content["handling"] = now.handling
        content = list(content.values())
    for part in content if isinstance(content, list) else ():
        mark_as_now(part, marks)
