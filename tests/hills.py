"""Made hills for tests of the engine, and who runs over them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Estimate, Policy, Runner, StageEstimate, estimate
from gpxstage.estimator.runner import at_ability
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure

Shape = Callable[[np.ndarray], np.ndarray]  # distance from the start -> elevation, both in m

MORNING = datetime(2025, 9, 14, 8, tzinfo=UTC)
MID = at_ability(3.7)

laws = settings(max_examples=25, deadline=None)
abilities = st.floats(1.2, 6.5)  # a hiker ... faster than anyone
terrains = st.floats(0.0, 0.9)
lengths = st.floats(3.0, 5.2).map(lambda power: 10.0**power)  # 1 to 160 km
heights = st.floats(0.0, 3500.0)
starts = st.none() | st.integers(0, 365 * 24).map(lambda h: MORNING + timedelta(hours=h))


def sine(distance_m: np.ndarray, *, base_m: float, steepest: float, wave_m: float) -> np.ndarray:
    """Hills of one size from *base_m* up; *steepest* is their greatest grade."""
    turn = 2.0 * np.pi / wave_m
    return np.asarray(base_m + steepest / turn * (1.0 - np.cos(turn * distance_m)))


def ramp(distance_m: np.ndarray, *, base_m: float, grade: float) -> np.ndarray:
    return np.asarray(base_m + grade * distance_m)


@st.composite
def hills(draw: st.DrawFn, most: float = 0.45) -> Shape:
    return partial(
        sine,
        base_m=draw(heights),
        steepest=draw(st.floats(0.0, most)),
        wave_m=draw(st.floats(500.0, 20_000.0)),
    )


def track(length_m: float, shape: Shape, *, step_m: float = 25.0) -> Track:
    """Eastward from 46 N, 7 E."""
    along_m = np.linspace(0.0, length_m, max(1, round(length_m / step_m)) + 1)
    _, east_m_per_deg = metric_m_per_deg(np.array([46.0]))
    lat = np.full(len(along_m), 46.0)
    nowhen = np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m_per_deg, shape(along_m), nowhen, np.zeros(1, int))


def solve(
    length_m: float,
    shape: Shape,
    runner: Runner = MID,
    *,
    terrain: float = 0.4,
    start: datetime | None = None,
    points: tuple[Point, ...] = (),
    policy: Policy | None = None,
) -> Estimate:
    line = track(length_m, shape)
    course = Course("made", (Stage(1, "made", line, points, terrain=terrain),), start=start)
    return estimate(course, [measure(line)], runner, policy=policy)


def only(found: Estimate) -> StageEstimate:
    (stage,) = found.stages
    return stage
