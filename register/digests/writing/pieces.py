"""A template cut into pieces: what is the same in every email is rendered (and its style inlined) once for a process.

The template writes a value as ⟦name⟧ and a piece as `<!--[line]-->…<!--[/line]-->`; pieces stand one after the other,
never in each other. What comes before the first is the piece `head`, what comes after the last is `foot`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape

import css_inline
from django.template.loader import render_to_string

PIECE = re.compile(r"<!--\[(\w+)\]-->\n?(.*?)<!--\[/\1\]-->\n?", re.DOTALL)
SLOT = re.compile(r"⟦(\w+)⟧")


class Piece:
    """Text with values to be filled in; `plain` says how a value is written into it."""

    def __init__(self, text: str, plain: Callable[[str], str]) -> None:
        self._parts, self._plain = SLOT.split(text), plain

    def fill(self, **values: object) -> str:
        parts = list(self._parts)
        for at in range(1, len(parts), 2):
            parts[at] = self._plain(str(values[parts[at]]))
        return "".join(parts)


def pieces_of(text: str, plain: Callable[[str], str]) -> Mapping[str, Piece]:
    found = {name: Piece(piece, plain) for name, piece in PIECE.findall(text)}
    head, _, foot = PIECE.sub("\x00", text).partition("\x00")
    return found | {"head": Piece(head, plain), "foot": Piece(foot.replace("\x00", ""), plain)}


@cache
def html_pieces(template: str) -> Mapping[str, Piece]:
    """Of an email's HTML, with its style inlined; values are escaped."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
    return pieces_of(inliner.inline(render_to_string(template)), escape)


@cache
def text_pieces(template: str) -> Mapping[str, Piece]:
    """Of an email's text; values are written as they are."""
    return pieces_of(render_to_string(template), str)
