"""Who sees and who edits: by hand for the cases that matter, and the queryset's rule is the object's for all."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission, Role
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.services import delete_initiative
from tests.factories import initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db

AUDIENCES = ("everyone", "partners", "partners_and_groups", "draft")
LEAD, PARTY, FUNDER, OTHER = "derbyshire-police", "derbyshire-fire", "emas-ambulance", "kent-police"


def records(group, author=None) -> dict[str, Initiative]:
    """One of each audience: led by LEAD, with PARTY taking part and FUNDER paying."""
    found = {}
    for audience in AUDIENCES:
        groups = {"named_groups": [group]} if audience == "partners_and_groups" else {}
        found[audience] = initiative(audience, audience=audience, by=author, **groups)
        with origin("test"), recorded(by=None):
            InitiativePartner.objects.create(
                initiative=found[audience], organisation=organisation(FUNDER), role="funder"
            )
    return found


def seen(user) -> set[str]:
    return set(Initiative.objects.visible_to(user).values_list("title", flat=True))


def edited(user) -> set[str]:
    return set(Initiative.objects.editable_by(user).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("role", "at", "sees", "edits"),
    [
        ("reader", None, {"everyone"}, set()),
        ("reader", OTHER, {"everyone"}, set()),
        ("reader", PARTY, {"everyone", "partners", "partners_and_groups"}, set()),
        ("reader", FUNDER, {"everyone", "partners", "partners_and_groups"}, set()),
        ("reader", LEAD, set(AUDIENCES), set()),
        ("contributor", LEAD, set(AUDIENCES), set(AUDIENCES)),
        ("organisation_lead", LEAD, set(AUDIENCES), set(AUDIENCES)),
        (
            "contributor",
            PARTY,
            {"everyone", "partners", "partners_and_groups"},
            {"everyone", "partners", "partners_and_groups"},
        ),
        ("contributor", FUNDER, {"everyone", "partners", "partners_and_groups"}, set()),
        ("contributor", OTHER, {"everyone"}, set()),
        ("administrator", None, set(AUDIENCES), set(AUDIENCES)),
        ("auditor", None, set(AUDIENCES), set()),
        (None, None, {"everyone"}, set()),
    ],
)
def test_who_sees_and_edits_what(role, at, sees: set[str], edits: set[str]) -> None:
    records(working_group())
    user = person(role, at=at)
    assert seen(user) == sees
    assert edited(user) == edits


def test_a_named_group_sees_what_names_it_and_nothing_else_of_the_kind() -> None:
    group = working_group()
    records(group)
    assert seen(person("group_member", group=group)) == {"everyone", "partners_and_groups"}
    assert seen(person("group_member", group=working_group())) == {"everyone"}


def test_nobody_signed_out_or_switched_off_sees_anything() -> None:
    records(working_group())
    user = person("administrator")
    user.is_active = False
    assert seen(user) == seen(AnonymousUser()) == set()


@pytest.mark.parametrize("role", [None, *Role])
def test_the_rule_for_a_list_is_the_rule_for_one_record(role) -> None:
    group = working_group()
    places: list[str | None] = [None] if role is None else []
    if role in ("reader", "administrator", "auditor"):
        places.append(None)
    if role in ("reader", "contributor", "organisation_lead"):
        places += [LEAD, PARTY, FUNDER, OTHER]
    people = [person(role, at=at) for at in places]
    if role in ("group_member", "secretary", "chair"):
        people += [person(role, group=group), person(role, group=working_group())]
    author = person("contributor", at=OTHER)
    all_records = [*records(group).values(), *records(group, author).values()]
    for record in all_records[:2]:
        with origin("test"):
            delete_initiative(by=None, initiative=record, reason="Twice.", at=now())
    everything = list(Initiative.objects.all())
    for user, (permission, rule) in product(
        [*people, author],
        [
            (Permission.VIEW, "visible_to"),
            (Permission.EDIT, "editable_by"),
            (Permission.DELETE, "restorable_by"),
        ],
    ):
        listed = set(getattr(Initiative.objects.all(), rule)(user))
        deleted = rule == "restorable_by"
        allowed = {
            record
            for record in everything
            if (record.deleted_at is not None) == deleted and has_permission(user, permission, record)
        }
        assert listed == allowed, (role, rule, user)
