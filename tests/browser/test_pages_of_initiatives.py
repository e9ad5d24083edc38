"""The pages of an initiative, in a real browser."""

import pytest

from tests.browser.pages import every_page, walk

pytestmark = pytest.mark.browser


def test_pages_of_an_initiative_are_whole_and_open_to_everyone(new_page, site) -> None:
    walk(new_page, site, [a for a in every_page(site) if a.startswith("/initiatives/")])
