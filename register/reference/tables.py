"""Reading the tables in `register/reference/data`, with a clear word when one is wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"

# Each file of organisations and the kind of everybody in it; other_bodies.csv says the kind of each.
ORGANISATION_FILES = {
    "police_forces.csv": "police",
    "policing_bodies.csv": "policing_body",
    "fire_services.csv": "fire",
    "ambulance_trusts.csv": "ambulance",
    "councils.csv": "council",
    "other_bodies.csv": "",
}
PRECISIONS = {4: ("-01-01", "year"), 7: ("-01", "month"), 10: ("", "day")}


class TableError(ValueError):
    """A table can't be read: the message names the file, the line and what is wrong."""


@dataclass(frozen=True)
class Tables:
    """The tables as model columns, keyed by what a row is known by; references are codes and slugs."""

    regions: dict[str, dict[str, Any]]
    police_areas: dict[str, dict[str, Any]]
    neighbours: frozenset[tuple[str, str]]
    organisations: dict[str, dict[str, Any]]
    coverage: dict[tuple[str, str], dict[str, Any]]
    names: dict[tuple[str, str], dict[str, Any]]
    successions: dict[tuple[str, str], dict[str, Any]]
    areas_of_work: dict[str, dict[str, Any]]


def read_tables(folder: Path = FOLDER) -> Tables:
    """All tables of a folder, checked against each other. TableError when one is wrong."""
    regions = _table(folder / "regions.csv", "code", _same)
    areas = _table(folder / "police_areas.csv", "slug", _police_area(regions))
    organisations: dict[str, dict[str, Any]] = {}
    coverage: dict[tuple[str, str], dict[str, Any]] = {}
    for name, kind in ORGANISATION_FILES.items():
        for line, row in _rows(folder / name):
            _once(row["code"], organisations, folder / name, line)
            with _at(folder / name, line):
                organisations[row["code"]] = _organisation(row, kind)
                for slug in _list(row.get("areas", "")):
                    _known(slug, areas)
                    coverage[row["code"], slug] = {"unverified": bool(row["areas_unverified"])}
    return Tables(
        regions=regions,
        police_areas=areas,
        neighbours=_neighbours(folder / "neighbours.csv", areas),
        organisations=organisations,
        coverage=coverage,
        names=_pairs(folder / "names.csv", _name(organisations)),
        successions=_pairs(folder / "successions.csv", _succession(organisations)),
        areas_of_work=_table(folder / "areas_of_work.csv", "code", _same, numbered=True),
    )


def limited_date(text: str) -> tuple[date | None, str]:
    """ "2024", "2024-05" or "2024-05-01" as a date and its precision; nothing as no date."""
    if not text:
        return None, ""
    rest, precision = PRECISIONS.get(len(text), ("?", ""))
    try:
        return date.fromisoformat(text + rest), precision
    except ValueError:
        raise ValueError(f"“{text}” is not a year, a month (2024-05) or a day (2024-05-01)") from None


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        for row in reader:
            if None in row or None in row.values():
                raise TableError(
                    f"{path.name}, line {reader.line_num}: the number of columns is not the header's"
                )
            yield reader.line_num, {column: value.strip() for column, value in row.items()}


@contextmanager
def _at(path: Path, line: int) -> Iterator[None]:
    """What goes wrong inside is told with file and line."""
    try:
        yield
    except TableError:
        raise
    except KeyError as error:
        raise TableError(f"{path.name}, line {line}: no column {error}") from error
    except ValueError as error:
        raise TableError(f"{path.name}, line {line}: {error}") from error


Reader = Callable[[dict[str, str]], dict[str, Any]]


def _table(path: Path, key: str, read: Reader, *, numbered: bool = False) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line, row in _rows(path):
        with _at(path, line):
            _once(row[key], found, path, line)
            found[row[key]] = read(row) | ({"position": 10 * (len(found) + 1)} if numbered else {})
    return found


def _pairs(
    path: Path, read: Callable[[dict[str, str]], tuple[tuple[str, str], dict[str, Any]]]
) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line, row in _rows(path):
        with _at(path, line):
            key, values = read(row)
        _once(key, found, path, line)
        found[key] = values
    return found


def _same(row: dict[str, str]) -> dict[str, Any]:
    return dict(row)


def _police_area(regions: dict[str, dict[str, Any]]) -> Reader:
    def read(row: dict[str, str]) -> dict[str, Any]:
        _known(row["region"], regions)
        return row | {"column": int(row["column"]), "row": int(row["row"])}

    return read


def _organisation(row: dict[str, str], kind: str) -> dict[str, Any]:
    starts_on, starts_precision = limited_date(row.get("starts", ""))
    ends_on, ends_precision = limited_date(row.get("ends", ""))
    texts = ("code", "name", "short_name", "governance", "official_code", "nation", "note")
    return {text: row.get(text, "") for text in texts} | {
        "kind": kind or row["kind"],
        "starts_on": starts_on,
        "starts_precision": starts_precision,
        "ends_on": ends_on,
        "ends_precision": ends_precision,
        "unverified": sorted(_list(row["unverified"])),
    }


def _neighbours(path: Path, areas: dict[str, dict[str, Any]]) -> frozenset[tuple[str, str]]:
    """Every pair in both directions."""
    found: set[tuple[str, str]] = set()
    for line, row in _rows(path):
        with _at(path, line):
            _known(row["area"], areas)
            _known(row["neighbour"], areas)
            if row["area"] == row["neighbour"]:
                raise ValueError(f"{row['area']} can't border itself")
            _once((row["area"], row["neighbour"]), found, path, line)
            found |= {(row["area"], row["neighbour"]), (row["neighbour"], row["area"])}
    return frozenset(found)


def _name(organisations: dict[str, dict[str, Any]]) -> Any:
    def read(row: dict[str, str]) -> tuple[tuple[str, str], dict[str, Any]]:
        _known(row["organisation"], organisations)
        used_from, from_precision = limited_date(row["used_from"])
        used_to, to_precision = limited_date(row["used_to"])
        return (row["organisation"], row["name"].lower()), {
            "name": row["name"],
            "kind": row["kind"],
            "used_from": used_from,
            "used_from_precision": from_precision,
            "used_to": used_to,
            "used_to_precision": to_precision,
        }

    return read


def _succession(organisations: dict[str, dict[str, Any]]) -> Any:
    def read(row: dict[str, str]) -> tuple[tuple[str, str], dict[str, Any]]:
        _known(row["predecessor"], organisations)
        _known(row["successor"], organisations)
        on, precision = limited_date(row["on"])
        return (row["predecessor"], row["successor"]), {
            "on": on,
            "on_precision": precision,
            "kind": row["kind"],
        }

    return read


def _list(text: str) -> list[str]:
    return [part for part in text.split("|") if part]


def _known(code: str, known: dict[str, Any]) -> None:
    if code not in known:
        raise ValueError(f"“{code}” is in no table")


def _once(key: Any, found: Any, path: Path, line: int) -> None:
    if key in found:
        raise TableError(f"{path.name}, line {line}: {key} is there twice")
