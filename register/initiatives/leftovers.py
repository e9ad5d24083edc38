"""Files that no document names: their transaction was undone, or the program was killed before it removed them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from register.initiatives.models import Document

logger = logging.getLogger(__name__)

# More than this share of all that is kept, and more than so many files, are no leftovers: the folder, or the database,
# is another one than it should be, and nothing is removed.
MOST_SHARE, ALWAYS = 0.1, 20


def remove_leftovers(*, before: datetime) -> int:
    """Remove what no document names and what was last written `before` then. Returns how many files went."""
    storage: Any = Document._meta.get_field("file").storage
    # The files first: one that is added meanwhile is not among them.
    there = list(_files(storage))
    named = set(Document._base_manager.exclude(file="").values_list("file", flat=True))
    loose = [path for path in there if path not in named]
    if len(loose) > max(ALWAYS, MOST_SHARE * len(there)):
        logger.error(
            "%s of %s files belong to no document: is this the right folder? None was removed.",
            len(loose),
            len(there),
        )
        return 0
    old = [path for path in loose if storage.get_modified_time(path) < before]
    for path in old:
        storage.delete(path)
    if old:
        logger.info("%s files that belonged to no document were removed", len(old))
    return len(old)


def _files(storage: Any) -> Iterator[str]:
    """Every kept file: they are in folders of one depth, one for each initiative."""
    if storage.exists(""):
        for folder in storage.listdir("")[0]:
            yield from (f"{folder}/{name}" for name in storage.listdir(folder)[1])
