"""Stops that scatter: clouds of points around a place where nobody walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.clean.finding import Finding, near, thinned
from gpxstage.course import track_distance_m
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpxstage.course import Array, Track

CLOUD_POINTS = 20  # judgement: fewer points are no cloud
CLOUD_RADIUS_M = 30.0  # judgement: a receiver at rest scatters so far ...
CLOUD_PATH_M = 150.0  # judgement: ... and a cloud is worth a note from this length on
CLOUD_RISE_M = 10.0  # judgement: who climbs more than this within the radius walks hairpins
LOOKS = 256  # parts of a run that is no cloud: the next look starts one part later
CLOUD_S = 180.0  # judgement: who stays so long within the radius, on the level, rests

# A receiver under a roof strays far. All of these are judgement: of 210 recordings of people on
# foot none has half an hour like that, but for rests.
ROOF_S, ROOF_PARTS = 1800.0, 8  # so long near a place, looked at in so many parts
ROOF_M, ROOF_PATH_M = 200.0, 1000.0  # so near to it, over so long a path
ROOF_RISE_M = 30.0  # who is higher in the second half climbed: hairpins turn, too
ROOF_TURNING = 0.35  # mean cosine of the turns: laps around a track have 0.9, hairpins 0.45


def clouds(track: Track) -> Finding | None:
    """A stop that scatters: collapsed to its first and last point where a clock proves the rest.

    Without clock or elevation it may be hairpins or a walk around a square: it is only noted.
    """
    along = track_distance_m(track)
    keep = np.ones(len(track), dtype=bool)
    rests: list[tuple[int, int]] = []
    doubts: list[tuple[int, int]] = []
    roofs = _roofs(track, along)
    for start, end in roofs:
        rests.append((start, end))
        keep[start + 1 : end] = False
    for start, end in _cloud_spans(track, along):
        if any(start < last and end > first for first, last in roofs):
            continue
        long = track.time_s[end] - track.time_s[start] >= CLOUD_S
        if long and np.isfinite(track.elevation_m[start : end + 1]).all():
            rests.append((start, end))
            keep[start + 1 : end] = False
        else:
            doubts.append((start, end))
    texts = []
    for found, what in ((rests, "{0}"), (doubts, "counted as walked")):
        if found:
            sum_m = sum(along[end] - along[start] for start, end in found)
            stops = f"{counted(len(found), 'stop')} with {sum_m:,.0f} m of scattered points"
            texts.append(f"{stops} {what} {near(along[start] for start, _ in found)}")
    if not texts:
        return None
    fixed = thinned(track, keep, track.segment_starts) if rests else track
    return Finding(fixed, "; ".join(texts), "left out" if rests else "")


def _roofs(track: Track, along: Array) -> list[tuple[int, int]]:
    """First and last points of rests of half an hour and more that strayed up to 200 m.

    The path turns at every point there and does not climb.
    """
    known = np.flatnonzero(np.isfinite(track.time_s))
    time_s, lat, lon = (a[known] for a in (track.time_s, track.lat_deg, track.lon_deg))
    end = np.searchsorted(time_s, time_s + ROOF_S)
    at = np.flatnonzero(end < len(known))
    at = at[along[known[end[at]]] - along[known[at]] >= ROOF_PATH_M]
    for part in range(ROOF_PARTS, 0, -1):
        there = np.searchsorted(time_s, time_s[at] + ROOF_S * part / ROOF_PARTS)
        at = at[geo.apart_m((lat[at], lon[at]), (lat[there], lon[there])) <= ROOF_M]
    spans: list[tuple[int, int]] = []
    for k in at.tolist():
        first, last = int(known[k]), int(known[end[k]])
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return [(first, last) for first, last in spans if _is_lost(track, along, first, last)]


def _is_lost(track: Track, along: Array, first: int, last: int) -> bool:
    """Whether a path turns at every point and is as high in its second half as in its first."""
    middle = (first + last) // 2
    halves = (track.elevation_m[a:b] for a, b in ((first, middle), (middle, last)))
    known = (z[np.isfinite(z)] for z in halves)
    before_m, after_m = (float(np.median(z)) if len(z) else np.nan for z in known)
    turning, step_m = turns(track, along, first, last)
    straight = float((turning * step_m).sum()) / max(float(step_m.sum()), 1e-9)
    return straight < ROOF_TURNING and not abs(after_m - before_m) > ROOF_RISE_M


def turns(track: Track, along: Array, first: int, last: int) -> tuple[Array, Array]:
    """The cosine of the turn at each point between two, and the shorter of the steps beside it."""
    part = slice(first, last + 1)
    north, east = np.diff(track.lat_deg[part]), geo.wrap_deg(np.diff(track.lon_deg[part]))
    north_m, east_m = geo.metric_m_per_deg(track.lat_deg[part][:-1])
    north *= north_m
    east *= east_m
    turning = north[:-1] * north[1:]
    turning += east[:-1] * east[1:]
    step_m = np.diff(along[part])
    turning /= np.maximum(step_m[:-1] * step_m[1:], 1e-9)
    return turning, np.minimum(step_m[:-1], step_m[1:])


def _cloud_spans(track: Track, along: Array) -> list[tuple[int, int]]:
    """First and last points of runs within 30 m of their middle, level, but over 150 m long.

    Where a run is none, the next look starts a part of the run later: so many points lie close
    together that its start hardly matters, and all looks together take time in proportion to
    the number of points.
    """
    spans: list[tuple[int, int]] = []
    free = 0  # first point that may begin a cloud
    for start, reach in _comes_back(track, along):
        if start < free:
            continue
        free = start + 1 + (reach - start) // LOOKS
        window = slice(start, reach + 1)
        if not _is_level(track.elevation_m[window]):
            continue
        lat_deg = float(track.lat_deg[window].mean())
        lon_deg = float(geo.wrap_deg(track.lon_deg[window] - track.lon_deg[start]).mean())
        middle = _Middle(track, lat_deg, lon_deg + float(track.lon_deg[start]))
        if middle.off_m(start, reach + 1).max() > CLOUD_RADIUS_M:
            continue
        end = middle.last_near(reach)
        if _is_level(track.elevation_m[start : end + 1]):
            spans.append((start, end))
            free = end + 1
        else:
            free = start + 1 + (end - start) // LOOKS
    return spans


def _comes_back(track: Track, along: Array) -> Iterator[tuple[int, int]]:
    """Points that the track is still near to when it has gone 150 m, and where that is."""
    last = len(along) - 1
    for first in range(0, last, geo.BLOCK):
        here = np.arange(first, min(first + geo.BLOCK, last))
        reach = np.searchsorted(along, along[here] + CLOUD_PATH_M)  # where the path is long enough
        reach = np.minimum(np.maximum(reach, here + CLOUD_POINTS), last)
        lat, lon = track.lat_deg, track.lon_deg
        away_m = geo.apart_m((lat[here], lon[here]), (lat[reach], lon[reach]))
        back = (along[reach] - along[here] >= CLOUD_PATH_M) & (away_m <= 2.0 * CLOUD_RADIUS_M)
        yield from zip(here[back].tolist(), reach[back].tolist(), strict=True)


@dataclass(frozen=True)
class _Middle:
    """The middle of a cloud, asked which points of a track lie near it."""

    track: Track
    lat_deg: float
    lon_deg: float

    def off_m(self, first: int, end: int) -> Array:
        """Distances of the points from *first* to before *end*."""
        middle = np.array([self.lat_deg]), np.array([self.lon_deg])
        return geo.apart_m(middle, (self.track.lat_deg[first:end], self.track.lon_deg[first:end]))

    def last_near(self, first: int) -> int:
        """The last point, from *first* on, before the track leaves the radius."""
        size = CLOUD_POINTS
        while first < len(self.track):
            far = self.off_m(first, first + size) > CLOUD_RADIUS_M
            if far.any():
                return first + int(np.argmax(far)) - 1
            first, size = first + size, 2 * size
        return len(self.track) - 1


def _is_level(z: Array) -> bool:
    known = z[np.isfinite(z)]
    return len(known) == 0 or float(known.max() - known.min()) <= CLOUD_RISE_M
