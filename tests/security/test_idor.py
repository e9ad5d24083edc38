"""Nobody reaches what is not theirs by naming it: in an address, in a query, or in what they post.

Every address of the URL map that names a record, or something of one, is asked for with the names of records that the
reader may not open. Whatever is new in the URL map is asked for as well.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from register.accounts.models import User, WorkingGroup
from register.catalogue.models import SavedView
from register.catalogue.services import save_view
from register.core.clock import today
from register.core.tracking import origin
from register.groups.models import Ask, Decision, Meeting
from register.initiatives.models import Initiative, InitiativePartner, SavingLine
from register.initiatives.sections import SECTIONS
from tests.house.addresses import PUBLIC, ours
from tests.pages.test_hidden import WORD
from tests.security.planting import ledger
from tests.security.world import World, body
from tests.support.hostile import Attack

ARGUMENT = re.compile(r"<(\w+):(\w+)>")
OUTSIDERS = ("reader", "contributor", "secretary", "lead")
# What a person who is outside posts: something of every kind of form.
POSTED = {"reason": "x", "version": "1", "title": "Taken over", "text": "x", "save": "", "to_stage": "live"}
NO = (403, 404, 405)


def with_arguments(*wanted: str) -> list[tuple[str, str]]:
    """(name, route) of every address that takes these, and maybe others."""
    return [
        (name, route)
        for name, route in sorted(ours().items())
        if set(wanted) <= {argument for _, argument in ARGUMENT.findall(route)}
    ]


def hanging_on(record: Initiative) -> dict[str, list[int]]:
    """The keys of all that hangs on a record, by model."""
    found: dict[str, list[int]] = {}
    for model in apps.get_app_config("register").get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Initiative:
                keys = model._default_manager.filter(**{field.name: record}).values_list("pk", flat=True)
                found.setdefault(model.__name__, []).extend(k for k in keys if isinstance(k, int))
    found["SavingLine"] = list(
        SavingLine.objects.filter(benefit__initiative=record).values_list("pk", flat=True)
    )
    return {name: keys for name, keys in found.items() if keys}


def filled(name: str, route: str, record: Initiative, of: dict[str, list[int]]) -> list[str]:
    """The address with a record's reference, and each section and key of what hangs on it."""
    wanted = {argument for _, argument in ARGUMENT.findall(route)}
    keys = sorted({keys[0] for keys in of.values()})
    slugs: list[Any] = list(SECTIONS) if "slug" in wanted else [None]
    found = []
    for slug in slugs:
        here: list[Any] = [None]
        if "pk" in wanted:
            here = of.get(SECTIONS[slug].model.__name__, [])[:1] if slug else keys
        for pk in here:
            values = {"reference": record.reference, "slug": slug, "pk": pk, "public_id": record.reference}
            found.append(reverse(name, kwargs={key: values.get(key, "title") for key in wanted}))
    return found


def refused(
    world: World, attack: Attack, who: str, address: str, posted: dict[str, Any] | None = None
) -> None:
    before = ledger()
    for method in ("get", "post"):
        attack("IDOR", f"{method} {address} as {who}")
        answer = getattr(world.client(who), method)(address, posted or POSTED if method == "post" else {})
        assert answer.status_code in NO, (method, address, answer.status_code)
        assert WORD not in body(answer), (method, address)
    assert ledger() == before, address


@pytest.mark.parametrize("name", [name for name, _ in with_arguments("reference")])
def test_what_hangs_on_a_record_that_one_may_not_open_is_not_there(
    world: World, attack: Attack, name: str
) -> None:
    record = world.hidden[0]
    for who in OUTSIDERS[:2]:
        for address in filled(name, ours()[name], record, hanging_on(record)):
            refused(world, attack, who, address)


@pytest.mark.parametrize("name", [name for name, _ in with_arguments("reference", "pk")])
def test_what_hangs_on_another_record_is_not_reached_through_ones_own(
    world: World, attack: Attack, name: str
) -> None:
    """The reference of a record that the person keeps current, the key of something of another."""
    own = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    keys = hanging_on(world.hidden[1])
    mine = {pk for pks in hanging_on(own).values() for pk in pks}
    for address in filled(name, ours()[name], own, keys):
        if int(re.findall(r"/(\d+)/", address)[-1]) not in mine:
            refused(world, attack, "contributor", address)


@pytest.mark.parametrize("hidden", range(4))
def test_a_record_for_others_is_nowhere_whatever_it_is(world: World, attack: Attack, hidden: int) -> None:
    """A draft, one for its partners, a sensitive one and a deleted one."""
    record = world.hidden[hidden]
    for who in OUTSIDERS:
        for part in ("", "history/", "edit/", "delete/"):
            refused(world, attack, who, f"/initiatives/{record.reference}/{part}")
        answer = world.client(who).post(f"/initiatives/{record.reference}/restore/")
        assert answer.status_code == 404


def of_others(group: WorkingGroup) -> dict[str, list[Any]]:
    """Keys of what belongs to another group."""
    return {
        "pk": [
            model.objects.filter(group=group).order_by("pk").values_list("pk", flat=True)[0]
            for model in (Ask, Decision, Meeting)
            if model.objects.filter(group=group).exists()
        ],
        "public_id": [User.objects.get(email__startswith="reader@").public_id],
    }


@pytest.mark.parametrize(
    "name", [name for name, route in with_arguments("code") if route.startswith("groups/")]
)
def test_what_is_of_another_group_is_not_reached_through_ones_own(
    world: World, attack: Attack, name: str
) -> None:
    """The code of a group whose secretary one is, the key of something of another; and the other way round."""
    route = ours()[name]
    wanted = {argument for _, argument in ARGUMENT.findall(route)} - {"code"}
    theirs = of_others(WorkingGroup.objects.get(code="exampleshire"))
    if wanted <= {"pk"} and wanted:
        for pk in theirs["pk"]:
            refused(world, attack, "secretary", reverse(name, kwargs={"code": "eastern", "pk": pk}))
    elif wanted == {"public_id"}:
        for public_id in theirs["public_id"]:
            address = reverse(name, kwargs={"code": "eastern", "public_id": public_id})
            refused(world, attack, "secretary", address)
    # Whoever is in none of its roles writes nothing there, whatever they send.
    for values in ({"pk": pk} for pk in (theirs["pk"] if "pk" in wanted else [0])):
        told = values | {"code": "exampleshire", "public_id": theirs["public_id"][0]}
        address = reverse(name, kwargs={key: told[key] for key in {"code", *wanted}})
        before = ledger()
        attack("IDOR", f"post {address} as reader")
        answer = world.client("reader").post(address, POSTED)
        assert answer.status_code in NO, (address, answer.status_code)
        assert ledger() == before, address


@pytest.mark.parametrize("name", [name for name, route in with_arguments("pk") if route.startswith("views/")])
def test_nobody_opens_or_changes_somebody_elses_view(world: World, attack: Attack, name: str) -> None:
    with origin("test"):
        own = save_view(by=world.user("fire"), name=f"{WORD} of mine", parameters={}, on=today())
    address = reverse(name, kwargs={"pk": own.pk})
    for who in OUTSIDERS:
        refused(world, attack, who, address)
    assert SavedView.objects.get(pk=own.pk).name == f"{WORD} of mine"


ARGUMENTS_THAT_NAME = [
    "/initiatives/?q={reference}&example=with",
    "/initiatives/?q={word}&example=with",
    "/initiatives/?q={word}&as=table&example=with",
    "/initiatives/facets/?q={word}&example=with",
    "/initiatives/export/?what=everything&format=json&q={word}",
    "/initiatives/export/?what=everything&format=csv&q={reference}",
    "/initiatives/new/?like={reference}",
    "/initiatives/new/similar/?title={word}+workshop&areas=governance&places=kent",
    "/history/?q={reference}",
    "/digests/?q={word}",
    "/groups/exampleshire/decisions/new/?initiative={reference}",
    "/groups/exampleshire/queue/?q={reference}",
    "/groups/exampleshire/asks/new/?barrier={barrier}",
    "/groups/exampleshire/asks/new/?barriers={barrier}",
    "/everything/opportunities/others/?area=governance&place=kent",
    "/places/kent/barriers/open/",
    "/organisations/kent-fire/duty/2026/",
    "/recently-deleted/",
]


@pytest.mark.parametrize("asked", ARGUMENTS_THAT_NAME)
def test_what_one_may_not_open_is_not_found_by_asking_for_it(
    world: World, attack: Attack, asked: str
) -> None:
    record = world.hidden[0]
    address = asked.format(
        reference=record.reference, word=WORD, barrier=record.barriers.values_list("pk", flat=True)[0]
    )
    for who in ("contributor", "secretary"):
        attack("IDOR", f"{asked} as {who}")
        answer = world.client(who).get(address)
        assert answer.status_code in (200, 302, *NO)
        html = body(answer).replace(f"q={WORD}", "").replace(f"“{WORD}", "").replace(f'"{WORD}"', "")
        assert f"{WORD} workshop" not in html, address
        assert f"{WORD} bylaw" not in html, address
        assert f"/initiatives/{record.reference}/" not in html, address


def test_nothing_of_another_record_is_taken_in_by_posting_its_key(world: World, attack: Attack) -> None:
    """Keys and codes in the fields of forms that are one's own."""
    own = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    record = world.hidden[1]
    benefit, barrier = record.benefits.all()[0], record.barriers.all()[0]
    posts: list[tuple[str, str, dict[str, Any]]] = [
        (
            "contributor",
            f"/initiatives/{own.reference}/savings/new/",
            {"benefit": benefit.pk, "organisation": "exampleshire-police", "financial_year": "2026", "forecast": "1"},
        ),
        (
            "contributor",
            f"/initiatives/{own.reference}/costs/new/",
            {"organisation": "kent-fire", "financial_year": "2026", "what_for": "x", "is_recurring": "no",
             "forecast": "1"},
        ),
        (
            "contributor",
            f"/initiatives/{own.reference}/agreements/new/",
            {"kind": "memorandum", "parties": ["kent-fire"]},
        ),
        (
            "contributor",
            "/initiatives/new/",
            {"like": record.reference, "title": "Zephyrless", "save": ""},
        ),
        (
            "secretary",
            "/groups/exampleshire/asks/new/",
            {"title": "x", "what": "x", "addressee": "Home Office", "barriers": [barrier.pk], "barrier": barrier.pk},
        ),
        (
            "secretary",
            "/groups/exampleshire/decisions/new/",
            {"initiative": record.reference, "outcome": "support", "reasons": "x", "decided_on": "1/11/2026"},
        ),
        (
            "contributor",
            f"/initiatives/{record.reference}/review/",
            {"group": "exampleshire", "why": "Show me."},
        ),
    ]  # fmt: skip
    for who, address, told in posts:
        before = ledger()
        attack("IDOR", f"post {address.replace(record.reference, 'hidden')} {sorted(told)} as {who}")
        answer = world.client(who).post(address, told)
        assert answer.status_code in (*NO, 422, 200), (address, answer.status_code)
        assert WORD not in re.sub(r'value="[^"]*"', "", body(answer)), address
        assert ledger() == before, address


def test_a_new_address_gives_nothing_away_whatever_it_is_asked_with(world: World, attack: Attack) -> None:
    """Those that none of the above asks for: every argument with keys of what is hidden."""
    record = world.hidden[1]
    keys = [*sorted({keys[0] for keys in hanging_on(record).values()}), record.pk]
    people = [world.user("administrator").public_id, world.user("fire").public_id]
    for name, route in sorted(ours().items()):
        wanted = ARGUMENT.findall(route)
        if (
            not wanted
            or name in PUBLIC
            or "<slug:reference>" in route
            or route.startswith(("groups/", "views/"))
        ):
            continue
        for place in range(2):
            values = {
                "int": keys[place % len(keys)], "slug": record.reference, "uuid": people[place], "str": "x",
            }  # fmt: skip
            told = {argument: values[kind] for kind, argument in wanted}
            address = reverse(name, kwargs=told)
            before = ledger()
            attack("IDOR", f"{address} as reader")
            answer = world.client("reader").get(address)
            assert answer.status_code < 500, address
            assert WORD not in body(answer), address
            assert world.client("reader").post(address, POSTED).status_code < 500
            assert ledger() == before, address


def test_the_keys_that_are_tried_are_there(world: World) -> None:
    """Or nothing would be refused: who may open the record opens what the others may not."""
    record = world.hidden[1]
    kinds = {section.model.__name__ for section in SECTIONS.values()}
    assert kinds <= set(hanging_on(record))
    assert InitiativePartner.objects.filter(initiative=record).exists()
    client = world.client("administrator")
    found = [
        address
        for name, route in with_arguments("reference")
        for address in filled(name, route, record, hanging_on(record))
        if client.get(address).status_code == 200
    ]
    assert len(found) > 30
    assert WORD in body(client.get(f"/initiatives/{record.reference}/"))
