"""What is said of the record itself: its columns, partners, areas of work, places and named groups."""

from __future__ import annotations

from collections.abc import Iterator

from register.accounts.roles import Audience
from register.history.columns import COLUMNS, label
from register.history.folding import ADDED, CHANGED, REMOVED, Net
from register.history.lookup import KEEPER
from register.history.models import Change
from register.history.sayings.common import Said, Teller, because, had, line, listed, says, small, the
from register.initiatives.vocabulary import PartnerRole, Standing, StandingReason

TABLE = "register_initiative"
PARTNER = "register_initiativepartner"
MOVE = "register_stagemove"
LONG = ("purpose", "summary", "description", "unverified")
# These have a sentence of their own; the rest of the columns are "had its …".
OWN_WORDS = {
    "stage", "standing", "standing_reason", "standing_text", "deleted_at", "title", "audience", "marking",
    "open_to_replication", "no_figure_reason", "no_figure_text", "confirmed_on", "next_update_due",
}  # fmt: skip
MOST_SPELT_OUT = 2
SEEN_BY = {
    Audience.EVERYONE: "can now be seen by everyone signed in",
    Audience.PARTNERS: "can now be seen by its partners only",
    Audience.PARTNERS_AND_GROUPS: "can now be seen by its partners and named groups only",
    Audience.DRAFT: "went back to being a draft",
}
AGAIN = {Standing.PAUSED: "was taken up again", Standing.DECLINED: "was taken up after all"}


@says("initiative")
def _initiative(net: Net, teller: Teller) -> Iterator[Said]:
    if net.how == ADDED:
        yield _logged(net, teller)
    elif net.how == REMOVED:
        yield Said("deleted", "was taken out of the register for good")
    else:
        if "deleted_at" in net.columns:
            gone = net.after.get("deleted_at")
            yield Said("deleted", "was deleted") if gone else Said("restored", "was restored")
        if "standing" in net.columns:
            yield _standing(net, teller)
        if "stage" in net.columns:
            yield _stage(net, teller)
        yield from _edited(net, teller)


def _logged(net: Net, teller: Teller) -> Said:
    if net.after.get("deleted_at"):
        return Said("deleted", "was logged and deleted again")
    words = "was logged"
    if net.after["audience"] == Audience.DRAFT:
        words += " as a draft"
    words += f" at stage {teller.small(net, 'stage')}"
    if net.after["standing"] != Standing.ACTIVE:
        words += f", {teller.small(net, 'standing')}"
        if net.after["standing_reason"] != StandingReason.NOT_STATED:
            words += because(_because_of(net, teller))
    if net.after.get("compiled_from_sources"):
        words += ", from public sources"
    return Said("logged", words)


def _standing(net: Net, teller: Teller) -> Said:
    now = net.after["standing"]
    if now == Standing.ACTIVE:
        return Said("standing", AGAIN.get(net.before["standing"], "was opened again"), _why(net, teller))
    why = because(_because_of(net, teller))
    return Said("standing", f"was {teller.small(net, 'standing')}{why}", net.after.get("standing_text", ""))


def _because_of(net: Net, teller: Teller) -> str:
    return net.after.get("standing_text") or small(teller.word(net, "standing_reason"))


def _stage(net: Net, teller: Teller) -> Said:
    before, after = teller.small(net, "stage", was=True), teller.small(net, "stage")
    return Said("stage", f"moved from {before} to {after}", _why(net, teller))


def _why(net: Net, teller: Teller) -> str:
    """What the last move that came with the change says on why."""
    moves = [other for other in teller.others if other.table == MOVE and other.how == ADDED]
    return str(moves[-1].after.get("why") or "") if moves else ""


def _edited(net: Net, teller: Teller) -> Iterator[Said]:
    said: list[str] = []
    if "title" in net.columns:
        said.append(f"was renamed; it was “{net.before['title']}”")
    if "marking" in net.columns:
        said.append(f"was marked {teller.word(net, 'marking')}")
    if "audience" in net.columns:
        said.append(SEEN_BY[Audience(net.after["audience"])])
    if "open_to_replication" in net.columns:
        said.append(_replication(net.after["open_to_replication"], net.before["open_to_replication"]))
    if "standing" not in net.columns and net.columns & {"standing_reason", "standing_text"}:
        said.append("had the reason for its standing rewritten")
    said += _had(net, teller)
    if said:
        yield Said("edited", ", and ".join(said))
    if net.columns & {"no_figure_reason", "no_figure_text"}:
        yield _no_figure(net, teller)
    if KEEPER in net.columns and teller.names_people:
        yield Said("edited", _handed_over(net, teller))
    if "confirmed_on" in net.columns:
        yield Said("confirmed", "was confirmed still current", minor=True)
    elif "next_update_due" in net.columns:
        yield Said("edited", f"had {had(net, 'next_update_due', teller)}")


def _handed_over(net: Net, teller: Teller) -> str:
    """From whom to whom. Nobody keeps what is left to the organisation that leads it."""
    was, now = (teller.person(row.get(KEEPER)) for row in (net.before, net.after))
    if not now:
        return f"was handed over from {was} to the organisation that leads it"
    return f"was handed over from {was} to {now}" if was else f"was handed over to {now}"


def _replication(now: bool | None, was: bool | None) -> str:
    if now:
        return "is now open to replication"
    return "is no longer open to replication" if was else "is not open to replication"


def _had(net: Net, teller: Teller) -> list[str]:
    columns = [c for c in COLUMNS[TABLE] if c in net.columns - OWN_WORDS]
    if not columns:
        return []
    if len(columns) <= MOST_SPELT_OUT:
        return ["had " + " and ".join(had(net, c, teller, long=LONG) for c in columns)]
    return [f"had its {listed([label(TABLE, c) for c in columns])} changed"]


def _no_figure(net: Net, teller: Teller) -> Said:
    reason = net.after.get("no_figure_text") or teller.word(net, "no_figure_reason")
    if not net.after.get("no_figure_reason", "?"):
        return Said("figure", "no longer lacks a figure", minor=True)
    return Said("figure", f"has no figure{because(small(reason))}", minor=True)


@says("initiativepartner")
def _partner(net: Net, teller: Teller) -> Iterator[Said]:
    who, lead = teller.word(net, "organisation_id"), PartnerRole.LEAD
    now, was = net.after.get("role"), net.before.get("role")
    if now == lead and was != lead:
        before = _stepped_down(teller)
        yield Said("partner", f"is now led by {who}" + (f", in place of {before}" if before else ""))
    elif was == lead and now != lead and _stepped_up(teller):
        return  # told with who leads now
    elif net.how == ADDED:
        yield Said("partner", f"now has {who} as {_a(teller.small(net, 'role'))}")
    elif net.how == REMOVED:
        yield Said("partner", f"no longer has {who} as {_a(teller.small(net, 'role', was=True))}")
    elif "role" in net.columns:
        roles = f"from {teller.small(net, 'role', was=True)} to {teller.small(net, 'role')}"
        yield Said("partner", f"the role of {who} changed {roles}")
    else:
        yield Said("partner", f"the entry of {who} as a partner was corrected")


def _stepped_down(teller: Teller) -> str:
    for other in teller.others:
        if other.table == PARTNER and other.before.get("role") == PartnerRole.LEAD:
            return teller.names.get("organisation", other.before["organisation_id"])
    return ""


def _stepped_up(teller: Teller) -> bool:
    return any(o.table == PARTNER and o.after.get("role") == PartnerRole.LEAD for o in teller.others)


def _a(role: str) -> str:
    if role == "lead":
        return "its lead"
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _together(net: Net, teller: Teller) -> list[Net]:
    """The links of the same kind that came, or went, at the same time: the first of them speaks for all."""
    return [o for o in teller.others if o.table == net.table and o.how == net.how]


def _links(table: str, column: str, kind: str, came: str, went: str) -> None:
    @says(table)
    def _link(net: Net, teller: Teller) -> Iterator[Said]:
        together = _together(net, teller)
        if net.how == CHANGED or together[0] is not net:
            return
        names = [teller.word(other, column) for other in together]
        if kind == "audience":
            names = [the(name) for name in names]
        yield Said("edited", f"{came if net.how == ADDED else went} {listed(names)}")


_links("initiativearea", "area_of_work_id", "area", "is now tagged", "is no longer tagged")
_links("initiativeplace", "police_area_id", "place", "now covers", "no longer covers")
_links("initiativegroup", "group_id", "audience", "can now be seen by", "can no longer be seen by")


@says("stagemove")
def _move(net: Net, teller: Teller) -> Iterator[Said]:
    """A move speaks through the stage or standing that it changed; alone, it is about the past."""
    if net.how == ADDED and any(_moves_it(change, net.last) for change in teller.changes):
        return
    happened = teller.word(net, "happened_on")
    when = f", in {happened}" if happened and net.row.get("happened_precision") != "day" else ""
    when = when or (f", on {happened}" if happened else "")
    words = {ADDED: "was recorded", CHANGED: "was corrected", REMOVED: "was taken off"}[net.how]
    yield Said("edited", f"an earlier move to {line(_where(net, teller))} {words}{when}")


def _moves_it(change: Change, move: Change) -> bool:
    """Whether a change set the stage or standing that a move, recorded with it, is about."""
    if change.table_name != TABLE or (change.tx, change.request_id) != (move.tx, move.request_id):
        return False
    return change.operation == Change.Operation.ADDED or bool(
        (change.after or {}).keys() & {"stage", "standing"}
    )


def _where(net: Net, teller: Teller) -> str:
    standing = net.row.get("to_standing")
    column = "to_stage" if standing in (None, Standing.ACTIVE) else "to_standing"
    return small(teller.word(net, column))
