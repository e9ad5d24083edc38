"""Writing the letter, in two forms (`html`, `text`), for one reader.

What all emails share is rendered once (`pieces`); what is a reader's own (subject, opening line, counts, why, the way
out) is filled in for each. There are no images, web fonts or remote styles in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings

from register.accounts.models import User
from register.accounts.roles import Role
from register.core.mime import TwoForms
from register.digests.choosing.unsubscribing import token_for
from register.digests.making.notes import note_of
from register.digests.models import CoveringNote, Delivery, Edition
from register.digests.posted import NOTHING_TO_SEE, TOLD_ELSEWHERE
from register.digests.reading.elsewhere import told_elsewhere
from register.digests.reading.readers import Readers
from register.digests.reading.reading import NOTHING, Reading, Told, reading_of
from register.digests.words import Counts, caught_up, opening, subject, window
from register.digests.writing.audiences import FOLLOWERS, Audience, audience_of
from register.digests.writing.html import html_of
from register.digests.writing.lines import address
from register.digests.writing.text import text_of
from register.groups.models import Meeting

# Lines under one subheading of the email; the rest is on the archive page.
MOST = 6
# Fewer, where so many bytes of HTML would not hold them: above 102 kB mail programs cut a message off.
FITS = 95_000
# What is filled in in an address that was looked up once.
ANY, NO_EDITION = "ANY", UUID(int=0)


class Writer:
    """Writes the messages of a batch; keeps what the readers of an edition share."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._meetings: dict[int, Meeting | None] = {}
        self._notes: dict[int, CoveringNote | None] = {}
        self._secretaries: dict[int, list[str]] = {}

    def write(self, delivery: Delivery, readers: Readers) -> TwoForms | None:
        """The message for the person of a delivery, as of now; None when nothing new is left for them to see."""
        told = told_elsewhere(delivery, readers, most=MOST)
        return self.message_of(delivery, self._reading(delivery, readers, told))

    def why_nothing(self, delivery: Delivery, readers: Readers) -> str:
        """Why there was nothing to write: told elsewhere, or not for them."""
        whole = self._reading(delivery, readers, NOTHING)(MOST)
        return TOLD_ELSEWHERE if whole.has_news else NOTHING_TO_SEE

    def _reading(self, delivery: Delivery, readers: Readers, told: Told) -> Callable[[int], Reading]:
        """The edition through the person's eyes, with at most so many lines under a subheading."""
        edition, frozen = delivery.edition, readers.items[delivery.edition_id]
        sight = readers.sight(delivery.user, {item.initiative_id for item in frozen})
        kept = readers.kept(delivery)
        return lambda most: reading_of(edition, frozen, sight, most=most, told=told, kept=kept)

    def message_of(self, delivery: Delivery, read: Callable[[int], Reading]) -> TwoForms | None:
        """The message that says what is `read` with at most so many lines under a subheading: as many as fit.

        None when nothing in it is new. Of an edition that is not saved, a preview, it holds no token.
        """
        for most in range(MOST, 0, -1):
            reading = read(most)
            if not reading.has_news:
                return None
            message = self._message_of(delivery, reading)
            if len(str(message.alternatives[0][0]).encode()) <= FITS:
                break
        return message

    def _message_of(self, delivery: Delivery, reading: Reading) -> TwoForms:
        edition, user = delivery.edition, delivery.user
        audience = audience_of(delivery) if edition.group else FOLLOWERS
        values = self._values(delivery, reading, audience)
        meeting, note = self._meeting(edition), self._note(edition)
        return TwoForms.of_pieces(
            list(text_of(reading, audience, values, meeting, note)),
            list(html_of(reading, audience, values, meeting, note)),
            subject=values["subject"],
            to=[user.email],
            reply_to=self._reply_to(edition),
            headers=_headers(delivery, values["unsubscribe_url"]),
        )

    def _values(self, delivery: Delivery, reading: Reading, audience: Audience) -> dict[str, str]:
        edition, counts = delivery.edition, Counts.of(reading.counted)
        if edition.is_preview:
            way_out, archive = address("digest_settings"), settings.SITE_URL + edition.get_absolute_url()
        else:
            archive = address("digest", NO_EDITION).replace(str(NO_EDITION), str(edition.public_id))
            token = token_for(delivery.user, edition.group)
            way_out = address("digest_unsubscribe", ANY).replace(ANY, token)
        something = f"Something in {audience.what} changed."
        made_up = caught_up(edition, audience.period)
        return {
            "subject": subject(audience.in_subject, counts),
            "headline": audience.name if made_up else f"{audience.name}, this {audience.period}",
            "name": audience.name,
            "window": window(edition, audience.zone),
            "opening": " ".join(filter(None, [made_up, opening(counts) or something, audience.last])),
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
