"""An organiser's table of points (CSV) -> rows of a race file."""

from __future__ import annotations

import csv
import math
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.parser import inputs
from gpxstage.racefile import columns, services, vocabulary
from gpxstage.racefile.rows import PointRow
from gpxstage.racefile.sources import name_of
from gpxstage.text import legible, listed, short
from gpxstage.units import FOOT_M, MILE_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.racefile.columns import Columns


MOST_DIGITS = 4  # of a stage's number
MOST_SHOWN = 40  # letters of a cell that a message quotes

DISTANCE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(km|k|miles?|mi|m)?\.?", re.IGNORECASE)
HEIGHT = re.compile(r"(-?\d{1,4}(?:[.,]\d{1,2})?|\d[ .,'’]\d{3})\s*(m|ft|feet)?\.?", re.IGNORECASE)
YES = {
    "yes", "y", "true", "1", "x", "oui", "o", "si", "sì", "sí", "s", "ja", "j", "sim", "✓", "✔",
    "あり", "有", "○", "◯", "〇",
}  # fmt: skip
NO = {"", "no", "n", "false", "0", "-", "–", "—", "non", "nein", "nee", "não", "なし", "無", "×"}


@dataclass(frozen=True)
class TableRow:
    """A row of the table: a point, whose km counts from the start of the race or of *stage*."""

    point: PointRow
    stage: int | str | None = None  # its number, or words of its name
    day: str = ""  # of its cutoff, as the table writes it
    line: int = 0  # of the file

    def dated(self) -> PointRow:
        """The point, its cutoff with the day of a column of its own."""
        cutoff, day = self.point.cutoff, self.day
        if not isinstance(cutoff, str) or not day:
            return self.point
        return replace(self.point, cutoff=f"{'D' * day.isdecimal()}{day} {cutoff}")


@dataclass(frozen=True)
class SplitRow:
    """A place that was passed and when, as written; what the table says of where it is."""

    place: str
    time: str
    km: float | None = None  # from the start of the stage where that is known, else of the race
    stage: int | None = None


@dataclass(frozen=True)
class PointsTable:
    """A table that has been read, and the titles of its columns that have no use here."""

    rows: tuple[TableRow, ...]
    unread: tuple[str, ...] = ()
    cutoff: str = ""  # the title of the column of cutoffs
    kinds: tuple[str, ...] = ()  # texts of the column of kinds that mean nothing


def read(path: str | Path) -> PointsTable:
    """Read a table with a header line; columns parted by commas, semicolons or tabs.

    It needs a name; km (or miles, or distance with its unit), altitude, kind, cutoff, date, day,
    services, crew, lat, lon and stage are read where they are there, and columns named after a
    service.
    """
    where = name_of(Path(path)) or str(path)
    (_, header), *rows = _cells(inputs.whole(path, where), where)
    found = columns.read(header)
    if "name" not in found.known:
        raise CourseError(
            f"{where}: has no column called name, only {listed(header, 12)}: it may be called"
            f" {columns.NAMES}"
        )
    for line, row in rows:
        _shifted(header, row, found, f"{where}: row {line}")
    used = {*found.known.values(), *found.offers}
    unread = (
        short(legible(title).strip()) or f"column {k + 1}"
        for k, title in enumerate(header)
        if k not in used and any(k < len(row) and row[k].strip() for _, row in rows)
    )
    points = tuple(_row(found, row, f"{where}: row {line}", line) for line, row in rows)
    kinds = _unknown_kinds([row for _, row in rows], found.known.get("kind"))
    return PointsTable(points, tuple(unread), found.cutoff, tuple(kinds))


def splits(path: Path) -> tuple[SplitRow, ...]:
    """The rows of a table of splits that have a place and a time.

    Raises CourseError where the file has no such columns, or no such row.
    """
    (_, header), *rows = _cells(inputs.whole(path, path.name), path.name)
    found = columns.of_splits(header)
    if found is None:
        raise CourseError(f"{path.name}: a table of splits has the columns point and time")
    each = (_split(found, [legible(text).strip() for text in row]) for _, row in rows)
    given = tuple(row for row in each if row.place and row.time)
    if not given:
        raise CourseError(f"{path.name}: it has no row with a point and a time")
    return given


def _split(found: Columns, texts: Sequence[str]) -> SplitRow:
    """One row of a table of splits; a distance that is none is not known."""
    cell = {key: texts[k] for key, k in found.known.items() if k < len(texts)}
    km = None
    with suppress(CourseError):
        km = _km(cell.get("km") or cell.get("miles") or "", found.unit, "")
    number = cell.get("stage", "")
    stage = int(number) if re.fullmatch(rf"\d{{1,{MOST_DIGITS}}}", number) else None
    return SplitRow(cell.get("name", ""), cell.get("time", ""), km, stage)


def _cells(data: bytes, where: str) -> list[tuple[int, list[str]]]:
    """The rows of a table, each with its line in the file; empty ones are left out."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = text.splitlines()
    first = next((line for line in lines if line.strip(" ,;\t")), None)
    if first is None:
        raise CourseError(f"{where}: is empty")
    reader = csv.reader(lines, delimiter=max(";\t,", key=first.count))
    rows, line = [], 1
    try:
        for row in reader:
            if any(cell.strip(" ,;\t") for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CourseError(f"{where}: is no table that can be read: {error}") from None
    return rows


def _shifted(header: Sequence[str], row: Sequence[str], found: Columns, where: str) -> None:
    """Raise CourseError for a row that a decimal comma has shifted to the right."""
    at = found.known.get("km", found.known.get("miles", len(row)))
    whole, after = ("".join(row[k : k + 1]).strip() for k in (at, at + 1))
    words = {found.known.get(key) for key in ("kind", "services", "name")}
    if not columns.of_hours(found.cutoff):  # a number alone is no time of day
        words.add(found.known.get("cutoff"))
    split = whole.isdecimal() and after.isdecimal() and at + 1 in words
    extra = any(cell.strip() for cell in row[len(header) :])
    if extra or split:
        says = f"has {len(row)} cells, and the header {len(header)}" if extra else "is shifted"
        example = f"{whole},{after}" if whole.isdecimal() and after.isdecimal() else "31,4"
        raise CourseError(
            f'{where}: {says}: write a cell with a comma in quotes, as "{example}", or part'
            " the columns by ;"
        )


def _row(found: Columns, row: Sequence[str], where: str, line: int) -> TableRow:
    texts = [legible(text).strip() for text in row]
    cell = {key: texts[k] for key, k in found.known.items() if k < len(texts)}
    if not cell.get("name"):
        raise CourseError(f"{where}: has no name")
    offers = [*services.parted(cell.get("services", "")), *_offers(found, texts, cell)]
    meant = services.meanings(offers)
    others = [word for word in offers if services.meaning(word) != {"crew"}]
    kind, guessed = _kind(cell, others, meant)
    lat, lon = (_degrees(cell.get(key, ""), key, where) for key in ("lat", "lon"))
    both = lat is not None and lon is not None
    stage = _stage(cell.get("stage", ""), where)
    point = PointRow(
        short(cell["name"]),
        kind,
        guessed,
        km=_km(cell.get("km") or cell.get("miles") or "", found.unit, where),
        elevation_m=_height_m(cell.get("height", ""), found.height_unit),
        lat_deg=lat if both else None,
        lon_deg=lon if both else None,
        crew=cell.get("crew", "").casefold() in YES or "crew" in meant,
        services=tuple(map(short, others)),
        cutoff=_cutoff(cell.get("cutoff", "")),
    )
    return TableRow(point, stage, cell.get("date", "") or cell.get("day", ""), line)


def _offers(found: Columns, texts: Sequence[str], cell: dict[str, str]) -> list[str]:
    """The services of the columns that are named after one: a yes, a number, or words.

    Words that are no service are the kind of the place, where no other column has that.
    """
    offers: list[str] = []
    for k, service in found.offers.items():
        text = texts[k] if k < len(texts) else ""
        if text.casefold() in NO:
            continue
        words = services.parted(text)
        if text.casefold() in YES or text.isdecimal():
            offers.append(service)
        elif any(services.meaning(word) for word in words):
            offers += words
        else:
            cell.setdefault("kind", text)
    return list(dict.fromkeys(offers))


def _stage(text: str, where: str) -> int | str | None:
    """A stage's number, or its name."""
    found = re.search(r"\d+", text)
    if not found:
        return text or None
    if len(found[0]) > MOST_DIGITS:
        raise CourseError(f'{where}: stage "{_short(text)}" is no number of a stage')
    return int(found[0])


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _kind(cell: dict[str, str], others: Sequence[str], meant: frozenset[str]) -> tuple[str, str]:
    """The kind, and what it was guessed from where the table does not say it.

    It is guessed from the services but for the crew, and from what all of them mean.
    """
    given = cell.get("kind", "").lower().replace("_", "-")
    if given in vocabulary.KINDS:
        return given, ""
    guesses = (
        ("the table's kind", vocabulary.guess("", category=given)[0]),
        ("the name", vocabulary.guess(cell["name"])[0]),
        ("its services", vocabulary.guess("", category=" ".join(others))[0]),
    )
    kind, origin = next(((k, origin) for origin, k in guesses if k != "waypoint"), ("waypoint", ""))
    if kind == "waypoint" or (kind == "water" and origin == "its services"):
        for what, other in (("food", "aid"), ("bed", "aid"), ("water", "water")):
            if what in meant:
                return other, "its services"
    return kind, origin


def _unknown_kinds(rows: Sequence[Sequence[str]], at: int | None) -> list[str]:
    """The kinds of the table that mean nothing."""
    texts = (row[at].strip() for row in rows if at is not None and at < len(row))
    found = dict.fromkeys(legible(text) for text in texts if text.casefold() not in NO)
    known = {"waypoint", "point", "col"}
    return [
        short(text)
        for text in found
        if vocabulary.guess("", category=text)[0] == "waypoint" and text.casefold() not in known
    ]


def _km(text: str, unit: str, where: str) -> float | None:
    if not text:
        return None
    number = text.replace(",", "") if "." in text else text.replace(",", ".")
    found = DISTANCE.fullmatch(number.strip())
    if not found or not math.isfinite(float(found[1])):
        raise CourseError(
            f'{where}: "{_short(text)}" is no distance such as 12.4, 12,4 km or 7.7 mi'
        )
    given = (found[2] or unit).lower()
    value = float(found[1])
    if given == "m":
        return value / 1000.0
    return value * (MILE_M / 1000.0) if given.startswith("mi") else value


def _height_m(text: str, unit: str) -> float | None:
    """The height of a place; None for a text that is none: nothing is placed by it."""
    found = HEIGHT.fullmatch(text.strip())
    if found is None:
        return None
    number = re.sub(r"(?<=\d)[ .,'’](?=\d{3}$)", "", found[1]).replace(",", ".")
    given = (found[2] or unit).lower()
    return float(number) * (1.0 if given == "m" else FOOT_M)


def _degrees(text: str, key: str, where: str) -> float | None:
    try:
        value = float(text.replace(",", ".")) if text else None
    except ValueError:
        raise CourseError(f'{where}: {key} "{_short(text)}" is no number of degrees') from None
    if value is not None and not abs(value) <= (90.0 if key == "lat" else 180.0):
        raise CourseError(f"{where}: {key} {value:g} is out of range")
    return value


def _cutoff(text: str) -> datetime | str | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=None) if len(text) > len("2026-09-04") else text
