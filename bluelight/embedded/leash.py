"""Become another program that dies with the process that started it. Run as a script; standard library only.

    python -I -S leash.py PARENT SIGNAL UID:GID COMMAND…

`PR_SET_PDEATHSIG` is forgotten when a process changes user, so it is set after that; and the parent may have
died before it was set, so the parent is looked at again afterwards. A script rather than `preexec_fn`, which is
not safe (and on newer Pythons warns) in a program with threads.
"""

import os
import signal
import sys

try:
    import ctypes

    # Loaded now: after the change of user the interpreter's own folders may be closed to us.
    LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
except (ImportError, OSError):
    LIBC = None

PR_SET_PDEATHSIG = 1


def die_with(parent: int, by: int) -> None:
    """Let signal `by` end this process when the thread that started it ends. Only Linux can; else nothing."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, by, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main() -> None:
    parent, by, who, *command = sys.argv[1:]
    # Started with `nohup` or by a script in the background, some signals come ignored: servers need theirs.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    if who:
        user, group = who.split(":")
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    die_with(int(parent), int(by))
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(126)


if __name__ == "__main__":
    main()
