"""One long track into parts: neighbours share their boundary point, so lengths add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gpxstage import geo
from gpxstage.course import Track

if TYPE_CHECKING:
    from gpxstage.course import Array

SNAP_M = 1.0  # a cut this close to a point of the track is at that point
COLUMNS = ("elevation_m", "time_s", "heart_rate_bpm", "cadence_spm", "power_w")


class _Spot(NamedTuple):
    """A place on a track: a share of the step after a point."""

    at: int
    share: float


def cut(track: Track, along_m: Array, from_m: float, to_m: float) -> Track:
    """The part of a track between two distances; points are made where the cuts fall in a step."""
    if not from_m < to_m:
        raise ValueError("a part begins before it ends")
    first, last = _spot(along_m, from_m, after_gap=True), _spot(along_m, to_m, after_gap=False)
    stop = last.at + (1 if last.share else 0)
    inner = slice(first.at + 1, stop)
    rows = {"lat_deg": track.lat_deg, "lon_deg": track.lon_deg}
    rows |= {name: column for name in COLUMNS if (column := getattr(track, name)) is not None}
    parts: dict[str, Any] = {
        name: np.concatenate(
            [
                [_value(column, first, around=name == "lon_deg")],
                column[inner],
                [_value(column, last, around=name == "lon_deg")],
            ]
        )
        for name, column in rows.items()
    }
    starts = track.segment_starts - first.at
    starts = starts[(starts > 0) & (starts < len(parts["lat_deg"]))]
    return replace(track, segment_starts=np.concatenate([[0], starts]), **parts)


def _spot(along_m: Array, at_m: float, *, after_gap: bool) -> _Spot:
    """Where a cut falls: at a point if one is near, else within a step.

    Both ends of a gap are equally far along: a part begins behind it and ends before it.
    """
    if after_gap:
        index = int(np.searchsorted(along_m, at_m + SNAP_M, side="right")) - 1
    else:
        index = int(np.searchsorted(along_m, at_m - SNAP_M, side="left"))
    nearest = min(max(index, 0), len(along_m) - 1)
    if abs(along_m[nearest] - at_m) <= SNAP_M:
        return _Spot(_closest(along_m, at_m, after_gap=after_gap), 0.0)
    before = int(np.searchsorted(along_m, at_m, side="right")) - 1
    step_m = along_m[before + 1] - along_m[before]
    return _Spot(before, float((at_m - along_m[before]) / step_m))


def _closest(along_m: Array, at_m: float, *, after_gap: bool) -> int:
    """The point nearest to a distance; of several at the same distance the first or the last."""
    right = min(int(np.searchsorted(along_m, at_m)), len(along_m) - 1)
    left = max(right - 1, 0)
    distance_m = min(along_m[left], along_m[right], key=lambda d: abs(d - at_m))
    if after_gap:
        return int(np.searchsorted(along_m, distance_m, side="right")) - 1
    return int(np.searchsorted(along_m, distance_m, side="left"))


def _value(column: Array, spot: _Spot, *, around: bool) -> float:
    value = float(column[spot.at])
    if not spot.share:
        return value
    step = column[spot.at + 1 : spot.at + 2] - value
    if not around:
        return value + spot.share * float(step[0])
    east = value + spot.share * float(geo.wrap_deg(step)[0])
    return float(geo.wrap_deg(np.array([east]))[0])
