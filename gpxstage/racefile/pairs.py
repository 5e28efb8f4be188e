"""Places that are passed twice, and places with two doors, told apart by the end of their names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.matching import Passage
from gpxstage.racefile import clocks, vocabulary
from gpxstage.text import counted, letters, listed
from gpxstage.units import MILE_M

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpxstage.course import Array, Point, Track
    from gpxstage.racefile.rows import PointRow

DOOR_M = 1000.0  # judgement: the way through a place, from its entry to its exit

# Judgement: from a place to where the way turns and back to it. On the shorter way one place is
# meant, on the longer one where its text has one distance, that of the turn.
TURN_M, TURN_MOST_M = 1000.0, 3000.0
FOLD_M = 50.0  # judgement: the way back is this near to the way out, two recordings of one path
STOPS = ("aid", "water", "crew", "life-base")
DISTANCES = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d+)?) ?(km|mi|miles?)(?![\w/])", re.IGNORECASE)


def with_doors(names: Sequence[str]) -> set[str]:
    """Places of which both an IN and an OUT is listed, in small letters."""
    found = {(letters(stem), which) for stem, which in map(vocabulary.door, names) if which}
    return {stem for stem, which in found if which == "in" and (stem, "out") in found}


def meant(name: str, passed: list[Passage], doors: set[str]) -> list[Passage]:
    """Which passages of a place its name means: "aller" the first one, "retour" the last.

    On a course that passes the place several times, an OUT is the way out and an IN the way back,
    where both are listed, as in races that turn around. *doors* are these places.
    """
    if len(passed) < 2:
        return passed
    _, which = vocabulary.passage(name)
    stem, door = vocabulary.door(name)
    if not which or letters(stem) in doors:
        both = letters(stem) in doors
        which = {"in": "back", "out": "out"}.get(door, which) if both else which
    return {"out": passed[:1], "back": passed[-1:]}.get(which, passed)


def turned(point: Point, passed: list[Passage], track: Track, along_m: Array) -> list[Passage]:
    """The passages of a place, where two around a turn are one, at the turn.

    There the track leads a short way past the place and back over itself. A place of whose
    passages the text names two cutoffs or distances is passed twice.
    """
    ways_m = (two.distance_m - one.distance_m for one, two in pairwise(passed))
    if point.kind not in STOPS or min(ways_m, default=np.inf) > TURN_MOST_M:
        return passed
    text = f"{point.name} {point.description}"
    kms = [
        float(number.replace(",", ".")) * (1.0 if unit.lower() == "km" else MILE_M / 1000.0)
        for number, unit in DISTANCES.findall(text)
    ]
    if len(kms) > 1 or any(len(some) > 1 for some in clocks.limits_in(point.description)):
        return passed
    found = passed[:1]
    for passage in passed[1:]:
        first_m, way_m = found[-1].distance_m, passage.distance_m - found[-1].distance_m
        turn_m = first_m + way_m / 2.0
        is_named = any(abs(1000.0 * km - turn_m) <= way_m / 4.0 for km in kms)
        near = way_m <= TURN_M or (is_named and way_m <= TURN_MOST_M)
        if near and _folds(track, along_m, turn_m, way_m):
            found[-1] = Passage(turn_m, max(found[-1].off_m, passage.off_m))
        else:
            found.append(passage)
    return found


def _folds(track: Track, along_m: Array, turn_m: float, way_m: float) -> bool:
    """Whether the way to a turn and the way back from it are one, half *way_m* long."""
    at_m = turn_m + np.outer(np.linspace(0.2, 1.0, 5), [-way_m / 2.0, way_m / 2.0]).ravel()
    lat_deg, lon_deg = (
        np.interp(at_m, along_m, degrees) for degrees in (track.lat_deg, track.lon_deg)
    )
    return bool(np.all(geo.steps_m(lat_deg, lon_deg)[::2] <= FOLD_M))


def limits(points: Sequence[Point]) -> tuple[list[str | None], list[str]]:
    """The cutoff of each passage of waypoints, from their descriptions, and notes of the others.

    A place that is passed n times and names n cutoffs has one for each passage. Of any other
    number nobody knows which passage they are for.
    """
    places = [(point.name, point.lat_deg, point.lon_deg) for point in points]
    passed, so_far = Counter(places), Counter[object]()
    found: list[str | None] = []
    notes: dict[str, None] = {}
    for point, place in zip(points, places, strict=True):
        times, earlier = passed[place], so_far[place]
        so_far[place] += 1
        lists = clocks.limits_in(point.description)
        every = tuple(limit for some in lists for limit in some)
        fitting = [some for some in (*lists, every) if len(some) == times]
        found.append(fitting[0][earlier] if fitting else None)
        if lists and not fitting:
            named = f"{counted(len(every), 'cutoff')} ({listed(every)})"
            notes[
                f'the text of "{point.name}" names {named}, and the place is passed'
                f" {counted(times, 'time')}: left out"
            ] = None
    return found, list(notes)


def joined(points: Sequence[Point]) -> list[Point]:
    """Points in order, where an IN and the OUT right after it have become one place."""
    found: list[Point] = []
    for point in points:
        before = found[-1] if found else None
        if (
            before is not None
            and before.distance_m is not None
            and point.distance_m is not None
            and point.distance_m - before.distance_m <= DOOR_M
            and (stem := _one_place(before.name, point.name))
        ):
            kind = before.kind if before.kind != "waypoint" else point.kind
            found[-1] = replace(before, name=stem, kind=kind)
        else:
            found.append(point)
    return found


def joined_rows(rows: Sequence[PointRow]) -> list[PointRow]:
    """Rows of a table, where an IN and the OUT right after it have become one place.

    Its cutoff is that of leaving; where there is none, that of arriving.
    """
    found: list[PointRow] = []
    for row in rows:
        before = found[-1] if found else None
        near = before is not None and (
            row.km is None or before.km is None or 1000.0 * abs(row.km - before.km) <= DOOR_M
        )
        if before is None or not near or not (stem := _one_place(before.name, row.name)):
            found.append(row)
            continue
        kind, guessed = (before.kind, before.guessed)
        if kind == "waypoint":
            kind, guessed = row.kind, row.guessed
        found[-1] = replace(
            before,
            name=stem,
            kind=kind,
            guessed=guessed,
            crew=before.crew or row.crew,
            services=tuple(dict.fromkeys((*before.services, *row.services))),
            cutoff=before.cutoff if row.cutoff is None else row.cutoff,
            cutoff_at="arrive" if row.cutoff is None and before.cutoff is not None else "leave",
        )
    return found


def passages(rows: Sequence[PointRow], points: Sequence[Point]) -> list[PointRow]:
    """Rows without a place, which are passages of one waypoint, with the km of their passages.

    *points* are the passages of the waypoints. "Gèdre aller" is the first passage of Gèdre,
    "Gèdre retour" the last. Of a name that is listed as often as it is passed, each row is one
    passage.
    """
    passed: dict[str, list[float]] = {}
    for point in points:
        if point.lat_deg is not None and point.distance_m is not None:
            stem, _ = vocabulary.passage(point.name)
            for name in {letters(point.name), letters(stem)}:
                passed.setdefault(name, []).append(point.distance_m / 1000.0)
    names = [letters(row.name) for row in rows]
    return [
        replace(row, km=_passed_km(row, names[:k].count(names[k]), names, passed))
        for k, row in enumerate(rows)
    ]


def _passed_km(
    row: PointRow, earlier: int, names: Sequence[str], passed: Mapping[str, list[float]]
) -> float | None:
    """The km of a row; *earlier* rows have its name."""
    if row.km is not None or row.lat_deg is not None or row.kind in ("start", "finish"):
        return row.km
    name = letters(row.name)
    if name in passed:
        there_km = passed[name]
        return there_km[earlier] if len(there_km) == names.count(name) > 1 else None
    stem, which = vocabulary.passage(row.name)
    there_km = passed.get(letters(stem), []) if which else []
    return there_km[0 if which == "out" else -1] if there_km else None


def _one_place(first: str, second: str) -> str:
    """The name of the place of which two names are the entry and the exit; "" for other names."""
    (stem, one), (other, two) = vocabulary.door(first), vocabulary.door(second)
    return stem if (one, two) == ("in", "out") and letters(stem) == letters(other) else ""
