"""No text takes a pattern long. Each pattern of ours is run on hostile texts in a process with few seconds of CPU."""

from __future__ import annotations

import ast
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

from tests.support.hostile import Attack
from tests.support.run import BASE

KIND = "ReDoS"
LENGTH = 20_000
TEXTS = {
    "one letter": "a" * LENGTH,
    "one letter and an end": "a" * LENGTH + "!",
    "digits": "1" * LENGTH + "x",
    "digits and commas": "1,111" * (LENGTH // 5) + "x",
    "spaces": " " * LENGTH + "x",
    "spaces and letters": "a " * (LENGTH // 2) + "!",
    "line ends": "\n" * LENGTH + "x",
    "brackets": "[(<" * (LENGTH // 3),
    "comment's beginnings": "<!--[a]-->" * (LENGTH // 10),
    "stars": "*_~" * (LENGTH // 3),
    "references": "BL-00000" * (LENGTH // 8) + "BL-",
    "links": "https://a." * (LENGTH // 10),
    "at signs": "a@" * (LENGTH // 2),
    "higher markings": "UK SECRET " * (LENGTH // 10),
    "dashes": "-" * LENGTH + "\0",
    "letters of two bytes": "é" * LENGTH + "\u0301",
}
RUN = """
import json, re, resource, sys
told = json.load(sys.stdin)
resource.setrlimit(resource.RLIMIT_CPU, (told["cpu"], told["cpu"]))
for pattern, flags, most in told["patterns"]:
    compiled = re.compile(pattern, flags)
    for text in told["texts"]:
        compiled.search(text[:most]); compiled.fullmatch(text[:most]); compiled.sub("", text[:most])
"""
# What takes in what people type, with nothing before it that cuts a text short.
READERS = """
import json, resource, sys
told = json.load(sys.stdin)
import django; django.setup()
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from register.core import dates, forms, money
from register.core.files import names
from register.initiatives.querysets import number_of
from register.templatetags import look
used = resource.getrusage(resource.RUSAGE_SELF)
most = int(used.ru_utime + used.ru_stime) + told["cpu"]
resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
for reader in (money.read_pounds, dates.read_date, forms.clean_text, names.cleaned, number_of, look.with_references,
               validate_email, URLValidator(), validate_password):
    for text in told["texts"]:
        try:
            reader(text)
        except (ValueError, ValidationError):
            pass
"""
# Texts that are cut before the pattern sees them: so many characters (the readers below prove it).
CUT = {"register/core/money.py": 60, "register/core/dates.py": 60, "register/accounts/passwords.py": 128}
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"}


def patterns() -> Iterator[tuple[str, str, int]]:
    """(where, pattern, flags) of every pattern that is written out in our code."""
    for folder in ("register", "bluelight"):
        for path in sorted((BASE / folder).rglob("*.py")):
            if "/migrations/" in str(path) or "/scale/" in str(path):
                continue
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if re.search(r"\bre\.", text) else ():
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in FUNCTIONS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str)
                ):
                    flags = re.MULTILINE if "re.MULTILINE" in ast.unparse(node) else 0
                    yield str(path.relative_to(BASE)), node.args[0].value, int(re.IGNORECASE | flags)


def ends(script: str, cpu: int = 15, **told: object) -> bool:
    """Whether it came to its end within so many seconds of CPU."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(told | {"cpu": cpu}),
        cwd=BASE,
        text=True,
        capture_output=True,
    )
    assert done.returncode in (0, -signal.SIGKILL, -signal.SIGXCPU), done.stderr
    return done.returncode == 0


def test_no_pattern_of_ours_takes_long(attack: Attack) -> None:
    found = list(patterns())
    for where, pattern, _ in found:
        attack(KIND, f"{where} {pattern} on {len(TEXTS)} texts")
    assert len(found) > 10
    told = [(pattern, flags, CUT.get(where, LENGTH + 2)) for where, pattern, flags in found]
    assert ends(RUN, patterns=told, texts=list(TEXTS.values()))


def test_a_pattern_that_is_slow_is_found_out() -> None:
    assert not ends(RUN, cpu=1, patterns=[("(a+)+$", 0, LENGTH)], texts=["a" * 60 + "!"])


def test_nothing_that_reads_what_people_type_takes_long(attack: Attack) -> None:
    for text in TEXTS:
        attack(KIND, f"whatever reads what is typed, on {text}")
    assert ends(READERS, texts=list(TEXTS.values()))
