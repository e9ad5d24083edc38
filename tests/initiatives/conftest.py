"""A client whose middleware is loaded once: reading the folders of static files anew takes a tenth of a second."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.client import ClientHandler


@pytest.fixture(scope="session")
def handler() -> ClientHandler:
    return Client().handler


@pytest.fixture
def client(handler: ClientHandler) -> Client:
    fresh = Client()
    fresh.handler = handler
    return fresh
