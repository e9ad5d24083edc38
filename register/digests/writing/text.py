"""The letter as text, which stands alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import lru_cache

from register.digests.models import CoveringNote
from register.digests.reading.reading import Item, Reading
from register.digests.writing.audiences import Audience
from register.digests.writing.lines import INTO_CALENDAR, of_meeting, said_of
from register.digests.writing.pieces import text_pieces
from register.groups.models import Meeting

TEXT = "digests/email.txt"
WIDTH = 72


def text_of(
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
        at, where, url = of_meeting(meeting, audience.zone)
        yield pieces["plain"].fill(said=indented(f"{at}{where}.", by=""), url=url, link=INTO_CALENDAR)
    yield pieces["foot"].fill(link=audience.link_text, **wrapped)


@lru_cache(maxsize=4096)
def _text_line(item: Item, why: str) -> str:
    said = indented(f"{item.name} {said_of(item)}", first="* ")
    return text_pieces(TEXT)["line"].fill(said=said, why=indented(f"{why}."), url=item.full_url)


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
