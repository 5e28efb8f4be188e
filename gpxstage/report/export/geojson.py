"""Report -> race.geojson: the track in pieces with hike share and time, and its points."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo
from gpxstage.facts.in_json import as_json
from gpxstage.facts.parts import ratio
from gpxstage.text import one_line
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

    Feature = dict[str, Any]  # of GeoJSON

PIECE_M = 300.0  # long enough to be seen on a map of a race, short enough to show its slopes


def race_geojson(report: Report) -> str:
    """The race as a FeatureCollection (RFC 7946): longitude, latitude, metres.

    A piece of some 300 m is a LineString with its grade, the expected time, how much of it is
    hiked and when it begins; a place is a Point with what report.json says of it.
    """
    course = report.course
    features: list[Feature] = []
    for part, row in zip(report.parts, as_json(report.facts)["stages"], strict=True):
        features += _pieces(part)
        features += [_place(part, point) for point in row["points"]]
    found = {
        "type": "FeatureCollection",
        "name": one_line(course.name),
        "survey": one_line(course.survey) or None,
        "features": features,
    }
    lines = json.dumps(found, ensure_ascii=False, allow_nan=False)
    return lines.replace('{"type": "Feature"', '\n{"type": "Feature"') + "\n"


def _pieces(part: Part) -> list[Feature]:
    """All of a stage, end to end."""
    edges_m = geo.even_grid(part.profile.length_m, PIECE_M)
    nodes_m = np.union1d(part.profile.distance_m[::2], edges_m)  # 20 m apart: half the bytes
    ends = np.searchsorted(nodes_m, edges_m).tolist()
    positions = _positions(part, nodes_m)
    return [
        _piece(part, from_m, to_m, positions[first : last + 1])
        for (from_m, to_m), (first, last) in zip(
            pairwise(edges_m.tolist()), pairwise(ends), strict=True
        )
    ]


def _piece(part: Part, from_m: float, to_m: float, line: list[list[float]]) -> Feature:
    """A stretch of a stage, and the positions of its nodes."""
    profile, estimate = part.profile, part.estimate
    moving_s = hiked_s = None
    if estimate is not None:
        moving_s = estimate.moving_between_s(from_m, to_m)
        hiked_s = estimate.hiked_between_s(from_m, to_m)
    low_m, high_m = (profile.elevation_at_m(at_m) for at_m in (from_m, to_m))
    rise_m = None if low_m is None or high_m is None else high_m - low_m
    after_s = None if estimate is None else seconds(estimate.arrival_s(from_m))
    there = moment(part.start, after_s)
    return {
        "type": "Feature",
        "geometry": _line(line),
        "properties": {
            "stage": part.stage.number,
            "from_m": metres(from_m),
            "to_m": metres(to_m),
            "grade": fraction(None if rise_m is None else rise_m / (to_m - from_m)),
            "moving_s": seconds(moving_s),
            "hike_fraction": ratio(hiked_s, moving_s),
            "arrival_s": after_s,
            "arrival": None if there is None else there.isoformat(timespec="seconds"),
        },
    }


def _line(positions: list[list[float]]) -> Feature:
    """A line, cut where it crosses the date line: the step across it, 20 m, is left out."""
    steps = enumerate(pairwise(positions), 1)
    cuts = [k for k, (a, b) in steps if abs(b[0] - a[0]) > 180.0]
    pieces = [positions[i:j] for i, j in pairwise([0, *cuts, len(positions)])]
    lines = [piece for piece in pieces if len(piece) > 1]
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def _positions(part: Part, at_m: Array) -> list[list[float]]:
    """Longitude, latitude to a decimetre and, where it is known, height at each distance."""
    profile = part.profile
    steps_deg = geo.wrap_deg(np.diff(profile.lon_deg))
    lon_deg = profile.lon_deg[0] + np.concatenate([[0.0], np.cumsum(steps_deg)])
    columns = [
        np.round(geo.wrap_deg(np.interp(at_m, profile.distance_m, lon_deg)), 6),
        np.round(np.interp(at_m, profile.distance_m, profile.lat_deg), 6),
    ]
    if profile.cells is not None:
        columns.append(np.round(np.interp(at_m, profile.distance_m, profile.elevation_m), 1))
    found: list[list[float]] = (np.column_stack(columns) + 0.0).tolist()
    return found


def _place(part: Part, point: Feature) -> Feature:
    properties: Feature = {"stage": part.stage.number} | point
    properties["name"] = one_line(point["name"])
    (at,) = _positions(part, np.array([point["distance_m"]]))
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": at},
        "properties": properties,
    }
