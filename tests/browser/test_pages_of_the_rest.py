"""All pages but those of an initiative and of a group, in a real browser."""

import re

import pytest

from tests.browser.pages import GROUP, every_page, walk
from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser

# An administrator decides nothing for a group, and asks nothing: those pages say so, and are whole too.
REFUSED = re.compile(r"/decisions/new/$|/correct/$|/asks/(new|\d+/\w+)/$")


def test_all_other_pages_are_whole_and_open_to_everyone(new_page, site, problems) -> None:
    """(Of a group those that refuse: its secretary opens them all in test_groups.py.)"""
    others = [address for address in every_page(site) if not address.startswith("/initiatives/")]
    walk(new_page, site, [a for a in others if not a.startswith(GROUP) or REFUSED.search(a)])
    assert not [problem for problem in problems if not REFUSED.search(problem)]
    problems.clear()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_each_layout_shows_its_heading_and_its_main_part(new_page, site, script: bool, problems) -> None:
    """Before and after signing in, of ours and of django-allauth's, a page in print, and one that is not there."""
    page = new_page(java_script_enabled=script)
    for address in ("/account/login/", "/privacy/"):
        page.goto(f"{site.url}{address}")
        assert page.locator("h1").is_visible(), address
        assert page.locator("main").is_visible(), address
    sign_in(page, site, "administrator")
    for address in ("/", "/initiatives/", "/everything/opportunities/", "/account/2fa/", "/unheard-of/"):
        page.goto(f"{site.url}{address}")
        assert page.locator("h1").is_visible(), address
        assert page.locator("main").is_visible(), address
    assert all("unheard-of" in problem for problem in problems)
    problems.clear()
