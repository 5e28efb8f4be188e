"""Runner files: what `fit` finds of somebody, to be read, changed by hand and estimated with.

TOML with one line a number, each with its spread and whether the recordings or only the prior
told it. A number may stand alone (`descent_m_per_h = 2400`): then it is yours. What is left out
follows from the ability.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from gpxstage.course import CourseError
from gpxstage.estimator.runner import KEYS, Runner, at_ability, too_much
from gpxstage.manifest.sources import name_of, read_toml
from gpxstage.text import key_suggestion

SCHEMA = 1
NOT_SAID = 0.05  # the ability's spread where a file gives none: a result's (judgement)
Effort = Literal["race", "recorded", "unknown"]
Origin = Literal["data", "prior", "you"]
Spread = Annotated[float, Meta(gt=0, le=10)]
Hours = Annotated[float, Meta(ge=0.01, le=1e6)]  # of outings, one or all: judgement
Share = Annotated[float, Meta(ge=0, le=1)]


HEAD = (
    "A runner for gpxstage estimate --runner, as gpxstage fit found them.",
    "Change what you know better; a number may stand alone: descent_m_per_h = 2400.",
    "spread: of 10 such values, 7 are no farther off; a share, but for gait_shift_mps and habit.",
    'from: "data" where the recordings told it, "prior" where they hardly could, "you".',
    "What is left out follows from flat_speed_mps.",
)
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
EFFORTS = {
    "race": "the recordings or results were races",
    "recorded": "the recordings were easier than a race",
    "unknown": "how hard the recordings were is not known: race, recorded, unknown",
}
OLD_NAMES = {"descent_m_per_h": "descent_m_per_h"}  # of earlier versions; still read, with a note
IN_RACE = ("flat_speed_mps", "ease", "decay", "gait_shift_mps")  # what may stand in [race]


@dataclass(frozen=True)
class Number:
    """One number of a file."""

    key: str
    value: float
    spread: float | None = None
    told_by: Origin = "you"


@dataclass(frozen=True)
class Recorded:
    """What the numbers were told from: nothing of where or when."""

    count: int
    hours: float
    shortest_h: float
    longest_h: float
    heart_share: float | None = None  # mean heart rate over the highest seen


@dataclass(frozen=True)
class RunnerFile:
    """A runner file: numbers at the recordings' effort, and what replaces them in a race."""

    numbers: tuple[Number, ...]
    name: str = "you"
    effort: Effort = "unknown"
    recorded: Recorded | None = None
    race: tuple[Number, ...] = ()
    race_told_by: str = ""
    crew_items: tuple[str, ...] = ()  # what the crew is to bring
    notes: tuple[str, ...] = ()  # what was doubtful, but understood


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


def read_runner(path: str | Path, effort: str | None = None) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a file, and what should be said of them.

    They go as hard as in their recordings, or, with *effort* "race", as in a race. Raises
    what `read_file` does.
    """
    return runner_of(read_file(path), effort)


def read_file(path: str | Path) -> RunnerFile:
    """What a runner file says.

    Raises CourseError for what cannot be understood, FileNotFoundError for what is not there.
    """
    path = Path(path)
    return check(read_toml(path), name_of(path))


def runner_of(file: RunnerFile, effort: str | None = None) -> tuple[Runner, tuple[str, ...]]:
    """The runner of a file at an effort, and which effort that is."""
    racing = effort == "race" or file.effort == "race"
    values = {"ability_spread": NOT_SAID} | {n.key: n.value for n in file.numbers}
    if racing:
        values |= {number.key: number.value for number in file.race} | {"habit": 0.0}
        spread = next((n.spread for n in file.race if n.key == "flat_speed_mps"), None)
        if spread is not None and file.effort != "race":  # another outing, and another effort
            values["ability_spread"] = math.hypot(values["ability_spread"], spread)
    likely = at_ability(values["flat_speed_mps"], file.name, "recordings")
    changed: dict[str, Any] = dict(values)
    runner = replace(likely, **changed)
    if file.recorded is not None:
        runner = replace(
            runner,
            known_from="outings",
            habit_from_h=file.recorded.shortest_h,
            habit_to_h=file.recorded.longest_h,
        )
    return runner, (_said(file, racing), *file.notes)


def _said(file: RunnerFile, racing: bool) -> str:
    if file.effort == "race":
        return f"{file.name}: as hard as in a race, as the results or recordings were"
    if racing:
        by = {"usual": "what such a runner usually can", "": "what the file says"}
        told = by.get(file.race_told_by, f"the {file.race_told_by}")
        return f"{file.name}: as hard as in a race, by {told}"
    known = "" if file.effort == "recorded" else ", however hard that was"
    return f"{file.name}: as hard as in the recordings{known}; --effort race is another question"


def check(raw: dict[str, Any], where: str) -> RunnerFile:
    """A TOML document as a runner file, or a CourseError that says what is wrong where."""
    table, notes = _renamed(dict(raw), where)
    if table.get("schema") != SCHEMA:
        said = f"schema is {table['schema']}" if "schema" in table else "no schema"
        raise CourseError(f"{where}: {said}: a runner file says schema = {SCHEMA}")
    race = table.get("race", {})
    if not isinstance(race, dict):
        raise CourseError(f"{where}: race must be a table")
    _known(table, [*KEYS, "schema", "name", "effort", "recordings", "race", "crew_items"], where)
    _known(race, [*IN_RACE, "from"], f"{where}: race")
    if "flat_speed_mps" not in table:
        raise CourseError(f"{where}: flat_speed_mps is missing")
    recorded = None
    if "recordings" in table:
        found = _converted(table["recordings"], _Recordings, f"{where}: recordings")
        recorded = Recorded(**msgspec.structs.asdict(found))
        if recorded.shortest_h > recorded.longest_h:
            raise CourseError(f"{where}: recordings: shortest_h is more than longest_h")
    effort = table.get("effort", "unknown")
    if effort not in get_args(Effort):
        raise CourseError(f"{where}: effort must be one of {', '.join(get_args(Effort))}")
    return RunnerFile(
        tuple(_number(key, table[key], where) for key in KEYS if key in table),
        name=_converted(table.get("name", "you"), str, f"{where}: name"),
        effort=effort,
        recorded=recorded,
        race=tuple(_number(key, race[key], f"{where}: race") for key in IN_RACE if key in race),
        race_told_by=_converted(race.get("from", ""), str, f"{where}: race: from"),
        crew_items=_crew_items(table.get("crew_items", []), f"{where}: crew_items"),
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


def text(file: RunnerFile) -> str:
    """A runner file as TOML, a comment on every number."""
    import tomlkit

    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    document.add("schema", tomlkit.item(SCHEMA))
    document.add("name", tomlkit.item(file.name))
    document.add("effort", tomlkit.item(file.effort).comment(EFFORTS[file.effort]))
    if file.crew_items:
        document.add("crew_items", tomlkit.item(list(file.crew_items)))
    document.add(tomlkit.nl())
    for number in file.numbers:
        document.add(number.key, _item(number))
    if file.recorded is not None:
        table = tomlkit.table()
        for key, value in asdict(file.recorded).items():
            if value is not None:
                table.add(key, tomlkit.item(_short(value)))
        document.add(tomlkit.nl())
        document.add("recordings", table)
    if file.race:
        table = tomlkit.table()
        table.comment("what --effort race puts in the place of the above")
        table.add("from", tomlkit.item(file.race_told_by))
        for number in file.race:
            table.add(number.key, _item(number))
        document.add(tomlkit.nl())
        document.add("race", table)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _item(number: Number) -> Any:
    import tomlkit

    meaning = KEYS[number.key].meaning
    if number.spread is None:
        return tomlkit.item(_short(number.value)).comment(meaning)
    found = tomlkit.inline_table()
    found.add("value", _short(number.value))
    found.add("spread", _short(number.spread, 2))
    found.add("from", number.told_by)
    return found.comment(meaning)


def _short(value: float, digits: int = 4) -> float:
    """A number without digits that nobody knows; counts stay whole."""
    return value if isinstance(value, int) else float(f"{value:.{digits}g}")
