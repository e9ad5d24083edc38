"""Reading a kept pack through one reader's eyes: without the rows of records that they may not see any more.

Each row about one record carries its key as `initiative`.
"""

from __future__ import annotations

from typing import Any


def keys_in(content: Any) -> set[int]:
    """The keys of all records that a content speaks of one by one."""
    if isinstance(content, dict):
        own = {content["initiative"]} if "initiative" in content else set()
        return own.union(*(keys_in(value) for value in content.values()))
    if isinstance(content, list):
        return set().union(*(keys_in(value) for value in content))
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


def mark_sensitive(content: Any, keys: set[int]) -> None:
    """Mark the rows of these records, which have become sensitive since."""
    if isinstance(content, dict):
        if content.get("initiative") in keys:
            content["sensitive"] = True
        content = list(content.values())
    for part in content if isinstance(content, list) else ():
        mark_sensitive(part, keys)
