"""Tracks and points -> GPX, written by gpxpy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment, GPXWaypoint

from gpxstage.course import Point
from gpxstage.report.rows import as_json
from gpxstage.report.units import clock, hours, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Track
    from gpxstage.report import Report
    from gpxstage.report.figures import Row


def track_gpx(track: Track, points: Sequence[Point] = ()) -> str:
    """A GPX 1.1 file of one track, segments kept, and its points that have coordinates.

    Coordinates to 1e-7 degrees (a centimetre), elevations to a centimetre, recorded times.
    """
    gpx = GPX()
    gpx.creator = "gpxstage"
    gpx.tracks.append(_track(track))
    gpx.waypoints += [_waypoint(point, None, "") for point in points if point.lat_deg is not None]
    return str(gpx.to_xml(version="1.1"))


def race_gpx(report: Report) -> str:
    """The whole race, a track a stage, its points with the expected arrival as their time.

    A point stands where the course passes it. The time is there only where the race has a
    start; the description tells kilometre, clock and stop in words.
    """
    gpx = GPX()
    gpx.creator, gpx.name = "gpxstage", plain(report.course.name)
    if report.course.survey:
        gpx.description = f"track: {plain(report.course.survey)}"
    stages = as_json(report)["stages"]
    for stage, profile, row in zip(report.course.stages, report.profiles, stages, strict=True):
        gpx.tracks.append(_track(stage.track, stage.name))
        for point in row["points"]:
            lat, lon = (
                round(float(np.interp(point["distance_m"], profile.distance_m, values)), 6)
                for values in (profile.lat_deg, profile.lon_deg)
            )
            place = Point(point["name"], point["kind"], lat, lon, point["elevation_m"])
            arrival = point.get("arrival")
            moment = datetime.fromisoformat(arrival) if arrival else None
            gpx.waypoints.append(_waypoint(place, moment, _said(point)))
    return str(gpx.to_xml(version="1.1"))


def _track(track: Track, name: str = "") -> GPXTrack:
    made = GPXTrack(name=plain(name or track.name) or None)
    starts = [*track.segment_starts.tolist(), len(track)]
    for first, last in pairwise(starts):
        segment = GPXTrackSegment()
        for k in range(first, last):
            height, moment_s = float(track.elevation_m[k]), float(track.time_s[k])
            segment.points.append(
                GPXTrackPoint(
                    round(float(track.lat_deg[k]), 7),
                    round(float(track.lon_deg[k]), 7),
                    elevation=round(height, 2) if np.isfinite(height) else None,
                    time=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=moment_s)
                    if np.isfinite(moment_s)
                    else None,
                )
            )
        made.segments.append(segment)
    return made


def _waypoint(point: Point, moment: datetime | None, said: str) -> GPXWaypoint:
    return GPXWaypoint(
        point.lat_deg,
        point.lon_deg,
        elevation=point.elevation_m,
        time=moment.astimezone(UTC).replace(microsecond=0) if moment else None,
        name=plain(point.name) or None,
        description=said or None,
        type=point.kind,
    )


def _said(point: Row) -> str:
    said = [f"km {point['race_distance_m'] / 1000.0:.1f}"]
    arrival_s = point.get("arrival_s", {}).get("p50")
    if arrival_s is not None:
        said.append(f"after {hours(arrival_s)} h")
    if point.get("arrival"):
        said.append(clock(point["arrival"]))
    if point.get("stop_s"):
        said.append(f"stop {hours(point['stop_s'])} h")
    return ", ".join(said)
