"""Runner file -> TOML: one line for each number, with what it means, for people who edit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpxstage.estimator.runner import KEYS
from gpxstage.estimator.runner_file import SCHEMA

if TYPE_CHECKING:
    from gpxstage.estimator.runner_file import Number, Raced, Recorded, RunnerFile

HEAD = (
    "A runner for gpxstage estimate --runner, as gpxstage fit found them.",
    "Change what you know better; a number alone is enough: descent_m_per_h = 2400.",
    "spread: of 10 such values, 7 are no farther off; a share, but for gait shifts and slopes.",
    'from: "data" where the recordings show it, "prior" where they hardly do, "you".',
    "What is left out follows from flat_speed_mps.",
)
EFFORTS = {
    "race": "the recordings or results were races",
    "recorded": "the recordings were easier than a race",
    "unknown": "how hard the recordings were is not known: race, recorded, unknown",
}


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
    hikes = file.hike.numbers if file.hike else ()
    for name, comment, numbers in (
        ("race", "with --effort race, these replace the numbers above", file.race),
        ("hike", "numbers of the hikes, for --as hike", hikes),
    ):
        if numbers:
            table = tomlkit.table()
            table.comment(comment)
            if name == "race":
                table.add("from", tomlkit.item(file.race_origin))
            for number in numbers:
                table.add(number.key, _item(number))
            document.add(tomlkit.nl())
            document.add(name, table)
    if file.hike is not None:
        table.add("recordings", _plain(file.hike.recorded))
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _plain(known: Recorded | Raced) -> Any:
    """A table of numbers that need no comment."""
    import tomlkit

    table = tomlkit.table()
    for key in known.__struct_fields__:
        value = getattr(known, key)
        if isinstance(value, tuple):
            item = tomlkit.item([_short(each) for each in value])
            table.add(key, item.comment("in the middle, least, most"))
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
    found.add("from", number.origin)
    return found.comment(meaning)


def _short(value: float, digits: int = 4) -> float:
    """A number with as many digits as are known; counts stay whole."""
    return value if isinstance(value, int) else float(f"{value:.{digits}g}")
