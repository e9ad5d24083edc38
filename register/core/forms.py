"""Forms in the register's look: GOV.UK markup, messages that say what to do, and text that is safe to keep."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting

from register.core.dates import SHAPE, DateError, LimitedDate, read_date
from register.core.markings import refuse_higher
from register.core.money import MoneyError, exact, read_pounds
from register.core.rich import HINT

CONTROL = {"Cc", "Cs", "Co"}
# Nothing shows them, and they turn the text around them, or make two alike that are not the same.
INVISIBLE = set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


class RegisterRenderer(TemplatesSetting):
    """Django's own forms, drawn with templates/components/forms."""

    form_template_name = "components/forms/form.html"
    field_template_name = "components/forms/field.html"
    formset_template_name = "django/forms/div.html"


def clean_text(text: str) -> str:
    """The text with line ends made one kind; ValidationError for what must not be kept.

    Refuses control characters, those that turn text round unseen, and a higher marking at the start of a line:
    the register holds OFFICIAL only. The same words in prose are fine.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any((unicodedata.category(c) in CONTROL and c not in "\n\t") or c in INVISIBLE for c in text):
        raise ValidationError(
            "There is a character in it that can't be shown, often from copying out of a PDF. Type that part again."
        )
    refuse_higher(text)
    return text


def _too_long(text: str, most: int) -> ValidationError:
    over = len(text) - most
    return ValidationError(f"Use {most:,} characters or fewer: this is {over:,} too many.", code="max_length")


class TextField(forms.CharField):
    """Text of several lines."""

    def __init__(self, *, max_length: int, rows: int = 4, **kwargs: Any) -> None:
        self.most = max_length
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        # Before it is made one line or counted: a marking starts a line, and a line end counts once. The NUL is
        # refused with the other control characters, in words of ours.
        return "" if value is None else clean_text(str(value)).strip(" \t\n")

    def run_validators(self, value: str) -> None:
        """Ours are in `to_python` and `clean`, in an order that gives one message."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if len(text) > self.most:
            raise _too_long(text, self.most)
        return text


class RichTextField(TextField):
    """Text of several lines that is shown with the few signs that `core.rich` knows, and says so."""

    def __init__(self, *, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(help_text=f"{help_text} {HINT}".strip(), **kwargs)


class LineField(TextField):
    """Text of one line; line ends that were pasted become spaces."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput())
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        return re.sub(r"[ \t\n]+", " ", super().to_python(value))


class MoneyField(forms.Field):
    """Pence, from pounds as people type them: £1.2m, 950,000, 2500."""

    widget = forms.TextInput(attrs={"class": "govuk-input govuk-input--width-10", "inputmode": "text"})

    def clean(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return read_pounds(text)
        except MoneyError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return exact(value) if isinstance(value, int) else value


class LimitedDateField(forms.Field):
    """A date known to the day, the month or the year, typed in one box."""

    widget = forms.TextInput(attrs={"class": "govuk-input govuk-input--width-20"})

    def clean(self, value: Any) -> LimitedDate | None:
        text = str(value or "").strip()
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            return read_date(text)
        except DateError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, LimitedDate) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != (data or None)


class DayField(LimitedDateField):
    """A day, typed in one box: 23 November 2026 or 23/11/2026."""

    def clean(self, value: Any) -> Any:
        try:
            told = super().clean(value)
        except ValidationError as error:
            # A month or a year alone would be refused next: it is not offered.
            if error.message == SHAPE:
                error.message = "Write a day like 23 November 2026."
            raise
        if told is not None and told.precision != "day":
            raise ValidationError("Give the day as well, like 23 November 2026.")
        return told.first if told else None

    def prepare_value(self, value: Any) -> Any:
        return str(LimitedDate(value)) if hasattr(value, "year") else value


class RegisterForm(forms.Form):
    """A form in the register's look. `error_links` feeds the error summary."""

    required_css_class = ""
    # A form that only narrows a list: every box may stay empty, and none needs to say so.
    only_narrows = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)

    def error_links(self) -> list[tuple[str, str]]:
        return error_links(self)


def error_links(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(id of the field, message) for each error, in the order of the page; no id for those of the whole.

    One message a field, the one that stands beside it. Where two fields have the same, each is named.
    """
    links = [("", str(text)) for text in form.non_field_errors()]
    wrong = [(form[name], str(form.errors[name][0])) for name in form.fields if form.errors.get(name)]
    said = Counter(text for _, text in wrong)
    return links + [
        (first_id(bound), f"{bound.label}: {text}" if said[text] > 1 else text) for bound, text in wrong
    ]


def dress(form: forms.BaseForm) -> forms.BaseForm:
    """Give a form's controls the register's look, and its fields messages that say what to do."""
    for field in form.fields.values():
        _dress(field)
    return form


def first_id(bound: forms.BoundField) -> str:
    """The id that a link to a field goes to: of a group of boxes, the first."""
    widget = bound.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return str(bound.id_for_label)


ASKING = {"what", "why", "who", "how", "when", "where"}
NAMED = {"the", "your", "a", "an"}


def _verb(label: str) -> str:
    """What to do with a box of that label: say what it asks, enter your email, enter the name."""
    first = label.split(" ", 1)[0]
    return "Say" if first in ASKING else "Enter" if first in NAMED else "Enter the"


CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "govuk-textarea"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.RadioSelect, "govuk-radios__input"),
    (forms.CheckboxSelectMultiple, "govuk-checkboxes__input"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.Select, "govuk-select"),
    (forms.widgets.Input, "govuk-input"),
)


def _dress(field: forms.Field) -> None:
    """Give a field's widget its class, and the field a message that says what to do."""
    widget = field.widget
    # A placeholder vanishes when it is needed; the label says it.
    widget.attrs.pop("placeholder", None)
    for kind, name in CLASSES:
        if isinstance(widget, kind):
            if name not in widget.attrs.get("class", ""):
                widget.attrs["class"] = f"{widget.attrs.get('class', '')} {name}".strip()
            break
    if str(field.error_messages.get("invalid_choice", "")).startswith("Select a valid choice"):
        field.error_messages["invalid_choice"] = f"{field.label or 'This'}: choose one of those offered"
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        label = str(field.label or "this")
        flat = label[:1].lower() + label[1:] if not label.isupper() else label
        if isinstance(widget, forms.CheckboxSelectMultiple):
            told = f"{label}: choose at least one"
        elif isinstance(widget, forms.Select | forms.RadioSelect):
            told = f"{label}: choose one"
        else:
            told = f"{_verb(flat)} {flat}"
        field.error_messages["required"] = told


__all__ = [
    "DayField",
    "LimitedDateField",
    "LineField",
    "MoneyField",
    "RegisterForm",
    "RegisterRenderer",
    "RichTextField",
    "TextField",
    "clean_text",
    "dress",
    "error_links",
    "first_id",
]
