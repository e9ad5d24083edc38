"""The forms of a page as a browser would send them back."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

NOT_SENT = {"submit", "button", "image", "reset"}


@dataclass
class Form:
    """Where it goes and what is in it. `names` are all of its fields, those that are empty and unticked too."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)

    def filled(self) -> dict[str, list[str]]:
        """Its fields, with a choice made where none is yet."""
        told = {name: list(values) for name, values in self.fields.items()}
        for name, values in self.offered.items():
            real = [value for value in values if value]
            if real and not any(told.get(name, [])):
                told[name] = real[:1]
        return told

    def text_fields(self) -> list[str]:
        """The names of those that people type into."""
        typed = {"text", "textarea", "search", "email", "url", "password", "tel"}
        return [name for name, kind in self.names.items() if kind in typed]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._first = self._chosen = False
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name = told.get("name", "")
        if tag == "input" and name:
            self._input(name, told)
        elif tag == "button":
            if name:
                self._form.buttons.append((name, told.get("value", "")))
        elif tag == "select" and name:
            self._select, self._chosen = name, False
            self._form.names[name] = "select"
        elif tag == "option" and self._select:
            self._form.offered.setdefault(self._select, []).append(told.get("value", ""))
            if "selected" in told:
                self._form.put(self._select, told.get("value", ""))
        elif tag == "textarea" and name:
            self._area, self._text = name, []
            self._form.names[name] = "textarea"

    def _input(self, name: str, told: dict[str, str]) -> None:
        assert self._form
        kind = told.get("type", "text").lower()
        if kind in NOT_SENT:
            self._form.buttons.append((name, told.get("value", "")))
            return
        self._form.names[name] = kind
        if kind in ("radio", "checkbox"):
            self._form.offered.setdefault(name, []).append(told.get("value", "on"))
            if "checked" in told:
                self._form.put(name, told.get("value", "on"))
        elif kind != "file":
            self._form.put(name, told.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area and self._form:
            self._form.put(self._area, "".join(self._text).lstrip("\n"))
            self._area = ""


def forms_of(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def posting_forms(html: str) -> list[Form]:
    return [form for form in forms_of(html) if form.method == "post"]
