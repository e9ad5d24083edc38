"""The covering note: what a group's secretary says above its digest.

It waits for the next edition that has something to say, and from then on belongs to that one and stays as it is. A
note alone makes no news: past a quiet week it waits for the next.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.forms import clean_text
from register.core.tracking import recorded, write_door
from register.digests.models import CoveringNote, Edition


def waiting_note(group: WorkingGroup) -> CoveringNote | None:
    """The note to the group's next edition."""
    return CoveringNote.objects.filter(group=group, edition=None).select_related("written_by").first()


def note_of(edition: Edition) -> CoveringNote | None:
    """The note to an edition; to a preview, the one that waits."""
    if edition.group is None:
        return None
    if edition.is_preview:
        return waiting_note(edition.group)
    return CoveringNote.objects.filter(edition=edition).select_related("written_by").first()


@write_door
def write_covering_note(
    *, by: User | None, group: WorkingGroup, text: str, at: datetime, version: int | None = None
) -> CoveringNote:
    """Say something above the group's next digest, or say it anew. Who wrote last is whose note it is.

    EditConflictError if somebody else wrote it since `version`, or wrote one where there was none (version 0);
    ValidationError for a text that is empty, too long or marked higher than the register holds.
    """
    _may(by, group)
    note = _locked(group)
    if version is not None and note is not None and version != note.version:
        raise EditConflictError(note)
    if note is None:
        if version:
            raise ValidationError(
                "The note that you were changing has gone out, or somebody removed it. Save this one if it is to stand "
                "above the next digest."
            )
        note = CoveringNote(group=group)
    else:
        note.version += 1
    note.text, note.written_by, note.written_at = clean_text(text).strip(), by, at
    note.full_clean(validate_constraints=False)
    note.save()
    return note


@write_door
def remove_covering_note(*, by: User | None, group: WorkingGroup, version: int | None = None) -> bool:
    """Take back the note to the next edition. False (and nothing) when none waits: it may have gone out.

    EditConflictError if somebody else wrote it since `version`.
    """
    _may(by, group)
    note = _locked(group)
    if note is None:
        return False
    if version is not None and version != note.version:
        raise EditConflictError(note)
    note.delete()
    return True


def give_note_to(edition: Edition) -> None:
    """The note that waits belongs to this edition from now on. Called in the transaction that builds it."""
    if edition.group is None:
        return
    note = CoveringNote.objects.select_for_update().filter(group=edition.group, edition=None).first()
    if note is not None:
        with recorded(by=None):
            note.edition = edition
            note.save(update_fields=["edition"])


def _locked(group: WorkingGroup) -> CoveringNote | None:
    """The waiting note, nobody else's to write until this ends: the group's row keeps two first ones apart."""
    WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    return CoveringNote.objects.select_for_update().filter(group=group, edition=None).first()


def _may(by: User | None, group: WorkingGroup) -> None:
    if by is not None:
        require(by, Permission.MANAGE_GROUP, group)
