"""Several results, or several outings, of one person -> one ability, its spread and its ground.

One result of a race is a noisy measurement: a slow one was partly a bad day, a fast one a good
day. So it is drawn towards the middle of those who race mountains, several results less than
one, and a result on the estimated course itself not at all. Normal errors and a normal
population give the weights (the shrinkage that psychometrics calls Kelley's, for n results
Spearman's and Brown's); their sizes were learnt from pairs of races of the same people.

Each outing gives the ability at which the fitted runner would have taken its moving time. The
ability of all outings is their mean, in which recent ones count more; two slopes say how ability
changes with length and steepness, drawn towards those of other people (`learnt`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import engine
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import (
    SLOPE_PER,
    Ground,
    Learnt,
    Seen,
    change,
    ground_of,
    learnt,
    of_outings,
    of_races,
)
from gpxstage.estimator.nouns import Policy
from gpxstage.estimator.runner import Runner, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.fit.recordings import Outing

ROAD_M_PER_KM = 10.0  # of climb: a race with less is a road race (judgement)


@dataclass(frozen=True)
class Clue:
    """One thing known of a runner, and the ability that follows from it."""

    what: str  # "10 km in 38:00"
    flat_speed_mps: float
    spread: float  # share
    here: bool = False  # raced on the course that is estimated
    ground: Ground | None = None  # of a past race


def is_mountain(clue: Clue) -> bool:
    """Whether a clue is a mountain race on another course than the estimated one."""
    ground = clue.ground
    return ground is not None and not clue.here and ground.climb_m_per_km >= ROAD_M_PER_KM


def middle_of(results: Sequence[Clue]) -> Ground | None:
    """The middle of the grounds of some results; None without any ground."""
    grounds = [clue.ground for clue in results if clue.ground is not None]
    if not grounds:
        return None
    effort_km = math.exp(float(np.mean([math.log(ground.effort_km) for ground in grounds])))
    climb = float(np.mean([ground.climb_m_per_km for ground in grounds]))
    return Ground(effort_km, climb, all(ground.made for ground in grounds))


def pooled(clues: Sequence[Clue]) -> tuple[list[Clue], Ground | None]:
    """The clues with all mountain results as one, and the ground on which that one holds.

    The ground is that of the estimated course where a result was raced there, else the middle
    of the results' grounds. Without a mountain result the clues come back with None.
    """
    results = [clue for clue in clues if is_mountain(clue)]
    others = [clue for clue in clues if not is_mountain(clue)]
    here = next((clue.ground for clue in others if clue.here and clue.ground), None)
    where = here or middle_of(results)
    if not results or where is None:
        return list(clues), None
    logs = np.array([math.log(clue.flat_speed_mps) + moved_by(clue, where) for clue in results])
    noise = np.array([noise_of(clue, where) for clue in results])
    log_mps, spread = shrunk(logs, noise)
    if here is not None:  # what is odd about the course is in the time that was raced there
        spread = math.sqrt(spread**2 + learnt().race_scatter ** 2 - day() ** 2)
    what = "; ".join(clue.what for clue in results)
    one = replace(results[0], what=what, flat_speed_mps=math.exp(log_mps), spread=spread)
    return [replace(one, ground=where), *others], where


def moved_by(clue: Clue, where: Ground) -> float:
    """Change of the log ability from where a result was raced to another ground."""
    assert clue.ground is not None
    return change(of_races(clue.ground), where)


def noise_of(clue: Clue, where: Ground) -> float:
    """Standard deviation of a result's log ability about the runner's, seen from a ground."""
    assert clue.ground is not None
    known = learnt()
    apart = known.race_apart * math.log(where.effort_km / clue.ground.effort_km)
    return math.hypot(clue.spread, apart, known.race_made if clue.ground.made else 0.0)


def shrunk(logs: Array, noise: Array) -> tuple[float, float]:
    """Log ability by some results, drawn towards the population, and its standard deviation.

    *logs* and *noise* are the results' log abilities and their standard deviations.
    """
    known, (middle, width) = learnt(), population()
    weight = noise**-2.0
    seen = np.clip(logs, math.log(known.race_least_mps), math.log(known.race_most_mps))
    sure = weight.sum() + width**-2.0
    kept = float(weight @ (seen - middle) / sure)
    outside = float(weight @ (logs - seen) / weight.sum())  # further pull was not seen
    return middle + kept + outside, math.sqrt(1.0 / sure)


def population(known: Learnt | None = None) -> tuple[float, float]:
    """Mean and standard deviation of the log abilities of those who race mountains.

    *known* are the numbers of pairs of races, by default as learnt.
    """
    known = known or learnt()
    noise = math.hypot(known.race_scatter, known.race_made)  # of those it was learnt from
    return math.log(known.race_middle_mps), noise * math.sqrt(
        known.race_kept / (1.0 - known.race_kept)
    )


def day() -> float:
    """Standard deviation of one result on a course about the runner's ability there."""
    return learnt().race_again / math.sqrt(2.0)  # the two of a pair differ by both


def of_next(spread: float, *, here: bool, ground: Ground | None) -> float:
    """The spread of the ability in the next race, for an ability that is known to *spread*.

    *ground* is that of the mountain races it is known from. Without them the spread stays, as
    the changes by course and day are drawn separately.
    """
    if here:
        return math.hypot(spread, day())
    return spread if ground is None else math.hypot(spread, learnt().race_scatter)


YEAR_S = 365.25 * 86_400.0
WIDEST, COUNT = 0.8, 9  # of log ability about the fitted one, and how many are tried between
TOLERANCE = 1e-4  # of the moving time


@dataclass(frozen=True, eq=False)
class Placed:
    """The ability by n outings together."""

    flat_speed_mps: float  # in their middle
    spread: float  # of the next outing's ability
    seen: Seen
    logs: Array  # (n,) log ability of each by itself
    residuals: Array  # (n,) what the two slopes leave over
    # of length and steepness: value, spread
    slopes: tuple[tuple[float, float], tuple[float, float]]


def ages(
    outings: Sequence[Outing], at_s: float | None = None, known: Learnt | None = None
) -> Array:
    """(n,) weight of each outing: the nearest in time to *at_s* has 1, and older ones have less.

    *at_s* is in seconds since 1970, by default the time of the newest outing.
    """
    begin_s = np.array([outing.start_s for outing in outings])
    if not np.isfinite(begin_s).all():
        return np.ones(len(outings))
    away_y = np.abs(begin_s - (begin_s.max() if at_s is None else at_s)) / YEAR_S
    return np.asarray(0.5 ** ((away_y - away_y.min()) / (known or learnt()).outing_half_life_y))


def ground(outing: Outing) -> Ground:
    """The ground of an outing."""
    length_m = np.diff(outing.push.edge_m)
    gain_m = float(np.maximum(outing.push.grade, 0.0) @ length_m)
    return ground_of(float(length_m.sum()), gain_m)


def own_ability(outing: Outing, runner: Runner) -> float:
    """Log ability at which a runner would take the moving time of an outing."""
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
    """The ability by some outings, for a runner whose other numbers are fitted to them.

    *at_s* is the time for which the ability is wanted, seconds since 1970, by default that of
    the newest outing. *known* are numbers of other people, by default as learnt.
    """
    known = known or learnt()
    weight = ages(outings, at_s, known)
    grounds = [ground(outing) for outing in outings]
    logs = np.array([own_ability(outing, runner) for outing in outings])
    about = np.array([[math.log(g.effort_km), g.climb_m_per_km / SLOPE_PER] for g in grounds])
    middle, mean = weight @ about / weight.sum(), float(weight @ logs / weight.sum())
    slopes, sure = _slopes(about - middle, logs - mean, weight, known)
    residuals = logs - mean - (about - middle) @ slopes
    efforts, climbs = np.exp(about[:, 0]).tolist(), (SLOPE_PER * about[:, 1]).tolist()
    seen = of_outings(
        known,
        Ground(math.exp(middle[0]), SLOPE_PER * float(middle[1])),
        ((min(efforts), max(efforts)), (min(climbs), max(climbs))),
        (float(slopes[0]), float(slopes[1])),
        max(outing.moving_s for outing in outings) / 3600.0,
    )
    both = ((seen.length, float(sure[0])), (seen.steepness, float(sure[1])))
    return Placed(math.exp(mean), spread_of(residuals, weight, known), seen, logs, residuals, both)


def _slopes(about: Array, logs: Array, weight: Array, known: Learnt) -> tuple[Array, Array]:
    """Slopes of length and steepness, and their spreads; the prior is that of other people."""
    prior = np.array([known.outing_length, known.outing_steepness])
    sure = (
        known.outing_scatter / np.array([known.outing_length_sd, known.outing_steepness_sd])
    ) ** 2
    square = about.T @ (about * weight[:, None]) + np.diag(sure)
    slopes = np.linalg.solve(square, about.T @ (weight * logs) + sure * prior)
    return slopes, known.outing_scatter * np.sqrt(np.diag(np.linalg.inv(square)))


def spread_of(residuals: Array, weight: Array, known: Learnt) -> float:
    """The spread of the next outing: its own scatter, and how well the mean is known.

    The scatter is drawn towards that of other people.
    """
    counts = float(weight.sum() ** 2 / (weight @ weight))
    squares = float(weight @ np.square(residuals)) / float(weight.sum()) * counts
    prior = known.outing_scatter_counts
    variance = (prior * known.outing_scatter**2 + squares) / (prior + max(counts - 1.0, 0.0))
    return known.outing_drawn * math.sqrt(variance * (1.0 + 1.0 / counts))
