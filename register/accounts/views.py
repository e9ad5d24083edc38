"""Your account: who you are here, what you may do, and the ways to sign in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.managing import may_manage
from register.accounts.models import RoleGrant
from register.accounts.roles import Permission


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    roles = (
        RoleGrant.objects.filter(user=request.user.pk)
        .select_related("organisation", "group")
        .order_by("role", "pk")
    )
    managed = request.user.holdings.organisations_allowing(Permission.MANAGE_PEOPLE)
    context = {
        "roles": roles,
        "manages": [grant.organisation for grant in roles if grant.organisation_id in managed],
        "manages_register": may_manage(request.user),
    }
    return render(request, "account/account.html", context)
