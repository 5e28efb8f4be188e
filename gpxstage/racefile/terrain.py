"""A race file with another terrain: layout and comments stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from gpxstage.course import DEFAULT_TERRAIN

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from tomlkit import TOMLDocument

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
    said = SPREAD_SAYS if "terrain" in race else f"{SPREAD_SAYS}; {comment}"
    _set(race, "terrain_spread", max(round(spread, DIGITS), 0.01), said, end)
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
    said = [k for k, name in enumerate(names[:here]) if name]
    if key == "terrain_spread" and "terrain" in names:
        said = [names.index("terrain")]
    if said:
        race.body.insert(said[-1] + 1, race.body.pop(here))


def _moved(old: Any, shift: float) -> Any:
    """A number, or stretches, on other ground."""
    if isinstance(old, list):
        return [{**stretch, "value": _moved(stretch["value"], shift)} for stretch in old]
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
    """A number in the place of the old one, aligned as that was; None keeps its comment.

    Stretches stay where they are and get new values.
    """
    old = table.get(key)
    item: Any = old if isinstance(value, list) else tomlkit.item(value)
    if isinstance(value, list):
        for stretch, moved in zip(item, value, strict=True):
            stretch["value"] = moved["value"]
    elif old is None:
        item.trivia.trail = end
    else:
        for name in ("indent", "comment_ws", "comment", "trail"):
            setattr(item.trivia, name, getattr(old.trivia, name))
    if comment is not None:
        space = item.trivia.comment_ws or " "
        item.comment(comment)
        item.trivia.comment_ws = space
    if item is not old:
        table[key] = item
