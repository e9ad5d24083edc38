"""What the columns of the record are called, and how their values are read aloud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices

from register.accounts.roles import Audience
from register.core.dates import financial_year_in_words, in_words
from register.core.money import exact
from register.history.lookup import NAMED, PAIRS, Names, Row
from register.initiatives import vocabulary as words

Reader = Callable[[Any], str]


def text(value: Any) -> str:
    return str(value)


def money(value: Any) -> str:
    return exact(value)


def year(value: Any) -> str:
    return financial_year_in_words(value)


def yes(value: Any) -> str:
    return "Yes" if value else "No"


def number(value: Any) -> str:
    """Without the noughts that a column with two decimals adds."""
    plain = Decimal(str(value)).normalize()
    return f"{plain:,f}"


def moment(value: Any) -> str:
    return day(str(value)[:10])


def day(value: Any) -> str:
    return in_words(date.fromisoformat(value))


def of(choices: type[TextChoices]) -> Reader:
    labels = {str(code): str(label) for code, label in choices.choices}
    return lambda value: labels.get(value, str(value).replace("_", " "))


def code(value: Any) -> str:
    """A code of a higher floor, whose words are its label in small letters."""
    words_of_it = str(value).replace("_", " ")
    return words_of_it[:1].upper() + words_of_it[1:]


# Table, column, what it is called, how it is read. Columns that are not here are never shown: ids, versions,
# people, precisions (shown with their date). A test holds this against the tables.
COLUMNS: dict[str, dict[str, tuple[str, Reader]]] = {
    "register_initiative": {
        "title": ("title", text),
        "purpose": ("purpose", text),
        "stage": ("stage", of(words.Stage)),
        "standing": ("standing", of(words.Standing)),
        "standing_reason": ("reason for its standing", of(words.StandingReason)),
        "standing_text": ("reason in words", text),
        "summary": ("summary", text),
        "description": ("description", text),
        "depth": ("depth", of(words.Depth)),
        "starts_on": ("start date", day),
        "ends_on": ("end date", day),
        "owner": ("owner", text),
        "contact_post": ("contact post", text),
        "marking": ("marking", of(words.Marking)),
        "handling": ("handling", text),
        "audience": ("audience", of(Audience)),
        "open_to_replication": ("openness to replication", yes),
        "no_figure_reason": ("reason for no figure", of(words.NoFigureReason)),
        "no_figure_text": ("reason for no figure, in words", text),
        "confirmed_on": ("last confirmed", day),
        "next_update_due": ("next update due", day),
        "compiled_from_sources": ("compiled from public sources", yes),
        "unverified": ("list of what rests on memory", text),
        "is_fictional": ("place among the fictional records", yes),
        "deleted_at": ("deletion", moment),
    },
    "register_initiativepartner": {
        "organisation_id": ("organisation", text),
        "role": ("role", of(words.PartnerRole)),
        "note": ("note", text),
        "since_on": ("since", day),
    },
    "register_initiativearea": {"area_of_work_id": ("area of work", text)},
    "register_initiativeplace": {"police_area_id": ("police area", text)},
    "register_initiativegroup": {"group_id": ("named group", text)},
    "register_stagemove": {
        "from_stage": ("from stage", of(words.Stage)),
        "to_stage": ("to stage", of(words.Stage)),
        "from_standing": ("from standing", of(words.Standing)),
        "to_standing": ("to standing", of(words.Standing)),
        "reason": ("reason", of(words.StandingReason)),
        "why": ("why", text),
        "happened_on": ("really happened", day),
    },
    "register_update": {
        "text": ("text", text),
        "confidence": ("confidence", of(words.Confidence)),
        "noted_on": ("noted on", day),
        "organisation_id": ("organisation", text),
    },
    "register_milestone": {
        "what": ("what", text),
        "due_on": ("due", day),
        "reached_on": ("reached", day),
    },
    "register_benefit": {
        "title": ("title", text),
        "outcome": ("outcome", of(words.Outcome)),
        "kind": ("kind", of(words.BenefitKind)),
        "is_recurring": ("recurring", yes),
        "measure": ("measure", text),
        "unit": ("unit", text),
        "baseline": ("baseline", number),
        "target": ("target", number),
        "actual": ("actual", number),
        "actual_on": ("actual as at", day),
        "evidence": ("evidence", of(words.Evidence)),
    },
    "register_savingline": {
        "organisation_id": ("organisation", text),
        "financial_year": ("financial year", year),
        "forecast_pence": ("forecast", money),
        "actual_pence": ("actual", money),
        "verified_by": ("verified by", text),
        "verified_on": ("verified on", day),
    },
    "register_costline": {
        "what_for": ("what for", text),
        "organisation_id": ("organisation", text),
        "financial_year": ("financial year", year),
        "is_recurring": ("recurring", yes),
        "forecast_pence": ("forecast", money),
        "actual_pence": ("actual", money),
    },
    "register_fundingline": {
        "source": ("source", text),
        "funder_id": ("funder", text),
        "organisation_id": ("received by", text),
        "financial_year": ("financial year", year),
        "forecast_pence": ("forecast", money),
        "actual_pence": ("actual", money),
    },
    "register_statedfigure": {
        "kind": ("kind", of(words.FigureKind)),
        "amount_pence": ("amount", money),
        "basis": ("basis", of(words.FigureBasis)),
        "qualifier": ("qualifier", text),
        "as_stated": ("as stated", text),
        "period_text": ("period", text),
        "stated_on": ("stated", day),
        "is_unverified": ("unverified", yes),
    },
    "register_barrier": {
        "title": ("title", text),
        "description": ("description", text),
        "category": ("category", of(words.BarrierCategory)),
        "severity": ("severity", of(words.Severity)),
        "owner": ("owner", text),
        "remover": ("who can remove it", of(words.Remover)),
        "remedy": ("what would remove it", text),
        "state": ("state", of(words.BarrierState)),
        "raised_on": ("raised", day),
        "resolved_on": ("resolved", day),
    },
    "register_agreement": {
        "kind": ("kind", of(words.AgreementKind)),
        "title": ("title", text),
        "signed_on": ("signed", day),
        "review_on": ("review", day),
        "ends_on": ("end", day),
    },
    "register_agreementparty": {"organisation_id": ("party", text)},
    "register_document": {
        "title": ("title", text),
        "link": ("link", text),
        "file_name": ("file", text),
    },
    "register_source": {
        "citation": ("citation", text),
        "link": ("link", text),
        "is_unverified": ("unverified", yes),
    },
    "register_decision": {
        "group_id": ("group", text),
        "outcome": ("outcome", code),
        "reasons": ("reasons", text),
        "conditions": ("conditions", text),
        "owner": ("who sees to it", text),
        "decided_on": ("decided", day),
        "next_review_on": ("next review", day),
    },
    "register_reviewflag": {
        "group_id": ("group", text),
        "why": ("why", text),
        "withdrawn_at": ("withdrawn", moment),
    },
    "register_consideration": {
        "organisation_id": ("organisation", text),
        "notified_on": ("notified", day),
        "notified_by_id": ("notified by", text),
        "considered_on": ("considered", day),
        "considered_by": ("considered by", text),
        "answer": ("answer", code),
        "decision": ("decision", code),
        "reasons": ("reasons", text),
    },
    "register_askbarrier": {},
    # Outside any record: for the ask's own page.
    "register_ask": {
        "title": ("title", text),
        "addressee_id": ("addressee", text),
        "what": ("what is asked", text),
        "state": ("state", code),
        "asked_on": ("asked", day),
        "answer": ("answer", text),
        "answered_on": ("answered", day),
        "closed_on": ("closed", day),
        "ending": ("how it ended", code),
        "ending_text": ("how it ended, in words", text),
    },
}


def show(table: str, column: str, row: Row, names: Names) -> str:
    """A column's value in words; empty for nothing. A date is shown to its precision."""
    value = row.get(column)
    if value is None or value == "":
        return ""
    if column in NAMED:
        return names.get(NAMED[column], value)
    if row.get(PAIRS.get(column, "")):
        return in_words(date.fromisoformat(value), row[PAIRS[column]])
    return COLUMNS[table][column][1](value)


def label(table: str, column: str) -> str:
    return COLUMNS[table][column][0]
