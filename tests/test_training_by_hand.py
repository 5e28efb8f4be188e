"""Totals of real diaries against sums that another computation makes."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made import Gpxstage
from pages import SAMPLES
from scipy.ndimage import gaussian_filter1d

from gpxstage import parser
from gpxstage.clean import repair


def _by_hand(path: Path) -> tuple[date, float, float, float, float]:
    """Of a cleaned track: day, km, climb by the published definition, seconds, those above 2 km."""
    track, _ = repair(parser.read(path).tracks[0], path.name)
    lat, lon = np.radians(track.lat_deg), np.radians(track.lon_deg)
    haversine = np.sin(np.diff(lat) / 2.0) ** 2
    haversine += np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2.0) ** 2
    step_m = 2.0 * 6_371_008.8 * np.arcsin(haversine**0.5)
    step_m[track.segment_starts[1:] - 1] = 0.0
    along_m = np.concatenate([[0.0], np.cumsum(step_m)])
    nodes_m = np.linspace(0.0, along_m[-1], round(along_m[-1] / 10.0) + 1)
    known = np.isfinite(track.elevation_m)
    level_m = np.interp(nodes_m, along_m[known], track.elevation_m[known])
    padded = np.pad(level_m, 30, mode="reflect", reflect_type="odd")
    smooth = gaussian_filter1d(padded, 3.0)[30:-30]
    time_s = track.time_s[np.isfinite(track.time_s)]
    sun_s = 3600.0 * round(float(track.lon_deg[0]) / 15.0)
    day = datetime.fromtimestamp(time_s[0] + sun_s, UTC).date()
    both = known & np.isfinite(track.time_s)
    ends_m = 0.5 * (track.elevation_m[both][1:] + track.elevation_m[both][:-1])
    high_s = float(np.diff(track.time_s[both])[ends_m > 2000.0].sum())
    lasts_s = float(time_s[-1] - time_s[0])
    return day, along_m[-1] / 1000.0, _climbed(smooth.tolist()), lasts_s, high_s


def _raw_km(path: Path) -> float:
    """Kilometres of all points of a file as they are."""
    nodes = [node.attrib for node in ET.parse(path).iter() if node.tag.endswith("}trkpt")]
    places = [(math.radians(float(n["lat"])), math.radians(float(n["lon"]))) for n in nodes]
    return sum(
        6371.0088 * math.hypot(b[0] - a[0], (b[1] - a[1]) * math.cos(a[0]))
        for a, b in pairwise(places)
    )


def _climbed(level_m: list[float], reversal_m: float = 3.0) -> float:
    """The climb between turns that reverse by 3 m or more, by a small machine of two states."""
    climbed_m, low, high, rising = 0.0, level_m[0], level_m[0], False
    for here in level_m:
        if rising:
            high = max(high, here)
            if high - here >= reversal_m:
                climbed_m, rising, low = climbed_m + high - low, False, here
        else:
            low = min(low, here)
            if here - low >= reversal_m:
                rising, high = True, here
    return climbed_m + (high - low if rising else 0.0)


DIARIES = [
    ("group-b", "sample_courses/tor-des-geants", 13),
    ("group-p18", "courses/occ.gpx", 18),
    ("group-a", "courses/occ.gpx", 5),
]


@pytest.mark.parametrize(("group", "race", "count"), DIARIES)
def test_totals_are_the_sums_that_are_done_by_hand(
    data: Callable[[str], Path], run: Gpxstage, group: str, race: str, count: int
) -> None:
    folder = data(f"recordings/{group}")
    source = SAMPLES / "tor-des-geants" if race.startswith("sample") else data(race)
    files = sorted(folder.glob("*.gpx"))
    each = [_by_hand(path) for path in files]
    found = json.loads(run("training", folder, "--for", source, "--json").out)
    assert len(found["outings"]) == len(files) == count
    whole = found["whole"]
    km, gain_m, lasts_s, high_s = (
        sum(column) for column in zip(*(e[1:] for e in each), strict=True)
    )
    assert whole["length_m"] / 1000.0 == pytest.approx(km, rel=0.003)
    assert whole["gain_m"] == pytest.approx(gain_m, rel=0.003)
    assert whole["elapsed_s"] == pytest.approx(lasts_s, rel=0.003)
    assert whole["above"][0]["elapsed_s"] == pytest.approx(high_s, rel=0.03, abs=60.0)  # smoothed
    assert whole["length_m"] / 1000.0 == pytest.approx(sum(map(_raw_km, files)), rel=0.01)
    weeks: dict[str, float] = defaultdict(float)
    for day, walked_km, *_ in each:
        weeks[(day - timedelta(days=day.weekday())).isoformat()] += walked_km
    shown = {week["start"]: week["covered"]["length_m"] / 1000.0 for week in found["weeks"]}
    assert shown == pytest.approx(dict(weeks), rel=0.004)
