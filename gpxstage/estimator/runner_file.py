"""Runner files: what `fit` finds of somebody, to be read, changed by hand and estimated with.

TOML with one line a number, each with its spread and whether the recordings or only the prior
told it. A number may stand alone (`descent_m_per_h = 2400`): then it is yours. What is left out
follows from the ability.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta, Struct

from gpxstage.course import CourseError
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.runner import KEYS, Runner, at_ability, too_much
from gpxstage.estimator.runner_text import (
    SCHEMA,
    Effort,
    Gait,
    Mode,
    Number,
    Origin,
    Raced,
    Recorded,
    RunnerFile,
)
from gpxstage.estimator.seen import (
    OUTING_CLIMB_M_PER_KM,
    OUTING_REACH,
    Ground,
    Seen,
    of_races,
)
from gpxstage.racefile.sources import name_of, read_toml
from gpxstage.text import key_suggestion

NOT_SAID = 0.05  # the ability's spread where a file gives none: a result's (judgement)
Spread = Annotated[float, Meta(gt=0, le=10)]
Hours = Annotated[float, Meta(ge=0.01, le=1e6)]  # of outings, one or all: judgement
Positive = Annotated[float, Meta(gt=0, le=1e6)]
Share = Annotated[float, Meta(ge=0, le=1)]


PLAIN = {  # words of msgspec in those of who writes a file
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
IN_RACE = (
    "flat_speed_mps",
    "ease",
    "decay",
    "gait_shift_mps",
    "gait_down_mps",
)  # what may stand in [race]


class _Known(Struct, forbid_unknown_fields=True):
    value: float
    spread: Spread | None = None
    origin: Origin = msgspec.field(default="you", name="from")


class _Recordings(Struct, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1)]
    hours: Hours
    shortest_h: Hours
    longest_h: Hours
    heart_share: Share | None = None
    effort_km: tuple[Positive, Positive, Positive] | None = None
    climb_m_per_km: tuple[float, float, float] | None = None


class _Results(Struct, forbid_unknown_fields=True):
    count: Annotated[int, Meta(ge=1)]
    effort_km: Positive
    climb_m_per_km: Annotated[float, Meta(ge=0)]


def read_runner(
    path: str | Path, effort: str | None = None, gait: str | None = None
) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a file, and what should be said of them.

    They go as hard as in their recordings, or, with *effort* "race", as in a race; by their
    runs, or, with *gait* "hike", by their hikes. Raises what `read_file` does.
    """
    return runner_of(read_file(path), effort, gait)


def read_file(path: str | Path) -> RunnerFile:
    """What a runner file says.

    Raises CourseError for what cannot be understood, FileNotFoundError for what is not there.
    """
    path = Path(path)
    return check(read_toml(path), name_of(path))


def runner_of(
    file: RunnerFile, effort: str | None = None, gait: str | None = None
) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a file at an effort and by a gait, and which those are.

    Raises CourseError for a gait that the file has not.
    """
    hiking = gait == "hike" and file.gait != "hike"
    if gait is not None and gait != file.gait and (gait != "hike" or file.hike is None):
        had = "tells nothing of gaits" if file.gait is None else f"has only {file.gait}s"
        raise CourseError(f"{file.name}: no {gait}s among the recordings: the file {had}")
    if hiking and effort == "race":
        raise CourseError(f"{file.name}: hikes do not tell what is raced: --as run does")
    numbers, recorded = file.numbers, file.recorded
    if hiking and file.hike is not None:
        numbers, recorded = file.hike.numbers, file.hike.recorded
    racing = not hiking and (effort == "race" or file.effort == "race")
    values = {"ability_spread": NOT_SAID} | {n.key: n.value for n in numbers}
    slopes = (values.pop("length_slope", 0.0), values.pop("steepness_slope", 0.0))
    if racing:
        values |= {number.key: number.value for number in file.race} | {"habit": 0.0}
        spread = next((n.spread for n in file.race if n.key == "flat_speed_mps"), None)
        if spread is not None and file.effort != "race":  # another outing, and another effort
            values["ability_spread"] = math.hypot(values["ability_spread"], spread)
    likely = at_ability(values["flat_speed_mps"], file.name, "recordings")
    changed: dict[str, Any] = dict(values)
    runner = replace(likely, **changed)
    if recorded is not None:
        runner = replace(
            runner,
            known_from="outings",
            habit_from_h=recorded.shortest_h,
            habit_to_h=recorded.longest_h,
            seen=_seen(recorded, slopes),
        )
    if racing and file.raced is not None:
        where = Ground(file.raced.effort_km, file.raced.climb_m_per_km)
        flat = next(n for n in (*file.race, *numbers) if n.key == "flat_speed_mps")
        spread = math.hypot(flat.spread or NOT_SAID, learnt().race_scatter)
        runner = replace(runner, known_from="results", ability_spread=spread, seen=of_races(where))
    return runner, (_said(file, racing, hiking=hiking), *file.notes)


def _seen(recorded: Recorded, slopes: tuple[float, float]) -> Seen | None:
    """The ground of outings; None where a file does not tell."""
    if recorded.effort_km is None or recorded.climb_m_per_km is None:
        return None
    (effort_km, *efforts), (climb, *climbs) = recorded.effort_km, recorded.climb_m_per_km
    return Seen(
        Ground(effort_km, climb),
        (efforts[0], efforts[1]),
        (climbs[0], climbs[1]),
        *slopes,
        OUTING_REACH,
        OUTING_CLIMB_M_PER_KM,
        learnt().race_apart,
        recorded.longest_h,
    )


def _said(file: RunnerFile, racing: bool, *, hiking: bool) -> str:
    if hiking:
        return f"{file.name}: by {_hikes(file)}, as hard as in them; --as run is by the runs"
    if file.effort == "race":
        return f"{file.name}: as hard as in a race, as the results or recordings were"
    by, other = ("by the runs, ", f"; --as hike is by {_hikes(file)}") if file.hike else ("", "")
    if racing:
        words = {"usual": "what such a runner usually can", "": "what the file says"}
        told = words.get(file.race_told_by, f"the {file.race_told_by}")
        return f"{file.name}: {by}as hard as in a race, by {told}{other}"
    known = "" if file.effort == "recorded" else ", however hard that was"
    return (
        f"{file.name}: {by}as hard as in the recordings{known}; --effort race is another"
        f" question{other}"
    )


def _hikes(file: RunnerFile) -> str:
    count = 0 if file.hike is None else file.hike.recorded.count
    return f"{count} hike{'s' if count != 1 else ''}"


def check(raw: dict[str, Any], where: str) -> RunnerFile:
    """A TOML document as a runner file, or a CourseError that says what is wrong where."""
    table, notes = _renamed(dict(raw), where)
    if table.get("schema") != SCHEMA:
        said = f"schema is {table['schema']}" if "schema" in table else "no schema"
        raise CourseError(f"{where}: {said}: a runner file says schema = {SCHEMA}")
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
        race_told_by=_converted(race.get("from", ""), str, f"{where}: race: from"),
        crew_items=_crew_items(table.get("crew_items", []), f"{where}: crew_items"),
        raced=_raced(table, where),
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
    found = _converted(table["recordings"], _Recordings, f"{where}: recordings")
    if found.shortest_h > found.longest_h:
        raise CourseError(f"{where}: recordings: shortest_h is more than longest_h")
    return Recorded(**msgspec.structs.asdict(found))


def _raced(table: dict[str, Any], where: str) -> Raced | None:
    if "results" not in table:
        return None
    found = _converted(table["results"], _Results, f"{where}: results")
    return Raced(**msgspec.structs.asdict(found))


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
    number = (
        Number(key, found.value, found.spread, found.origin)
        if isinstance(found, _Known)
        else Number(key, float(found))
    )
    low, high = KEYS[key].low, KEYS[key].high
    if not low <= number.value <= high:
        raise CourseError(f"{where}: {key} {number.value:g} is out of range: {low:g} ... {high:g}")
    return number


def _converted(raw: Any, shape: Any, where: str) -> Any:
    try:
        return msgspec.convert(raw, shape)
    except msgspec.ValidationError as error:
        said, _, at = str(error).replace("`", "").partition(" - at $.")
        for word, plain in PLAIN.items():
            said = said.replace(word, plain)
        place = f"{where}: {at}" if at else where
        raise CourseError(f"{place}: {said[:1].lower()}{said[1:]}") from None
