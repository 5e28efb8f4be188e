"""One long track into stages: files and the race file that names them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from gpxstage import walltime
from gpxstage.course import CourseError, Point, WishError, track_distance_m
from gpxstage.parser import GpxFile
from gpxstage.racefile import write
from gpxstage.racefile.rows import RaceRow, StageRow, text
from gpxstage.racefile.sections import cut
from gpxstage.racefile.sources import Source
from gpxstage.text import listed, suggestion
from gpxstage.units import LENGTH_M, UNITS, Units, amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gpxstage.course import Course, Stage, Track


Anything = TypeVar("Anything")

KM = UNITS["metric"]
LEAST_M = 100.0  # of a stage: judgement, two cuts closer than this are a mistake


@dataclass(frozen=True, eq=False)
class CutPart:
    """A stage to be: its file's name, its track, and its points, the last one at its end."""

    file: str
    name: str
    track: Track
    points: tuple[Point, ...]


@dataclass(frozen=True, eq=False)
class Split:
    """The parts of a course and the race file that makes them one again."""

    parts: tuple[CutPart, ...]
    race_file: str
    notes: tuple[str, ...] = ()

    def files(self, gpx: Callable[[Track, tuple[Point, ...]], Anything]) -> dict[str, Anything]:
        """Each part's file by its name, as *gpx* writes a track and its points."""
        return {part.file: gpx(part.track, part.points) for part in self.parts}


def split(course: Course, at: Sequence[str | float] = (), every: str | None = None) -> Split:
    """Cut a course of one track at places, at kilometres, or every so many km or miles.

    A place of *at* is a point of the course, named as `Course.point` takes it, or a
    distance from the start: a number of kilometres, "48.6", "48.6km", "30mi". The lengths of
    the parts add up to the whole.
    """
    if len(course.stages) != 1:
        raise CourseError(f"{course.name}: has {len(course.stages)} stages already")
    if bool(at) == (every is not None):
        raise WishError("split: give places to cut at, or a distance to cut by")
    (stage,) = course.stages
    along_m = track_distance_m(stage.track)
    length_m = float(along_m[-1])
    cuts = _every(every, length_m) if every is not None else _places(at, course, length_m)
    borders = [0.0, *(at_m for _, at_m in cuts), length_m]
    labels = ["Start", *(label for label, _ in cuts), stage.points[-1].name]
    parts = []
    for k in range(len(borders) - 1):
        name = f"{labels[k]} - {labels[k + 1]}"
        track = replace(cut(stage.track, along_m, borders[k], borders[k + 1]), name=name)
        points = _inside(stage, borders[k], borders[k + 1], labels[k + 1])
        parts.append(CutPart(f"{k + 1}.gpx", name, track, points))
    read = {part.file: Source(part.file, "", GpxFile((part.track,), (), (), ())) for part in parts}
    race_file = _race_file(course, parts)
    write.read_back(race_file, read, course.name)
    return Split(tuple(parts), race_file, tuple(_passed_again(course, at, borders)))


def _distance(text: str) -> tuple[float, Units] | None:
    """The number of a distance, and the units that it is in; None for other texts."""
    length_m = amount(text, LENGTH_M)
    if length_m is None:  # a bare number
        length_m = amount(f"{text} km", LENGTH_M)
    if length_m is None or length_m < 0.0:
        return None
    in_miles = "mi" in text.lower() or "f" in text.lower()  # miles or feet
    unit = UNITS["imperial"] if in_miles else KM
    return round(length_m / unit.m_per_distance, 6), unit


def _word(unit: Units) -> str:
    """What is written before a distance along the course."""
    return "km" if unit is KM else "mile"


def _every(given: str, length_m: float) -> list[tuple[str, float]]:
    step, unit = _distance(given) or (0.0, KM)
    if step <= 0.0:
        raise WishError(f'every "{given}" is no distance such as 50km or 30mi')
    step_m = step * unit.m_per_distance
    if step_m < LEAST_M:
        raise CourseError(
            f"every {given}: a stage must be {unit.height_text(LEAST_M)} long at least"
        )
    count = int((length_m - LEAST_M) // step_m)
    if count < 1:
        raise WishError(f"every {given}: the course is {unit.far(length_m)} {unit.distance} long")
    return [(f"{_word(unit)} {k * step:g}", k * step_m) for k in range(1, count + 1)]


def _places(at: Sequence[str | float], course: Course, length_m: float) -> list[tuple[str, float]]:
    """Labels and distances of the cuts, in the order of the course.

    A place that is passed more than once is meant after the cut before it.
    """
    options = [_options(place, course) for place in at]
    if all(len(distances) == 1 for _, distances, _ in options):
        options.sort(key=lambda option: option[1][0])
    cuts: list[tuple[str, float]] = []
    last_m = 0.0
    for label, distances, unit in options:
        later = [d for d in distances if last_m + LEAST_M <= d <= length_m - LEAST_M]
        if not later:
            word = _word(unit)
            raise WishError(
                f"cut at {label} ({word} {', '.join(map(unit.far, distances))}): a cut must be"
                f" {unit.height_text(LEAST_M)} from the one before it ({word} {unit.far(last_m)})"
                f" and from the end ({word} {unit.far(length_m)})"
            )
        last_m = min(later)
        cuts.append((label, last_m))
    return cuts


def _options(place: str | float, course: Course) -> tuple[str, list[float], Units]:
    """What a cut is called, the distances where it may be meant, and in which units."""
    if found := _distance(str(place)):
        number, unit = found
        return f"{_word(unit)} {number:g}", [number * unit.m_per_distance], unit
    passes = course.meant(str(place))
    meant = list(dict.fromkeys(point.name for _, point in passes))
    if len(meant) > 1:
        raise WishError(f'cut at "{place}": may be {listed(meant)}')
    if not meant:
        names = list(dict.fromkeys(point.name for point in course.stages[0].points))
        hint = suggestion(str(place), names, "the points are")
        raise WishError(f'cut at "{place}": no point of that name{hint}')
    return meant[0], [point.distance_m or 0.0 for _, point in passes], KM


def _passed_again(
    course: Course, at: Sequence[str | float], borders: Sequence[float]
) -> Iterator[str]:
    """Notes of places that are passed more than once, and not cut at each pass."""
    for place in dict.fromkeys(map(str, at)):
        passes = [] if _distance(place) else course.meant(place)
        if len(passes) < 2 or all(point.distance_m in borders for _, point in passes):
            continue
        cut_at, *_ = [k for k, (_, point) in enumerate(passes) if point.distance_m in borders]
        each = [
            f"{course.name_of(*one)} (km {(one[1].distance_m or 0.0) / 1000.0:.1f})"
            for one in passes
        ]
        here = each.pop(cut_at)
        yield f'cut at "{place}": the cut is at {here}, not at {listed(each)}'


def _inside(stage: Stage, begin_m: float, end_m: float, label: str) -> tuple[Point, ...]:
    """The points of a part, its end last: the point it was cut at, or a new one."""
    inner = [
        replace(point, distance_m=point.distance_m - begin_m)
        for point in stage.points
        if point.distance_m is not None and begin_m < point.distance_m <= end_m
    ]
    if not inner or inner[-1].distance_m != end_m - begin_m:
        inner.append(Point(label, distance_m=end_m - begin_m))
    return tuple(inner)


def _race_file(course: Course, parts: Sequence[CutPart]) -> str:
    stages = []
    (whole,) = course.stages
    begin_m = 0.0
    start = course.waves[0] if course.waves else course.start
    for part in parts:
        rows = []
        for point in part.points:
            row = write.point_row(point, guessed=course.timezone is None)
            if point.cutoff_s is not None and start is not None:  # on the wall clock
                cutoff = walltime.after(start, point.cutoff_s).replace(tzinfo=None)
                row = replace(row, cutoff=cutoff)
            rows.append(row)
        end_m = begin_m + float(track_distance_m(part.track)[-1])
        own = _own(whole, begin_m, end_m)
        stages.append(StageRow(part.name, part.file, tuple(rows), terrain=own))
        begin_m = end_m
    zone, official_m = course.timezone, course.official_length_m or whole.official_length_m
    race = RaceRow(
        course.name,
        f"{course.name}, cut into {len(parts)} stages: check the names, the kinds and the format.",
        timezone=zone,
        format="continuous",
        start=None if zone is None or start is None else start.replace(tzinfo=None),
        waves=tuple(wave.replace(tzinfo=None) for wave in course.waves),
        limit_h=None if course.limit_s is None else course.limit_s / 3600.0,
        terrain=whole.terrain,
        official_km=None if official_m is None else official_m / 1000.0,
        official_gain_m=course.official_gain_m or whole.official_gain_m,
        survey=course.survey,
    )
    return text(race, stages)


def _own(whole: Stage, begin_m: float, end_m: float) -> float | None:
    """The mean terrain of a part of a course whose terrain changes, else None: the race's."""
    if not whole.terrain_along:
        return None
    middles_m = np.linspace(begin_m, end_m, 201)[:-1] + (end_m - begin_m) / 400.0
    return round(float(whole.terrain_at(middles_m).mean()), 3)
