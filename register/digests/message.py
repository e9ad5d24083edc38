"""Writing the email: HTML with its style inlined, and a text of its own, for one reader.

What readers share (each item's two forms) is rendered once for an edition; what is theirs (subject, opening line,
counts, why, the way out) once for each. There are no images, web fonts or remote styles in it.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from register.accounts.models import RoleGrant, User
from register.accounts.roles import Role
from register.digests.following import WHEN, ZONE, wished_of
from register.digests.models import CoveringNote, Delivery, Edition, EditionItem
from register.digests.notes import note_of
from register.digests.reading import Item, Line, Part, Reading, Section, read
from register.digests.slots import WEEKLY
from register.digests.unsubscribing import token_for
from register.digests.words import Counts, opening, subject, the, when, window
from register.groups.models import Meeting

# Lines under one subheading of the email; the rest is on the archive page.
MOST = 6
WIDTH = 72
RANK = [Role.CHAIR, Role.SECRETARY, Role.GROUP_MEMBER]
ROLES = {Role.CHAIR: "the chair", Role.SECRETARY: "the secretary", Role.GROUP_MEMBER: "a member"}


@dataclass(frozen=True)
class Written:
    """A line's two forms, where it leads, and why it reached this reader."""

    html: SafeString
    text: str
    url: str
    why: str

    @property
    def why_text(self) -> str:
        return _indented(f"{self.why}.")


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
    path: Any


FOLLOWERS = Audience(
    name="What you follow",
    in_subject="what you follow",
    what="what you follow",
    zone=ZONE,
    period=WEEKLY,
    because=f"{WHEN} because you follow initiatives or saved views. What your groups’ digests tell is not in it.",
    link="Open what you follow",
    link_text="What you follow",
    path=reverse_lazy("view_list"),
)


class Writer:
    """Writes the messages of a batch; keeps what the readers of an edition share."""

    def __init__(self) -> None:
        self._frozen: dict[int, list[EditionItem]] = {}
        self._meetings: dict[int, Meeting | None] = {}
        self._notes: dict[int, CoveringNote | None] = {}
        self._rendered: dict[Item, tuple[SafeString, str]] = {}

    def write(
        self, delivery: Delivery, *, items: list[EditionItem] | None = None
    ) -> EmailMultiAlternatives | None:
        """The message for the person of a delivery, as of now; None when nothing new is left for them to see.

        With `items`, a preview of an edition that is not saved: it shows everything, and holds no token.
        """
        edition, user = delivery.edition, delivery.user
        if items is not None:
            reading, way_out = read(edition, user, items=items, most=MOST), reverse("digest_settings")
        else:
            reading = self._read(edition, user)
            way_out = reverse("digest_unsubscribe", args=[token_for(user, edition.group)])
        if not reading.has_news:
            return None
        way_out = settings.SITE_URL + way_out
        context = self._context(delivery, reading) | {"unsubscribe_url": way_out}
        message = EmailMultiAlternatives(
            subject=context["subject"],
            body=render_to_string("digests/email.txt", context),
            to=[user.email],
            headers=_headers(delivery, way_out),
        )
        message.attach_alternative(
            _inliner().inline(render_to_string("digests/email.html", context)), "text/html"
        )
        return message

    def _read(self, edition: Edition, user: User) -> Reading:
        """The edition as the person wishes to get it."""
        if edition.pk not in self._frozen:
            self._frozen[edition.pk] = list(edition.items.all())
        items = self._frozen[edition.pk]
        kept = wished_of(
            user, edition.group, {item.initiative_id for item in items}, on=localtime(edition.ends_at).date()
        )
        return read(edition, user, items=items, most=MOST, kept=kept)

    def _note(self, edition: Edition) -> CoveringNote | None:
        if edition.pk not in self._notes:
            self._notes[edition.pk] = note_of(edition)
        return self._notes[edition.pk]

    def _context(self, delivery: Delivery, reading: Reading) -> dict[str, Any]:
        edition, counts = delivery.edition, Counts.of(reading.counted)
        audience = _group_of(delivery) if edition.group else FOLLOWERS
        meeting, note = self._meeting(edition), self._note(edition)
        opened = opening(counts) or f"Something in {audience.what} changed."
        because = f"You get this {audience.because}"
        return {
            "audience": audience,
            "subject": subject(audience.in_subject, counts),
            "window": window(edition, audience.zone),
            "note": note,
            "note_text": note and "\n".join(textwrap.fill(line, WIDTH) for line in note.text.splitlines()),
            "opening": opened,
            "opening_text": textwrap.fill(opened, WIDTH),
            "sections": [(section, self._parts(section)) for section in reading.sections],
            "meeting": meeting,
            "meeting_at": meeting and meeting.starts_at.astimezone(ZoneInfo(audience.zone)),
            "because": because,
            "because_text": textwrap.fill(because, WIDTH),
            "archive_url": settings.SITE_URL + edition.get_absolute_url(),
            "audience_url": settings.SITE_URL + str(audience.path),
            "settings_url": settings.SITE_URL + reverse("digest_settings"),
        }

    def _parts(self, section: Section) -> list[tuple[Part, list[Written]]]:
        return [(part, [self._written(line) for line in part.lines]) for part in section.parts]

    def _written(self, line: Line) -> Written:
        if line.item not in self._rendered:
            html = render_to_string("digests/_email_item.html", {"item": line.item})
            self._rendered[line.item] = (SafeString(html.strip()), _as_text(line.item))
        html, text = self._rendered[line.item]
        return Written(html, text, line.item.full_url, line.why)

    def _meeting(self, edition: Edition) -> Meeting | None:
        """The group's first meeting after the window."""
        if edition.group_id is None:
            return None
        if edition.pk not in self._meetings:
            self._meetings[edition.pk] = (
                Meeting.objects.filter(group=edition.group_id, starts_at__gte=edition.ends_at)
                .order_by("starts_at")
                .first()
            )
        return self._meetings[edition.pk]


def _group_of(delivery: Delivery) -> Audience:
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
        path=group.get_absolute_url(),
    )


def _as_text(item: Item) -> str:
    said = f"{item.name} {item.sentence}."
    if item.is_sensitive:
        said += " Sign in to see what."
    elif item.reason:
        said += f" Why: {item.reason}"
    return f"{_indented(said, first='* ')}"


def _indented(text: str, *, first: str = "  ") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _role(delivery: Delivery) -> str:
    held = set(
        RoleGrant.objects.filter(user=delivery.user, group=delivery.edition.group_id).values_list(
            "role", flat=True
        )
    )
    return next((ROLES[role] for role in RANK if role in held), "a member")


def _headers(delivery: Delivery, way_out: str) -> dict[str, str]:
    """A stable Message-ID, and the way out in one click (RFC 8058) that mail programs offer."""
    host, group = urlsplit(settings.SITE_URL).hostname, delivery.edition.group
    return {
        "Message-ID": delivery.message_id,
        "List-Id": f"<digest.{group.code if group else 'followed'}.{host}>",
        "List-Unsubscribe": f"<{way_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
    }


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
