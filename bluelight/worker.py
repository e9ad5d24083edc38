"""The Celery app with children that die with their worker: `celery -A bluelight.worker worker`."""

import gc
import os
import signal
from typing import Any

from celery.signals import worker_process_init

from bluelight.celery import app
from bluelight.embedded.leash import die_with

__all__ = ["app"]


@worker_process_init.connect
def _leash(**_: Any) -> None:
    """A prefork child waits for work on a pipe that its siblings keep open: it would never see its parent die."""
    die_with(os.getppid(), signal.SIGKILL)


@worker_process_init.connect
def settle(**_: Any) -> None:
    """What was made at the start stays for good. Walking through it again and again was a fifth of building digests."""
    gc.collect()
    gc.freeze()
