"""What the policy of content forbids, looked for in the pages themselves: a browser would leave it out in silence.

So are links to other sites that would tell them where their readers come from, or give them a hand on the page.
"""

from __future__ import annotations

from html.parser import HTMLParser

# Addresses that run, whatever the policy says.
RUNNING = ("javascript:", "vbscript:", "data:text")


class Inline(HTMLParser):
    """Collects inline scripts, styles and handlers, and careless links. A script of JSON is data: nothing runs it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "style" or (
            tag == "script" and "src" not in told and told.get("type") != "application/json"
        ):
            self.found.append(f"<{tag}>")
        for name, value in told.items():
            runs = (
                name == "style"
                or name.startswith(("on", "hx-on"))
                or name in ("hx-vals", "hx-vars", "srcdoc")
            )
            if runs or value.strip().lower().startswith(RUNNING):
                self.found.append(f"<{tag} {name}={value!r}>")
        leads_out = tag == "a" and told.get("href", "").startswith(("http:", "https:", "//"))
        if leads_out and not {"noopener", "noreferrer"} <= set(told.get("rel", "").split()):
            self.found.append(f"<a href={told['href']!r}> without rel")

    handle_startendtag = handle_starttag


def inline(html: str) -> list[str]:
    return Inline(html).found
