"""The keys of race.toml: their types, what a wrong one is answered with, and their JSON Schema."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, get_args

import msgspec
from msgspec import Meta, Struct

from gpxstage.course import CourseError, CutoffAt, Format
from gpxstage.racefile.sources import name_of, read_toml
from gpxstage.racefile.vocabulary import Kind
from gpxstage.text import duration_s, key_suggestion, suggestion

if TYPE_CHECKING:
    from pathlib import Path

Text = Annotated[str, Meta(pattern=r"\S", max_length=200)]  # judgement: what fits on two lines
FilePath = Annotated[str, Meta(min_length=1, max_length=4096)]  # the most that Linux takes
Source = Annotated[str, Meta(max_length=1000)]
Local = Annotated[datetime, Meta(tz=False)]
NotNegative = Annotated[float, Meta(ge=0.0)]
# judgement, far outside what races are: a slip of the pen, or no number that adds up with others
Km = Annotated[float, Meta(gt=0.0, le=100_000.0)]
Gain = Annotated[float, Meta(ge=0.0, le=1_000_000.0)]
Limit = Annotated[float, Meta(ge=0.1, le=10_000.0)]
Year = Annotated[int, Meta(ge=1800, le=2200)]
Stop = Annotated[float, Meta(ge=0.0, le=10_080.0)]  # judgement: a week is no stop any more
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
PositiveShare = Annotated[float, Meta(gt=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Celsius = Annotated[float, Meta(ge=-60.0, le=60.0)]
Fahrenheit = Annotated[float, Meta(ge=-76.0, le=140.0)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Height = Annotated[float, Meta(ge=-500.0, le=9000.0)]
Factor = Annotated[float, Meta(ge=0.5, le=5.0)]
Pack = Annotated[float, Meta(ge=0.0, le=40.0)]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Time = str  # h:mm:ss, "38:00" is h:mm, "38h", "90min"


class Official(Struct, forbid_unknown_fields=True):
    """What the organiser says: shown beside the measured figures, never used."""

    km: Annotated[Km | None, Meta(description="length")] = None
    gain_m: Annotated[Gain | None, Meta(description="climb")] = None

    @property
    def length_m(self) -> float | None:
        """The length in metres."""
        return None if self.km is None else 1000.0 * self.km


class TerrainTable(Struct, forbid_unknown_fields=True):
    """A stretch of one terrain: from the one before it, or from the start."""

    to_km: Annotated[Km, Meta(description="its end, as a point's km; the last goes on")]
    value: Annotated[Share, Meta(description="0 road ... 1 hands on rock")]


class WeatherTable(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a thermometer shows, or is forecast to show, at a moment; between moments a line."""

    at: Annotated[Local, Meta(description="local wall clock without quotes")]
    temperature_c: Annotated[
        Celsius | None, Meta(description="in the shade; either this or temperature_f is needed")
    ] = None
    temperature_f: Annotated[Fahrenheit | None, Meta(description="the same in °F")] = None
    humidity: Annotated[Percent, Meta(description="per cent")]
    height_m: Annotated[
        Height | None,
        Meta(description="of the thermometer: 6.5 °C are taken off for 1,000 m above it"),
    ] = None

    @property
    def celsius(self) -> float | None:
        """The temperature in °C; None where it is given in no unit or in both."""
        given_c, given_f = self.temperature_c, self.temperature_f
        if (given_c is None) == (given_f is None):
            return None
        return given_c if given_f is None else (given_f - 32.0) / 1.8


Along = Annotated[list[TerrainTable], Meta(min_length=1)]


class ResultTable(Struct, forbid_unknown_fields=True):
    """What an earlier field needed: elapsed times."""

    year: Annotated[Year | None, Meta(description="of the edition")] = None
    finishers: Annotated[Count | None, Meta(description="how many")] = None
    winner: Annotated[Time | None, Meta(description="the fastest")] = None
    p10: Annotated[Time | None, Meta(description="a tenth of the finishers was faster")] = None
    p25: Annotated[Time | None, Meta(description="a quarter of the finishers was faster")] = None
    median: Annotated[Time | None, Meta(description="half of the finishers was faster")] = None
    p75: Annotated[Time | None, Meta(description="a quarter of the finishers was slower")] = None
    p90: Annotated[Time | None, Meta(description="a tenth of the finishers was slower")] = None
    source: Annotated[Source | None, Meta(description="where the times are from")] = None


class PointTable(Struct, forbid_unknown_fields=True):
    """A place of a stage: by km, by lat and lon, or by the GPX waypoint of its name."""

    name: Annotated[Text, Meta(description="unique in its stage, or each with its km")]
    kind: Annotated[Kind, Meta(description="what the place is")] = "waypoint"
    km: Annotated[
        NotNegative | None,
        Meta(
            description="from the stage's start, as measured;"
            " the organiser's where the stage has an official length"
        ),
    ] = None
    lat: Annotated[Latitude | None, Meta(description="degrees north; with lon")] = None
    lon: Annotated[Longitude | None, Meta(description="degrees east; with lat")] = None
    crew: Annotated[bool, Meta(description="the crew may be there")] = False
    services: Annotated[
        list[Text], Meta(description="food, water, bed, medical, crew, bag, or others")
    ] = []
    drop_bag: Annotated[bool, Meta(description="a bag of the runner waits there")] = False
    drive_min: Annotated[
        Stop | None, Meta(description="minutes that the crew drives from the crew place before")
    ] = None
    stop_min: Annotated[Stop | None, Meta(description="a stop of this many minutes")] = None
    max_stay_min: Annotated[
        Stop | None,
        Meta(description="the longest stay that the race allows, in minutes, sleep included"),
    ] = None
    no_sleep: Annotated[bool, Meta(description="the race forbids to sleep there")] = False
    cutoff: Annotated[
        Local | None, Meta(description="the first wave's, local wall clock without quotes")
    ] = None
    cutoff_at: Annotated[
        CutoffAt | None,
        Meta(description="leave: one has to be gone by the cutoff; the race's where not given"),
    ] = None


class StageTable(Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A stage: a GPX file, one of its tracks, or a part of one."""

    gpx: Annotated[FilePath, Meta(description="relative to this file, inside its folder")]
    name: Annotated[Text | None, Meta(description="the track's where it is not given")] = None
    track: Annotated[
        Text | Annotated[int, Meta(ge=1)] | None,
        Meta(description="name or number where the file has several"),
    ] = None
    from_: Annotated[Text | None, Meta(description="the stage begins at this point")] = None
    to: Annotated[Text | None, Meta(description="the stage ends at this point")] = None
    transfer: Annotated[bool, Meta(description="the next stage starts elsewhere")] = False
    start: Annotated[
        Local | None, Meta(description="of a staged race's stage, local wall clock without quotes")
    ] = None
    limit_h: Annotated[Limit | None, Meta(description="time limit of the stage")] = None
    terrain: Annotated[
        Share | Along | None,
        Meta(description="0 road ... 1 hands on rock; or a list of stretches"),
    ] = None
    sand: Annotated[Share | None, Meta(description="of this stage, as of the race")] = None
    pack_kg: Annotated[
        Pack | None, Meta(description="of this stage: food that is eaten makes it lighter")
    ] = None
    official: Annotated[Official | None, Meta(description="what the organiser says")] = None
    point: Annotated[list[PointTable], Meta(description="in the order they are passed")] = []


class RaceTable(Struct, forbid_unknown_fields=True):
    """A race: the facts that the GPX files do not hold."""

    name: Annotated[Text | None, Meta(description="the folder's where it is not given")] = None
    timezone: Annotated[Text | None, Meta(description="an IANA name: Europe/Rome")] = None
    format: Annotated[
        Format | None,
        Meta(description="continuous: the clock never stops; staged: each stage has its start"),
    ] = None
    start: Annotated[Local | None, Meta(description="local wall clock without quotes")] = None
    waves: Annotated[list[Local], Meta(description="starts in order, instead of start")] = []
    limit_h: Annotated[Limit | None, Meta(description="time limit of the race")] = None
    terrain: Annotated[
        Share | Along | None,
        Meta(
            description="0 road ... 1 hands on rock; 0.4 where it is not given;"
            " or a list of stretches, where the race is one stage or continuous"
        ),
    ] = None
    terrain_spread: Annotated[
        PositiveShare | None,
        Meta(description="how far terrain may be off where results set it: `gpxstage fit --race`"),
    ] = None
    cutoff_at: Annotated[
        CutoffAt,
        Meta(description="leave: one has to be gone by a cutoff; arrive: to be there is enough"),
    ] = "leave"
    max_stay_min: Annotated[
        Stop | None,
        Meta(
            description="the longest stay, in minutes, at every point that is no life base and has"
            " no max_stay_min of its own"
        ),
    ] = None
    conditions: Annotated[
        Factor | None, Meta(description="on all moving time: mud, snow; --conditions overrules it")
    ] = None
    sand: Annotated[
        Share, Meta(description="share of the way in soft sand, which slows hikers the most")
    ] = 0.0
    pack_kg: Annotated[
        Pack | None, Meta(description="what the rules make everyone carry, water included")
    ] = None
    weather: Annotated[
        list[WeatherTable], Meta(description="temperatures: heat slows, slower runners more")
    ] = []
    official: Annotated[Official | None, Meta(description="what the organiser says")] = None
    survey: Annotated[
        Text | None, Meta(description="how the track was made: stamped on every picture")
    ] = None
    results: Annotated[list[ResultTable], Meta(description="what earlier fields needed")] = []
    stage: Annotated[list[StageTable], Meta(description="in order, one at least")] = []

    def official_km(self, stage: StageTable) -> float | None:
        """The organiser's length of a stage; a race of one stage is that stage."""
        own, whole = stage.official or Official(), self.official or Official()
        return own.km or (whole.km if len(self.stage) == 1 else None)


TABLES: dict[str, type[Struct]] = {
    "official": Official,
    "results": ResultTable,
    "terrain": TerrainTable,
    "weather": WeatherTable,
    "stage": StageTable,
    "point": PointTable,
}
WORDS = {"kind": Kind, "format": Format, "cutoff_at": CutoffAt}
PLAIN = {
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "datetime": "a date and time without quotes, such as 2026-09-04T10:00:00",
    "date": "a date without a time",
    "time": "a time without a date",
}
STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def read(path: Path) -> RaceTable:
    """Read and check a race file; FileNotFoundError when it is not there."""
    return check(read_toml(path), name_of(path))


def check(raw: dict[str, Any], where: str) -> RaceTable:
    """The race table of a TOML document, or a CourseError that says what is wrong where."""
    _known(raw, RaceTable, raw, [], where)
    try:
        race = msgspec.convert(raw, RaceTable, builtin_types=(datetime, date, time))
    except msgspec.ValidationError as error:
        raise _translated(error, raw, where) from None
    if not race.stage:
        raise CourseError(f"{where}: has no [[stage]]: a race needs at least one")
    for k, row in enumerate(race.weather, 1):
        if row.celsius is None:
            raise CourseError(f"{where}: weather {k}: give either temperature_c or temperature_f")
    return race


def label(where: str, number: int, name: str | None) -> str:
    """How messages call a stage."""
    return f'{where}: stage {number} "{name}"' if name else f"{where}: stage {number}"


def _known(
    table: Any, shape: type[Struct], raw: dict[str, Any], path: list[str | int], where: str
) -> None:
    """Every key of a table is one of its shape's, and every number is one."""
    if not isinstance(table, dict):
        return  # a wrong type: the conversion says so
    fields = list(shape.__struct_encode_fields__)
    for key, value in table.items():
        if key not in fields:
            hint = key_suggestion(key, fields)
            raise CourseError(f"{_place(raw, path, where)}: unknown key {key}{hint}")
        if isinstance(value, float) and not math.isfinite(value):
            raise CourseError(f"{_place(raw, path, where)}: {key} must be a finite number")
        if key in TABLES:
            many = enumerate(value) if isinstance(value, list) else [(None, value)]
            for k, inner in many:
                steps: list[str | int] = [key] if k is None else [key, k]
                _known(inner, TABLES[key], raw, [*path, *steps], where)


def _place(raw: Any, path: list[str | int], where: str) -> str:
    """'race.toml: stage 2 "Day 2": point "Rifugio Neve"' for the path of a table."""
    place, table = where, raw
    for k, step in enumerate(path):
        table = table[step]
        if isinstance(step, int):
            thing = str(path[k - 1])
            name = table.get("name") if isinstance(table, dict) else None
            if thing == "point":
                place += f': point "{name}"' if name else f": point {step + 1}"
            else:
                place += f": {thing} {step + 1}" + (f' "{name}"' if isinstance(name, str) else "")
        elif isinstance(table, dict):
            place += f": {step}"
    return place


def _translated(error: msgspec.ValidationError, raw: dict[str, Any], where: str) -> CourseError:
    text, _, at = str(error).partition(" - at `$")
    steps = [int(number) if number else key for key, number in STEP.findall(at)]
    missing = re.search(r"missing required field `(\w+)`", text)
    if missing:
        return CourseError(f"{_place(raw, steps, where)}: {missing[1]} is missing")
    while steps and isinstance(steps[-1], int) and steps[-2] not in TABLES:
        steps.pop()  # an element of a plain list: the list is named
    key = "" if steps and isinstance(steps[-1], int) else str(steps.pop()) if steps else ""
    place = _place(raw, steps, where)
    if not key:
        return CourseError(f"{place} {_rule(text)}")
    value: Any = raw
    for step in (*steps, key):
        value = value[step]
    return CourseError(f"{place}: {key} {_in_unit(key, value) or _rule(text, key)}")


def _in_unit(key: str, value: Any) -> str:
    """The number to write instead of a duration in quotes, where the key has the unit."""
    unit = {"h": ("hours", 3600.0), "min": ("minutes", 60.0)}.get(key.rpartition("_")[2])
    value_s = duration_s(value) if isinstance(value, str) else None
    if unit is None or value_s is None:
        return ""
    return f'must be a number of {unit[0]}: {value_s / unit[1]:g} where you have "{value}"'


def _rule(text: str, key: str = "") -> str:
    """A sentence of msgspec in the words of who writes a race file."""
    if enum := re.match(r"Invalid enum value '?(.*?)'?$", text):
        known = list(get_args(WORDS.get(key, Kind)))
        hint = suggestion(enum[1], known) or f": known are {', '.join(known)}"
        return f'"{enum[1]}" is unknown{hint}'
    if "timezone component" in text:
        return "is local wall clock, without an offset: the timezone key says the rest"
    if most := re.search(r"of length <= (\d+)", text):
        return f"is longer than {most[1]} letters"
    if "of length" in text or "matching regex" in text:
        return "must not be empty"
    if "out of range" in text:
        return "is too large a number"
    if bound := re.search(r"Expected `\w+` ([<>]=?) ([\d.\-]+)", text):
        words = {"<=": "at most", ">=": "at least", ">": "more than", "<": "less than"}
        return f"must be {words[bound[1]]} {float(bound[2]):g}"
    if kinds := re.match(r"Expected `(.+?)`, got `(\w+)`", text):
        wanted = [PLAIN[k.strip()] for k in kinds[1].split("|") if k.strip() in PLAIN]
        return f"must be {' or '.join(wanted)}, not {PLAIN.get(kinds[2], kinds[2])}"
    return text


# the schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of a race file: every key with its type, its range and what it means.

    TOML has no null: a key that may be absent is simply not required.
    """
    found = _without_null(msgspec.json.schema(RaceTable))
    race = found["$defs"]["RaceTable"]
    race["required"] = ["stage"]
    race["properties"]["stage"] = {**race["properties"]["stage"], "minItems": 1}
    race["properties"]["stage"].pop("default")
    either = [{"required": ["temperature_c"]}, {"required": ["temperature_f"]}]
    found["$defs"]["WeatherTable"]["oneOf"] = either
    return {"$schema": DIALECT, "title": "race.toml", **found}


def _without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_null(value) for value in node if value != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _without_null(value)
        for key, value in node.items()
        if not (key == "default" and value is None)
    }
    choices = kept.get("anyOf", ())
    if len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return kept
