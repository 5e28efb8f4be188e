"""Courses that tests make, and what a command of the console script answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'


def points(count: int = 161, *, height: bool = True, from_lat: float = 45.0) -> str:
    """A hill due north: 9 km, 400 m up and down."""
    made = []
    for k in range(count):
        ele = f"<ele>{1400 + 400 * math.sin(k / (count - 1) * math.pi):.1f}</ele>" if height else ""
        made.append(f'<trkpt lat="{from_lat + k * 5e-4:.5f}" lon="7.0">{ele}</trkpt>')
    return "".join(made)


def gpx(*tracks: str, extra: str = "") -> str:
    """A GPX file of some tracks."""
    made = "".join(
        f"<trk><name>Day {k}</name><trkseg>{t}</trkseg></trk>" for k, t in enumerate(tracks, 1)
    )
    return f"{HEAD}{extra}{made}</gpx>"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str
    raw: bytes = b""


Gpxstage = Callable[..., Ran]


def write_waves(path: Path, base_m: float) -> Path:
    heights = [base_m + 200.0 - 200.0 * math.cos(2.0 * math.pi * k / 160.0) for k in range(481)]
    made = "".join(
        f'<trkpt lat="{46.0 + 25.0 * k / 111_150.0:.7f}" lon="7.0"><ele>{height:.2f}</ele></trkpt>'
        for k, height in enumerate(heights)
    )
    path.write_text(gpx(made), encoding="utf-8")
    return path


Estimated = Callable[..., dict[str, Any]]


def elapsed_s(rows: dict[str, Any]) -> int:
    return int(rows["elapsed_s"]["p50"])


def hiked(rows: dict[str, Any]) -> float:
    return float(rows["hike_fraction"]["of_time"]["p50"])
