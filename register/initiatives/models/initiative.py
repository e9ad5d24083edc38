"""The initiative: one joint piece of work, planned, running, ended or declined."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower, TruncMonth, TruncYear
from django.urls import reverse

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Scope
from register.core.clock import RegisterNow
from register.core.columns import limited_date_constraint, precision_field
from register.core.dates import LimitedDate, in_words
from register.core.tracking import tracked
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import (
    EDITING_ROLES,
    Audience,
    Depth,
    FigureKind,
    Marking,
    NoFigureReason,
    PartnerRole,
    Stage,
    Standing,
    StandingReason,
)
from register.reference.models import AreaOfWork, Organisation, PoliceArea

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from register.initiatives.models.links import InitiativePartner
    from register.initiatives.models.money import StatedFigure

TITLE_LENGTH = 160
PURPOSE_LENGTH = 200


class NextNumber(Func):
    """The next reference number. A sequence, so that a number is never used twice."""

    function = "nextval"
    output_field = models.BigIntegerField()

    def __init__(self) -> None:
        super().__init__(Value("register_initiative_number"))


class Initiative(models.Model):
    number = models.BigIntegerField(unique=True, editable=False, db_default=NextNumber())
    title = models.CharField(max_length=TITLE_LENGTH)
    purpose = models.CharField(max_length=PURPOSE_LENGTH, help_text="One sentence.")
    summary = models.TextField(blank=True)
    description = models.TextField(blank=True)
    stage = models.CharField(max_length=15, choices=Stage.choices)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    standing_reason = models.CharField(max_length=25, choices=StandingReason.choices, blank=True)
    standing_text = models.TextField(blank=True)
    depth = models.CharField(max_length=20, choices=Depth.choices, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    starts_precision = precision_field()
    ends_on = models.DateField(null=True, blank=True)
    ends_precision = precision_field()
    owner = models.CharField(max_length=120, blank=True, help_text="The post that answers for it.")
    contact_post = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField("shared mailbox", blank=True)
    marking = models.CharField(max_length=20, choices=Marking.choices, default=Marking.OFFICIAL)
    handling = models.CharField(max_length=120, blank=True, help_text="Who it may be passed to, and how.")
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.EVERYONE)
    named_groups = models.ManyToManyField(WorkingGroup, through="InitiativeGroup", related_name="named_in")
    open_to_replication = models.BooleanField(null=True, blank=True)
    no_figure_reason = models.CharField(max_length=20, choices=NoFigureReason.choices, blank=True)
    no_figure_text = models.CharField(max_length=200, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    next_update_due = models.DateField(null=True, blank=True)
    no_answer_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="The day on which its owners had left three questions unanswered.",
    )
    compiled_from_sources = models.BooleanField(default=False)
    unverified = models.TextField(blank=True, help_text="What in the record rests on memory alone.")
    is_fictional = models.BooleanField(default=False)

    organisations = models.ManyToManyField(
        Organisation, through="InitiativePartner", related_name="initiatives"
    )
    areas_of_work = models.ManyToManyField(AreaOfWork, through="InitiativeArea", related_name="initiatives")
    places = models.ManyToManyField(PoliceArea, through="InitiativePlace", related_name="initiatives")

    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=RegisterNow())
    changed_at = models.DateTimeField(db_default=RegisterNow(), editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[InitiativeQuerySet] = InitiativeQuerySet.as_manager()  # type: ignore[assignment]

    if TYPE_CHECKING:
        partners: RelatedManager[InitiativePartner]
        stated_figures: RelatedManager[StatedFigure]

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(F("changed_at").desc(), F("id").desc(), name="initiative_recent"),
            # The latest of a stage, and how many of them a reader may see, without the stages that are not asked for.
            models.Index(
                F("stage"),
                F("changed_at").desc(),
                F("id").desc(),
                include=["audience", "created_by", "deleted_at", "is_fictional", "standing"],
                name="initiative_stage_recent",
            ),
            models.Index(Lower("title"), F("id"), name="initiative_by_title"),
            models.Index(F("starts_on").desc(nulls_last=True), F("id").desc(), name="initiative_started"),
            # Titles that share words. The catalogue's whole text would be read for each to tell a title from the rest.
            GinIndex(SearchVector("title", config="english"), name="initiative_title_words"),
            # What counting asks of every record, without reading its texts.
            models.Index(
                fields=["id"],
                include=[
                    "audience",
                    "created_by",
                    "deleted_at",
                    "is_fictional",
                    "stage",
                    "standing",
                    "depth",
                    "marking",
                    "confirmed_on",
                    "next_update_due",
                ],
                name="initiative_facts",
            ),
            # The few that not everybody sees: what a reader may see beside the rest.
            models.Index(
                fields=["id"],
                include=["audience", "created_by", "deleted_at", "is_fictional"],
                condition=~Q(audience=Audience.EVERYONE),
                name="initiative_restricted",
            ),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="initiative_title_trgm"),
            # The longest overdue.
            models.Index(
                fields=["next_update_due", "id"],
                condition=Q(deleted_at=None, standing=Standing.ACTIVE),
                name="initiative_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="standing_carries_a_reason",
                condition=Q(standing=Standing.ACTIVE, standing_reason="")
                | (~Q(standing=Standing.ACTIVE) & ~Q(standing_reason="") & ~Q(standing_text="")),
            ),
            models.CheckConstraint(
                name="sensitive_is_not_for_everyone",
                condition=~Q(marking=Marking.OFFICIAL_SENSITIVE, audience=Audience.EVERYONE),
            ),
            models.CheckConstraint(
                name="initiative_dates_in_order",
                # Compared between periods: "2014" may end what "June 2014" started.
                condition=Q(starts_on=None)
                | Q(ends_on=None)
                | Q(ends_on__gte=F("starts_on"))
                | Q(ends_precision="month", ends_on__gte=TruncMonth("starts_on"))
                | Q(ends_precision="year", ends_on__gte=TruncYear("starts_on")),
            ),
            limited_date_constraint("initiative", "starts_on", "starts_precision"),
            limited_date_constraint("initiative", "ends_on", "ends_precision"),
        ]
        # That nobody answers is the register's own note: it changes nothing in the record.
        triggers = [tracked(root="id", exclude=["contact_email", "no_answer_on"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("initiative", args=[self.reference])

    @property
    def reference(self) -> str:
        return f"BL-{self.number:05d}"

    @property
    def starts(self) -> LimitedDate | None:
        return LimitedDate.of(self.starts_on, self.starts_precision)

    @property
    def ends(self) -> LimitedDate | None:
        return LimitedDate.of(self.ends_on, self.ends_precision)

    @property
    def is_sensitive(self) -> bool:
        return self.marking == Marking.OFFICIAL_SENSITIVE

    @cached_property
    def lead(self) -> Organisation | None:
        """The one lead, or None: not stated in the source."""
        return next((p.organisation for p in self.partners.all() if p.role == PartnerRole.LEAD), None)

    @cached_property
    def services(self) -> list[str]:
        """The services that work together (police, fire, ambulance, council, other), one for each organisation
        that leads, takes part or hosts; a force and its policing body count once."""
        taking_part = [p.organisation for p in self.partners.all() if p.role in EDITING_ROLES]
        kinds = {o.kind for o in taking_part}
        found = [
            o.service
            for o in taking_part
            if not (o.kind == Organisation.Kind.POLICING_BODY and Organisation.Kind.POLICE in kinds)
        ]
        return sorted(found, key=["police", "fire", "ambulance", "council", "other"].index)

    @property
    def stated_savings(self) -> list[StatedFigure]:
        """What publications say it saves, from the figures already fetched."""
        return [figure for figure in self.stated_figures.all() if figure.kind == FigureKind.SAVING]

    @property
    def marked(self) -> str:
        """The marking in words, with how the record is to be handled."""
        return ": ".join(filter(None, (self.get_marking_display(), self.handling)))

    def days_late(self, on: date) -> int:
        """How many days its update is late on a day; 0 when it is not."""
        if self.standing != Standing.ACTIVE or self.next_update_due is None:
            return 0
        return max(0, (on - self.next_update_due).days)

    def is_unanswered(self, on: date) -> bool:
        """Whether it is late and its owners were asked three times in vain; nobody has confirmed it since then."""
        if self.no_answer_on is None or not self.days_late(on):
            return False
        return self.confirmed_on is None or self.confirmed_on < self.no_answer_on

    @property
    def not_confirmed_since(self) -> str:
        """What every list says of one whose owners do not answer."""
        since = self.confirmed_on
        return f"Not confirmed since {in_words(since)}" if since else "Never confirmed"

    def permission_scope(self) -> Scope:
        partners = list(self.partners.all())
        lead = frozenset(p.organisation_id for p in partners if p.role == PartnerRole.LEAD)
        taking_part = frozenset(p.organisation_id for p in partners if p.role in EDITING_ROLES)
        return Scope(
            audience=self.audience,
            lead=lead,
            partners=frozenset(p.organisation_id for p in partners),
            editors=lead if self.audience == Audience.DRAFT else taking_part,
            groups=frozenset(g.pk for g in self.named_groups.all()),
            author=self.created_by_id,
            deleted=self.deleted_at is not None,
        )
