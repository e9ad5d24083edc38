"""Two secretaries step down at the same moment: one of them stays."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from register.accounts.models import RoleGrant
from register.groups.services import remove_from_group
from tests.factories import person, working_group
from tests.groups.support import do


def test_of_two_secretaries_who_step_down_at_once_one_stays(fresh_database: Any) -> None:
    group = working_group()
    secretaries = [person("secretary", group=group) for _ in range(2)]
    start, ends = Barrier(2), []

    def step_down(who: Any) -> None:
        start.wait(10)
        try:
            do(remove_from_group, by=who, group=group, user=who)
            ends.append("left")
        except ValidationError:
            ends.append("stayed")
        finally:
            connection.close()

    both = [Thread(target=step_down, args=[who]) for who in secretaries]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(20)
    assert sorted(ends) == ["left", "stayed"]
    assert RoleGrant.objects.filter(group=group, role="secretary").count() == 1
