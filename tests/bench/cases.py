"""The cases: each run another person, another page, other words, after a write; and what must come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from random import Random
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from register.accounts.models import User
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import STAGES
from register.reference.models import AreaOfWork, PoliceArea
from tests.bench import expected
from tests.bench.asking import NUMBER, Answer, Ask, Browser, must, must_be
from tests.bench.people import GROUP, LOCAL, local_group, local_members, members, roster
from tests.bench.writing import Writer

IN_AREA = "EXISTS (SELECT FROM register_initiativearea l WHERE l.initiative_id = i.id AND l.area_of_work_id = %(area)s)"
IN_STAGE = "i.stage = %(stage)s"
# Words that most records hold, with what they look like in any form that a stem stands for.
COMMON = {
    "police": r"\mpolic(e|es|ed|ing)\M",
    "fire": r"\mfir(e|es|ed|ing)\M",
    "rescue": r"\mrescu(e|es|ed|ing)\M",
    "service": r"\mservic(e|es|ed|ing)\M",
}
SECOND_WORDS = {"shared": r"\mshar(e|es|ed|ing)\M", "joint": r"\mjoint(s|ed|ly)?\M", "": ""}
DEPTH = 0.5  # how deep in the register the deep page lies


class Cases:
    """Everything that the cases draw from, the same for each run of a case."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.draw = Random(20261123)
        self.write = Writer(self.draw)
        self.people = roster()
        self.members = members()
        self.areas = list(AreaOfWork.objects.active().order_by("position", "pk"))
        self.size = Initiative.objects.count()

    def all(self) -> Mapping[str, tuple[str, Callable[[int], Ask]]]:
        """By name: the address that must be there, and how run n asks."""
        return {
            "list": ("initiative_list", self.list),
            "filtered": ("initiative_list", self.filtered),
            "search_common": ("initiative_list", self.search_common),
            "search_rare": ("initiative_list", self.search_rare),
            "deep_page": ("initiative_facets", self.deep_page),  # cursors came with the numbers
            "record": ("initiative", self.record),
            "facets": ("initiative_facets", self.facets),
            "state_of_play": ("group_state_of_play", self.state_of_play),
            "opportunities": ("group_opportunities", self.opportunities),
            "barriers": ("group_barriers", self.barriers),
            "local_dashboard": ("group_state_of_play", self.local_dashboard),
            "gap_matrix": ("group_gaps", self.gap_matrix),
            "queue": ("group_queue", self.queue),
            "home": ("home", self.home),
        }

    def person(self, run: int) -> User:
        return self.people[run % len(self.people)]

    # -- the list

    def list(self, run: int) -> Ask:
        """The first page, the second or the third, after a record has come to the top."""
        user, page = self.person(run), run % 3
        changed = self.write.confirm()
        url = reverse("initiative_list")
        for _ in range(page):
            url = self.browser.get(user, url).next_url

        def check(answer: Answer) -> None:
            must_be(answer.references, expected.references(user, offset=25 * page), f"page {page + 1}")
            must(
                bool(page) or answer.references[0] == changed.reference, "what has just changed is not first"
            )

        return Ask(user, url, check)

    def filtered(self, run: int) -> Ask:
        user = self.person(run)
        area, stage = self.areas[run % len(self.areas)], STAGES[-1 - run % len(STAGES)]
        self.write.confirm()

        def check(answer: Answer) -> None:
            wanted = expected.references(user, f"{IN_AREA} AND {IN_STAGE}", area=area.pk, stage=str(stage))
            must_be(answer.references, wanted, f"{area} at {stage}")

        return Ask(user, self._list(area=area.code, stage=str(stage)), check)

    def deep_page(self, run: int) -> Ask:
        """A page about half-way: the cursor comes from the next page's link of a list that begins there."""
        user = self.person(run)
        self.write.confirm()
        place = int(self.size * (DEPTH + (run % 25 - 12) / 100))
        day = expected.one(
            f"SELECT (i.changed_at AT TIME ZONE 'Europe/London')::date FROM register_initiative i"
            f" WHERE {expected.REAL} ORDER BY {expected.LATEST} OFFSET {place} LIMIT 1",
            user,
        )
        before = self.browser.get(user, self._list(changed_to=day.isoformat()))
        last = int(before.references[-1].removeprefix("BL-"))
        cursor = [part for part in before.next_url.partition("?")[2].split("&") if part.startswith("after=")]

        def check(answer: Answer) -> None:
            after = "(i.changed_at, i.id) < (SELECT changed_at, id FROM register_initiative WHERE number = %(last)s)"
            must_be(answer.references, expected.references(user, after, last=last), "after the cursor")

        return Ask(user, f"{reverse('initiative_list')}?{cursor[0]}", check)

    # -- words

    def search_common(self, run: int) -> Ask:
        """A word that most records hold, alone, with another, or without a rare one."""
        user = self.person(run)
        word = list(COMMON)[run % len(COMMON)]
        second = list(SECOND_WORDS)[run // len(COMMON) % len(SECOND_WORDS)]
        without = self.write.new_word()
        self.write.note(f"{without} is not of interest here.")
        patterns = [pattern for pattern in (COMMON[word], SECOND_WORDS[second]) if pattern]

        def check(answer: Answer) -> None:
            must_be(len(set(answer.references)), 25, f"rows with {word} {second}")
            must_be(
                expected.with_words(user, answer.references, patterns), 25, f"rows that hold {word} {second}"
            )

        words = f"{word} {second} -{without}" if run % 2 else f"{word} {second}".strip()
        return Ask(user, self._list(q=words), check)

    def search_rare(self, run: int) -> Ask:
        """A word written a moment ago in one to three records, or the name of a place in a few."""
        user = self.person(run)
        if run % 2:
            word = self.write.new_word()
            found = {self.write.note(f"Now called {word}.").reference for _ in range(run % 3 + 1)}

            def check_new(answer: Answer) -> None:
                must_be(set(answer.references), found, f"rows with {word}")

            return Ask(user, self._list(q=word), check_new)
        self.write.confirm()
        phrase = self._site()

        def check(answer: Answer) -> None:
            where = f"{expected.TEXT} ~* %(phrase)s"
            wanted = expected.references(user, where, phrase=rf"\m{phrase}\M", limit=26)
            must_be(sorted(answer.references), sorted(wanted), f"rows with “{phrase}”")

        return Ask(user, self._list(q=f'"{phrase}"'), check)

    def _site(self) -> str:
        """The name of somewhere, from a record's purpose: “At Ashgate Lane, police and …”."""
        purpose = self.write.any_record().purpose
        return purpose.partition(",")[0].removeprefix("At ") if purpose.startswith("At ") else self._site()

    # -- one record, and the numbers beside the filters

    def record(self, run: int) -> Ask:
        user = self.person(run)
        self.write.confirm()
        record = self.write.any_record()

        def check(answer: Answer) -> None:
            names = expected.rows(
                "SELECT o.name FROM register_initiativepartner p JOIN register_organisation o"
                " ON o.id = p.organisation_id WHERE p.initiative_id = %(record)s",
                record=record.pk,
            )
            must(
                escape(record.title) in answer.text and record.reference in answer.text,
                "its title is missing",
            )
            must(all(escape(name) in answer.text for (name,) in names), f"partners of {record.reference}")

        return Ask(user, record.get_absolute_url(), check)

    def facets(self, run: int) -> Ask:
        """Of everything, of an area of work, of a stage within one, of a common word."""
        user, kind = self.person(run), run % 4
        area, stage = self.areas[run % len(self.areas)], str(STAGES[-1 - run % len(STAGES)])
        word = list(COMMON)[run // 4 % len(COMMON)]
        self.write.confirm()
        told: list[dict[str, str]] = [
            {},
            {"area": area.code},
            {"area": area.code, "stage": stage},
            {"q": word},
        ]

        def check(answer: Answer) -> None:
            stages = _numbers(answer, "stage", [str(s) for s in STAGES])
            if kind == 3:
                must(self.size / 2 < sum(stages.values()) <= self.size, f"stages with {word}: {stages}")
                return
            where = IN_AREA if kind else "true"
            found = expected.grouped(user, "i.stage", where, area=area.pk)
            must_be(stages, {code: found.get(code, 0) for code in stages}, "numbers of stages")
            by_area = expected.grouped(
                user,
                "(SELECT code FROM register_areaofwork WHERE id = %(area)s)",
                f"{IN_AREA} AND {IN_STAGE}" if kind == 2 else IN_AREA,
                area=area.pk,
                stage=stage,
            )
            must_be(
                _numbers(answer, "area", [area.code]),
                {area.code: by_area.get(area.code, 0)},
                "number of area",
            )

        return Ask(user, f"{reverse('initiative_facets')}?{urlencode(told[kind])}", check)

    # -- pages that sum the whole register up

    def state_of_play(self, run: int) -> Ask:
        return self._of_group(run, "group_state_of_play", "i.stage = 'live' AND i.standing = 'active'")

    def opportunities(self, run: int) -> Ask:
        """The page says how many are not yet agreed."""
        early = "i.stage IN ('opportunity', 'considered', 'business_case') AND i.standing = 'active'"
        return self._of_group(run, "group_opportunities", early)

    def local_dashboard(self, run: int) -> Ask:
        """State of play of a hundredth of the register."""
        people = local_members()
        _, place, area = local_group()
        user = people[run % len(people)]
        self.write.confirm()
        where = (
            f"i.stage = 'live' AND i.standing = 'active' AND {IN_AREA} AND EXISTS (SELECT FROM"
            " register_initiativeplace p WHERE p.initiative_id = i.id AND p.police_area_id = %(place)s)"
        )

        def check(answer: Answer) -> None:
            live = expected.count(user, where, area=area.pk, place=place.pk)
            must(_linked(answer, "Live") == live, f"{live} live")

        return Ask(user, reverse("group_state_of_play", args=[LOCAL]), check)

    def gap_matrix(self, run: int) -> Ask:
        """The matrix by police areas or by services of a kind; a cell of it is counted again."""
        user, area = self._member(run), self.areas[run % len(self.areas)]
        places = list(PoliceArea.objects.real().filter(retired_on=None).order_by("pk"))
        place = places[run % len(places)]
        self.write.confirm()
        where = (
            f"i.standing = 'active' AND {IN_AREA} AND EXISTS (SELECT FROM register_initiativeplace p"
            " WHERE p.initiative_id = i.id AND p.police_area_id = %(place)s)"
        )
        by = ["place", "fire", "police"][run % 3]

        def check(answer: Answer) -> None:
            if by != "place":
                must(answer.text.count("<td") > 500, f"cells by {by}")
                return
            wanted = expected.count(user, where, area=area.pk, place=place.pk)
            _, _, said = answer.text.partition(f'aria-label="{escape(area.name)}, {escape(place.name)}: ')
            found = NUMBER.match(said)
            n = int(found[0]) if found else 0 if said.startswith("nothing") else -1
            must(n == wanted, f"{wanted} of {area} in {place}: {n}")

        return Ask(user, f"{reverse('group_gaps', args=[GROUP])}?by={by}", check)

    def barriers(self, run: int) -> Ask:
        user = self._member(run)
        self.write.confirm()

        def check(answer: Answer) -> None:
            sql = (
                "SELECT count(*) FROM register_barrier b JOIN register_initiative i ON i.id = b.initiative_id"
                f" WHERE {expected.REAL} AND b.state IN ('open', 'being_worked_on')"
                " AND i.standing IN ('active', 'paused')"
            )
            must(expected.one(sql, user) in answer.numbers, "the number of open barriers")

        return Ask(user, reverse("group_barriers", args=[GROUP]), check)

    def queue(self, run: int) -> Ask:
        """What the national group is to look at: the page says how many are overdue for an update."""
        user = self._member(run)
        self.write.confirm()
        late = "i.standing = 'active' AND i.next_update_due < (now() AT TIME ZONE 'Europe/London')::date"

        def check(answer: Answer) -> None:
            must(expected.count(user, late) in answer.numbers, "the number of those overdue")

        return Ask(user, reverse("group_queue", args=[GROUP]), check)

    def _of_group(self, run: int, name: str, where: str) -> Ask:
        user = self._member(run)
        self.write.confirm()

        def check(answer: Answer) -> None:
            must(not where or expected.count(user, where) in answer.numbers, f"{name}: {where}")

        return Ask(user, reverse(name, args=[GROUP]), check)

    def _member(self, run: int) -> User:
        return self.members[run % len(self.members)]

    def home(self, run: int) -> Ask:
        """Of somebody whose organisations take part in many."""
        contributing = [user for user in self.people if any(body for _, body, _ in expected.rows_of(user))]
        user = contributing[run % len(contributing)]
        self.write.confirm()

        def check(answer: Answer) -> None:
            mine = (
                "i.created_by_id = %(user)s OR EXISTS (SELECT FROM register_initiativepartner p"
                " WHERE p.initiative_id = i.id AND p.organisation_id = ANY(%(bodies)s))"
            )
            must(expected.count(user, mine) in answer.numbers, "the number of one's own initiatives")

        return Ask(user, reverse("home"), check)

    def _list(self, **parameters: str) -> str:
        return f"{reverse('initiative_list')}?{urlencode(parameters)}"


def _linked(answer: Answer, label: str) -> int:
    """The figure at the head of a dashboard that is called so."""
    before, _, _ = answer.text.partition(f'<span class="bl-stat__l">{label}</span>')
    found = NUMBER.findall(before.rpartition("bl-stat__n")[2])
    must(bool(found), f"a figure called {label}")
    return int(found[-1].replace(",", ""))


def _numbers(answer: Answer, question: str, codes: list[str]) -> dict[str, int]:
    """What stands beside the choices of a question."""
    found = {}
    for code in codes:
        _, _, after = answer.text.partition(f'id="n-{question}-{code}"')
        found[code] = int(after.partition(">")[2].partition("<")[0].replace(",", "") or 0)
    return found


def is_there(name: str) -> bool:
    """Whether the feature exists: its address resolves."""
    for arguments in ([], ["BL-00001"], [GROUP]):
        try:
            reverse(name, args=arguments)
        except NoReverseMatch:
            continue
        return True
    return False
