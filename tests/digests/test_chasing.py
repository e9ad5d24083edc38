"""Who is asked about what is late, once a week at most, and how the email gets there."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.services import change_person, erase_person, revoke_role
from register.core.tracking import origin
from register.digests.chasing import tasks
from register.digests.chasing.models import Chase, ChaseRound
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import expire_held
from register.digests.models import RefusedAddress
from register.digests.posting.claiming import CLAIM_LASTS, JITTER, WAITS, State, hold_abandoned, send_again
from register.digests.posting.refused import PAUSED
from register.initiatives.services import (
    change_standing,
    confirm_still_current,
    delete_initiative,
)
from tests.digests.chase_support import (
    DERBYSHIRE,
    LONG_AGO,
    TUESDAY,
    WEEK,
    ask,
    asked_about,
    late,
    open_at,
    send_at,
    text_of,
)
from tests.digests.support import Sink, london
from tests.factories import initiative, person


class TestWhoseItIs:
    def test_who_logged_it_is_asked_and_their_colleagues_are_not(self, owner: User) -> None:
        colleague = person("contributor", at=DERBYSHIRE)
        late("Logged by its owner", by=owner)
        late("Logged by nobody who is here")
        open_at()
        assert asked_about(owner) == ["Logged by its owner", "Logged by nobody who is here"]
        assert asked_about(colleague) == ["Logged by nobody who is here"]

    def test_when_its_author_has_left_the_contributors_of_the_lead_are_asked(self, owner: User) -> None:
        author = person("contributor", at="derbyshire-fire")
        late(by=author)
        revoke_role(by=None, grant=RoleGrant.objects.get(user=author))
        open_at()
        assert (asked_about(author), asked_about(owner)) == ([], ["Shared workshop"])

    def test_a_partner_is_not_asked_for_the_lead(self, owner: User) -> None:
        partner = person("contributor", at="derbyshire-fire")
        late()
        open_at()
        assert asked_about(partner) == []

    def test_the_organisation_lead_is_asked_where_nobody_contributes(self, recorded_clock: Any) -> None:
        lead = person("organisation_lead", at=DERBYSHIRE)
        person("reader", at=DERBYSHIRE)
        late()
        open_at()
        assert [chase.person for chase in Chase.objects.all()] == [lead]

    def test_where_no_lead_is_stated_those_who_take_part_are_asked(self, recorded_clock: Any) -> None:
        partner = person("contributor", at="derbyshire-fire")
        late(lead="", compiled_from_sources=True)
        open_at()
        assert asked_about(partner) == ["Shared workshop"]

    @pytest.mark.parametrize("fields", [{"is_active": False}, {"erased": True}])
    def test_nobody_who_has_left_is_asked(self, owner: User, fields: dict[str, bool]) -> None:
        late()
        if fields.get("erased"):
            erase_person(by=None, user=owner, at=TUESDAY)
        else:
            change_person(by=None, user=owner, email=owner.email, is_active=False)
        open_at()
        assert not Chase.objects.exists()


class TestWhatIsAsked:
    def test_one_email_has_all_that_is_late_the_longest_overdue_first(self, owner: User, sink: Sink) -> None:
        late("Joined control room", on=LONG_AGO + timedelta(weeks=2))
        late("Shared workshop")
        initiative("Confirmed last week", on=date(2026, 11, 16))
        assert ask() == {owner.pk: State.SENT}
        [message] = sink.received
        said = text_of(message)
        assert message["Subject"] == "Blue light register: are two records still current?"
        assert said.index("Shared workshop") < said.index("Joined control room")
        assert "Confirmed last week" not in said
        assert "Its update was due on 30 September 2026. It was last confirmed on 1 April 2026." in said

    def test_what_is_due_today_is_not_late_yet(self, owner: User) -> None:
        initiative(on=date(2026, 11, 24) - timedelta(weeks=26))
        open_at()
        assert not Chase.objects.exists()

    def test_nothing_is_asked_of_drafts_and_of_what_is_closed_paused_or_deleted(self, owner: User) -> None:
        late("A draft", audience="draft")
        for title, standing in (("Ended", "closed"), ("Waiting", "paused")):
            change_standing(
                by=None, initiative=late(title), to_standing=standing, happened=None, on=LONG_AGO,
                standing_reason="funding_ended", standing_text="The funding ended.",
            )  # fmt: skip
        delete_initiative(by=None, initiative=late("Gone"), reason="Logged twice.", at=TUESDAY)
        open_at()
        assert not Chase.objects.exists()

    def test_what_was_confirmed_closed_or_deleted_before_it_is_sent_is_left_out(
        self, owner: User, sink: Sink
    ) -> None:
        confirmed, closed, gone = late("Confirmed"), late("Closed"), late("Gone")
        late("Still late")
        open_at()
        confirm_still_current(by=owner, initiative=confirmed, on=TUESDAY.date())
        change_standing(
            by=owner, initiative=closed, to_standing="closed", happened=None, on=TUESDAY.date(),
            standing_reason="objectives_met", standing_text="It did.",
        )  # fmt: skip
        delete_initiative(by=owner, initiative=gone, reason="Logged twice.", at=TUESDAY)
        send_at()
        said = text_of(sink.received[0])
        assert "Still late" in said
        assert not [title for title in ("Confirmed ", "Closed ", "Gone ") if title in said]

    def test_when_nothing_is_left_there_is_no_email_and_it_says_why(self, owner: User, sink: Sink) -> None:
        record = late()
        open_at()
        confirm_still_current(by=owner, initiative=record, on=TUESDAY.date())
        assert send_at() == {owner.pk: State.SKIPPED}
        assert (Chase.objects.get().why, sink.received) == ("Nothing is left that they could answer.", [])

    def test_who_may_not_change_it_any_more_when_it_is_sent_gets_none(self, owner: User, sink: Sink) -> None:
        late()
        open_at()
        revoke_role(by=None, grant=RoleGrant.objects.get(user=owner))
        assert send_at() == {owner.pk: State.SKIPPED}
        assert sink.received == []

    def test_who_has_left_when_it_is_sent_gets_none(self, owner: User, sink: Sink) -> None:
        late()
        open_at()
        erase_person(by=None, user=owner, at=TUESDAY)
        send_at()
        assert (Chase.objects.get().why, sink.received) == ("They have left.", [])


class TestOnceAWeek:
    def test_it_is_asked_from_nine_on_tuesday(self, owner: User) -> None:
        late()
        assert open_at(TUESDAY - timedelta(seconds=1)) is None
        assert open_at(TUESDAY) is not None
        assert open_at(TUESDAY) is None
        assert open_at(TUESDAY + timedelta(days=6)) is None
        assert open_at(TUESDAY + WEEK) is not None

    def test_what_falls_late_after_the_asking_waits_for_the_next(self, owner: User) -> None:
        open_at()
        late()
        open_at(TUESDAY + timedelta(days=1))
        assert asked_about(owner) == []
        open_at(TUESDAY + WEEK)
        assert asked_about(owner) == ["Shared workshop"]

    def test_a_beat_that_slept_asks_up_to_three_days_late_and_then_waits_for_the_next(
        self, owner: User
    ) -> None:
        late()
        assert open_at(TUESDAY + timedelta(days=3)) is None
        opened = open_at(TUESDAY + timedelta(days=2, hours=23))
        assert opened is not None
        assert opened.week == date(2026, 11, 23)
        assert open_at(TUESDAY + 4 * WEEK) is not None
        assert ChaseRound.objects.count() == 2

    def test_on_a_bank_holiday_it_is_asked_the_next_working_day(self, owner: User) -> None:
        """Boxing Day of 2023 was a Tuesday."""
        assert open_at(london("2023-12-26T09:00")) is None
        opened = open_at(london("2023-12-27T09:00"))
        assert opened is not None
        assert opened.week == date(2023, 12, 25)

    def test_of_many_openers_at_once_one_asks(self, owner: User, sink: Sink) -> None:
        late()
        start = threading.Barrier(5)
        opened: list[Any] = []

        def work() -> None:
            try:
                with origin("test"):
                    start.wait()
                    opened.append(open_at())
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([one for one in opened if one]) == 1
        assert (len(opened), ChaseRound.objects.count(), Chase.objects.count()) == (5, 1, 1)
        send_at()
        assert len(sink.received) == 1

    def test_the_database_lets_nobody_be_asked_twice_in_a_week(self, owner: User) -> None:
        late()
        opened = open_at()
        twice = Chase(round=opened, kind="owner", person=owner, due_at=TUESDAY, message_id="<another@x>")
        with pytest.raises(IntegrityError, match="chased_once_a_week"), transaction.atomic():
            twice.save()
        with pytest.raises(IntegrityError, match="week"), transaction.atomic():
            ChaseRound.objects.create(week=opened.week, opened_at=TUESDAY)
        with pytest.raises(IntegrityError, match="chase_week_is_its_monday"), transaction.atomic():
            ChaseRound.objects.create(week=opened.week + timedelta(days=1), opened_at=TUESDAY)

    def test_an_asking_that_fails_halfway_asks_nobody_and_is_tried_again(
        self, owner: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late()

        def fail(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr("register.digests.chasing.services.note_no_answer", fail)
            with pytest.raises(ZeroDivisionError):
                open_at()
        assert not ChaseRound.objects.exists()
        assert open_at() is not None

    def test_who_keeps_very_many_is_asked_about_the_longest_overdue_and_told_of_the_others(
        self, owner: User, sink: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("register.digests.chasing.services.MOST", 2)
        monkeypatch.setattr("register.digests.chasing.message.MOST", 2)
        for day in range(3):
            late(f"Workshop {day}", on=LONG_AGO + timedelta(days=day))
        ask()
        assert asked_about(owner) == ["Workshop 0", "Workshop 1"]
        assert "fresh=late" in text_of(sink.received[0])

    def test_how_many_queries_an_asking_takes_does_not_grow(
        self, owner: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(12):
            late(f"Workshop {number}")
            person("contributor", at=DERBYSHIRE)
        with django_assert_max_num_queries(24):
            open_at()
        assert Chase.objects.count() == 13


class TestDelivery:
    def test_a_refusal_for_now_is_tried_again_with_the_same_message_id(self, owner: User, sink: Sink) -> None:
        late()
        sink.answers = ["451 try later"]
        assert ask() == {owner.pk: State.WAITING}
        again = Chase.objects.get().due_at
        assert abs(again - TUESDAY - WAITS[0]) <= WAITS[0] * JITTER
        assert send_at(again - timedelta(seconds=1)) == {}
        assert send_at(again) == {owner.pk: State.SENT}
        [message] = sink.received
        assert message["Message-ID"] == Chase.objects.get().message_id
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["List-Unsubscribe"] is None

    def test_a_refusal_for_good_is_not_tried_again(self, owner: User, sink: Sink) -> None:
        late()
        sink.answers = ["550 5.1.1 nobody here"]
        assert ask() == {owner.pk: State.FAILED}
        assert send_at(TUESDAY + timedelta(days=1)) == {}

    def test_a_worker_that_died_while_sending_leaves_it_held_until_somebody_lets_it_go(
        self, owner: User, sink: Sink, monkeypatch: pytest.MonkeyPatch, recorded_clock: Any
    ) -> None:
        late()
        open_at()
        Chase.objects.update(state=State.SENDING, claimed_at=TUESDAY, attempts=1)
        recorded_clock.set(TUESDAY + CLAIM_LASTS + timedelta(seconds=1))
        monkeypatch.setattr(
            tasks.deliver_chase_batch, "apply_async", lambda args, **_: tasks.deliver_chase_batch(args[0])
        )
        tasks.chase()
        assert (Chase.objects.get().state, sink.received) == (State.HELD, [])
        assert send_again(by=None, rows=Chase.objects.all(), now=recorded_clock.now) == 1
        tasks.chase()
        assert len(sink.received) == 1

    def test_a_worker_that_died_before_it_began_to_send_gives_it_back(
        self, owner: User, sink: Sink, recorded_clock: Any
    ) -> None:
        late()
        open_at()
        Chase.objects.update(state=State.CLAIMED, claimed_at=TUESDAY, attempts=1)
        at = TUESDAY + CLAIM_LASTS + timedelta(seconds=1)
        assert hold_abandoned(Chase.objects.all(), now=at) == 0
        assert send_at(at) == {owner.pk: State.SENT}

    def test_it_is_tried_until_the_next_asking_and_never_beside_it(self, owner: User, sink: Sink) -> None:
        late()
        sink.answers = ["451 try later"] * 40
        at = TUESDAY
        ask(at)
        while Chase.objects.get().state == State.WAITING:
            at = Chase.objects.get().due_at
            send_at(at)
        assert TUESDAY + timedelta(days=6) < at < TUESDAY + WEEK
        assert (Chase.objects.get().state, sink.received) == (State.FAILED, [])
        assert Chase.objects.get().why.startswith("Given up: the next one is due.")

    def test_what_still_waits_when_the_next_asking_came_is_not_sent_beside_it(
        self, owner: User, sink: Sink
    ) -> None:
        late()
        open_at()
        open_at(TUESDAY + WEEK)
        assert len(send_at(TUESDAY + WEEK)) == 1
        states = Chase.objects.order_by("round__week").values_list("state", flat=True)
        assert list(states) == [State.SKIPPED, State.SENT]
        assert len(sink.received) == 1

    def test_what_nobody_released_expires_when_the_next_asking_is_due(self, owner: User, sink: Sink) -> None:
        late()
        sink.answers = ["hang up"]
        ask()
        assert expire_held(now=TUESDAY + WEEK - timedelta(seconds=1)) == 0
        assert expire_held(now=TUESDAY + WEEK) == 1
        chase = Chase.objects.get()
        assert chase.state == State.FAILED
        assert chase.why.startswith("Nobody released it before the next asking was due. The connection")

    def test_an_address_that_is_refused_twice_is_paused_for_digests_and_chases_alike(
        self, owner: User, sink: Sink
    ) -> None:
        late()
        sink.unknown = {owner.email}
        assert ask() == {owner.pk: State.FAILED}
        assert ask(TUESDAY + WEEK) == {owner.pk: State.FAILED}
        assert RefusedAddress.objects.get(user=owner).times == RefusedAddress.PAUSES
        sink.unknown = set()
        assert ask(TUESDAY + 2 * WEEK) == {owner.pk: State.SKIPPED}
        assert Chase.objects.latest("pk").why == PAUSED

    def test_an_administrator_sees_what_was_held_and_lets_it_go(self, owner: User, sink: Sink) -> None:
        late()
        sink.answers = ["hang up"]
        assert ask() == {owner.pk: State.HELD}
        client = Client()
        client.force_login(person("administrator"))
        address = "/admin/register/chase/"
        assert "The connection broke while it was sent" in client.get(address).content.decode()
        client.post(address, {"action": "again", "_selected_action": [Chase.objects.get().pk]})
        assert Chase.objects.get().state == State.WAITING

    def test_of_many_workers_at_once_one_sends(self, owner: User, sink: Sink) -> None:
        late()
        open_at()
        chase, start = Chase.objects.get(), threading.Barrier(4)

        def work() -> None:
            try:
                start.wait()
                deliver_chases([chase.pk], clock=lambda: TUESDAY)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sink.received) == 1

    def test_beat_asks_and_what_the_broker_was_not_told_goes_out_with_the_next(
        self, owner: User, sink: Sink, monkeypatch: pytest.MonkeyPatch, recorded_clock: Any
    ) -> None:
        late()
        recorded_clock.set(TUESDAY)

        def away(*_: Any, **__: Any) -> None:
            raise OSError

        monkeypatch.setattr(tasks.deliver_chase_batch, "apply_async", away)
        tasks.chase()
        assert (Chase.objects.get().state, sink.received) == (State.WAITING, [])
        monkeypatch.setattr(
            tasks.deliver_chase_batch, "apply_async", lambda args, **_: tasks.deliver_chase_batch(args[0])
        )
        recorded_clock.advance(minutes=5)
        tasks.chase()
        tasks.chase()
        assert len(sink.received) == 1


class TestHowFarApart:
    def test_an_asking_that_was_made_late_puts_the_next_one_off(self, owner: User, sink: Sink) -> None:
        late()
        friday = TUESDAY + timedelta(days=2, hours=23)
        assert ask(friday) == {owner.pk: State.SENT}
        assert open_at(TUESDAY + WEEK) is None
        assert open_at(friday + timedelta(days=5, hours=23)) is None
        assert ask(friday + timedelta(days=6)) == {owner.pk: State.SENT}
        assert len(sink.received) == 2

    def test_an_email_that_the_mail_server_took_late_puts_the_next_one_off(
        self, owner: User, sink: Sink
    ) -> None:
        late()
        sink.answers = ["451 not now"]
        assert ask() == {owner.pk: State.WAITING}
        monday = TUESDAY + timedelta(days=5)
        assert send_at(monday) == {owner.pk: State.SENT}
        assert ask(TUESDAY + WEEK) == {}
        assert send_at(monday + timedelta(days=6)) == {owner.pk: State.SENT}

    def test_a_bank_holidays_day_between_does_not(self, owner: User, sink: Sink) -> None:
        """Boxing Day of 2028 is a Tuesday: the asking of its week is a day later."""
        late()
        slots = [london("2028-12-27T09:00"), london("2029-01-02T09:00")]
        assert [ask(slot) for slot in slots] == [{owner.pk: State.SENT}] * 2


def test_answers_go_to_a_staffed_address_where_there_is_one(owner: User, sink: Sink, settings: Any) -> None:
    late()
    settings.DIGEST_REPLY_TO = "digests@example.org"
    ask()
    [message] = sink.received
    assert (message["Reply-To"], message["Precedence"]) == ("digests@example.org", "list")
