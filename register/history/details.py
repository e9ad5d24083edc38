"""What was and what is, column by column: the table under an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from register.history.columns import COLUMNS, label, show
from register.history.folding import ADDED, CHANGED, REMOVED, Net
from register.history.sayings import Teller

RECORD, PARTNER, MOVE = "register_initiative", "register_initiativepartner", "register_stagemove"
# What a row is called in front of its columns.
NOUNS = {
    MOVE: "move",
    "register_update": "update",
    "register_milestone": "milestone",
    "register_benefit": "benefit",
    "register_savingline": "saving",
    "register_costline": "cost",
    "register_fundingline": "funding",
    "register_statedfigure": "stated figure",
    "register_barrier": "barrier",
    "register_agreement": "agreement",
    "register_document": "document",
    "register_source": "source",
    "register_decision": "review",
}


@dataclass(frozen=True)
class Detail:
    """One value that changed, in words ready to show; empty for none."""

    label: str
    before: str
    after: str


def details_of(net: Net, teller: Teller) -> Iterator[Detail]:
    """Each value that differs. A new row shows what it holds, a removed one what it held."""
    if net.table == PARTNER:
        yield from _of_partner(net, teller)
        return
    told_by_the_record = net.table == MOVE and net.how == ADDED
    for column in COLUMNS.get(net.table, {}):
        if column not in net.columns or (told_by_the_record and column not in ("why", "happened_on")):
            continue
        if net.row.get(column) is False and net.how != CHANGED:
            continue  # what a new row is not needs no line
        before, after = _values(net, column, teller)
        if before != after:
            yield Detail(_label(net.table, column), before, after)


def _values(net: Net, column: str, teller: Teller) -> tuple[str, str]:
    before = "" if net.how == ADDED else show(net.table, column, net.before, teller.names)
    after = "" if net.how == REMOVED else show(net.table, column, net.after, teller.names)
    return before, after


def _label(table: str, column: str) -> str:
    noun = NOUNS.get(table)
    words = f"{noun}: {label(table, column)}" if noun else label(table, column)
    return words[0].upper() + words[1:]


def _of_partner(net: Net, teller: Teller) -> Iterator[Detail]:
    who = show(PARTNER, "organisation_id", net.row, teller.names)
    if net.how == CHANGED:
        for column in COLUMNS[PARTNER]:
            if column in net.columns:
                yield Detail(f"{who}: {label(PARTNER, column)}", *_values(net, column, teller))
        return
    words = ", ".join(w for c in COLUMNS[PARTNER] if (w := show(PARTNER, c, net.row, teller.names)))
    yield Detail("Partner", words if net.how == REMOVED else "", words if net.how == ADDED else "")
