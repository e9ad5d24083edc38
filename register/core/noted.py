"""What people do that changes no row, and is kept in the ledger all the same."""

from django.db import models


class Noted(models.TextChoices):
    """One kind of note, and how it is told after the name of who did it. `core.tracking.note` writes one.

    A kind is for ever: the ledger holds its code. Roles, invitations and accounts are rows, and so in the ledger
    without a note.
    """

    SIGNED_IN = "signed_in", "signed in"
    SIGN_IN_FAILED = "sign_in_failed", "failed to sign in"
    SIGNED_OUT = "signed_out", "signed out"
    CONFIRMED_IDENTITY = "confirmed_identity", "confirmed who they are"
    SESSION_ENDED = "session_ended", "ended a session"
    HELD_OFF = "held_off", "was made to wait after too many tries"
    PASSWORD_CHANGED = "password_changed", "changed a password"
    EMAIL_CHANGED = "email_changed", "changed an email address"
    FACTOR_ADDED = "factor_added", "added a second factor"
    FACTOR_REMOVED = "factor_removed", "removed a second factor"
    OPENED_DRAFT = "opened_draft", "opened a draft"
    OPENED_SENSITIVE = "opened_sensitive", "opened a sensitive record"
    OPENED_DOCUMENT = "opened_document", "opened a document"
    SENT_AGAIN = "sent_again", "had an email sent again"
    EXPORTED = "exported", "exported the register"
    EXPORTED_LEDGER = "exported_ledger", "exported the ledger"
    EXPORTED_PERSON = "exported_person", "exported what is held of a person"
