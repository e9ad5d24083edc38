"""Is it well? For load balancers and the people who run it; says nothing about the data."""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from register.core.clock import now
from register.digests.alarms import alarms, given_up
from register.history import sealing

logger = logging.getLogger(__name__)


@require_safe
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 `ok`; 200 `degraded` without the broker (pages and saves work, email waits) or with digests or seals of the
    ledger that are late; 503 without the database. Email that was given up is a number, and no failure."""
    database, broker = _database_answers(), _broker_answers()
    is_late = database and bool(alarms(now=now()))
    is_unsealed = database and bool(sealing.alarms(now=now()))
    is_well = broker and not is_late and not is_unsealed
    state = "down" if not database else "ok" if is_well else "degraded"
    body = {
        "status": state,
        "database": _word(database),
        "broker": _word(broker),
        "digests": "late" if is_late else "ok" if database else "unknown",
        "ledger": "late" if is_unsealed else "ok" if database else "unknown",
        "given_up_in_seven_days": given_up(now=now()) if database else None,
    }
    return JsonResponse(body, status=200 if database else 503)


def _word(well: bool) -> str:
    return "ok" if well else "down"


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("The database does not answer: %s", error)
        return False
    return True


def _broker_answers() -> bool:
    # Celery and redis-py write the address of a unix socket differently.
    url = settings.CELERY_BROKER_URL.replace("redis+socket:", "unix:").replace("virtual_host=", "db=")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        logger.warning("The broker does not answer: %s", error)
        return False
    return True
