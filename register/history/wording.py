"""The words for a change: a sentence for what was done, and each value before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from register.core.dates import financial_year_in_words, in_words
from register.core.money import exact, in_words as pounds
from register.history.names import POINTS_TO, Names, model_of
from register.history.rows import ADDED, CHANGED, REMOVED, Row
from register.initiatives.vocabulary import Confidence, Depth, PartnerRole, Stage, Standing


@dataclass(frozen=True)
class Said:
    """What a change did: its kind, a sentence that reads on after the title, and how much it matters."""

    kind: str
    sentence: str
    rank: int = 50
    reason: str = ""


Sayer = Callable[[Row, Names], Iterator[Said]]
SAYERS: dict[str, Sayer] = {}


def says(table: str) -> Callable[[Sayer], Sayer]:
    def keep(sayer: Sayer) -> Sayer:
        SAYERS[f"register_{table}"] = sayer
        return sayer

    return keep


def say(row: Row, names: Names) -> list[Said]:
    """Everything worth saying of one row's change; nothing for tables that speak through others."""
    sayer = SAYERS.get(row.table)
    return list(sayer(row, names)) if sayer else []


# The record itself -----------------------------------------------------------------------------------------

QUIET = {"version", "confirmed_on", "next_update_due", "created_by_id", "created_at", "is_fictional", "number"}
STANDING_COLUMNS = {"standing", "standing_reason", "standing_text", "stage", "deleted_at"}
NO_FIGURE = {"no_figure_reason", "no_figure_text"}


@says("initiative")
def _initiative(row: Row, names: Names) -> Iterator[Said]:
    if row.operation == ADDED:
        stage = Stage(row.after["stage"]).label.lower()
        verb = "was compiled from public sources" if row.after.get("compiled_from_sources") else "was logged"
        yield Said("logged", f"{verb}, at the stage {stage}", 100)
        return
    if row.operation == REMOVED:
        yield Said("deleted", "was taken out of the register for good", 99)
        return
    if "deleted_at" in row.after:
        yield Said("deleted", "was deleted", 98) if row.after["deleted_at"] else Said("restored", "was restored", 97)
    if "standing" in row.after:
        yield _standing(row)
    if "stage" in row.after:
        before, after = Stage(row.before["stage"]).label.lower(), Stage(row.after["stage"]).label.lower()
        yield Said("stage", f"moved from {before} to {after}", 85)
    changed = row.after.keys() - QUIET - STANDING_COLUMNS
    words = list(dict.fromkeys(column_label(row.table, c) for c in sorted(changed - NO_FIGURE) if _counts(c)))
    if changed == {"title"}:
        yield Said("edited", f"is now called “{row.after['title']}”, no longer “{row.before['title']}”", 40)
    elif words:
        yield Said("edited", f"has changed: {_listed(words)}", 30)
    elif changed & NO_FIGURE and row.after.get("no_figure_reason"):
        yield Said("figure", "says why there is no figure", 8)
    if row.after.keys() & {"confirmed_on", "next_update_due"}:
        yield Said("confirmed", "was confirmed still current", 5)


def _standing(row: Row) -> Said:
    after = row.after["standing"]
    if after == Standing.ACTIVE:
        return Said("standing", f"was taken up again, after being {Standing(row.before['standing']).label.lower()}", 90)
    because = str(row.after.get("standing_text") or "").strip()
    ending = f", because {_in_sentence(because)}" if because and because != "Not stated in the source" else ""
    return Said("standing", f"was {Standing(after).label.lower()}{ending}", 90)


@says("stagemove")
def _stage_move(row: Row, names: Names) -> Iterator[Said]:
    """It speaks through the record's stage; what it adds is why."""
    if row.operation == ADDED and row.after.get("from_stage") and row.after.get("why"):
        if row.after.get("to_standing") == row.after.get("from_standing"):
            before, after = (Stage(row.after[c]).label.lower() for c in ("from_stage", "to_stage"))
            yield Said("stage", f"moved from {before} to {after}", 84, reason=str(row.after["why"]))


@says("initiativepartner")
def _partner(row: Row, names: Names) -> Iterator[Said]:
    if row.operation == CHANGED:
        if "role" in row.after:
            before, after = (PartnerRole(v["role"]).label.lower() for v in (row.before, row.after))
            yield Said("partner", f"has a partner in another role: {after}, no longer {before}", 50)
        else:
            yield Said("partner", "says more of a partner's part", 20)
        return
    who = names.name("organisation_id", row.value("organisation_id"))
    role = PartnerRole(row.value("role")).label.lower()
    yield Said("partner", f"{who} {'joined' if row.operation == ADDED else 'left'} ({role})", 50)


def _link(column: str, added: str, removed: str) -> Sayer:
    def sayer(row: Row, names: Names) -> Iterator[Said]:
        name = names.name(column, row.value(column))
        if row.operation == ADDED:
            yield Said("tagged", added.format(name), 25)
        elif row.operation == REMOVED:
            yield Said("tagged", removed.format(name), 25)

    return sayer


SAYERS["register_initiativearea"] = _link("area_of_work_id", "is now about {} too", "is no longer about {}")
SAYERS["register_initiativeplace"] = _link("police_area_id", "is now in {} too", "is no longer in {}")
SAYERS["register_initiativegroup"] = _link("group_id", "may be seen by the {}", "may no longer be seen by the {}")


# Money -----------------------------------------------------------------------------------------------------


@says("benefit")
def _benefit(row: Row, names: Names) -> Iterator[Said]:
    title = names.title(row, "a benefit")
    words = {ADDED: "has a benefit", CHANGED: "has a benefit that changed", REMOVED: "no longer has a benefit"}
    yield Said("benefit", f"{words[row.operation]}: {title}", 55)


def _amount(values: dict[str, Any], column: str) -> str:
    return "not known" if values.get(column) is None else pounds(values[column])


@says("savingline")
def _saving(row: Row, names: Names) -> Iterator[Said]:
    today = names.row(row.table, row.object_id)
    first = row.value("financial_year") or getattr(today, "financial_year", None)
    year = f" for {financial_year_in_words(first)}" if first else ""
    if row.operation == REMOVED:
        yield Said("saving", f"no longer has a saving{year}", 70)
    elif row.operation == ADDED:
        parts = [
            f"{pounds(row.after[column])} {word}"
            for column, word in (("forecast_pence", "forecast"), ("actual_pence", "actual"))
            if row.after.get(column) is not None
        ]
        yield Said("saving", f"now has a saving{year}: {' and '.join(parts)}, claimed", 70)
    else:
        yield from _saving_changed(row, year, today)


def _saving_changed(row: Row, year: str, today: Any) -> Iterator[Said]:
    if row.after.get("verified_on"):
        actual = row.value("actual_pence") or getattr(today, "actual_pence", None)
        amount = f": {pounds(actual)}" if actual is not None else ""
        yield Said("saving", f"has a verified saving{year}{amount}", 72)
        return
    for column, word in (("forecast_pence", "forecast"), ("actual_pence", "actual")):
        if column in row.after:
            before, after = _amount(row.before, column), _amount(row.after, column)
            yield Said("saving", f"has another {word} saving{year}: {after}, was {before}", 70)


def _line(kind: str, word: str) -> Sayer:
    def sayer(row: Row, names: Names) -> Iterator[Said]:
        first = row.value("financial_year")
        year = f" for {financial_year_in_words(first)}" if first else ""
        amount = row.after.get("actual_pence")
        amount = row.after.get("forecast_pence") if amount is None else amount
        if row.operation == REMOVED:
            yield Said(kind, f"no longer has {word}{year}", 60)
        else:
            verb = "now has" if row.operation == ADDED else "has changed"
            yield Said(kind, f"{verb} {word}{year}" + (f": {pounds(amount)}" if amount is not None else ""), 60)

    return sayer


SAYERS["register_costline"] = _line("cost", "a cost")
SAYERS["register_fundingline"] = _line("funding", "funding")


@says("statedfigure")
def _stated(row: Row, names: Names) -> Iterator[Said]:
    words = {ADDED: "has a stated figure", CHANGED: "has a stated figure that changed", REMOVED: "lost a stated figure"}
    said = row.value("as_stated")
    yield Said("figure", words[row.operation] + (f": “{said}”" if said else ""), 60)


# What is in the way ----------------------------------------------------------------------------------------


@says("barrier")
def _barrier(row: Row, names: Names) -> Iterator[Said]:
    title = names.title(row, "one since taken off the record")
    if row.operation == ADDED:
        yield Said("barrier_raised", f"a barrier was raised: {title}", 75)
    elif row.operation == REMOVED:
        yield Said("barrier", f"a barrier was taken off the record: {title}", 60)
    elif "state" in row.after:
        state = row.after["state"]
        words = {
            "removed": ("barrier_removed", "a barrier was removed"),
            "accepted": ("barrier", "a barrier was accepted"),
            "being_worked_on": ("barrier", "a barrier is being worked on"),
            "open": ("barrier", "a barrier is open again"),
        }
        kind, verb = words[state]
        yield Said(kind, f"{verb}: {title}", 76)
    else:
        yield Said("barrier", f"a barrier changed: {title}", 45)


@says("askbarrier")
def _ask(row: Row, names: Names) -> Iterator[Said]:
    if row.operation == ADDED:
        title = names.name("barrier_id", row.value("barrier_id"))
        yield Said("ask", f"a barrier became part of an ask: {title}", 55)


# How it gets on --------------------------------------------------------------------------------------------


@says("update")
def _update(row: Row, names: Names) -> Iterator[Said]:
    if row.operation == ADDED:
        confidence = Confidence(row.after["confidence"]).label.lower()
        yield Said("update", f"has an update, {confidence}: {row.after['text']}", 65)
    elif row.operation == CHANGED:
        yield Said("update", "has an update that was changed", 35)
    else:
        yield Said("update", "lost an update", 35)


@says("milestone")
def _milestone(row: Row, names: Names) -> Iterator[Said]:
    what = names.title(row, "one since taken off the record")
    if row.operation == ADDED:
        due = in_words(date.fromisoformat(row.after["due_on"]), row.after.get("due_precision") or "day")
        yield Said("milestone", f"has a milestone, due {due}: {what}", 55)
    elif row.operation == REMOVED:
        yield Said("milestone", f"no longer has a milestone: {what}", 40)
    elif row.after.get("reached_on"):
        yield Said("milestone", f"reached a milestone: {what}", 68)
    else:
        yield Said("milestone", f"has a milestone that changed: {what}", 45)


@says("decision")
def _decision(row: Row, names: Names) -> Iterator[Said]:
    model = model_of(row.table)
    if row.operation != ADDED or model is None:
        yield Said("decision", "has a decision that was changed", 50)
        return
    outcomes = dict(model._meta.get_field("outcome").flatchoices)
    group = names.name("group_id", row.after["group_id"])
    outcome = str(outcomes.get(row.after["outcome"], row.after["outcome"])).lower()
    reasons = _in_sentence(str(row.after.get("reasons", "")))
    yield Said("decision", f"was reviewed by the {group}: {outcome}, because {reasons}", 80)


def _paper(kind: str, word: str, rank: int = 45) -> Sayer:
    def sayer(row: Row, names: Names) -> Iterator[Said]:
        title = names.title(row, "one since taken off the record")
        words = {ADDED: "has", CHANGED: "has changed", REMOVED: "no longer has"}
        yield Said(kind, f"{words[row.operation]} {word}: {title}", rank)

    return sayer


SAYERS["register_agreement"] = _paper("agreement", "an agreement")
SAYERS["register_document"] = _paper("document", "a document")


@says("source")
def _source(row: Row, names: Names) -> Iterator[Said]:
    yield Said("source", "cites a source" if row.operation == ADDED else "no longer cites a source", 15)


# Outside any record ----------------------------------------------------------------------------------------


def _reference(word: str) -> Sayer:
    def sayer(row: Row, names: Names) -> Iterator[Said]:
        verbs = {ADDED: "was added to", CHANGED: "was changed among", REMOVED: "was taken out of"}
        yield Said("reference", f"{names.title(row, 'one')} {verbs[row.operation]} {word}", 50)

    return sayer


SAYERS["register_organisation"] = _reference("the organisations")
SAYERS["register_areaofwork"] = _reference("the areas of work")


# Values ----------------------------------------------------------------------------------------------------

HIDDEN = {"id", "version", "initiative_id", "created_at", "created_by_id", "author_id", "recorded_by_id", "changed_at"}


def _counts(column: str) -> bool:
    return column not in HIDDEN and not column.endswith("_precision")


def details_of(row: Row, names: Names) -> Iterator[tuple[str, str, str]]:
    """(label, before, after) for each value that changed, in words."""
    if row.table == "register_stagemove":
        return
    for column in dict.fromkeys([*row.before, *row.after]):
        if not _counts(column) or column in ("number", "is_fictional"):
            continue
        before, after = (value_in_words(row.table, column, v, names) for v in (row.before, row.after))
        if before != after:
            yield column_label(row.table, column), before, after


def column_label(table: str, column: str) -> str:
    """What a column is called on the page."""
    if column in POINTS_TO:
        return POINTS_TO[column].removeprefix("register_").replace("areaofwork", "area of work").replace(
            "policearea", "police area"
        ).replace("workinggroup", "working group")
    model = model_of(table)
    field = next((f for f in model._meta.concrete_fields if f.attname == column), None) if model else None
    label = str(field.verbose_name) if field is not None else column.replace("_", " ")
    return label.removesuffix(" pence").removesuffix(" on") if column.endswith(("_pence", "_on")) else label


def value_in_words(table: str, column: str, values: dict[str, Any], names: Names) -> str:
    """A value as people read it: labels for codes, names for ids, pounds for pence, dates in their precision."""
    value = values.get(column)
    if value is None or value == "" or value == []:
        return ""
    if column in POINTS_TO:
        return names.name(column, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.endswith("_pence"):
        return exact(value)
    if column == "financial_year":
        return financial_year_in_words(value)
    if column == "depth" and value in Depth.values:
        return Depth(value).label
    model = model_of(table)
    field = next((f for f in model._meta.concrete_fields if f.attname == column), None) if model else None
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, str) and (column.endswith("_on") or column in ("next_update_due", "on")):
        return in_words(date.fromisoformat(value[:10]), values.get(column.removesuffix("_on") + "_precision") or "day")
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _in_sentence(text: str) -> str:
    """A text that goes on within a sentence: its first word small unless it looks like a name, no full stop."""
    text = text.strip().rstrip(".")
    first = text.split(" ", 1)[0]
    plain = first.lower() in ("the", "a", "an", "it", "its", "both", "there", "we", "they", "this", "no", "not", "our")
    return text[:1].lower() + text[1:] if plain else text
