"""Tracks and points -> GPX, written by gpxpy."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint

from gpxstage.course import Point, track_distance_m
from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, clock, hours
from gpxstage.walltime import to_the_minute, utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Track
    from gpxstage.facts import PointFacts, StageFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part


def track_gpx(track: Track, points: Sequence[Point] = ()) -> str:
    """A GPX 1.1 file of one track, segments kept, and its points that have coordinates.

    Coordinates to 1e-7 degrees (a centimetre), elevations to a centimetre, recorded times.
    """
    gpx = GPX()
    gpx.creator = "gpxstage"
    gpx.tracks.append(_track(track, track.name, track.time_s))
    gpx.waypoints += [_waypoint(point, None, "") for point in points if point.lat_deg is not None]
    return str(gpx.to_xml(version="1.1"))


def race_gpx(report: Report, units: str = "metric") -> str:
    """The race, a track a stage, its points with the expected arrival as their time.

    A point stands where the course passes it; comment and description tell kilometre, clock
    and stop in words, as one watch shows the one and another the other. Times are there only
    where the race has a start; those of the track, too, are the expected ones, which the
    virtual partner of a watch runs by, and never recorded ones. Elevations are metres, as GPX
    has them; *units* are those of the words.
    """
    stages = list(zip(report.parts, report.facts.stages, strict=True))
    return _written(report, report.course.name, stages, UNITS[units])


def stages_gpx(report: Report, stages: Sequence[int] = (), units: str = "metric") -> dict[int, str]:
    """The same, a file for each stage, by number; *stages* picks some."""
    return {
        stage.number: _written(
            report, f"{report.course.name}: {stage.name}", [(part, stage)], UNITS[units]
        )
        for part, stage in zip(report.parts, report.facts.stages, strict=True)
        if not stages or stage.number in stages
    }


def _written(
    report: Report, name: str, stages: Sequence[tuple[Part, StageFacts]], unit: Units
) -> str:
    gpx = GPX()
    gpx.creator, gpx.name = "gpxstage", one_line(name)
    if report.course.survey:
        gpx.description = f"track: {one_line(report.course.survey)}"
    for part, facts in stages:
        profile = part.profile
        gpx.tracks.append(_track(part.stage.track, part.stage.name, _expected_s(part)))
        for point in facts.points:
            lat, lon = (
                round(float(np.interp(point.distance_m, profile.distance_m, values)), 6)
                for values in (profile.lat_deg, profile.lon_deg)
            )
            place = Point(point.name, point.kind, lat, lon, point.elevation_m)
            moment = to_the_minute(point.arrival) if point.arrival else None
            gpx.waypoints.append(_waypoint(place, moment, _words(point, unit)))
    return str(gpx.to_xml(version="1.1"))


def _expected_s(part: Part) -> Array:
    """Seconds since 1970 when each point of a stage's track is reached; NaN without a clock."""
    track, estimate = part.stage.track, part.estimate
    if estimate is None or part.start is None:
        return np.full(len(track), np.nan)
    return np.round(part.start.timestamp() + estimate.arrivals_s(track_distance_m(track)))


def _track(track: Track, name: str, time_s: Array) -> GPXTrack:
    made = GPXTrack(name=one_line(name) or None)
    starts = [*track.segment_starts.tolist(), len(track)]
    for first, last in pairwise(starts):
        segment = GPXTrackSegment()
        for k in range(first, last):
            height, moment_s = float(track.elevation_m[k]), float(time_s[k])
            segment.points.append(
                GPXTrackPoint(
                    round(float(track.lat_deg[k]), 7),
                    round(float(track.lon_deg[k]), 7),
                    elevation=round(height, 2) if np.isfinite(height) else None,
                    time=utc(moment_s) if np.isfinite(moment_s) else None,
                )
            )
        made.segments.append(segment)
    return made


def _waypoint(point: Point, moment: datetime | None, words: str) -> GPXWaypoint:
    return GPXWaypoint(
        point.lat_deg,
        point.lon_deg,
        elevation=point.elevation_m,
        time=moment.astimezone(UTC) if moment else None,
        name=one_line(point.name) or None,
        comment=words or None,
        description=words or None,
        type=point.kind,
    )


def _words(point: PointFacts, unit: Units) -> str:
    words = [f"{unit.distance} {unit.far(point.race_distance_m)}"]
    if point.arrival_s.p50 is not None:
        words.append(f"after {hours(point.arrival_s.p50)} h")
    if point.arrival:
        words.append(clock(point.arrival))
    if point.stop_s:
        words.append(f"stop {hours(point.stop_s)} h")
    return ", ".join(words)
