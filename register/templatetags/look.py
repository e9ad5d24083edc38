"""The small parts of the look that a template writes inline: marks, stages, depth, freshness, money and dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from register.core import dates, forms, money

register = template.Library()

SERVICES = ("police", "fire", "ambulance", "council", "other")
STAGES = (
    ("opportunity", "Opportunity"),
    ("considered", "Under consideration"),
    ("business_case", "Business case"),
    ("agreed", "Agreed"),
    ("pilot", "Pilot"),
    ("live", "Live"),
)
ENDED = {"paused": "Paused", "closed": "Closed", "declined": "Declined"}
DEPTHS = (
    "information_sharing",
    "co_location",
    "joint_procurement",
    "shared_asset",
    "shared_service",
    "lead_organisation",
    "integrated_unit",
    "single_governance",
)


@register.simple_tag
@cache
def mark(service: str) -> SafeString:
    """The mark of one service, to stand before its name."""
    return format_html(
        '<svg class="bl-mark bl-mark--{0}" viewBox="0 0 12 12" aria-hidden="true"><use href="#m-{0}"/></svg>',
        service,
    )


@register.simple_tag
def partner_items(partners: Sequence[tuple[str, str, str]]) -> SafeString:
    """Organisations as items of a list, from their service, name and role in words: "" for a role not worth saying."""
    return mark_safe("".join(map(_partner_item, partners)))  # noqa: S308 — items of ours


@lru_cache(maxsize=5000)
def _partner_item(partner: tuple[str, str, str]) -> SafeString:
    service, name, role = partner
    said = format_html(' <span class="bl-role">{}</span>', role) if role else ""
    return format_html("<li>{}<span>{}{}</span></li>", mark(service), name, said)


@register.simple_tag
def tag_items(names: Sequence[str]) -> SafeString:
    """Areas of work as items of a list."""
    return format_html_join("", '<li class="bl-tag">{}</li>', ((name,) for name in names))


@register.simple_tag
def mix(services: Sequence[str]) -> SafeString:
    """The marks of services that work together, named for who can't see them."""
    return _mix(tuple(sorted(services, key=SERVICES.index)))


@cache
def _mix(ordered: tuple[str, ...]) -> SafeString:
    if not ordered:
        return mark_safe('<span class="bl-quiet">Not stated</span>')
    return format_html(
        '<span class="bl-mix" role="img" aria-label="{}">{}</span>',
        ", ".join(ordered),
        format_html_join("", "{}", ((mark(service),) for service in ordered)),
    )


def _boxes(reached: int, standing: str) -> SafeString:
    if standing == "closed":
        boxes = [format_html('<rect class="on" x="{}" y="4" width="6" height="2"/>', 8 * i) for i in range(6)]
        boxes.append(mark_safe('<rect class="pause" x="43" y="0" width="3" height="10"/>'))
    elif standing == "declined":
        boxes = [
            format_html('<rect class="off" x="{}" y="1.5" width="5" height="7"/>', 8 * i + 0.5)
            for i in range(6)
        ]
        boxes.append(mark_safe('<path class="cut" d="M0 5h46"/>'))
    else:
        boxes = [
            format_html('<rect class="on" x="{}" y="1" width="6" height="8"/>', 8 * i)
            if i < reached
            else format_html('<rect class="off" x="{}" y="1.5" width="5" height="7"/>', 8 * i + 0.5)
            for i in range(6)
        ]
        if standing == "paused":
            x = min(8 * reached, 40)
            boxes.append(format_html('<path class="pause" d="M{} 0h2v10h-2zM{} 0h2v10h-2z"/>', x, x + 4))
    return format_html_join("", "{}", ((box,) for box in boxes))


@cache
def _stage(stage: str, standing: str) -> SafeString:
    codes = [code for code, _ in STAGES]
    label = ENDED.get(standing) or dict(STAGES).get(stage, stage)
    kind = " bl-stage--end" if standing in ENDED else " bl-stage--live" if stage == "live" else ""
    was = format_html(
        '<span class="govuk-visually-hidden">, at {}</span>', dict(STAGES).get(stage, stage).lower()
    )
    return format_html(
        '<span class="bl-stage{}"><svg viewBox="0 0 46 10" aria-hidden="true">{}</svg>'
        '<span class="bl-stage__n">{}{}</span></span>',
        kind,
        _boxes(codes.index(stage) + 1 if stage in codes else 0, standing),
        label,
        was if standing in ENDED else "",
    )


@register.simple_tag
def stage(initiative: Any) -> SafeString:
    """How far an initiative has come, in six boxes and a word; paused, closed and declined by shape and word."""
    return _stage(initiative.stage, initiative.standing)


@register.simple_tag
def stage_code(code: str, standing: str = "active") -> SafeString:
    """The same for a code, as in a choice of stages."""
    return _stage(code, standing)


@register.simple_tag
@cache
def depth(code: str) -> SafeString:
    """Eight rising bars, filled as deep as it goes. Its word stands beside it."""
    reached = DEPTHS.index(code) + 1 if code in DEPTHS else 0
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="4" height="{}"/>',
        (("on" if i < reached else "off", 5 * i, 12 - (2 + i * 10 / 7), 2 + i * 10 / 7) for i in range(8)),
    )
    return format_html('<svg class="bl-depthmark" viewBox="0 0 40 12" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def fresh(initiative: Any, today: date) -> SafeString:
    """When it was last confirmed, or how late it is: amber marks only what is late.

    Of one whose owners do not answer, since when nobody has confirmed it.
    """
    late_by = initiative.days_late(today)
    if late_by:
        told = initiative.not_confirmed_since if initiative.is_unanswered(today) else late(-late_by)
        return format_html(
            '<span class="bl-fresh bl-fresh--late"><svg viewBox="0 0 9 9" aria-hidden="true">'
            '<path d="M4.5 0L9 8.5H0z"/></svg>{}</span>',
            told,
        )
    if initiative.confirmed_on is None:
        return mark_safe('<span class="bl-fresh bl-quiet">Not confirmed yet</span>')
    return format_html(
        '<span class="bl-fresh"><svg viewBox="0 0 9 9" aria-hidden="true"><circle cx="4.5" cy="4.5" r="3.5"/></svg>'
        "Confirmed {}</span>",
        long_date(initiative.confirmed_on),
    )


@register.filter
def pounds(pence: int | None) -> str:
    return "" if pence is None else money.in_words(pence)


@register.filter
def pounds_exact(pence: int | None) -> str:
    return "" if pence is None else money.exact(pence)


@register.filter
def pounds_short(pence: int | None) -> str:
    return "" if pence is None else money.short(pence)


@register.filter
def long_date(value: Any) -> str:
    """23 November 2026; a limited date in its own precision; nothing for nothing."""
    if not value:
        return ""
    return str(value) if isinstance(value, dates.LimitedDate) else dates.in_words(value)


@register.filter
def date_with_precision(value: date | None, precision: str) -> str:
    return dates.in_words(value, precision or "day") if value else ""


@register.filter
def year_span(first: int) -> str:
    """2025–26 for the financial year that begins in 2025."""
    return dates.financial_year_in_words(first)


def _span(days: int) -> str:
    if days < 28:
        return f"{days} day{'' if days == 1 else 's'}"
    if days < 365:
        return f"{days // 7} weeks"
    return f"{days // 365} year{'' if days < 730 else 's'}"


@register.filter
def span(days: int) -> str:
    """ "4 days", "11 weeks", "2 years"."""
    return _span(days)


@register.filter
def late(days: int) -> str:
    """ "4 days late" for -4."""
    return f"{_span(-days)} late"


@register.filter
def ahead(days: int) -> str:
    """ "In 11 days" for 11, "Today" for 0."""
    return "Today" if days == 0 else f"In {_span(days)}"


@register.filter
def from_48(height: int) -> int:
    """Where a bar of that height starts in a drawing 48 high."""
    return 48 - height


@register.filter
def dressed(form: Any) -> Any:
    """A form of somebody else's in the register's look."""
    return forms.dress(form)


@register.filter
def error_links(form: Any) -> list[tuple[str, str]]:
    return forms.error_links(form)


REFERENCE = re.compile(r"\bBL-\d{5,12}\b")


@register.filter
def with_references(text: str) -> SafeString:
    """A text in which the references of other records lead to them. Who may not see one finds no page there."""
    parts = re.split(f"({REFERENCE.pattern})", text)
    return format_html_join(
        "",
        "{}",
        ((_reference(part) if REFERENCE.fullmatch(part) else part,) for part in parts),
    )


def _reference(told: str) -> SafeString:
    return format_html('<a class="bl-link" href="{}">{}</a>', reverse("initiative", args=[told]), told)
