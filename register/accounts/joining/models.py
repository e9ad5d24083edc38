"""Invitations, requests for access, and the emails that the register owes to people about their accounts."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from register.accounts.joining.querysets import AccessRequestQuerySet, InvitationQuerySet
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


class EmailDomain(models.Model):
    """What stands behind the @ in the addresses of an organisation's people. Several may share one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="email_domains")
    domain = models.CharField(max_length=253)

    class Meta:
        ordering = ["domain"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "domain"],
                name="email_domain_once",
                violation_error_message="It is in the list already.",
            ),
            models.CheckConstraint(name="email_domain_in_small_letters", condition=Q(domain=Lower("domain"))),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.domain


class AccessRequest(models.Model):
    """Somebody asks for an account: first by an address alone, then, once they have its mail, as a person."""

    class Outcome(models.TextChoices):
        NONE = "", "waits for an answer"
        APPROVED = "approved", "approved"
        REFUSED = "refused", "refused"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    post = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="access_requests"
    )
    asked_at = models.DateTimeField(db_default=RegisterNow())
    confirmed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.NONE, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="What they are told when it is refused.")

    objects: ClassVar[AccessRequestQuerySet] = AccessRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["confirmed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="asked_of_an_organisation",
                condition=Q(confirmed_at=None) | Q(organisation__isnull=False),
            ),
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                condition=Q(confirmed_at__isnull=False, decided_at=None),
                name="asked_once_at_a_time",
            ),
        ]
        triggers = [tracked(exclude=["email", "name", "post", "why", "reason"])]

    def __str__(self) -> str:
        return self.name or "Somebody who has not said yet who they are"


class Letter(models.Model):
    """One email that the register owes somebody about an account, or of a meeting that is called off (a notice).

    What it says is written when it is sent.

    A notice is written when there is something to tell, and is to somebody who may have no account: until it has left
    it lies here (`sealed`), encrypted, because it may hold a link for a new password.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", "Invitation"
        CONFIRM = "confirm", "Request: is this your address?"
        REQUEST = "request", "Request: for the lead to answer"
        REFUSED = "refused", "Request: refused"
        STILL_NEEDED = "still_needed", "Is the account still needed?"
        NOTICE = "notice", "About signing in"

    class State(models.TextChoices):
        WAITING = "waiting", "waits to be sent"
        SENDING = "sending", "may not have arrived: it began to be sent, and nobody knows"
        SENT = "sent", "sent"
        FAILED = "failed", "could not be sent: the mail server refused it"
        DROPPED = "dropped", "not sent: there was no need any more"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.CASCADE, related_name="letters")
    access_request = models.ForeignKey(
        AccessRequest, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="letters"
    )
    sealed = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    written_at = models.DateTimeField(db_default=RegisterNow())
    ended_at = models.DateTimeField(null=True, help_text="When it was sent, or given up.")

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["tries", "id"], condition=Q(state="waiting"), name="letter_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                name="letter_is_about_something",
                condition=Q(kind="notice")
                | Q(person__isnull=False)
                | Q(invitation__isnull=False)
                | Q(access_request__isnull=False),
            ),
            models.CheckConstraint(
                name="letter_is_forgotten_once_it_has_left",
                condition=Q(state__in=["waiting", "sending"]) | Q(sealed=b""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"
