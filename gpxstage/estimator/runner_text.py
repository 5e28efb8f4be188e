"""What a runner file holds, and how it is written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from gpxstage.estimator.runner import KEYS

SCHEMA = 1
Effort = Literal["race", "recorded", "unknown"]
Gait = Literal["run", "hike"]
Origin = Literal["data", "prior", "you"]

HEAD = (
    "A runner for gpxstage estimate --runner, as gpxstage fit found them.",
    "Change what you know better; a number may stand alone: descent_m_per_h = 2400.",
    "spread: of 10 such values, 7 are no farther off; a share, but for gait shifts and slopes.",
    'from: "data" where the recordings told it, "prior" where they hardly could, "you".',
    "What is left out follows from flat_speed_mps.",
)
THREE = "in the middle, least, most"
EFFORTS = {
    "race": "the recordings or results were races",
    "recorded": "the recordings were easier than a race",
    "unknown": "how hard the recordings were is not known: race, recorded, unknown",
}


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
    # km + climb in hundreds of metres, and climb a km: in the middle, least and most
    effort_km: tuple[float, float, float] | None = None
    climb_m_per_km: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Raced:
    """The races that the numbers were told from."""

    count: int
    effort_km: float
    climb_m_per_km: float


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
    race_told_by: str = ""
    crew_items: tuple[str, ...] = ()  # what the crew is to bring
    raced: Raced | None = None
    gait: Gait | None = None  # of the recordings; of both, run, and hike is beside it
    hike: Mode | None = None
    notes: tuple[str, ...] = ()  # what was doubtful, but understood


def text(file: RunnerFile) -> str:
    """A runner file as TOML, a comment on every number."""
    import tomlkit

    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    document.add("schema", tomlkit.item(SCHEMA))
    document.add("name", tomlkit.item(file.name))
    document.add("effort", tomlkit.item(file.effort).comment(EFFORTS[file.effort]))
    if file.gait is not None:
        document.add("gait", tomlkit.item(file.gait).comment("of the recordings below"))
    if file.crew_items:
        document.add("crew_items", tomlkit.item(list(file.crew_items)))
    document.add(tomlkit.nl())
    for number in file.numbers:
        document.add(number.key, _item(number))
    for name, known in (("recordings", file.recorded), ("results", file.raced)):
        if known is not None:
            document.add(tomlkit.nl())
            document.add(name, _plain(known))
    if file.race:
        table = tomlkit.table()
        table.comment("what --effort race puts in the place of the above")
        table.add("from", tomlkit.item(file.race_told_by))
        for number in file.race:
            table.add(number.key, _item(number))
        document.add(tomlkit.nl())
        document.add("race", table)
    if file.hike is not None:
        table = tomlkit.table()
        table.comment("the same of the hikes, for --as hike")
        for number in file.hike.numbers:
            table.add(number.key, _item(number))
        table.add("recordings", _plain(file.hike.recorded))
        document.add(tomlkit.nl())
        document.add("hike", table)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _plain(known: Recorded | Raced) -> Any:
    """A table of numbers that explain themselves."""
    import tomlkit

    table = tomlkit.table()
    for key, value in asdict(known).items():
        if isinstance(value, tuple):
            table.add(key, tomlkit.item([_short(each) for each in value]).comment(THREE))
        elif value is not None:
            table.add(key, tomlkit.item(_short(value)))
    return table


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
