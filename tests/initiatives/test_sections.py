"""What hangs on a record is added, changed and taken off by who may, and nothing typed is lost on the way."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from register.core.tracking import origin, recorded
from register.history.models import Change
from register.initiatives.models import Benefit, Initiative
from register.initiatives.sections import SECTIONS
from register.initiatives.services import add_benefit
from tests.factories import initiative, organisation, person
from tests.initiatives.support import LEAD, PARTY

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    """What a section's form is sent: to add, what then differs in a change, and what cannot be, with its message."""

    added: dict[str, Any]
    changed: dict[str, Any]
    wrong: dict[str, str]
    said: str
    kept: dict[str, Any] = field(default_factory=dict)  # columns after the change, where not as typed


MONEY = {"organisation": LEAD, "financial_year": "2025", "forecast": "£1.2m"}
CASES = {
    "benefits": Case(
        {"title": "Vans are off the road less", "outcome": "better_service", "kind": "cashable", "is_recurring": "yes"},
        {"title": "Vans are mended sooner"},
        {"target": "a <b>lot"},
        "Enter a number, such as 12 or 4.5",
    ),
    "savings": Case(
        {**MONEY, "benefit": "…"}, {"forecast": "", "actual": "950,000"}, {"forecast": "about <1m"},
        "Write an amount in pounds", {"forecast_pence": None, "actual_pence": 950_000_00},
    ),
    "costs": Case(
        {**MONEY, "what_for": "Ramps", "is_recurring": "no"}, {"what_for": "Ramps and tools"},
        {"forecast": "£12.345"}, "Write no fractions of a penny.", {"forecast_pence": 1_200_000_00},
    ),
    "funding": Case(
        {**MONEY, "source": "Transformation fund", "funder": "Home Office"}, {"source": "Innovation fund"},
        {"funder": "Zzyzx <Qwxj>"}, "No organisation is called anything like",
    ),
    "figures": Case(
        {"as_stated": "up to £4m a year together", "kind": "saving", "amount": "4m", "basis": "a_year"},
        {"as_stated": "£5m a year", "amount": "5 million", "stated": "June 2014"},
        {"stated": "31 June 2014"}, "Write a date like", {"amount_pence": 5_000_000_00, "stated_precision": "month"},
    ),
    "barriers": Case(
        {"title": "Two leases", "category": "estates_and_planning", "severity": "high", "remover": "local",
         "raised_on": "1 October 2026"},
        {"title": "Two leases to end", "state": "being_worked_on"},
        {"raised_on": "1 October 2099"}, "That date is still to come.", {"state": "being_worked_on"},
    ),
    "milestones": Case(
        {"what": "Open the doors", "due": "2027"}, {"what": "Open all doors", "reached_on": "2 November 2026"},
        {"due": "when it is <done>"}, "Write a date like", {"due_precision": "year"},
    ),
    "agreements": Case(
        {"kind": "s22a", "title": "Section 22A", "parties": [LEAD, PARTY], "signed_on": "1 April 2024"},
        {"title": "Section 22A, renewed", "parties": [LEAD]},
        {"ends_on": "31 March 2024"}, "That is before it was signed (1 April 2024).",
    ),
    "documents": Case(
        {"title": "Business case", "link": "https://example.org/case"}, {"title": "Full business case"},
        {"link": "javascript:alert(1)"}, "Enter an address that starts with https://",
    ),
    "updates": Case(
        {"text": "The ramps are in.", "confidence": "green", "noted_on": "20 November 2026"},
        {"text": "The ramps are out again.", "confidence": "amber"},
        {"text": "SECRET\n<who> and where"}, "The register holds OFFICIAL and OFFICIAL-SENSITIVE only.",
    ),
}  # fmt: skip
TEXTS = {"title", "what_for", "source", "as_stated", "what", "text"}
each_section = pytest.mark.parametrize("slug", SECTIONS)


@pytest.fixture
def record(clock: Any) -> Initiative:
    clock.set("2026-11-23 09:00")
    return initiative()


@pytest.fixture
def contributor(client: Client, record: Initiative) -> Client:
    client.force_login(person("contributor", at=LEAD))
    return client


def form(slug: str, record: Initiative, **more: Any) -> dict[str, Any]:
    sent = CASES[slug].added | more
    if slug == "savings":
        with origin("test"):
            benefit = record.benefits.first() or add_benefit(
                by=None, initiative=record, title="Cheaper", outcome="reduced_cost", kind="cashable"
            )
        sent["benefit"] = benefit.pk
    return sent


def add(client: Client, slug: str, record: Initiative) -> Any:
    """The row that the form added."""
    answer = client.post(f"{record.get_absolute_url()}{slug}/new/", form(slug, record))
    assert answer["Location"] == f"{record.get_absolute_url()}#{slug}"
    return SECTIONS[slug].model._default_manager.get()


def errors(page: str) -> list[tuple[str, str]]:
    """The links of the error summary: where to and what they say. Each must lead to a control of the page."""
    summary = page[page.index("govuk-error-summary__list") :].split("</ul>")[0]
    links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', summary)
    for target, _ in links:
        assert re.search(rf'<(input|textarea|select)\b[^>]* id="{target}"', page), target
    return [(target, html.unescape(text)) for target, text in links]


def test_every_section_is_tried() -> None:
    assert set(CASES) == set(SECTIONS)
    assert len(SECTIONS) == 10


@each_section
def test_a_contributor_adds_changes_and_takes_off(contributor: Client, record: Initiative, slug: str) -> None:
    row = add(contributor, slug, record)
    assert row.initiative == record
    at = f"{record.get_absolute_url()}{slug}/{row.pk}"
    assert contributor.get(f"{at}/edit/").status_code == 200
    changed = {"state": "open"} | form(slug, record) | {"version": "1"} | CASES[slug].changed
    assert contributor.post(f"{at}/edit/", changed)["Location"] == f"{record.get_absolute_url()}#{slug}"
    row.refresh_from_db()
    assert row.version == 2
    as_typed = {name: CASES[slug].changed[name] for name in CASES[slug].changed.keys() & TEXTS}
    for column, value in (as_typed | CASES[slug].kept).items():
        assert getattr(row, column) == value
    assert contributor.get(f"{at}/remove/").status_code == 200
    assert SECTIONS[slug].model._default_manager.exists()
    assert contributor.post(f"{at}/remove/", {"reason": "A double."}).status_code == 302
    assert not SECTIONS[slug].model._default_manager.exists()
    assert Change.objects.of(record).filter(reason="A double.").exists()


@each_section
def test_an_edit_page_saves_what_it_shows_and_who_saves_it_second_sees_both_texts(
    contributor: Client, record: Initiative, slug: str
) -> None:
    row = add(contributor, slug, record)
    at = f"{record.get_absolute_url()}{slug}/{row.pk}/edit/"
    shown = contributor.get(at).context["form"]
    first = {bound.html_name: bound.value() for bound in shown if bound.value() is not None}
    before = type(row)._default_manager.values().get()
    assert contributor.post(at, first).status_code == 302
    assert type(row)._default_manager.values().get() == before | {"version": 2}
    second = first | CASES[slug].changed
    answer = contributor.post(at, second)
    assert answer.status_code == 409
    page = html.unescape(answer.content.decode())
    for name in CASES[slug].changed.keys() & TEXTS:
        assert f">{first[name]}</td>" in page
        assert f">{second[name]}</td>" in page
    assert type(row)._default_manager.values().get() == before | {"version": 2}
    assert contributor.post(at, second | {"version": "2"}).status_code == 302


@pytest.mark.parametrize("slug", ["costs", "funding", "agreements"])
def test_an_organisation_that_left_keeps_what_it_paid_and_signed(
    contributor: Client, record: Initiative, slug: str
) -> None:
    name = "parties" if slug == "agreements" else "organisation"
    theirs = form(slug, record, **{name: [PARTY] if slug == "agreements" else PARTY})
    contributor.post(f"{record.get_absolute_url()}{slug}/new/", theirs)
    row = SECTIONS[slug].model._default_manager.get()
    with origin("test"), recorded(by=None):
        record.partners.get(organisation__code=PARTY).delete()
    at = f"{record.get_absolute_url()}{slug}/{row.pk}/edit/"
    shown = contributor.get(at).context["form"]
    first = {bound.html_name: bound.value() for bound in shown if bound.value() is not None}
    sent = first | CASES[slug].changed | {name: first[name]}
    assert contributor.post(at, sent).status_code == 302
    row.refresh_from_db()
    kept = row.parties.all() if slug == "agreements" else [row.organisation]
    assert organisation(PARTY) in kept


@each_section
def test_a_reader_is_told_why_not_and_changes_nothing(client: Client, record: Initiative, slug: str) -> None:
    client.force_login(person("contributor", at=LEAD))
    row, sent = add(client, slug, record), form(slug, record)
    client.force_login(person("reader", at=LEAD))
    last = Change.objects.count()
    for page in ("new", f"{row.pk}/edit", f"{row.pk}/remove"):
        address = f"{record.get_absolute_url()}{slug}/{page}/"
        for answer in (client.get(address), client.post(address, sent | {"version": "1"})):
            assert answer.status_code == 403
            assert "Your roles do not let you keep it current." in answer.content.decode()
    assert Change.objects.count() == last


@each_section
def test_a_bad_value_is_shown_again_as_typed_with_a_link_to_it_and_so_is_a_missing_one(
    contributor: Client, record: Initiative, slug: str
) -> None:
    wrong, said = CASES[slug].wrong, CASES[slug].said
    sent = form(slug, record, **wrong)
    answer = contributor.post(f"{record.get_absolute_url()}{slug}/new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    [(target, text)] = errors(page)
    [name] = wrong
    assert (target, text[: len(said)]) == (f"id_{name}", said)
    shown = html.unescape(page)
    for typed in sent.values():
        for one in typed if isinstance(typed, list) else [typed]:
            assert str(one) in shown
    assert all(html.escape(typed) in page for typed in wrong.values())
    assert not SECTIONS[slug].model._default_manager.exists()
    answer = contributor.post(f"{record.get_absolute_url()}{slug}/new/", {})
    needed = [name for name, asked in answer.context["form"].fields.items() if asked.required]
    found = [target.removeprefix("id_").removesuffix("_0") for target, _ in errors(answer.content.decode())]
    assert found == needed


@pytest.mark.parametrize("slug", ["barriers", "savings"])
def test_the_row_of_one_record_is_not_reached_through_another(
    contributor: Client, record: Initiative, slug: str
) -> None:
    row = add(contributor, slug, record)
    elsewhere = initiative("Another").get_absolute_url()
    for page in ("edit", "remove"):
        assert contributor.get(f"{elsewhere}{slug}/{row.pk}/{page}/").status_code == 404
        assert contributor.post(f"{elsewhere}{slug}/{row.pk}/{page}/", {}).status_code == 404
    assert SECTIONS[slug].model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("reason", ["a\x00b", "SECRET\nwho", "x" * 300])
def test_a_reason_that_cannot_be_kept_is_refused_and_the_row_stays(
    contributor: Client, record: Initiative, reason: str
) -> None:
    row = add(contributor, "benefits", record)
    answer = contributor.post(f"{record.get_absolute_url()}benefits/{row.pk}/remove/", {"reason": reason})
    assert answer.status_code == 422
    assert errors(answer.content.decode())[0][0] == "id_reason"
    assert Benefit.objects.filter(pk=row.pk).exists()


def test_a_benefit_that_is_added_for_a_saving_leads_on_to_the_saving(
    contributor: Client, record: Initiative
) -> None:
    at = record.get_absolute_url()
    assert f'href="{at}benefits/new/?then=savings"' in contributor.get(f"{at}savings/new/").content.decode()
    added = CASES["benefits"].added
    assert contributor.post(f"{at}benefits/new/?then=savings", added)["Location"] == f"{at}savings/new/"
    assert contributor.post(f"{at}benefits/new/", added)["Location"] == f"{at}#benefits"
