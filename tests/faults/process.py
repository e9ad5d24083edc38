"""Where beats and workers come from: it has imported everything, and forks a real Celery process when told to.

python -m tests.faults.process CLOCK

A worker that is killed is there again in a moment this way; starting Python anew for each would be most of the
test. Each line of standard input is a command as JSON, each answer a line of JSON. Started, a process is Celery's
own `worker` or `beat` with the register's settings, but for what `hurry` changes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

from bluelight.embedded.leash import die_with
from tests.faults.moving import MovedClock

BEAT = 0.6


def hurry(app: Any) -> None:
    """What takes minutes in a real register takes moments here: only how often and how long, nothing else."""
    from django.conf import settings

    from register.digests import tasks
    from register.digests.sending import delivery

    settings.EMAIL_TIMEOUT = 2
    # So that several workers have some of an edition, and each writes some while others are on their way.
    tasks.SHARE, delivery.BATCH = 4, 2
    delivery.BEHIND = timedelta(seconds=1)
    app.conf.beat_schedule = {
        name: entry | {"schedule": BEAT}
        for name, entry in app.conf.beat_schedule.items()
        if entry["task"].startswith("digests.")
    }
    app.conf.beat_max_loop_interval = BEAT
    # A task whose worker died comes back while others may still be at it.
    app.conf.broker_transport_options = app.conf.broker_transport_options | {"visibility_timeout": 3}


def prepare(clock: MovedClock) -> Any:
    """Everything that a task will import, imported; nothing connected to."""
    django.setup()
    from django.template.loader import get_template
    from django.urls import reverse

    from bluelight.worker import app
    from register.digests.slots import is_working_day

    app.loader.import_default_modules()
    clock.take_over()
    hurry(app)
    reverse("home")
    is_working_day(date(2026, 1, 5))
    for name in ("digests/email.txt", "digests/email.html"):
        get_template(name)
    return app


class Nursery:
    def __init__(self, app: Any) -> None:
        self.app = app
        self.pids: dict[str, int] = {}

    def obey(self, told: dict[str, Any]) -> Any:
        """{"start": name, "arguments": […], "log": path}, {"kill": name, "child": whether only its child},
        {"signal": number, "to": name} or {"alive": names}."""
        if "signal" in told:
            for pid in (self.pids[told["to"]], *self._children(told["to"])):
                os.kill(pid, told["signal"])
            return True
        if "alive" in told:
            return [name for name in told["alive"] if self._is_alive(name)]
        if "start" in told:
            return self._start(told["start"], told["arguments"], told["log"])
        return self._kill(told["kill"], told.get("child", False))

    def _start(self, name: str, arguments: list[str], log: str) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self._live(parent, arguments, log)
            finally:
                os._exit(1)
        self.pids[name] = pid
        return pid

    def _live(self, parent: int, arguments: list[str], log: str) -> None:
        die_with(parent, signal.SIGKILL)
        os.setsid()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        random.seed()  # or every process would wait the same random times
        self.app.start(arguments)

    def _children(self, name: str) -> list[int]:
        pid = self.pids[name]
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _is_alive(self, name: str) -> bool:
        # Left as a zombie, which nobody else's process can be taken for, until it is killed.
        return os.waitid(os.P_PID, self.pids[name], os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def _kill(self, name: str, child: bool) -> bool:
        """kill -9. False when there is nothing to kill (any more)."""
        pid = self.pids.get(name)
        if pid is None:
            return False
        if child:
            for one in self._children(name):
                os.kill(one, signal.SIGKILL)
            return True
        del self.pids[name]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return True


def main() -> None:
    nursery = Nursery(prepare(MovedClock(Path(sys.argv[1]))))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(nursery.obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
