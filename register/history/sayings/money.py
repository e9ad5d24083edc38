"""What is said of benefits and money."""

from __future__ import annotations

from collections.abc import Iterator

from register.core.money import in_words as pounds
from register.history.folding import ADDED, CHANGED, REMOVED, Net
from register.history.sayings.common import Said, Teller, line, says

FORECAST, ACTUAL = "forecast_pence", "actual_pence"


@says("benefit")
def _benefit(net: Net, teller: Teller) -> Iterator[Said]:
    title = line(net.row["title"])
    if net.how != CHANGED:
        yield Said("benefit", f"a benefit was {net.how}: {title}")
    elif "actual" in net.columns and net.after.get("actual") is not None:
        unit = f" {net.after['unit']}" if net.after.get("unit") else ""
        yield Said("benefit", f"a benefit was measured: {title}, {teller.word(net, 'actual')}{unit}")
    elif "evidence" in net.columns and net.after.get("evidence"):
        yield Said("benefit", f"the evidence of a benefit is now “{teller.small(net, 'evidence')}”: {title}")
    else:
        yield Said("benefit", f"a benefit was changed: {title}")


@says("savingline")
def _saving(net: Net, teller: Teller) -> Iterator[Said]:
    if net.how == ADDED:
        yield Said("saving", f"now has a saving: {_figure(net, teller)}{_standing(net)}")
    elif net.how == REMOVED:
        yield Said("saving", f"no longer has a saving: {_figure(net, teller)}{_standing(net)}")
    elif "verified_on" in net.columns and net.after.get("verified_on"):
        by = line(net.after.get("verified_by", ""))
        yield Said("saving", f"a saving was verified: {_figure(net, teller)}, by {by}")
    elif net.columns & {FORECAST, ACTUAL}:
        for column, said in _changed(net, teller, "saving"):
            yield Said("saving", f"{said}{_standing(net) if column == ACTUAL else ''}")
    elif "verified_on" in net.columns:
        yield Said("saving", f"a saving is claimed again, no longer verified: {_figure(net, teller)}")
    else:
        yield Said("saving", f"a saving was corrected: {_figure(net, teller)}{_standing(net)}")


@says("costline")
def _cost(net: Net, teller: Teller) -> Iterator[Said]:
    yield from _line(net, teller, "cost", "a cost", f" ({_small_start(net.row['what_for'])})")


@says("fundingline")
def _funding(net: Net, teller: Teller) -> Iterator[Said]:
    yield from _line(net, teller, "funding", "funding", f" from {line(net.row['source'])}")


def _line(net: Net, teller: Teller, kind: str, thing: str, tail: str) -> Iterator[Said]:
    if net.how == ADDED:
        yield Said(kind, f"now has {thing}: {_figure(net, teller)}{tail}")
    elif net.how == REMOVED:
        yield Said(kind, f"no longer has {thing}: {_figure(net, teller)}{tail}")
    elif net.columns & {FORECAST, ACTUAL}:
        for _, said in _changed(net, teller, kind):
            yield Said(kind, f"{said}{tail}")
    else:
        yield Said(kind, f"{thing} was corrected: {_figure(net, teller)}{tail}")


def _small_start(text: str) -> str:
    flat = line(text)
    return flat[:1].lower() + flat[1:] if flat[1:2].islower() else flat


def _figure(net: Net, teller: Teller) -> str:
    """ "£310,000 for 2025–26, forecast", or with both "£172,500 for 2025–26, forecast £180,000"."""
    row, year = net.row, teller.word(net, "financial_year")
    actual, forecast = row.get(ACTUAL), row.get(FORECAST)
    if actual is None:
        return f"{pounds(forecast)} for {year}, forecast" if forecast is not None else f"for {year}"
    tail = "actual" if forecast is None else f"actual (forecast {pounds(forecast)})"
    return f"{pounds(actual)} for {year}, {tail}"


def _standing(net: Net) -> str:
    """What is said of an actual: a forecast is neither claimed nor verified."""
    if net.row.get(ACTUAL) is None:
        return ""
    return ", verified" if net.row.get("verified_on") else ", claimed"


def _changed(net: Net, teller: Teller, thing: str) -> Iterator[tuple[str, str]]:
    """Each figure that changed: its column, and how."""
    year = teller.word(net, "financial_year")
    for column, word in ((FORECAST, "forecast"), (ACTUAL, "actual")):
        if column not in net.columns:
            continue
        before, after = net.before.get(column), net.after.get(column)
        what = f"the {word} {thing} for {year}"
        if after is None:
            yield column, f"{what} was withdrawn; it was {pounds(before or 0)}"
        elif before is None:
            yield column, f"{what} was set to {pounds(after)}"
        else:
            verb = "rose" if after > before else "fell"
            yield column, f"{what} {verb} from {pounds(before)} to {pounds(after)}"


@says("statedfigure")
def _stated(net: Net, teller: Teller) -> Iterator[Said]:
    kind = teller.small(net, "kind")
    thing = "stated funding" if kind == "funding" else f"a stated {kind}"
    words = {ADDED: f"now has {thing}", CHANGED: f"{thing} was changed", REMOVED: f"no longer has {thing}"}
    yield Said("figure", f"{words[net.how]}: “{line(net.row['as_stated'])}”")
