"""What the tests of servers and launcher share."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluelight.embedded import Servers
from bluelight.embedded.places import remove_all
from bluelight.embedded.processes import wait_until
from tests.support.run import memory

BASE = Path(__file__).resolve().parents[2]


def descendants(pid: int) -> list[int]:
    """All processes that `pid` started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat[stat.rindex(")") + 2 :].split()[1])
        parents.setdefault(parent, []).append(int(entry.name))
    found, new = [], [pid]
    while new:
        new = [child for one in new for child in parents.get(one, [])]
        found += new
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def all_gone(pids: list[int], seconds: float = 15) -> bool:
    return wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds)


def short_folder() -> Path:
    """A short folder that everybody may enter (pytest's own are long, and closed to `nobody`)."""
    made = Path(tempfile.mkdtemp(prefix="bl-", dir=memory() or "/tmp"))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def _made_once() -> Iterator[Path]:
    """A state folder whose servers were started once, to be copied: making one takes a second."""
    made = short_folder()
    with Servers(made / "var", durable=False):
        pass
    yield made / "var"
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def folder(_made_once: Path) -> Iterator[Path]:
    """A short folder in which stands a state folder, `var`, in which servers have been started before."""
    made = short_folder()
    (made / "var").mkdir()
    for name in ("postgres", "postgres-passwords.json"):
        subprocess.run(["cp", "-a", str(_made_once / name), str(made / "var" / name)], check=True)
    yield made
    # What was killed has left its scratch folders elsewhere.
    if (made / "var").exists():
        remove_all(made / "var")
    shutil.rmtree(made, ignore_errors=True)


def python(program: str, *arguments: str, **more: object) -> subprocess.Popen[str]:
    """Run a small program beside the test, with the project on its path."""
    return subprocess.Popen(  # type: ignore[call-overload]
        [sys.executable, "-c", program, *arguments],
        cwd=BASE,
        env=os.environ | {"PYTHONPATH": str(BASE)},
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )


def listening() -> dict[int, tuple[str, int]]:
    """Address and port of every TCP socket that is listened on, by its inode."""
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    found = {}
    for row in (line.split() for line in lines):
        if row[3] == "0A":
            address, port = row[1].split(":")
            raw = bytes.fromhex(address)
            words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
            found[int(row[9])] = (str(ipaddress.ip_address(words)), int(port, 16))
    return found


def listeners(port: int) -> set[str]:
    """Addresses on which somebody listens on a TCP port."""
    return {address for address, its in listening().values() if its == port}


def sockets_of(pids: list[int]) -> set[tuple[str, int]]:
    """Address and port of the TCP sockets on which these processes listen."""
    known = listening()
    found = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = os.readlink(entry)
            except OSError:
                continue
            if target.startswith("socket:[") and int(target[8:-1]) in known:
                found.add(known[int(target[8:-1])])
    return found
