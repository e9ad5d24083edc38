"""Saving a filter as a view, and changing one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q, QuerySet

from register.accounts.models import User, WorkingGroup
from register.catalogue.meaning import Kept
from register.catalogue.models import SavedView
from register.core.forms import LineField, RegisterForm

ONLY_YOU = "Tick none, and only you see it."


class ViewForm(RegisterForm):
    """A view's name and whom it is shared with. The filter rides along in `query`, as the list's address has it."""

    name = LineField(
        max_length=120, label="Name", help_text="What you would call this list, such as Fleet in the East."
    )
    groups = forms.ModelMultipleChoiceField(
        WorkingGroup.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Share it with",
        help_text=f"Everyone in a group sees the view, and its secretary may change it. {ONLY_YOU}",
    )
    follow = forms.BooleanField(
        required=False,
        label="Follow it",
        help_text="One email a week says what its initiatives did, beside what your groups’ digests tell you.",
    )
    query = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, view: SavedView | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.view = user, view
        offered = groups_to_offer(user, view)
        if offered:
            self.fields["groups"].queryset = offered  # type: ignore[attr-defined]
        else:
            del self.fields["groups"]
        if view is not None:
            del self.fields["follow"]

    @property
    def kept(self) -> Kept:
        return Kept.of(str(self["query"].value() or ""))

    def for_service(self) -> dict[str, Any]:
        told, kept = self.cleaned_data, self.kept
        groups = set(told.get("groups", ()))
        if self.view is not None:  # what one is not offered stays shared as it is
            groups |= set(self.view.groups.exclude(pk__in=groups_to_offer(self.user, self.view).values("pk")))
        return {
            "name": told["name"],
            "groups": groups,
            "parameters": kept.parameters,
            "columns": kept.columns,
            "sort": kept.sort,
        }

    def initial_of(self, view: SavedView) -> dict[str, Any]:
        """The form's values for a saved view."""
        return {
            "name": view.name,
            "groups": list(view.groups.all()),
            "query": Kept.by(view).query,
            "version": view.version,
        }

    def refuse(self, error: ValidationError) -> None:
        """Show a service's refusal at the fields it names; of what the page has no field for, at the top."""
        named = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, texts in named.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)


def groups_to_offer(user: User, view: SavedView | None) -> QuerySet[WorkingGroup]:
    """Groups that one belongs to; of one's own view also those that it is shared with."""
    offered = Q(pk__in=list(user.holdings.groups))
    if view is not None and (view.owner_id == user.pk or user.holdings.is_administrator):
        offered |= Q(view_shares__view=view)
    return WorkingGroup.objects.filter(offered).distinct().order_by("name")
