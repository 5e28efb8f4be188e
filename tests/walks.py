"""Recordings that tests make: walks over hills with a clock, their files and their outings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gpxstage.course import Track
from gpxstage.estimator import engine
from gpxstage.estimator.fit.recordings import BIN_M, Outing, outings_of, push_of
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import Runner
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure

START_S = 1_749_960_000.0  # 2025-06-15, 04:00 UTC: a whole summer's day lies ahead
POINT_M = 10.0
HEAD = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'


def course(km: float, seed: int = 0) -> Track:
    """Hills of three sizes, a point every 10 m, no clock."""
    rng = np.random.default_rng(seed)
    along_m = np.arange(0.0, 1000.0 * km + 1.0, POINT_M)
    height_m = 1200.0 + sum(
        high * np.sin(2.0 * np.pi * (along_m / long + rng.random()))
        for long, high in ((9000.0, 330.0), (4200.0, 120.0), (1700.0, 25.0))
    )
    _, east_m = metric_m_per_deg(np.array([46.0]))
    flat = np.full(len(along_m), 46.0)
    nowhen = np.full(len(along_m), np.nan)
    return Track(flat, 7.0 + along_m / east_m, height_m, nowhen, np.zeros(1, dtype=np.int64))


def timed(track: Track, step_s: Any, **sensors: Any) -> Track:
    """A track with a clock: seconds from point to point."""
    time_s = START_S + np.concatenate([[0.0], np.cumsum(np.broadcast_to(step_s, len(track) - 1))])
    return replace(track, time_s=time_s, **sensors)


def wobbly(count: int, mps: float = 1.5, seed: int = 0) -> np.ndarray:
    """Seconds for steps of 10 m, a little uneven, as feet go."""
    rng = np.random.default_rng(seed)
    slow = np.repeat(rng.normal(0.0, 0.15, count // 20 + 1), 20)[:count]
    return POINT_M / mps * np.exp(slow + rng.normal(0.0, 0.1, count))


def walk(km: float = 6.0, mps: float = 1.5) -> Track:
    track = course(km)
    return timed(track, wobbly(len(track) - 1, mps))


def written(path: Path, track: Track, *, with_time: bool = True) -> Path:
    """The track as GPX."""
    times = np.datetime64(0, "s") + np.nan_to_num(track.time_s).astype("timedelta64[s]")
    points = "".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"><ele>{z:.1f}</ele>'
        + (f"<time>{time}Z</time>" if with_time else "")
        + "</trkpt>"
        for lat, lon, z, time in zip(
            track.lat_deg, track.lon_deg, track.elevation_m, times, strict=True
        )
    )
    path.write_text(f"{HEAD}{points}</trkseg></trk></gpx>", encoding="utf-8")
    return path


def only(track: Track) -> Outing:
    found, notes = outings_of(track, "x.gpx", 0.4)
    assert notes == []
    (outing,) = found
    return outing


def recorded(runner: Runner, km: float, seed: int) -> Outing:
    """The engine's own run with 7 % noise a bin, 15 % a step, and stops in a twentieth of bins."""
    rng = np.random.default_rng(seed)
    track = course(km, seed)
    cells = measure(track).cells
    assert cells is not None
    run = engine.run(push_of(cells, 0.4), runner, JUDGEMENT, Policy())
    number = (cells.edge_m[:-1] // BIN_M).astype(int)
    cell_s = np.diff(run.moving_s) * np.exp(0.07 * rng.standard_normal(number[-1] + 1))[number]
    passed_s = np.concatenate([[0.0], np.cumsum(cell_s)])
    along_m = POINT_M * np.arange(len(track))
    step_s = np.diff(np.interp(along_m, cells.edge_m, passed_s))
    step_s *= 1.0 + 0.15 * np.random.default_rng(seed + 1000).standard_normal(len(step_s))
    time_s = np.concatenate([[0.0], np.cumsum(step_s)])
    for stop in np.flatnonzero(rng.random(number[-1] + 1) < 0.05):
        time_s[along_m > BIN_M * (stop + rng.random())] += rng.uniform(30.0, 300.0)
    return only(replace(track, time_s=START_S + time_s))
