"""Who sees, edits and restores what: told by hand, and the rule of a list is the rule of one record."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import FOR_GROUP, FOR_ORGANISATION, Audience, Permission, Role
from register.accounts.services import grant_role, revoke_role
from register.core.clock import now
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import Part, delete_initiative, log_initiative
from register.initiatives.visibility import seen_by
from register.initiatives.vocabulary import Marking, PartnerRole
from tests.factories import TODAY, initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db

# One organisation for each part that one can take, and one that takes none.
AT = {
    "lead": "derbyshire-police",
    "party": "derbyshire-fire",
    "host": "derbyshire-council",
    "funder": "nottinghamshire-police",
    "supplier": "emas-ambulance",
    "consulted": "derby-council",
    "observer": "derbyshire-policing-body",
    "other": "kent-police",
}
# What a record is called: its audience's letter, small when it is marked OFFICIAL-SENSITIVE.
LETTERS = {"everyone": "E", "partners": "P", "partners_and_groups": "G", "draft": "D"}
SHARED, ALL = set("EPpGg"), set("EPpGgDd")
# Others' drafts are in no list of those who answer for the register: they open one by its reference.
OPEN: set[str] = {"E"}
NONE: set[str] = set()


def records(group: WorkingGroup, by: User | None = None) -> dict[str, Initiative]:
    """One record for each audience and marking there can be, all with the same parts and the same named group."""
    parts = [Part(organisation(AT[role]), role) for role in PartnerRole.values]
    made = {}
    for audience, letter in LETTERS.items():
        for marking in Marking.values:
            if (audience, marking) == (Audience.EVERYONE, Marking.OFFICIAL_SENSITIVE):
                continue
            name = letter if marking == Marking.OFFICIAL else letter.lower()
            with origin("test"):
                made[name] = log_initiative(
                    by=by, title=name, purpose="To be seen.", stage="agreed", areas_of_work=[], places=[],
                    partners=parts, on=TODAY, audience=audience, marking=marking, named_groups=[group],
                )  # fmt: skip
    return made


def delete(record: Initiative) -> None:
    with origin("test"):
        delete_initiative(by=None, initiative=record, reason="Twice.", at=now())


def titles(found: Iterable[Initiative]) -> set[str]:
    return {record.title for record in found}


def fresh(made: list[Initiative]) -> list[Initiative]:
    found = Initiative.objects.filter(pk__in=[record.pk for record in made])
    return list(found.prefetch_related("partners", "named_groups"))


def may(user: User, permission: Permission, those: list[Initiative]) -> set[Initiative]:
    return {record for record in those if has_permission(user, permission, record)}


def who(role: str, relation: str, group: WorkingGroup) -> User:
    if role in FOR_GROUP:
        return person(role, group=group if relation == "named group" else working_group())
    return person(role or None, at=AT.get(relation))


# What each may see, edit and, once deleted, restore. A role held of an organisation: by what that takes part as.
BY_HAND: dict[str, dict[str, tuple[set[str], set[str], set[str]]]] = {
    "": {"": (OPEN, NONE, NONE)},
    "reader": {
        "": (OPEN, NONE, NONE),
        "other": (OPEN, NONE, NONE),
        "lead": (ALL, NONE, NONE),
        **dict.fromkeys(
            ("party", "host", "funder", "supplier", "consulted", "observer"), (SHARED, NONE, NONE)
        ),
    },
    **{
        role: {
            "other": (OPEN, NONE, NONE),
            "lead": (ALL, ALL, ALL),
            **dict.fromkeys(("party", "host"), (SHARED, SHARED, NONE)),
            **dict.fromkeys(("funder", "supplier", "consulted", "observer"), (SHARED, NONE, NONE)),
        }
        for role in ("contributor", "organisation_lead")
    },
    **{
        role: {"named group": (set("EGg"), NONE, NONE), "another group": (OPEN, NONE, NONE)}
        for role in ("group_member", "secretary", "chair")
    },
    "auditor": {"": (SHARED, NONE, NONE)},
    "administrator": {"": (SHARED, ALL, ALL)},
}


def test_the_table_by_hand_knows_every_role_and_every_part() -> None:
    assert set(BY_HAND) == {"", *Role.values}
    for role in FOR_ORGANISATION:
        assert set(BY_HAND[role]) - {""} == set(AT) == {*PartnerRole.values, "other"}


def everybody(group: WorkingGroup) -> dict[tuple[str, str], User]:
    return {(role, relation): who(role, relation, group) for role in BY_HAND for relation in BY_HAND[role]}


def told(column: int) -> dict[tuple[str, str], set[str]]:
    return {(role, part): sets[column] for role, parts in BY_HAND.items() for part, sets in parts.items()}


def test_who_sees_edits_and_restores_what() -> None:
    group = working_group()
    made, people = records(group), everybody(group)
    everything = Initiative.objects.all()
    assert {key: titles(everything.visible_to(user)) for key, user in people.items()} == told(0)
    assert {key: titles(everything.editable_by(user)) for key, user in people.items()} == told(1)
    assert not any(everything.restorable_by(user).exists() for user in people.values())
    for record in made.values():
        delete(record)
    assert not any(everything.visible_to(user).exists() for user in people.values())
    assert not any(everything.editable_by(user).exists() for user in people.values())
    assert {key: titles(everything.restorable_by(user)) for key, user in people.items()} == told(2)


def test_a_list_holds_exactly_the_records_that_one_may() -> None:
    group, author = working_group(), person("contributor", at=AT["other"])
    kept = [*records(group).values(), *records(group, by=author).values()]
    gone = [initiative("gone"), initiative("gone draft", audience="draft", by=author)]
    for record in gone:
        delete(record)
    kept, gone = fresh(kept), fresh(gone)
    for key, user in (everybody(group) | {("author", ""): author}).items():
        seen, edited = set(Initiative.objects.visible_to(user)), set(Initiative.objects.editable_by(user))
        assert seen == may(user, Permission.VIEW, kept), key
        assert {record.pk for record in seen} == seen_by(user, [*fresh(kept), *gone]), key
        assert edited == may(user, Permission.EDIT, kept), key
        assert set(Initiative.objects.restorable_by(user)) == may(user, Permission.DELETE, gone), key
        openable = may(user, Permission.OPEN, kept)
        assert edited | may(user, Permission.DELETE, kept) | seen <= openable, key
        unseen = Initiative.objects.kept().drafts_unseen_by(user)
        overseen = {record for record in openable - seen if record.audience == Audience.DRAFT}
        assert openable - seen == overseen, key
        if key[0] in ("administrator", "auditor"):
            assert overseen == set(unseen), key
        else:
            assert not overseen, key


def test_a_page_opens_for_who_may_says_why_not_to_who_may_only_see_and_is_not_there_for_others(
    client: Client,
) -> None:
    group = working_group()
    made = records(group)
    for role, relation in (("reader", "lead"), ("contributor", "party"), ("chair", "named group")):
        client.force_login(who(role, relation, group))
        sees, edits, _ = BY_HAND[role][relation]
        for name, record in made.items():
            page = client.get(f"{record.get_absolute_url()}stage/")
            assert page.status_code == (200 if name in edits else 403 if name in sees else 404)
    assert (
        "Your roles do not let you keep it current"
        in client.get(f"{made['E'].get_absolute_url()}stage/").content.decode()
    )


def test_who_logged_a_record_keeps_seeing_it_and_edits_it_while_they_contribute_anywhere() -> None:
    author = person("contributor", at=AT["other"])
    initiative("D", audience="draft", by=author)
    assert titles(Initiative.objects.visible_to(author)) == {"D"}
    assert titles(Initiative.objects.editable_by(author)) == {"D"}
    with origin("test"):
        revoke_role(by=None, grant=author.roles.get())
    author = User.objects.get(pk=author.pk)
    assert titles(Initiative.objects.visible_to(author)) == {"D"}
    assert titles(Initiative.objects.editable_by(author)) == NONE


def test_a_role_at_one_organisation_lends_nothing_to_what_another_leads() -> None:
    initiative("D", audience="draft")
    user = person("reader", at=AT["lead"])
    with origin("test"):
        grant_role(by=None, user=user, role="organisation_lead", organisation=organisation(AT["other"]))
    user = User.objects.get(pk=user.pk)
    assert titles(Initiative.objects.visible_to(user)) == {"D"}
    assert titles(Initiative.objects.editable_by(user)) == NONE


def test_nobody_signed_out_or_switched_off_sees_edits_or_restores_anything() -> None:
    record, switched_off = initiative(), person("administrator")
    delete(initiative())
    switched_off.is_active = False
    everything = Initiative.objects.all()
    for user in (AnonymousUser(), switched_off):
        for found in (everything.visible_to, everything.editable_by, everything.restorable_by):
            assert not found(user).exists()
        assert not any(has_permission(user, permission, record) for permission in Permission)
