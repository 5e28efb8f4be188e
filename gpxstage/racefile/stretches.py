"""The terrain that a race file gives: one number, or stretches along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN, CourseError
from gpxstage.racefile import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.racefile.keys import RaceTable, TerrainTable
    from gpxstage.racefile.sections import Section

Pieces = tuple[tuple[float, float], ...]


def of_stage(
    race: RaceTable, k: int, parts: Sequence[Section], wish: float | None, where: str
) -> dict[str, Any]:
    """Fields of a stage: the first that gives any terrain, the command line, the stage, the race.

    Kilometres of a stage's stretches count from its start, those of a race's from the race's, as
    measured, or by the organiser's length where one is given. Raises CourseError for stretches
    that do not come in order.
    """
    stage, length_m = race.stage[k], parts[k].way.length_m
    if wish is not None:
        return {"terrain": wish}
    if stage.terrain is not None:
        official = stage.official or (race.official if len(race.stage) == 1 else None)
        place = keys.label(where, k + 1, stage.name)
        return _fields(stage.terrain, _scale(official, length_m), 0.0, length_m, place)
    if race.terrain is None:
        return {"terrain": DEFAULT_TERRAIN}
    before_m = sum(part.way.length_m for part in parts[:k])
    scale = _scale(race.official, sum(part.way.length_m for part in parts))
    return _fields(race.terrain, scale, before_m, length_m, where)


def _scale(official: keys.Official | None, length_m: float) -> float:
    """Measured metres in a kilometre of the race file."""
    if official is None or official.km is None:
        return 1000.0
    return length_m / official.km


def _fields(
    given: float | list[TerrainTable], scale: float, before_m: float, length_m: float, where: str
) -> dict[str, Any]:
    if not isinstance(given, list):
        return {"terrain": given}
    to_km = [stretch.to_km for stretch in given]
    if sorted(set(to_km)) != to_km:
        raise CourseError(f"{where}: terrain: each to_km must lie beyond the one before")
    pieces = _inside([(s.to_km * scale - before_m, s.value) for s in given], length_m)
    lasts_m = np.diff([0.0, *(to_m for to_m, _ in pieces)])
    mean = float(np.average([value for _, value in pieces], weights=lasts_m))
    return {"terrain": mean, "terrain_along": pieces if len(pieces) > 1 else ()}


def _inside(pieces: Sequence[tuple[float, float]], length_m: float) -> Pieces:
    """The pieces that touch a stage, the last to its end."""
    touching = [piece for piece in pieces if piece[0] > 0.0] or [pieces[-1]]
    ends = [to_m >= length_m for to_m, _ in touching]
    kept = touching[: ends.index(True) + 1] if any(ends) else touching
    return (*kept[:-1], (length_m, kept[-1][1]))
