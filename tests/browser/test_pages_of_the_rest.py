"""All pages but those of an initiative, in a real browser."""

import re

import pytest

from tests.browser.pages import every_page, walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_all_other_pages_are_whole_and_open_to_everyone(new_page, site, script: bool, problems) -> None:
    walk(new_page, site, [a for a in every_page(site) if not a.startswith("/initiatives/")], script=script)
    # An administrator decides nothing for a group, and asks nothing: those pages say so, and are whole too.
    refused = re.compile(r"/decisions/new/$|/correct/$|/asks/(new|\d+/\w+)/$")
    assert not [problem for problem in problems if not refused.search(problem)]
    problems.clear()
