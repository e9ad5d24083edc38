"""Tell the digests that the database was restored from a backup, so that their windows go on."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Max

from register.core import clock
from register.core.tracking import origin
from register.digests.chasing.models import Chase
from register.digests.making.anchoring import is_restored, restored
from register.digests.making.editions import due_schedules
from register.digests.making.lives import Lives
from register.digests.models import Delivery, Edition
from register.digests.posted import ON_ITS_WAY
from register.digests.posting.claiming import hold_restored

LONDON = ZoneInfo("Europe/London")


class Command(BaseCommand):
    help = (
        "After a restore: lets the windows of digests go on, and holds what was on its way when the backup was made."
        " Stop beat and workers first, and look at it with --dry-run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what it would do; write nothing.")
        parser.add_argument(
            "--told-until",
            metavar="MOMENT",
            help="What happened before this moment (ISO; London time unless it has an offset) was told by digests that"
            " went out after the backup was made. Without it, windows go on where the backup's last editions end.",
        )
        parser.add_argument(
            "--same-server",
            action="store_true",
            help="It was restored where it was, so nothing shows that it was.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        told_until = _moment(options["told_until"], now) if options["told_until"] else None
        if not is_restored(Lives.read()) and not options["same_server"]:
            raise CommandError(
                "This database is not restored, or it has been told of. If it was restored on the server that it came"
                " from, say --same-server."
            )
        self._say(now, told_until)
        if options["dry_run"]:
            self.stdout.write("Nothing was written. Run it without --dry-run to do so.")
            return
        with origin("command"), transaction.atomic():
            held = restored(by=None, now=now, told_until=told_until) + hold_restored(Chase.objects.all())
        self.stdout.write(f"Done: windows go on, and {held} emails are held.")

    def _say(self, now: datetime, told_until: datetime | None) -> None:
        last = Edition.objects.aggregate(last=Max("ends_at"))["last"]
        self.stdout.write(
            f"The last edition that the backup knows ended {_in_words(last) if last else 'never'}."
        )
        waiting = [rows.filter(state__in=ON_ITS_WAY).count() for rows in (Delivery.objects, Chase.objects)]
        self.stdout.write(
            f"On their way when it was made, to be held: {waiting[0]} digests, {waiting[1]} chases."
        )
        if told_until:
            self.stdout.write(f"Windows begin at {_in_words(told_until)}.")
            return
        for schedule, start, end in due_schedules(now=now):
            self.stdout.write(f"{schedule.group}: the next is of {_in_words(start)} to {_in_words(end)}")
        self.stdout.write(
            "If one of these went out before the database was lost, say --told-until with the moment of the last."
        )


def _in_words(moment: datetime) -> str:
    return moment.astimezone(LONDON).strftime("%-d %B %Y %H:%M")


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is not a moment. Write it like 2026-11-23T07:00.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
    if moment > now:
        raise CommandError("What is to come was not told.")
    return moment
