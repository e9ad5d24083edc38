"""Child processes that never outlive the process that started them, and a look at those of earlier runs."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from bluelight.embedded import leash


class EmbeddedError(SystemExit):
    """The servers could not be started; the text is the line that a person reads. Ends the process unless caught."""


class Lock:
    """Held by one process at a time and let go by its death, however it dies."""

    def __init__(self, path: Path, busy: str) -> None:
        """`busy` is the line for whoever comes second; `{pid}` in it is the holder's process."""
        self.path, self.busy = path, busy
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> None:
        """Raises EmbeddedError at once when somebody else has it; nothing when it is ours already."""
        if self.held:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise EmbeddedError(self.busy.format(pid=holder or "unknown")) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | int | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    on_orphan: int = signal.SIGKILL,
    **more: Any,
) -> subprocess.Popen[bytes]:
    """Start a direct child that gets `on_orphan` when this process dies.

    It runs in its own session, so that a Ctrl-C in the terminal reaches only this process, which then stops its
    children in order. `user` is (uid, gid) to run as. `log` is appended to.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("A child dies with the thread that started it: start it from the main thread.")
    who = f"{user[0]}:{user[1]}" if user else ""
    line = [sys.executable, "-I", "-S", leash.__file__, os.getpid(), int(on_orphan), who, *command]
    output: Any = log.open("ab") if isinstance(log, Path) else log
    try:
        return subprocess.Popen(
            [str(part) for part in line],
            stdout=more.pop("stdout", output),
            stderr=more.pop("stderr", subprocess.STDOUT if output is not None else None),
            stdin=more.pop("stdin", subprocess.DEVNULL),
            cwd=cwd,
            env=None if env is None else dict(env),
            start_new_session=True,
            **more,
        )
    finally:
        if isinstance(log, Path):
            output.close()


def forward_death(by: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Called by a child's own child (a web or task worker): die when its parent dies."""
    leash.die_with(os.getppid() if parent is None else parent, by)


def stop(process: subprocess.Popen[bytes], by: int = signal.SIGTERM, patience: float = 10) -> None:
    """Ask it to end; after `patience` seconds end it. Then end whatever is left of its session."""
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def wait_until(done: Callable[[], object], seconds: float, every: float = 0.02) -> bool:
    """Whether `done()` came true within `seconds`."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True


def is_working_in(pid: int, folder: Path, name: str) -> bool:
    """Whether `pid` is a live process called `name` whose working folder is `folder`.

    A zombie is not, nor is a stranger who was given the number after the one we know had died.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        called, state = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 2]
        return called == name and state not in "ZX" and os.path.samefile(f"/proc/{pid}/cwd", folder)
    except (OSError, ValueError):
        return False


def working_in(folder: Path, name: str) -> list[int]:
    """All live processes called `name` whose working folder is `folder`. Empty where there is no /proc."""
    pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [pid for pid in pids if is_working_in(pid, folder, name)]
