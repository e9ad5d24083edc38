"""Choosing which digests one gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from register.accounts.models import WorkingGroup
from register.core.forms import RegisterForm
from register.digests.following import WHEN
from register.digests.models import DigestRefusal
from register.digests.services import stop_digest, want_digest

if TYPE_CHECKING:
    from register.accounts.models import User


class ChoiceOfDigests(RegisterForm):
    """A tick for each group whose digest the person wants, and one for what they follow."""

    groups = forms.ModelMultipleChoiceField(
        queryset=WorkingGroup.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Weekly digests you get",
    )

    following = forms.BooleanField(
        required=False,
        label="What you follow",
        help_text=f"One email a week, {WHEN}, when a saved view or an initiative that you follow did something that "
        "no digest of your groups tells you.",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        self.user = user
        mine = WorkingGroup.objects.of(user)
        refused = DigestRefusal.objects.filter(user=user, group__isnull=False).values_list("group", flat=True)
        personal = DigestRefusal.objects.filter(user=user, group=None)
        super().__init__(
            data, initial={"groups": mine.exclude(pk__in=refused), "following": not personal.exists()}
        )
        self.mine = list(mine)
        self.fields["groups"].queryset = mine  # type: ignore[attr-defined]
        if not self.mine:
            del self.fields["groups"]

    def save(self) -> None:
        wanted = set(self.cleaned_data.get("groups", ()))
        wishes: list[tuple[WorkingGroup | None, bool]] = [(group, group in wanted) for group in self.mine]
        for group, wish in [*wishes, (None, self.cleaned_data["following"])]:
            choose = want_digest if wish else stop_digest
            choose(by=self.user, user=self.user, group=group)
