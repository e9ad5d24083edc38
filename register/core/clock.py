"""The clock. Views, tasks and commands ask the time and pass it on; nothing below them reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection
from django.db.models import DateTimeField, Func
from django.utils import timezone


def now() -> datetime:
    """The time, aware, in UTC."""
    return timezone.now()


def today(at: datetime | None = None) -> date:
    """The day in the register's zone (Europe/London), now or `at` a moment."""
    return timezone.localdate(at)


class RegisterNow(Func):
    """The database's clock: real time, unless its owner has set another (tests, the sample loader)."""

    function = "register_now"
    template = "%(function)s()"
    output_field = DateTimeField()
    arity = 0


@contextmanager
def database_clock(at: datetime) -> Iterator[None]:
    """The database's clock stands at a moment: for its owner only, who loads samples and runs tests."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('register.now', %s, false)", [at.isoformat()])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('register.now', '', false)")
