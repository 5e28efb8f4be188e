"""What earlier fields needed, as a race file says it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gpxstage.course import CourseError, Result
from gpxstage.text import duration_s

if TYPE_CHECKING:
    from gpxstage.racefile.keys import RaceTable

PLACES = ("winner", "p10", "p25", "median", "p75", "p90")  # in the order they finish


def of(race: RaceTable, where: str) -> tuple[tuple[Result, ...], list[str]]:
    """The results of a race file, and what is odd about them.

    Raises CourseError for a text that is no time, for times out of order, and for a
    terrain_spread without the terrain that it belongs to.
    """
    said = race.terrain is not None or all(stage.terrain is not None for stage in race.stage)
    if race.terrain_spread is not None and not said:
        raise CourseError(f"{where}: terrain_spread without a terrain: whose spread is it?")
    found, notes = [], []
    for k, table in enumerate(race.results, 1):
        place = f"{where}: results {k}"
        times_s = {key: _time_s(getattr(table, key), key, place) for key in PLACES}
        known = [(key, value) for key, value in times_s.items() if value is not None]
        for (before, sooner_s), (after, later_s) in pairwise(known):
            if sooner_s > later_s:
                raise CourseError(
                    f'{place}: {after} "{getattr(table, after)}" is faster than'
                    f' {before} "{getattr(table, before)}"'
                )
        late = [key for key, value in known if value > 3600.0 * (race.limit_h or float("inf"))]
        if late:
            notes.append(f"results {k}: {late[0]} lies past the limit of {race.limit_h:g} h")
        given: dict[str, Any] = {f"{key}_s": value for key, value in times_s.items()}
        found.append(Result(table.year, table.finishers, source=table.source or "", **given))
    return tuple(found), notes


def _time_s(text: str | None, key: str, place: str) -> float | None:
    if text is None:
        return None
    value_s = duration_s(text)
    if value_s is None:
        raise CourseError(f'{place}: {key} "{text}" is no time such as "40:34:49" or "38h"')
    if not value_s > 0.0:
        raise CourseError(f'{place}: {key} "{text}": a time must be longer than nothing')
    return value_s
