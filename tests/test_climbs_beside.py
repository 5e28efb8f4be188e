"""No climb is lost beside a larger one: what is trimmed off is searched as well."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_climbs import about, back, heights_m, way

from gpxstage import geo
from gpxstage.profile import Profile, measure
from gpxstage.profile.climbs import climbs
from gpxstage.racefile import load

LEAST_M, LEAST_GRADE = 100.0, 0.03


def between(profile: Profile) -> list[tuple[float, float]]:
    """The stretches that are no climb and no descent."""
    ends = [0.0]
    for climb in climbs(profile):
        ends += [climb.from_m, climb.to_m]
    ends.append(profile.length_m)
    return [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if b - a > 15.0]


def lost(profile: Profile) -> list[tuple[float, float, float]]:
    """Swings between neighbouring turns, high and steep enough, that the table leaves out."""
    found = []
    nodes = profile.distance_m
    for start_m, end_m in between(profile):
        inside = np.flatnonzero((nodes >= start_m - 1.0) & (nodes <= end_m + 1.0))
        level = profile.elevation_m[inside]
        for a, b in pairwise(geo.turning_points(level, 3.0)):
            height, length = abs(level[b] - level[a]), nodes[inside[b]] - nodes[inside[a]]
            if height >= LEAST_M + 0.1 and height >= (LEAST_GRADE + 1e-4) * length:
                found.append((float(nodes[inside[a]]), float(nodes[inside[b]]), float(height)))
    return found


SHOULDER = [
    (0.0, 1000.0),
    (5000.0, 2220.0),
    (6600.0, 2020.0),  # 200 m down and 180 m up again, then a long way down
    (8500.0, 2200.0),
    (16_000.0, 600.0),
]


def test_a_dip_on_a_shoulder_before_a_long_descent_is_two_rows() -> None:
    assert heights_m(climbs(way(*SHOULDER))) == about(1220.0, -200.0, 180.0, -1600.0)


def test_walked_back_it_is_the_same() -> None:
    assert heights_m(climbs(way(*back(SHOULDER)))) == about(1600.0, -180.0, 200.0, -1220.0)


def test_a_steep_part_of_a_swing_that_is_too_gentle_as_a_whole() -> None:
    gentle = [(0.0, 0.0), (9000.0, 202.0), (10_000.0, 322.0), (19_000.0, 524.0)]
    assert heights_m(climbs(way(*gentle))) == about(120.0)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(300.0, 4000.0), st.floats(-0.3, 0.3)), min_size=2, max_size=14
    )
)
def test_no_swing_above_the_thresholds_is_lost(steps: list[tuple[float, float]]) -> None:
    corners = [(0.0, 1000.0)]
    for length_m, grade in steps:
        corners.append((corners[-1][0] + length_m, corners[-1][1] + grade * length_m))
    assert lost(way(*corners)) == []


COURSES = [
    "tor330-2025.gpx",
    "utmb-2025.gpx",
    "occ.gpx",
    "uta100-route.gpx",
    "leadville-100-dem.gpx",
    "gpt100-miler.gpx",
    "gr20-planned.gpx",
    "ccc-2024.gpx",
    "grr-2024.gpx",
    "bourbon-2024.gpx",
    "mtr-2024.gpx",
    "templiers-2024.gpx",
    "alta-via-1",
    "o-circuit",
]


@pytest.mark.parametrize("name", COURSES)
def test_real_courses_lose_no_climb(name: str, data: Callable[[str], Path]) -> None:
    for stage in load(data(f"courses/{name}")).stages:
        assert lost(measure(stage.track)) == []


def test_the_shoulder_of_the_gr20(data: Callable[[str], Path]) -> None:
    (stage,) = load(data("courses/gr20-planned.gpx")).stages
    rows = [c for c in climbs(measure(stage.track)) if c.from_m > 63_500.0 and c.to_m < 67_300.0]
    assert [round(row.from_m / 1000.0, 1) for row in rows] == [63.6, 65.2]
    assert heights_m(rows) == pytest.approx([-199.0, 179.0], abs=2.0)
