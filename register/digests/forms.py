"""Choosing which digests one gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from register.accounts.models import WorkingGroup
from register.core.forms import RegisterForm
from register.digests.models import DigestRefusal
from register.digests.services import stop_digest, want_digest

if TYPE_CHECKING:
    from register.accounts.models import User


class ChoiceOfDigests(RegisterForm):
    """A tick for each group whose digest the person wants."""

    groups = forms.ModelMultipleChoiceField(
        queryset=WorkingGroup.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Weekly digests you get",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        self.user = user
        mine = WorkingGroup.objects.of(user)
        refused = DigestRefusal.objects.filter(user=user, group__isnull=False).values_list("group", flat=True)
        super().__init__(data, initial={"groups": mine.exclude(pk__in=refused)})
        self.fields["groups"].queryset = mine  # type: ignore[attr-defined]

    def save(self) -> None:
        wanted = set(self.cleaned_data["groups"])
        for group in self.fields["groups"].queryset:  # type: ignore[attr-defined]
            choose = want_digest if group in wanted else stop_digest
            choose(by=self.user, user=self.user, group=group)
