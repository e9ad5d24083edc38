"""What SIGN_IN_PROVIDERS may say: a mistake stops the start with a line that names it, or is a refusal in words."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import subprocess
import sys
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client

from bluelight import serve
from register.accounts.models import User
from register.accounts.providers import read_providers
from tests.accounts.support import come_back, leave, providers
from tests.factories import person
from tests.support.providers import crooked_provider

GOOD: dict[str, Any] = {
    "code": "kent",
    "name": "Kent Police",
    "issuer": "https://login.kent.example",
    "client_id": "register",
    "secret": "s3cret",
}
KENT = {"organisation": "kent-polcie", "email_domains": ["kent.police.uk"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[{]", "it is not JSON"),
        ('{"code": "kent"}', "it must be a list of objects"),
        ('["kent"]', "it must be a list of objects"),
        ("null", "it must be a list of objects"),
    ],
)
def test_what_is_no_list_of_objects_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_providers(text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": ""}, "a provider without a code lacks code"),
        ({"code": 7}, "code of a provider without a code must be a text"),
        ({"code": "Kent Police"}, "the code Kent Police must be small letters"),
        ({"code": "again"}, "the code again is the register’s own"),
        ({"secret": None}, "kent lacks secret"),
        ({"secret": 1234}, "secret of kent must be a text"),
        ({"isuer": "https://x.example"}, "kent has isuer, which means nothing here"),
        ({"issuer": "http://login.kent.example"}, "must start with https://"),
        ({"issuer": "login.kent.example"}, "must start with https://"),
        ({"issuer": "https://"}, "must be an address"),
        ({"issuer": "https://login.kent.example/?tenant=1"}, "without"),
        ({"issuer": "https://[login.kent.example"}, "is no address"),
        ({"issuer": ["https://login.kent.example"]}, "issuer of kent must be a text"),
        ({"issuer": "https://login.microsoftonline.com/organizations/v2.0"}, "lacks tenants"),
        ({"tenants": "1111"}, "tenants of kent must be a list"),
        ({"tenants": [1111]}, "tenants of kent must be a list"),
        ({"email_domains": "kent.police.uk"}, "email_domains of kent must be a list"),
        ({"email_domains": [""]}, "email_domains of kent must be a list"),
        ({"email_domains": None}, "email_domains of kent must be a list"),
        ({"email_domains": ["@kent.police.uk"]}, "'@kent.police.uk' for a domain"),
        ({"email_domains": ["*.police.uk"]}, "for a domain"),
        ({"email_domains": ["uk"]}, "for a domain"),
        ({"organisation": 5}, "organisation of kent must be a text"),
        ({"organisation": "kent-police"}, "lacks email_domains"),
        ({"roles": ["contributor"]}, "roles of kent must be an object"),
        ({"roles": {"g1": ["contributor"]}}, "roles of kent must be an object"),
        ({"roles": {"g1": "administrator"}}, "kent gives administrator"),
        ({"roles": {"g1": "reader"}}, "lacks the organisation"),
        ({"groups_claim": ["groups"]}, "groups_claim of kent must be a text"),
        ({"groups_claim": ""}, "groups_claim of kent is empty"),
        ({"asks_second_factor": "false"}, "must be true or false, without quotes"),
        ({"asks_second_factor": 1}, "must be true or false"),
    ],
)
def test_a_mistake_is_named(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)) as caught:
        read_providers(json.dumps([GOOD | change]))
    assert "s3cret" not in str(caught.value)


def test_one_code_is_one_provider() -> None:
    with pytest.raises(ValueError, match="kent is there twice"):
        read_providers(json.dumps([GOOD, GOOD]))


def test_what_is_right_is_read() -> None:
    more = {"email_domains": [" Kent.Police.uk"], "tenants": ["ABC"], "asks_second_factor": True}
    [provider] = read_providers(json.dumps([GOOD | more])).values()
    assert (provider.email_domains, provider.tenants) == (("kent.police.uk",), ("abc",))
    assert provider.vouches_for("kim@KENT.police.uk")
    assert "s3cret" not in repr(provider)
    assert read_providers("") == {}


def test_it_stops_the_start_with_one_line() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "bluelight.settings", "SIGN_IN_PROVIDERS": '[{"code": "kent"}]'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    [line] = told.stderr.splitlines()
    assert line == "SIGN_IN_PROVIDERS: kent lacks name, issuer, client_id, secret. See docs/signing-in.md."


# -- An organisation that the register does not have ----------------------------------------------------------------


@pytest.mark.django_db
def test_the_check_of_the_database_names_it(settings: Any) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": "http://x.example"} | KENT)
    [found] = [told for told in run_checks(databases=["default"]) if told.id == "register.W001"]
    assert "kent is for the organisation kent-polcie, and the register has none" in found.msg
    # The check that asks no database says nothing of it.
    assert [told for told in run_checks() if told.id == "register.W001"] == []
    settings.SIGN_IN_PROVIDERS = providers(
        {"issuer": "http://x.example"} | KENT | {"organisation": "kent-police"}
    )
    call_command("check", databases=["default"], fail_level="WARNING", stdout=StringIO())


@pytest.mark.django_db
def test_a_web_server_says_it_when_it_starts(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SIGN_IN_PROVIDERS = providers({"issuer": "http://x.example"} | KENT)
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    said: list[str] = []
    serve.post_worker_init(SimpleNamespace(log=SimpleNamespace(error=said.append)))
    assert [line[:60] for line in said] == ["SIGN_IN_PROVIDERS: kent is for the organisation kent-polcie,"]


@pytest.mark.django_db
def test_before_the_first_migration_it_says_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> list[str]:
        raise DatabaseError("relation does not exist")

    monkeypatch.setattr("register.accounts.checks.strange_providers", away)
    assert [told for told in run_checks(databases=["default"]) if told.id == "register.W001"] == []


@pytest.mark.django_db
def test_its_people_are_told_and_so_is_the_log(
    settings: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with crooked_provider() as made:
        settings.SIGN_IN_PROVIDERS = providers({"issuer": made.issuer} | KENT)
        with caplog.at_level(logging.ERROR):
            answer = come_back(client, made.page(leave(client)))
    assert answer.status_code == 403
    assert b"is not set up here yet" in answer.content
    assert "kent-polcie" not in answer.content.decode()
    assert "kent is for the organisation kent-polcie" in caplog.text
    assert not User.objects.filter(email="kim@kent.police.uk").exists()


@pytest.mark.django_db
def test_who_has_an_account_comes_in_and_keeps_the_roles_they_have(settings: Any, client: Client) -> None:
    kim = person("contributor", at="kent-police", email="kim@kent.police.uk")
    with crooked_provider() as made:
        roles = {"roles": {"g1": "organisation_lead"}}
        settings.SIGN_IN_PROVIDERS = providers({"issuer": made.issuer} | KENT | roles)
        made.claims = {"groups": ["g1"]}
        answer = come_back(client, made.page(leave(client)))
    assert answer.status_code == 302
    assert int(client.session["_auth_user_id"]) == kim.pk
    assert [grant.role for grant in kim.roles.all()] == ["contributor"]
