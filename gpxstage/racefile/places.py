"""The points of a stage: waypoints on it, its end, and what is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.course import LEAST_LENGTH_M, CourseError, Point, track_distance_m
from gpxstage.matching import OFF_TRACK_M, Line
from gpxstage.racefile import pairs, vocabulary
from gpxstage.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.course import Array, Format, Track
    from gpxstage.matching import Passage


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
    lost, doors = [], pairs.with_doors([waypoint.name for waypoint in waypoints])
    most, cut = max(1, MOST_PASSAGES // max(1, len(waypoints))), 0
    for waypoint in waypoints:
        assert waypoint.lat_deg is not None
        assert waypoint.lon_deg is not None
        on_track, ended = False, False
        for way_, points in zip(ways, stages, strict=True):
            passed = way_.line.passages(waypoint.lat_deg, waypoint.lon_deg)
            on_track |= bool(passed)
            passed = pairs.meant(waypoint.name, passed, doors)
            passed = _meant(waypoint.kind, passed, way_.length_m)
            passed = pairs.turned(waypoint, passed, way_.track, way_.along_m)
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
            f"{len(lost)} {verb} farther than {OFF_TRACK_M:.0f} m from the track, left out:"
            f" {listed(lost)}"
        )
    ordered = [arrived(points, w.length_m) for points, w in zip(stages, ways, strict=True)]
    return ordered, notes


def _meant(kind: str, passed: list[Passage], length_m: float) -> list[Passage]:
    """A start is passed at the start alone, a finish at the end alone, where it is there."""
    if kind == "start" and passed and passed[0].distance_m <= OFF_TRACK_M:
        return passed[:1]
    if kind == "finish" and passed and length_m - passed[-1].distance_m <= OFF_TRACK_M:
        return passed[-1:]
    return passed


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
    ordered = pairs.joined(sorted(points, key=_at))
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
            far = f"{off_m:.0f} m" if off_m < 1000.0 else f"{off_m / 1000.0:.1f} km"
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
