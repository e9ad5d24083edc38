"""The write doors of agreements, documents and sources, and of taking anything off a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from register.accounts.roles import Permission
from register.core.files import Accepted
from register.core.tracking import write_door
from register.initiatives.models import (
    Agreement,
    AgreementParty,
    Benefit,
    Document,
    Initiative,
    SavingLine,
    Source,
)
from register.initiatives.services.common import (
    create,
    locked,
    must_be_allowed,
    save_new_version,
    settle_no_figure,
)

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation


@write_door
def add_document(
    *, by: User | None, initiative: Initiative, title: str, link: str = "", file: Accepted | None = None
) -> Document:
    """A link or a file that was looked at, one of the two. Who may see the record may see it, asked each time."""
    must_be_allowed(by, Permission.EDIT, initiative)
    if bool(link) == bool(file):
        raise ValidationError({"link": "Give a link or choose a file, one of the two."})
    kept = {"file": file.content, "file_name": file.name} if file else {}
    return create(Document, initiative=initiative, title=title, link=link, **kept)


@write_door
def change_document(*, by: User | None, document: Document, version: int | None, **fields: Any) -> Document:
    current = locked(document, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    save_new_version(current, fields)
    return current


@write_door
def add_agreement(
    *, by: User | None, initiative: Initiative, parties: Sequence[Organisation], **fields: Any
) -> Agreement:
    must_be_allowed(by, Permission.EDIT, initiative)
    _check_dates(**fields)
    agreement = create(Agreement, initiative=initiative, **fields)
    _set_parties(agreement, parties)
    return agreement


@write_door
def change_agreement(
    *,
    by: User | None,
    agreement: Agreement,
    version: int | None,
    parties: Sequence[Organisation],
    **fields: Any,
) -> Agreement:
    current = locked(agreement, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    _check_dates(**fields)
    save_new_version(current, fields)
    _set_parties(current, parties)
    return current


def _check_dates(
    signed_on: date | None = None, review_on: date | None = None, ends_on: date | None = None, **others: Any
) -> None:
    for field, day in (("review_on", review_on), ("ends_on", ends_on)):
        if signed_on and day and day < signed_on:
            raise ValidationError({field: f"That is before it was signed ({signed_on:%-d %B %Y})."})


def _set_parties(agreement: Agreement, parties: Sequence[Organisation]) -> None:
    have = {link.organisation_id: link for link in agreement.party_links.all()}
    for pk in have.keys() - {party.pk for party in parties}:
        have[pk].delete()
    for party in parties:
        if party.pk not in have:
            create(AgreementParty, agreement=agreement, organisation=party)


@write_door
def cite_source(
    *, by: User | None, initiative: Initiative, citation: str, link: str = "", is_unverified: bool = False
) -> Source:
    """A publication that the record was compiled from."""
    must_be_allowed(by, Permission.EDIT, initiative)
    return create(Source, initiative=initiative, citation=citation, link=link, is_unverified=is_unverified)


@write_door
def remove_from_record(*, by: User | None, row: Any, reason: str = "") -> None:
    """Take a benefit, line, barrier, milestone, agreement, document, update … off its record.

    The ledger keeps what it said; a document's file goes for good. `row.initiative` must lead to the record.
    """
    initiative = row.initiative
    must_be_allowed(by, Permission.EDIT, row if hasattr(row, "permission_scope") else initiative)
    # A benefit takes its lines with it.
    lines = {SavingLine: {"pk": row.pk}, Benefit: {"benefit": row}}.get(type(row))
    for line in SavingLine.objects.filter(**lines).select_related("benefit__initiative") if lines else ():
        must_be_allowed(by, Permission.VERIFY_MONEY if line.verified_on else Permission.EDIT, line)
    if isinstance(row, Document) and row.file:
        transaction.on_commit(partial(row.file.storage.delete, str(row.file.name)))
    row.delete()
    settle_no_figure(initiative)
