"""Which lines of the ledger: by whom, about what, between which days. The same words in every address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.timezone import make_aware

from register.accounts.models import User
from register.core.forms import DayField, LineField, RegisterForm
from register.core.noted import Noted
from register.history.kinds import KINDS, OF_WHO_LOOKED, OPENED, OUTSIDE, Kind, what_choices
from register.history.lookup import NOBODY
from register.history.models import Change
from register.history.querysets import ChangeQuerySet
from register.history.reading import SOURCES
from register.initiatives.models import Initiative

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# Who is meant by a part of a name: more people than this are no answer.
MOST_PEOPLE = 100


class Line(filters.Filter):
    field_class = LineField


class Day(filters.Filter):
    field_class = DayField

    def __init__(self, **kwargs: Any) -> None:
        narrow = forms.TextInput(attrs={"class": "govuk-input govuk-input--width-10"})
        super().__init__(widget=narrow, **kwargs)


class _Form(RegisterForm):
    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if since and until and since > until:
            self.add_error("until", "The last day is before the first. Put one of them right.")
        return told


class ChangeFilter(filters.FilterSet):
    """By whom, what kind, between which days."""

    who = Line(
        method="by_name",
        label="Who",
        max_length=120,
        widget=forms.TextInput(attrs={"list": "who-did-it", "class": "govuk-input govuk-input--width-20"}),
    )
    kind = filters.ChoiceFilter(method="by_kind", label="What", empty_label="Everything", choices=())
    since = Day(method="from_day", label="From")
    until = Day(method="to_day", label="To")

    class Meta:
        model = Change
        fields: Sequence[str] = ()
        form = _Form

    def __init__(self, data: Any, *, queryset: ChangeQuerySet, kinds: dict[str, Kind]) -> None:
        self.kinds = kinds
        super().__init__(data, queryset=queryset)
        if "kind" in self.filters:
            self.filters["kind"].extra["choices"] = [(code, kind.label) for code, kind in kinds.items()]

    def by_name(self, changes: ChangeQuerySet, name: str, value: str) -> ChangeQuerySet:
        """The register itself, or whoever has these words in their name."""
        if value.lower() == NOBODY:
            return changes.filter(actor_id=None)
        people = User.objects.filter(name__icontains=value, erased_at=None).values_list("pk", flat=True)
        return changes.filter(actor_id__in=list(people[:MOST_PEOPLE]))

    def by_kind(self, changes: ChangeQuerySet, name: str, value: str) -> ChangeQuerySet:
        return changes.filter(self.kinds[value].which)

    def from_day(self, changes: ChangeQuerySet, name: str, value: date) -> ChangeQuerySet:
        return changes.filter(at__gte=_begins(value))

    def to_day(self, changes: ChangeQuerySet, name: str, value: date) -> ChangeQuerySet:
        return changes.filter(at__lt=_begins(value + timedelta(days=1)))

    @property
    def in_use(self) -> dict[str, str]:
        """The parameters that narrow, for the addresses of other pages."""
        names = [name for name in self.filters if self.data.get(name)]
        return {name: str(self.data[name]) for name in names}

    @property
    def changes(self) -> ChangeQuerySet:
        """What is asked for; nothing when it can't be read."""
        found: ChangeQuerySet = self.qs if self.form.is_valid() else self.queryset.none()
        return found


class LedgerFilter(ChangeFilter):
    """Across the register, for administrators and auditors: also which record, from where, why."""

    kind = None
    what = filters.ChoiceFilter(
        method="by_what", label="What", empty_label="Everything", choices=what_choices
    )
    record = Line(method="by_reference", label="Record", max_length=20)
    source = filters.ChoiceFilter(
        field_name="source", label="From where", empty_label="Anywhere", choices=list(SOURCES.items())
    )
    request = Line(field_name="request_id", label="Request", max_length=64)
    reason = Line(method="by_reason", label="Words of the reason", max_length=120)

    def __init__(self, data: Any, *, reader: User | AnonymousUser, **told: Any) -> None:
        self.reader = reader
        super().__init__(data, kinds={}, **told)

    def by_what(self, changes: ChangeQuerySet, name: str, value: str) -> ChangeQuerySet:
        return changes.filter(table_name=value if value in Noted.values else f"register_{value}")

    def by_reference(self, changes: ChangeQuerySet, name: str, value: str) -> ChangeQuerySet:
        record = Initiative.objects.by_reference(value)
        return changes.filter(root_id=record.pk) if record else changes.none()

    def by_reason(self, changes: ChangeQuerySet, name: str, value: str) -> ChangeQuerySet:
        found = Q()
        for word in value.split():
            found &= Q(reason__icontains=word)
        return changes.exclude(reason="").filter(found).exclude(changes.withheld_from(self.reader))


def of_record(data: Any, changes: ChangeQuerySet, *, with_notes: bool) -> ChangeFilter:
    kinds = KINDS | ({OPENED: OF_WHO_LOOKED} if with_notes else {})
    return ChangeFilter(data, queryset=changes, kinds=kinds)


def of_register(data: Any, changes: ChangeQuerySet) -> ChangeFilter:
    return ChangeFilter(data, queryset=changes, kinds=KINDS | {"reference": OUTSIDE})


def of_ledger(data: Any, reader: User | AnonymousUser) -> LedgerFilter:
    """Of every line that the reader may see."""
    return LedgerFilter(data, queryset=Change.ledger.audited_by(reader), reader=reader)


def _begins(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
