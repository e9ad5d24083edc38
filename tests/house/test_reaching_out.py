"""The register asks nothing of other servers but those it is configured with: a forged address leads it nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http.client", "httpx", "imaplib", "pycurl", "requests", "smtplib", "socket",
    "socketserver", "ssl", "subprocess", "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc.client",
}  # fmt: skip
# Who may, and what of: the mail server, the virus scanner and the organisations' sign-in services that settings name.
REGISTER = {
    "register/accounts/adapters/tokens.py": {"requests"},
    "register/core/files/scanner.py": {"socket"},
    "register/core/handover.py": {"smtplib"},
    "register/core/post.py": {"smtplib"},
}
# How it is run: its own programs, on this machine.
RUNNING = {"demo", "embedded", "manage", "services", "sink", "supervisor", "serve"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def reaching() -> dict[str, set[str]]:
    found = {}
    for path in sorted(Path(settings.BASE_DIR, "register").rglob("*.py")):
        if used := NETWORK & set(imported(path)):
            found[str(path.relative_to(settings.BASE_DIR))] = used
    return found


def test_nothing_in_the_register_reaches_out_but_to_the_servers_that_settings_name() -> None:
    assert reaching() == REGISTER, "No request goes to an address that somebody typed."


def test_how_it_is_run_reaches_its_own_programs_only() -> None:
    root = Path(settings.BASE_DIR, "bluelight")
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0].removesuffix(".py") not in RUNNING:
            assert not NETWORK & set(imported(path)), path


def test_emails_load_nothing_when_their_styles_are_put_in() -> None:
    for path in Path(settings.BASE_DIR, "register").rglob("*.py"):
        for line in path.read_text().splitlines():
            assert "CSSInliner(" not in line or "load_remote_stylesheets=False" in line, path
