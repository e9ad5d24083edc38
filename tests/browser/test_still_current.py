"""The page behind "No change" in an email, in a real browser, opened by somebody who is not signed in."""

from datetime import timedelta

import pytest

from register.accounts.models import User
from register.core.clock import today
from register.core.tracking import origin
from register.digests.chasing.links import no_change_url
from register.initiatives.models import Initiative
from register.initiatives.services import confirm_still_current
from tests.browser.pages import PHONE, WIDE, faults_of, narrow_faults

pytestmark = pytest.mark.browser

TITLE = "Shared fleet workshop at Millbrook"
MIDDLE = {"width": 768, "height": 1024}


def path_of_a_question() -> str:
    """The path of a link about a record that is late by a month, from an email of yesterday."""
    record, on = Initiative.objects.get(title=TITLE), today()
    with origin("test"):
        confirm_still_current(by=None, initiative=record, on=on - timedelta(weeks=30))
    owner = User.objects.get(email__startswith="contributor@")
    url = no_change_url(owner, record, on - timedelta(days=1))
    return url.removeprefix("http://localhost:8000")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_one_click_on_the_page_confirms_the_record(new_page, site, script: bool) -> None:
    path = path_of_a_question()
    page = new_page(java_script_enabled=script, viewport=WIDE)
    page.goto(f"{site.url}{path}")
    assert page.locator("h1").inner_text() == f"Is “{TITLE}” still current?"
    assert Initiative.objects.get(title=TITLE).confirmed_on != today()
    if script:
        for size in (WIDE, MIDDLE, PHONE):
            page.set_viewport_size(size)
            assert faults_of(page) == []
        assert narrow_faults(page) == []
    page.get_by_role("button", name="No change").click()
    assert page.locator("h1").inner_text().endswith("is confirmed as current")
    assert Initiative.objects.get(title=TITLE).confirmed_on == today()
    if script:
        assert faults_of(page) == []


def test_the_other_answers_lead_through_sign_in_to_their_pages(new_page, site) -> None:
    path = path_of_a_question()
    page = new_page(viewport=PHONE)
    for link, title in {"Update it": "Add an update", "Close it": "Pause, close or decline"}.items():
        page.goto(f"{site.url}{path}")
        page.get_by_role("link", name=link).click()
        if "/account/login/" in page.url:
            owner = User.objects.get(email__startswith="contributor@")
            page.fill("[name=login]", owner.email)
            page.fill("[name=password]", site.password("contributor"))
            page.get_by_role("button", name="Sign in", exact=True).click()
        assert title in page.locator("h1").inner_text()
    assert page.locator("input[value=closed]").is_checked()
