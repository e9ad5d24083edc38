"""Which tables and columns the ledger holds: everything that people edit, and nothing of who people are."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client

from register.accounts.models import PRIVATE_COLUMNS, User
from register.accounts.services import change_person, erase_person
from register.core.tracking import origin
from register.history.columns import COLUMNS
from register.history.events import fold
from register.history.folding import LINKS
from register.history.lookup import PAIRS
from register.history.models import Change
from register.history.sayings import SAYERS
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.factories import TODAY, initiative, person
from tests.history.support import do, so_far

# Why each of these is not in the ledger.
UNTRACKED = {
    "CatalogueEntry": "derived from what is tracked, by the database",
    "CatalogueWords": "the same",
    "TalliedBlock": "the same, by the catalogue",
    "Untallied": "the same, by the database",
    "Change": "it is the ledger",
    "Seal": "it proves the ledger, and only the database adds to it",
    "Edition": "frozen when built, by the register itself; schedules are tracked",
    "EditionItem": "frozen words of an edition",
    "Delivery": "what the register sends; a choice not to get it is tracked",
    "ChaseRound": "when the register asked; what it asked about is tracked",
    "Chase": "what the register sends",
    "ChaseItem": "which records an email asks about",
    "Letter": "what the register sends about accounts; what it is about is tracked",
    "Restoration": "of the database itself, told by a command of who runs it",
    "RefusedAddress": "what mail servers answered, by a hash",
    "ViewFollow": "what somebody reads along changes nothing in the register, and is nobody else's business",
    "InitiativeFollow": "the same",
}
PRIVATE_KINDS = (models.EmailField,)
PRIVATE_NAMES = {
    "password",
    "email",
    "telephone",
    "phone",
    "mobile",
    "last_login",
    "last_seen_at",
    "secret",
    "token",
}


def tracked_models() -> list[type[models.Model]]:
    return [m for m in apps.get_app_config("register").get_models() if _trigger(m) is not None]


def _trigger(model: type[models.Model]) -> object:
    return next(
        (trigger for trigger in getattr(model._meta, "triggers", []) if trigger.name == "track"), None
    )


def excluded(model: type[models.Model]) -> set[str]:
    """The columns that the trigger in the database leaves out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
            [model._meta.db_table, "pgtrigger_track_%"],
        )
        [(definition,)] = cursor.fetchall()
    listed = definition.rsplit("'{", 1)[1].split("}'")[0]
    return {name for name in listed.split(",") if name}


def test_every_model_is_tracked_or_says_why_not() -> None:
    every = apps.get_app_config("register").get_models(include_auto_created=True)
    assert {model.__name__ for model in every if _trigger(model) is None} == set(UNTRACKED)


def test_every_tracked_table_has_its_trigger_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s AND tgenabled = 'O'"
            " AND tgfoid = 'register_track'::regproc",
            ["pgtrigger_track_%"],
        )
        tables = {table for (table,) in cursor.fetchall()}
    assert tables == {model._meta.db_table for model in tracked_models()}


@pytest.mark.parametrize("model", tracked_models(), ids=lambda model: model.__name__)
def test_no_secret_and_no_contact_of_anybody_is_tracked(db: None, model: type[models.Model]) -> None:
    private = {
        field.column
        for field in model._meta.concrete_fields
        if isinstance(field, PRIVATE_KINDS) or field.column in PRIVATE_NAMES
    }
    if model is User:
        private |= set(PRIVATE_COLUMNS)
    assert private <= excluded(model)


def test_every_column_of_a_person_is_private_or_says_nothing_of_who_they_are() -> None:
    harmless = {"id", "public_id", "is_active", "joined_at", "paused_at", "is_kept_out", "erased_at"}
    assert {field.column for field in User._meta.concrete_fields} == harmless | set(PRIVATE_COLUMNS)


def test_what_is_written_of_a_person_holds_none_of_the_private_columns(db: None) -> None:
    person("administrator")  # the last one stays
    last = so_far()
    user = person("administrator", name="Asha Patel", email="asha@example.org")
    do(
        change_person,
        user=user,
        email="asha.patel@example.org",
        name="Asha P",
        telephone="01332 1",
        is_active=False,
    )
    changes = Change.objects.filter(pk__gt=last)
    assert {change.table_name for change in changes} == {"register_user", "register_rolegrant"}
    for change in changes:
        held = {*(change.before or {}), *(change.after or {})}
        assert not held & set(PRIVATE_COLUMNS)
    assert "asha" not in json.dumps([[c.before, c.after] for c in changes]).lower()


def test_erasing_a_person_leaves_history_whole_and_nameless(db: None, client: Client) -> None:
    author = person("contributor", at="derbyshire-police", name="Asha Patel", email="asha@example.org")
    record = initiative(by=author)
    do(edit_initiative, by=author, initiative=record, version=None, on=TODAY, depth="co_location")
    before = list(Change.objects.of(record).order_by("pk").values())
    with origin("test"):
        erase_person(by=None, user=author, at=datetime(2026, 11, 23, tzinfo=UTC))
    *told, handed_over = Change.objects.of(record).order_by("pk").values()
    assert told == before
    assert handed_over["after"]["created_by_id"] is None
    by = {(event.actor_id, event.sentence) for event in fold(Change.objects.of(record))}
    assert {actor for actor, _ in by} == {author.pk, None}
    erased = "was handed over from someone who has left to the organisation that leads it"
    assert [sentence for actor, sentence in by if actor is None] == [erased]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM register_change c WHERE c::text ILIKE ANY (ARRAY['%asha%', '%patel%'])"
        )
        assert cursor.fetchone() == (0,)


def of_an_initiative() -> list[type[models.Model]]:
    """The tables whose changes are part of a record's history."""
    names = {"initiative_id", "benefit_id", "agreement_id", "barrier_id"}
    # What is on a meeting's agenda is the meeting's, and said of no record.
    return [
        model
        for model in tracked_models()
        if model.__name__ != "AgendaItem"
        if model is Initiative or {field.column for field in model._meta.concrete_fields} & names
    ]


# Columns that no reader is shown: what a row hangs on, who wrote it (told as who did it), its keeping.
NEVER_SHOWN = {
    "id", "version", "number", "created_at", "created_by_id", "changed_at", "initiative_id", "benefit_id",
    "agreement_id", "barrier_id", "ask_id", "meeting_id", "author_id", "recorded_by_id", "added_at", "document_id",
    "file", "contact_email", "corrects_id", "notice", "notice_tries", "owner_person_id", "raised_at", "raised_by_id",
    "settled_by_id", "no_answer_on", *PAIRS.values(),
}  # fmt: skip


@pytest.mark.parametrize("model", of_an_initiative(), ids=lambda model: model.__name__)
def test_every_column_of_a_record_is_called_something_or_never_shown(model: type[models.Model]) -> None:
    table = model._meta.db_table
    assert table in SAYERS
    columns = {field.column for field in model._meta.concrete_fields}
    assert columns - NEVER_SHOWN == COLUMNS[table].keys()


def test_links_are_told_by_columns_that_exist() -> None:
    tables = {model._meta.db_table: model for model in tracked_models()}
    for table, columns in LINKS.items():
        assert set(columns) <= {field.column for field in tables[table]._meta.concrete_fields}
