"""The write doors of benefits and money."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError

from register.accounts.roles import Permission
from register.core.dates import LimitedDate
from register.core.tracking import write_door
from register.initiatives.models import (
    Benefit,
    CostLine,
    FundingLine,
    Initiative,
    SavingLine,
    StatedFigure,
)
from register.initiatives.services.common import (
    create,
    dates,
    locked,
    must_be_allowed,
    save_new_version,
    settle_no_figure,
)
from register.initiatives.vocabulary import NoFigureReason

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation

L = TypeVar("L", SavingLine, CostLine, FundingLine)


@write_door
def add_benefit(
    *, by: User | None, initiative: Initiative, title: str, outcome: str, kind: str, **fields: Any
) -> Benefit:
    must_be_allowed(by, Permission.EDIT, initiative)
    return create(Benefit, initiative=initiative, title=title, outcome=outcome, kind=kind, **fields)


@write_door
def change_benefit(*, by: User | None, benefit: Benefit, version: int | None, **fields: Any) -> Benefit:
    current = locked(benefit, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    save_new_version(current, fields)
    return current


@write_door
def add_saving(
    *,
    by: User | None,
    benefit: Benefit,
    organisation: Organisation,
    financial_year: int,
    forecast_pence: int | None = None,
    actual_pence: int | None = None,
) -> SavingLine:
    """What a benefit saves an organisation in a year (2025 is 2025–26). One line for each of the three.

    PermissionDenied for another organisation's line, unless one's own leads. ValidationError when there is one
    already, or when neither forecast nor actual is given.
    """
    must_be_allowed(by, Permission.EDIT, SavingLine(benefit=benefit, organisation=organisation))
    _must_say_something(forecast_pence, actual_pence)
    if SavingLine.objects.filter(
        benefit=benefit, organisation=organisation, financial_year=financial_year
    ).exists():
        raise ValidationError(
            {"financial_year": f"{organisation.name} has a line for this benefit and year. Change that one."}
        )
    line = create(
        SavingLine,
        benefit=benefit,
        organisation=organisation,
        financial_year=financial_year,
        forecast_pence=forecast_pence,
        actual_pence=actual_pence,
    )
    settle_no_figure(benefit.initiative)
    return line


@write_door
def change_saving(*, by: User | None, line: SavingLine, version: int | None, **fields: Any) -> SavingLine:
    """Change a line. A changed actual is a claim again, until somebody verifies it."""
    current = _locked_line(by, line, version, fields)
    _must_say_something(
        fields.get("forecast_pence", current.forecast_pence), fields.get("actual_pence", current.actual_pence)
    )
    if "actual_pence" in fields and fields["actual_pence"] != current.actual_pence:
        fields |= {"verified_by": "", "verified_on": None}
    save_new_version(current, fields)
    return current


@write_door
def verify_saving(*, by: User | None, line: SavingLine, verified_by: str, verified_on: date) -> SavingLine:
    """Say which post or body checked the actual figure, and when."""
    current = locked(line, None)
    must_be_allowed(by, Permission.VERIFY_MONEY, current)
    if current.actual_pence is None:
        raise ValidationError("There is no actual figure to verify. Add it first.")
    save_new_version(current, {"verified_by": verified_by, "verified_on": verified_on})
    return current


@write_door
def add_cost(
    *, by: User | None, initiative: Initiative, organisation: Organisation, **fields: Any
) -> CostLine:
    must_be_allowed(by, Permission.EDIT, CostLine(initiative=initiative, organisation=organisation))
    _must_say_something(fields.get("forecast_pence"), fields.get("actual_pence"))
    return create(CostLine, initiative=initiative, organisation=organisation, **fields)


@write_door
def change_cost(*, by: User | None, line: CostLine, version: int | None, **fields: Any) -> CostLine:
    current = _locked_line(by, line, version, fields)
    _must_say_something(fields.get("forecast_pence"), fields.get("actual_pence"))
    save_new_version(current, fields)
    return current


@write_door
def add_funding(
    *, by: User | None, initiative: Initiative, organisation: Organisation, **fields: Any
) -> FundingLine:
    """What a fund gives an organisation: the line is of who receives it."""
    must_be_allowed(by, Permission.EDIT, FundingLine(initiative=initiative, organisation=organisation))
    _must_say_something(fields.get("forecast_pence"), fields.get("actual_pence"))
    return create(FundingLine, initiative=initiative, organisation=organisation, **fields)


@write_door
def change_funding(*, by: User | None, line: FundingLine, version: int | None, **fields: Any) -> FundingLine:
    current = _locked_line(by, line, version, fields)
    _must_say_something(fields.get("forecast_pence"), fields.get("actual_pence"))
    save_new_version(current, fields)
    return current


@write_door
def state_figure(
    *,
    by: User | None,
    initiative: Initiative,
    kind: str,
    basis: str,
    as_stated: str,
    stated: LimitedDate | None = None,
    **fields: Any,
) -> StatedFigure:
    """Keep what a publication said, in its words."""
    must_be_allowed(by, Permission.EDIT, initiative)
    figure = create(
        StatedFigure,
        initiative=initiative,
        kind=kind,
        basis=basis,
        as_stated=as_stated,
        **dates(stated=stated),
        **fields,
    )
    settle_no_figure(initiative)
    return figure


@write_door
def change_stated_figure(
    *,
    by: User | None,
    figure: StatedFigure,
    version: int | None,
    stated: LimitedDate | None = None,
    **fields: Any,
) -> StatedFigure:
    current = locked(figure, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    save_new_version(current, fields | dates(stated=stated))
    settle_no_figure(current.initiative)
    return current


@write_door
def say_why_no_figure(
    *, by: User | None, initiative: Initiative, no_figure_reason: str, no_figure_text: str = ""
) -> Initiative:
    """The coded reason of a record without a figure; `other` needs a text."""
    current = locked(initiative, None)
    must_be_allowed(by, Permission.EDIT, current)
    if no_figure_reason == NoFigureReason.OTHER and not no_figure_text.strip():
        raise ValidationError({"no_figure_text": "Say why there is no figure."})
    save_new_version(current, {"no_figure_reason": no_figure_reason, "no_figure_text": no_figure_text})
    settle_no_figure(current)
    return current


def _locked_line(by: User | None, line: L, version: int | None, fields: Mapping[str, Any]) -> L:
    """The line as it is now, for who keeps it, and would still keep it as what `fields` make of it."""
    current = locked(line, version)
    must_be_allowed(by, Permission.EDIT, current)
    if "organisation" in fields:
        moved = copy(current)
        moved.organisation = fields["organisation"]
        must_be_allowed(by, Permission.EDIT, moved)
    return current


def _must_say_something(forecast_pence: int | None, actual_pence: int | None) -> None:
    if forecast_pence is None and actual_pence is None:
        raise ValidationError({"forecast_pence": "Give a forecast, an actual figure, or both."})
