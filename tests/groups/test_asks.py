"""Asks: many barriers, one question to one addressee, from a draft until it is closed with its barriers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from register.accounts.services import grant_role
from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.tracking import origin, recorded
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
from register.initiatives.models import Barrier
from register.initiatives.services import change_barrier, change_standing, delete_initiative
from tests.factories import TODAY, initiative, organisation, person
from tests.groups.support import (
    DECIDERS,
    EVERY_ROLE,
    READERS,
    ask,
    barrier,
    do,
    group_of_everything,
    somebody,
)

pytestmark = pytest.mark.django_db

HOME = "/groups/eastern/asks/"
NEW = f"{HOME}new/"


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    return group_of_everything()


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def written(*barriers: Barrier, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Change the rule",
        "what": "Let two services share one licence.",
        "addressee": "Home Office",
        "barrier": [str(one.pk) for one in barriers],
        "save": "1",
    } | fields


def ticked(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="barrier" value="(\d+)" checked', html)]


def offered(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'name="barrier" value="(\d+)">', html)]


def of_ask(made: Ask) -> set[str]:
    return set(made.barriers.values_list("title", flat=True))


# Who may


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_asks_are_read_by_the_group_and_made_by_its_chair_and_secretary(
    client: Client, group: Any, role: str | None
) -> None:
    wall = barrier(initiative())
    states = ("draft", "asked", "answered")
    draft, asked, answered = (ask(group, [wall], state, title=state) for state in states)
    client.force_login(somebody(role, group))
    reads, decides = role in READERS, role in DECIDERS
    for address in (HOME, f"{HOME}{draft.pk}/", f"{HOME}{answered.pk}/"):
        assert client.get(address).status_code == (200 if reads else 403), address
    steps = {
        NEW: written(wall),
        f"{HOME}{draft.pk}/edit/": written(wall, version="1"),
        f"{HOME}{draft.pk}/asked/": {"asked_on": "20 November 2026"},
        f"{HOME}{asked.pk}/answer/": {"answered_on": "20 November 2026", "answer": "No."},
        f"{HOME}{answered.pk}/close/": {"closed_on": "20 November 2026", "ending": "refused"},
    }
    before = Change.objects.count()
    for address in (*steps, f"{HOME}{draft.pk}/withdraw/"):
        assert client.get(address).status_code == (200 if decides else 403), address
    assert Change.objects.count() == before
    for address, told in steps.items():
        assert client.post(address, told).status_code == (302 if decides else 403), address
    if not decides:
        assert client.post(f"{HOME}{draft.pk}/withdraw/").status_code == 403
        assert Change.objects.count() == before
    else:
        assert set(Ask.objects.values_list("state", flat=True)) == {"draft", "asked", "answered", "closed"}


@pytest.mark.parametrize("role", ["group_member", "chair", "administrator"])
def test_the_barriers_page_leads_to_an_ask_for_who_may_make_one(
    client: Client, group: Any, role: str
) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall])
    client.force_login(somebody(role, group))
    html = text(client, "/groups/eastern/barriers/")
    assert (f'href="{NEW}?barrier={wall.pk}"' in html) is (role == "chair")
    assert f'href="{HOME}{made.pk}/"' in html


def test_another_groups_ask_is_not_there(client: Client, group: Any) -> None:
    made = ask(group_of_everything("western"), [barrier(initiative())], title="Not ours")
    client.force_login(somebody("secretary", group))
    assert "Not ours" not in text(client, HOME)
    for step in ("", "edit/", "asked/", "withdraw/"):
        text(client, f"{HOME}{made.pk}/{step}", 404)


# Drawing up


def test_an_ask_opens_with_the_barriers_named_and_what_would_remove_them(client: Client, group: Any) -> None:
    one = barrier(initiative(), remedy="One licence for two.")
    two = barrier(initiative(), remedy="Money over three years.")
    other = barrier(initiative(), remedy="Something else.")
    client.force_login(somebody("chair", group))
    html = text(client, f"{NEW}?barrier={one.pk}&barrier={two.pk}&barrier=x&barrier=99999")
    assert set(ticked(html)) == {one.pk, two.pk}
    assert offered(html) == [other.pk]
    assert "One licence for two.\nMoney over three years.</textarea>" in html


def test_a_draft_is_kept_as_it_was_told_and_the_ledger_tells_it(client: Client, group: Any) -> None:
    walls = [barrier(initiative(), "A wall"), barrier(initiative(), "A fence")]
    chair = somebody("chair", group, name="Ada Chair")
    client.force_login(chair)
    answer = client.post(NEW, written(*walls))
    assert answer.status_code == 302
    made = Ask.objects.get()
    assert answer.headers["Location"] == f"{HOME}{made.pk}/"
    assert (made.title, made.addressee.code, made.state) == ("Change the rule", "home-office", "draft")
    assert of_ask(made) == {"A wall", "A fence"}
    html = text(client, f"{HOME}{made.pk}/")
    assert "The ask of Home Office was drawn up: Change the rule" in html
    assert "2 barriers were taken in: A wall; A fence" in html
    assert "Ada Chair" in html


@pytest.mark.parametrize(
    ("wrong", "message", "target"),
    [
        ({"title": ""}, "Enter the title", "id_title"),
        ({"what": " "}, "Say what is asked", "id_what"),
        ({"addressee": ""}, "Type a few letters", "id_addressee"),
        ({"addressee": "Zzqxw"}, "No organisation is called anything like", "id_addressee"),
        ({"barrier": []}, "Choose at least one barrier", "barriers"),
        ({"barrier": ["99999"]}, "no longer open", "barriers"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_nothing_typed_is_lost(
    client: Client, group: Any, wrong: dict[str, Any], message: str, target: str
) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("chair", group))
    told = written(wall) | wrong
    answer = client.post(NEW, told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html
    assert f'href="#{target}"' in html
    assert f'id="{target}"' in html
    for name in ("title", "what", "addressee"):
        assert str(told[name]).strip() in html
    assert ticked(html) == ([wall.pk] if told["barrier"] == [str(wall.pk)] else [])
    assert not Ask.objects.exists()


def test_an_addressee_meant_by_a_few_letters_is_chosen_without_a_script(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("chair", group))
    html = client.post(NEW, written(wall, addressee="Derbyshire")).content.decode()
    assert "Choose which organisation you mean" in html
    assert re.search(r'type="radio" name="addressee_code" value="derbyshire-police"', html)
    told = written(
        wall, addressee="Derbyshire", addressee_code="derbyshire-police", addressee_for="Derbyshire"
    )
    assert client.post(NEW, told).status_code == 302
    assert Ask.objects.get().addressee.code == "derbyshire-police"


# Choosing barriers


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


# The steps


def test_each_state_offers_its_next_step_as_the_one_primary_action(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("secretary", group))
    steps = {"draft": "Mark as asked", "asked": "Record the answer", "answered": "Close the ask"}
    for state, step in steps.items():
        made = ask(group, [wall], state)
        html = text(client, f"{HOME}{made.pk}/")
        assert re.findall(r'class="govuk-button" href="[^"]+">([^<]+)<', html) == [step]
    do(close_ask, ask=made, version=None, closed_on=TODAY, ending="refused", on=TODAY)
    assert "govuk-button" not in text(client, f"{HOME}{made.pk}/").split("<main")[1]


def test_a_step_that_is_sent_twice_is_taken_once_and_no_conflict(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())])
    client.force_login(somebody("secretary", group))
    told = {"asked_on": "1 November 2026", "version": "1"}
    for _ in range(2):
        answer = client.post(f"{HOME}{made.pk}/asked/", told)
        assert (answer.status_code, answer["Location"]) == (302, f"{HOME}{made.pk}/")
    assert client.post(f"{HOME}{made.pk}/asked/", told | {"asked_on": "2 November 2026"}).status_code == 409
    made.refresh_from_db()
    assert made.version == 2


def test_a_draft_that_is_sent_twice_is_one_and_both_land_on_it(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    client.force_login(somebody("secretary", group))
    answers = [client.post(NEW, written(wall)) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {f"{HOME}{Ask.objects.get().pk}/"}


def test_an_ask_goes_its_way_and_the_page_tells_it(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())])
    client.force_login(somebody("secretary", group))
    at = f"{HOME}{made.pk}/"
    assert client.post(f"{at}asked/", {"asked_on": "1 November 2026", "version": "1"}).status_code == 302
    told = {"answered_on": "10 November 2026", "answer": "Not before 2028.", "version": "2"}
    assert client.post(f"{at}answer/", told).status_code == 302
    told = {
        "closed_on": "20 November 2026",
        "ending": "done_in_part",
        "ending_text": "A start.",
        "version": "3",
    }
    assert client.post(f"{at}close/", told).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.version) == ("closed", 4)
    assert (made.asked_on, made.answered_on, made.closed_on) == (
        date(2026, 11, 1),
        date(2026, 11, 10),
        date(2026, 11, 20),
    )
    html = text(client, at)
    for said in (
        "The ask went to Home Office on 1 November 2026",
        "The ask was answered on 10 November 2026: Not before 2028",
        "The ask was closed: done in part, A start",
    ):
        assert said in html
    assert "9 days" in text(client, HOME)


CORRECTION = {"answered_on": "12 November 2026", "answer": "Not before 2029.", "reason": "A slip of the pen."}


@pytest.mark.parametrize("state", ["answered", "closed"])
def test_an_answer_is_corrected_and_the_first_stays_in_what_happened(
    client: Client, group: Any, state: str
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    if state == "closed":
        do(close_ask, ask=made, version=None, closed_on=TODAY, ending="refused", on=TODAY)
    first = made.answer
    made.refresh_from_db()
    client.force_login(somebody("secretary", group))
    at = f"{HOME}{made.pk}/answer/correct/"
    assert f'href="{at}"' in text(client, f"{HOME}{made.pk}/")
    assert first in text(client, at)
    sent = CORRECTION | {"version": str(made.version)}
    assert [client.post(at, sent).status_code for _ in range(2)] == [302, 302], "sent twice, it is one"
    version = made.version
    made.refresh_from_db()
    assert (made.state, made.answer, made.version) == (state, "Not before 2029.", version + 1)
    html = text(client, f"{HOME}{made.pk}/")
    history = html.split('id="history"')[1]
    for said in (
        "The answer was corrected: on 12 November 2026, Not before 2029",
        "A slip of the pen.",
        first,
    ):
        assert said in history
    assert first not in html.split('id="history"')[0]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"reason": " "}, "Say why the answer is corrected"),
        ({"answered_on": "1 September 2026"}, "before it was asked"),
        ({"answered_on": "1 May 2027"}, "still to come"),
        ({"answered_on": "23 November 2026"}, "after it was closed"),
        ({"answer": ""}, "Say what they answered"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    client: Client, group: Any, told: dict[str, str], message: str
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    first = made.answer
    do(close_ask, ask=made, version=None, closed_on=date(2026, 11, 20), ending="refused", on=TODAY)
    client.force_login(somebody("chair", group))
    answer = client.post(f"{HOME}{made.pk}/answer/correct/", CORRECTION | told)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    made.refresh_from_db()
    assert made.answer == first


def test_what_is_recorded_already_is_no_correction_and_what_was_never_answered_has_none(
    client: Client, group: Any
) -> None:
    made = ask(group, [barrier(initiative())], "answered")
    client.force_login(somebody("chair", group))
    same = {"answered_on": made.answered_on.strftime("%-d %B %Y"), "answer": made.answer, "reason": "None."}
    assert "recorded already" in client.post(f"{HOME}{made.pk}/answer/correct/", same).content.decode()
    silent = ask(group, [barrier(initiative())], "asked")
    do(close_ask, ask=silent, version=None, closed_on=TODAY, ending="never_answered", on=TODAY)
    assert client.get(f"{HOME}{silent.pk}/answer/correct/").status_code == 302
    assert "correct/" not in text(client, f"{HOME}{silent.pk}/")
    assert client.post(f"{HOME}{silent.pk}/answer/correct/", CORRECTION).status_code == 422


@pytest.mark.parametrize(
    ("state", "step", "told", "message"),
    [
        ("draft", "asked", {"asked_on": "24 November 2026"}, "still to come"),
        ("draft", "asked", {"asked_on": "soon"}, "Write a day like"),
        ("asked", "answer", {"answered_on": "1 September 2026", "answer": "Typed."}, "before it was asked"),
        ("asked", "answer", {"answered_on": "20 November 2026", "answer": ""}, "Say what they answered"),
        ("asked", "answer", {"answered_on": "1 May 2027", "answer": "Typed."}, "still to come"),
        ("answered", "close", {"closed_on": "1 November 2026", "ending": "refused"}, "before it was answered"),
        ("asked", "close", {"closed_on": "1 September 2026", "ending": "refused"}, "before it was asked"),
        ("answered", "close", {"closed_on": "20 November 2026", "ending_text": "Typed."}, "Choose how it ended"),
    ],
)  # fmt: skip
def test_a_step_out_of_order_is_refused_and_what_was_typed_is_kept(
    client: Client, group: Any, state: str, step: str, told: dict[str, str], message: str
) -> None:
    made = ask(group, [barrier(initiative())], state)
    client.force_login(somebody("chair", group))
    answer = client.post(f"{HOME}{made.pk}/{step}/", told | {"version": str(made.version)})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html
    for typed in told.values():
        assert typed in html
    made.refresh_from_db()
    assert made.state == state


@pytest.mark.parametrize(
    ("state", "not_yet"),
    [
        ("draft", ("answer", "close")),
        ("asked", ("asked", "withdraw")),
        ("answered", ("asked", "answer", "edit", "withdraw")),
    ],
)
def test_a_step_that_is_not_the_next_leads_back_and_does_nothing(
    client: Client, group: Any, state: str, not_yet: tuple[str, ...]
) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall], state)
    client.force_login(somebody("chair", group))
    told = {"asked_on": "20 November 2026", "answered_on": "20 November 2026", "answer": "No."}
    told |= {"closed_on": "20 November 2026", "ending": "refused", "reason": "", "version": str(made.version)}
    for step in not_yet:
        address = f"{HOME}{made.pk}/{step}/"
        assert client.get(address).headers.get("Location") == f"{HOME}{made.pk}/", step
        assert client.post(address, written(wall) | told).status_code in (302, 422), step
    made.refresh_from_db()
    assert (made.state, made.title) == (state, "Change the rule")


def test_a_draft_is_withdrawn_by_a_post(client: Client, group: Any) -> None:
    wall = barrier(initiative())
    made = ask(group, [wall])
    client.force_login(somebody("chair", group))
    assert client.post(f"{HOME}{made.pk}/withdraw/", {"reason": "Settled"}).status_code == 302
    assert not Ask.objects.exists()
    assert Change.objects.get(table_name="register_ask", operation="D").reason == "Settled"
    wall.refresh_from_db()
    assert wall.state == "open"


# Editing


def test_a_draft_is_written_anew_and_of_one_that_was_asked_only_the_barriers(
    client: Client, group: Any
) -> None:
    wall, fence = barrier(initiative(), "A wall"), barrier(initiative(), "A fence")
    client.force_login(somebody("chair", group))
    draft, asked = ask(group, [wall]), ask(group, [wall], "asked", title="Asked")
    for made in (draft, asked):
        html = text(client, f"{HOME}{made.pk}/edit/")
        assert ticked(html) == [wall.pk]
        assert ('name="title"' in html) is (made is draft)
        told = written(fence, title="Another", version=str(made.version))
        assert client.post(f"{HOME}{made.pk}/edit/", told).status_code == 302
        made.refresh_from_db()
        assert of_ask(made) == {"A fence"}
    assert (draft.title, asked.title) == ("Another", "Asked")


def test_a_barrier_may_be_in_several_asks_and_stays_though_it_was_removed(client: Client, group: Any) -> None:
    wall = barrier(initiative(), "A wall")
    first, second = ask(group, [wall]), ask(group, [wall], title="Another")
    do(change_barrier, barrier=wall, version=None, state="removed", resolved_on=TODAY, on=TODAY)
    client.force_login(somebody("chair", group))
    for made in (first, second):
        html = text(client, f"{HOME}{made.pk}/edit/")
        assert ticked(html) == [wall.pk]
        told = written(wall, version=str(made.version))
        assert client.post(f"{HOME}{made.pk}/edit/", told).status_code == 302
        assert of_ask(made) == {"A wall"}


def test_two_who_edit_see_both_texts_and_both_lists(client: Client, group: Any) -> None:
    wall, fence = barrier(initiative(), "A wall"), barrier(initiative(), "A fence")
    made = ask(group, [wall])
    do(change_ask, ask=made, version=1, title="Theirs", barriers=[wall])
    client.force_login(somebody("chair", group))
    told = written(wall, fence, title="Mine", version="1")
    answer = client.post(f"{HOME}{made.pk}/edit/", told)
    html = answer.content.decode()
    assert answer.status_code == 409
    for said in ("Theirs", "Mine", "A fence"):
        assert said in html
    assert html.count('name="barrier"') == 2
    assert client.post(f"{HOME}{made.pk}/edit/", told | {"version": "2"}).status_code == 302
    made.refresh_from_db()
    assert made.title == "Mine"
    assert of_ask(made) == {"A wall", "A fence"}


def test_two_who_take_a_step_are_told_of_each_other(client: Client, group: Any) -> None:
    made = ask(group, [barrier(initiative())], "asked")
    do(change_ask, ask=made, version=None, barriers=[])
    client.force_login(somebody("chair", group))
    told = {"answered_on": "20 November 2026", "answer": "Typed for long.", "version": str(made.version)}
    answer = client.post(f"{HOME}{made.pk}/answer/", told)
    assert answer.status_code == 409
    assert "Typed for long." in answer.content.decode()
    made.refresh_from_db()
    assert made.state == "asked"
    again = told | {"version": str(made.version), "save": ""}
    assert client.post(f"{HOME}{made.pk}/answer/", again).status_code == 302


# Closing, with the barriers


@pytest.fixture
def keeper(group: Any) -> Any:
    """A chair who keeps the records of Derbyshire's police."""
    made = somebody("chair", group)
    do(grant_role, user=made, role="contributor", organisation=organisation("derbyshire-police"))
    return made


def closing(made: Ask, *outcomes: tuple[Barrier, str], **fields: Any) -> dict[str, str]:
    told = {"closed_on": "20 November 2026", "ending": "done_as_asked", "version": str(made.version)}
    for one, state in outcomes:
        told |= {f"outcome_{one.pk}": state, f"version_{one.pk}": str(one.version)}
    return told | fields


def states(*barriers: Barrier) -> list[str]:
    return [Barrier.objects.get(pk=one.pk).state for one in barriers]


def test_closing_an_ask_closes_its_barriers_as_chosen(client: Client, group: Any, keeper: Any) -> None:
    record = initiative()
    gone, borne, stays = (barrier(record, title) for title in ("Gone", "Borne", "Stays"))
    made = ask(group, [gone, borne, stays], "answered")
    client.force_login(keeper)
    told = closing(made, (gone, "removed"), (borne, "accepted"), (stays, "still"))
    assert client.post(f"{HOME}{made.pk}/close/", told).status_code == 302
    assert states(gone, borne, stays) == ["removed", "accepted", "open"]
    gone.refresh_from_db()
    assert gone.resolved_on == date(2026, 11, 20)
    made.refresh_from_db()
    assert (made.state, made.ending) == ("closed", "done_as_asked")


def test_only_who_keeps_a_record_says_that_its_barrier_is_gone(
    client: Client, group: Any, keeper: Any
) -> None:
    mine = barrier(initiative("Mine"), "My wall")
    other = initiative(
        "Theirs", lead="kent-police", parties=[], places=["kent"], contact_post="Head of estates"
    )
    theirs = barrier(other, "Their wall")
    hidden = barrier(initiative("Secret", lead="kent-police", parties=[], audience="partners"), "Hidden wall")
    made = ask(group, [mine, theirs, hidden], "answered")
    client.force_login(keeper)
    html = text(client, f"{HOME}{made.pk}/close/")
    assert f'name="outcome_{mine.pk}"' in html
    assert f'name="outcome_{theirs.pk}"' not in html
    assert "Their wall" in html
    assert "Kent Police keeps the record. Contact: Head of estates." in html
    assert "Hidden wall" not in html
    assert "Secret" not in html
    told = closing(made, (mine, "removed"), (theirs, "removed"), (hidden, "removed"))
    assert client.post(f"{HOME}{made.pk}/close/", told).status_code == 302
    assert states(mine, theirs, hidden) == ["removed", "open", "open"]


def test_a_barrier_that_changed_meanwhile_closes_nothing_and_keeps_the_choice(
    client: Client, group: Any, keeper: Any
) -> None:
    record = initiative()
    first, second = barrier(record, "First"), barrier(record, "Second")
    made = ask(group, [first, second], "answered")
    do(change_barrier, barrier=second, version=None, on=TODAY, state="being_worked_on")
    client.force_login(keeper)
    told = closing(made, (first, "removed"), (second, "removed"), ending_text="Typed.")
    answer = client.post(f"{HOME}{made.pk}/close/", told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Somebody changed “Second” meanwhile: it is being worked on now." in html
    assert "Typed." in html
    assert re.search(rf'name="outcome_{first.pk}" value="removed"[^>]* checked', html)
    assert states(first, second) == ["open", "being_worked_on"]
    made.refresh_from_db()
    assert made.state == "answered"
    again = told | dict(re.findall(r'name="(version_\d+)" value="(\d+)"', html))
    assert client.post(f"{HOME}{made.pk}/close/", again).status_code == 302
    assert states(first, second) == ["removed", "removed"]


def test_a_barrier_that_cannot_be_gone_by_then_closes_nothing(
    client: Client, group: Any, keeper: Any
) -> None:
    record = initiative()
    old, new = barrier(record, "Old"), barrier(record, "New", raised_on=date(2026, 11, 22))
    made = ask(group, [old, new], "answered")
    client.force_login(keeper)
    answer = client.post(f"{HOME}{made.pk}/close/", closing(made, (old, "removed"), (new, "removed")))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "New: That is before it was raised (22 November 2026)." in html
    assert 'href="#id_closed_on"' in html
    assert states(old, new) == ["open", "open"]
    made.refresh_from_db()
    assert made.state == "answered"


def test_the_door_closes_all_or_nothing(group: Any, keeper: Any) -> None:
    mine = barrier(initiative())
    theirs = barrier(initiative(lead="kent-police", parties=[], places=["kent"]))
    made = ask(group, [mine, theirs], "answered")
    close = {"ask": made, "closed_on": TODAY, "ending": "refused", "on": TODAY, "version": made.version}
    with pytest.raises(PermissionDenied):
        do(
            close_ask,
            by=keeper,
            outcomes=[Outcome(mine, 1, "removed"), Outcome(theirs, 1, "removed")],
            **close,
        )
    with pytest.raises(EditConflictError):
        do(close_ask, by=keeper, outcomes=[Outcome(mine, 7, "removed")], **close)
    with pytest.raises(PermissionDenied):
        do(close_ask, by=person("administrator"), **close)
    made.refresh_from_db()
    assert made.state == "answered"
    assert states(mine, theirs) == ["open", "open"]


def test_only_barriers_of_the_ask_are_closed_with_it(group: Any, keeper: Any) -> None:
    record = initiative()
    its, other = barrier(record), barrier(record)
    made = ask(group, [its], "asked")
    do(
        close_ask, by=keeper, ask=made, version=None, closed_on=TODAY, ending="never_answered", on=TODAY,
        outcomes=[Outcome(other, 1, "removed")],
    )  # fmt: skip
    assert states(its, other) == ["open", "open"]


# The database


@pytest.mark.parametrize(
    ("state", "fields", "name"),
    [
        ("draft", {"state": "asked"}, "ask_asked_has_its_date"),
        ("draft", {"asked_on": TODAY}, "ask_asked_has_its_date"),
        ("asked", {"state": "answered"}, "ask_answered_has_its_answer"),
        ("asked", {"answer": "Yes."}, "ask_answer_has_its_date"),
        ("answered", {"answer": ""}, "ask_answer_has_its_date"),
        ("answered", {"answered_on": date(2026, 9, 1)}, "ask_dates_in_order"),
        ("answered", {"state": "asked"}, "ask_answered_has_its_answer"),
        ("answered", {"state": "closed", "closed_on": TODAY}, "ask_closed_says_how_it_ended"),
        ("answered", {"state": "closed", "ending": "refused"}, "ask_closed_says_how_it_ended"),
        ("answered", {"ending": "refused"}, "ask_closed_says_how_it_ended"),
        ("asked", {"state": "closed", "ending": "refused", "closed_on": date(2026, 9, 1)}, "ask_dates_in_order"),
    ],
)  # fmt: skip
def test_the_database_keeps_an_asks_dates_and_answer_together(
    group: Any, state: str, fields: dict[str, Any], name: str
) -> None:
    made = ask(group, [barrier(initiative())], state)
    with (
        origin("test"),
        recorded(by=None),
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
    ):
        Ask.objects.filter(pk=made.pk).update(**fields)


# What it costs


def test_pages_of_asks_ask_little_of_the_database(
    client: Client, group: Any, keeper: Any, django_assert_max_num_queries: Any
) -> None:
    walls = [barrier(initiative(audience="partners")) for _ in range(6)]
    for _ in range(4):
        somebody("group_member", group)
        made = ask(group, walls, "answered")
    draft = ask(group, walls)
    client.force_login(keeper)
    for address, most in {
        HOME: 10,
        f"{HOME}{made.pk}/": 20,
        f"{HOME}{made.pk}/close/": 12,
        f"{NEW}?barrier={walls[0].pk}": 16,
        f"{HOME}{draft.pk}/edit/": 20,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


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
