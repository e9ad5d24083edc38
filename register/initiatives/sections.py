"""The sections of a record: what hangs on it, each added, changed and taken off on pages of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from register.initiatives import services
from register.initiatives.forms.common import SectionForm
from register.initiatives.forms.money import BenefitForm, CostForm, FigureForm, FundingForm, SavingForm
from register.initiatives.forms.papers import AgreementForm, BarrierForm, DocumentForm
from register.initiatives.forms.progress import MilestoneForm, UpdateForm
from register.initiatives.models import (
    Agreement,
    Barrier,
    Benefit,
    CostLine,
    Document,
    FundingLine,
    Milestone,
    SavingLine,
    StatedFigure,
    Update,
)


@dataclass(frozen=True)
class Section:
    """One kind of thing: its form and its write doors. `row` is what the change door calls it."""

    slug: str
    thing: str
    model: type[Model]
    form: type[SectionForm]
    add: Callable[..., Any]
    change: Callable[..., Any]
    row: str
    on_record: str = "initiative"
    takes_day: tuple[bool, bool] = (False, False)

    @property
    def a_thing(self) -> str:
        return f"{'an' if self.thing[0] in 'aeiou' else 'a'} {self.thing}"


SECTIONS = {
    section.slug: section
    for section in (
        Section(
            "benefits",
            "benefit",
            Benefit,
            BenefitForm,
            services.add_benefit,
            services.change_benefit,
            "benefit",
        ),
        Section(
            "savings",
            "saving",
            SavingLine,
            SavingForm,
            services.add_saving,
            services.change_saving,
            "line",
            on_record="benefit__initiative",
        ),
        Section("costs", "cost", CostLine, CostForm, services.add_cost, services.change_cost, "line"),
        Section(
            "funding",
            "funding line",
            FundingLine,
            FundingForm,
            services.add_funding,
            services.change_funding,
            "line",
        ),
        Section(
            "figures",
            "stated figure",
            StatedFigure,
            FigureForm,
            services.state_figure,
            services.change_stated_figure,
            "figure",
        ),
        Section(
            "barriers",
            "barrier",
            Barrier,
            BarrierForm,
            services.raise_barrier,
            services.change_barrier,
            "barrier",
            takes_day=(True, True),
        ),
        Section(
            "milestones",
            "milestone",
            Milestone,
            MilestoneForm,
            services.add_milestone,
            services.change_milestone,
            "milestone",
            takes_day=(False, True),
        ),
        Section(
            "agreements",
            "agreement",
            Agreement,
            AgreementForm,
            services.add_agreement,
            services.change_agreement,
            "agreement",
        ),
        Section(
            "documents",
            "document",
            Document,
            DocumentForm,
            services.add_document,
            services.change_document,
            "document",
        ),
        Section(
            "updates",
            "update",
            Update,
            UpdateForm,
            services.add_update,
            services.change_update,
            "update",
            takes_day=(True, False),
        ),
    )
}
