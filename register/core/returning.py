"""Sending somebody back to where a form was."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, *, otherwise: str) -> HttpResponseRedirect:
    """To the address in the form's `next` if it is one of ours, else to `otherwise`.

    Not by `django.shortcuts.redirect`, which takes a word without a slash for the name of a view and breaks on it.
    """
    told = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        told, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(told if ours else otherwise)
