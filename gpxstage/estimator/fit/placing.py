"""Outings of one person -> the ability they tell, how surely, and how it goes with the ground.

Each outing gives the ability at which the fitted runner would have taken its moving time. What
they say together is their mean, recent ones counting more; how they go with length and
steepness are two slopes, drawn towards what other people's do (`runner.learnt`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import engine
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import (
    OUTING_CLIMB_M_PER_KM,
    OUTING_REACH,
    SLOPE_PER,
    Ground,
    Learnt,
    Seen,
    ground_of,
    learnt,
)
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.fit.outings import Outing
    from gpxstage.estimator.runner import Runner

YEAR_S = 365.25 * 86_400.0
WIDEST, COUNT = 0.8, 9  # of log ability about the fitted one, and how many are tried between
TOLERANCE = 1e-4  # of the moving time


@dataclass(frozen=True, eq=False)
class Placed:
    """What n outings tell together."""

    flat_speed_mps: float  # in their middle
    spread: float  # how far the next outing's ability may be off
    seen: Seen
    logs: Array  # (n,) log ability of each by itself
    residuals: Array  # (n,) and what the two slopes leave of it
    slopes: tuple[
        tuple[float, float], tuple[float, float]
    ]  # of length and steepness: value, spread


def ages(
    outings: Sequence[Outing], at_s: float | None = None, known: Learnt | None = None
) -> Array:
    """(n,) what each outing counts for: half after a time; the newest counts 1, if not *at_s*."""
    begin_s = np.array([outing.start_s for outing in outings])
    if not np.isfinite(begin_s).all():
        return np.ones(len(outings))
    away_y = np.abs(begin_s - (begin_s.max() if at_s is None else at_s)) / YEAR_S
    return np.asarray(0.5 ** ((away_y - away_y.min()) / (known or learnt()).outing_half_life_y))


def ground(outing: Outing) -> Ground:
    """Of an outing."""
    length_m = np.diff(outing.push.edge_m)
    gain_m = float(np.maximum(outing.push.grade, 0.0) @ length_m)
    return ground_of(float(length_m.sum()), gain_m)


def own_ability(outing: Outing, runner: Runner) -> float:
    """Log ability at which a runner takes an outing's moving time."""
    tried = math.log(runner.flat_speed_mps) + np.linspace(-WIDEST, WIDEST, COUNT)
    each = at(runner, np.exp(tried)[:, None])
    each = replace(each, stops=0.0, sleep=0.0)
    done = engine.run(outing.push, each, JUDGEMENT, Policy(), tolerance=TOLERANCE)
    return float(np.interp(-math.log(outing.moving_s), -np.log(done.moving_s[:, -1]), tried))


def placed(
    outings: Sequence[Outing],
    runner: Runner,
    at_s: float | None = None,
    known: Learnt | None = None,
) -> Placed:
    """What outings tell of a runner whose shape is fitted to them.

    *at_s* is when the ability is wanted for, seconds since 1970; else the newest outing's time.
    *known* is what other people's outings say, as learnt if not given.
    """
    known = known or learnt()
    weight = ages(outings, at_s, known)
    grounds = [ground(outing) for outing in outings]
    logs = np.array([own_ability(outing, runner) for outing in outings])
    about = np.array([[math.log(g.effort_km), g.climb_m_per_km / SLOPE_PER] for g in grounds])
    middle, mean = weight @ about / weight.sum(), float(weight @ logs / weight.sum())
    slopes, sure = _slopes(about - middle, logs - mean, weight, known)
    residuals = logs - mean - (about - middle) @ slopes
    efforts, climbs = np.exp(about[:, 0]), SLOPE_PER * about[:, 1]
    seen = Seen(
        Ground(math.exp(middle[0]), SLOPE_PER * float(middle[1])),
        (float(efforts.min()), float(efforts.max())),
        (float(climbs.min()), float(climbs.max())),
        float(slopes[0]),
        float(slopes[1]),
        OUTING_REACH,
        OUTING_CLIMB_M_PER_KM,
        known.race_apart,
        max(outing.moving_s for outing in outings) / 3600.0,
    )
    both = ((seen.length, float(sure[0])), (seen.steepness, float(sure[1])))
    return Placed(math.exp(mean), spread_of(residuals, weight, known), seen, logs, residuals, both)


def _slopes(about: Array, logs: Array, weight: Array, known: Learnt) -> tuple[Array, Array]:
    """Of length and steepness: least squares with what other people's are as a prior."""
    prior = np.array([known.outing_length, known.outing_steepness])
    sure = (
        known.outing_scatter / np.array([known.outing_length_sd, known.outing_steepness_sd])
    ) ** 2
    square = about.T @ (about * weight[:, None]) + np.diag(sure)
    slopes = np.linalg.solve(square, about.T @ (weight * logs) + sure * prior)
    return slopes, known.outing_scatter * np.sqrt(np.diag(np.linalg.inv(square)))


def spread_of(residuals: Array, weight: Array, known: Learnt) -> float:
    """How far the next outing may be off: its own scatter, and how well the mean is known.

    The scatter is drawn towards other people's.
    """
    counts = float(weight.sum() ** 2 / (weight @ weight))
    squares = float(weight @ np.square(residuals)) / float(weight.sum()) * counts
    prior = known.outing_scatter_counts
    variance = (prior * known.outing_scatter**2 + squares) / (prior + max(counts - 1.0, 0.0))
    return known.outing_drawn * math.sqrt(variance * (1.0 + 1.0 / counts))
