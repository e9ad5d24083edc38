"""People, groups and roles in Django's administration, through the same write doors."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.services import (
    add_person,
    add_working_group,
    change_person,
    change_working_group,
    erase_person,
    grant_role,
    revoke_role,
)
from register.core.clock import now
from register.reference.admin import ThroughDoors

# One way in, with its limits and second factors: administration sends people to the ordinary sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(ThroughDoors):
    """Added people set a password by the reset link on the sign-in page. Nobody is deleted: they are erased."""

    list_display = ["email", "name", "post", "is_active", "erased_at"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "post", "telephone", "is_active"]
    actions = ["erase"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in self.fields}
        if change:
            change_person(by=request.user, user=obj, **values)
        else:
            added = add_person(by=request.user, **values)
            obj.pk = added.pk

    @admin.action(description="Erase: forget who they are, keep what happened")
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            erase_person(by=request.user, user=user, at=now())
        self.message_user(request, f"{len(queryset)} erased.", messages.SUCCESS)


@admin.register(WorkingGroup)
class WorkingGroupAdmin(ThroughDoors):
    list_display = ["name", "code", "kind", "is_demonstration"]
    fields = ["name", "code", "kind", "terms"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: WorkingGroup, form: Any, change: bool) -> None:
        if change:
            change_working_group(by=request.user, group=obj, version=None, **form.cleaned_data)
        else:
            obj.pk = add_working_group(by=request.user, **form.cleaned_data).pk


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):
    """A role is given or taken away, never changed into another."""

    list_display = ["user", "role", "organisation", "group"]
    list_filter = ["role"]
    autocomplete_fields = ["user"]
    raw_id_fields = ["organisation"]
    search_fields = ["user__email", "user__name"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: RoleGrant, form: Any, change: bool) -> None:
        obj.pk = grant_role(by=request.user, **form.cleaned_data).pk

    def delete_model(self, request: HttpRequest, obj: RoleGrant) -> None:
        try:
            revoke_role(by=request.user, grant=obj)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleGrant]) -> None:
        for grant in queryset:
            self.delete_model(request, grant)
