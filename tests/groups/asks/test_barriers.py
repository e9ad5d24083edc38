"""Which barriers an ask takes in, who is told of them, and who must not be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from register.accounts.services import grant_role
from register.core.dates import LimitedDate
from register.groups.asking import ask_rows, history_of, what_would_remove_them
from register.groups.models import Ask
from register.groups.services import (
    Outcome,
    change_ask,
    close_ask,
    draw_up_ask,
    mark_as_asked,
    set_remit,
    withdraw_ask,
)
from register.history.events import net
from register.history.models import Change
from register.history.since import changed_since
from register.initiatives.services import change_barrier, change_standing, delete_initiative
from tests.factories import TODAY, initiative, organisation, person
from tests.groups.asks.support import HOME, NEW, of_ask, offered, text, ticked, written
from tests.groups.support import (
    ask,
    barrier,
    do,
    somebody,
)

pytestmark = pytest.mark.django_db


def test_filtering_keeps_what_is_ticked_and_typed_and_saves_nothing(client: Client, group: Any) -> None:
    law = barrier(initiative(), "A law", category="legislation", remover="government")
    wall = barrier(initiative(), "A wall", category="governance", remover="local")
    radio = barrier(initiative("Radio masts"), "A mast", category="governance", remover="regional")
    client.force_login(somebody("chair", group))
    before = Change.objects.count()

    def shown(**narrow: str) -> list[int]:
        told = written(law, title="Typed", what="Typed by hand.", **narrow)
        del told["save"]
        answer = client.post(NEW, told | {"find": "1"})
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "to put right" not in html
        assert ticked(html) == [law.pk]
        assert 'value="Typed"' in html
        assert "Typed by hand.</textarea>" in html
        assert 'value="Home Office"' in html
        return offered(html)

    assert set(shown()) == {wall.pk, radio.pk}
    assert shown(category="governance", remover="local") == [wall.pk]
    assert shown(remover="regional") == [radio.pk]
    assert shown(words="radio mast") == [radio.pk]
    assert shown(words="%") == []
    assert set(shown(category="nonsense")) == {wall.pk, radio.pk}
    assert offered(text(client, f"{NEW}?remover=local")) == [wall.pk]
    assert Change.objects.count() == before


def test_what_is_asked_follows_the_barriers_until_somebody_writes_it(client: Client, group: Any) -> None:
    one = barrier(initiative(), remedy="First remedy.")
    two = barrier(initiative(), remedy="Second remedy.")
    client.force_login(somebody("chair", group))
    told = written(one, two, what="First remedy.", suggested="First remedy.", find="1")
    del told["save"]
    assert "First remedy.\nSecond remedy.</textarea>" in client.post(NEW, told).content.decode()
    told["what"] = "My own words."
    assert "My own words.</textarea>" in client.post(NEW, told).content.decode()


def test_fifty_are_shown_and_the_others_counted(client: Client, group: Any) -> None:
    record = initiative()
    for number in range(53):
        barrier(record, f"Wall {number}")
    client.force_login(somebody("chair", group))
    html = text(client, NEW)
    assert len(offered(html)) == 50
    assert "And 3 more" in html


def test_only_open_barriers_of_the_remit_are_offered(client: Client, group: Any) -> None:
    do(set_remit, group=group, name="Fleet", parameters={"area": ["fleet"], "remover": ["local"]})
    mine = barrier(initiative("Mine"), "Mine", remover="local")
    barrier(initiative("Mine"), "For others to remove", remover="regional")
    barrier(initiative(areas=["estates"]), "Outside", remover="local")
    closed = initiative("Closed")
    barrier(closed, "Of a closed one", remover="local")
    do(
        change_standing, initiative=closed, to_standing="closed", standing_reason="superseded", standing_text="Over.",
        happened=LimitedDate(TODAY),
        on=TODAY,
    )  # fmt: skip
    over = barrier(initiative("Over"), "Over", remover="local")
    do(change_barrier, barrier=over, version=None, state="removed", resolved_on=TODAY, on=TODAY)
    client.force_login(somebody("chair", group))
    assert offered(text(client, NEW)) == [mine.pk]
    html = client.post(NEW, written(over)).content.decode()
    assert "no longer open" in html


def test_a_barrier_that_a_reader_may_not_see_is_nowhere(client: Client, group: Any) -> None:
    record = initiative("Secret site", audience="partners")
    hidden = barrier(record, "Hidden wall", remedy="Hidden remedy.")
    seen = barrier(initiative("Open site"), "Open wall", remedy="Open remedy.")
    made = ask(group, [hidden, seen])
    insider = somebody("chair", group)
    do(grant_role, user=insider, role="contributor", organisation=organisation("derbyshire-police"))
    do(change_ask, by=insider, ask=made, version=None, barriers=[seen])
    do(change_ask, by=insider, ask=made, version=None, barriers=[seen, hidden])
    client.force_login(somebody("chair", group))
    pages = [HOME, f"{HOME}{made.pk}/", f"{HOME}{made.pk}/edit/", f"{NEW}?barrier={hidden.pk}"]
    pages += [f"{HOME}{made.pk}/asked/", f"{HOME}{made.pk}/withdraw/"]
    for page in pages:
        html = text(client, page)
        assert not re.search("Hidden|Secret", html), page
        assert f'value="{hidden.pk}"' not in html, page
    row = text(client, HOME).split("<tbody")[1]
    assert re.findall(r">(\d+)<span", row) == ["1", "1"]
    html = text(client, f"{HOME}{made.pk}/")
    assert "A barrier was taken in: Open wall" in html
    assert "2 barriers" not in html
    assert "taken out" not in html
    html = client.post(NEW, written(hidden)).content.decode()
    assert not re.search("Hidden|Secret", html)
    # The one who may see it reads it all.
    client.force_login(insider)
    assert "Hidden wall" in text(client, f"{HOME}{made.pk}/")
    assert [row.held_up for row in ask_rows(group, insider, on=TODAY)] == [2]


def test_nobody_takes_in_what_they_may_not_see(group: Any) -> None:
    hidden = barrier(initiative(audience="partners"))
    chair = somebody("chair", group)
    with pytest.raises(ValidationError):
        do(
            draw_up_ask, by=chair, group=group, title="T", what="W", addressee=organisation("home-office"),
            barriers=[hidden],
        )  # fmt: skip
    made = ask(group, [barrier(initiative())])
    with pytest.raises(ValidationError):
        do(change_ask, by=chair, ask=made, version=None, barriers=[hidden])
    assert Ask.objects.count() == 1


def test_what_an_editor_does_not_see_stays_in_the_ask(client: Client, group: Any) -> None:
    hidden = barrier(initiative(audience="partners"), "Hidden wall")
    made = ask(group, [hidden, barrier(initiative(), "Open wall")])
    fence = barrier(initiative(), "A fence")
    client.force_login(somebody("chair", group))
    answer = client.post(f"{HOME}{made.pk}/edit/", written(fence, version=str(made.version)))
    assert answer.status_code == 302
    assert of_ask(made) == {"Hidden wall", "A fence"}


def test_a_deleted_records_barrier_is_seen_no_more(client: Client, group: Any) -> None:
    record = initiative("Gone")
    made = ask(group, [barrier(record, "Gone wall")])
    do(delete_initiative, initiative=record, at=date_time(), reason="Twice")
    client.force_login(somebody("administrator", group))
    html = text(client, f"{HOME}{made.pk}/")
    assert "Gone wall" not in html
    assert "None that you may see." in html


def date_time() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_the_form_suggests_only_what_everyone_at_the_table_may_read(client: Client, group: Any) -> None:
    """A partner in the chair sees more than the group does; what the group reads is written from what it sees."""
    closed = barrier(initiative("Closed", audience="partners"), remedy="Only for partners.")
    named = barrier(
        initiative("Named", audience="partners_and_groups", named_groups=[group]), remedy="For the group too."
    )
    chair = somebody("chair", group)
    do(grant_role, user=chair, role="contributor", organisation=organisation("derbyshire-police"))
    assert what_would_remove_them(group, [closed, named]) == "For the group too."
    client.force_login(chair)
    html = text(client, f"{NEW}?barrier={closed.pk}&barrier={named.pk}")
    assert set(ticked(html)) == {closed.pk, named.pk}
    assert re.search(r"<textarea[^>]*>\s*For the group too.</textarea>", html)


def test_choosing_what_some_may_not_see_says_who_they_are_before_it_is_saved(
    client: Client, group: Any
) -> None:
    hidden = barrier(initiative("Closed site", audience="partners"), "A wall")
    other = barrier(initiative(), "A fence")
    chair = somebody("chair", group, name="Ada Chair")
    do(grant_role, user=chair, role="contributor", organisation=organisation("derbyshire-police"))
    somebody("group_member", group, name="Mo Member")
    insider = somebody("secretary", group, name="Ivy Insider")
    do(grant_role, user=insider, role="reader", organisation=organisation("derbyshire-fire"))
    client.force_login(chair)
    assert "may see this record" not in text(client, f"{NEW}?barrier={other.pk}")
    html = text(client, f"{NEW}?barrier={hidden.pk}")
    assert "Closed site: not seen by Mo Member</li>" in html
    # Ticked only now: the first attempt warns and keeps it all, the second saves.
    answer = client.post(NEW, written(hidden, other))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Closed site: not seen by Mo Member</li>" in html
    assert 'href="#hidden"' in html
    assert set(ticked(html)) == {hidden.pk, other.pk}
    assert not Ask.objects.exists()
    warned = re.findall(r'name="warned" value="(\d+)"', html)
    assert client.post(NEW, written(hidden, other, warned=warned)).status_code == 302
    assert of_ask(Ask.objects.get()) == {"A wall", "A fence"}


def test_a_page_with_a_sensitive_record_on_it_carries_the_marking(client: Client, group: Any) -> None:
    record = initiative(
        "Guarded", audience="partners_and_groups", marking="official_sensitive", named_groups=[group]
    )
    made = ask(group, [barrier(record)])
    client.force_login(somebody("chair", group))
    for page in (f"{HOME}{made.pk}/", f"{HOME}{made.pk}/edit/", NEW):
        assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in text(client, page), page
    assert '<span class="bl-official">OFFICIAL</span>' in text(client, HOME)


def test_a_records_history_does_not_tell_what_a_group_asks(group: Any) -> None:
    """Its readers may be no readers of the group: they learn that there is an ask, whose, and of whom."""
    keeper = somebody("chair", group)
    do(grant_role, user=keeper, role="contributor", organisation=organisation("derbyshire-police"))
    wall = barrier(initiative())
    made = ask(group, [wall], "asked", title="Our secret title", what="Our secret words")
    do(
        close_ask, by=keeper, ask=made, version=None, closed_on=TODAY, on=TODAY, ending="done_as_asked",
        ending_text="Our secret end", outcomes=[Outcome(wall, wall.version, "removed")],
    )  # fmt: skip
    told = list(Change.objects.of(wall.initiative).values_list("reason", "after"))
    assert any(
        "The Eastern group’s ask of Home Office was closed: done as asked." in reason for reason, _ in told
    )
    assert "secret" not in str(told)


def everywhere_told(client: Client, record: Any) -> str:
    """All that a reader of the record is told of what happened to it."""
    pages = [
        f"/initiatives/{record.reference}/",
        f"/initiatives/{record.reference}/history/",
        "/history/",
        "/",
    ]
    told = "".join(text(client, page) for page in pages)
    since = changed_since({record.pk: datetime(2026, 1, 1, tzinfo=UTC)}, person("reader"), known=[record])
    events = net(Change.objects.filter(root_id=record.pk))
    return told + str(since) + str(events)


def test_a_draft_is_told_to_nobody_outside_the_group_until_it_is_asked(
    client: Client, group: Any, clock: Any
) -> None:
    record = initiative()
    walls = [barrier(record, title) for title in ("A wall", "A fence")]
    chair, reader = somebody("chair", group), somebody("reader", group)
    record.refresh_from_db()
    changed_at = record.changed_at
    clock.set("2026-11-23 09:20")
    made = ask(group, walls)
    do(change_ask, by=chair, ask=made, version=None, barriers=walls[:1])
    record.refresh_from_db()
    assert record.changed_at == changed_at
    client.force_login(reader)
    told = everywhere_told(client, record)
    assert "A wall" in told
    for words in ("an ask by", "an ask of", "Home Office", "Eastern group’s ask"):
        assert words not in told, words

    client.force_login(chair)
    html = text(client, f"{HOME}{made.pk}/")
    assert "2 barriers were taken in" in html
    assert "A barrier was taken out" in html

    clock.set("2026-11-23 09:30")
    do(mark_as_asked, by=chair, ask=made, version=None, asked_on=TODAY, on=TODAY)
    again = text(client, f"{HOME}{made.pk}/")
    assert again.count("taken in") == html.count("taken in")
    assert again.count("taken out") == html.count("taken out")
    record.refresh_from_db()
    assert record.changed_at > changed_at
    client.force_login(reader)
    told = everywhere_told(client, record)
    said = "a barrier was taken into an ask by the Eastern group of Home Office: A wall"
    assert told.lower().count(said.lower()) >= 4
    assert "of Home Office: A fence" not in told

    do(change_ask, by=chair, ask=made, version=None, barriers=walls)
    assert said.replace("A wall", "A fence") in everywhere_told(client, record)


def test_a_draft_that_was_withdrawn_was_never_told(group: Any) -> None:
    record = initiative()
    do(withdraw_ask, ask=ask(group, [barrier(record)]), version=None)
    assert not Change.objects.of(record).filter(table_name="register_askbarrier").exists()


def test_the_history_of_an_ask_is_its_own(group: Any) -> None:
    walls = [barrier(initiative(), f"Wall {number}") for number in range(3)]
    first, second = ask(group, walls[:2], title="First"), ask(group, walls[2:], title="Second")
    reader = somebody("group_member", group)
    told = [row.event.sentence for row in history_of(first, reader)]
    assert told == [
        "2 barriers were taken in: Wall 0; Wall 1",
        "the ask of Home Office was drawn up: First",
    ]
    assert "a barrier was taken in: Wall 2" in [row.event.sentence for row in history_of(second, reader)]
