"""Signing in, in a real browser: with a work account at a real provider, and with a passkey."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bluelight import services
from tests.browser.test_walk import sign_in
from tests.support.providers import CLIENT, honest_provider

pytestmark = pytest.mark.browser

KIM = {"sub": "kim", "name": "Kim Novak", "email": "kim@kent.police.uk", "email_verified": True}


@pytest.fixture
def with_provider(site: Any) -> Iterator[str]:
    """The site with a provider, on a port of its own; its address."""
    sockets = services.listen(0)
    port = sockets[0].getsockname()[1]
    with honest_provider(KIM) as issuer:
        row = {
            "code": "kent",
            "name": "Kent Police",
            "issuer": issuer,
            "client_id": CLIENT,
            "secret": "s3cret",
        }
        more: dict[str, Any] = {"organisation": "kent-police", "email_domains": ["kent.police.uk"]}
        told = {"SIGN_IN_PROVIDERS": json.dumps([row | more]), "SITE_URL": f"http://localhost:{port}"}
        log = site.state / "log" / "with-provider"
        log.mkdir(parents=True, exist_ok=True)
        program = services.web(sockets, site.environment | told, log)
        program.start()
        try:
            until = time.monotonic() + 90
            while not services.is_healthy(port):
                assert time.monotonic() < until, (log / "web.log").read_text()
                time.sleep(0.05)
            yield f"http://localhost:{port}"
        finally:
            program.stop()
            for one in sockets:
                one.close()


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_work_account_in_and_out_again(with_provider: str, new_page: Any, script: bool) -> None:
    page = new_page(java_script_enabled=script)
    page.goto(f"{with_provider}/initiatives/")
    page.get_by_role("button", name="Sign in with Kent Police").click()
    page.get_by_role("button", name="kim", exact=True).click()
    page.wait_for_url(f"{with_provider}/**")
    page.goto(f"{with_provider}/account/")
    assert "You sign in as kim@kent.police.uk" in page.inner_text("main")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{with_provider}/account/login/")
    page.goto(f"{with_provider}/account/")
    assert "/account/login/" in page.url


def test_a_passkey_is_added_and_signs_in_alone(site: Any, page: Any) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(f"{site.url}/account/login/")
    sign_in(page, site, "contributor")
    page.goto(f"{site.url}/account/2fa/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What you call it").fill("Work phone")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(f"{site.url}/account/2fa/webauthn/")
    assert "Work phone" in page.inner_text("main")
    page.goto(f"{site.url}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.url}/")
    # And as the second of two, after the password.
    page.goto(f"{site.url}/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Email").fill("contributor@exampleshire.example")
    page.get_by_label("Password").fill(site.password("contributor"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{site.url}/")
