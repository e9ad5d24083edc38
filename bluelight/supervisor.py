"""Keeping programs running: whoever ends is started again, sooner at first and later if it keeps ending."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SOONEST, LATEST = 0.1, 15.0
# Who has run this long is well again.
WELL_AFTER = 20.0


class Program(Protocol):
    """A service or an embedded server."""

    name: str
    log: Path
    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class _Watched:
    program: Program
    started: float
    wait: float = SOONEST
    due: float | None = None


def how_it_ended(code: int) -> str:
    """In words, from a process's return code."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


class Supervisor:
    """Watches programs that it did not necessarily start; stops them in the opposite order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._watched: list[_Watched] = []

    def add(self, program: Program) -> None:
        """Start it, unless it runs, and watch it from now on."""
        if program.process is None:
            program.start()
        self._watched.append(_Watched(program, time.monotonic()))

    def look(self) -> None:
        """One look at each: notice who has ended, start again whose time has come."""
        now = time.monotonic()
        for one in self._watched:
            process = one.program.process
            if one.due is None and process is not None and process.poll() is not None:
                if now - one.started > WELL_AFTER:
                    one.wait = SOONEST
                one.due = now + one.wait
                one.wait = min(one.wait * 2, LATEST)
                ended = how_it_ended(process.returncode)
                self.say(f"The {one.program.name} {ended} (see {one.program.log.name}); starting it again.")
            if one.due is not None and now >= one.due:
                self._start_again(one)

    def _start_again(self, one: _Watched) -> None:
        try:
            # What it left behind (its own children) goes first.
            one.program.stop()
            one.program.start()
        except (SystemExit, OSError) as error:
            one.due = time.monotonic() + one.wait
            one.wait = min(one.wait * 2, LATEST)
            self.say(f"The {one.program.name} can't be started now: {error}")
        else:
            one.started, one.due = time.monotonic(), None

    def watch(self, every: float = 0.2) -> None:
        """For ever; ends with whatever exception a signal's handler raises."""
        while True:
            self.look()
            time.sleep(every)

    def stop(self, *, keep: Sequence[Program | None] = ()) -> None:
        """Watch no more, and end all but those to `keep`: at once, so that the slowest sets the time."""
        chosen = [one.program for one in reversed(self._watched) if one.program not in keep]
        self._watched = []
        for program in chosen:
            if program.process is not None and program.process.poll() is None:
                program.process.terminate()
        for program in chosen:
            program.stop()
