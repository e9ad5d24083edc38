"""gunicorn's settings: `gunicorn -c python:bluelight.serve bluelight.wsgi`."""

import gc
import os
import signal
from typing import Any

from bluelight.embedded.leash import die_with

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# Browsers keep connections open; gunicorn's 2 seconds would make most clicks open a new one.
keepalive = 75
# A connection to the database for each thread: opening one at every request costs as much as a plain page, and its
# first questions are slow. Each is looked at before it is used again, so a database may restart.
raw_env = [f"CONN_MAX_AGE={os.environ.get('CONN_MAX_AGE', '600')}"]
# A search or a filter that is too long is answered by its page, in words, rather than cut off here.
limit_request_line = 0
limit_request_field_size = 65536  # the address comes again as the next request's Referer
timeout = 60
graceful_timeout = 8
accesslog = None
errorlog = "-"
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """A web worker must not outlive its master, even one that was killed in the middle of a request."""
    die_with(server.pid, signal.SIGKILL)


def post_worker_init(worker: Any) -> None:
    """Say what is wrong with the settings, as far as only the database can tell.

    What was made at the start stays for good. Walking through it again and again held requests up for some 40 ms."""
    from django.db import DatabaseError, connection

    from register.accounts.checks import strange_providers

    try:
        for line in strange_providers():
            worker.log.error(line)
    except DatabaseError:  # it is away, or not set up yet: /health/ and each page say so
        pass
    finally:
        connection.close()
    gc.collect()
    gc.freeze()
