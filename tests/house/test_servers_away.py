"""What happens when the database or the broker is away."""

import socket

import pytest
from django.db import connection
from django.test import Client

from register.initiatives.models import Initiative
from tests.factories import initiative, person


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def database_away(fresh_database, monkeypatch):
    """Every new connection is refused."""
    user = person("contributor", at="derbyshire-police")
    client = Client(raise_request_exception=False)
    client.force_login(user)
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(closed_port()))
    yield client
    connection.close()


@pytest.mark.parametrize("address", ["/", "/initiatives/", "/account/login/", "/nowhere/"])
def test_without_its_database_every_page_is_a_plain_one_that_says_so(database_away, address: str) -> None:
    answer = database_away.get(address)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert b"try again in a minute" in answer.content


def test_a_save_without_the_database_is_refused_in_words(database_away) -> None:
    answer = database_away.post("/initiatives/new/", {"title": "Shared drones"})
    assert answer.status_code == 503
    assert b"where what you typed still is" in answer.content


def test_without_its_database_the_register_is_not_well(database_away) -> None:
    answer = Client().get("/health/")
    assert answer.status_code == 503
    assert answer.json()["database"] == "down"


@pytest.fixture
def broker_away(settings, monkeypatch):
    from bluelight.celery import app

    url = f"redis://127.0.0.1:{closed_port()}/0"
    settings.CELERY_BROKER_URL = url
    monkeypatch.setattr(app.conf, "broker_url", url)


def test_without_the_broker_the_register_is_degraded_and_works(db, client, broker_away) -> None:
    user = person("contributor", at="derbyshire-police")
    record = initiative()
    client.force_login(user)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    for address in ("/", "/initiatives/", record.get_absolute_url(), "/digests/"):
        assert client.get(address).status_code == 200
    saved = client.post(f"{record.get_absolute_url()}stage/", {"to_stage": "live", "version": record.version})
    assert saved.status_code == 302
    assert Initiative.objects.get(pk=record.pk).stage == "live"


def test_sign_in_does_not_need_the_broker(db, client, broker_away) -> None:
    user = person("reader")
    user.set_password("a long password for once")
    user.save(update_fields=["password"])
    answer = client.post("/account/login/", {"login": user.email, "password": "a long password for once"})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
