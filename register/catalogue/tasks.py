"""What beat has done for the catalogue."""

from celery import shared_task

from register.catalogue.tallying import tally
from register.core.clock import today


@shared_task(name="catalogue.tally")
def tally_changes() -> None:
    """Tally what has changed in the last minute: until then it is counted one by one."""
    tally(on=today())
