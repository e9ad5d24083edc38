"""Your account: who you are here, what you may do, and the ways to sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.models import RoleGrant


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    roles = (
        RoleGrant.objects.filter(user=request.user.pk)
        .select_related("organisation", "group")
        .order_by("role", "pk")
    )
    return render(request, "account/account.html", {"roles": roles})
