"""The text of a race file: of rows in the making, with comments, and with another terrain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import tomlkit

from gpxstage.course import DEFAULT_TERRAIN

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Table

    from gpxstage.course import CutoffAt, Format

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
    elevation_m: float | None = None  # as the organiser gives it; a race file has no place for it
    lat_deg: float | None = None
    lon_deg: float | None = None
    crew: bool = False
    services: tuple[str, ...] = ()
    stop_min: float | None = None
    max_stay_min: float | None = None
    drive_min: float | None = None
    no_sleep: bool = False
    drop_bag: bool = False
    cutoff: datetime | str | None = None  # local; text that is no date and time is a comment
    cutoff_text: str = ""  # how the organiser writes it, where it was read from a text
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
    """A race to be written: what is None becomes a comment in the file, to be filled in."""

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
    notes: tuple[str, ...] = ()  # what the person who checks the file should know


def text(race: RaceRow, stages: Sequence[StageRow]) -> str:
    """The race file: TOML that reads back as it was meant."""
    document = tomlkit.document()
    for line in (race.comment, *race.notes):
        document.add(tomlkit.comment(_one_line(line)))
    document.add(tomlkit.nl())
    document.add("name", race.name)
    _or_example(document, "timezone", race.timezone, '"Europe/Rome"  # IANA name')
    if race.format is not None:
        document.add("format", _commented(race.format, FORMATS[race.format]))
    clock = race.timezone is not None
    if race.waves:
        document.add("waves", tomlkit.item(list(race.waves)))
    else:
        example = race.start or datetime(2026, 9, 4, 10)
        shown = f"{example:%Y-%m-%dT%H:%M:%S}  # local wall clock"
        _or_example(document, "start", race.start if clock else None, shown)
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
    tables = tomlkit.aot()
    staged = race.format == "staged"
    for k, stage in enumerate(stages):
        starts = stage.start is not None
        if k == 0 or not staged:  # a later stage of a staged race counts from its own start
            starts = starts or race.start is not None or bool(race.waves)
        tables.append(_stage_table(stage, clock=clock, starts=starts, staged=staged))
    document.add("stage", tables)
    return tomlkit.dumps(document)


def _stage_table(stage: StageRow, *, clock: bool, starts: bool, staged: bool) -> Table:
    table = tomlkit.table()
    table.add("name", stage.name)
    table.add("gpx", stage.gpx)
    keys = {
        "track": stage.track,
        "start": stage.start if clock else None,
        "limit_h": _tidy(stage.limit_h),
        "terrain": _tidy(stage.terrain),
    }
    for key, value in keys.items():
        if value is not None:
            table.add(key, tomlkit.item(value))
        elif key == "start" and staged and (stage.start is not None or not starts):
            example = stage.start or datetime(2026, 9, 4, 10)
            table.add(tomlkit.comment(f"start = {example:%Y-%m-%dT%H:%M:%S}"))
    _official(table, stage.official_km, stage.official_gain_m)
    if stage.points:
        points = tomlkit.aot()
        for point in stage.points:
            points.append(_point(point, dated=clock and starts))
        table.add("point", points)
    return table


def _point(point: PointRow, *, dated: bool) -> Table:
    table = tomlkit.table()
    table.add("name", point.name)
    if point.kind != "waypoint":
        table.add("kind", _commented(point.kind, point.guessed and f"guessed from {point.guessed}"))
    places = {"km": (point.km, KM_DIGITS), "lat": (point.lat_deg, 6), "lon": (point.lon_deg, 6)}
    values: dict[str, object] = {
        key: None if value is None else round(value, digits)
        for key, (value, digits) in places.items()
    }
    values |= {
        "crew": point.crew or None,
        "services": list(point.services) or None,
        "drop_bag": point.drop_bag or None,
        "drive_min": _tidy(point.drive_min),
        "stop_min": _tidy(point.stop_min),
        "max_stay_min": _tidy(point.max_stay_min),
        "no_sleep": point.no_sleep or None,
    }
    for key, value in values.items():
        if value is not None:
            table.add(key, tomlkit.item(value))
    if isinstance(point.cutoff, str):
        table.add(
            tomlkit.comment(
                f"cutoff: {_one_line(point.cutoff)}; write it as date and time: 2026-09-04T19:30:00"
            )
        )
    elif point.cutoff is not None and dated:
        origin = point.cutoff_text and f'read from "{_one_line(point.cutoff_text)}"'
        table.add("cutoff", _commented(point.cutoff, origin))
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


DIGITS = 2
WAS = "; was "
SPREAD_SAYS = "how far off: a strong field looks like smooth ground, a weak one like rough"


def with_terrain(text: str, *, shift: float, spread: float, source: str) -> str:
    """The text of a race file whose terrains have moved by *shift*, found from its results.

    The race has one terrain, or, where stages have their own, they keep their differences.
    *source* becomes its comment, with what stood there before.
    """
    race = tomlkit.parse(text)
    stages: list[Any] = list(race.get("stage", ()))
    end = "\r\n" if "\r\n" in text else "\n"
    comment, known = " ".join(source.split()), set(race)
    if "terrain" in race or not all("terrain" in stage for stage in stages):
        old = race.get("terrain")
        _set(race, "terrain", _moved(old, shift), comment + _before(race), end)
    for stage in stages:
        if "terrain" in stage:
            _set(stage, "terrain", _moved(stage["terrain"], shift), None, end)
    words = SPREAD_SAYS if "terrain" in race else f"{SPREAD_SAYS}; {comment}"
    _set(race, "terrain_spread", max(round(spread, DIGITS), 0.01), words, end)
    for key in ("terrain", "terrain_spread"):
        if key not in known:
            _settle(race, key)
    return tomlkit.dumps(race)


def _settle(race: TOMLDocument, key: str) -> None:
    """Move a new key up to the last one before it: a comment heads what follows it.

    A spread goes beside its terrain.
    """
    names = [name.key if name is not None else "" for name, _ in race.body]
    if key not in names:
        return
    here = names.index(key)
    above = [k for k, name in enumerate(names[:here]) if name]
    if key == "terrain_spread" and "terrain" in names:
        above = [names.index("terrain")]
    if above:
        race.body.insert(above[-1] + 1, race.body.pop(here))


def _moved(old: Any, shift: float) -> Any:
    """A number on other ground; stretches stay where they are and get new numbers."""
    if isinstance(old, list):
        for stretch in old:
            stretch["value"] = _moved(stretch["value"], shift)
        return old
    value = (DEFAULT_TERRAIN if old is None else float(old)) + shift
    return round(min(max(value, 0.0), 1.0), DIGITS)


def _before(race: MutableMapping[str, Any]) -> str:
    """What the terrain was before results set it: kept when they set it anew."""
    if "terrain" not in race:
        return ""
    comment = race["terrain"].trivia.comment.lstrip("# ")
    if "terrain_spread" in race:
        return "".join(comment.partition(WAS)[1:])
    was = "a list of stretches" if isinstance(race["terrain"], list) else race["terrain"]
    return f"{WAS}{was}" + (f": {comment}" if comment else "")


def _set(
    table: MutableMapping[str, Any], key: str, value: Any, comment: str | None, end: str
) -> None:
    """A number in the place of the old one, aligned as that was; None keeps its comment."""
    old = table.get(key)
    item: Any = old if value is old else tomlkit.item(value)
    if old is None:
        item.trivia.trail = end
    if comment is not None:
        item.comment(comment)
        item.trivia.comment_ws = (old.trivia.comment_ws if old is not None else "") or " "
    if item is not old:
        table[key] = item
