"""Writing the email that asks an owner, and the one that tells an organisation's lead.

HTML with its style inlined, without images or remote styles, and a text of its own. Of a sensitive record only the
reference; a subject counts nothing that is sensitive.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.timezone import localdate

from register.catalogue.filters import list_url
from register.core.dates import in_words
from register.core.mime import TwoForms
from register.digests.chasing.links import close_url, no_change_url, update_url
from register.digests.chasing.models import Chase
from register.digests.chasing.reading import Line, lines_of
from register.digests.chasing.services import MOST
from register.digests.words import number

WIDTH = 72
MARK = "not confirmed since"


@dataclass(frozen=True)
class Asked:
    """One record in an email, in words."""

    reference: str
    title: str  # "" of a sensitive one
    url: str
    when: str
    before: str
    no_change_url: str = ""
    update_url: str = ""
    close_url: str = ""

    @property
    def name(self) -> str:
        return self.title or self.reference


def message_of(chase: Chase, *, now: datetime) -> TwoForms | None:
    """The email as of now; None when nothing is left of it."""
    lines = lines_of(chase, now=now)
    if not lines:
        return None
    owner = chase.kind == Chase.Kind.OWNER
    on, asked_on = localdate(now), localdate(chase.round.opened_at)
    words = _for_owner(lines) if owner else _for_lead(lines)
    context: dict[str, Any] = words | {
        "is_owner": owner,
        "asked": [_asked(chase, line, on=on, asked_on=asked_on) for line in lines],
        "day": in_words(on),
        "home_url": f"{settings.SITE_URL}/",
        "more_url": f"{settings.SITE_URL}{list_url({}, fresh='late', who='mine', example='with')}"
        if owner and len(lines) >= MOST
        else "",
    }
    message = TwoForms(
        subject=" ".join(words["subject"].split()),  # a title is a line, never two headers
        body=_wrapped(render_to_string("digests/chasing/email.txt", context)),
        to=[chase.person.email],
        # A staffed address, if there is one: nobody else could answer for every group and organisation.
        reply_to=[settings.DIGEST_REPLY_TO] if settings.DIGEST_REPLY_TO else [],
        headers={
            "Message-ID": chase.message_id,
            "Auto-Submitted": "auto-generated",
            "Precedence": "list",
        },
    )
    html = _inliner().inline(render_to_string("digests/chasing/email.html", context))
    message.attach_alternative(html, "text/html")
    return message


def _for_owner(lines: list[Line]) -> dict[str, str]:
    if len(lines) == 1:
        heading = "Is this record still current?"
        subject = f"Blue light register: is {_named(lines[0])} still current?"
        opening = "One record that you keep is past the day its update was due. One answer is enough."
    else:
        heading = "Are these records still current?"
        subject = f"Blue light register: are {_how_many(lines, 'these')} records still current?"
        opening = (
            f"{_how_many(lines, 'some').capitalize()} records that you keep are past the day their update was due."
            " One answer for each is enough."
        )
    because = (
        "You get this because you keep these records current: you logged them, or you contribute for an"
        " organisation that leads them or takes part. It comes on Tuesdays, once a week at most, and stops when"
        " they are confirmed, updated or closed."
    )
    return {"heading": heading, "subject": subject, "opening": opening, "because": because}


def _for_lead(lines: list[Line]) -> dict[str, str]:
    if len(lines) == 1:
        heading, which = "Nobody answers for this record", _named(lines[0])
        opening = (
            "One record is past the day of its update, and the people who keep it have not answered two weekly"
            " emails. Ask them, or confirm, update or close it yourself."
        )
    else:
        many = f"{_how_many(lines, 'some')} records"
        heading, which = "Nobody answers for these records", many
        opening = (
            f"{many.capitalize()} are past the day of their update, and the people who keep them have not answered"
            " two weekly emails. Ask them, or confirm, update or close them yourself."
        )
    return {
        "heading": heading,
        "subject": f"Blue light register: nobody answers for {which}",
        "opening": f"{opening} After a third, every list says “{MARK}”.",
        "because": "You get this because you are the organisation lead of an organisation that leads what stands"
        " here. You are told of each record once, in one email a week at most.",
    }


def _named(line: Line) -> str:
    return line.initiative.reference if line.initiative.is_sensitive else f"“{line.initiative.title}”"


def _how_many(lines: list[Line], otherwise: str) -> str:
    """The number in words, unless it would count what is sensitive."""
    return otherwise if any(line.initiative.is_sensitive for line in lines) else number(len(lines))


def _asked(chase: Chase, line: Line, *, on: date, asked_on: date) -> Asked:
    initiative, owner = line.initiative, chase.kind == Chase.Kind.OWNER
    return Asked(
        reference=initiative.reference,
        title="" if initiative.is_sensitive else initiative.title,
        url=f"{settings.SITE_URL}{initiative.get_absolute_url()}",
        when=_when(line, on),
        before=_asked_before(line) if owner else _who_was_asked(line),
        no_change_url=no_change_url(chase.person, initiative, asked_on) if owner else "",
        update_url=update_url(initiative) if owner else "",
        close_url=close_url(initiative) if owner else "",
    )


def _when(line: Line, on: date) -> str:
    initiative = line.initiative
    due = f"Its update was due on {in_words(initiative.next_update_due)}."  # type: ignore[arg-type]
    if initiative.confirmed_on is None:
        return f"{due} Nobody has confirmed it yet."
    return f"{due} It was last confirmed on {in_words(initiative.confirmed_on)}."


def _asked_before(line: Line) -> str:
    """What has come of it that nobody answered."""
    lead = line.initiative.lead
    if line.asked_before == 0:
        return ""
    if line.asked_before == 1:
        return "We asked last time too, and nobody answered."
    told = f"the organisation lead of {lead} is told" if line.lead_is_told else "nobody answered"
    if line.asked_before == 2:
        return f"We asked twice before: {told}. Without an answer every list says “{MARK}”."
    return (
        f"We asked {number(line.asked_before)} times before. Until it is confirmed every list says “{MARK}”."
    )


def _who_was_asked(line: Line) -> str:
    if not line.asked or line.last_asked_on is None:
        return ""
    *others, last = line.asked
    names = f"{', '.join(others)} and {last}" if others else last
    return f"Asked {number(line.asked_before)} times, last on {in_words(line.last_asked_on)}: {names}."


def _wrapped(text: str) -> str:
    """At 72, so that the message can travel as it is; an address stays whole, an indented line stays indented."""
    return "\n".join(_wrapped_line(line) for line in text.splitlines())


def _wrapped_line(line: str) -> str:
    if len(line) <= WIDTH or "://" in line:  # "-- " keeps its space too, by which programs know a signature
        return line
    indent = "  " if line.startswith(("* ", "  ")) else ""
    return textwrap.fill(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
