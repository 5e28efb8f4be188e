"""An organiser's table of points (CSV) -> rows of a race file."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.parser import inputs
from gpxstage.racefile import places
from gpxstage.racefile.sources import name_of
from gpxstage.text import legible, letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tomlkit.container import Container
    from tomlkit.items import Table

    from gpxstage.course import CutoffAt, Format


KM_PER_MILE = 1.609344
MOST_DIGITS = 4  # of a stage's number
MOST_SHOWN = 40  # letters of a cell that a message quotes

# What people call the columns; letters only, lower case. The first that is there counts.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("name", "point", "place", "checkpoint", "station", "aid station", "nom", "lieu",
             "nome", "luogo", "ort", "nombre"),
    "km": ("km", "kilometre", "kilometer", "kilometres", "kilometers", "distance", "dist",
           "distanza", "distanz"),
    "miles": ("miles", "mile", "mi"),
    "stage": ("stage", "etape", "tappa", "etappe", "etapa", "day"),
    "kind": ("kind", "type", "tipo", "typ"),
    "cutoff": ("cutoff", "cut off", "barriere", "barrier", "cancello", "time limit", "closing"),
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


def read(path: str | Path) -> list[TableRow]:
    """Read a table with a header line; columns parted by commas, semicolons or tabs.

    It needs a name; km (or miles, or distance with its unit), kind, cutoff, services, crew,
    lat, lon and stage are read where they are there.
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
        raise CourseError(f"{where}: has no column called name, only {', '.join(header)}")
    unit = "mi" if "miles" in columns or _is_miles(header, columns) else "km"
    return [
        _row(
            {key: legible(row[k]).strip() for key, k in columns.items() if k < len(row)},
            unit,
            place,
        )
        for place, row in ((f"{where}: row {n}", row) for n, row in enumerate(rows, 2))
    ]


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
    return " ".join(re.findall("[a-z]+", letters(title)))


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
        cell["name"],
        kind,
        guessed,
        km=_km(cell.get("km") or cell.get("miles") or "", unit, where),
        lat_deg=lat if both else None,
        lon_deg=lon if both else None,
        crew=cell.get("crew", "").lower() in YES or "crew" in services,
        services=tuple(service for service in services if service != "crew"),
        cutoff=_cutoff(cell.get("cutoff", "")),
    )
    return TableRow(point, number)


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
    return tuple(word for word in found if word)


def _kind(cell: dict[str, str], services: Sequence[str]) -> tuple[str, str]:
    """The kind, and what it was guessed from where the table does not say it."""
    said = cell.get("kind", "").lower().replace("_", "-")
    if said in places.KINDS:
        return said, ""
    sources = (("the table's kind", said), ("the name", cell["name"]))
    for origin, words in (
        *sources,
        ("its services", " ".join(word for word in services if word != "crew")),
    ):
        kind, _ = places.guess(words)
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
    said = (found[2] or unit).lower()
    value = float(found[1])
    if said == "m":
        return value / 1000.0
    return value * KM_PER_MILE if said.startswith("mi") else value


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


KM_DIGITS = 2
FORMATS = {
    "continuous": "the clock runs through; or staged: each stage has its own start",
    "staged": "each stage has its own start; or continuous: the clock runs through",
}


@dataclass(frozen=True)
class PointRow:
    """A point to be written; ``guessed`` says what its kind was guessed from."""

    name: str
    kind: str = "waypoint"
    guessed: str = ""
    km: float | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    crew: bool = False
    services: tuple[str, ...] = ()
    stop_min: float | None = None
    cutoff: datetime | str | None = None  # local; text that is no date and time is a comment
    cutoff_at: CutoffAt = "leave"


@dataclass(frozen=True)
class StageRow:
    """A stage to be written; *track* is its number where the file has several."""

    name: str
    gpx: str
    points: tuple[PointRow, ...] = ()
    track: int | None = None
    terrain: float | None = None
    start: datetime | None = None  # local
    limit_h: float | None = None
    official_km: float | None = None
    official_gain_m: float | None = None


@dataclass(frozen=True)
class RaceRow:
    """A race to be written: what is None stands in the file as a comment to be filled in."""

    name: str
    comment: str
    timezone: str | None = None
    format: Format | None = None
    start: datetime | None = None  # local
    waves: tuple[datetime, ...] = ()
    limit_h: float | None = None
    terrain: float | None = None
    official_km: float | None = None
    official_gain_m: float | None = None
    survey: str | None = None


def text(race: RaceRow, stages: Sequence[StageRow]) -> str:
    """The race file: TOML that reads back as it was meant."""
    document = tomlkit.document()
    document.add(tomlkit.comment(race.comment))
    document.add(tomlkit.nl())
    document.add("name", tomlkit.item(race.name))
    _or_example(document, "timezone", race.timezone, '"Europe/Rome"  # IANA name')
    if race.format is not None:
        document.add("format", _commented(race.format, FORMATS[race.format]))
    if race.waves:
        document.add("waves", tomlkit.item(list(race.waves)))
    else:
        example = "2026-09-04T10:00:00  # local wall clock"
        _or_example(document, "start", race.start, example)
    _or_example(document, "limit_h", _tidy(race.limit_h), "60")
    if race.terrain is None:
        document.add(
            "terrain", _commented(DEFAULT_TERRAIN, "0 road ... 1 hands on rock; mountain trail")
        )
    else:
        document.add("terrain", tomlkit.item(_tidy(race.terrain)))
    _official(document, race.official_km, race.official_gain_m)
    if race.survey is not None:
        document.add("survey", tomlkit.item(race.survey))
    clock = race.timezone is not None
    tables = tomlkit.aot()
    for stage in stages:
        starts = race.start is not None or bool(race.waves) or stage.start is not None
        tables.append(_stage_table(stage, dated=clock and starts, staged=race.format == "staged"))
    document.add("stage", tables)
    return tomlkit.dumps(document)


def _stage_table(stage: StageRow, *, dated: bool, staged: bool) -> Table:
    table = tomlkit.table()
    table.add("name", stage.name)
    table.add("gpx", stage.gpx)
    keys: dict[str, Any] = {
        "track": stage.track,
        "start": stage.start,
        "limit_h": _tidy(stage.limit_h),
        "terrain": _tidy(stage.terrain),
    }
    for key, value in keys.items():
        if value is not None:
            table.add(key, tomlkit.item(value))
        elif key == "start" and staged:
            table.add(tomlkit.comment("start = 2026-09-04T10:00:00"))
    _official(table, stage.official_km, stage.official_gain_m)
    if stage.points:
        points = tomlkit.aot()
        for point in stage.points:
            points.append(_point(point, dated=dated))
        table.add("point", points)
    return table


def _point(point: PointRow, *, dated: bool) -> Table:
    table = tomlkit.table()
    table.add("name", point.name)
    if point.kind != "waypoint":
        table.add("kind", _commented(point.kind, point.guessed and f"guessed from {point.guessed}"))
    places = {"km": (point.km, KM_DIGITS), "lat": (point.lat_deg, 6), "lon": (point.lon_deg, 6)}
    for key, (value, digits) in places.items():
        if value is not None:
            table.add(key, tomlkit.item(round(value, digits)))
    if point.crew:
        table.add("crew", tomlkit.item(True))
    if point.services:
        table.add("services", tomlkit.item(list(point.services)))
    if point.stop_min is not None:
        table.add("stop_min", tomlkit.item(_tidy(point.stop_min)))
    if isinstance(point.cutoff, str):
        table.add(
            tomlkit.comment(
                f"cutoff: {_one_line(point.cutoff)}; write it as date and time: 2026-09-04T19:30:00"
            )
        )
    elif point.cutoff is not None and dated:
        table.add("cutoff", tomlkit.item(point.cutoff))
        if point.cutoff_at != "leave":
            table.add("cutoff_at", tomlkit.item(point.cutoff_at))
    elif point.cutoff is not None:
        table.add(tomlkit.comment(f"cutoff = {point.cutoff:%Y-%m-%dT%H:%M:%S}"))
    return table.indent(2)


def _official(table: Any, km: float | None, gain_m: float | None) -> None:
    values = {"km": _tidy(km), "gain_m": _tidy(gain_m)}
    if known := {key: value for key, value in values.items() if value is not None}:
        inline = tomlkit.inline_table()
        inline.update(known)
        table.add("official", inline)


def _or_example(document: Container, key: str, value: Any, example: str) -> None:
    """A key with its value, or the comment that shows how it is written."""
    if value is None:
        document.add(tomlkit.comment(f"{key} = {example}"))
    else:
        document.add(key, tomlkit.item(value))


def _commented(value: Any, comment: str) -> Any:
    item = tomlkit.item(value)
    return item.comment(comment) if comment else item


def _tidy(value: float | None) -> float | int | None:
    """A whole number without its .0; no false digits."""
    if value is None:
        return None
    value = round(value, 3)
    return int(value) if value == int(value) else value


def _one_line(text_: str) -> str:
    return " ".join(text_.split())
