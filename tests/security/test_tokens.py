"""A signed link opens what it was made for, for whom it was made, as it was made: nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from register.accounts.joining.links import INVITATION, invitation_of
from register.accounts.joining.models import Invitation
from register.accounts.joining.services import invite
from register.accounts.models import User, WorkingGroup
from register.core.clock import now, today
from register.core.tracking import origin, recorded
from register.digests.chasing import links as chasing
from register.digests.choosing import unsubscribing
from register.digests.models import DigestWish
from register.initiatives.models import Initiative
from register.reference.models import Organisation
from tests.security.planting import ledger
from tests.security.world import World
from tests.support.hostile import Attack

KIND = "tampered tokens"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
PASSWORD = {"name": "Eve", "post": "x", "password": "a kettle of seven herons"}


def invitation() -> Invitation:
    with origin("test"):
        return invite(
            by=None, email="invited@example.org", role="reader", now=now(),
            organisation=Organisation.objects.get(code="exampleshire-police"),
        )  # fmt: skip


def made(world: World, view: str) -> str:
    """A good token for each view that takes one."""
    user, record = (
        world.user("contributor"),
        Initiative.objects.get(title="Shared fleet workshop at Millbrook"),
    )
    if view == "digest_unsubscribe":
        return unsubscribing.token_for(user, WorkingGroup.objects.get(code="exampleshire"))
    if view == "still_current":
        return chasing.token_for(user, record, today())
    return signing.dumps(invitation().public_id.hex, salt=INVITATION, compress=False)


VIEWS = {"digest_unsubscribe": ONE_CLICK, "still_current": {}, "invitation": PASSWORD}
SALTS = {"digest_unsubscribe": unsubscribing.SALT, "still_current": chasing.SALT, "invitation": INVITATION}
Change = Callable[[str], str]
TAMPERED: dict[str, Change] = {
    "nothing in it": lambda token: "x",
    "its last character gone": lambda token: token[:-1],
    "its first half": lambda token: token[: len(token) // 2],
    "another last character": lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
    "another first character": lambda token: ("A" if token[0] != "A" else "B") + token[1:],
    "no signature": lambda token: token.rsplit(":", 1)[0],
    "an empty signature": lambda token: token.rsplit(":", 1)[0] + ":",
    "another time": lambda token: ":".join([token.split(":")[0], "1AAAAA", token.split(":")[2]]),
    "something more": lambda token: f"{token}x",
    "itself twice": lambda token: token + token,
    "colons": lambda token: ":::::",
    "ten thousand characters": lambda token: "A" * 10_000,
    "what is not ASCII": lambda token: f"é{token}",
    "other letters' case": lambda token: token.swapcase(),
    "compressed, says its first character": lambda token: f".{token}",
}


@pytest.mark.parametrize("what", TAMPERED)
@pytest.mark.parametrize("view", VIEWS)
def test_a_token_with_anything_changed_opens_nothing(
    world: World, attack: Attack, view: str, what: str
) -> None:
    token = TAMPERED[what](made(world, view))
    attack(KIND, f"{view}: {what}")
    before = ledger()
    client = Client(raise_request_exception=False)
    address = reverse(view, args=[token])
    assert client.get(address).status_code == 404
    assert client.post(address, VIEWS[view]).status_code == 404
    assert ledger() == before
    assert not User.objects.filter(email="invited@example.org").exists()


FORGED: dict[str, Any] = {
    "another kind of thing": {"a": 1},
    "a list of too few": ["x"],
    "a list of too many": ["x"] * 9,
    "numbers": [1, 2, 3],
    "nothing": None,
    "a text": "x",
    "nested lists": [[["x"]], [["y"]], []],
    "codes of SQL": ["' OR 1=1 --", "' OR 1=1 --"],
    "NULs": ["\0", "\0", "\0"],
    "a day there is not": ["0" * 32, 1, "2026-99-99"],
}


@pytest.mark.parametrize("what", FORGED)
@pytest.mark.parametrize("view", VIEWS)
def test_a_token_that_is_signed_but_says_something_else_breaks_nothing(
    world: World, attack: Attack, view: str, what: str
) -> None:
    """Signed with the right key and salt, as an older version of ours might have."""
    attack(KIND, f"{view}: signed, but {what}")
    token = signing.dumps(FORGED[what], salt=SALTS[view], compress=False)
    before = ledger()
    for method in ("get", "post"):
        answer = getattr(Client(raise_request_exception=False), method)(
            reverse(view, args=[token]), VIEWS[view]
        )
        assert answer.status_code < 500
    assert ledger() == before


@pytest.mark.parametrize("of", VIEWS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_token_for_one_thing_opens_no_other(world: World, attack: Attack, view: str, of: str) -> None:
    if view == of:
        token = signing.dumps(["x", "y", "z"], salt="some.other", compress=False)
    else:
        token = made(world, of)
    attack(KIND, f"{view}: a token of {of if of != view else 'another salt'}")
    before = ledger()
    address = reverse(view, args=[token])
    assert Client().get(address).status_code == 404
    assert Client().post(address, VIEWS[view]).status_code == 404
    assert ledger() == before


@pytest.mark.parametrize("view", VIEWS)
def test_a_token_of_another_key_opens_nothing(world: World, attack: Attack, settings: Any, view: str) -> None:
    attack(KIND, f"{view}: another key")
    token = made(world, view)
    settings.SECRET_KEY = "another-key-altogether-and-long-enough-to-be-taken"
    assert Client().get(reverse(view, args=[token])).status_code == 404


def test_an_invitation_opens_once(world: World, attack: Attack) -> None:
    token = made(world, "invitation")
    address = reverse("invitation", args=[token])
    attack(KIND, "invitation: used")
    assert Client().post(address, PASSWORD).status_code == 302
    assert User.objects.filter(email="invited@example.org").count() == 1
    before = ledger()
    again = Client()
    assert again.post(address, PASSWORD | {"password": "another quiet lantern"}).status_code in (
        404,
        410,
        200,
        302,
        422,
    )
    assert again.get("/account/").status_code == 302
    assert ledger() == before


def test_an_invitation_that_ran_out_opens_nothing(world: World, attack: Attack) -> None:
    attack(KIND, "invitation: run out")
    token = made(world, "invitation")
    found = invitation_of(token)
    assert found
    with origin("test"), recorded(by=None):
        Invitation.objects.filter(pk=found.pk).update(expires_at=now().replace(year=2020))
    client = Client()
    client.post(reverse("invitation", args=[token]), PASSWORD)
    assert client.get("/account/").status_code == 302
    assert not User.objects.filter(email="invited@example.org").exists()


def test_what_is_posted_along_with_a_token_names_nobody_else(world: World, attack: Attack) -> None:
    attack(KIND, "invitation: another address and role posted along")
    address = reverse("invitation", args=[made(world, "invitation")])
    Client().post(
        address,
        PASSWORD | {"email": "eve@evil.example", "role": "administrator", "organisation": "kent-police"},
    )
    user = User.objects.get(email="invited@example.org")
    assert {(grant.role, str(grant.organisation)) for grant in user.roles.all()} == {
        ("reader", "Exampleshire Police")
    }
    attack(KIND, "unsubscribing: somebody else posted along")
    mine, other = world.user("contributor"), world.user("member")
    token = unsubscribing.token_for(mine, WorkingGroup.objects.get(code="exampleshire"))
    Client().post(reverse("digest_unsubscribe", args=[token]), ONE_CLICK, query_params={"user": other.pk})
    assert DigestWish.objects.filter(user=mine).exists()
    assert not DigestWish.objects.filter(user=other).exists()


@pytest.mark.parametrize(
    "path", ["1-x", "0-0", "zz-zzzzzz-" + "a" * 32, "1-set-password", "-", "9" * 50 + "-x", "1-cx1234-0000", "%00-x",
             "1-../x", "MQ-set-password"],
)  # fmt: skip
def test_no_made_up_link_resets_a_password(world: World, attack: Attack, path: str) -> None:
    attack(KIND, f"reset: {path}")
    client = Client(raise_request_exception=False)
    for method in ("get", "post"):
        answer = getattr(client, method)(
            f"/account/password/reset/key/{path}/",
            {"password1": "seven herons sing", "password2": "seven herons sing"},
        )
        assert answer.status_code in (200, 302, 400, 404)
    assert client.get("/account/").status_code == 302
