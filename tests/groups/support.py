"""What the tests of a group's reviews stand on."""

from __future__ import annotations

from typing import Any

from register.core.tracking import origin
from register.groups.models import Decision, ReviewFlag
from register.groups.services import flag_for_review, record_decision
from tests.factories import TODAY


def decided(group: Any, record: Any, **fields: Any) -> Decision:
    with origin("test"):
        return record_decision(
            **{
                "by": None,
                "initiative": record,
                "group": group,
                "outcome": "support",
                "decided_on": TODAY,
                "on": TODAY,
                "reasons": "It works.",
            }
            | fields
        )


def flagged(group: Any, record: Any, *, by: Any = None, why: str = "Decide on the lease.") -> ReviewFlag:
    with origin("test"):
        return flag_for_review(by=by, initiative=record, group=group, why=why)
