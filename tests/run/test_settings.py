"""What an installation says of its database."""

from __future__ import annotations

import os
import subprocess
import sys


def test_what_the_address_of_the_database_says_of_a_connection_counts() -> None:
    """Such as the role that it takes on: the register's own choices come before it, not in its place."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from django.conf import settings as s; print(s.DATABASES['default']['OPTIONS'])",
        ],
        env=os.environ | {"DATABASE_URL": "postgres://a@127.0.0.1:1/b?options=-c%20role%3Dbluelight_app"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "-c jit=off" in told
    assert told.index("-c jit=off") < told.index("-c role=bluelight_app")
