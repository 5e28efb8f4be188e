"""The whole axis of ability over a course in one run: hours that every ability takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from gpxstage.course import Course
from gpxstage.estimator import draws, engine
from gpxstage.estimator.fit import made
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Push
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import ABILITY_MPS, WITH_ABILITY, Runner, at_ability
from gpxstage.profile import Profile, measure

ABILITIES = np.geomspace(0.9, 7.0, 28)
LOGS = np.log(ABILITIES)
KM = np.array([14.0, 20.0, 28.0, 40.0, 57.0, 80.0, 115.0, 160.0, 230.0])
CLIMBS = np.array([10.0, 20.0, 30.0, 42.0, 56.0, 72.0, 90.0, 115.0])  # m a km
TOLERANCE = 1e-5


def everyone(**changed: Any) -> Runner:
    """All abilities at once, as columns."""
    follows: dict[str, Any] = {
        key: np.interp(ABILITIES, ABILITY_MPS, values)[:, None]
        for key, values in WITH_ABILITY.items()
    }
    flat: Any = ABILITIES[:, None]
    return replace(at_ability(3.0), flat_speed_mps=flat, **(follows | changed))


def push_for(course: Course, profiles: Sequence[Profile], terrain: float | None = None) -> Push:
    """A whole course on coarse cells, as the bare command takes it."""
    part = list(zip(course.stages, profiles, strict=True))
    push = push_of(course, part, halts_of(course, part), 1.0)
    if terrain is not None:
        push = replace(push, terrain=np.full_like(push.terrain, terrain))
    return draws.coarse_push(push)


def log_hours(push: Push) -> np.ndarray:
    """(abilities,) log hours on the clock."""
    run = engine.run(push, everyone(), JUDGEMENT, Policy(), tolerance=TOLERANCE)
    return np.asarray(np.log((run.moving_s[:, -1] + run.stop_s.sum(axis=1)) / 3600.0))


def ability(axis: np.ndarray, log_h: float) -> float:
    """Log ability that takes some log hours on one course."""
    return float(np.interp(-log_h, -axis, LOGS))


def hours(axis: np.ndarray, log_mps: float) -> float:
    """Log hours of a log ability on one course."""
    return float(np.interp(log_mps, LOGS, axis))


@dataclass(frozen=True, eq=False)
class Made:
    """Hours on all courses that are known by length and climb alone, by interpolation."""

    table: np.ndarray  # (km, climbs, abilities) log hours

    def axes(self, km: np.ndarray, climb_m_per_km: np.ndarray) -> np.ndarray:
        """(n, abilities) log hours on n courses."""
        i, x = _between(np.log(km), np.log(KM))
        j, y = _between(np.clip(climb_m_per_km, CLIMBS[0], CLIMBS[-1]), CLIMBS)
        x, y = x[:, None], y[:, None]
        low = (1 - y) * self.table[i, j] + y * self.table[i, j + 1]
        high = (1 - y) * self.table[i + 1, j] + y * self.table[i + 1, j + 1]
        return np.asarray((1 - x) * low + x * high)


def _between(values: np.ndarray, axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval of an axis that each value is in, and how far along; straight on beyond."""
    k = np.clip(np.searchsorted(axis, values) - 1, 0, len(axis) - 2)
    return k, (values - axis[k]) / (axis[k + 1] - axis[k])


@cache
def made_courses() -> Made:
    """The table, a second's work."""
    table = np.empty((len(KM), len(CLIMBS), len(ABILITIES)))
    for i, km in enumerate(KM):
        for j, climb in enumerate(CLIMBS):
            course = made(1000.0 * float(km), float(km * climb))
            table[i, j] = log_hours(push_for(course, [measure(course.stages[0].track)]))
    return Made(table)
