"""What every answer says to the browser: pages, files, refusals and faults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client, RequestFactory
from django.urls import reverse

from register.core.middleware import POLICY
from register.pages import words
from tests.factories import person
from tests.house.addresses import PUBLIC, SIGN_IN_PAGES, ours, patterns
from tests.house.strict import inline
from tests.house.test_addresses import signed_in

EVERYWHERE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOT_KEPT = EVERYWHERE | {"Cache-Control": "private, no-store"}


def wrong(answer: Any, expected: dict[str, str] = NOT_KEPT) -> dict[str, Any]:
    """The headers that are not as expected. Django's own pages that must not be kept say so at more length."""
    found = {name: answer.headers.get(name) for name, value in expected.items()}
    kept_by_nobody = "no-store" in (found.get("Cache-Control") or "")
    assert "camera=()" in answer.headers["Permissions-Policy"]
    return {
        name: value
        for name, value in found.items()
        if value != expected[name] and not (name == "Cache-Control" and kept_by_nobody)
    }


def fails(*args: Any, **kwargs: Any) -> HttpResponse:
    raise RuntimeError("on purpose")


def test_the_policy_lets_nothing_inline_in_and_nothing_of_others() -> None:
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "base-uri 'none'" in POLICY


@pytest.mark.parametrize("name", sorted(name for name in PUBLIC if "<" not in ours()[name]))
def test_a_page_for_anyone_has_every_header(db: None, client: Client, name: str) -> None:
    assert not wrong(client.get(reverse(name)))


@pytest.mark.parametrize(
    ("method", "address", "status", "more"),
    [
        ("get", "/account/login/", 200, {}),
        ("get", "/initiatives/", 302, {}),
        ("get", "/account/login/", 400, {"HTTP_HOST": "evil.example"}),
        ("get", "/nowhere/", 404, {}),
        ("post", "/health/", 405, {}),
        ("post", "/account/login/", 400, {"content_type": "multipart/form-data; boundary="}),
    ],
)
def test_a_refusal_has_every_header(
    db: None, method: str, address: str, status: int, more: dict[str, str]
) -> None:
    client = Client(raise_request_exception=False)
    if status == 404:
        client.force_login(person("reader"))
    data = [b"--"] if "content_type" in more else []
    answer = getattr(client, method)(address, *data, **more)
    assert answer.status_code == status
    assert not wrong(answer)


def test_a_form_that_was_not_ours_is_refused_with_every_header(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {})
    assert answer.status_code == 403
    assert not wrong(answer)


def test_what_ones_roles_do_not_open_has_every_header(db: None, client: Client) -> None:
    client.force_login(person("reader"))
    answer = client.get("/initiatives/new/")
    assert answer.status_code == 403
    assert not wrong(answer)


def test_a_fault_has_every_header_and_tells_nothing(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(words, "render", fails)
    answer = Client(raise_request_exception=False).get(reverse("figures"))
    assert answer.status_code == 500
    assert not wrong(answer)
    assert b"on purpose" not in answer.content
    assert b"Traceback" not in answer.content


def test_a_static_file_has_every_header_and_may_be_kept(db: None, client: Client) -> None:
    address = static("css/register.css")
    answer = client.get(address)
    assert answer.status_code == 200
    assert not wrong(answer, EVERYWHERE)
    assert "no-store" not in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


def admin_pages() -> list[str]:
    """Every list of administration, its form for a new one where there is any, and the form of the first."""
    user: Any = person("administrator")
    request = RequestFactory().get("/")
    request.user = user
    found = [reverse("admin:index"), reverse("admin:password_change")]
    for model, offered in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
        first = model._default_manager.first()
        if offered.has_add_permission(request):
            found.append(reverse(f"{name}_add"))
        if first is not None:
            found += [reverse(f"{name}_change", args=[first.pk]), reverse(f"{name}_history", args=[first.pk])]
    return found


def test_no_page_of_administration_or_sign_in_has_anything_inline(sample: Any) -> None:
    """Our own are walked with their links in test_addresses."""
    client = signed_in("administrator")
    opened = 0
    for address in [*admin_pages(), *(reverse(name) for name in SIGN_IN_PAGES)]:
        answer = client.get(address, follow=True)
        assert answer.status_code in (200, 403), address
        assert not inline(answer.content.decode()), address
        assert not wrong(answer), address
        opened += answer.status_code == 200
    assert opened > 20
    for address in ("/account/login/", "/account/password/reset/", "/nowhere/"):
        assert not inline(Client().get(address).content.decode()), address


@pytest.mark.parametrize("template", ["400", "403", "403_csrf", "404", "500", "503"])
def test_no_page_of_a_fault_has_anything_inline(db: None, template: str) -> None:
    from django.template import loader

    assert not inline(loader.render_to_string(f"{template}.html"))


def test_what_is_inline_is_found() -> None:
    told = inline(
        "<style>b{}</style><script>go()</script><script src='a.js'></script><b style='color:red'>"
        "<a href=' JavaScript:go()'>x</a><i onclick=go()>y</i><br style='a:b'/>"
        "<script type='application/json'>{}</script><a href='https://a.example' rel='nofollow'>z</a>"
        "<a href='https://a.example' rel='noopener noreferrer'>z</a>"
    )
    assert len(told) == 7


def test_every_form_is_checked_but_the_one_click_of_mail_programs() -> None:
    """RFC 8058: its address is signed, and any other body is checked after all."""
    unchecked = {entry.name for _, entry in patterns() if getattr(entry.callback, "csrf_exempt", False)}
    assert unchecked == {"digest_unsubscribe"}


def said_by_settings(**environment: str) -> dict[str, Any]:
    names = [
        name
        for name in dir(settings)
        if name.startswith(
            ("SESSION_COOKIE_", "CSRF_COOKIE_", "SECURE_HSTS", "LANGUAGE_COOKIE", "MESSAGE_STO")
        )
    ]
    code = (
        "import json; from django.conf import settings; "
        f"print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(settings.BASE_DIR),
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(told.stdout))


def test_cookies_go_to_this_host_alone_over_https_and_to_no_script() -> None:
    told = said_by_settings(SITE_URL="https://register.example.org", DEMO="0")
    for kind in ("SESSION", "CSRF"):
        assert told[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert told[f"{kind}_COOKIE_SECURE"] is True
        assert told[f"{kind}_COOKIE_HTTPONLY"] is True
        assert told[f"{kind}_COOKIE_SAMESITE"] == "Lax"
        assert told[f"{kind}_COOKIE_DOMAIN"] is None
        assert told[f"{kind}_COOKIE_PATH"] == "/"
    assert told["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert told["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
