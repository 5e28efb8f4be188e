"""An organiser's table of points (CSV) -> rows of a race file."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.parser import inputs
from gpxstage.racefile import vocabulary
from gpxstage.racefile.rows import PointRow
from gpxstage.racefile.sources import name_of
from gpxstage.text import legible, letters, listed, short
from gpxstage.units import MILE_M

if TYPE_CHECKING:
    from collections.abc import Sequence


KM_PER_MILE = MILE_M / 1000.0
MOST_DIGITS = 4  # of a stage's number
MOST_SHOWN = 40  # letters of a cell that a message quotes

# What people call the columns; letters only, lower case. The first that is there counts.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "point", "place", "checkpoint", "station", "aid station", "nom", "lieu",
             "nome", "luogo", "ort", "nombre"),
    "km": ("km", "kilometre", "kilometer", "kilometres", "kilometers", "distance", "dist",
           "distanza", "distanz"),
    "miles": ("miles", "mile", "mi"),
    "stage": ("stage", "etape", "tappa", "etappe", "etapa"),
    "day": ("day", "jour", "giorno", "tag", "dia", "weekday"),
    "date": ("date", "data", "datum", "fecha"),
    "kind": ("kind", "type", "tipo", "typ"),
    "cutoff": (*vocabulary.limits(), "barrier"),
    "services": ("services", "service", "servizi", "amenities"),
    "crew": ("crew", "assistance", "assistenza"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
}  # fmt: skip
DISTANCE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(km|k|miles?|mi|m)?\.?", re.IGNORECASE)
SERVICES = {  # parted by single spaces, these are several; other words may be one service
    "food", "water", "drinks", "meals", "bed", "beds", "sleep", "shower", "showers", "toilet",
    "toilets", "medical", "doctor", "physio", "massage", "crew", "dropbag", "dropbags", "shop",
}  # fmt: skip
YES = {"yes", "y", "true", "1", "x", "oui", "si", "sì", "ja", "✓"}


@dataclass(frozen=True)
class TableRow:
    """A row of the table: a point, whose km counts from the start of the race or of *stage*."""

    point: PointRow
    stage: int | str | None = None  # its number, or words of its name
    day: str = ""  # of its cutoff, as the table writes it

    def dated(self) -> PointRow:
        """The point, its cutoff with the day of a column of its own."""
        cutoff, day = self.point.cutoff, self.day
        if not isinstance(cutoff, str) or not day:
            return self.point
        return replace(self.point, cutoff=f"{'D' * day.isdecimal()}{day} {cutoff}")


@dataclass(frozen=True)
class PointsTable:
    """A table that has been read, and the titles of its columns that have no use here."""

    rows: tuple[TableRow, ...]
    unread: tuple[str, ...] = ()


def read(path: str | Path) -> PointsTable:
    """Read a table with a header line; columns parted by commas, semicolons or tabs.

    It needs a name; km (or miles, or distance with its unit), kind, cutoff, date, day, services,
    crew, lat, lon and stage are read where they are there.
    """
    where = name_of(Path(path)) or str(path)
    data = inputs.whole(path, where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = [line for line in text.splitlines() if line.strip(" ,;\t")]
    if not lines:
        raise CourseError(f"{where}: is empty")
    delimiter = max(";\t,", key=lines[0].count)
    try:
        header, *rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as error:
        raise CourseError(f"{where}: is no table that can be read: {error}") from None
    columns = _columns(header)
    if "name" not in columns:
        raise CourseError(f"{where}: has no column called name, only {listed(header, 12)}")
    unit = "mi" if "miles" in columns or _is_miles(header, columns) else "km"
    found = tuple(
        _row(
            {key: legible(row[k]).strip() for key, k in columns.items() if k < len(row)},
            unit,
            place,
        )
        for place, row in ((f"{where}: row {n}", row) for n, row in enumerate(rows, 2))
    )
    unread = (
        short(legible(title).strip()) or f"column {k + 1}"
        for k, title in enumerate(header)
        if k not in columns.values() and any(k < len(row) and row[k].strip() for row in rows)
    )
    return PointsTable(found, tuple(unread))


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what."""
    titled = [_title(title) for title in header]
    found: dict[str, int] = {}
    for key, titles in HEADERS.items():
        for exact in (True, False):
            for title in titles:
                fits = [
                    k
                    for k, name in enumerate(titled)
                    if (name == title if exact else name.startswith(f"{title} "))
                ]
                if fits and key not in found:
                    found[key] = fits[0]
    if "km" in found and "miles" in found:
        del found["miles"]
    return found


def _is_miles(header: Sequence[str], columns: dict[str, int]) -> bool:
    words = _title(header[columns["km"]]).split() if "km" in columns else []
    return bool({"mi", "mile", "miles"} & set(words))


def _title(title: str) -> str:
    """A column's title: letters only."""
    return " ".join(re.findall(r"[^\W\d_]+", letters(title)))


def _row(cell: dict[str, str], unit: str, where: str) -> TableRow:
    if not cell.get("name"):
        raise CourseError(f"{where}: has no name")
    services = _services(cell.get("services", ""))
    kind, guessed = _kind(cell, services)
    lat, lon = (_degrees(cell.get(key, ""), key, where) for key in ("lat", "lon"))
    both = lat is not None and lon is not None
    stage = cell.get("stage", "")
    number = _stage(stage, where) if stage else None
    point = PointRow(
        short(cell["name"]),
        kind,
        guessed,
        km=_km(cell.get("km") or cell.get("miles") or "", unit, where),
        lat_deg=lat if both else None,
        lon_deg=lon if both else None,
        crew=cell.get("crew", "").lower() in YES or "crew" in services,
        services=tuple(service for service in services if service != "crew"),
        cutoff=_cutoff(cell.get("cutoff", "")),
    )
    return TableRow(point, number, cell.get("date", "") or cell.get("day", ""))


def _stage(text: str, where: str) -> int | str:
    """A stage's number, or its name."""
    found = re.search(r"\d+", text)
    if not found:
        return text
    if len(found[0]) > MOST_DIGITS:
        raise CourseError(f'{where}: stage "{_short(text)}" is no number of a stage')
    return int(found[0])


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _services(text: str) -> tuple[str, ...]:
    """The services of a cell: parted by signs, by wide gaps, or by spaces where all are known."""
    found: list[str] = []
    for part in re.split(r"[,;/|]\s*|\s{2,}", text):
        words = part.lower().split()
        found += words if SERVICES.issuperset(words) else [part]
    return tuple(short(word) for word in found if word)


def _kind(cell: dict[str, str], services: Sequence[str]) -> tuple[str, str]:
    """The kind, and what it was guessed from where the table does not say it."""
    given = cell.get("kind", "").lower().replace("_", "-")
    if given in vocabulary.KINDS:
        return given, ""
    sources = (("the table's kind", given), ("the name", cell["name"]))
    for origin, text in (
        *sources,
        ("its services", " ".join(word for word in services if word != "crew")),
    ):
        kind, _ = (
            vocabulary.guess("", category=text) if origin != "the name" else vocabulary.guess(text)
        )
        if kind != "waypoint":
            return kind, origin
    return "waypoint", ""


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
    return value * KM_PER_MILE if given.startswith("mi") else value


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
