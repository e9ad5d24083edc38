"""Walks over pages in a real browser: nothing broken, nothing that keeps people out."""

import json
import re

from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from tests.browser.test_walk import sign_in
from tests.house.addresses import SIGN_IN_PAGES, pages

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    # What passed is not told, nor where on the page a fault is: we tell its HTML. Both take time at every element.
    "resultTypes": ["violations"],
    "reporter": "no-passes",
    "selectors": False,
    # Else axe fetches the style sheets again and puts their imports where they lead nowhere.
    "preload": False,
}
# What a narrow screen can break though a wide one keeps it: the rest of axe's rules are the same at any width.
NARROW_RULES = RULES | {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
# The group whose secretary opens its pages.
GROUP = "/groups/exampleshire"
NARROW, PHONE, WIDE = (
    {"width": 320, "height": 900},
    {"width": 360, "height": 800},
    {"width": 1280, "height": 900},
)


def every_page(site) -> list[str]:
    """One address of each page: the browser opens each template once."""
    site.manage("send_due_digests", "--last-week", "exampleshire")
    once = dict(reversed(pages()))
    for name, address in pages():
        if name == "section_new":
            once[address] = address
    return sorted(once.values()) + [reverse(name) for name in SIGN_IN_PAGES]


def walk(new_page, site, addresses: list[str], who: str = "administrator") -> None:
    """Open each once: whole as it was sent, before any script, and whole with its script, wide and narrow."""
    page = new_page(viewport=WIDE)
    # Into every page before its own scripts, instead of sent to each anew.
    page.add_init_script(AXE_SCRIPT)
    page.goto(f"{site.url}/account/login/")
    faults = faults_of(page)
    sign_in(page, site, who)
    for address in addresses:
        answer = page.goto(f"{site.url}{address}")
        faults += [*faults_as_sent(address, answer.text()), *all_faults(page)]
    assert not faults, "\n".join(faults)


def faults_as_sent(address: str, html: str) -> list[str]:
    """What is wrong with a page for whoever runs no script: it has its heading and its main part without one.

    That no style hides them is seen in a browser without a script, where all pages have one layout.
    """
    wrong = []
    for what, found in (
        ("heading of the first level", r"<h1[\s>]"),
        ("main part", r"<main(?![^>]*\shidden)[\s>]"),
    ):
        if (times := len(re.findall(found, html))) != 1:
            wrong.append(f"{address} is sent with {times} times a {what}")
    return wrong


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
    faults = faults_of(page, NARROW_RULES)
    page.set_viewport_size(WIDE)
    return [*faults, *([f"{page.url} scrolls sideways at 320 px"] if wide else [])]


def faults_of(page, rules=RULES) -> list[str]:
    """What axe finds. Where no walk has put it into the page it is put there, once."""
    look = f"axe.run({json.dumps(rules)}).then((told) => told.violations)"
    found = page.evaluate(f"typeof axe === 'undefined' ? null : {look}")
    if found is None:
        found = page.evaluate(f"{AXE_SCRIPT};\n{look}")
    return [
        f"{page.url}: {violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"][:2]
    ]
