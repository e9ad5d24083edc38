"""Two people of a group do the same at the same moment: with commits and threads."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from register.groups.models import Ask, Decision, Meeting, ReviewFlag
from register.groups.services import arrange_meeting, draw_up_ask, flag_for_review, record_decision
from tests.factories import TODAY, initiative, organisation, person, working_group
from tests.groups.support import barrier, decided, flagged
from tests.support.at_once import at_once


def test_of_two_decisions_at_once_one_settles_the_flag_and_the_other_is_told(fresh_database: Any) -> None:
    group = working_group("eastern")
    record, chairs = initiative(), [person("chair", group=group), person("secretary", group=group)]
    flagged(group, record)
    found = at_once(
        [
            partial(
                record_decision,
                by=by,
                initiative=record,
                group=group,
                outcome="stop",
                reasons="No.",
                decided_on=TODAY,
                on=TODAY,
                seen=0,
            )
            for by in chairs
        ]
    )
    [decision] = [one for one in found if isinstance(one, Decision)]
    [refused] = [one for one in found if isinstance(one, ValidationError)]
    assert "recorded a decision on this initiative" in refused.messages[0]
    assert ReviewFlag.objects.get().settled_by == decision


def test_of_two_corrections_at_once_one_stands(fresh_database: Any) -> None:
    group, record = working_group("eastern"), initiative()
    earlier = decided(group, record)
    found = at_once([lambda: decided(group, record, corrects=earlier)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["Decision", "ValidationError"]
    assert Decision.objects.filter(corrects=earlier).count() == 1


def test_of_two_flags_at_once_one_stands(fresh_database: Any) -> None:
    group, record = working_group("eastern"), initiative()
    found = at_once([lambda: flag_for_review(by=None, initiative=record, group=group, why="Look.")] * 2)
    assert sorted(type(one).__name__ for one in found) == ["ReviewFlag", "ValidationError"]
    assert ReviewFlag.objects.count() == 1


def test_a_draft_that_is_sent_several_times_at_once_is_one_draft(fresh_database: Any) -> None:
    group, walls = working_group("eastern"), [barrier(initiative(), title) for title in ("A wall", "A fence")]
    told = {"title": "Change the rule", "what": "Please.", "addressee": organisation("home-office")}
    found = at_once([partial(draw_up_ask, by=None, group=group, barriers=walls, **told)] * 3)
    assert {ask.pk for ask in found} == {Ask.objects.get().pk}
    # Other barriers are another ask.
    assert at_once([partial(draw_up_ask, by=None, group=group, barriers=walls[:1], **told)])[0] not in found


def test_of_two_meetings_at_one_time_one_is_arranged_and_the_other_told_why(fresh_database: Any) -> None:
    group = working_group("eastern")
    starts_at = datetime(2027, 1, 14, 10, tzinfo=UTC)
    found = at_once([partial(arrange_meeting, by=None, group=group, starts_at=starts_at)] * 2)
    [refused] = [one for one in found if not isinstance(one, Meeting)]
    assert refused.messages == ["The group meets then already. Choose another time."]
