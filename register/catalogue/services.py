"""The write doors of saved views and of following."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.dispatch import receiver

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.accounts.signals import person_erased
from register.catalogue.meaning import checked, personal
from register.catalogue.models import InitiativeFollow, SavedView, SavedViewGroup, ViewFollow
from register.core.errors import EditConflictError
from register.core.tracking import write_door

if TYPE_CHECKING:
    from register.initiatives.models import Initiative


@write_door
def save_view(
    *,
    by: User | None,
    name: str,
    parameters: Mapping[str, Sequence[str]],
    on: date,
    columns: Sequence[str] = (),
    sort: str = "",
    groups: Iterable[WorkingGroup] = (),
    follow: bool = False,
) -> SavedView:
    """Keep a filter under a name: for oneself, or shared with groups that one belongs to.

    ValidationError on `parameters` for any that mean nothing, on `groups` for one that is not one's own.
    """
    kept = checked(parameters, columns=columns, sort=sort, user=by, on=on)
    view = SavedView(
        name=name, owner=by, parameters=kept.parameters, columns=list(kept.columns), sort=kept.sort
    )
    view.full_clean()
    view.save()
    _share(view, by=by, groups=groups)
    if follow and by is not None:
        ViewFollow.objects.create(view=view, person=by)
    return view


@write_door
def change_view(
    *,
    by: User | None,
    view: SavedView,
    version: int | None,
    on: date,
    name: str | None = None,
    parameters: Mapping[str, Sequence[str]] | None = None,
    columns: Sequence[str] | None = None,
    sort: str | None = None,
    groups: Iterable[WorkingGroup] | None = None,
) -> SavedView:
    """Change what a view is called, means, or is shared with; what is left out (None) stays.

    EditConflictError if somebody else changed it since `version`. A remit never asks who looks.
    """
    current = _editable(view, by=by, version=version)
    if any(given is not None for given in (parameters, columns, sort)):
        kept = checked(
            current.parameters if parameters is None else parameters,
            columns=current.columns if columns is None else columns,
            sort=current.sort if sort is None else sort,
            user=by,
            on=on,
        )
        if SavedView.objects.remits().filter(pk=current.pk).exists():
            must_be_the_same_for_everyone(kept.parameters)
        current.parameters, current.columns, current.sort = kept.parameters, list(kept.columns), kept.sort
    current.name = current.name if name is None else name
    current.version += 1
    current.full_clean()
    current.save(update_fields=["name", "parameters", "columns", "sort", "version"])
    if groups is not None:
        _share(current, by=by, groups=groups)
    return current


@write_door
def remove_view(*, by: User | None, view: SavedView) -> None:
    """Forget a view, with who follows it. ValidationError for a remit: a group would look at nothing."""
    current = _editable(view, by=by, version=None)
    of = list(WorkingGroup.objects.filter(remit__view=current).values_list("name", flat=True))
    if of:
        raise ValidationError(
            f"“{current}” is the remit of {_listed(of)}, so it can’t be deleted. Change it instead."
        )
    current.delete()


@write_door
def follow_view(*, by: User, view: SavedView) -> ViewFollow:
    """Be told once a week what its matches did. Following it twice changes nothing."""
    if not SavedView.objects.visible_to(by).filter(pk=view.pk).exists():
        raise PermissionDenied("This view is not shared with you.")
    return ViewFollow.objects.get_or_create(view=view, person=by)[0]


@write_door
def stop_following(*, by: User, view: SavedView) -> None:
    """Be told no more of a view, seen or not."""
    ViewFollow.objects.filter(view=view, person=by).delete()


@write_door
def follow_initiative(*, by: User, initiative: Initiative) -> InitiativeFollow:
    """Be told once a week what happened to it. Following it twice changes nothing."""
    require(by, Permission.VIEW, initiative)
    return InitiativeFollow.objects.get_or_create(initiative=initiative, person=by)[0]


@write_door
def stop_following_initiative(*, by: User, initiative: Initiative) -> None:
    """Be told no more of an initiative, seen or not."""
    InitiativeFollow.objects.filter(initiative=initiative, person=by).delete()


@receiver(person_erased)
def forget_person(user: User, **_: Any) -> None:
    """What somebody who is erased followed, or kept to themselves, goes with them; what they shared stays."""
    ViewFollow.objects.filter(person=user).delete()
    InitiativeFollow.objects.filter(person=user).delete()
    kept = SavedView.objects.filter(owner=user, shares=None)
    kept.exclude(pk__in=SavedView.objects.remits().values("pk")).delete()


def must_be_the_same_for_everyone(parameters: Mapping[str, Any]) -> None:
    """ValidationError where a parameter depends on who looks: a remit is the same for the whole group."""
    found = [f"{name}={value}" for name in personal(parameters) for value in parameters[name]]
    if found:
        raise ValidationError(
            {
                "parameters": f"A remit is the same for everyone in the group, and “{'” and “'.join(found)}” depends "
                "on who looks. Take it off."
            }
        )


def _editable(view: SavedView, *, by: User | None, version: int | None) -> SavedView:
    """The view as it is now, locked. PermissionDenied, EditConflictError."""
    current = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    if by is not None and not SavedView.objects.editable_by(by).filter(pk=view.pk).exists():
        raise PermissionDenied(
            "This view is changed by who owns it and by the secretaries of the groups it is shared with."
        )
    if version is not None and version != current.version:
        raise EditConflictError(current)
    return current


def _share(view: SavedView, *, by: User | None, groups: Iterable[WorkingGroup]) -> None:
    """Share it with exactly these. One adds groups that one belongs to, and takes off what one may."""
    wanted = {group.pk: group for group in groups}
    shared = {share.group_id: share for share in view.shares.select_related("group")}
    if by is not None:
        _may_add([group for pk, group in wanted.items() if pk not in shared], by)
        _may_take_off([share.group for pk, share in shared.items() if pk not in wanted], view, by)
    of = set(WorkingGroup.objects.filter(remit__view=view).values_list("pk", flat=True))
    if of & set(shared) - set(wanted):
        raise ValidationError({"groups": "A group always sees its own remit."})
    for pk, share in shared.items():
        if pk not in wanted:
            share.delete()
    for pk, group in wanted.items():
        if pk not in shared:
            SavedViewGroup.objects.create(view=view, group=group)


def _may_add(groups: Sequence[WorkingGroup], by: User) -> None:
    strange = [group.name for group in groups if group.pk not in by.holdings.groups]
    if strange:
        raise ValidationError(
            {"groups": f"You are not in {_listed(strange)}. Share with groups that you belong to."}
        )


def _may_take_off(groups: Sequence[WorkingGroup], view: SavedView, by: User) -> None:
    if view.owner_id == by.pk or by.holdings.is_administrator:
        return
    managed = by.holdings.groups_allowing(Permission.MANAGE_GROUP)
    others = [group.name for group in groups if group.pk not in managed]
    if others:
        raise ValidationError(
            {"groups": f"Only the owner, or the secretary of {_listed(others)}, stops sharing it there."}
        )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
