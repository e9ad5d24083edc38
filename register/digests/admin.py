"""Editions, deliveries and chases in Django's administration: to read, and to send again what was held or failed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from register.core.clock import now
from register.digests.chasing.models import Chase
from register.digests.models import Delivery, Edition
from register.digests.posting.claiming import send_again as send_chase_again
from register.digests.sending.delivery import send_again


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _user(request: HttpRequest) -> Any:
    return request.user


@admin.register(Edition)
class EditionAdmin(ReadOnly):
    list_display = ["__str__", "starts_at", "ends_at", "state", "created_at"]
    list_filter = ["state", "group"]
    list_select_related = ["group", "person"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["edition", "user", "state", "attempts", "due_at", "sent_at", "why"]
    list_filter = ["state", "edition__group"]
    list_select_related = ["edition__group", "user"]
    actions = ["again"]

    @admin.action(description="Send again what was held or failed", permissions=["view"])
    def again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """For somebody who has looked: a held one may reach its reader twice."""
        count = send_again(by=_user(request), deliveries=queryset, now=now())
        self.message_user(request, f"{count} will be sent again within minutes.", messages.SUCCESS)


@admin.register(Chase)
class ChaseAdmin(ReadOnly):
    list_display = ["person", "round", "kind", "state", "attempts", "due_at", "sent_at", "why"]
    list_filter = ["state", "kind"]
    list_select_related = ["round", "person"]
    actions = ["again"]

    @admin.action(description="Send again what was held or failed", permissions=["view"])
    def again(self, request: HttpRequest, queryset: QuerySet[Chase]) -> None:
        """For somebody who has looked: a held one may reach its reader twice."""
        count = send_chase_again(by=_user(request), rows=queryset, now=now())
        self.message_user(request, f"{count} will be sent again within minutes.", messages.SUCCESS)
