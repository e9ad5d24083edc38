"""How long what is written down about coming in is kept: long enough to answer for it, and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from register.accounts.joining.asking import CONFIRM_FOR
from register.accounts.joining.models import AccessRequest, Invitation, Letter
from register.core.tracking import recorded

UNKNOWN_FOR = timedelta(days=1)


def forget(*, now: datetime) -> None:
    """Forget who was invited or asked, once `FORGET_AFTER_DAYS` have passed since it ended; and sessions that ended.

    Any number of callers may do this at once.
    """
    before = now - timedelta(days=settings.FORGET_AFTER_DAYS)
    with transaction.atomic(), recorded(by=None, reason="Kept long enough"):
        AccessRequest.objects.filter(confirmed_at=None, asked_at__lte=now - CONFIRM_FOR).delete()
        AccessRequest.objects.waiting().filter(confirmed_at__lte=before).delete()
        Invitation.objects.unanswered().filter(expires_at__lte=before).update(withdrawn_at=now)
        ended = Invitation.objects.exclude(email="").exclude(used_at=None, withdrawn_at=None)
        ended = ended.annotate(ended_at=Coalesce("used_at", "withdrawn_at"))
        # One that ran out is withdrawn above, for good; it had ended when it ran out.
        ended.filter(Q(ended_at__lte=before) | Q(expires_at__lte=before)).update(email="", name="")
        answered = AccessRequest.objects.exclude(email="").filter(decided_at__lte=before)
        answered.update(email="", name="", post="", why="", reason="")
        # Of one that began to be sent nobody knows; a link that it held is of no more use.
        began = Letter.objects.filter(state=Letter.State.SENDING)
        began.filter(written_at__lte=now - UNKNOWN_FOR).update(sealed=b"")
        began.filter(written_at__lte=before).delete()
        Letter.objects.filter(ended_at__lte=before).delete()
    _forget_sessions()


def _forget_sessions() -> None:
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values(key=F("session_key"))).delete()
