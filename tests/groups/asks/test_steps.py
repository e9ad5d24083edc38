"""An ask from a draft until it is answered, or withdrawn."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from register.groups.models import Ask
from register.groups.services import (
    close_ask,
)
from register.history.models import Change
from tests.factories import TODAY, initiative
from tests.groups.asks.support import HOME, NEW, text, written
from tests.groups.support import (
    ask,
    barrier,
    do,
    somebody,
)

pytestmark = pytest.mark.django_db


def test_each_state_offers_its_next_step_as_the_one_primary_action(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("secretary", group))
    steps = {"draft": "Mark as asked", "asked": "Record the answer", "answered": "Close the ask"}
    for state, step in steps.items():
        made = ask(group, [wall], state)
        html = text(client, f"{HOME}{made.pk}/")
        assert re.findall(r'class="govuk-button" href="[^"]+">([^<]+)<', html) == [step]
    do(close_ask, ask=made, version=None, closed_on=TODAY, ending="refused", on=TODAY)
    assert "govuk-button" not in text(client, f"{HOME}{made.pk}/").split("<main")[1]


def test_a_step_that_is_sent_twice_is_taken_once_and_no_conflict(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())])
    client.force_login(somebody("secretary", group))
    told = {"asked_on": "1 November 2026", "version": "1"}
    for _ in range(2):
        answer = client.post(f"{HOME}{made.pk}/asked/", told)
        assert (answer.status_code, answer["Location"]) == (302, f"{HOME}{made.pk}/")
    assert client.post(f"{HOME}{made.pk}/asked/", told | {"asked_on": "2 November 2026"}).status_code == 409
    made.refresh_from_db()
    assert made.version == 2


def test_a_draft_that_is_sent_twice_is_one_and_both_land_on_it(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("secretary", group))
    answers = [client.post(NEW, written(wall)) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {f"{HOME}{Ask.objects.get().pk}/"}


def test_an_ask_goes_its_way_and_the_page_tells_it(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())])
    client.force_login(somebody("secretary", group))
    at = f"{HOME}{made.pk}/"
    assert client.post(f"{at}asked/", {"asked_on": "1 November 2026", "version": "1"}).status_code == 302
    told = {"answered_on": "10 November 2026", "answer": "Not before 2028.", "version": "2"}
    assert client.post(f"{at}answer/", told).status_code == 302
    told = {
        "closed_on": "20 November 2026",
        "ending": "done_in_part",
        "ending_text": "A start.",
        "version": "3",
    }
    assert client.post(f"{at}close/", told).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.version) == ("closed", 4)
    assert (made.asked_on, made.answered_on, made.closed_on) == (
        date(2026, 11, 1),
        date(2026, 11, 10),
        date(2026, 11, 20),
    )
    html = text(client, at)
    for said in (
        "The ask went to Home Office on 1 November 2026",
        "The ask was answered on 10 November 2026: Not before 2028",
        "The ask was closed: done in part, A start",
    ):
        assert said in html
    assert "9 days" in text(client, HOME)


CORRECTION = {"answered_on": "12 November 2026", "answer": "Not before 2029.", "reason": "A slip of the pen."}


@pytest.mark.parametrize("state", ["answered", "closed"])
def test_an_answer_is_corrected_and_the_first_stays_in_what_happened(
    client: Client, group: Any, state: str
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    if state == "closed":
        do(close_ask, ask=made, version=None, closed_on=TODAY, ending="refused", on=TODAY)
    first = made.answer
    made.refresh_from_db()
    client.force_login(somebody("secretary", group))
    at = f"{HOME}{made.pk}/answer/correct/"
    assert f'href="{at}"' in text(client, f"{HOME}{made.pk}/")
    assert first in text(client, at)
    sent = CORRECTION | {"version": str(made.version)}
    assert [client.post(at, sent).status_code for _ in range(2)] == [302, 302], "sent twice, it is one"
    version = made.version
    made.refresh_from_db()
    assert (made.state, made.answer, made.version) == (state, "Not before 2029.", version + 1)
    html = text(client, f"{HOME}{made.pk}/")
    history = html.split('id="history"')[1]
    for said in (
        "The answer was corrected: on 12 November 2026, Not before 2029",
        "A slip of the pen.",
        first,
    ):
        assert said in history
    assert first not in html.split('id="history"')[0]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"reason": " "}, "Say why the answer is corrected"),
        ({"answered_on": "1 September 2026"}, "before it was asked"),
        ({"answered_on": "1 May 2027"}, "still to come"),
        ({"answered_on": "23 November 2026"}, "after it was closed"),
        ({"answer": ""}, "Say what they answered"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    client: Client, group: Any, told: dict[str, str], message: str
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    first = made.answer
    do(close_ask, ask=made, version=None, closed_on=date(2026, 11, 20), ending="refused", on=TODAY)
    client.force_login(somebody("chair", group))
    answer = client.post(f"{HOME}{made.pk}/answer/correct/", CORRECTION | told)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    made.refresh_from_db()
    assert made.answer == first


def test_what_is_recorded_already_is_no_correction_and_what_was_never_answered_has_none(
    client: Client, group: Any
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    client.force_login(somebody("chair", group))
    same = {"answered_on": made.answered_on.strftime("%-d %B %Y"), "answer": made.answer, "reason": "None."}
    assert "recorded already" in client.post(f"{HOME}{made.pk}/answer/correct/", same).content.decode()
    silent = ask(group, [barrier(initiative())], "asked")
    do(close_ask, ask=silent, version=None, closed_on=TODAY, ending="never_answered", on=TODAY)
    assert client.get(f"{HOME}{silent.pk}/answer/correct/").status_code == 302
    assert "correct/" not in text(client, f"{HOME}{silent.pk}/")
    assert client.post(f"{HOME}{silent.pk}/answer/correct/", CORRECTION).status_code == 422


@pytest.mark.parametrize(
    ("state", "step", "told", "message"),
    [
        ("draft", "asked", {"asked_on": "24 November 2026"}, "still to come"),
        ("draft", "asked", {"asked_on": "soon"}, "Write a day like"),
        ("asked", "answer", {"answered_on": "1 September 2026", "answer": "Typed."}, "before it was asked"),
        ("asked", "answer", {"answered_on": "20 November 2026", "answer": ""}, "Say what they answered"),
        ("asked", "answer", {"answered_on": "1 May 2027", "answer": "Typed."}, "still to come"),
        ("answered", "close", {"closed_on": "1 November 2026", "ending": "refused"}, "before it was answered"),
        ("asked", "close", {"closed_on": "1 September 2026", "ending": "refused"}, "before it was asked"),
        ("answered", "close", {"closed_on": "20 November 2026", "ending_text": "Typed."}, "Choose how it ended"),
    ],
)  # fmt: skip
def test_a_step_out_of_order_is_refused_and_what_was_typed_is_kept(
    client: Client, group: Any, state: str, step: str, told: dict[str, str], message: str
) -> None:
    made = ask(group, [barrier(initiative())], state)
    client.force_login(somebody("chair", group))
    answer = client.post(f"{HOME}{made.pk}/{step}/", told | {"version": str(made.version)})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html
    for typed in told.values():
        assert typed in html
    made.refresh_from_db()
    assert made.state == state


@pytest.mark.parametrize(
    ("state", "not_yet"),
    [
        ("draft", ("answer", "close")),
        ("asked", ("asked", "withdraw")),
        ("answered", ("asked", "answer", "edit", "withdraw")),
    ],
)
def test_a_step_that_is_not_the_next_leads_back_and_does_nothing(
    client: Client, group: Any, state: str, not_yet: tuple[str, ...]
) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall], state)
    client.force_login(somebody("chair", group))
    told = {"asked_on": "20 November 2026", "answered_on": "20 November 2026", "answer": "No."}
    told |= {"closed_on": "20 November 2026", "ending": "refused", "reason": "", "version": str(made.version)}
    for step in not_yet:
        address = f"{HOME}{made.pk}/{step}/"
        assert client.get(address).headers.get("Location") == f"{HOME}{made.pk}/", step
        assert client.post(address, written(wall) | told).status_code in (302, 422), step
    made.refresh_from_db()
    assert (made.state, made.title) == (state, "Change the rule")


def test_a_draft_is_withdrawn_by_a_post(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall])
    client.force_login(somebody("chair", group))
    assert client.post(f"{HOME}{made.pk}/withdraw/", {"reason": "Settled"}).status_code == 302
    assert not Ask.objects.exists()
    assert Change.objects.get(table_name="register_ask", operation="D").reason == "Settled"
    wall.refresh_from_db()
    assert wall.state == "open"
