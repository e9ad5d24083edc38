"""Writing the email: HTML with its style inlined, and a text of its own, for one reader.

What all emails share is rendered once (`pieces`); what is a reader's own (subject, opening line, counts, why, the way
out) is filled in for each. There are no images, web fonts or remote styles in it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache, lru_cache, partial
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy

from register.accounts.models import User
from register.accounts.roles import Role
from register.core.mime import TwoForms
from register.digests.following import WHEN, ZONE
from register.digests.models import CoveringNote, Delivery, Edition
from register.digests.notes import note_of
from register.digests.pieces import html_pieces, text_pieces
from register.digests.readers import Readers
from register.digests.reading import Item, Reading, reading_of
from register.digests.slots import WEEKLY
from register.digests.unsubscribing import token_for
from register.digests.words import Counts, caught_up, opening, subject, the, when, window
from register.groups.models import Meeting

# Lines under one subheading of the email; the rest is on the archive page.
MOST = 6
WIDTH = 72
RANK = [Role.CHAIR, Role.SECRETARY, Role.GROUP_MEMBER]
ROLES = {Role.CHAIR: "the chair", Role.SECRETARY: "the secretary", Role.GROUP_MEMBER: "a member"}
HTML, TEXT = "digests/email.html", "digests/email.txt"


@dataclass(frozen=True)
class Audience:
    """Whom an edition is for: a working group, or one person who follows things."""

    name: str
    in_subject: str
    what: str
    zone: str
    period: str
    because: str
    link: str
    link_text: str
    url: Any


# Looking an address up takes as long as writing a tenth of an email: each is looked up once, and filled in.
ANY, NO_EDITION = "ANY", UUID(int=0)


@cache
def address(name: str, *args: object) -> str:
    return settings.SITE_URL + reverse(name, args=args)


FOLLOWERS = Audience(
    name="What you follow",
    in_subject="what you follow",
    what="what you follow",
    zone=ZONE,
    period=WEEKLY,
    because=f"{WHEN} because you follow initiatives or saved views. What your groups’ digests tell is not in it.",
    link="Open what you follow",
    link_text="What you follow",
    url=lazy(partial(address, "view_list"), str)(),
)


class Writer:
    """Writes the messages of a batch; keeps what the readers of an edition share."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._meetings: dict[int, Meeting | None] = {}
        self._notes: dict[int, CoveringNote | None] = {}
        self._secretaries: dict[int, list[str]] = {}

    def write(self, delivery: Delivery, readers: Readers) -> TwoForms | None:
        """The message for the person of a delivery, as of now; None when nothing new is left for them to see."""
        edition, user = delivery.edition, delivery.user
        frozen = readers.items[edition.pk]
        reading = reading_of(
            edition,
            frozen,
            readers.sight(user, {item.initiative_id for item in frozen}),
            most=MOST,
            told=readers.told_elsewhere(delivery),
            kept=readers.kept(delivery),
        )
        return self.message_of(delivery, reading) if reading.has_news else None

    def message_of(self, delivery: Delivery, reading: Reading) -> TwoForms:
        """The message that says this. Of an edition that is not saved, a preview, it holds no token."""
        edition, user = delivery.edition, delivery.user
        audience = audience_of(delivery) if edition.group else FOLLOWERS
        values = self._values(delivery, reading, audience)
        meeting, note = self._meeting(edition), self._note(edition)
        message = TwoForms(
            subject=values["subject"],
            body="".join(_text(reading, audience, values, meeting, note)),
            to=[user.email],
            reply_to=self._reply_to(edition),
            headers=_headers(delivery, values["unsubscribe_url"]),
        )
        message.attach_alternative("".join(_html(reading, audience, values, meeting, note)), "text/html")
        return message

    def _values(self, delivery: Delivery, reading: Reading, audience: Audience) -> dict[str, str]:
        edition, counts = delivery.edition, Counts.of(reading.counted)
        if edition.is_preview:
            way_out, archive = address("digest_settings"), settings.SITE_URL + edition.get_absolute_url()
        else:
            archive = address("digest", NO_EDITION).replace(str(NO_EDITION), str(edition.public_id))
            token = token_for(delivery.user, edition.group)
            way_out = address("digest_unsubscribe", ANY).replace(ANY, token)
        something = f"Something in {audience.what} changed."
        return {
            "subject": subject(audience.in_subject, counts),
            "headline": f"{audience.name}, this {audience.period}",
            "name": audience.name,
            "window": window(edition, audience.zone),
            "opening": " ".join(
                filter(None, [caught_up(edition, audience.period), opening(counts) or something])
            ),
            "because": f"You get this {audience.because}",
            "archive_url": archive,
            "audience_url": audience.url,
            "settings_url": address("digest_settings"),
            "unsubscribe_url": way_out,
        }

    def _note(self, edition: Edition) -> CoveringNote | None:
        if edition.pk not in self._notes:
            self._notes[edition.pk] = note_of(edition)
        return self._notes[edition.pk]

    def _meeting(self, edition: Edition) -> Meeting | None:
        """The group's next meeting."""
        if edition.group_id is None:
            return None
        if edition.pk not in self._meetings:
            self._meetings[edition.pk] = (
                Meeting.objects.filter(group=edition.group_id, starts_at__gte=max(edition.ends_at, self._now))
                .order_by("starts_at")
                .first()
            )
        return self._meetings[edition.pk]

    def _reply_to(self, edition: Edition) -> list[str]:
        """Where answers go: a staffed address if there is one, otherwise the group's secretaries."""
        if settings.DIGEST_REPLY_TO:
            return [settings.DIGEST_REPLY_TO]
        if edition.group_id is None:
            return []
        if edition.group_id not in self._secretaries:
            people = User.objects.active().filter(roles__group=edition.group_id, roles__role=Role.SECRETARY)
            self._secretaries[edition.group_id] = list(
                people.order_by("email").values_list("email", flat=True).distinct()
            )
        return self._secretaries[edition.group_id]


def _html(
    reading: Reading,
    audience: Audience,
    values: dict[str, str],
    meeting: Meeting | None,
    note: CoveringNote | None,
) -> Iterator[str]:
    pieces = html_pieces(HTML)
    yield pieces["head"].fill(**values)
    if note:
        for words in filter(str.strip, note.text.splitlines()):
            yield pieces["note"].fill(line=words)
        yield pieces["noted"].fill(by=note.by)
    yield pieces["opening"].fill(**values)
    for section in reading.sections:
        yield pieces["section"].fill(title=section.title)
        for part in section.parts:
            if part.title:
                yield pieces["sub"].fill(title=part.title)
            for line in part.lines:
                yield _html_line(line.item, line.why)
            if part.more:
                yield pieces["more"].fill(more=f"{part.more:,}", archive_url=values["archive_url"])
    if meeting:
        yield pieces["section"].fill(title="Next meeting")
        at, where, url = _of_meeting(meeting, audience)
        yield pieces["plain"].fill(strong=at, said=f"{where}.", url=url, link=INTO_CALENDAR)
    yield pieces["foot"].fill(link=audience.link, **values)


def _text(
    reading: Reading,
    audience: Audience,
    values: dict[str, str],
    meeting: Meeting | None,
    note: CoveringNote | None,
) -> Iterator[str]:
    pieces = text_pieces(TEXT)
    wrapped = values | {name: indented(values[name], by="") for name in ("opening", "because")}
    yield pieces["head"].fill(**wrapped)
    if note:
        said = "\n".join(indented(line, by="") for line in note.text.splitlines())
        yield pieces["note"].fill(said=said, by=note.by)
    yield pieces["opening"].fill(**wrapped)
    for section in reading.sections:
        yield pieces["section"].fill(title=section.title.upper(), underline="-" * len(section.title))
        for part in section.parts:
            if part.title:
                yield pieces["sub"].fill(title=part.title)
            for line in part.lines:
                yield _text_line(line.item, line.why)
            if part.more:
                yield pieces["more"].fill(more=f"{part.more:,}", archive_url=values["archive_url"])
    if meeting:
        yield pieces["section"].fill(title="NEXT MEETING", underline="-" * len("Next meeting"))
        at, where, url = _of_meeting(meeting, audience)
        yield pieces["plain"].fill(said=indented(f"{at}{where}.", by=""), url=url, link=INTO_CALENDAR)
    yield pieces["foot"].fill(link=audience.link_text, **wrapped)


# Readers share what is said: most lines of an email were written for another before.
@lru_cache(maxsize=4096)
def _html_line(item: Item, why: str) -> str:
    return html_pieces(HTML)["line"].fill(url=item.full_url, name=item.name, said=_said(item), why=why)


@lru_cache(maxsize=4096)
def _text_line(item: Item, why: str) -> str:
    said = indented(f"{item.name} {_said(item)}", first="* ")
    return text_pieces(TEXT)["line"].fill(said=said, why=indented(f"{why}."), url=item.full_url)


INTO_CALENDAR = "Put it into your calendar"


def _of_meeting(meeting: Meeting, audience: Audience) -> tuple[str, str, str]:
    """When, where, and its file for a calendar."""
    at = meeting.starts_at.astimezone(ZoneInfo(audience.zone))
    calendar = reverse("group_meeting_calendar", args=[meeting.group.code, meeting.pk])
    where = f", {meeting.where}" if meeting.where else ""
    return f"{at:%A %-d %B %Y, %H:%M}", where, settings.SITE_URL + calendar


def audience_of(delivery: Delivery) -> Audience:
    """A group's digest for one of its members."""
    group = delivery.edition.group
    assert group is not None
    schedule = group.digest_schedule
    return Audience(
        name=str(group),
        in_subject=str(group),
        what="the remit",
        zone=schedule.zone,
        period=schedule.rhythm,
        because=f"{when(schedule)} because you are {_role(delivery)} of {the(str(group))}.",
        link="Open the group’s dashboard",
        link_text="The group’s dashboard",
        url=address("group", group.code),
    )


def _said(item: Item) -> str:
    """What is said after the record's name."""
    if item.is_sensitive:
        return f"{item.sentence}. Sign in to see what."
    return f"{item.sentence}." + (f" Why: {item.reason}" if item.reason else "")


@lru_cache(maxsize=4096)
def indented(text: str, *, first: str = "", by: str = "  ") -> str:
    """Wrapped and indented; `first` stands before the first line.

    Readers share what is said, and wrapping it is most of what a text costs.
    """
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first or by,
        subsequent_indent=by,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _role(delivery: Delivery) -> str:
    held = delivery.user.holdings.groups.get(delivery.edition.group_id or 0, frozenset())
    return next((ROLES[role] for role in RANK if role in held), "a member")


def _headers(delivery: Delivery, way_out: str) -> dict[str, str]:
    """A stable Message-ID, and the way out in one click (RFC 8058) that mail programs offer."""
    host, group = urlsplit(settings.SITE_URL).hostname, delivery.edition.group
    ways = [f"<{way_out}>"]
    if settings.DIGEST_REPLY_TO:
        staffed = parseaddr(settings.DIGEST_REPLY_TO)[1]
        stop = quote(f"Stop the digest of {group or 'what I follow'}")
        ways.append(f"<mailto:{staffed}?subject={stop}>")
    return {
        "Message-ID": delivery.message_id,
        "List-Id": f"<digest.{group.code if group else 'followed'}.{host}>",
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
    }
