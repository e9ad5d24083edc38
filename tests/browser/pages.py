"""Walks over pages in a real browser: nothing broken, nothing that keeps people out."""

import json

from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from tests.browser.test_walk import sign_in
from tests.house.addresses import SIGN_IN_PAGES, pages

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    # Of what passed, one example a rule: telling it all takes longer than looking.
    "resultTypes": ["violations"],
    # Else axe fetches the style sheets again and puts their imports where they lead nowhere.
    "preload": False,
}
# What a narrow screen can break though a wide one keeps it: the rest of axe's rules are the same at any width.
NARROW_RULES = RULES | {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
NARROW, PHONE, WIDE = (
    {"width": 320, "height": 900},
    {"width": 360, "height": 800},
    {"width": 1280, "height": 900},
)


def every_page(site) -> list[str]:
    """One address of each page: the browser opens each template once per mode."""
    site.manage("send_due_digests", "--last-week", "exampleshire")
    once = dict(reversed(pages()))
    for name, address in pages():
        if name == "section_new":
            once[address] = address
    return sorted(once.values()) + [reverse(name) for name in SIGN_IN_PAGES]


def walk(new_page, site, addresses: list[str], *, script: bool) -> None:
    """Open each as an administrator: whole with its script (axe, and no sideways scroll) or without."""
    page = new_page(java_script_enabled=script, viewport=WIDE)
    page.goto(f"{site.url}/account/login/")
    faults = faults_of(page) if script else []
    sign_in(page, site, "administrator")
    for address in addresses:
        page.goto(f"{site.url}{address}")
        if script:
            faults += all_faults(page)
        else:
            assert page.locator("h1").count() == 1, address
            assert page.locator("main").is_visible(), address
    assert not faults, "\n".join(faults)


def all_faults(page) -> list[str]:
    """What is wrong with an open page on a wide screen and on narrow ones."""
    # Not by a locator, for which Playwright puts a script of its own into every page.
    headings = page.evaluate("document.querySelectorAll('h1').length")
    wrong = [] if headings == 1 else [f"{page.url} has {headings} headings of the first level"]
    return [*wrong, *faults_of(page), *narrow_faults(page)]


def narrow_faults(page) -> list[str]:
    """What is wrong with an open page on a narrow screen: sideways scroll, or what a thumb can't hit."""
    page.set_viewport_size(NARROW)
    wide = page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]
    page.set_viewport_size(PHONE)
    faults = faults_of(page, NARROW_RULES)
    page.set_viewport_size(WIDE)
    return [*faults, *([f"{page.url} scrolls sideways at 320 px"] if wide else [])]


def faults_of(page, rules=RULES) -> list[str]:
    """What axe finds. It is put into a page once: reading it takes a fifth of the time of all that it looks for."""
    look = f"axe.run({json.dumps(rules)}).then((told) => told.violations)"
    found = page.evaluate(f"typeof axe === 'undefined' ? null : {look}")
    if found is None:
        found = page.evaluate(f"{AXE_SCRIPT};\n{look}")
    return [
        f"{page.url}: {violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"][:2]
    ]
