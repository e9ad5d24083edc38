"""What is said of a note: of a record, to read on after its title; of anything else, after who it was."""

from register.core.noted import Noted
from register.history.models import Change
from register.history.sayings.common import Said

OF_A_RECORD: dict[str, str] = {
    Noted.OPENED_DRAFT: "was opened, a draft",
    Noted.OPENED_SENSITIVE: "was opened, a sensitive record",
    Noted.OPENED_DOCUMENT: "had a document opened",
}


def noted(change: Change) -> Said:
    kind = change.table_name
    words = str(Noted(kind).label) if kind in Noted else kind.replace("_", " ")
    return Said(kind, OF_A_RECORD.get(kind, words) if change.root_id else words)
