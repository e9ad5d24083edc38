"""What the ledger says in words, for each thing that people do to a record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from register.accounts.services import erase_person
from register.core.dates import LimitedDate
from register.history.events import fold, net
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import (
    Part,
    change_standing,
    confirm_still_current,
    delete_initiative,
    edit_initiative,
    move_stage,
    restore_initiative,
)
from register.initiatives.services.handover import hand_over_initiatives
from register.reference.models import AreaOfWork, PoliceArea
from tests.factories import TODAY, initiative, organisation, person, working_group
from tests.history.support import do, one, since, so_far, told

pytestmark = pytest.mark.django_db

ON_THE_DAY = LimitedDate(TODAY, "day")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def record() -> Initiative:
    return initiative()


def edit(record: Initiative, **fields: Any) -> str:
    last = so_far()
    do(edit_initiative, initiative=record, version=None, on=TODAY, **fields)
    return one(last).sentence


def test_a_new_record_was_logged_at_its_stage_and_its_parts_say_nothing_more(record: Initiative) -> None:
    assert told(0)[-1:] == ["was logged at stage agreed"]


def test_a_draft_and_a_record_from_publications_say_so() -> None:
    last = so_far()
    initiative(stage="opportunity", audience="draft")
    initiative(
        lead="", stage="live", compiled_from_sources=True, standing="closed", standing_reason="not_stated",
        standing_text="Not stated in the source",
    )  # fmt: skip
    assert told(last) == [
        "was logged as a draft at stage opportunity",
        "was logged at stage live, closed, from public sources",
    ]


def test_a_stage_move_says_from_where_to_where_and_keeps_why(record: Initiative) -> None:
    last = so_far()
    do(
        move_stage, initiative=record, to_stage="live", happened=LimitedDate(date(2026, 10, 1), "month"),
        on=TODAY, why="Both services moved in.",
    )  # fmt: skip
    event = one(last)
    assert (event.kind, event.heading, event.sentence) == (
        "stage",
        "state_of_play",
        "moved from agreed to live",
    )
    assert event.reason == "Both services moved in."
    assert ("Stage", "Agreed", "Live") in [(d.label, d.before, d.after) for d in event.details]
    assert ("Move: really happened", "", "October 2026") in [
        (d.label, d.before, d.after) for d in event.details
    ]


def stand(record: Initiative, to: str, reason: str = "", text: str = "") -> str:
    last = so_far()
    do(
        change_standing, initiative=record, to_standing=to, happened=ON_THE_DAY, on=TODAY, standing_reason=reason,
        standing_text=text,
    )  # fmt: skip
    event = one(last)
    assert event.kind == "standing"
    assert not text or event.reason == ""
    return event.sentence


def test_pausing_closing_and_declining_give_the_reason_in_the_sentence(record: Initiative) -> None:
    paused = stand(record, "paused", "funding_ended", "The innovation bid failed.")
    assert paused == "was paused, because the innovation bid failed"
    assert stand(record, "active") == "was taken up again"
    # The first word of a reason may be a name: it keeps its letter.
    declined = stand(record, "declined", "partner_withdrew", "Surrey withdrew.")
    assert declined == "was declined, with the reason “Surrey withdrew”"
    assert stand(record, "active") == "was taken up after all"
    closed = stand(record, "closed", "superseded", "the regional team took it over")
    assert closed == "was closed, because the regional team took it over"
    assert stand(record, "active") == "was opened again"


def test_confirming_alone_says_that_it_is_still_current(record: Initiative) -> None:
    last = so_far()
    do(confirm_still_current, initiative=record, on=date(2026, 11, 24))
    event = one(last)
    assert (event.kind, event.sentence) == ("confirmed", "was confirmed still current")


def test_a_new_version_alone_is_never_told(record: Initiative) -> None:
    last = so_far()
    do(edit_initiative, initiative=record, version=None, on=TODAY, title=record.title)
    assert told(last) == []


def test_deleting_gives_its_reason_and_restoring_says_so(record: Initiative) -> None:
    last = so_far()
    do(delete_initiative, initiative=record, reason="It is a double.", at=AT)
    do(restore_initiative, initiative=record)
    restored, deleted = fold(since(last))
    assert (deleted.kind, deleted.sentence, deleted.reason) == ("deleted", "was deleted", "It is a double.")
    assert (restored.kind, restored.sentence) == ("restored", "was restored")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": "One workshop"}, "was renamed; it was “Shared workshop”"),
        ({"summary": "It is long."}, "had its summary written"),
        ({"depth": "shared_service"}, "had its depth set to shared service"),
        ({"owner": "Head of fleet"}, "had its owner set to “Head of fleet”"),
        ({"audience": "partners"}, "can now be seen by its partners only"),
        ({"open_to_replication": True}, "is now open to replication"),
        ({"starts": LimitedDate(date(2024, 4, 1), "month")}, "had its start date set to April 2024"),
        (
            {"summary": "A", "depth": "co_location", "owner": "B"},
            "had its summary, depth and owner changed",
        ),
        (
            {"title": "One workshop", "depth": "co_location"},
            "was renamed; it was “Shared workshop”, and had its depth set to co-location",
        ),
        (
            {"marking": "official_sensitive", "audience": "partners"},
            "was marked OFFICIAL-SENSITIVE, and can now be seen by its partners only",
        ),
    ],
)
def test_an_edit_says_what_it_changed(record: Initiative, fields: dict[str, Any], sentence: str) -> None:
    assert edit(record, **fields) == sentence


def test_a_date_is_told_to_its_precision_though_only_the_date_changed(record: Initiative) -> None:
    edit(record, starts=LimitedDate(date(2014, 1, 1), "year"))
    last = so_far()
    do(
        edit_initiative,
        initiative=record,
        version=None,
        on=TODAY,
        starts=LimitedDate(date(2015, 1, 1), "year"),
    )
    edit(record, starts=LimitedDate(date(2015, 6, 3), "day"))
    assert told(last) == [
        "had its start date changed from 2014 to 2015",
        "had its start date changed from 2015 to 3 June 2015",
    ]


def test_an_edit_keeps_why_it_was_made(record: Initiative) -> None:
    last = so_far()
    do(edit_initiative, initiative=record, version=None, on=TODAY, depth="co_location", reason="A slip.")
    assert one(last).reason == "A slip."


POLICE, FIRE, KENT = "derbyshire-police", "derbyshire-fire", "kent-police"


def partners(*pairs: tuple[str, str]) -> list[Part]:
    return [Part(organisation(code), role) for code, role in pairs]


def test_partners_come_go_and_change_roles_by_name(record: Initiative) -> None:
    police, fire, kent = (organisation(code).name for code in (POLICE, FIRE, KENT))
    came = edit(record, partners=partners((POLICE, "lead"), (FIRE, "party"), (KENT, "observer")))
    assert came == f"now has {kent} as an observer"
    role = edit(record, partners=partners((POLICE, "lead"), (FIRE, "party"), (KENT, "funder")))
    assert role == f"the role of {kent} changed from observer to funder"
    went = edit(record, partners=partners((POLICE, "lead"), (FIRE, "party")))
    assert went == f"no longer has {kent} as a funder"
    swapped = edit(record, partners=partners((FIRE, "lead"), (POLICE, "party")))
    assert swapped == f"is now led by {fire}, in place of {police}"


def test_areas_and_places_are_told_together(record: Initiative) -> None:
    areas = list(
        AreaOfWork.objects.filter(code__in=["fleet", "estates", "ict-and-data"]).order_by("position")
    )
    names = [area.name for area in areas if area.code != "fleet"]
    assert edit(record, areas_of_work=areas) == f"is now tagged {names[0]} and {names[1]}"
    places = list(PoliceArea.objects.filter(slug__in=["kent"]))
    assert edit(record, places=places) == "no longer covers Derbyshire; now covers Kent"


def test_a_named_group_is_told_by_its_name(record: Initiative) -> None:
    group = working_group(name="Eastern group")
    assert edit(record, named_groups=[group]) == "can now be seen by the Eastern group"


def test_who_keeps_it_is_told_by_name_where_it_is_read_now_and_not_where_it_is_kept() -> None:
    lead = organisation("derbyshire-police")
    sam, kim = (person("contributor", at=lead, name=name) for name in ("Sam Okafor", "Kim Bell"))
    record, last = initiative(by=sam), so_far()
    for user, to in ((sam, kim), (kim, None)):
        do(hand_over_initiatives, user=user, organisation=lead, to=to)
    do(erase_person, user=sam, at=AT)
    changes = list(Change.objects.of(record).filter(pk__gt=last))
    assert [event.sentence for event in reversed(fold(changes))] == [
        "was handed over from someone who has left to Kim Bell",
        "was handed over from Kim Bell to the organisation that leads it",
    ]
    assert net(changes) == [], "a digest keeps its sentences, and a name in one could not be erased"
