"""The sample's tables against what the sources' facts say (`expected.csv`), field by field; and their reader."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from register.core.dates import LimitedDate
from register.initiatives import vocabulary
from register.pages.sample import codes
from register.pages.sample.facts import FOLDER, SampleInitiative, read_sample
from register.reference.tables import TableError, read_tables
from tests.sample.names import FUNDERS, MEANS

REFERENCE = read_tables()
SAMPLE = {initiative.key: initiative for initiative in read_sample(reference=REFERENCE)}
with (Path(__file__).parent / "expected.csv").open(newline="", encoding="utf-8") as handle:
    FACTS = {row["key"]: row for row in csv.DictReader(handle)}

# What “Delivering” and “Planned” came to was decided by the facts, row by row; the rest follows from the word.
STAGES = {
    "Live": "live", "Approved": "agreed", "Funded": "agreed", "In": "agreed", "Scaled": "agreed",
    "Business": "business_case", "For": "business_case", "Exploring": "considered", "Pilot": "pilot",
    "Ended": "live", "Closed": "live",
}  # fmt: skip
DECIDED = {
    "F08": "live", "F10": "live", "F13": "business_case", "F14": "agreed", "F23": "agreed", "F24": "agreed",
    "F34": "agreed", "F45": "business_case", "F46": "live", "F48": "agreed", "F49": "live",
}  # fmt: skip
CLOSED = {"Pilot", "Ended", "Closed"}


def stated_date(text: str) -> LimitedDate | None:
    """ "2014-12", "2022 (mem)" or "2015-2016 (approx)", the first year, as a date."""
    words = re.match(r"(\d{4})(?:-(\d{2})\b)?(?:-(\d{2})\b)?", text)
    if not words:
        assert not text, f"not a date: {text}"
        return None
    year, month, day = (int(part) if part else 0 for part in words.groups())
    return LimitedDate(date(year, month or 1, day or 1), "day" if day else "month" if month else "year")


def who(text: str) -> set[str]:
    return {code for name in text.split(";") if name for code in MEANS[name.strip()]}


def there(code: str, initiative: SampleInitiative, since: LimitedDate | None) -> bool:
    """Whether the reference tables let an organisation take part then."""
    organisation = REFERENCE.organisations[code]
    when = since or initiative.starts or LimitedDate(date(2026, 11, 23))
    starts, ends = (
        organisation["starts_on"],
        LimitedDate.of(organisation["ends_on"], organisation["ends_precision"]),
    )
    begun = starts is None or "starts_on" in organisation["unverified"] or starts <= when.last
    return begun and (
        ends is None or when.first < ends.first or (ends.precision != "day" and when.first <= ends.last)
    )


def test_every_collaboration_of_the_facts_is_there_under_its_name() -> None:
    assert len(SAMPLE) == 65
    assert {key: initiative.title for key, initiative in SAMPLE.items()} == {
        k: f["name"] for k, f in FACTS.items()
    }


def all_of(field: Callable[[SampleInitiative], Any]) -> dict[str, Any]:
    return {key: field(initiative) for key, initiative in SAMPLE.items()}


def stated(field: Callable[[dict[str, str]], Any]) -> dict[str, Any]:
    return {key: field(fact) for key, fact in FACTS.items()}


def test_the_lead_is_who_the_source_says_or_nobody() -> None:
    assert all_of(lambda i: {i.lead} - {""}) == stated(lambda fact: who(fact["lead"]))


def test_the_partners_are_exactly_those_stated() -> None:
    taking_part = all_of(
        lambda i: {partner.organisation for partner in i.partners if partner.role != "funder"}
    )
    assert taking_part == stated(lambda fact: who(fact["partners"]) | who(fact["lead"]))


def test_funders_are_exactly_those_named() -> None:
    names = re.compile("|".join(rf"\b{name}\b" for name in FUNDERS))
    named = stated(lambda fact: who(";".join(names.findall(fact["cost_or_funding"]))))
    assert all_of(lambda i: {code for figure in i.figures for code in figure.funders}) == named
    paying = all_of(lambda i: {partner.organisation for partner in i.partners if partner.role == "funder"})
    assert paying == {key: payers - {SAMPLE[key].lead} for key, payers in named.items()}


def test_the_places_are_exactly_those_stated() -> None:
    names = {area["code"]: area["name"] for area in REFERENCE.police_areas.values()}
    assert all_of(lambda i: [names[code] for code in i.places]) == stated(
        lambda fact: [name for name in fact["police_area"].split("|") if name != "National"]
    )


def test_start_and_end_are_as_exact_as_stated_and_no_more() -> None:
    assert all_of(lambda i: (i.starts, i.ends)) == stated(
        lambda fact: (stated_date(fact["start"]), stated_date(fact["end"]))
    )


def test_yearly_savings_are_those_stated() -> None:
    yearly = all_of(
        lambda i: [f.amount_pence for f in i.figures if (f.kind, f.basis) == ("saving", "a_year")]
    )
    assert yearly == stated(
        lambda fact: [int(pounds) * 100 for pounds in [fact["savings_gbp_per_year"]] if pounds]
    )


def test_stage_and_standing_follow_from_the_stage_as_stated() -> None:
    words = stated(lambda fact: fact["stage"].split()[0].strip(","))
    assert all_of(lambda i: i.stage) == {key: DECIDED.get(key) or STAGES[word] for key, word in words.items()}
    assert all_of(lambda i: i.standing) == {
        k: "closed" if w in CLOSED else "active" for k, w in words.items()
    }


def test_a_reason_for_closing_is_given_only_where_a_source_gives_it() -> None:
    reasons = {key: i.standing_reason for key, i in SAMPLE.items() if i.standing_reason}
    assert {key for key, reason in reasons.items() if reason != "not_stated"} == {"F41"}
    for key in reasons.keys() - {"F41"}:
        assert SAMPLE[key].standing_text == "Not stated in the source"


def test_stated_figures_are_quoted_word_for_word() -> None:
    for key, initiative in SAMPLE.items():
        for figure in initiative.figures:
            column = "savings_text" if figure.kind == "saving" else "cost_or_funding"
            assert figure.as_stated in FACTS[key][column], key
        assert initiative.no_figure_text in ("", FACTS[key]["savings_text"]), key


def test_no_amount_that_was_stated_is_lost() -> None:
    for key, fact in FACTS.items():
        quoted = " ".join(figure.as_stated for figure in SAMPLE[key].figures)
        amounts = re.findall(r"£[\d.,]*\d[mk]?", f"{fact['savings_text']}\n{fact['cost_or_funding']}")
        # F21: the price of what they share already, not of working together
        assert [amount for amount in amounts if amount not in quoted] == (["£32m"] if key == "F21" else []), (
            key
        )


def test_an_amount_is_one_of_those_quoted() -> None:
    for key, initiative in SAMPLE.items():
        for figure in initiative.figures:
            quoted: list[int | None] = [
                round(float(number.replace(",", "")) * (100_000_000 if million else 100))
                for number, million in re.findall(r"£([\d.,]*\d)(m?)", figure.as_stated)
            ]
            assert figure.amount_pence in (quoted or [None]), key


def test_what_rests_on_memory_says_so() -> None:
    for key, fact in FACTS.items():
        said = {part.partition(":")[0] for part in SAMPLE[key].unverified}
        assert said or not any("(mem)" in fact[column] for column in ("partners", "stage", "start", "end")), (
            key
        )
        assert "starts" in said or "(mem)" not in fact["start"], key
        assert "ends" in said or "(mem)" not in fact["end"], key


def test_what_is_known_from_memory_only_has_a_source_that_says_so() -> None:
    assert [key for key, i in SAMPLE.items() if any(source.is_unverified for source in i.sources)] == ["F52"]
    assert SAMPLE["F52"].unverified[0].startswith("everything: ")


def test_each_partner_was_there_at_the_time() -> None:
    for key, initiative in SAMPLE.items():
        for partner in initiative.partners:
            assert there(partner.organisation, initiative, partner.since), f"{key}: {partner.organisation}"


def test_every_purpose_is_one_sentence_of_its_own() -> None:
    purposes = [initiative.purpose for initiative in SAMPLE.values()]
    assert len(set(purposes)) == 65
    assert all(re.fullmatch(r"[A-Z][^.!?]+\.", purpose) for purpose in purposes)


def test_the_tables_use_the_registers_own_vocabulary() -> None:
    assert set(codes.STAGES) == set(vocabulary.Stage.values)
    assert set(codes.STANDINGS) == set(vocabulary.Standing.values)
    assert set(codes.STANDING_REASONS) == set(vocabulary.StandingReason.values)
    assert set(codes.DEPTHS) == set(vocabulary.Depth.values)
    assert set(codes.ROLES) == set(vocabulary.PartnerRole.values)
    assert set(codes.FIGURE_KINDS) == set(vocabulary.FigureKind.values)
    assert set(codes.FIGURE_BASES) == set(vocabulary.FigureBasis.values)
    assert set(codes.NO_FIGURE_REASONS) <= set(vocabulary.NoFigureReason.values)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("initiatives.csv", "F02,", "F01,", r"initiatives.csv, line 3: F01 is there twice"),
        (
            "initiatives.csv",
            ",co_location,Police moved",
            ",close,Police moved",
            r"line 6: “close” is not known",
        ),
        (
            "initiatives.csv",
            "2014-12-01,month",
            "2014-12-02,month",
            r"line 2: starts .* starts on its first day",
        ),
        ("initiatives.csv", "2020-01-01,year", "2012-01-01,year", r"line 42: it ends before it starts"),
        ("initiatives.csv", "House Hampshire’s", "House " + "x" * 200, r"line 6: purpose has \d+ characters"),
        ("initiatives.csv", ",partner_withdrew,", ",,", r"line 42: a standing other than active"),
        ("initiatives.csv", ",derbyshire-policing-body,", ",derbyshire-police,", r"line 2: the lead is derb"),
        (
            "initiatives.csv",
            "ends: 2022",
            "when: 2022",
            r"line 45: unverified “when: 2022”: begin with one of",
        ),
        ("initiatives.csv", "F06,", "F64,", r"partners.csv, line \d+: “F06” is not known"),
        (
            "partners.csv",
            "F01,derbyshire-police,party",
            "F01,derbyshire-police,lead",
            r"initiatives.csv, line 2: the",
        ),
        (
            "partners.csv",
            "F01,derbyshire-fire",
            "F01,derbyshire-police",
            r"partners.csv, line 4: .* there twice",
        ),
        (
            "partners.csv",
            "nwas-ambulance",
            "nwass-ambulance",
            r"partners.csv, line \d+: “nwass-ambulance” is not",
        ),
        (
            "places.csv",
            "E23000018,Derbyshire",
            "E23000018,Kent",
            r"places.csv, line 2: E23000018 is not Kent",
        ),
        ("areas.csv", "F02,training", "F02,trainings", r"areas.csv, line 3: “trainings” is not known"),
        (
            "stage_moves.csv",
            "2014-12-01,month",
            "2013-12-01,month",
            r"stage_moves.csv, line 3: it happened in",
        ),
        ("stage_moves.csv", "F02,live,", "F02,pilot,", r"initiatives.csv, line 3: its moves lead to pilot"),
        ("stated_figures.csv", ",150000000,", ",1500000.00,", r"stated_figures.csv, line 2: amount_pence"),
        ("stated_figures.csv", "F04,saving,400000000", "F04,saving,", r"line 5: a saving without an amount"),
        (
            "sources.csv",
            "https://policeprof",
            "ftp://policeprof",
            r"sources.csv, line 2: .* not a web address",
        ),
        ("sources.csv", "key,link", "key,url", r"sources.csv, line 1: the columns are not key, link"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    table = tmp_path / file
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_sample(tmp_path, REFERENCE)
