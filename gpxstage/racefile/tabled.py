"""The rows of an organiser's table, each to its stage of a race file in the making."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gpxstage.course import CourseError, track_distance_m
from gpxstage.racefile import pairs, vocabulary
from gpxstage.racefile.rows import PointRow, StageRow
from gpxstage.text import fits, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.racefile.table import TableRow


NEAR_END = 0.01  # of the length: a table's last km this close to the measured length is the same


def stages_of(
    course: Course,
    files: Sequence[tuple[str, int | None]],
    rows: Sequence[Sequence[PointRow]],
) -> list[StageRow]:
    """The stages of a course with their points."""
    return [
        StageRow(stage.name, gpx, tuple(points), track=track)
        for stage, (gpx, track), points in zip(course.stages, files, rows, strict=True)
    ]


def from_table(
    course: Course,
    files: Sequence[tuple[str, int | None]],
    rows: Sequence[TableRow],
    waypoints: Sequence[Sequence[str]],
    where: str,
) -> list[StageRow]:
    """The table's points, each to its stage: by the stage column, or by the distance so far.

    *waypoints* holds the names of the waypoints of each stage's file. Raises CourseError for a
    row of which neither the table nor a waypoint says where it is.
    """
    lengths_km = [track_distance_m(stage.track)[-1] / 1000.0 for stage in course.stages]
    count = len(course.stages)
    if count > 1 and all(row.stage is None and row.day.isdecimal() for row in rows):
        rows = [replace(row, stage=int(row.day)) for row in rows]  # a day is a stage
    if any(row.stage is not None for row in rows) or count == 1:
        shares: list[list[PointRow]] = [[] for _ in range(count)]
        for row in rows:
            k = _stage_of(row, course, where) - 1
            _is_somewhere(row, waypoints[k], files[k][0], where)
            shares[k].append(row.dated())
        shares = [
            pairs.joined_rows(pairs.passages(points, stage.points))
            for points, stage in zip(shares, course.stages, strict=True)
        ]
        official = [_official(points, km) for points, km in zip(shares, lengths_km, strict=True)]
        stages = stages_of(course, files, shares)
        return [replace(s, official_km=km) for s, km in zip(stages, official, strict=True)]
    points = pairs.joined_rows([row.dated() for row in rows])
    return stages_of(course, files, _shared_out(points, lengths_km, where))


def _is_somewhere(row: TableRow, waypoints: Sequence[str], gpx: str, where: str) -> None:
    """Raise CourseError for a row that has no place, by its number in the table."""
    point = row.point
    ends = point.kind in ("start", "finish")
    if ends or point.km is not None or point.lat_deg is not None:
        return
    stem, _ = vocabulary.passage(point.name)
    if not fits(point.name, waypoints) and not fits(stem, waypoints):
        raise CourseError(
            f"{where}: makes no race file that can be read: row {row.line}:"
            f' "{point.name}" has no km, and {gpx} has no waypoint of that name'
            f"{suggestion(point.name, waypoints)}"
        )


def _stage_of(row: TableRow, course: Course, where: str) -> int:
    """The number of a row's stage, which the table gives as it is or by words of its name."""
    if isinstance(row.stage, str):
        names = [stage.name for stage in course.stages]
        found = fits(row.stage, names)
        if len(found) != 1:
            some = listed([names[k] for k in found] or names)
            raise CourseError(
                f'{where}: stage "{row.stage}" '
                + (f"may be {some}" if found else f"is no stage: the stages are {some}")
            )
        return found[0] + 1
    number = row.stage or 1
    if not 1 <= number <= len(course.stages):
        raise CourseError(f"{where}: stage {number}: the course has {len(course.stages)}")
    return number


def _official(points: Sequence[PointRow], length_km: float) -> float | None:
    """The length that a table gives, where its last km is near the measured end but not it."""
    last = max((point.km for point in points if point.km is not None), default=0.0)
    is_end = bool(points) and (points[-1].kind == "finish" or abs(last / length_km - 1.0) < 0.05)
    if not is_end or points[-1].km != last or abs(last - length_km) < 0.1:
        return None
    return round(last, 3)


def _shared_out(
    points: Sequence[PointRow], lengths_km: Sequence[float], where: str
) -> list[list[PointRow]]:
    """Points whose km count through the whole race, each to its stage, as measured."""
    if any(point.km is None for point in points):
        raise CourseError(f"{where}: several stages: each row needs its km, or a stage column")
    total_km = sum(lengths_km)
    official = _official(points, total_km)
    factor = 1.0 if official is None else total_km / official
    shares: list[list[PointRow]] = [[] for _ in lengths_km]
    for point in points:
        assert point.km is not None
        left_km, k = point.km * factor, 0
        while k < len(lengths_km) - 1 and left_km > lengths_km[k] * (1.0 + NEAR_END):
            left_km -= lengths_km[k]
            k += 1
        shares[k].append(replace(point, km=min(max(left_km, 0.0), lengths_km[k])))
    return shares
