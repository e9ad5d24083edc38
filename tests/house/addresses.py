"""Every address of the register, with something of the sample in place of its arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from register.accounts.models import User
from register.catalogue.models import SavedView
from register.core.dates import financial_year
from register.digests.models import Delivery
from register.groups.models import Ask, Consideration, Decision, Meeting, ReviewFlag
from register.initiatives.models import Initiative, SavingLine
from register.initiatives.sections import SECTIONS

# Open to anyone, on purpose. Whatever is not here asks for sign-in.
PUBLIC = {
    "health",
    "accessibility",
    "cookies",
    "privacy",
    "figures",
    "digest_unsubscribe",
    "still_needed",
    "still_current",
    "invitation",
    "access_ask",
    "access_confirm",
}
# What a browser does not open: answers to forms, parts of pages, files, and pages that need a state of their own.
NOT_PAGES = {
    "group_meeting_calendar",
    "group_meeting_decided",
    "group_meeting_start",
    "health",
    "initiative_confirm",
    "initiative_facets",
    "initiative_follow",
    "initiative_restore",
    "initiative_similar",
    "initiative_suggest_places",
    "invitation",
    "access_confirm",
    "own_address_confirm",
    "access_request",
    "invitation_again",
    "organisation_domain_remove",
    "invitation_withdraw",
    "organisation_search",
    "document_file",
    "group_digest_again",
    "group_digest_preview_email",
    "group_digest_preview_send",
    "digest_unsubscribe",
    "group_flag_withdraw",
    "kept_form",
    "ledger_export",
    "review_flag_withdraw",
    "organisation_person_wake",
    "person_role_end",
    "account_data_export",
    "person_data_export",
    "person_forget_factors",
    "person_switch_off",
    "person_switch_on",
    "still_needed",
    "signed_in_end",
    "signed_in_end_others",
    "still_current",
    "view_follow",
}
# Pages of an edition of a digest, when there is one.
OF_EDITIONS = {"digest", "group_digest_sent", "group_digest_again"}
# django-allauth's pages that a signed-in person opens, and that take no argument.
SIGN_IN_PAGES = [
    "account_change_password",
    "account_reauthenticate",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "socialaccount_connections",
    "socialaccount_login_cancelled",
]


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route.lstrip("^"), entry


def ours() -> dict[str, str]:
    """Our own patterns: name and route. (Those of signing in are django-allauth's, of administration Django's.)"""
    return {
        entry.name: route
        for route, entry in patterns()
        if entry.name
        and not route.startswith("admin/")
        and not entry.lookup_str.startswith(("allauth", "django", "register.accounts.adapters."))
    }


def addresses() -> list[tuple[str, str]]:
    """(name, address) of every pattern of ours, from the records of Exampleshire and the national group."""
    return [(name, address) for name, route in sorted(ours().items()) for address in _filled(name, route)]


def pages() -> list[tuple[str, str]]:
    """Those that are pages."""
    return [(name, address) for name, address in addresses() if name not in NOT_PAGES]


def _filled(name: str, route: str) -> list[str]:
    wanted = set(re.findall(r"<\w+:(\w+)>", route))
    if name.startswith("section_"):
        return _sections(name)
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    values = {
        "reference": record.reference,
        "pk": SavingLine.objects.filter(benefit__initiative=record).order_by("pk")[0].pk,
        "slug": "hertfordshire",
        "public_id": User.objects.get(email__startswith="chair@").public_id,
        "token": "nothing-of-ours",
        "column": "summary",
        "code": "exampleshire" if route.startswith("groups/") else "hertfordshire-police",
    }
    if "/people/<uuid" in route:  # somebody with a role there
        values["public_id"] = User.objects.get(email__startswith="contributor@").public_id
        values["code"] = "exampleshire-police"
    if name in OF_EDITIONS:
        return _of_edition(name, values | {"code": "exampleshire"}, wanted)
    if "/meetings/<" in route and name not in ("group_meeting_edit", "group_meeting_cancel"):
        return _meetings(name)
    if "decisions/<int:pk>" in route:
        values["pk"] = Decision.objects.filter(group__code="exampleshire", corrects=None).order_by("pk")[0].pk
        return [reverse(name, kwargs={key: values[key] for key in wanted})]
    if "<slug:reference>/duty/" in route or "review/<int:pk>" in route or "queue/<int:pk>" in route:
        told: Any = Consideration.objects.order_by("pk").first()
        values |= {"reference": told.initiative.reference, "pk": told.pk}
        if "duty" not in route:
            values["pk"] = ReviewFlag.objects.get(initiative=told.initiative).pk
    if name == "organisation_duty":
        years = {financial_year(told.notified_on) for told in Consideration.objects.all()}
        return [reverse(name, args=["exampleshire-police", year]) for year in sorted(years)]
    if route.startswith("views/"):
        values["pk"] = SavedView.objects.get(owner__email__startswith="contributor@").pk
    elif route.startswith("groups/") and "pk" in wanted and "queue/" not in route:
        return [reverse(name, kwargs={"code": "exampleshire", "pk": _of_group(name)})]
    found = [reverse(name, kwargs={key: values[key] for key in wanted})]
    if name == "initiative_new":
        found.append(f"{found[0]}?like={record.reference}&place=exampleshire&area=fleet")
    if route.startswith("groups/") and "code" in wanted and "pk" not in wanted:
        found.append(reverse(name, kwargs={key: values[key] for key in wanted} | {"code": "national"}))
    return [address + query for address, query in zip(found, _asked(name, record), strict=False)]


def _of_edition(name: str, values: dict[str, Any], wanted: set[str]) -> list[str]:
    """The first copy of the first edition of Exampleshire's group; nothing before there is one."""
    delivery = Delivery.objects.filter(edition__group__code="exampleshire").order_by("pk").first()
    if delivery is None:
        return []
    values |= {"public_id": delivery.edition.public_id, "pk": delivery.pk}
    return [reverse(name, kwargs={key: values[key] for key in wanted})]


def _asked(name: str, record: Initiative) -> list[str]:
    """What pages that answer a question are asked, of each of their addresses; nothing of most."""
    if name == "group_others":
        return ["?area=fleet&org=exampleshire-ambulance", "?area=fleet&place=norfolk"]
    return ["", ""]


# In which state an ask is when its page is of use.
STATES = {"group_ask_answer": "asked", "group_ask_answer_correct": "answered", "group_ask_close": "asked"}


def _of_group(name: str) -> int:
    """The key of a meeting to come, or of an ask in the state that the page is for."""
    if name.startswith("group_meeting"):
        return Meeting.objects.filter(group__code="exampleshire").order_by("-starts_at")[0].pk
    state = STATES.get(name, "draft")
    return Ask.objects.filter(group__code="exampleshire", state=state).order_by("pk")[0].pk


def _meetings(name: str) -> list[str]:
    """Of Exampleshire's group: the one to come, and one that was held and has its pack."""
    mine = Meeting.objects.filter(group__code="exampleshire")
    coming, held = mine.filter(began_at=None).latest("starts_at"), mine.exclude(began_at=None).get()
    return [reverse(name, args=["exampleshire", meeting.pk]) for meeting in (coming, held)]


def _sections(name: str) -> list[str]:
    """For adding: each section. For changing and taking off: each section that Exampleshire has a row of."""
    found = []
    for slug, section in SECTIONS.items():
        rows = section.model._default_manager.filter(**{f"{section.on_record}__is_fictional": True})
        row = rows.filter(**{f"{section.on_record}__audience": "everyone"}).order_by("pk").first()
        record = row.initiative if row else Initiative.objects.get(title="Shared fleet workshop at Millbrook")
        if name == "section_new":
            found.append(reverse(name, args=[record.reference, slug]))
        elif row is not None:
            found.append(reverse(name, args=[record.reference, slug, row.pk]))
    return found
