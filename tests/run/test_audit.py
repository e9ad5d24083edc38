"""`make audit` finds what it says it looks for, and says when it could not look."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import audit

LOCK = f"django==1.0 --hash=sha256:{'0' * 64}\nsqlparse==0.5.3 --hash=sha256:{'1' * 64}\n"
WEAKNESS = {
    "id": "PYSEC-0000-1",
    "summary": "Forms may be sent twice",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Weaknesses(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = {"vulns": [WEAKNESS]} if asked["package"]["name"] == "django" else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *args: object) -> None:
        """Nothing to say."""


@pytest.fixture
def database(monkeypatch: Any) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), Weaknesses) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text(LOCK)
    return path


def test_a_known_weakness_is_found_with_the_version_that_mends_it(lock: Path, database: str) -> None:
    assert audit.locked(lock, database) == audit.Result(("django 1.0: PYSEC-0000-1, mended in 1.1",))


def test_without_a_way_to_the_database_it_says_that_it_did_not_look(lock: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    told = audit.locked(lock, "http://127.0.0.1:1/v1/query")
    assert not told.found
    assert told.not_checked.startswith("no database of weaknesses within reach")


@pytest.mark.parametrize(
    "left",
    [
        "AKIA" + "Z7QWERTYUIOPASDF",
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "postgres://bluelight:" + "9fJx2kQ7@db.example.org/x",
    ],
)
def test_a_secret_that_was_left_is_found(tmp_path: Path, left: str) -> None:
    path = tmp_path / "settings.py"
    path.write_text(f'KEY = "{left}"\n')
    assert len(audit.secrets([path]).found) == 1


def test_what_examples_have_for_a_secret_is_none(tmp_path: Path) -> None:
    path = tmp_path / "running.md"
    path.write_text("postgres://bluelight_web:secret@127.0.0.1/x and password = env('PASSWORD')\n")
    assert audit.secrets([path]) == audit.Result()


def test_it_ends_with_one_for_what_was_found_and_tells_what_was_not_looked_at(
    monkeypatch: Any, capsys: Any
) -> None:
    found = audit.Result(("a.py:1: S105 a password",))
    monkeypatch.setattr(audit, "locked", lambda *told: audit.Result(not_checked="no database"))
    for name in ("careless", "deployed"):
        monkeypatch.setattr(audit, name, audit.Result)
    monkeypatch.setattr(audit, "kept_files", list)
    assert audit.main([]) == 0
    assert "NOT CHECKED, no database" in capsys.readouterr().out
    monkeypatch.setattr(audit, "careless", lambda: found)
    assert audit.main([]) == 1
    assert "a.py:1: S105" in capsys.readouterr().out


@pytest.mark.parametrize(("check", "ends"), [("careless", 2), ("careless", -9), ("deployed", -9)])
def test_a_check_that_did_not_run_is_not_clean(monkeypatch: Any, capsys: Any, check: str, ends: int) -> None:
    dead = subprocess.CompletedProcess([], ends, stdout="", stderr="" if ends < 0 else "error: no such rule")
    for name in ("careless", "deployed"):
        if name != check:
            monkeypatch.setattr(audit, name, audit.Result)
    monkeypatch.setattr(audit, "locked", lambda *told: audit.Result())
    monkeypatch.setattr(audit, "kept_files", list)
    monkeypatch.setattr(audit, "ran", lambda *command: dead)
    assert audit.main([]) == 1
    name = {"careless": "ruff", "deployed": "manage.py check"}[check]
    assert f"NOT CHECKED, {name} ended with {ends}" in capsys.readouterr().out


def test_a_mistake_in_the_settings_of_ruff_is_told(monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nno-such-setting = 1\n")
    monkeypatch.setattr(audit, "BASE", tmp_path)
    told = audit.careless()
    assert told.at_fault
    assert told.not_checked.startswith("ruff ended with 2")
