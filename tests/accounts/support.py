"""Signing in, in tests."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from register.accounts.models import User
from register.accounts.providers import read_providers
from tests.factories import person
from tests.support.providers import CLIENT

PASSWORD = "teapot gravel nineteen"


def with_password(*args: Any, **kwargs: Any) -> User:
    """Somebody who signs in with PASSWORD."""
    user = person(*args, **kwargs)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post("/account/login/", {"login": user.email, "password": password})


def providers(*rows: dict[str, Any]) -> Any:
    """SIGN_IN_PROVIDERS of these; what a row does not say is that of a provider called Kent Police."""
    common = {"code": "kent", "name": "Kent Police", "client_id": CLIENT, "secret": "s3cret"}
    return read_providers(json.dumps([common | row for row in rows]), insecure=True)


def leave(client: Client, code: str = "kent", query: str = "") -> str:
    """Press the button of a provider; the address of its page."""
    return leads_to(client.post(f"/account/work/{code}/{query}"))


def leads_to(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def come_back(client: Client, address: str) -> Any:
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")
