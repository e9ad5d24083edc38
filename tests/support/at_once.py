"""Doing several things at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection

from register.core.tracking import origin


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each of these gives back, or how it was refused; in the order in which they ended."""
    start, found = threading.Barrier(len(works)), []

    def work(one: Callable[[], Any]) -> None:
        try:
            start.wait()
            with origin("test"):
                found.append(one())
        except (ValidationError, PermissionDenied, IntegrityError) as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[one]) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
