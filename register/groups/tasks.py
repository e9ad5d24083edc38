"""What beat and workers do for working groups."""

from celery import shared_task

from register.core.tracking import origin
from register.groups.notices import TASK, send_notices


@shared_task(name=TASK)
def send_waiting_notices() -> None:
    """Tell who sees to a decision, as far as nobody has told them."""
    with origin("task"):
        send_notices()
