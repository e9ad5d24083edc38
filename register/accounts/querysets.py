"""Who is found when people, groups and roles are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from register.accounts.roles import Role

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

LEAST_LETTERS = 3


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True, erased_at=None)

    def in_group(self, group: WorkingGroup) -> UserQuerySet:
        """Active people who hold a role in the group."""
        return self.active().filter(roles__group=group).distinct()

    def called(self, typed: str) -> UserQuerySet:
        """Active people with exactly this address, or whose name holds each of these words.

        One word must have three letters at least: people are found by who knows them, and never listed.
        """
        words = typed.split()
        if "@" in typed:
            return self.active().filter(email__iexact=typed.strip())
        if not any(sum(map(str.isalpha, word)) >= LEAST_LETTERS for word in words):
            return self.none()
        found = self.active()
        for word in words:
            found = found.filter(name__icontains=word)
        return found.order_by("name", "pk")


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's door for making users; `services.add_person` is the register's."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class WorkingGroupQuerySet(models.QuerySet["WorkingGroup"]):
    def of(self, user: User) -> WorkingGroupQuerySet:
        """The groups a person holds a role in."""
        return self.filter(roles__user=user).distinct()

    def visible_to(self, user: User) -> WorkingGroupQuerySet:
        """The groups whose pages a person may open: their own, or all for administrators and auditors."""
        if not user.is_authenticated:
            return self.none()
        if user.holdings.sees_everything:
            return self.all()
        return self.filter(pk__in=user.holdings.groups)


class RoleGrantQuerySet(models.QuerySet):
    def administrators(self) -> RoleGrantQuerySet:
        return self.filter(role=Role.ADMINISTRATOR)
