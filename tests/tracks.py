"""Tracks that tests make: clean courses and recordings, and what is done to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gpxstage.clean import repair
from gpxstage.course import Track

DEG_M = 111_143.0  # a degree of latitude at 45 degrees north, within 20 m
DEG_EAST_M = 78_847.0  # and of longitude
NOON_S = 1_700_000_000.0


def made(
    north_m: Any, east_m: Any = 0.0, z: Any = 1000.0, time_s: Any = np.nan, **more: Any
) -> Track:
    """A track through places around 45 N, 7 E, in metres."""
    north = np.asarray(north_m, dtype=float)
    east, z, time_s = (np.broadcast_to(a, north.shape).astype(float) for a in (east_m, z, time_s))
    starts = more.pop("segment_starts", [0])
    return Track(45 + north / DEG_M, 7 + east / DEG_EAST_M, z, time_s, np.array(starts), **more)


def course(n: int = 200, step_m: float = 20.0, **more: Any) -> Track:
    """A clean one: even steps north, gentle hills, no clock."""
    along = step_m * np.arange(n)
    return made(along, z=1000.0 + 80.0 * np.sin(along / 300.0), **more)


def recording(n: int = 200, step_m: float = 20.0) -> Track:
    """The same with a clock, at 1.25 m/s."""
    return replace(course(n, step_m), time_s=NOON_S + step_m * np.arange(n) / 1.25)


def moved(track: Track, where: slice | int, north_m: float, east_m: float = 0.0) -> Track:
    lat, lon = track.lat_deg.copy(), track.lon_deg.copy()
    lat[where] += north_m / DEG_M
    lon[where] += east_m / DEG_EAST_M
    return replace(track, lat_deg=lat, lon_deg=lon)


def lifted(track: Track, where: Any, z: Any) -> Track:
    elevation = track.elevation_m.copy()
    elevation[where] = z
    return replace(track, elevation_m=elevation)


def missing(track: Track) -> list[int]:
    return np.flatnonzero(np.isnan(track.elevation_m)).tolist()


def notes_of(track: Track, **more: Any) -> tuple[str, ...]:
    return repair(track, "x", **more)[1]


def same(first: Track, second: Track) -> bool:
    names = ("lat_deg", "lon_deg", "elevation_m", "time_s", "segment_starts")
    return all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True)
        for name in names
    )
