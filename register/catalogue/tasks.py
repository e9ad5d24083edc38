"""What beat has done for the catalogue."""

from celery import shared_task

from register.catalogue.tallies import tally


@shared_task(name="catalogue.tally")
def tally_changes() -> None:
    """Tally what has changed in the last minute: until then it is read by itself."""
    tally()
