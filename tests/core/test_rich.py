"""The few signs that people may type: what they become, and what never comes of anything else."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from register.core import rich

LINK = '<a href="{0}" rel="noopener noreferrer nofollow ugc">{1}</a>'


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>two</p>\n\n<p>three</p>"),
        ("**Bold** and *italic*", "<p><strong>Bold</strong> and <em>italic</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("2. a\n3. b", '<ol start="2">\n<li>a</li>\n<li>b</li>\n</ol>'),
        (
            "[plan](https://example.org/a?b=c&d=e)",
            f"<p>{LINK.format('https://example.org/a?b=c&amp;d=e', 'plan')}</p>",
        ),
        ("[us](mailto:a@example.org)", f"<p>{LINK.format('mailto:a@example.org', 'us')}</p>"),
        ("a snake_case_name, 5 * 3 * 2", "<p>a snake_case_name, 5 * 3 * 2</p>"),
        (r"the share \\server\plans *now*", r"<p>the share \\server\plans <em>now</em></p>"),
    ],
)
def test_signs_become_what_they_say(typed: str, shown: str) -> None:
    assert rich.render(typed).strip() == shown


@pytest.mark.parametrize(
    "typed",
    [
        "# *heading*",
        "> *quote*",
        "```\n*code*\n```",
        "    *code*",
        "a | b\n--|--\n*c* | d",
        "***\n",
        "*a*\n===",
        "&copy; *a*",
        "`*a*`",
        "<https://example.org> *a*",
        "~~a~~ *b*",
        "[a]\n\n[a]: https://example.org",
        "[a](/account/logout/)",
        "[a](//evil.example)",
    ],
)
def test_other_signs_of_markdown_are_text(typed: str) -> None:
    tags = set(re.findall(r"<(\w+)", rich.render(typed)))
    assert tags <= {"p", "br", "em", "strong"}


HOSTILE = [
    "<script>go()</script>",
    "<img src=x onerror=go()>",
    "<svg/onload=go()>",
    "<a href='javascript:go()'>x</a>",
    "[x](javascript:go())",
    "[x](JaVaScRiPt:go())",
    "[x](java\tscript:go())",
    "[x](&#106;avascript:go())",
    "[x](data:text/html,<script>go()</script>)",
    "[x](vbscript:go())",
    '[x](https://a.example/"onmouseover=go() x=")',
    "[x](https://a.example 'title\" onmouseover=go()')",
    "[<img src=x onerror=go()>](https://a.example)",
    "![x](javascript:go())",
    "![x](https://a.example/pixel.png)",
    "[x](<https://a.example/ onmouseover=go()>)",
    "**<b onclick=go()>x</b>**",
    "- <iframe srcdoc='<script>go()</script>'>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=x>",
    "</p></div><script>go()</script>",
    "<!--[if IE]><script>go()</script><![endif]-->",
    "\u202e[x](https://a.example)",
]


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attrs in Tags(html).found:
        assert tag in rich.TAGS, html
        assert set(attrs) <= {"href", "rel", "start"}, html
        if tag == "a":
            assert attrs["rel"] == rich.REL
            assert str(attrs.get("href", "https:")).startswith(("https:", "http:", "mailto:")), html


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "*so* {}", "- {}", "[{}](https://a.example)"])
def test_nothing_runs_and_nothing_loads(typed: str, around: str) -> None:
    assert_harmless(rich.render(around.replace("{}", typed)))


@given(st.text(alphabet="ab*_[]()<>!&\"'`\\#-+.1 \n:/hjt", max_size=60))
def test_whatever_is_typed_only_the_few_tags_come_of_it(typed: str) -> None:
    assert_harmless(rich.render(typed))


@given(st.text(alphabet="ab<>&\"'.1- \n", max_size=40))
def test_text_without_signs_is_the_same_by_the_short_way(typed: str) -> None:
    def words(html: str) -> list[str]:
        return strip_tags(html.replace("<br>", "\n").replace("&#x27;", "'").replace("&quot;", '"')).split()

    if not rich.SIGNS.search(typed):
        assert words(rich.render(typed)) == words(rich._reader().render(typed))


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_line_has_links_and_nothing_else(typed: str) -> None:
    assert_harmless(rich.linked(f"At {typed} https://a.example/b"))


def test_the_addresses_of_a_line_are_links() -> None:
    assert rich.linked("Teams & https://a.example/b?c=d") == (
        f"Teams &amp; {LINK.format('https://a.example/b?c=d', 'https://a.example/b?c=d')}"
    )


def test_the_library_that_cleans_would_do_so_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless:
        def render(self, text: str) -> str:
            return f"<p title=x>{text}</p>"

    monkeypatch.setattr(rich, "_reader", Careless)
    for typed in HOSTILE:
        assert_harmless(rich.render(f"*{typed}"))


def test_a_long_text_costs_little_and_a_hostile_one_not_much_more() -> None:
    """Processor time, far above what it takes: a slip to the square of its length would take minutes."""
    longest = 20_000
    for part in ("[", "*", "**a ", "[a](", "_a ", "- ", "\n- a", "[](", "![", "*a_", "1. ", "(((\\"):
        began = time.process_time()
        rich.render((part * longest)[:longest])
        assert time.process_time() - began < 3, part
