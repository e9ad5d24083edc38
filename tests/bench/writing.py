"""The write between two readings, through the register's own doors."""

from __future__ import annotations

from random import Random

from register.core.clock import today
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import add_update, confirm_still_current


class Writer:
    def __init__(self, draw: Random) -> None:
        self.draw = draw
        numbers = Initiative.objects.order_by("number").values_list("number", flat=True)
        self.first, self.last = numbers.first() or 1, numbers.last() or 1

    def any_number(self) -> int:
        return self.draw.randint(self.first, self.last)

    def any_record(self) -> Initiative:
        """A live record, for everyone: whoever reads next may see that it changed."""
        found = Initiative.objects.filter(
            number__gte=self.any_number(), audience="everyone", is_fictional=False
        )
        record = found.kept().order_by("number").first()
        return record or self.any_record()

    def confirm(self) -> Initiative:
        """A record comes to the top of what changed last: one that has not been confirmed today, or nothing changes."""
        on, record = today(), self.any_record()
        while record.confirmed_on == on:
            record = self.any_record()
        with origin("test"):
            return confirm_still_current(by=None, initiative=record, on=on)

    def note(self, words: str) -> Initiative:
        with origin("test"):
            record = self.any_record()
            add_update(
                by=None, initiative=record, text=words, confidence="green", noted_on=today(), on=today()
            )
        return record

    def new_word(self) -> str:
        """One that nobody has written yet."""
        consonants, vowels = "bdfgklmnprtvz", "aiou"
        pairs = "".join(self.draw.choice(consonants) + self.draw.choice(vowels) for _ in range(5))
        return f"{pairs}q"
