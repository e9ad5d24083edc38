"""Closing an ask together with its barriers."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from register.core.errors import EditConflictError
from register.groups.services import (
    Outcome,
    close_ask,
)
from register.initiatives.services import change_barrier
from tests.factories import TODAY, initiative, person
from tests.groups.asks.support import HOME, closing, states, text
from tests.groups.support import (
    ask,
    barrier,
    do,
)

pytestmark = pytest.mark.django_db


def test_closing_an_ask_closes_its_barriers_as_chosen(client: Client, group: Any, keeper: Any) -> None:
    record = initiative()
    gone, borne, stays = (barrier(record, title) for title in ("Gone", "Borne", "Stays"))
    made = ask(group, [gone, borne, stays], "answered")
    client.force_login(keeper)
    told = closing(made, (gone, "removed"), (borne, "accepted"), (stays, "still"))
    assert client.post(f"{HOME}{made.pk}/close/", told).status_code == 302
    assert states(gone, borne, stays) == ["removed", "accepted", "open"]
    gone.refresh_from_db()
    assert gone.resolved_on == date(2026, 11, 20)
    made.refresh_from_db()
    assert (made.state, made.ending) == ("closed", "done_as_asked")


def test_only_who_keeps_a_record_says_that_its_barrier_is_gone(
    client: Client, group: Any, keeper: Any
) -> None:
    mine = barrier(initiative("Mine"), "My wall")
    other = initiative(
        "Theirs", lead="kent-police", parties=[], places=["kent"], contact_post="Head of estates"
    )
    theirs = barrier(other, "Their wall")
    hidden = barrier(initiative("Secret", lead="kent-police", parties=[], audience="partners"), "Hidden wall")
    made = ask(group, [mine, theirs, hidden], "answered")
    client.force_login(keeper)
    html = text(client, f"{HOME}{made.pk}/close/")
    assert f'name="outcome_{mine.pk}"' in html
    assert f'name="outcome_{theirs.pk}"' not in html
    assert "Their wall" in html
    assert "Kent Police keeps the record. Contact: Head of estates." in html
    assert "Hidden wall" not in html
    assert "Secret" not in html
    told = closing(made, (mine, "removed"), (theirs, "removed"), (hidden, "removed"))
    assert client.post(f"{HOME}{made.pk}/close/", told).status_code == 302
    assert states(mine, theirs, hidden) == ["removed", "open", "open"]


def test_a_barrier_that_changed_meanwhile_closes_nothing_and_keeps_the_choice(
    client: Client, group: Any, keeper: Any
) -> None:
    record = initiative()
    first, second = barrier(record, "First"), barrier(record, "Second")
    made = ask(group, [first, second], "answered")
    do(change_barrier, barrier=second, version=None, on=TODAY, state="being_worked_on")
    client.force_login(keeper)
    told = closing(made, (first, "removed"), (second, "removed"), ending_text="Typed.")
    answer = client.post(f"{HOME}{made.pk}/close/", told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed “Second” meanwhile: it is being worked on now." in html
    assert "Typed." in html
    assert re.search(rf'name="outcome_{first.pk}" value="removed"[^>]* checked', html)
    assert states(first, second) == ["open", "being_worked_on"]
    made.refresh_from_db()
    assert made.state == "answered"
    again = told | dict(re.findall(r'name="(version_\d+)" value="(\d+)"', html))
    assert client.post(f"{HOME}{made.pk}/close/", again).status_code == 302
    assert states(first, second) == ["removed", "removed"]


def test_a_barrier_that_cannot_be_gone_by_then_closes_nothing(
    client: Client, group: Any, keeper: Any
) -> None:
    record = initiative()
    old, new = barrier(record, "Old"), barrier(record, "New", raised_on=date(2026, 11, 22))
    made = ask(group, [old, new], "answered")
    client.force_login(keeper)
    answer = client.post(f"{HOME}{made.pk}/close/", closing(made, (old, "removed"), (new, "removed")))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "New: That is before it was raised (22 November 2026)." in html
    assert 'href="#id_closed_on"' in html
    assert states(old, new) == ["open", "open"]
    made.refresh_from_db()
    assert made.state == "answered"


def test_the_door_closes_all_or_nothing(group: Any, keeper: Any) -> None:
    mine = barrier(initiative())
    theirs = barrier(initiative(lead="kent-police", parties=[], places=["kent"]))
    made = ask(group, [mine, theirs], "answered")
    close = {"ask": made, "closed_on": TODAY, "ending": "refused", "on": TODAY, "version": made.version}
    with pytest.raises(PermissionDenied):
        do(
            close_ask,
            by=keeper,
            outcomes=[Outcome(mine, 1, "removed"), Outcome(theirs, 1, "removed")],
            **close,
        )
    with pytest.raises(EditConflictError):
        do(close_ask, by=keeper, outcomes=[Outcome(mine, 7, "removed")], **close)
    with pytest.raises(PermissionDenied):
        do(close_ask, by=person("administrator"), **close)
    made.refresh_from_db()
    assert made.state == "answered"
    assert states(mine, theirs) == ["open", "open"]


def test_only_barriers_of_the_ask_are_closed_with_it(group: Any, keeper: Any) -> None:
    record = initiative()
    its, other = barrier(record), barrier(record)
    made = ask(group, [its], "asked")
    do(
        close_ask, by=keeper, ask=made, version=None, closed_on=TODAY, ending="never_answered", on=TODAY,
        outcomes=[Outcome(other, 1, "removed")],
    )  # fmt: skip
    assert states(its, other) == ["open", "open"]
