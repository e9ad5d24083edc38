"""The clock. Views, tasks and commands ask the time and pass it on; nothing below them reads it."""

from datetime import date, datetime

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
