"""Where the servers' files can be: sockets want short paths, and PostgreSQL, which refuses to run as root, runs as
`nobody`, who may not enter every folder that root works in.

The data always stay in the state folder: PostgreSQL is started *inside* its data folder and told that they are
in `/proc/self/cwd`, which asks nothing of the folders above. Its binaries are copied to a folder that `nobody`
may enter when it may not enter theirs, and sockets go to a short private one. Both are scratch: their places are
noted in the state folder, used again by the next start and removed by `python places.py STATE`, which is
`make clean-demo`. Standard library only, so that it works without the virtual environment.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

# A socket's path may have 107 bytes on Linux and 103 elsewhere; the longest name that we make is this one.
LONGEST_PATH = 103
LONGEST_NAME = ".s.PGSQL.5432.lock"
PREFIX = "bluelight-"


def short_folders() -> list[Path]:
    """Folders in which a short private folder may be made, best first."""
    named = [os.environ.get("XDG_RUNTIME_DIR", ""), "/var/tmp", "/tmp", "/dev/shm"]  # noqa: S108
    return [Path(name) for name in named if name and os.access(name, os.W_OK | os.X_OK)]


def server_user() -> tuple[int, int] | None:
    """(uid, gid) to run PostgreSQL as; None: as ourselves, who are not root."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return (65534, 65534)
    return (nobody.pw_uid, nobody.pw_gid)


def may(user: tuple[int, int] | None, *command: str | Path) -> bool:
    """Whether `user` can run this command successfully. Trying is the only test that knows every rule."""
    more: dict[str, object] = {"user": user[0], "group": user[1], "extra_groups": []} if user else {}
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [str(part) for part in command], capture_output=True, cwd="/", check=False, **more
        )
    except OSError:
        return False
    return bool(done.returncode == 0)


class Places:
    """The folders of one pair of servers."""

    def __init__(self, state: Path, *, short: Sequence[Path] | None = None) -> None:
        """`short`: where short folders may be made, instead of the usual places."""
        self.state = state.resolve()
        self.user = server_user()
        self.short = list(short_folders() if short is None else short)
        self.state.mkdir(parents=True, exist_ok=True)

    def sockets(self) -> Path | None:
        """A private folder for sockets that the servers' user can enter; None when there is nowhere for one."""
        inside = self.state / "run"
        if self._is_short(inside) and self._enters(self.state):
            inside.mkdir(mode=0o700, exist_ok=True)
            self._hand_over(inside)
            return inside
        outside = self._scratch("sockets", mode=0o700, fits=self._is_short)
        if outside:
            self._hand_over(outside)
        return outside

    def binaries(self, installed: Path) -> Path:
        """The folder of `pginstall`: as installed, or a copy that the servers' user can reach."""
        if self.user is None or may(self.user, installed / "bin" / "postgres", "--version"):
            return installed
        folder = self._scratch("binaries", mode=0o755, fits=lambda path: True)
        if folder is None:
            raise SystemExit(
                "PostgreSQL can't run as nobody from here, and there is no folder to copy it to."
            )
        package = installed.parent
        copy = folder / package.name / installed.name
        # The marker is written last: a copy that was cut short is made again.
        marker = folder / f"{package.name}-{(installed / 'bin' / 'postgres').stat().st_mtime_ns}"
        if not marker.exists():
            shutil.rmtree(folder / package.name, ignore_errors=True)
            for part in ("bin", "lib", "share"):
                shutil.copytree(installed / part, copy / part, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, folder / libraries.name, dirs_exist_ok=True)
            _open_to_all(folder)
            marker.touch()
        if not may(self.user, copy / "bin" / "postgres", "--version"):
            raise SystemExit(f"PostgreSQL can't run as nobody, not from a copy in {folder} either.")
        return copy

    def give_back(self) -> None:
        """Remove scratch folders outside the state folder."""
        for note in self.state.glob("*.folder"):
            remove_noted(note)

    def _is_short(self, folder: Path) -> bool:
        return len(os.fsencode(folder / LONGEST_NAME)) <= LONGEST_PATH

    def _enters(self, folder: Path) -> bool:
        return self.user is None or may(self.user, "/bin/sh", "-c", f'cd "{folder}"')

    def _hand_over(self, folder: Path) -> None:
        if self.user:
            os.chown(folder, *self.user)
        folder.chmod(0o700)

    def _scratch(self, name: str, *, mode: int, fits: Callable[[Path], bool]) -> Path | None:
        note = self.state / f"{name}.folder"
        earlier = _noted(note)
        if earlier and fits(earlier) and self._enters(earlier.parent):
            return earlier
        for parent in self.short:
            if not fits(parent / f"{PREFIX}12345678") or not self._enters(parent):
                continue
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            folder.chmod(mode)
            note.write_text(f"{folder}\n", encoding="utf-8")
            return folder
        return None


def _open_to_all(folder: Path) -> None:
    """Readable by everybody, whatever the umask under which it was copied."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)


def _noted(note: Path) -> Path | None:
    """The folder that a note names, if it is still there and still ours (others write in /tmp too)."""
    try:
        folder = Path(note.read_text(encoding="utf-8").strip())
        found = folder.lstat()
    except (OSError, ValueError):
        return None
    ours = {os.geteuid(), *(server_user() or ())[:1]}
    safe = stat.S_ISDIR(found.st_mode) and found.st_uid in ours and not found.st_mode & 0o022
    return folder if safe and folder.name.startswith(PREFIX) else None


def remove_noted(note: Path) -> None:
    """Remove the folder that a note names, and the note."""
    folder = _noted(note)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    note.unlink(missing_ok=True)


def remove_all(state: Path) -> None:
    """Remove a state folder and what it has elsewhere. SystemExit when a launcher is using it."""
    if not state.is_dir():
        return
    with (state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("The demo is running. Stop it first (Ctrl-C where it runs).") from None
        for note in state.glob("*.folder"):
            remove_noted(note)
        shutil.rmtree(state)


if __name__ == "__main__":
    remove_all(Path(sys.argv[1]))
