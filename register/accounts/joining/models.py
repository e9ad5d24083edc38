"""Invitations, and the emails that the register owes to people about their accounts."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from register.accounts.joining.querysets import InvitationQuerySet
from register.accounts.models import WorkingGroup
from register.accounts.roles import FOR_GROUP, FOR_ORGANISATION, FOR_REGISTER, Role
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.reference.models import Organisation


class Invitation(models.Model):
    """One role offered to whoever reads one mailbox. The link names it, signed, and opens it once."""

    class State(enum.Enum):
        OPEN = "waits for an answer"
        USED = "accepted"
        WITHDRAWN = "withdrawn"
        EXPIRED = "ran out"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations"
    )
    group = models.ForeignKey(
        WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    invited_at = models.DateTimeField(db_default=RegisterNow())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                "group",
                condition=Q(used_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="invited_once_into_a_place",
            ),
            models.CheckConstraint(
                name="invited_to_a_role_where_it_belongs",
                condition=(
                    Q(organisation=None, group=None, role__in=sorted(FOR_REGISTER))
                    | Q(organisation__isnull=False, group=None, role__in=sorted(FOR_ORGANISATION))
                    | Q(organisation=None, group__isnull=False, role__in=sorted(FOR_GROUP))
                ),
            ),
            models.CheckConstraint(
                name="used_or_withdrawn", condition=Q(used_at=None) | Q(withdrawn_at=None)
            ),
        ]
        triggers = [tracked(exclude=["email", "name"])]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.place}"

    @property
    def place(self) -> str:
        return str(self.organisation or self.group or "the whole register")

    def state(self, now: datetime) -> State:
        if self.used_at:
            return self.State.USED
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        return self.State.EXPIRED if self.expires_at <= now else self.State.OPEN


class Letter(models.Model):
    """One email that the register owes somebody about an account. What it says is written when it is sent."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "Invitation"

    class State(models.TextChoices):
        WAITING = "waiting", "waits to be sent"
        SENDING = "sending", "may not have arrived: it began to be sent, and nobody knows"
        SENT = "sent", "sent"
        FAILED = "failed", "could not be sent: the mail server refused it"
        DROPPED = "dropped", "not sent: there was no need any more"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.CASCADE, related_name="letters")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField(db_default=RegisterNow())
    ended_at = models.DateTimeField(null=True, help_text="When it was sent, or given up.")

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["tries", "id"], condition=Q(state="waiting"), name="letter_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"
