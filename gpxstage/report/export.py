"""Report -> files for other programs: GPX for watches, GeoJSON for maps, a calendar."""

from __future__ import annotations

import hashlib
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from gpxpy.gpx import GPX, GPXTrack, GPXTrackSegment, GPXWaypoint

from gpxstage import geo
from gpxstage.course import Point, track_distance_m
from gpxstage.facts.figures import encode
from gpxstage.facts.parts import points_of, ratio
from gpxstage.facts.whole import points_as_json
from gpxstage.report.calls import arrival_range_s, crewed, staying, until_closed
from gpxstage.report.track_points import segments
from gpxstage.text import one_line
from gpxstage.units import UNITS, Units, clock, hours, metres, minutes
from gpxstage.walltime import moment, to_the_minute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from icalendar import Event

    from gpxstage.course import Array, Track
    from gpxstage.facts import PointFacts, RaceFacts, StageFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

    Feature = dict[str, Any]  # of GeoJSON

EMPTY_SEGMENT = "\n    <trkseg>\n    </trkseg>"  # as gpxpy writes it; names have their < escaped
PIECE_M = 300.0  # long enough to be seen on a map of a race, short enough to show its slopes
SYMBOLS = {  # of waypoints by kind: names that Garmin's devices and most map programs know
    "start": "Flag, Green",
    "finish": "Flag, Blue",
    "col": "Summit",
    "aid": "Restaurant",
    "water": "Drinking Water",
    "life-base": "Lodging",
    "crew": "Car",
    "waypoint": "Waypoint",
}
MISSED = "the plan misses it: nothing after this place is listed"
NOBODY_THERE = ("col", "water")  # kinds of places where nobody waits: no event


# GPX


def track_gpx(track: Track, points: Sequence[Point] = ()) -> str:
    """A GPX 1.1 file of one track, segments kept, and its points that have coordinates.

    Coordinates to 1e-7 degrees (a centimetre), elevations to a centimetre, recorded times.
    """
    gpx = GPX()
    gpx.creator = "gpxstage"
    gpx.tracks.append(_track(track, track.name))
    gpx.waypoints += [_waypoint(point, None) for point in points if point.lat_deg is not None]
    return _filled(gpx, [(track, track.time_s)])


def race_gpx(report: Report, units: str = "metric") -> str:
    """The race, a track a stage, its points with the expected arrival as their time.

    A point is where the course passes it, with the symbol of its kind; the comment is the
    clock, which watches show, and the description has kilometre and stop. Times are there only
    where the race has a start; those of the track, too, are the expected ones, which the
    virtual partner of a watch runs by, and never recorded ones. Elevations are metres, as GPX
    has them; *units* are those of the words.
    """
    stages = list(zip(report.parts, report.facts.stages, strict=True))
    return _written(report, report.course.name, stages, UNITS[units])


def stages_gpx(report: Report, stages: Sequence[int] = (), units: str = "metric") -> dict[int, str]:
    """The same, a file for each stage, by number; *stages* picks some."""
    race = report.course.name
    return {
        stage.number: _written(report, f"{race}: {stage.name}", [(part, stage)], UNITS[units])
        for part, stage in zip(report.shown(stages), report.facts.shown(stages).stages, strict=True)
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
        gpx.tracks.append(_track(part.stage.track, part.stage.name))
        lat_deg, lon_deg = profile.position_deg(np.array([p.distance_m for p in facts.points]))
        positions = zip(_rounded(lat_deg, 6), _rounded(lon_deg, 6), strict=True)
        for point, position in zip(facts.points, positions, strict=True):
            place = Point(point.name, point.kind, *position, point.elevation_m)
            there = to_the_minute(point.arrival) if point.arrival else None
            gpx.waypoints.append(_waypoint(place, there, _when(point), _where(point, unit)))
    return _filled(gpx, [(part.stage.track, _expected_s(part)) for part, _ in stages])


def _expected_s(part: Part) -> Array:
    """Seconds since 1970 when each point of a stage's track is reached; NaN without a clock."""
    track, estimate = part.stage.track, part.estimate
    if estimate is None or part.start is None:
        return np.full(len(track), np.nan)
    return np.round(part.start.timestamp() + estimate.arrivals_s(track_distance_m(track)))


def _track(track: Track, name: str) -> GPXTrack:
    """A track whose segments are empty yet: `_filled` writes their points."""
    made = GPXTrack(name=one_line(name) or None)
    made.segments += [GPXTrackSegment() for _ in track.segment_starts]
    return made


def _filled(gpx: GPX, tracks: Sequence[tuple[Track, Array]]) -> str:
    """The file of tracks with empty segments, and their points with these times in them.

    Points are numbers alone: `track_points` writes them as gpxpy would, in a thirtieth of the
    time that objects of them take.
    """
    parts = str(gpx.to_xml(version="1.1")).split(EMPTY_SEGMENT)
    points = [text for track, time_s in tracks for text in segments(track, time_s)]
    pairs = zip(parts, [*points, ""], strict=True)
    return "".join(text for pair in pairs for text in pair)


def _waypoint(
    point: Point, there: datetime | None, comment: str = "", description: str = ""
) -> GPXWaypoint:
    return GPXWaypoint(
        point.lat_deg,
        point.lon_deg,
        elevation=point.elevation_m,
        time=there.astimezone(UTC) if there else None,
        name=one_line(point.name) or None,
        comment=comment or None,
        description=description or None,
        symbol=SYMBOLS.get(point.kind),
        type=point.kind,
    )


def _when(point: PointFacts) -> str:
    """The expected clock, or the time after the start where no clock is known."""
    if point.arrival:
        return clock(point.arrival)
    return "" if point.arrival_s.p50 is None else f"after {hours(point.arrival_s.p50)} h"


def _where(point: PointFacts, unit: Units) -> str:
    """Kilometre, time after the start where the comment has the clock, and stop."""
    words = [f"{unit.distance} {unit.far(point.race_distance_m)}"]
    if point.arrival and point.arrival_s.p50 is not None:
        words.append(f"after {hours(point.arrival_s.p50)} h")
    if point.stop_s:
        words.append(f"stop {hours(point.stop_s)} h")
    return ", ".join(words)


# GeoJSON


def race_geojson(report: Report) -> str:
    """The race as a FeatureCollection (RFC 7946): longitude, latitude, metres.

    A piece of some 300 m is a LineString with its grade, the expected time, its hiked
    share and when it begins; a place is a Point with its facts from report.json.
    """
    course = report.course
    features: list[Feature] = []
    for part, points in zip(report.parts, points_as_json(report.facts), strict=True):
        features += _pieces(part)
        features += [_feature(part, point) for point in points]
    name, survey = (
        encode(one_line(text) or None).decode() for text in (course.name, course.survey)
    )
    head = f'{{"type":"FeatureCollection","name":{name},"survey":{survey},"features":['
    return head + ",".join(f"\n{encode(feature).decode()}" for feature in features) + "]}\n"


def _pieces(part: Part) -> list[Feature]:
    """All of a stage, end to end."""
    edges_m = geo.even_grid(part.profile.length_m, PIECE_M)
    # nodes 20 m apart: half the bytes
    nodes_m = geo.distinct(np.concatenate([part.profile.distance_m[::2], edges_m]))
    ends = np.searchsorted(nodes_m, edges_m).tolist()
    positions = _positions(part, nodes_m)
    east_deg = [position[0] for position in positions]
    is_cut = max(east_deg) - min(east_deg) > 180.0  # by the date line, somewhere
    found = []
    for (first, last), properties in zip(pairwise(ends), _properties(part, edges_m), strict=True):
        piece = positions[first : last + 1]
        line = _cut(piece) if is_cut else {"type": "LineString", "coordinates": piece}
        found.append({"type": "Feature", "geometry": line, "properties": properties})
    return found


def _properties(part: Part, edges_m: Array) -> Iterator[Feature]:
    """What is known of each stretch between two edges: grade, hiking, times."""
    profile, estimate, length_m = part.profile, part.estimate, np.diff(edges_m)
    unknown: list[None] = [None] * len(length_m)
    grade: Sequence[float | None] = unknown
    hiked: Sequence[float | None] = unknown
    moving_s: Sequence[int | None] = unknown
    arrival_s: Sequence[int | None] = unknown
    if profile.cells is not None:
        rise_m = np.diff(np.interp(edges_m, profile.distance_m, profile.elevation_m))
        grade = _rounded(rise_m / length_m, 3)
    if estimate is not None:
        took_s = np.diff(np.interp(edges_m, estimate.edge_m, estimate.moving_s))
        moving_s = list(map(int, _rounded(took_s, 0)))
        arrival_s = list(map(int, _rounded(estimate.arrivals_s(edges_m[:-1]), 0)))
        if (until_s := estimate.hiked_until_s) is not None:
            hiked_s = np.diff(np.interp(edges_m, estimate.edge_m, until_s))
            hiked = list(map(ratio, hiked_s.tolist(), took_s.tolist()))
    for k, (from_m, to_m) in enumerate(pairwise(_rounded(edges_m, 1))):
        there = moment(part.start, arrival_s[k])
        yield {
            "stage": part.stage.number,
            "from_m": from_m,
            "to_m": to_m,
            "grade": grade[k],
            "moving_s": moving_s[k],
            "hike_fraction": hiked[k],
            "arrival_s": arrival_s[k],
            "arrival": None if there is None else there.isoformat(timespec="seconds"),
        }


def _rounded(values: Array, digits: int) -> list[float]:
    """As `units` rounds each of them, all at once."""
    found: list[float] = (np.round(values, digits) + 0.0).tolist()
    return found


def _cut(positions: list[list[float]]) -> Feature:
    """A line, cut where it crosses the date line: the step across it, 20 m, is left out."""
    east_deg = [position[0] for position in positions]
    steps = enumerate(pairwise(east_deg), 1)
    cuts = [k for k, (a, b) in steps if abs(b - a) > 180.0]
    pieces = [positions[i:j] for i, j in pairwise([0, *cuts, len(positions)])]
    lines = [piece for piece in pieces if len(piece) > 1]
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def _positions(part: Part, at_m: Array) -> list[list[float]]:
    """Longitude, latitude to a decimetre and, where it is known, height at each distance."""
    profile = part.profile
    lat_deg, lon_deg = profile.position_deg(at_m)
    columns = [np.round(lon_deg, 6), np.round(lat_deg, 6)]
    if profile.cells is not None:
        columns.append(np.round(np.interp(at_m, profile.distance_m, profile.elevation_m), 1))
    found: list[list[float]] = (np.column_stack(columns) + 0.0).tolist()
    return found


def _feature(part: Part, point: Feature) -> Feature:
    properties: Feature = {"stage": part.stage.number} | point
    properties["name"] = one_line(point["name"])
    (at,) = _positions(part, np.array([point["distance_m"]]))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at},
        "properties": properties,
    }


# calendar


def race_ics(report: Report, units: str = "metric") -> bytes:
    """An event for each place where people are, over the range of the arrival given the finish.

    A range ends at the cutoff, and nothing is listed after a place that the plan reaches after
    it has closed. Without a start there is none. Times are UTC, which every calendar shows in its
    own zone; the words have the race's. The stamp is the race's start and the identifiers
    come from what the places are, so the same input gives the same bytes. Ranges are whole
    minutes, the same as on the crew card.
    """
    from icalendar import Calendar

    race, part_of = report.facts, {part.stage.number: part for part in report.parts}
    calendar = Calendar()
    calendar.add("prodid", "-//gpxstage//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", one_line(race.name))
    for stage, point, shut in until_closed(report):
        if point.arrival and (point.kind not in NOBODY_THERE or shut):
            part = part_of[stage.number]
            words = _description(race, part, stage, point, UNITS[units], shut=shut)
            calendar.add_component(_event(race, part, stage, point, words))
    return bytes(calendar.to_ical())


def _event(race: RaceFacts, part: Part, stage: StageFacts, point: PointFacts, words: str) -> Event:
    from icalendar import Event

    low_s, _, high_s = arrival_range_s(point, through=race.through)
    low, high = (_utc(race.clock_at(stage, after_s)) for after_s in (low_s, high_s))
    there = clock(point.arrival)[4:]  # the day is that of the event
    event = Event()
    event.add("uid", _uid(race, stage, point))
    event.add("dtstamp", _utc(race.start or stage.start))
    event.add("dtstart", low)
    if high > low:
        event.add("dtend", high)
    event.add("summary", f"{there} {one_line(point.name)}, {one_line(race.name)}")
    event.add("description", words)
    event.add("geo", _place(part, point.distance_m))
    event.add("transp", "TRANSPARENT")  # nobody is busy all through a range
    return event


def _crew_at(part: Part, point: PointFacts) -> bool:
    return any(
        crewed(place) and place.name == point.name and metres(place.distance_m) == point.distance_m
        for place in points_of(part)
    )


def _utc(there: datetime | None) -> datetime:
    assert there is not None  # a point with an arrival has a start
    return to_the_minute(there).astimezone(UTC)


def _uid(race: RaceFacts, stage: StageFacts, point: PointFacts) -> str:
    what = [race.name, stage.number, point.name, point.distance_m]
    return f"{hashlib.sha256(repr(what).encode()).hexdigest()[:20]}@gpxstage"


def _description(
    race: RaceFacts, part: Part, stage: StageFacts, point: PointFacts, unit: Units, *, shut: bool
) -> str:
    def at(after_s: float) -> str:
        return clock(race.clock_at(stage, after_s))

    low_s, _, high_s = arrival_range_s(point, through=race.through)
    known = "passed" if point.passed else "expected"
    words = [f"{known} {clock(point.arrival)}, after {hours(point.arrival_s.p50)} h"]
    if minutes(low_s) != minutes(high_s):
        given = race.through and point.given_finish_s.ends and ", if the finish is as expected"
        words.append(f"range {at(low_s)} to {at(high_s)}{given or ''}")
    if point.cutoff_s is not None:
        words.append(f"cutoff {at(point.cutoff_s)}, {MISSED if shut else _margin(point)}")
    if point.leave_by_s is not None and not shut:
        words.append(f"leave by {at(point.leave_by_s)}")
    if point.stop_s:
        asleep = f", asleep {hours(point.sleep_s)} h" if point.sleep_s else ""
        words.append(f"stop {hours(point.stop_s)} h{asleep}")
    if staying(point):
        words.append(f"leaves {at((point.arrival_s.p50 or 0) + (point.stop_s or 0))}")
    words.append(f"{unit.distance} {unit.far(point.race_distance_m)}")
    if _crew_at(part, point):
        words.append("the crew may be here")
    if race.survey:
        words.append(f"track: {one_line(race.survey)}")
    return "\n".join(words)


def _margin(point: PointFacts) -> str:
    left_s = point.margin_s.p50
    return "kept" if left_s is None else f"margin {hours(left_s, signed=True)} h"


def _place(part: Part, at_m: float) -> tuple[float, float]:
    profile = part.profile
    k = min(int(np.searchsorted(profile.distance_m, at_m)), len(profile.distance_m) - 1)
    return round(float(profile.lat_deg[k]), 5), round(float(profile.lon_deg[k]), 5)
