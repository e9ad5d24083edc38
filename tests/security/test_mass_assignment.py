"""What a form does not ask for cannot be set by sending it along.

Every form of every page is sent with a value for every column that any table has and the form does not: the values are
good ones, of somebody and some body that nothing else of the sample names. None of them may reach the ledger.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.urls import resolve

from register.accounts.models import RoleGrant, User
from register.accounts.roles import FOR_REGISTER
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from register.reference.models import Organisation
from tests.factories import initiative, person, working_group
from tests.house.addresses import pages
from tests.security.forms import Form, posting_forms
from tests.security.world import World, body
from tests.support.hostile import Attack

# Of another page, of which the form is part of every page.
NOT_OF_THE_PAGE = ("/account/logout/",)
WORD, DAY, NUMBER = "hostile-extra", "2001-02-03", 987_654


class Extra:
    """Everything that is sent along, and how to know it again."""

    def __init__(self) -> None:
        self.victim = person(name="Mallory Extra", email="mallory-extra@example.org")
        self.group = working_group("extra-group")
        self.organisation = Organisation.objects.get(code="isles-of-scilly-council")
        self.record = initiative("Extra record", lead="derbyshire-police")
        self.marks = {
            "user": self.victim.pk,
            "organisation": self.organisation.pk,
            "group": self.group.pk,
            "initiative": self.record.pk,
        }

    def values(self) -> dict[str, str]:
        """A value for every column and relation of every model of ours."""
        told: dict[str, str] = {}
        for model in apps.get_app_config("register").get_models():
            for column in model._meta.get_fields():
                if isinstance(column, models.Field):
                    told |= self._of(column)
        return told | {"is_staff": "true", "is_superuser": "true", "pk": str(NUMBER), "id": str(NUMBER)}

    def _of(self, column: models.Field) -> dict[str, str]:
        if isinstance(column, models.ForeignKey):
            kinds = {
                "User": self.victim.pk, "Organisation": self.organisation.pk, "WorkingGroup": self.group.pk,
                "Initiative": self.record.pk,
            }  # fmt: skip
            value = str(kinds.get(column.related_model.__name__, NUMBER))
            return {column.name: value, column.attname: value}
        if isinstance(column, models.BooleanField):
            return {column.name: "true"}
        if isinstance(column, models.DateField):  # a moment too
            return {column.name: f"{DAY} 00:00" if isinstance(column, models.DateTimeField) else DAY}
        if isinstance(column, models.IntegerField):
            return {column.name: str(NUMBER)}
        if column.choices:
            return {column.name: str(list(column.choices)[-1][0])}
        return {column.name: WORD}


def rows_after(last: int) -> list[tuple[str, str, dict[str, Any], Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, operation, after, actor_id FROM register_change WHERE id > %s ORDER BY id",
            [last],
        )
        return [
            (table, how, json.loads(after) if isinstance(after, str) else after or {}, actor)
            for table, how, after, actor in cursor.fetchall()
        ]


def last_row() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM register_change")
        return int(cursor.fetchone()[0])


def taken_over(rows: list[tuple[str, str, dict[str, Any], Any]], extra: Extra) -> list[str]:
    """What of the values sent along stands in the ledger."""
    found = []
    for table, how, after, actor in rows:
        if how == "N":
            continue
        for column, value in after.items():
            told = str(value)
            its_user = column.endswith(("_by_id", "user_id", "person_id")) and value == extra.victim.pk
            its_body = column == "organisation_id" and value == extra.organisation.pk
            its_group = column == "group_id" and value == extra.group.pk
            its_record = column.startswith("initiative_id") and value == extra.record.pk
            if (
                WORD in told
                or DAY in told
                or told == str(NUMBER)
                or its_user
                or its_body
                or its_group
                or its_record
            ):
                found.append(f"{table}.{column} = {told}")
        if after.get("role") in FOR_REGISTER or actor == extra.victim.pk:
            found.append(f"{table} {how} by {actor}: {after}")
    return found


@pytest.fixture
def extra(world: World) -> Extra:
    return Extra()


def target_of(form: Form, address: str) -> str:
    path = urlsplit(form.action).path if form.action else ""
    return path or address.split("?")[0]


def test_no_form_takes_what_it_does_not_ask_for(world: World, extra: Extra, attack: Attack) -> None:
    client, values = world.client("opener"), extra.values()
    seen, wrote = set(), set()
    for name, address in pages():
        answer = client.get(address)
        if answer.status_code != 200 or answer.streaming:
            continue
        for form in posting_forms(body(answer)):
            target = target_of(form, address)
            kind = (resolve(target).view_name, tuple(sorted(form.names)))
            if kind in seen or target in NOT_OF_THE_PAGE:
                continue
            seen.add(kind)
            sent = {key: value for key, value in values.items() if key not in form.names}
            attack(
                "mass assignment", f"{len(sent)} columns to {resolve(target).view_name} {sorted(form.names)}"
            )
            last = last_row()
            with transaction.atomic():
                told = form.filled()
                for field in form.text_fields():
                    told[field] = told[field] if any(told.get(field, [])) else ["A text"]
                button = dict([form.buttons[0]]) if form.buttons else {}
                done = client.post(target, sent | told | button)
                assert done.status_code < 500, (name, target)
                rows = rows_after(last)
                transaction.set_rollback(True)
            assert taken_over(rows, extra) == [], (name, target)
            if rows:
                wrote.add(kind[0])
    assert len(seen) > 30
    # Or it would prove nothing.
    assert len(wrote) > 12, sorted(wrote)


def test_the_detector_knows_what_was_sent_along(world: World, extra: Extra) -> None:
    last = last_row()
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    with origin("test"), recorded(by=None):
        Initiative.objects.filter(pk=record.pk).update(created_by=extra.victim, owner=WORD)
        RoleGrant.objects.create(user=extra.victim, role="administrator")
    found = " ".join(taken_over(rows_after(last), extra))
    assert "created_by_id" in found
    assert "owner" in found
    assert "register_rolegrant" in found
    assert User.objects.filter(pk=extra.victim.pk).exists()
