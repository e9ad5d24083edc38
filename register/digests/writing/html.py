"""The letter as HTML, its style inlined."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from register.digests.models import CoveringNote
from register.digests.reading.reading import Item, Reading
from register.digests.writing.audiences import Audience
from register.digests.writing.lines import INTO_CALENDAR, of_meeting, said_of
from register.digests.writing.pieces import html_pieces
from register.groups.models import Meeting

HTML = "digests/email.html"


def html_of(
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
                yield pieces["more"].fill(
                    more=f"{part.more:,}",
                    title=part.title or section.title,
                    archive_url=values["archive_url"],
                )
    if meeting:
        yield pieces["section"].fill(title="Next meeting")
        at, where, url = of_meeting(meeting, audience.zone)
        yield pieces["plain"].fill(strong=at, said=f"{where}.", url=url, link=INTO_CALENDAR)
    yield pieces["foot"].fill(link=audience.link, **values)


# Readers share what is said: most lines of an email were written for another before.
@lru_cache(maxsize=4096)
def _html_line(item: Item, why: str) -> str:
    return html_pieces(HTML)["line"].fill(
        url=item.full_url, name=item.title, colon=item.colon, said=said_of(item), why=why
    )
