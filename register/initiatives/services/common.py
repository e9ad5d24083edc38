"""What every write door of the record does first: may they, and is it still what they opened?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from register.accounts.permissions import Scoped, require
from register.accounts.roles import Permission
from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.initiatives.models import Initiative, SavingLine, StatedFigure
from register.initiatives.vocabulary import FigureKind, NoFigureReason, Stage

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation

M = TypeVar("M", bound=Model)


def must_be_allowed(by: User | None, permission: Permission, about: Scoped | None = None) -> None:
    """PermissionDenied unless they may. Nobody (`by=None`) is the register itself: commands and tasks."""
    if by is not None:
        require(by, permission, about)


def locked(row: M, version: int | None) -> M:
    """The row as it is now, locked until the transaction ends. EditConflictError if it is not at `version`."""
    current = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if version is not None and current.version != version:  # type: ignore[attr-defined]
        raise EditConflictError(current)
    return current


def save_new_version(row: Any, fields: dict[str, Any]) -> None:
    """Set the fields, check them and save under the next version number."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    save_checked(row, update_fields=[*fields, "version"])


def create(model: type[M], **fields: Any) -> M:
    row = model(**fields)
    save_checked(row, force_insert=True)
    return row


def save_checked(row: Model, **how: Any) -> None:
    """Save what its fields allow; ValidationError in words when they, or the table's constraints, do not.

    `full_clean()` would put a question to the database for every constraint and every row pointed at, some ten
    for each row saved. The database checks them in any case: only when it objects is it asked which.
    """
    row.clean_fields(exclude={f.name for f in row._meta.fields if f.is_relation or f.name == "number"})
    row.clean()
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError:
        row.validate_constraints()
        raise


def dates(**named: LimitedDate | None) -> dict[str, Any]:
    """`dates(starts=LimitedDate(…))` as the pairs of columns `starts_on` and `starts_precision`."""
    columns: dict[str, Any] = {}
    for name, value in named.items():
        columns[f"{name}_on"] = value.first if value else None
        columns[f"{name}_precision"] = value.precision if value else ""
    return columns


def must_have_existed(organisation: Organisation, on: LimitedDate, field: str) -> None:
    """ValidationError naming the successor when the organisation was not there in that period."""
    if organisation.existed_on(on):
        return
    successors = [o.name for o in organisation.successors_on(on.last)]
    if organisation.ends_on and organisation.ends_on <= on.first:
        message = f"{organisation.name} ended on {organisation.ends_on:%-d %B %Y}."
        if successors:
            message += f" Choose what took its place: {' or '.join(successors)}."
    else:
        message = f"{organisation.name} did not exist yet in {on}. Check the date or the organisation."
    raise ValidationError({field: message})


def settle_no_figure(initiative: Initiative) -> None:
    """A live record without any saving figure carries a reason; one with a figure carries none."""
    # What the caller holds may be from before it went live, or got its reason.
    initiative.refresh_from_db(fields=["stage", "no_figure_reason"])
    has_figure = (
        StatedFigure.objects.filter(initiative=initiative, kind=FigureKind.SAVING).exists()
        or SavingLine.objects.filter(benefit__initiative=initiative).exists()
    )
    fields: dict[str, str] = {}
    if has_figure and initiative.no_figure_reason:
        fields = {"no_figure_reason": "", "no_figure_text": ""}
    elif not has_figure and initiative.stage == Stage.LIVE and not initiative.no_figure_reason:
        fields = {"no_figure_reason": NoFigureReason.NEVER_ASKED}
    if fields:
        Initiative.objects.filter(pk=initiative.pk).update(**fields)
        for name, value in fields.items():
            setattr(initiative, name, value)
