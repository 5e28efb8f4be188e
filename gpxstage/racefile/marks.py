"""The points that a race file lists: found, placed on the stage in order, checked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage.course import CourseError, Point
from gpxstage.matching import OFF_TRACK_M, REACH_M, match
from gpxstage.racefile import places, services
from gpxstage.text import fits, letters, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.racefile.keys import PointTable, RaceTable, StageTable
    from gpxstage.racefile.sections import Section

END_M = 100.0  # a kilometre this close to the end, rounded as they are, is the end
DOUBT_M = 1000.0  # kilometres and coordinates that differ by more than this, and 5 %: a note
DOUBT = 0.05
LESS = ", and the track passes it less often in this order"


def placed(
    stage: StageTable,
    section: Section,
    cutoffs_s: Sequence[float | None],
    *,
    race: RaceTable,
    where: str,
) -> tuple[list[Point], list[str]]:
    """The stage's points with their distances, in order, and notes of the doubtful ones.

    What a cutoff requires and the longest stay are the race's where a point has none of its own;
    at a life base the race's longest stay does not count.
    """
    length_m = section.way.length_m
    _twice(stage.point, section, where)
    pairs = zip(stage.point, cutoffs_s, strict=True)
    points = [_point(table, stage, section, cutoff_s, where) for table, cutoff_s in pairs]
    factor = _factor(stage.point, length_m, race.official_km(stage))
    points = [
        replace(
            point,
            distance_m=_along(table, point, factor, length_m, where),
            cutoff_at=table.cutoff_at or race.cutoff_at,
            max_stay_s=_stay_s(table, point, race.max_stay_min, where),
        )
        for table, point in zip(stage.point, points, strict=True)
    ]
    _in_order(stage.point, where)
    points = _last_at_the_end(stage.point, points, section)
    found, notes = [], []
    for table, point, passage in zip(
        stage.point, points, match(section.way.line, points), strict=True
    ):
        if passage is None:
            if table.km is None and _is_several(table, stage.point):
                raise _needs_km(table, stage.point, where, LESS)
            notes.append(f'point "{point.name}" {_lost(point, section)}: left out')
            continue
        at_m = min(passage.distance_m, length_m)
        if table.lat is not None or table.km is None:
            notes += _doubts(point, at_m, passage.off_m)
        at_m = _end_or(at_m, table, stage.point, point, length_m)
        found.append(replace(point, distance_m=at_m))
    return found, notes


def _end_or(
    at_m: float, table: PointTable, tables: Sequence[PointTable], point: Point, length_m: float
) -> float:
    """A distance, or the end of the stage where a first or a last point without a km is near it."""
    if table.km is None and table is tables[-1]:
        return length_m if places.is_end(replace(point, distance_m=at_m), length_m) else at_m
    first = table.km is None and table is tables[0] and _is_several(table, tables)
    return 0.0 if first and at_m <= places.START_M else at_m


def _point(
    table: PointTable, stage: StageTable, section: Section, cutoff_s: float | None, where: str
) -> Point:
    """A point with what the race file and the waypoint of its name say of its place."""
    lat_deg, lon_deg, elevation_m, symbol = table.lat, table.lon, None, ""
    offered = services.meanings(table.services)
    if (lat_deg is None) != (lon_deg is None):
        missing = "lon" if lon_deg is None else "lat"
        raise CourseError(f'{where}: point "{table.name}": lat and lon go together: no {missing}')
    alone = lat_deg is None and table.km is None and _end(table, section) is None
    waypoint = _waypoint(table.name, section, f"{where}: point", alone=alone)
    if waypoint is not None:
        elevation_m, symbol = waypoint.elevation_m, waypoint.symbol
    if alone:
        if waypoint is None:
            names = [w.name for w in places.named(section.waypoints)]
            raise CourseError(
                f'{where}: point "{table.name}" has no km, no lat and lon, and {stage.gpx} has'
                f" no waypoint of that name{suggestion(table.name, names)}"
            )
        lat_deg, lon_deg = waypoint.lat_deg, waypoint.lon_deg
    return Point(
        table.name,
        table.kind,
        lat_deg,
        lon_deg,
        elevation_m,
        distance_m=_end(table, section),
        crew=table.crew or "crew" in offered,
        services=tuple(table.services),
        stop_s=_seconds(table.stop_min),
        max_stay_s=_seconds(table.max_stay_min),
        no_sleep=table.no_sleep,
        drop_bag=table.drop_bag or "bag" in offered,
        drive_s=_seconds(table.drive_min),
        cutoff_s=cutoff_s,
        symbol=symbol,
    )


def _stay_s(table: PointTable, point: Point, race_min: float | None, where: str) -> float | None:
    """The longest stay at a point. Raises CourseError where its own stop is longer."""
    most_s = point.max_stay_s
    if most_s is None and table.kind != "life-base":
        most_s = _seconds(race_min)
    if most_s is not None and point.stop_s is not None and point.stop_s > most_s:
        raise CourseError(
            f'{where}: point "{point.name}": stop_min is over max_stay_min, {most_s / 60.0:g}'
        )
    return most_s


def _seconds(minutes: float | None) -> float | None:
    return None if minutes is None else 60.0 * minutes


def _waypoint(name: str, section: Section, where: str, *, alone: bool) -> Point | None:
    """The waypoint that a name means; by its words only where nothing else gives the place."""
    named = [
        w
        for w in section.waypoints
        if w.name and (letters(w.name) == letters(name) or not places.is_turn(w))
    ]
    found = [named[k] for k in fits(name, [w.name for w in named])]
    if not found or letters(found[0].name) == letters(name):
        return found[0] if found else None
    names = list(dict.fromkeys(w.name for w in found))
    if alone and len(names) > 1:
        raise CourseError(f'{where} "{name}" may be the waypoint {listed(names)}')
    return found[0] if alone else None


def _end(table: PointTable, section: Section) -> float | None:
    """0 for the start, infinity for the end, where the table itself says which; else None."""
    if table.km is not None or table.lat is not None:
        return None
    name = letters(table.name)
    if table.kind == "start" or name == letters(section.begins_at):
        return 0.0
    if table.kind == "finish" or name == letters(section.ends_at):
        return float("inf")
    return None


def _is_several(table: PointTable, tables: Sequence[PointTable]) -> bool:
    """Whether the name of a point is listed more than once."""
    return sum(other.name == table.name for other in tables) > 1


def _twice(tables: Sequence[PointTable], section: Section, where: str) -> None:
    """Raise CourseError for a name that is listed again and has nothing that says where it is."""
    known = {waypoint.name for waypoint in section.waypoints}
    for table in tables:
        ends = table.kind in ("start", "finish")
        if table.km is not None or table.lat is not None or table.name in known or ends:
            continue
        if _is_several(table, tables):
            raise _needs_km(table, tables, where, "")


def _needs_km(table: PointTable, tables: Sequence[PointTable], where: str, why: str) -> CourseError:
    times = sum(other.name == table.name for other in tables)
    says = f"is listed {times} times{why}: each needs its km"
    return CourseError(f'{where}: point "{table.name}" {says}')


def _last_at_the_end(
    tables: Sequence[PointTable], points: Sequence[Point], section: Section
) -> list[Point]:
    """The points, the last one expected at the end where its name comes twice and that is near."""
    if not points or points[-1].lat_deg is None or points[-1].lon_deg is None:
        return list(points)
    passed = section.way.line.passages(points[-1].lat_deg, points[-1].lon_deg)
    length_m = section.way.length_m
    ends = bool(passed) and length_m - passed[-1].distance_m <= OFF_TRACK_M
    if tables[-1].km is not None or not ends or not _is_several(tables[-1], tables):
        return list(points)
    return [*points[:-1], replace(points[-1], distance_m=length_m)]


def _factor(tables: Sequence[PointTable], length_m: float, official_km: float | None) -> float:
    """What turns the points' kilometres into measured ones.

    They are the organiser's where the stage has an official length that holds them, unless
    the last of them says that the stage ends where it was measured to end.
    """
    last_m = max((1000.0 * table.km for table in tables if table.km is not None), default=None)
    if official_km is None or last_m is None or last_m > 1000.0 * official_km + END_M:
        return 1.0
    official_m = 1000.0 * official_km
    measured = abs(last_m - length_m) <= END_M and abs(last_m - official_m) > END_M
    return 1.0 if measured else length_m / official_m


def _along(
    table: PointTable, point: Point, factor: float, length_m: float, where: str
) -> float | None:
    """The distance at which a point is expected."""
    if table.km is None:
        return None if point.distance_m is None else min(point.distance_m, length_m)
    at_m = 1000.0 * table.km * factor
    if at_m > length_m + OFF_TRACK_M:
        raise CourseError(
            f'{where}: point "{table.name}" with km = {table.km:.1f} is past the end,'
            f" which is km = {length_m / factor / 1000.0:.1f}"
        )
    return length_m if at_m > length_m - END_M else at_m


def _in_order(tables: Sequence[PointTable], where: str) -> None:
    known = [(table.name, table.km) for table in tables if table.km is not None]
    for (before, before_km), (name, km) in pairwise(known):
        if km < before_km:
            raise CourseError(
                f'{where}: point "{name}" with km = {km:.1f} is listed after "{before}" with'
                f" km = {before_km:.1f}: points go in the order they are passed"
            )


def _lost(point: Point, section: Section) -> str:
    if point.lat_deg is None or point.lon_deg is None:  # by its km, or an end of the stage
        return "is not passed in this order"
    if len(section.way.line.near(point.lat_deg, point.lon_deg, REACH_M).step):
        return "is not passed in this order"
    return f"lies farther than {REACH_M / 1000.0:.1f} km from the track"


def _doubts(point: Point, at_m: float, off_m: float) -> list[str]:
    km = at_m / 1000.0
    if off_m > REACH_M:
        return [
            f'point "{point.name}" lies farther than {REACH_M / 1000.0:.1f} km from the track:'
            f" placed at km {km:.1f} by its km alone"
        ]
    if off_m > OFF_TRACK_M:
        return [f'point "{point.name}" lies {off_m:,.0f} m from the track: placed at km {km:.1f}']
    expected_m = point.distance_m
    if expected_m is None or abs(expected_m - at_m) <= max(DOUBT_M, DOUBT * at_m):
        return []
    return [
        f'point "{point.name}" is passed at km {km:.1f} by its coordinates, at km'
        f" {expected_m / 1000.0:.1f} by its km"
    ]


def bounded(
    found: list[list[Point]], ways: Sequence[places.Way]
) -> list[tuple[list[Point], Point | None]]:
    """Points without the starts: per stage the points that stay, and the start that was listed.

    A start gives its name to the end before it, where that stage does not name its end.
    """
    split: list[tuple[list[Point], Point | None]] = []
    for k, points in enumerate(found):
        before = letters(found[k - 1][-1].name) if k and found[k - 1] else None
        start: Point | None = None
        stay: list[Point] = []
        for point in points:
            at_m = point.distance_m or 0.0
            again = at_m <= OFF_TRACK_M and letters(point.name) == before
            if not stay and start is None and (point.kind == "start" or at_m < 1.0 or again):
                start = point
            else:
                stay.append(point)
        joins = k > 0 and places.gap_m(ways[k - 1].track, ways[k].track) <= OFF_TRACK_M
        split.append((stay, start if joins else None))
    return split
