"""Texts: what must not be kept is refused with what to do, everything else is kept as typed."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError

from register.core.forms import DayField, LineField, RegisterForm, TextField, error_links

FIELDS = {"several lines": TextField(max_length=200), "one line": LineField(max_length=200)}

either = pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)


def refusal(field: forms.Field, typed: str | None) -> str:
    """The one message that a text is refused with."""
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    [message] = refused.value.messages
    return str(message)


@either
@pytest.mark.parametrize(
    "odd", ["\x00", "\x07", "\x0b", "\x1b[0m", "\x7f", "\x85", "\ue000", "\ud800", "\u202e", "\u200b"]
)
def test_a_character_that_cannot_be_shown_is_refused(field: forms.Field, odd: str) -> None:
    assert "a character in it that can't be shown" in refusal(field, f"The plan{odd} for fleet")


@either
def test_a_text_over_the_limit_is_told_by_how_much_and_one_at_the_limit_is_kept(field: forms.Field) -> None:
    assert refusal(field, "x" * 203) == "Use 200 characters or fewer: this is 3 too many."
    assert field.clean("x" * 200) == "x" * 200
    assert field.clean(f"  {'x' * 200}\n") == "x" * 200


def test_a_long_line_end_counts_once() -> None:
    assert TextField(max_length=3).clean("a\r\nb") == "a\nb"


@either
@pytest.mark.parametrize(
    ("typed", "marking"),
    [
        ("SECRET", "SECRET"),
        ("SECRET\nThe plan", "SECRET"),
        ("The plan\nSECRET", "SECRET"),
        ("The plan\r\n  TOP SECRET: who and where", "TOP SECRET"),
        ("TOP-SECRET - the plan", "TOP-SECRET"),
        ("SECRET//UK EYES ONLY", "SECRET"),
        ("SECRET UK EYES ONLY", "SECRET"),
        ("UK SECRET", "SECRET"),
        ("CONFIDENTIAL – staff", "CONFIDENTIAL"),
        ("CONFIDENTIAL.", "CONFIDENTIAL"),
    ],
)
def test_a_higher_marking_at_the_start_of_a_line_is_refused_by_name(
    field: forms.Field, typed: str, marking: str
) -> None:
    assert refusal(field, typed) == (
        f"The register holds OFFICIAL and OFFICIAL-SENSITIVE only. Take out what is marked {marking}."
    )


@either
@pytest.mark.parametrize(
    "typed",
    [
        "Vetting to SECRET is needed for the control room",
        "The Official Secrets Act; a secret garden, top secret or not",
        "Secret ballots of staff",
        "SECRETARY: to be found",
        "SECRETS are kept elsewhere",
        "Confidential waste is collected together",
        "CONFIDENTIALITY agreement",
        "OFFICIAL",
        "OFFICIAL-SENSITIVE: plans of the site",
    ],
)
def test_the_same_words_in_a_sentence_are_kept(field: forms.Field, typed: str) -> None:
    assert field.clean(typed) == typed


def test_what_was_typed_is_kept_but_for_its_line_ends() -> None:
    typed = "  Café “naïve” – £5 — 日本 🚒\r\n\r\n\tindented\rlast  "
    assert TextField(max_length=200).clean(typed) == "Café “naïve” – £5 — 日本 🚒\n\n\tindented\nlast"


def test_a_line_pasted_over_several_becomes_one() -> None:
    assert LineField(max_length=200).clean(" Joint\r\n  fleet\tworkshop \n") == "Joint fleet workshop"


@either
@pytest.mark.parametrize("typed", ["", "   ", "\r\n", None])
def test_nothing_but_spaces_is_nothing(field: forms.Field, typed: str | None) -> None:
    assert refusal(field, typed) == "This field is required."


class Example(RegisterForm):
    title = LineField(max_length=5, label="Title")
    boxes = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple, label="Boxes"
    )
    choice = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect, label="How often")

    def clean(self) -> None:
        raise ValidationError("The whole does not fit together.")


def test_each_error_links_to_what_puts_it_right_in_the_order_of_the_page() -> None:
    form = Example({"title": "too long"})
    assert error_links(form) == [
        ("", "The whole does not fit together."),
        ("id_title", "Use 5 characters or fewer: this is 3 too many."),
        ("id_boxes_0", "Boxes: choose at least one"),
        ("id_choice_0", "How often: choose one"),
    ]
    html = form.as_div()
    for target, _ in error_links(form)[1:]:
        assert f'id="{target}"' in html


def test_what_was_typed_is_still_there_when_it_is_refused() -> None:
    assert 'value="too long &amp; more"' in Example({"title": "too long & more"}).as_div()


class Days(RegisterForm):
    since = DayField(label="From")
    until = DayField(label="To")


def test_two_boxes_with_one_mistake_are_told_apart_above_the_form() -> None:
    form = Days({"since": "soon", "until": "later"})
    assert error_links(form) == [
        ("id_since", "From: Write a day like 23 November 2026."),
        ("id_until", "To: Write a day like 23 November 2026."),
    ]
    assert error_links(Days({"since": "soon", "until": "1 May 2026"})) == [
        ("id_since", "Write a day like 23 November 2026.")
    ]


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("Title", "Enter the title"),
        ("Your work email", "Enter your work email"),
        ("The first day", "Enter the first day"),
        ("What you need it for", "Say what you need it for"),
        ("Why", "Say why"),
    ],
)
def test_an_empty_box_is_told_in_a_sentence(label: str, told: str) -> None:
    class One(RegisterForm):
        box = LineField(max_length=5, label=label)

    assert error_links(One({})) == [("id_box", told)]


def test_a_field_with_two_mistakes_says_one_above_as_beside_it() -> None:
    form = Days({"since": "1 May 2026", "until": "1 May 2026"})
    form.add_error("until", "First.")
    form.add_error("until", "Second.")
    assert error_links(form) == [("id_until", "First.")]
