"""The pages of moving one's own account to another address."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from register.accounts.adapters import asked_too_often, within_limit
from register.accounts.address.forms import AddressForm
from register.accounts.address.services import address_in, ask_to_move, may_move, move_to
from register.accounts.again import recently_signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def own_address(request: HttpRequest) -> HttpResponse:
    """`/account/address/`: to which address. Its mailbox gets a link, whoever has it."""
    if not may_move(request.user):
        return render(request, "people/address_theirs.html")
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if not within_limit(request, "change_address", str(request.user.pk)):
            return asked_too_often(request, "Your email address", under=("account", "Your account"))
        email = form.cleaned_data["email"]
        try:
            ask_to_move(by=request.user, email=email)
        except ValidationError as error:
            form.refuse(error)
        else:
            return render(request, "people/address_asked.html", {"email": email})
    return render(request, "people/address.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def own_address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, so that a mail scanner moves nobody; POST moves the account of who is signed in."""
    email = address_in(token, request.user)
    if email is None:
        return render(request, "people/address_over.html", status=404)
    if request.method == "POST":
        try:
            move_to(by=request.user, email=email, session_key=request.session.session_key)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"You sign in as {email} from now on.")
        return redirect("account")
    return render(request, "people/address_confirm.html", {"email": email})
