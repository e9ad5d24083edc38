"""Do by hand what beat and workers do: open, build and deliver the digests that are due, and ask who is to be asked."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from register.accounts.models import WorkingGroup
from register.core import clock
from register.core.tracking import origin
from register.digests.chasing.models import Chase, ChaseRound
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import due_week, open_due_round
from register.digests.making.anchoring import anchor_at_last_week
from register.digests.making.editions import build_open_editions, due_schedules, open_due_editions
from register.digests.making.following import due_people
from register.digests.models import Delivery, DigestSchedule, Edition
from register.digests.sending.delivery import deliver, hold_abandoned


class Command(BaseCommand):
    help = (
        "Opens, builds and delivers the digests that are due, in this process, with a line for each; for all groups"
        " also the week's emails to owners of records past their update date."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="Act as at this moment (ISO; London time unless it has an offset).")
        parser.add_argument("--dry-run", action="store_true", help="Say what is due; write and send nothing.")
        parser.add_argument("--group", metavar="CODE", help="This group only.")
        parser.add_argument(
            "--last-week",
            metavar="CODE",
            help="If this group has no edition yet, let its first be of the last complete week. This group only.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = _moment(options["now"]) if options["now"] else None
        groups = _groups(options["last_week"] or options["group"])
        now = at or clock.now()
        if options["dry_run"]:
            self._say_what_is_due(now, groups)
            return
        with origin("command"):
            if options["last_week"]:
                self._anchor(groups, now)
            self._send(now, groups, (lambda: at) if at else clock.now)

    def _anchor(self, groups: list[WorkingGroup] | None, now: datetime) -> None:
        for group in groups or []:
            if not DigestSchedule.objects.filter(group=group).exists():
                raise CommandError(f"{group} has no digest schedule.")
            anchor_at_last_week(by=None, group=group, now=now)

    def _send(self, now: datetime, groups: list[WorkingGroup] | None, told: Any) -> None:
        hold_abandoned(now=now)
        open_due_editions(now=now, groups=groups)
        built = build_open_editions(now=now, groups=groups)
        for edition in built:
            self.stdout.write(f"{edition}: {edition.get_state_display().lower()}")
        waiting = Delivery.objects.due(now=now).order_by("pk")
        if groups is not None:
            waiting = waiting.filter(edition__group__in=groups)
        outcomes = deliver(waiting.values_list("pk", flat=True), clock=told)
        asked = self._ask(now, told) if groups is None else 0
        for outcome in outcomes:
            state = Delivery.State(outcome.state).label.lower()
            because = f" ({outcome.why})" if outcome.why else ""
            self.stdout.write(f"  {outcome.delivery.user.email}: {state}{because}")
        left = Edition.objects.filter(state=Edition.State.OPEN)
        if groups is not None:
            left = left.filter(group__in=groups)
        if left.exists():
            raise CommandError(f"{left.count()} editions could not be built; the lines above say why.")
        if not built and not outcomes and not asked:
            self.stdout.write("Nothing is due.")

    def _ask(self, now: datetime, told: Any) -> int:
        """The week's asking of owners of stale records; how many emails of it were tried."""
        open_due_round(now=now)
        waiting = Chase.objects.filter(state=Chase.State.WAITING, due_at__lte=now).order_by("pk")
        asked = deliver_chases(list(waiting.values_list("pk", flat=True)), clock=told)
        for ended in asked:
            because = f" ({ended.why})" if ended.why else ""
            state = Chase.State(ended.state).label.lower()
            self.stdout.write(f"  {ended.posted.person.email}, asked about their records: {state}{because}")
        return len(asked)

    def _say_what_is_due(self, now: datetime, groups: list[WorkingGroup] | None) -> None:
        due = due_schedules(now=now, groups=groups)
        london = ZoneInfo("Europe/London")
        for schedule, start, end in due:
            first, last = (moment.astimezone(london).strftime("%-d %B %Y %H:%M") for moment in (start, end))
            self.stdout.write(f"{schedule.group}: {first} to {last}")
        people = due_people(now=now) if groups is None else []
        if people:
            self.stdout.write(
                f"What {len(people)} {'person follows' if len(people) == 1 else 'people follow'}"
            )
        unbuilt = Edition.objects.filter(state=Edition.State.OPEN).count()
        waiting = Delivery.objects.due(now=now).count()
        if unbuilt or waiting:
            self.stdout.write(f"{unbuilt} editions to build, {waiting} deliveries to send")
        asking = due_week(now=now) if groups is None else None
        is_due = asking is not None and not ChaseRound.objects.filter(week=asking).exists()
        if is_due:
            self.stdout.write("The owners of records past their update date are to be asked")
        if not (due or people or unbuilt or waiting or is_due):
            self.stdout.write("Nothing is due.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is not a moment. Write it like 2026-11-23T07:30.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/London"))


def _groups(code: str | None) -> list[WorkingGroup] | None:
    if not code:
        return None
    group = WorkingGroup.objects.filter(code=code).first()
    if group is None:
        raise CommandError(f"There is no working group “{code}”.")
    return [group]
