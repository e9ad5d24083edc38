"""Two people save the same record at the same moment."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

from django.db import connection

from register.core.errors import EditConflictError
from register.initiatives.models import Initiative
from register.initiatives.services import (
    edit_initiative,
)
from tests.factories import TODAY, initiative
from tests.initiatives.support import do


def test_of_two_who_save_at_the_same_moment_one_is_told(fresh_database: Any) -> None:
    record, start, ends = initiative(), Barrier(2), []

    def save(title: str) -> None:
        start.wait(10)
        try:
            do(edit_initiative, record, version=1, on=TODAY, title=title)
            ends.append(title)
        except EditConflictError:
            ends.append("told")
        finally:
            connection.close()

    both = [Thread(target=save, args=[title]) for title in ("One", "Two")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(20)
    [saved] = [end for end in ends if end != "told"]
    assert sorted(ends) == sorted([saved, "told"])
    assert (Initiative.objects.get().title, Initiative.objects.get().version) == (saved, 2)
