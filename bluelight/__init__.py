"""How the register is run."""

from bluelight.celery import app as celery_app

__all__ = ["celery_app"]
