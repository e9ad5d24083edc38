"""What is held of a person is shown to them, given to them, and forgotten when it is to be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test import Client

from register.accounts.joining.asking import ask_for_access
from register.accounts.joining.forgetting import forget
from register.accounts.joining.letters import send_letters
from register.accounts.joining.models import AccessRequest, Invitation, Letter
from register.accounts.joining.services import accept_invitation, invite
from register.accounts.models import User
from register.accounts.services import grant_role
from register.catalogue.services import save_view
from register.core.clock import now
from register.core.tracking import origin
from register.digests.models import EditionItem
from register.groups.models import Meeting
from register.history.models import Change
from register.initiatives.services import add_benefit, delete_initiative, edit_initiative
from register.meetings.models import Pack
from register.pages.personal.held import KINDS, as_json
from register.pages.personal.named import NOT_SEARCHED, STAYS, mentions_of, searched
from register.transfer.models import Export
from tests.factories import TODAY, initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return person("contributor", at="kent-police", name="Sam Okafor", email="sam@kent.police.uk")


@pytest.fixture
def administrator() -> User:
    return person("administrator")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def held(user: User) -> dict[str, Any]:
    return json.loads("".join(as_json(user)))


def test_every_column_that_points_at_a_person_is_said_and_its_fields_exist() -> None:
    pointing = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User
    }
    assert {(kind.model, kind.column) for kind in KINDS} == pointing
    for kind in KINDS:
        list(apps.get_model(kind.model)._base_manager.values(*kind.fields)[:1])


def test_an_export_holds_no_secret() -> None:
    secret = {"password", "session_key", "data", "token", "secret", "message_id", "address_hash", "public_id"}
    assert not [field for kind in KINDS for field in kind.fields if field.split("__")[-1] in secret]


def test_one_sees_and_takes_what_is_held_of_oneself(sam: User) -> None:
    record = initiative("Joint drones", lead="kent-police", by=sam)
    client = signed_in(sam)
    html = client.get("/account/data/").content.decode()
    assert "sam@kent.police.uk" in html
    assert "Initiatives kept" in html
    assert client.get("/account/data/export/").status_code == 405
    answer = client.post("/account/data/export/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(answer.getvalue())
    assert told["person"]["name"] == "Sam Okafor"
    assert [row["number"] for row in told["initiatives kept"]] == [record.number]
    assert {row["table_name"] for row in told["history"]} >= {"register_initiative"}
    [kept] = Change.ledger.filter(table_name="exported_person")
    assert (kept.actor_id, kept.object_id) == (sam.pk, sam.pk)


def test_nobody_but_administrators_sees_what_is_held_of_another(sam: User, administrator: User) -> None:
    for role, at in (("organisation_lead", "kent-police"), ("auditor", None)):
        client = signed_in(person(role, at=at))
        for path in ("data/", "erase/"):
            assert client.get(f"/people/{sam.public_id}/{path}").status_code == 403
        for path in ("data/export/", "erase/"):
            assert client.post(f"/people/{sam.public_id}/{path}").status_code == 403
    told = json.loads(signed_in(administrator).post(f"/people/{sam.public_id}/data/export/").getvalue())
    assert told["person"]["email"] == "sam@kent.police.uk"


def test_texts_that_name_a_person_are_shown_before_they_are_erased(sam: User, administrator: User) -> None:
    named = initiative("Joint drones", contact_post="Ask Sam Okafor", contact_email="sam@kent.police.uk")
    with origin("test"):
        edit_initiative(by=None, initiative=named, version=None, on=TODAY, summary="Run by SAM OKAFOR.")
    client = signed_in(administrator)
    page = f"/people/{sam.public_id}/erase/"
    html = client.get(page).content.decode()
    for told in ("Ask Sam Okafor", "Run by SAM OKAFOR.", named.get_absolute_url(), "of the history"):
        assert told in html, told
    assert client.post(page, {"reason": "They asked"}).status_code == 422
    assert User.objects.get(pk=sam.pk).name == "Sam Okafor"
    assert client.post(page, {"reason": "They asked", "seen_to": "on"}).status_code == 302
    assert User.objects.get(pk=sam.pk).erased_at
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(
    "guarded", [{"audience": "draft"}, {"audience": "partners", "marking": "official_sensitive"}]
)
def test_of_what_is_guarded_the_page_says_where_it_names_somebody_and_none_of_its_words(
    sam: User, administrator: User, guarded: dict[str, str]
) -> None:
    record = initiative("Zephyr yard", purpose="Sam Okafor sells the zephyr site.", **guarded)
    with origin("test"):
        add_benefit(
            by=None,
            initiative=record,
            title="Sam Okafor’s zephyr rent",
            outcome="reduced_cost",
            kind="cashable",
        )
        delete_initiative(
            by=None, initiative=initiative("Zephyr by Sam Okafor", **guarded), reason="x", at=now()
        )
    html = signed_in(administrator).get(f"/people/{sam.public_id}/erase/").content.decode()
    assert "zephyr" not in html.lower()
    assert html.count(f"of {record.reference}, ") == 2
    assert record.get_absolute_url() in html
    assert not Change.ledger.filter(operation="N", table_name__startswith="opened_").exists()
    lead = person("administrator")
    with origin("test"):
        grant_role(
            by=None, user=lead, role="organisation_lead", organisation=organisation("derbyshire-police")
        )
    told = mentions_of(sam, reader=lead)
    assert {bool(mention.excerpt) for mention in told} == {guarded["audience"] == "draft"}


def test_what_is_kept_as_it_was_said_is_found_and_said_to_stay(
    sam: User, administrator: User, clock: Any
) -> None:
    clock.set("2026-11-23 09:14")
    record = initiative("Joint “drones” of Sam Okafor")
    said = {"reference": record.reference, "is_sensitive": False, "title": record.title}
    with origin("test"):
        EditionItem.objects.create(initiative=record, heading="due", content=said)
        meeting = Meeting.objects.create(group=working_group(), starts_at=now())
        Pack.objects.create(
            meeting=meeting,
            content={"agenda": [{"owner": "Sam Okafor"}]},
            marking="official",
            frozen_at=now(),
        )
        Export.objects.create(
            what="shown", format="csv", rows=1, marking="official", parameters={"q": ["sam okafor"]}
        )
        save_view(by=administrator, name="Theirs", parameters={"q": ["Sam Okafor"]}, on=TODAY)
    told = {mention.what: mention for mention in mentions_of(sam, reader=administrator)}
    assert {what for what, mention in told.items() if mention.stays} == {"Line of a digest", "Pack", "Export"}
    assert "drones” of Sam Okafor" in told["Line of a digest"].excerpt
    assert told["Line of a digest"].url == record.get_absolute_url()
    assert told["Pack"].excerpt == ""
    assert told["Saved view"].column == "parameters"
    html = signed_in(administrator).get(f"/people/{sam.public_id}/erase/").content.decode()
    assert html.count("which stays as it was") == 3


def test_every_table_with_text_is_searched_or_says_why_not() -> None:
    """A new table with words, in a JSON column too, is searched from its first day or named."""
    models_of_ours = list(apps.get_app_config("register").get_models())
    with_words = {
        model.__name__
        for model in models_of_ours
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
    }
    there = {model.__name__ for model, _ in searched()}
    assert there | NOT_SEARCHED >= with_words
    assert not there & NOT_SEARCHED
    assert {model.__name__ for model in models_of_ours} >= NOT_SEARCHED | STAYS
    assert there >= {"Initiative", "Update", "Decision", "Ask", "CoveringNote", "SavedView", *STAYS}


def test_nothing_of_who_is_erased_is_left_but_their_number(sam: User, administrator: User) -> None:
    client = Client()
    sam.set_password("a kettle of seven herons")
    sam.save(update_fields=["password"])
    client.post("/account/login/", {"login": sam.email, "password": "a kettle of seven herons"})
    user_type = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=administrator,
        content_type=user_type,
        object_id=str(sam.pk),
        object_repr="Sam Okafor",
        action_flag=CHANGE,
    )
    with origin("test"):
        ask_for_access(by=None, email=sam.email)
        invite(
            by=None,
            email=sam.email,
            name="Sam",
            role="reader",
            organisation=organisation("kent-fire"),
            now=now(),
        )
    page = f"/people/{sam.public_id}/erase/"
    assert signed_in(administrator).post(page, {"reason": "They asked"}).status_code == 302
    assert client.get("/account/").status_code == 302
    for model in (EmailAddress, UserSession):
        assert not model.objects.filter(user=sam).exists()
    left: list[models.Model] = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and model is not Change:
                left += model._base_manager.filter(
                    models.Q(**{f"{field.name}__icontains": "okafor"})
                    | models.Q(**{f"{field.name}__icontains": "sam@kent"})
                )
    assert left == []


def test_who_was_invited_or_asked_is_forgotten_when_it_is_long_over(clock: Any, sam: User) -> None:
    clock.set("2026-01-05 09:00")
    kent = organisation("kent-police")
    with origin("test"):
        used = invite(
            by=None, email="a@kent.police.uk", name="Ann", role="reader", organisation=kent, now=now()
        )
        accept_invitation(
            by=None, invitation=used, now=now(), name="Ann", password="a kettle of seven herons"
        )
        late = invite(
            by=None, email="b@kent.police.uk", name="Bob", role="reader", organisation=kent, now=now()
        )
        ask_for_access(by=None, email="c@kent.police.uk")
        send_letters(clock=now)
        clock.advance(days=8)
        forget(now=now())
        assert not AccessRequest.objects.exists()
        clock.advance(days=170)
        forget(now=now())
        assert Invitation.objects.get(pk=used.pk).name == "Ann"
        clock.advance(days=3)
        forget(now=now())
        assert (Invitation.objects.get(pk=used.pk).email, Invitation.objects.get(pk=used.pk).name) == ("", "")
        assert Invitation.objects.get(pk=late.pk).email == "b@kent.police.uk"
        clock.advance(days=14)
        forget(now=now())
        forget(now=now())
    gone = Invitation.objects.get(pk=late.pk)
    assert (gone.email, gone.name, gone.state(now())) == ("", "", Invitation.State.WITHDRAWN)
    assert not Letter.objects.exists()
    assert User.objects.filter(email="a@kent.police.uk").exists()


def test_sessions_that_ended_are_forgotten_with_their_addresses(clock: Any, sam: User) -> None:
    clock.set("2026-11-23 09:00")
    sam.set_password("a kettle of seven herons")
    sam.save(update_fields=["password"])
    Client().post("/account/login/", {"login": sam.email, "password": "a kettle of seven herons"})
    assert UserSession.objects.filter(user=sam).exists()
    clock.advance(hours=13)
    with origin("test"):
        forget(now=now())
    assert not UserSession.objects.exists()
