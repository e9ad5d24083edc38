"""What tests of a group's pages stand on: people by role, barriers, asks, decisions, flags."""

from __future__ import annotations

from datetime import date
from typing import Any

from register.accounts.models import User, WorkingGroup
from register.core.tracking import origin
from register.groups.models import Ask, Decision, ReviewFlag
from register.groups.services import (
    draw_up_ask,
    flag_for_review,
    mark_as_asked,
    record_answer,
    record_decision,
    set_remit,
)
from register.initiatives.models import Barrier, Initiative
from register.initiatives.services import raise_barrier
from tests.factories import TODAY, organisation, person, working_group

IN_GROUP = ("group_member", "secretary", "chair")
EVERY_ROLE = ("group_member", "secretary", "chair", "administrator", "auditor", "reader", None)
MANAGERS = ("secretary", "administrator")
DECIDERS = ("secretary", "chair")
READERS = ("group_member", "secretary", "chair", "administrator", "auditor")


def do(door: Any, *, by: User | None = None, **fields: Any) -> Any:
    with origin("test"):
        return door(by=by, **fields)


def group_of_everything(code: str = "eastern") -> WorkingGroup:
    group = working_group(code, name=f"{code.title()} group")
    do(set_remit, group=group, name="Everything", parameters={})
    return group


def somebody(role: str | None, group: WorkingGroup, **fields: Any) -> User:
    return person(role, group=group if role in IN_GROUP else None, **fields)


def barrier(on: Initiative, title: str = "A wall", **fields: Any) -> Barrier:
    told = {
        "category": "governance",
        "severity": "low",
        "remover": "government",
        "remedy": f"Take down {title.lower()}.",
        "raised_on": date(2026, 1, 10),
    } | fields
    return do(raise_barrier, initiative=on, on=TODAY, title=title, **told)


def ask(group: WorkingGroup, barriers: list[Barrier], state: str = "draft", **fields: Any) -> Ask:
    """An ask that has come as far as `state`."""
    told = {"title": "Change the rule", "what": "Please.", "addressee": organisation("home-office")} | fields
    made = do(draw_up_ask, group=group, barriers=barriers, **told)
    if state != "draft":
        made = do(mark_as_asked, ask=made, version=None, asked_on=date(2026, 10, 1), on=TODAY)
    if state == "answered":
        made = do(
            record_answer, ask=made, version=None, answered_on=date(2026, 11, 2), answer="Yes, in spring.", on=TODAY
        )  # fmt: skip
    return made


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
