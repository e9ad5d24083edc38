"""Nobody finds out who has an account, or what records there are, by asking: by words, status or work done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from register.accounts.services import erase_person
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from tests.house.addresses import ours
from tests.security.test_idor import ARGUMENT
from tests.security.world import World, body
from tests.support.hostile import Attack
from tests.support.mail import Sink, mail_server

KIND = "enumeration"
NOBODY = "nobody-at-all@exampleshire.example"
WORDS = "a kettle of seven herons"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with mail_server(settings) as handler:
        yield handler


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a password was hashed: what takes the time."""
    counted: list[str] = []
    encode: Any = MD5PasswordHasher.encode

    def count(self: Any, password: str, salt: str) -> str:
        counted.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return counted


def alike(answer: Any, *typed: str) -> tuple[int, str]:
    """Status and text, without what is of this request alone."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value|X-CSRFToken":? ?)"?=?"[^"]*"', "", body(answer))
    for one in typed:
        text = text.replace(one, "…")
    return answer.status_code, text


def somebody(world: World, what: str) -> str:
    """The address of somebody in that state."""
    user = world.user("reader")
    with origin("test"), recorded(by=None):
        if what != "without a password":
            user.set_password(WORDS)
        else:
            user.set_unusable_password()
        user.is_active = what != "switched off"
        user.save()
        email = user.email
        if what == "erased":
            erase_person(by=None, user=user, at=now())
    return {"in capitals": email.upper(), "with spaces": f" {email} "}.get(what, email)


WHO = ["there", "without a password", "switched off", "erased", "in capitals", "with spaces"]


@pytest.mark.parametrize("what", WHO)
def test_a_wrong_password_tells_as_little_as_a_wrong_address(
    world: World, attack: Attack, hashed: list[str], what: str
) -> None:
    attack(KIND, f"sign-in of somebody {what}")
    email, told = somebody(world, what), []
    for address in (email, NOBODY):
        cache.clear()
        hashed.clear()
        answer = Client().post("/account/login/", {"login": address, "password": "wrong"})
        told.append((*alike(answer, address, address.strip()), len(hashed)))
    assert told[0][:2] == told[1][:2]
    if what != "without a password":
        assert told[0][2] == told[1][2] == 1, [one[2] for one in told]


@pytest.mark.parametrize("what", WHO)
def test_asking_for_a_new_password_tells_nothing(
    world: World, attack: Attack, sink: Sink, hashed: list[str], what: str
) -> None:
    attack(KIND, f"reset for somebody {what}")
    email, told = somebody(world, what), []
    for address in (email, NOBODY):
        cache.clear()
        answer = Client().post("/account/password/reset/", {"email": address}, follow=True)
        told.append(alike(answer, address, address.strip()))
    assert told[0] == told[1]


@pytest.mark.parametrize("name", sorted(n for n, route in ours().items() if "<slug:reference>" in route))
def test_what_one_may_not_open_is_like_what_there_is_not(world: World, attack: Attack, name: str) -> None:
    """The same answer, to the letter, for a draft of others and for a number that nobody has."""
    attack(KIND, f"{name} of a draft")
    record, route = world.hidden[1], ours()[name]
    told = {"slug": "barriers", "pk": 1}
    wanted = {argument for _, argument in ARGUMENT.findall(route)} - {"reference"}
    for method in ("get", "post"):
        answers = []
        for reference in (record.reference, "BL-99999"):
            address = reverse(
                name, kwargs={"reference": reference} | {key: told.get(key, "title") for key in wanted}
            )
            answers.append(alike(getattr(world.client("reader"), method)(address), reference))
        assert answers[0] == answers[1], method


ASKED: dict[str, Callable[[World], tuple[str, str]]] = {
    "a document": lambda world: (
        f"/initiatives/{world.hidden[1].reference}/documents/{world.hidden[1].documents.all()[0].pk}/file/",
        f"/initiatives/{world.hidden[1].reference}/documents/999999/file/",
    ),
    "a view": lambda world: ("/views/1/edit/", "/views/999999/edit/"),
    "an edition": lambda world: (
        f"/digests/{'0' * 8}-0000-4000-8000-{'0' * 12}/", f"/digests/{'1' * 8}-0000-4000-8000-{'0' * 12}/"
    ),
    "a list": lambda world: (
        f"/initiatives/?q={world.hidden[0].reference}&example=with", "/initiatives/?q=BL-99999&example=with"
    ),
    "a deleted record": lambda world: (f"/initiatives/{world.hidden[3].reference}/", "/initiatives/BL-99999/"),
    "an example": lambda world: (
        f"/initiatives/new/?like={world.hidden[1].reference}", "/initiatives/new/?like=BL-99999"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ASKED)
def test_asking_for_it_tells_no_more_than_asking_for_nothing(world: World, attack: Attack, what: str) -> None:
    attack(KIND, f"asking for {what}")
    who = "contributor" if what == "an example" else "reader"
    there, not_there = ASKED[what](world)
    names = [
        part for address in (there, not_there) for part in re.findall(r"BL-\d+|[0-9a-f-]{36}|\d{4,}", address)
    ]
    client = world.client(who)
    assert alike(client.get(there), *names) == alike(client.get(not_there), *names)


def test_a_way_out_of_somebody_who_has_left_works_as_any(world: World, attack: Attack) -> None:
    from register.accounts.models import WorkingGroup
    from register.digests.choosing.unsubscribing import token_for

    attack(KIND, "unsubscribing somebody who was erased")
    group = WorkingGroup.objects.get(code="exampleshire")
    tokens = [token_for(world.user(who), group) for who in ("reader", "member")]
    somebody(world, "erased")
    answers = []
    for token in tokens:
        address = reverse("digest_unsubscribe", args=[token])
        one_click = {"List-Unsubscribe": "One-Click"}
        answers.append((alike(Client().get(address), token), alike(Client().post(address, one_click), token)))
    assert answers[0] == answers[1]


def test_references_are_no_secret_and_still_open_nothing(world: World) -> None:
    """They count up, so that anybody can guess one: what is guessed is not there for who may not open it."""
    seen = [
        Initiative.objects.visible_to(world.user("reader")).filter(pk=record.pk) for record in world.hidden
    ]
    assert not any(found.exists() for found in seen)
