"""No pattern takes time that grows with the square of what somebody sends.

Every pattern in the code is run on long texts that are made to mislead it. What is measured is the processor's time, so
that a busy machine makes no difference.
"""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from register.core import forms as ours
from register.core.files import names
from register.core.logs import _shown
from register.core.money import read_pounds
from register.core.rich import render

LENGTH = 50_000
MOST = 1.0  # seconds; the worst of ours takes some hundredths
# Those whose text is cut to this length before they see it.
BOUNDED = {
    "register/core/money.py": 60,
    "register/core/dates.py": 60,
    "register/accounts/passwords.py": 128,
}
# Patterns that are put together when they run: from words of ours, or of a search and each of them escaped.
PUT_TOGETHER = {
    "register/accounts/sessions.py",
    "register/catalogue/meant.py",
    "register/pages/like.py",
    "register/templatetags/look.py",
}
# What reads the sample's own files or our own templates, and nothing that is sent.
OURS = (
    "register/digests/writing/pieces.py",
    "register/management/",
    "register/migrations/",
    "register/pages/sample/",
    "register/pages/scale/",
)
# Reading every file as Python, while tests are collected, takes each worker a second.
USES_RE = re.compile(r"\bre\.")
CALLS = {"compile", "search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
REPEATED = [
    " ", "\n", "\t", "a", "A", "1", "-", "*", "_", "[", "(", "<", "'", ",", ".", ":", "é", " a", "a ", "1,", "1.",
    " \n", "\n ", "a1", "1a", "a-", "BL-", "bl 0", "BL-1", "SECRET ", "UK ", "TOP SECRET", "1,000", "am", "⟦", "[a](",
    "1st ", "a@", "a.b", "&", "%0d%0a",
]  # fmt: skip


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """TimeoutError once it has taken more of the processor's time; patterns in C look for it as they run."""

    def late(*args: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def patterns() -> tuple[dict[str, tuple[str, int]], set[str]]:
    """Where and what: (pattern, flags) of every call of `re` with a text in it; and the files with other calls."""
    found, together = {}, set()
    for path in sorted(Path(settings.BASE_DIR, "register").rglob("*.py")):
        at = str(path.relative_to(settings.BASE_DIR))
        if at.startswith(OURS):
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if USES_RE.search(text) else ():
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CALLS
            ):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
                continue
            told = node.args[0]
            if isinstance(told, ast.Constant) and isinstance(told.value, str):
                flags = [ast.unparse(arg) for arg in [*node.args[1:], *(k.value for k in node.keywords)]]
                bits = sum(getattr(re, flag.removeprefix("re.")) for flag in flags if flag.startswith("re."))
                found[f"{at}: {told.value}"] = (told.value, bits)
            else:
                together.add(at)
    return found, together


FOUND, TOGETHER = patterns()


def hostile(length: int = LENGTH) -> Iterator[str]:
    for part in REPEATED:
        yield (part * length)[: length - 2] + "\x01!"


def tried(run: Callable[[str], Any], length: int = LENGTH) -> None:
    for text in hostile(length):
        try:
            with within(MOST), suppress(ValidationError, ValueError):
                run(text)
        except TimeoutError:
            pytest.fail(f"More than {MOST} s for {text[:12]!r}… of {len(text):,} characters")


def test_a_pattern_that_is_put_together_is_known_here() -> None:
    """For a new one: of what is it put together, is each part escaped or a constant, and how long is the text?"""
    assert TOGETHER <= PUT_TOGETHER


@pytest.mark.parametrize("where", FOUND)
def test_a_pattern_is_quick_on_whatever_is_sent(where: str) -> None:
    told, flags = FOUND[where]
    pattern = re.compile(told, flags)

    def run(text: str) -> None:
        pattern.match(text)
        for _ in pattern.finditer(text):
            pass

    tried(run, BOUNDED.get(where.split(":")[0], LENGTH))


FIELDS = [
    ours.TextField(max_length=100),
    ours.LineField(max_length=100),
    ours.RichTextField(max_length=100),
    ours.MoneyField(),
    ours.LimitedDateField(),
    ours.DayField(),
    forms.URLField(max_length=500, assume_scheme="https"),
    forms.EmailField(),
    forms.IntegerField(),
    forms.UUIDField(),
    forms.DateField(),
    forms.TimeField(),
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_a_field_is_quick_on_whatever_is_sent(field: Any) -> None:
    tried(field.clean)


@pytest.mark.parametrize("run", [render, names.cleaned, _shown, read_pounds], ids=lambda run: run.__name__)
def test_what_reads_texts_is_quick_on_whatever_is_sent(run: Callable[[str], Any]) -> None:
    tried(run, 20_000 if run is render else LENGTH)


def test_a_slow_pattern_would_be_noticed() -> None:
    with pytest.raises(TimeoutError), within(0.2):
        re.search(r"\s+$", " " * LENGTH + "!")
