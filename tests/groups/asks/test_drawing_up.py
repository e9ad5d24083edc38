"""Who may ask, drawing up what is asked, and writing it anew."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from register.core.tracking import origin, recorded
from register.groups.models import Ask
from register.groups.services import (
    change_ask,
)
from register.history.models import Change
from register.initiatives.services import change_barrier
from tests.factories import TODAY, initiative
from tests.groups.asks.support import HOME, NEW, of_ask, offered, text, ticked, written
from tests.groups.support import (
    DECIDERS,
    EVERY_ROLE,
    READERS,
    ask,
    barrier,
    do,
    group_of_everything,
    somebody,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_asks_are_read_by_the_group_and_made_by_its_chair_and_secretary(
    client: Client, group: Any, role: str | None
) -> None:
    wall = barrier(initiative())
    states = ("draft", "asked", "answered")
    draft, asked, answered = (ask(group, [wall], state, title=state) for state in states)
    client.force_login(somebody(role, group))
    reads, decides = role in READERS, role in DECIDERS
    for address in (HOME, f"{HOME}{draft.pk}/", f"{HOME}{answered.pk}/"):
        assert client.get(address).status_code == (200 if reads else 403), address
    steps = {
        NEW: written(wall),
        f"{HOME}{draft.pk}/edit/": written(wall, version="1"),
        f"{HOME}{draft.pk}/asked/": {"asked_on": "20 November 2026"},
        f"{HOME}{asked.pk}/answer/": {"answered_on": "20 November 2026", "answer": "No."},
        f"{HOME}{answered.pk}/close/": {"closed_on": "20 November 2026", "ending": "refused"},
    }
    before = Change.objects.count()
    for address in (*steps, f"{HOME}{draft.pk}/withdraw/"):
        assert client.get(address).status_code == (200 if decides else 403), address
    assert Change.objects.count() == before
    for address, told in steps.items():
        assert client.post(address, told).status_code == (302 if decides else 403), address
    if not decides:
        assert client.post(f"{HOME}{draft.pk}/withdraw/").status_code == 403
        assert Change.objects.count() == before
    else:
        assert set(Ask.objects.values_list("state", flat=True)) == {"draft", "asked", "answered", "closed"}


@pytest.mark.parametrize("role", ["group_member", "chair", "administrator"])
def test_the_barriers_page_leads_to_an_ask_for_who_may_make_one(
    client: Client, group: Any, role: str
) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall])
    client.force_login(somebody(role, group))
    html = text(client, "/groups/eastern/barriers/")
    assert (f'href="{NEW}?barrier={wall.pk}"' in html) is (role == "chair")
    assert f'href="{HOME}{made.pk}/"' in html


def test_another_groups_ask_is_not_there(client: Client, group: Any) -> None:
    made = ask(group_of_everything("western"), [barrier(initiative())], title="Not ours")
    client.force_login(somebody("secretary", group))
    assert "Not ours" not in text(client, HOME)
    for step in ("", "edit/", "asked/", "withdraw/"):
        text(client, f"{HOME}{made.pk}/{step}", 404)


def test_an_ask_opens_with_the_barriers_named_and_what_would_remove_them(client: Client, group: Any) -> None:
    one = barrier(initiative(), remedy="One licence for two.")
    two = barrier(initiative(), remedy="Money over three years.")
    other = barrier(initiative(), remedy="Something else.")
    client.force_login(somebody("chair", group))
    html = text(client, f"{NEW}?barrier={one.pk}&barrier={two.pk}&barrier=x&barrier=99999")
    assert set(ticked(html)) == {one.pk, two.pk}
    assert offered(html) == [other.pk]
    assert "One licence for two.\nMoney over three years.</textarea>" in html


def test_a_draft_is_kept_as_it_was_told_and_the_ledger_tells_it(client: Client, group: Any) -> None:
    walls = [barrier(initiative(), "A wall"), barrier(initiative(), "A fence")]
    chair = somebody("chair", group, name="Ada Chair")
    client.force_login(chair)
    answer = client.post(NEW, written(*walls))
    assert answer.status_code == 302
    made = Ask.objects.get()
    assert answer.headers["Location"] == f"{HOME}{made.pk}/"
    assert (made.title, made.addressee.code, made.state) == ("Change the rule", "home-office", "draft")
    assert of_ask(made) == {"A wall", "A fence"}
    html = text(client, f"{HOME}{made.pk}/")
    assert "The ask of Home Office was drawn up: Change the rule" in html
    assert "2 barriers were taken in: A wall; A fence" in html
    assert "Ada Chair" in html


@pytest.mark.parametrize(
    ("wrong", "message", "target"),
    [
        ({"title": ""}, "Enter the title", "id_title"),
        ({"what": " "}, "Say what is asked", "id_what"),
        ({"addressee": ""}, "Type a few letters", "id_addressee"),
        ({"addressee": "Zzqxw"}, "No organisation is called anything like", "id_addressee"),
        ({"barrier": []}, "Choose at least one barrier", "barriers"),
        ({"barrier": ["99999"]}, "no longer open", "barriers"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_nothing_typed_is_lost(
    client: Client, group: Any, wrong: dict[str, Any], message: str, target: str
) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("chair", group))
    told = written(wall) | wrong
    answer = client.post(NEW, told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html
    assert f'href="#{target}"' in html
    assert f'id="{target}"' in html
    for name in ("title", "what", "addressee"):
        assert str(told[name]).strip() in html
    assert ticked(html) == ([wall.pk] if told["barrier"] == [str(wall.pk)] else [])
    assert not Ask.objects.exists()


def test_an_addressee_meant_by_a_few_letters_is_chosen_without_a_script(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("chair", group))
    html = client.post(NEW, written(wall, addressee="Derbyshire")).content.decode()
    assert "Choose which organisation you mean" in html
    assert re.search(r'type="radio" name="addressee_code" value="derbyshire-police"', html)
    told = written(
        wall, addressee="Derbyshire", addressee_code="derbyshire-police", addressee_for="Derbyshire"
    )
    assert client.post(NEW, told).status_code == 302
    assert Ask.objects.get().addressee.code == "derbyshire-police"


def test_a_draft_is_written_anew_and_of_one_that_was_asked_only_the_barriers(
    client: Client, group: Any
) -> None:
    wall, fence = barrier(initiative(), "A wall"), barrier(initiative(), "A fence")
    client.force_login(somebody("chair", group))
    draft, asked = ask(group, [wall]), ask(group, [wall], "asked", title="Asked")
    for made in (draft, asked):
        html = text(client, f"{HOME}{made.pk}/edit/")
        assert ticked(html) == [wall.pk]
        assert ('name="title"' in html) is (made is draft)
        told = written(fence, title="Another", version=str(made.version))
        assert client.post(f"{HOME}{made.pk}/edit/", told).status_code == 302
        made.refresh_from_db()
        assert of_ask(made) == {"A fence"}
    assert (draft.title, asked.title) == ("Another", "Asked")


def test_a_barrier_may_be_in_several_asks_and_stays_though_it_was_removed(client: Client, group: Any) -> None:
    wall = barrier(initiative(), "A wall")
    first, second = ask(group, [wall]), ask(group, [wall], title="Another")
    do(change_barrier, barrier=wall, version=None, state="removed", resolved_on=TODAY, on=TODAY)
    client.force_login(somebody("chair", group))
    for made in (first, second):
        html = text(client, f"{HOME}{made.pk}/edit/")
        assert ticked(html) == [wall.pk]
        told = written(wall, version=str(made.version))
        assert client.post(f"{HOME}{made.pk}/edit/", told).status_code == 302
        assert of_ask(made) == {"A wall"}


def test_two_who_edit_see_both_texts_and_both_lists(client: Client, group: Any) -> None:
    wall, fence = barrier(initiative(), "A wall"), barrier(initiative(), "A fence")
    made = ask(group, [wall])
    do(change_ask, ask=made, version=1, title="Theirs", barriers=[wall])
    client.force_login(somebody("chair", group))
    told = written(wall, fence, title="Mine", version="1")
    answer = client.post(f"{HOME}{made.pk}/edit/", told)
    html = answer.content.decode()
    assert answer.status_code == 409
    for said in ("Theirs", "Mine", "A fence"):
        assert said in html
    assert html.count('name="barrier"') == 2
    assert client.post(f"{HOME}{made.pk}/edit/", told | {"version": "2"}).status_code == 302
    made.refresh_from_db()
    assert made.title == "Mine"
    assert of_ask(made) == {"A wall", "A fence"}


def test_two_who_take_a_step_are_told_of_each_other(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())], "asked")
    do(change_ask, ask=made, version=None, barriers=[])
    client.force_login(somebody("chair", group))
    told = {"answered_on": "20 November 2026", "answer": "Typed for long.", "version": str(made.version)}
    answer = client.post(f"{HOME}{made.pk}/answer/", told)
    assert answer.status_code == 409
    assert "Typed for long." in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "asked"
    again = told | {"version": str(made.version), "save": ""}
    assert client.post(f"{HOME}{made.pk}/answer/", again).status_code == 302


@pytest.mark.parametrize(
    ("state", "fields", "name"),
    [
        ("draft", {"state": "asked"}, "ask_asked_has_its_date"),
        ("draft", {"asked_on": TODAY}, "ask_asked_has_its_date"),
        ("asked", {"state": "answered"}, "ask_answered_has_its_answer"),
        ("asked", {"answer": "Yes."}, "ask_answer_has_its_date"),
        ("answered", {"answer": ""}, "ask_answer_has_its_date"),
        ("answered", {"answered_on": date(2026, 9, 1)}, "ask_dates_in_order"),
        ("answered", {"state": "asked"}, "ask_answered_has_its_answer"),
        ("answered", {"state": "closed", "closed_on": TODAY}, "ask_closed_says_how_it_ended"),
        ("answered", {"state": "closed", "ending": "refused"}, "ask_closed_says_how_it_ended"),
        ("answered", {"ending": "refused"}, "ask_closed_says_how_it_ended"),
        ("asked", {"state": "closed", "ending": "refused", "closed_on": date(2026, 9, 1)}, "ask_dates_in_order"),
    ],
)  # fmt: skip
def test_the_database_keeps_an_asks_dates_and_answer_together(
    group: Any, state: str, fields: dict[str, Any], name: str
) -> None:
    made = ask(group, [barrier(initiative())], state)
    with (
        origin("test"),
        recorded(by=None),
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
    ):
        Ask.objects.filter(pk=made.pk).update(**fields)


def test_pages_of_asks_ask_little_of_the_database(
    client: Client, group: Any, keeper: Any, django_assert_max_num_queries: Any
) -> None:
    walls = [barrier(initiative(audience="partners")) for _ in range(6)]
    for _ in range(4):
        somebody("group_member", group)
        made = ask(group, walls, "answered")
    draft = ask(group, walls)
    client.force_login(keeper)
    for address, most in {
        HOME: 10,
        f"{HOME}{made.pk}/": 20,
        f"{HOME}{made.pk}/close/": 12,
        f"{NEW}?barrier={walls[0].pk}": 16,
        f"{HOME}{draft.pk}/edit/": 20,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
