"""Every page in a real browser, with its script and without: nothing broken, nothing that keeps people out."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_walk import sign_in
from tests.house.addresses import SIGN_IN_PAGES, pages

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
NARROW, WIDE = {"width": 320, "height": 900}, {"width": 1280, "height": 900}


@pytest.fixture
def every_page(site):
    """One address of each page: the browser opens each template once."""
    from django.urls import reverse

    site.manage("send_due_digests", "--last-week", "exampleshire")
    once = dict(reversed(pages()))
    for name, address in pages():
        if name == "section_new":
            once[address] = address
    return sorted(once.values()) + [reverse(name) for name in SIGN_IN_PAGES]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_every_page_is_whole_and_open_to_everyone(new_page, site, every_page, script: bool, problems) -> None:
    page = new_page(java_script_enabled=script, viewport=WIDE)
    page.goto(f"{site.url}/account/login/")
    faults = _faults(page) if script else []
    sign_in(page, site, "administrator")
    for address in every_page:
        page.goto(f"{site.url}{address}")
        assert page.locator("h1").count() == 1, address
        if script:
            faults += _faults(page)
            page.set_viewport_size(NARROW)
            if page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
                faults.append(f"{address} scrolls sideways at 320 px")
            page.set_viewport_size(WIDE)
        else:
            assert page.locator("main").is_visible(), address
    assert not faults, "\n".join(faults)
    # An administrator decides nothing for a group: that page says so, and is whole too.
    assert not [problem for problem in problems if not problem.endswith("/decisions/new/")], "\n".join(
        problems
    )
    problems.clear()


def _faults(page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{page.url}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:160]}"
        for violation in found
    ]
