"""Runner files: what `fit` finds about a runner. People read it and change it by hand.

A TOML file has one line for each number, with its spread and its origin: the recordings ("data")
or what is likely for such a runner ("prior"). A number without these (`descent_m_per_h = 2400`) is
the runner's own. A number that is left out follows from the ability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from gpxstage.course import CourseError
from gpxstage.estimator.learnt import Ground, Seen, in_races, learnt, of_outings, of_races
from gpxstage.estimator.runner import (
    KEYS,
    STOPPED,
    Runner,
    at_ability,
    no_harder,
    too_much,
    with_numbers,
)
from gpxstage.racefile.sources import name_of, read_toml
from gpxstage.text import counted, key_suggestion

SCHEMA = 1
Effort = Literal["race", "recorded", "unknown"]
Gait = Literal["run", "hike"]
Origin = Literal["data", "prior", "you"]

UNKNOWN_SPREAD = 0.05  # the ability's spread where a file gives none: a result's (judgement)
Spread = Annotated[float, Meta(gt=0, le=10)]
Hours = Annotated[float, Meta(ge=0.01, le=1e6)]  # of outings, one or all: judgement
Positive = Annotated[float, Meta(gt=0, le=1e6)]
Share = Annotated[float, Meta(ge=0, le=1)]

PLAIN = {  # what msgspec writes, in the words of somebody who edits a file
    "Object missing required field": "misses",
    "Object contains unknown field": "has an unknown key",
    "float | object": "a number or a table",
    "object": "a table",
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    " | null": "",
    " <= ": " of at most ",
    " >= ": " of at least ",
    " > ": " of more than ",
}
OLD_NAMES = {"descent_mph": "descent_m_per_h"}  # of earlier versions; still read, with a note
RAISED = ("heart rate", "results")  # where [race] is from, if its ability has all the effort
IN_RACE = ("flat_speed_mps", "ease", "decay", "gait_shift_mps", "gait_down_mps")  # in [race]


@dataclass(frozen=True)
class Number:
    """One number of a file."""

    key: str
    value: float
    spread: float | None = None
    origin: Origin = "you"


class Recorded(Struct, frozen=True, forbid_unknown_fields=True):
    """The recordings that the numbers were fitted to, without any place or date."""

    count: Annotated[int, Meta(ge=1)]
    hours: Hours
    shortest_h: Hours
    longest_h: Hours
    heart_share: Share | None = None  # mean heart rate over the highest seen
    # km + climb in hundreds of metres, and climb a km: in the middle, least and most
    effort_km: tuple[Positive, Positive, Positive] | None = None
    climb_m_per_km: tuple[float, float, float] | None = None


class Raced(Struct, frozen=True, forbid_unknown_fields=True):
    """The races that the numbers were fitted to."""

    count: Annotated[int, Meta(ge=1)]
    effort_km: Positive
    climb_m_per_km: Annotated[float, Meta(ge=0)]


@dataclass(frozen=True)
class Mode:
    """The outings of the other gait, where a folder held runs and hikes."""

    numbers: tuple[Number, ...]
    recorded: Recorded


@dataclass(frozen=True)
class RunnerFile:
    """A runner file: numbers at the recordings' effort, and what replaces them in a race."""

    numbers: tuple[Number, ...]
    name: str = "you"
    effort: Effort = "unknown"
    recorded: Recorded | None = None
    race: tuple[Number, ...] = ()
    race_origin: str = ""
    crew_items: tuple[str, ...] = ()  # what the crew brings
    raced: Raced | None = None
    gait: Gait | None = None  # of the recordings; with both gaits run, and hike has the other
    hike: Mode | None = None
    notes: tuple[str, ...] = ()  # about what was doubtful


class _Known(Struct, forbid_unknown_fields=True):
    value: float
    spread: Spread | None = None
    origin: Origin = msgspec.field(default="you", name="from")


def read_file(path: str | Path) -> RunnerFile:
    """The contents of a runner file.

    Raises CourseError for what cannot be understood, FileNotFoundError for what is not there.
    """
    path = Path(path)
    return check(read_toml(path), name_of(path))


def read_runner(
    path: str | Path, *, effort: Effort | None = None, gait: Gait | None = None
) -> Runner:
    """The runner of a runner file, as ``gpxstage fit`` writes one.

    Parameters
    ----------
    path
        The file.
    effort
        "race" for as hard as in a race, "recorded" for as hard as in the recordings; by default
        as the file says.
    gait
        "run" or "hike", where the file holds both.

    Raises
    ------
    CourseError
        For what cannot be understood, and for a gait that the file does not hold.
    FileNotFoundError
        For what is not there.
    ValueError
        For an effort or a gait that is none.
    """
    for name, value, known in (("effort", effort, Effort), ("gait", gait, Gait)):
        if value is not None and value not in get_args(known):
            raise ValueError(f"{name} is one of {', '.join(get_args(known))}, not {value!r}")
    return runner_of(read_file(path), effort, gait)[0]


def runner_of(
    file: RunnerFile, effort: str | None = None, gait: str | None = None
) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a file, and notes: which effort and gait they are estimated with.

    They go as hard as in their recordings, or, with *effort* "race", as in a race. They go as
    in their runs, or, with *gait* "hike", as in their hikes. Raises CourseError for a gait that
    the file does not hold.
    """
    hiking = _hiking(file, effort, gait)
    numbers, recorded = file.numbers, file.recorded
    if hiking and file.hike is not None:
        numbers, recorded = file.hike.numbers, file.hike.recorded
    racing = not hiking and "race" in (effort, file.effort)
    values: dict[str, float] = {"ability_spread": UNKNOWN_SPREAD} | {
        n.key: n.value for n in numbers
    }
    if spread := next((n.spread for n in numbers if n.key == STOPPED), None):
        values["stopped_spread"] = spread
    slopes = (values.pop("length_slope", 0.0), values.pop("steepness_slope", 0.0))
    if racing:
        values |= {number.key: number.value for number in file.race} | {"habit": 0.0}
        spread = next((n.spread for n in file.race if n.key == "flat_speed_mps"), None)
        if file.effort != "race":  # another outing, another effort, and a race's stops
            values["ability_spread"] = math.hypot(values["ability_spread"], spread or 0.0)
            values.pop(STOPPED, None)
    runner = with_numbers(at_ability(values["flat_speed_mps"], file.name, "recordings"), values)
    raised = file.effort == "race" or file.race_origin in RAISED
    if recorded is not None:
        seen = _seen(recorded, slopes)
        runner = replace(
            runner,
            known_from="outings",
            habit_from_h=recorded.shortest_h,
            habit_to_h=recorded.longest_h,
            stopped_to_h=recorded.longest_h,
            seen=in_races(seen) if racing and seen is not None and raised else seen,
        )
    if racing and file.raced is not None:
        where = Ground(file.raced.effort_km, file.raced.climb_m_per_km)
        flat = next(n for n in (*file.race, *numbers) if n.key == "flat_speed_mps")
        spread = math.hypot(flat.spread or UNKNOWN_SPREAD, learnt().race_scatter)
        runner = replace(runner, known_from="results", ability_spread=spread, seen=of_races(where))
    elif not (racing or hiking) and raised:
        runner = no_harder(runner, runner_of(file, "race", gait)[0])
    return runner, (_explained(file, racing, hiking=hiking), *file.notes)


def _hiking(file: RunnerFile, effort: str | None, gait: str | None) -> bool:
    """Whether the hikes of a file are wanted that has runs too; CourseError for what it lacks."""
    hiking = gait == "hike" and file.gait != "hike"
    if gait is not None and gait != file.gait and (gait != "hike" or file.hike is None):
        had = "does not name a gait" if file.gait is None else f"has only {file.gait}s"
        raise CourseError(f"{file.name}: no {gait}s among the recordings: the file {had}")
    if hiking and effort == "race":
        raise CourseError(f"{file.name}: a race cannot be estimated from hikes: use --as run")
    return hiking


def _seen(recorded: Recorded, slopes: tuple[float, float]) -> Seen | None:
    """The ground of the recordings; None where a file does not give it."""
    if recorded.effort_km is None or recorded.climb_m_per_km is None:
        return None
    (effort_km, *efforts), (climb, *climbs) = recorded.effort_km, recorded.climb_m_per_km
    where, ends = Ground(effort_km, climb), ((efforts[0], efforts[1]), (climbs[0], climbs[1]))
    return of_outings(learnt(), where, ends, slopes, recorded.longest_h)


def _explained(file: RunnerFile, racing: bool, *, hiking: bool) -> str:
    if hiking:
        return f"{file.name}: by {_hikes(file)}, as hard as in them; --as run uses the runs"
    if file.effort == "race":
        return f"{file.name}: as hard as in a race, as the results or recordings were"
    by, other = ("by the runs, ", f"; --as hike uses {_hikes(file)}") if file.hike else ("", "")
    if racing:
        words = {"usual": "what such a runner usually can do", "": "the numbers of the file"}
        source = words.get(file.race_origin, f"the {file.race_origin}")
        return f"{file.name}: {by}as hard as in a race, by {source}{other}"
    known = "" if file.effort == "recorded" else ", however hard that was"
    return f"{file.name}: {by}as hard as in the recordings{known}; --effort race is harder{other}"


def _hikes(file: RunnerFile) -> str:
    return counted(0 if file.hike is None else file.hike.recorded.count, "hike")


def check(raw: dict[str, Any], where: str) -> RunnerFile:
    """A TOML document as a runner file.

    Raises CourseError with the place and the rule for what cannot be understood.
    """
    table, notes = _renamed(dict(raw), where)
    if table.get("schema") != SCHEMA:
        found = f"schema is {table['schema']}" if "schema" in table else "no schema"
        raise CourseError(f"{where}: {found}: a runner file needs schema = {SCHEMA}")
    race = table.get("race", {})
    if not isinstance(race, dict):
        raise CourseError(f"{where}: race must be a table")
    known = ("schema", "name", "effort", "gait", "recordings", "results", "hike", "race")
    _known(table, [*KEYS, *known, "crew_items"], where)
    _known(race, [*IN_RACE, "from"], f"{where}: race")
    if "flat_speed_mps" not in table:
        raise CourseError(f"{where}: flat_speed_mps is missing")
    effort = table.get("effort", "unknown")
    if effort not in get_args(Effort):
        raise CourseError(f"{where}: effort must be one of {', '.join(get_args(Effort))}")
    return RunnerFile(
        tuple(_number(key, table[key], where) for key in KEYS if key in table),
        name=_converted(table.get("name", "you"), str, f"{where}: name"),
        effort=effort,
        recorded=_recorded(table, where),
        race=tuple(_number(key, race[key], f"{where}: race") for key in IN_RACE if key in race),
        race_origin=_converted(race.get("from", ""), str, f"{where}: race: from"),
        crew_items=_crew_items(table.get("crew_items", []), f"{where}: crew_items"),
        raced=_converted(table.get("results"), Raced | None, f"{where}: results"),
        gait=_converted(table.get("gait"), Gait | None, f"{where}: gait"),
        hike=_mode(table.get("hike"), f"{where}: hike"),
        notes=notes,
    )


def _renamed(table: dict[str, Any], where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The table with today's names in the place of earlier ones, and a note of each."""
    notes = []
    for old, new in OLD_NAMES.items():
        if old in table and new in table:
            raise CourseError(f"{where}: {old} is the old name of {new}: one of them is enough")
        if old in table:
            table[new] = table.pop(old)
            notes.append(f"{where}: {old} is called {new} now; the old name was read as {new}")
    return table, tuple(notes)


def _recorded(table: dict[str, Any], where: str) -> Recorded | None:
    if "recordings" not in table:
        return None
    found: Recorded = _converted(table["recordings"], Recorded, f"{where}: recordings")
    if found.shortest_h > found.longest_h:
        raise CourseError(f"{where}: recordings: shortest_h is more than longest_h")
    return found


def _mode(table: Any, where: str) -> Mode | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        raise CourseError(f"{where} must be a table")
    _known(table, [*KEYS, "recordings"], where)
    recorded = _recorded(table, where)
    if "flat_speed_mps" not in table or recorded is None:
        missing = "recordings" if recorded is None else "flat_speed_mps"
        raise CourseError(f"{where}: {missing} is missing")
    return Mode(tuple(_number(key, table[key], where) for key in KEYS if key in table), recorded)


def _crew_items(raw: Any, where: str) -> tuple[str, ...]:
    items: list[str] = _converted(raw, list[str], where)
    if wrong := too_much(items):
        raise CourseError(f"{where}: {wrong}")
    return tuple(items)


def _known(table: dict[str, Any], keys: list[str], where: str) -> None:
    for key in table:
        if key not in keys:
            raise CourseError(f"{where}: unknown key {key}{key_suggestion(key, keys)}")


def _number(key: str, raw: Any, where: str) -> Number:
    if isinstance(raw, dict):
        _known(raw, ["value", "spread", "from"], f"{where}: {key}")
    found = _converted(raw, _Known | float, f"{where}: {key}")
    known = found if isinstance(found, _Known) else _Known(float(found))
    low, high = KEYS[key].low, KEYS[key].high
    if not low <= known.value <= high:
        raise CourseError(f"{where}: {key} {known.value:g} is out of range: {low:g} ... {high:g}")
    return Number(key, known.value, known.spread, known.origin)


def _converted(raw: Any, shape: Any, where: str) -> Any:
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        wrong, _, at = str(error).replace("`", "").partition(" - at $.")
        for word, plain in PLAIN.items():
            wrong = wrong.replace(word, plain)
        place = f"{where}: {at}" if at else where
        raise CourseError(f"{place}: {wrong[:1].lower()}{wrong[1:]}") from None
