"""The points of a stage: waypoints on it, their passages, its end, and what is left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import LEAST_LENGTH_M, CourseError, Point, track_distance_m
from gpxstage.matching import OFF_TRACK_M, Line, Passage
from gpxstage.racefile import clocks, vocabulary
from gpxstage.text import counted, letters, listed
from gpxstage.units import MILE_M

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.course import Array, Format, Track
    from gpxstage.racefile.rows import PointRow


MOST_PASSAGES = 5_000  # judgement: of all waypoints in a stage; a list of more is no help
START_M = 50.0  # a waypoint that is passed this early is the start, and the start is no point
MOST_GAPS = 12  # more stages that do not join are counted in one note (judgement)


@dataclass(frozen=True, eq=False)
class Way:
    """A stage's track with its distances, ready to be asked where things are."""

    track: Track
    along_m: Array
    line: Line

    @property
    def length_m(self) -> float:
        """Length of the stage."""
        return float(self.along_m[-1])


def way(track: Track, where: str) -> Way:
    """Prepare a cleaned track; CourseError when it is no longer than a place."""
    along_m = track_distance_m(track) if len(track) > 1 else None
    if along_m is None or along_m[-1] < LEAST_LENGTH_M:
        raise CourseError(f"{where}: all its points are one place: a course needs two at least")
    return Way(track, along_m, Line(track, along_m))


def gap_m(before: Track, after: Track) -> float:
    """From the end of one track to the start of another."""
    pair = [(t.lat_deg[k], t.lon_deg[k]) for t, k in ((before, -1), (after, 0))]
    lat_deg, lon_deg = (np.array(values) for values in zip(*pair, strict=True))
    return float(geo.steps_m(lat_deg, lon_deg)[0])


def named(waypoints: Iterable[Point]) -> list[Point]:
    """Waypoints that are places: named, no turn of a cue sheet, each once; kinds guessed."""
    found: dict[tuple[str, float, float], Point] = {}
    for point in waypoints:
        if point.name and not is_turn(point):
            assert point.lat_deg is not None
            assert point.lon_deg is not None
            key = (point.name, round(point.lat_deg, 5), round(point.lon_deg, 5))
            kind, _ = guess(point)
            found.setdefault(key, replace(point, kind=kind))
    return list(found.values())


def guess(point: Point) -> tuple[str, str]:
    """The kind that a waypoint's words mean, and which of its texts says so."""
    return vocabulary.guess(point.name, point.category, point.symbol, point.description)


def spread(waypoints: Sequence[Point], ways: Sequence[Way]) -> tuple[list[list[Point]], list[str]]:
    """Each waypoint to the stages it lies on, one point per passage, and a note of the rest."""
    stages: list[list[Point]] = [[] for _ in ways]
    lost, doors = [], _with_doors([waypoint.name for waypoint in waypoints])
    most, cut = max(1, MOST_PASSAGES // max(1, len(waypoints))), 0
    for waypoint in waypoints:
        assert waypoint.lat_deg is not None
        assert waypoint.lon_deg is not None
        on_track, ended = False, False
        for way_, points in zip(ways, stages, strict=True):
            passed = way_.line.passages(waypoint.lat_deg, waypoint.lon_deg)
            on_track |= bool(passed)
            passed = _meant(waypoint, passed, doors, way_.length_m)
            passed = _turned(waypoint, passed, way_)
            cut += len(passed[most:])
            passed = passed[:most]
            here = [replace(waypoint, distance_m=passage.distance_m) for passage in passed]
            points += [p for p in here if not _is_start(p, way_.length_m, ended=ended)]
            ended = bool(here) and way_.length_m - _at(here[-1]) <= OFF_TRACK_M
        if not on_track:
            lost.append(waypoint.name)
    notes = []
    if cut:
        notes.append(
            f"{counted(len(waypoints), 'waypoint')} passed too often for a list: kept are the first"
            f" {counted(most, 'passage')} of each in a stage, {cut:,} are left out"
        )
    if lost:
        verb = "waypoint lies" if len(lost) == 1 else "waypoints lie"
        notes.append(
            f"{len(lost)} {verb} farther than {OFF_TRACK_M:,.0f} m from the track, left out:"
            f" {listed(lost)}"
        )
    ordered = [arrived(points, w.length_m) for points, w in zip(stages, ways, strict=True)]
    return ordered, notes


def _at(point: Point) -> float:
    assert point.distance_m is not None
    return point.distance_m


def _is_start(point: Point, length_m: float, *, ended: bool) -> bool:
    """Whether a passage is the stage's start; *ended*: the stage before ended at this place."""
    at_m = _at(point)
    early = at_m <= OFF_TRACK_M
    if point.kind == "start":
        return early or length_m - at_m <= OFF_TRACK_M
    return at_m <= START_M or (early and (ended or point.kind == "finish"))


def close(points: Sequence[Point], length_m: float, end: Point) -> tuple[Point, ...]:
    """The points of a stage in their order, its end as the last one.

    The last point at the end is the end. Where there is none, *end* is added.
    """
    if not points or _at(points[-1]) < length_m:
        return (*(_inner(point) for point in points), replace(end, distance_m=length_m))
    *rest, last = points
    kind = end.kind if last.kind in ("waypoint", "finish", "start") else last.kind
    return (*(_inner(point) for point in rest), replace(last, kind=kind))


def arrived(points: Sequence[Point], length_m: float) -> list[Point]:
    """Points in order of distance; one that is passed near the end is moved there and is last.

    The finish or a base before others, then the last one passed.
    """
    ordered = _joined(sorted(points, key=_at))
    near = [k for k, point in enumerate(ordered) if is_end(point, length_m)]
    if near:
        k = max(near, key=lambda k: (ordered[k].kind in ("finish", "life-base"), k))
        ordered.append(replace(ordered.pop(k), distance_m=length_m))
    return ordered


def is_end(point: Point, length_m: float) -> bool:
    """Whether a point is so near to the end that it is the end; a col must be nearer."""
    return length_m - _at(point) <= (START_M if point.kind == "col" else OFF_TRACK_M)


def _inner(point: Point) -> Point:
    """A start or a finish between the ends of a stage is a place like others."""
    return replace(point, kind="waypoint") if point.kind in ("start", "finish") else point


def end_of(number: int, name: str, *, last: bool, format_: Format) -> Point:
    """The end of a stage that nobody named: after its stage's name, if that says from and to."""
    kind = "finish" if last or format_ == "staged" else "waypoint"
    for sign in ("→", "->", " - ", " – "):
        start, found, goal = name.rpartition(sign)
        if found and start.strip() and goal.strip() and not any(c.isdigit() for c in goal):
            return Point(goal.strip(), kind)
    return Point("Finish" if last else f"End of stage {number}", kind)


def gaps(ways: Sequence[Way], transfers: Sequence[bool] = ()) -> list[str]:
    """Notes of stages that do not start where the one before them ended."""
    notes = []
    for k in range(1, len(ways)):
        off_m = gap_m(ways[k - 1].track, ways[k].track)
        if off_m > OFF_TRACK_M and not (transfers and transfers[k - 1]):
            far = f"{off_m:,.0f} m" if off_m < 1000.0 else f"{off_m / 1000.0:.1f} km"
            notes.append(f"stage {k + 1} starts {far} from the end of stage {k}")
    if len(notes) <= MOST_GAPS:
        return notes
    return [f"{len(notes)} of {len(ways)} stages start far from the end of the one before"]


TURN = re.compile(
    r"((slight|sharp) )?(left|right)|straight|u-?turn|cue|generic cue|segment (start|end)"
)


def is_turn(point: Point) -> bool:
    """Whether a waypoint is a turn of a cue sheet, or an end of a Strava segment, and no place."""
    marks = (point.symbol, point.category)
    return any(TURN.fullmatch(mark.strip().lower()) for mark in marks)


# Places that are passed twice, and places with two doors, told apart by the end of their names.
DOOR_M = 1000.0  # judgement: the way through a place, from its entry to its exit

# Judgement: from a place to where the way turns and back to it. On the shorter way one place is
# meant, on the longer one where its text has one distance, that of the turn.
TURN_M, TURN_MOST_M = 1000.0, 3000.0
FOLD_M = 50.0  # judgement: the way back is this near to the way out, two recordings of one path
STOPS = ("aid", "water", "crew", "life-base")
DISTANCES = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d+)?) ?(km|mi|miles?)(?![\w/])", re.IGNORECASE)


def _with_doors(names: Sequence[str]) -> set[str]:
    """Places of which both an IN and an OUT is listed, in small letters."""
    found = {(letters(stem), which) for stem, which in map(vocabulary.door, names) if which}
    return {stem for stem, which in found if which == "in" and (stem, "out") in found}


def _meant(point: Point, passed: list[Passage], doors: set[str], length_m: float) -> list[Passage]:
    """Which passages of a place its name means: "aller" the first one, "retour" the last.

    On a course that passes the place several times, an OUT is the way out and an IN the way back,
    where both are listed, as in races that turn around. *doors* are these places. A start is
    passed at the start alone, a finish at the end alone, where it is there.
    """
    if not passed:
        return passed
    _, which = vocabulary.passage(point.name)
    stem, door = vocabulary.door(point.name)
    if letters(stem) in doors:
        which = {"in": "back", "out": "out"}.get(door, which)
    passed = {"out": passed[:1], "back": passed[-1:]}.get(which, passed)
    if point.kind == "start" and passed[0].distance_m <= OFF_TRACK_M:
        return passed[:1]
    if point.kind == "finish" and length_m - passed[-1].distance_m <= OFF_TRACK_M:
        return passed[-1:]
    return passed


def _turned(point: Point, passed: list[Passage], way: Way) -> list[Passage]:
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
        if near and _folds(way, turn_m, way_m):
            found[-1] = Passage(turn_m, max(found[-1].off_m, passage.off_m))
        else:
            found.append(passage)
    return found


def _folds(way: Way, turn_m: float, way_m: float) -> bool:
    """Whether the way to a turn and the way back from it are one, half *way_m* long."""
    at_m = turn_m + np.outer(np.linspace(0.2, 1.0, 5), [-way_m / 2.0, way_m / 2.0]).ravel()
    lat_deg, lon_deg = (
        np.interp(at_m, way.along_m, degrees) for degrees in (way.track.lat_deg, way.track.lon_deg)
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


def _joined(points: Sequence[Point]) -> list[Point]:
    """Points in order, where an IN and the OUT right after it have become one place."""
    found: list[Point] = []
    for point in points:
        before = found[-1] if found else None
        if (
            before is not None
            and _at(point) - _at(before) <= DOOR_M
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
        kinds = row if before.kind == "waypoint" else before
        found[-1] = replace(
            before,
            name=stem,
            kind=kinds.kind,
            guessed=kinds.guessed,
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
    found = []
    for k, (row, name) in enumerate(zip(rows, names, strict=True)):
        km = row.km
        has_place = km is not None or row.lat_deg is not None or row.kind in ("start", "finish")
        stem, which = vocabulary.passage(row.name)
        if not has_place and name in passed:
            there_km, earlier = passed[name], names[:k].count(name)
            km = there_km[earlier] if len(there_km) == names.count(name) > 1 else None
        elif not has_place and which and letters(stem) in passed:
            km = passed[letters(stem)][0 if which == "out" else -1]
        found.append(replace(row, km=km))
    return found


def _one_place(first: str, second: str) -> str:
    """The name of the place of which two names are the entry and the exit; "" for other names."""
    (stem, one), (other, two) = vocabulary.door(first), vocabulary.door(second)
    return stem if (one, two) == ("in", "out") and letters(stem) == letters(other) else ""
