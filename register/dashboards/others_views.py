"""Others do this: what opens from a gap of the matrix."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import today
from register.core.forms import RegisterForm
from register.dashboards.metrics.closeness import BLUE_LIGHT
from register.dashboards.metrics.others import others
from register.dashboards.subjects import Subject, page_context, subject_of
from register.initiatives.vocabulary import Marking
from register.reference.models import AreaOfWork, Organisation, PoliceArea

CODE = re.compile(r"[a-z0-9-]{1,80}")


class GapForm(RegisterForm):
    """Which gap. What comes in an address is only ever compared with what there is."""

    area = forms.ChoiceField(
        label="Area of work",
        error_messages={
            "required": "Choose an area of work",
            "invalid_choice": "Choose an area of work from the list: there is none of the name in the address",
        },
    )
    place = forms.ChoiceField(
        label="Police area",
        error_messages={
            "required": "Choose a police area",
            "invalid_choice": "Choose a police area from the list: there is none of the name in the address",
        },
    )
    service = forms.MultipleChoiceField(
        choices=[(service, service.capitalize()) for service in BLUE_LIGHT],
        required=False,
        label="Services that are to work together",
        help_text="Choose none for those that are there.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from police, fire and ambulance"},
    )
    org = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, is_fictional: bool) -> None:
        super().__init__(data)
        self.areas = {area.code: area for area in AreaOfWork.objects.with_merged()}
        asked = data.get("place") if data else None
        # An organisation's gap needs no place.
        self.fields["place"].required = not (data and data.get("org"))
        self.places = {
            place.slug: place
            for place in PoliceArea.objects.filter(retired_on=None)
            if not place.is_fictional or is_fictional or place.slug == asked
        }
        # One that was merged or retired since still leads to its page, and is not offered.
        offered = [
            (area.code, area.name)
            for area in self.areas.values()
            if area.is_active or (data and area.code == data.get("area"))
        ]
        self.fields["area"].choices = [("", "Choose an area of work"), *offered]  # type: ignore[attr-defined]
        named = [(place.slug, place.name) for place in self.places.values()]
        self.fields["place"].choices = [("", "Choose a police area"), *named]  # type: ignore[attr-defined]

    def clean_org(self) -> Organisation | None:
        code = self.cleaned_data["org"]
        if not code:
            return None
        found = Organisation.objects.filter(code=code).first() if CODE.fullmatch(code) else None
        if found is None:
            self.add_error(
                "place", "The organisation in the address is not in the register. Choose a police area"
            )
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        area = self.areas.get(cleaned.get("area", ""))
        by_pk = {one.pk: one for one in self.areas.values()}
        cleaned["area"] = by_pk[area.merged_into_id] if area and area.merged_into_id else area
        place = cleaned["place"] = self.places.get(cleaned.get("place", ""))
        org = cleaned.get("org")
        if place and org and place.is_fictional != org.is_fictional:
            self.add_error("place", f"{org.label} is not of {place.name}. Choose a police area")
        return cleaned


@require_safe
def others_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/opportunities/others/?area=fleet&place=kent` (or `&org=kent-police`): who does this already?"""
    subject = subject_of(request, kind, **key)
    asked = any(name in request.GET for name in GapForm.base_fields)
    form = GapForm(request.GET if asked else None, is_fictional=subject.is_fictional)
    page, is_wrong = None, asked and not form.is_valid()
    if asked and not is_wrong:
        told = form.cleaned_data
        page = others(
            told["area"],
            told["place"],
            told["org"],
            user=request.user,
            on=today(),
            services=told["service"] or _named_by(subject),
        )
    context = page_context(request, subject, "opportunities") | {
        "form": form,
        "error_links": form.error_links() if is_wrong else [],
        "page": page,
        "today": today(),
        "may_log": has_permission(request.user, Permission.LOG),
        "page_marking": Marking.OFFICIAL_SENSITIVE.label if page and page.is_sensitive else "",
    }
    return render(request, "dashboards/others.html", context, status=400 if is_wrong else 200)


def _named_by(subject: Subject) -> list[str]:
    """The services that a remit names, if it names any."""
    named = (subject.parameters or {}).get("service", [])
    return [service for service in BLUE_LIGHT if service in named]
