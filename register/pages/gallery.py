"""The component gallery: every part once, for who changes the look."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.catalogue.shapes import SHAPES
from register.core.clock import today
from register.core.forms import DayField, LimitedDateField, LineField, MoneyField, RegisterForm, TextField
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.rows import rows_of
from register.initiatives.vocabulary import DEPTHS, STAGES, Confidence
from register.reference.picker import OrganisationField


class ExampleForm(RegisterForm):
    """One of every field."""

    title = LineField(max_length=60, label="Title")
    purpose = TextField(max_length=200, label="Purpose", help_text="One sentence.", rows=2)
    amount = MoneyField(label="Amount", help_text="Such as £1.2m, £950,000 or 2500.")
    happened = LimitedDateField(label="When it happened", help_text="A day, a month or a year.")
    noted_on = DayField(required=False, label="Day")
    organisation = OrganisationField(label="Organisation")
    confidence = forms.ChoiceField(choices=Confidence.choices, widget=forms.RadioSelect, label="Confidence")
    services = forms.MultipleChoiceField(
        choices=[("police", "Police"), ("fire", "Fire"), ("ambulance", "Ambulance"), ("council", "Council")],
        widget=forms.CheckboxSelectMultiple,
        label="Services",
    )
    stage = forms.ChoiceField(choices=[(stage.value, stage.label) for stage in STAGES], label="Stage")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """`/components/`: for administrators, and for anyone signed in while DEBUG is on."""
    if not (settings.DEBUG or request.user.holdings.is_administrator):
        raise PermissionDenied("The components are shown to administrators.")
    on = today()
    typed = {"title": "x" * 75, "amount": "a lot", "happened": "31 February", "organisation": "hampshire"}
    wrong = ExampleForm({f"wrong-{name}": text for name, text in typed.items()}, prefix="wrong")
    visible = Initiative.objects.visible_to(request.user).real()
    rows = rows_of(visible[:2])
    context = {
        "page_marking": page_marking(row.initiative for row in rows),
        "shapes": [(shape, shape.build(visible, {})) for shape in SHAPES.values()],
        "today": on,
        "stages": [stage.value for stage in STAGES],
        "depths": [(depth.value, depth.label) for depth in DEPTHS],
        "services": ["police", "fire", "ambulance", "council", "other"],
        "form": ExampleForm(),
        "wrong": wrong,
        "confirmed": Initiative(confirmed_on=on, next_update_due=on + timedelta(weeks=26)),
        "late": Initiative(confirmed_on=on - timedelta(weeks=30), next_update_due=on - timedelta(days=4)),
        "unconfirmed": Initiative(),
        "unanswered": Initiative(
            confirmed_on=on - timedelta(weeks=31),
            next_update_due=on - timedelta(weeks=5),
            no_answer_on=on - timedelta(days=1),
        ),
        "initiatives": rows,
    }
    return render(request, "pages/gallery.html", context)
