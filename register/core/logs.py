"""Lines of the log, which what people send can neither break nor forge."""

from __future__ import annotations

import logging
import re

# Controls, line ends of any kind, and what turns text round in a terminal.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What opens a door for whoever has it: enough is left of it to find its page by.
TOKEN = re.compile(
    r"(/(?:invitation|ask-for-access|still-needed|digests/unsubscribe|digests/still-current|account/address"
    r"|account/password/reset/key)/[^/\s\"']{1,6})[^/\s\"']*"
)
# Lines of a fault stand under the line that it belongs to.
UNDER = "    "


class OneLine(logging.Formatter):
    """A message is one line, whatever is in it. A fault's lines are indented, so that none looks like one.

    The links that the register sends by email are cut short: Django logs the address of what was refused, and a link
    may be good still.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 — the library's name
        return _shown(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802
        return _under(super().formatException(ei))  # type: ignore[arg-type]

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _under(super().formatStack(stack_info))


def _shown(text: str) -> str:
    text = TOKEN.sub(r"\1…", text)
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _under(text: str) -> str:
    return "\n".join(UNDER + _shown(line) for line in text.split("\n"))
