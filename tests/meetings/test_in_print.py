"""What the printer gets: marking and number on every page, nothing cut off, on A4."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localtime
from playwright.sync_api import Page

from register.accounts.models import WorkingGroup
from register.core.clock import now
from register.core.tracking import origin
from register.groups.models import Meeting
from register.groups.services import arrange_meeting, flag_for_review
from register.initiatives.models import Initiative
from tests.browser.test_walk import sign_in
from tests.support import poppler

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not poppler.installed(), reason=poppler.MISSING),
]

# The width of A4 between our margins, in CSS pixels.
BETWEEN_MARGINS = 687


def printed(page: Page, address: str, folder: Path) -> list[str]:
    page.goto(address)
    path = folder / "printed.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert re.search(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", path.read_bytes())
    return poppler.pages(path)


def must_be_marked(pages: list[str], marking: str) -> None:
    for number, text in enumerate(pages, 1):
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        assert lines[0] == marking, text
        assert lines[-1].endswith(f"Page {number} of {len(pages)}"), text
        assert lines[-1].startswith("Register of blue light collaboration"), text


def must_fit(page: Page) -> None:
    """Nothing reaches beyond the paper's margins."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": BETWEEN_MARGINS, "height": 980})
    beyond = page.evaluate(
        f"[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > {BETWEEN_MARGINS} + 1"
        " && !e.closest('.govuk-visually-hidden')).map(e => e.outerHTML.slice(0, 80))"
    )
    page.emulate_media(media="screen")
    assert not beyond


@pytest.fixture
def signed_in(page: Page, site: Any) -> Page:
    sign_in(page, site, "secretary")
    return page


def test_the_national_pack_is_whole_on_paper(signed_in: Page, site: Any, tmp_path: Path) -> None:
    group = WorkingGroup.objects.get(code="national")
    records = list(Initiative.objects.filter(is_fictional=False, stage="live").order_by("number")[:9])
    with origin("test"):
        for record in records:
            flag_for_review(by=None, initiative=record, group=group, why="Is it still going?")
        meeting = arrange_meeting(by=None, group=group, starts_at=now(), where="Marsham Street")
    pages = printed(signed_in, f"{site.url}/groups/national/meetings/{meeting.pk}/pack/", tmp_path)
    must_be_marked(pages, "OFFICIAL")
    must_fit(signed_in)
    text = "\n".join(pages)
    assert "National working group" in pages[0]
    assert f"{localtime(meeting.starts_at):%-d %B %Y}" in pages[0]
    for record in records:
        # In the agenda, and with room to write a decision.
        assert len(re.findall(record.reference, text)) >= 2
    for words in (
        "Demand management",
        "Devon & Cornwall",
        "Gwent",
        "What publications state",
        "Oldest open barriers",
    ):
        assert words in text
    # A heading is never the last thing on its page.
    headings = [h.inner_text() for h in signed_in.locator(".bl-pack h2, .bl-pack h3").all()]
    for page in pages:
        last = [line.strip() for line in page.splitlines() if line.strip()][-2]
        assert last not in headings


def test_a_sensitive_pack_says_so_on_every_page(signed_in: Page, site: Any, tmp_path: Path) -> None:
    meeting = Meeting.objects.exclude(began_at=None).get(group__code="exampleshire")
    pages = printed(signed_in, f"{site.url}/groups/exampleshire/meetings/{meeting.pk}/pack/", tmp_path)
    assert len(pages) > 3
    must_be_marked(pages, "OFFICIAL-SENSITIVE")
    must_fit(signed_in)


def test_minutes_print_with_their_marking_and_numbers(signed_in: Page, site: Any, tmp_path: Path) -> None:
    meeting = Meeting.objects.exclude(began_at=None).get(group__code="exampleshire")
    pages = printed(signed_in, f"{site.url}/groups/exampleshire/meetings/{meeting.pk}/minutes/", tmp_path)
    must_be_marked(pages, "OFFICIAL")
    must_fit(signed_in)
    assert "Apologies: Helen Marsh" in pages[0]
