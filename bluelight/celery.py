"""The Celery app. What runs when stands in `CELERY_BEAT_SCHEDULE`; what a task does, in its capability."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluelight.settings")

app = Celery("bluelight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["register"])
