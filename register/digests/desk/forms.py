"""What the secretary says above the next digest."""

from __future__ import annotations

from typing import Any

from django import forms

from register.core.forms import RegisterForm, TextField
from register.digests.models import CoveringNote


class NoteForm(RegisterForm):
    """What the secretary says above the next digest."""

    text = TextField(
        max_length=CoveringNote.MOST,
        rows=6,
        label="Covering note",
        help_text="Everybody who gets the next digest reads it, above what changed, with your name. Plain text, at "
        f"most {CoveringNote.MOST} characters; leave out what only some of them may know.",
        error_messages={"required": "Write what you want to say, or remove the note"},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(note: CoveringNote | None) -> dict[str, Any]:
        return {"text": note.text, "version": note.version} if note else {"text": "", "version": 0}
