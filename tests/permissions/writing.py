"""docs/permissions.md: the table, for people."""

from __future__ import annotations

from pathlib import Path

from tests.permissions.table import EXPECTED, cells, rows

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

# How a kind of thing is headed, and what its words mean.
THINGS = {
    "register": (
        "The register itself",
        "*Reads*: its lists, numbers and exports, of what the reader may see. *Logs*: adds an initiative. *Oversees*:"
        " finds every change and export. *Administers*: keeps organisations, areas of work and people.",
    ),
    "record": (
        "An initiative",
        "*Sees*: its page, documents and history, and may follow it. *Answers*: for the organisation that was notified"
        " of it. *Keeps*: changes it and what hangs on it. *Leads*: keeps it, deletes and restores it, and says who"
        " leads it. *Verifies*: marks a saving as checked. *Opens*: it is in no list or number, but opens, and that is"
        " recorded; *changes*: what was opened so."
        " *Restores*, *history*: of a deleted one.",
    ),
    "line": ("A line of money in an open initiative", "*Changes*: or takes it off. *Verifies*: marks it as checked."),
    "group": (
        "A working group",
        "*Sees*: its pages. *Decides*: records decisions, draws up asks. *Manages*: its members, meetings, remit and"
        " digest.",
    ),
    "view": ("A saved view of a contributor of the lead", "*Sees*: and may follow it. *Changes*: or deletes it."),
    "edition": ("An edition of a digest, in the archive", ""),
    "person": ("The page of a person", ""),
    "organisation": (
        "An organisation’s people",
        "*Manages*: sees who has an account and invites. *Administers*: says from which addresses one may ask.",
    ),
    "colleague": ("Somebody’s role at an organisation", "*Manages*: changes it, ends it, wakes a paused account."),
    "invitation": ("An invitation that waits for an answer", "*Manages*: sends it again, withdraws it."),
    "request": ("A request for access", "*Manages*: approves or refuses it."),
    "domain": ("An email domain of an organisation", "*Administers*: takes it off."),
    "account": ("Anybody’s account", "*Administers*: switches it off and on, exports and erases what is held."),
    "role": ("A role in a group or the register", "*Administers*: ends it."),
}  # fmt: skip
HEAD = """# Who may do what

Made by `make permissions` from the table in `tests/permissions/expected/`, which is written by hand from the rules
of the register. A test asks every address, as every kind of reader, of every kind of object, by GET and by POST, and
holds the answers against it. To change a rule, change the table first.

- A blank cell: nothing. What somebody may not see is not there for them: 404. What they see but may not change says
  so: 403.
- *Everyone* needs no sign-in; everybody else who is not signed in is asked to. *By link*: whoever has the signed
  link. *Their own*: what is theirs alone.
- The partners of the initiative below are *the lead*, *a party* and *one consulted*. *Open*: everyone signed in may
  see it. *Partners*: its partners. *Groups*: its partners and a named group. *Sensitive*: the same, marked
  OFFICIAL-SENSITIVE. *Draft*: its lead. The group members, chair and secretary are of the named group.
- A record's history tells each reader whole what was done while they might have seen the record, by the audience it had
  then; of the rest that it was done, when and by whom. Opening a record opens nothing of what it said before
  ([why](history.md#who-is-told-how-much)).
- An auditor reads everything and changes nothing but what is their own: saved views, what they follow, their digests.
- The administration of Django (`/admin/`) is for administrators alone; the pages under `/account/` are each person's
  own.
"""


def page() -> str:
    return "\n".join([HEAD, *(_thing(thing) for thing in THINGS)])


def _thing(thing: str) -> str:
    title, words = THINGS[thing]
    columns = cells(thing)
    readers = list(next(iter(columns.values())))
    parts = [f"## {title}", *([words] if words else [])]
    parts.append(
        _grid(["", *columns], [[reader, *(c[reader] for c in columns.values())] for reader in readers])
    )
    asked: dict[tuple[str, str], list[str]] = {}
    for row in rows():
        if row.of.removeprefix("open ") == thing:
            asked.setdefault((row.get, row.post), []).append(f"`{row.address}`")
    lines = [[get, post, " ".join(names)] for (get, post), names in asked.items()]
    parts.append(_grid(["GET asks", "POST asks", "Addresses"], lines))
    return "\n\n".join(parts) + "\n"


def _grid(head: list[str], lines: list[list[str]]) -> str:
    ruled = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in ruled)


def unheaded() -> set[str]:
    """Files of the table that the page would leave out."""
    return {path.stem for path in EXPECTED.glob("*.csv")} - {"addresses"} - set(THINGS)
