"""Working groups in Django's administration, through the same write doors. (People have pages of their own.)"""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.http import HttpRequest

from register.accounts.models import WorkingGroup
from register.accounts.services import (
    add_working_group,
    change_working_group,
)
from register.reference.admin import ThroughDoors

# allauth's own pages would show secrets, and write past the write doors.
for theirs in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(theirs)

# One way in, with its limits and second factors: administration sends people to the ordinary sign-in.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


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
