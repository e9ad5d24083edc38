"""A meeting as a calendar's file (RFC 5545), written by hand: one event of one moment needs forty lines, no library.

Times are in UTC. A meeting is one moment, not a rule that repeats, so that a time zone's rules would add nothing: every
calendar shows the moment in its reader's own zone. There is no METHOD but for a meeting that is called off: whoever
opens the file adds the meeting, and nobody is asked for an answer. There is no ORGANIZER either: people's addresses are
not the register's to hand out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from register.groups.models import Meeting

# Nobody says when a meeting will end: calendars are told this.
LASTS = timedelta(hours=2)
LONGEST = 75  # octets of a line, its end not counted


def event(meeting: Meeting, *, url: str, host: str, at: datetime, called_off: bool = False) -> str:
    """The file's text. `url` is the meeting's page; `host` makes the identifier the register's own.

    One that is `called_off` takes the meeting out of a calendar again, and `url` is where the group's others are.
    """
    there = "The group’s meetings" if called_off else "Agenda, pack and minutes"
    description = "\n\n".join(part for part in (meeting.note, f"{there}: {url}") if part)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Register of blue light collaboration//EN",
        "CALSCALE:GREGORIAN",
        *(["METHOD:CANCEL"] if called_off else []),
        "BEGIN:VEVENT",
        f"UID:meeting-{meeting.pk}@{host}",
        f"DTSTAMP:{_utc(at)}",
        # What was arranged first is 0; every change since counts, the last of them too.
        f"SEQUENCE:{meeting.version if called_off else meeting.version - 1}",
        *(["STATUS:CANCELLED"] if called_off else []),
        f"DTSTART:{_utc(meeting.starts_at)}",
        f"DTEND:{_utc(meeting.starts_at + LASTS)}",
        f"SUMMARY:{_text(meeting.group.name)}",
        *([f"LOCATION:{_text(meeting.where)}"] if meeting.where else []),
        f"DESCRIPTION:{_text(description)}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """With backslashes, semicolons, commas and line ends escaped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return words


def _folded(line: str) -> str:
    """Broken after 75 octets at most, never inside a character; what follows starts with a space, which counts."""
    parts, room = [""], LONGEST
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(" ")
            room = LONGEST - 1
        parts[-1] += character
        room -= size
    return "\r\n".join(parts)
