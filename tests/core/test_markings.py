"""No text with a higher marking is kept, by whatever door it comes."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import pre_save
from django.test import Client

import register
from register.accounts.models import WorkingGroup
from register.core.forms import TextField
from register.core.markings import marking_in, refuse_higher
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.factories import TODAY, initiative, person

MARKED = "The plan\nSECRET – who and where"


@pytest.mark.parametrize(
    ("text", "marking"),
    [
        ("RESTRICTED", "RESTRICTED"),
        ("RESTRICTED: policing", "RESTRICTED"),
        ("NATO RESTRICTED", "RESTRICTED"),
        ("PROTECT – COMMERCIAL", "PROTECT"),
        ("UK EYES ONLY", "UK EYES ONLY"),
        ("UK-EYES-ONLY", "UK-EYES-ONLY"),
        ("UK TOP SECRET", "TOP SECRET"),
        ("TOPSECRET", "TOPSECRET"),
        ("[SECRET] The plan", "SECRET"),
        ("**SECRET**", "SECRET"),
        ("> CONFIDENTIAL", "CONFIDENTIAL"),
        ("\u00a0SECRET & PERSONAL", "SECRET"),
        ("The plan\n\n  RESTRICTED", "RESTRICTED"),
        ("SECRET\u00a0– the plan", "SECRET"),
        ("SECRET\u202f: the plan", "SECRET"),
        ("1. SECRET: the plan", "SECRET"),
        ("12) **SECRET** the plan", "SECRET"),
        ("(a) SECRET: the plan", "SECRET"),
        ("b. CONFIDENTIAL", "CONFIDENTIAL"),
        ("TOP  SECRET: the plan", "TOP SECRET"),
        ("TOP\tSECRET", "TOP SECRET"),
        ("TOP_SECRET", "TOP_SECRET"),
        ("UK  TOP\u00a0SECRET", "TOP SECRET"),
        ("_SECRET_ the plan", "SECRET"),
        ("SECRET AND PERSONAL", "SECRET"),
        ("SECRET PERSONAL", "SECRET"),
        ("CONFIDENTIAL COMMERCIAL", "CONFIDENTIAL"),
        ("CONFIDENTIAL PERSONAL: their names", "CONFIDENTIAL"),
        ("SECRET STRAP 2: the plan", "SECRET"),
        ("TOP SECRET STRAP1", "TOP SECRET"),
        ("SECRET UK EYES ONLY", "SECRET"),
        ("UK SECRET REL", "SECRET"),
        ("SECRET REL TO USA, AUS", "SECRET"),
        ("The plan\u2028SECRET: who", "SECRET"),
        ("The plan\u2029SECRET", "SECRET"),
        ("The plan\u0085SECRET", "SECRET"),
        ("The plan\vSECRET", "SECRET"),
        ("The plan\rSECRET", "SECRET"),
        ("\uff33\uff25\uff23\uff32\uff25\uff34\uff1a the plan", "SECRET"),
    ],
)
def test_each_way_of_writing_a_higher_marking_is_known(text: str, marking: str) -> None:
    assert marking_in(text) == marking
    with pytest.raises(ValidationError, match=f"marked {marking}"):
        refuse_higher(text)


@pytest.mark.parametrize(
    "text",
    [
        "PROTECT strand of the counter-terrorism strategy",
        "Protect: the strand of the counter-terrorism strategy",
        "RESTRICTED access to the site",
        "SECRET SERVICE liaison",
        "We hold nothing above OFFICIAL, no SECRET.",
        "Restricted parking",
        "OFFICIAL-SENSITIVE: UK forces only",
        "EYES ONLY goggles",
        "PROTECT PERSONAL DATA in transit",
        "CONFIDENTIAL COMMERCIAL information stays with the supplier",
        "SECRET AND PERSONAL notes are kept elsewhere",
        "SECRET RELATIONS",
        "In 2019. SECRET was a word of it",
        "TOP\nSECRETARY of the board",
        "1. PROTECT strand",
    ],
)
def test_the_words_in_prose_are_no_marking(text: str) -> None:
    assert marking_in(text) == ""


def _texts() -> list[tuple[type[models.Model], str]]:
    return [
        (model, field.attname)
        for model in apps.get_app_config("register").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    ]


@pytest.mark.parametrize(("model", "name"), _texts(), ids=lambda told: getattr(told, "__name__", told))
def test_every_text_of_every_table_refuses_it_before_it_is_saved(
    model: type[models.Model], name: str
) -> None:
    row = model(**{name: MARKED})
    with pytest.raises(ValidationError) as error:
        pre_save.send(model, instance=row, raw=False, using="default", update_fields=None)
    assert list(error.value.message_dict) == [name]
    assert "Take out what is marked SECRET." in error.value.messages[0]


def _forms() -> list[type[forms.BaseForm]]:
    for module in pkgutil.walk_packages(register.__path__, "register."):
        if ".management" not in module.name and ".migrations" not in module.name:
            importlib.import_module(module.name)
    found, waiting = [], [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("register.") and ".admin" not in form.__module__:
            found.append(form)
    return found


def test_every_text_box_says_so_itself_before_a_service_is_asked() -> None:
    """One field class for text. What is hidden, a secret, or typed into sign-in's own forms, is no text of a record."""
    plain = {
        f"{form.__name__}.{name}"
        for form in _forms()
        if not form.__module__.startswith("register.accounts.adapters")
        for name, field in form.base_fields.items()
        if type(field) is forms.CharField
        and not isinstance(field, TextField)
        and not field.widget.is_hidden
        and not isinstance(field.widget, forms.PasswordInput)
    }
    assert plain == set()


@pytest.mark.django_db
def test_a_service_refuses_it_and_writes_nothing() -> None:
    record = initiative()
    with origin("test"), pytest.raises(ValidationError, match="marked SECRET"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, description=MARKED)
    assert Initiative.objects.get(pk=record.pk).description == ""


@pytest.mark.django_db
def test_the_administration_says_why_and_saves_nothing() -> None:
    client = Client()
    client.force_login(person("administrator"))
    told = {"name": "A group", "code": "a-group", "kind": "local", "terms": MARKED}
    page = client.post("/admin/register/workinggroup/add/", told, follow=True)
    assert "Take out what is marked SECRET" in page.content.decode()
    assert not WorkingGroup.objects.filter(code="a-group").exists()
