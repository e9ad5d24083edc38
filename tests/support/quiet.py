"""No test talks to anything beyond this machine."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

HOME = {"", "localhost", "testserver"}


def _is_home(host: object) -> bool:
    if host is None or not isinstance(host, str | bytes):
        return True
    name = host.decode() if isinstance(host, bytes) else host
    if name in HOME or name.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_home(host):
        raise RuntimeError(f"A test tried to reach {host!r}: tests stay on this machine.")


def stay_home() -> None:
    """From now on, reaching beyond loopback raises RuntimeError. An audit hook sees every library's sockets."""
    sys.addaudithook(_watch)
