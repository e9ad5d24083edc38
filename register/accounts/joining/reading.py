"""What those who manage a place see of its invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from register.accounts.joining.models import Invitation, Letter
from register.accounts.models import WorkingGroup
from register.reference.models import Organisation

# Answered ones stay in sight so long.
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class InvitationRow:
    invitation: Invitation
    state: Invitation.State
    letter: str
    """What became of the email."""

    @property
    def is_unanswered(self) -> bool:
        return self.state in (Invitation.State.OPEN, Invitation.State.EXPIRED)


def invitations_shown(
    organisation: Organisation | None, group: WorkingGroup | None, *, now: datetime
) -> list[InvitationRow]:
    """Those of one place that wait, and what was answered or withdrawn lately; newest first, two queries."""
    of = Invitation.objects.into(organisation, group)
    recent = of.unanswered() | of.filter(invited_at__gte=now - SHOWN_FOR)
    rows = recent.select_related("invited_by", "used_by").prefetch_related("letters")
    return [InvitationRow(row, row.state(now), _letter(row)) for row in rows]


def _letter(invitation: Invitation) -> str:
    letters = list(invitation.letters.all())
    return Letter.State(letters[-1].state).label if letters else ""
