"""Users, working groups, and the roles people hold."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from register.accounts.permissions import Holdings, Scope
from register.accounts.querysets import RoleGrantQuerySet, UserManager, WorkingGroupQuerySet
from register.accounts.roles import FOR_GROUP, FOR_ORGANISATION, FOR_REGISTER, Role
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.reference.models import Organisation

# Never in the ledger: secrets, contacts and names. Erasing a person then leaves history whole.
PRIVATE_COLUMNS = (
    "password", "email", "name", "post", "telephone", "last_login", "last_seen_at", "asked_if_needed_at",
)  # fmt: skip


class User(AbstractBaseUser):
    """A person who signs in by email. Their name is read from here only, so that it can be erased here."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    post = models.CharField(
        "post", max_length=120, blank=True, help_text="What they do, such as Estates lead."
    )
    telephone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=RegisterNow())
    last_seen_at = models.DateTimeField(null=True, blank=True)
    asked_if_needed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they were asked whether they still need it."
    )
    paused_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Switched off because nobody used it.",
    )
    is_kept_out = models.BooleanField(
        default=False,
        editable=False,
        help_text="Switched off by an administrator: nobody else lets them in again.",
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="Somebody already signs in with this.",
            ),
            models.CheckConstraint(
                name="paused_is_switched_off", condition=models.Q(paused_at=None) | models.Q(is_active=False)
            ),
            models.CheckConstraint(
                name="kept_out_is_switched_off",
                condition=models.Q(is_kept_out=False) | models.Q(is_active=False),
            ),
        ]
        triggers = [tracked(exclude=PRIVATE_COLUMNS)]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        if self.erased_at:
            return "Someone who has left"
        return self.name or "Someone with no name yet"

    def get_short_name(self) -> str:
        return self.get_full_name().split(" ")[0]

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.public_id])

    @cached_property
    def holdings(self) -> Holdings:
        """The roles this person holds, read once for as long as the object lives (a request)."""
        return Holdings.of(self.roles.values_list("role", "organisation_id", "group_id"), self.pk)

    # Django's admin asks these three.
    @property
    def is_staff(self) -> bool:
        return self.is_active and Role.ADMINISTRATOR in self.holdings.register

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class WorkingGroup(models.Model):
    """A group that meets to review part of the register. Its remit is a saved view (see `groups`)."""

    class Kind(models.TextChoices):
        NATIONAL = "national", "National"
        REGIONAL = "regional", "Regional"
        LOCAL = "local", "Local"

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    terms = models.TextField("terms of reference", blank=True)
    is_demonstration = models.BooleanField(default=False)
    is_fictional = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=RegisterNow())
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[WorkingGroupQuerySet] = WorkingGroupQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.code])

    def permission_scope(self) -> Scope:
        return Scope(groups=frozenset({self.pk}))


class RoleGrant(models.Model):
    """One person's one role, for the register (neither organisation nor group), an organisation or a group."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    group = models.ForeignKey(
        WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="roles"
    )

    objects: ClassVar[RoleGrantQuerySet] = RoleGrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organisation", "group"], nulls_distinct=False, name="role_once"
            ),
            models.CheckConstraint(
                name="role_held_where_it_belongs",
                condition=(
                    models.Q(organisation=None, group=None, role__in=sorted(FOR_REGISTER))
                    | models.Q(organisation__isnull=False, group=None, role__in=sorted(FOR_ORGANISATION))
                    | models.Q(organisation=None, group__isnull=False, role__in=sorted(FOR_GROUP))
                ),
            ),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation or self.group or 'the register'}"
