"""Results of mountain races -> the ability they tell, how surely, and on what ground.

One result is a noisy measurement: a slow one was partly a bad day, a fast one a good day. So it
is drawn towards the middle of those who race mountains, several results less than one, and a
result on the very course that is asked about not at all. Normal errors and a normal population
give the weights (the shrinkage that psychometrics calls Kelley's, for n results
Spearman's and Brown's); their sizes were learnt from pairs of races of the same people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.learnt import Ground, change, learnt, of_races

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.learnt import Learnt

ROAD_M_PER_KM = 10.0  # of climb: a race with less is a road race (judgement)


@dataclass(frozen=True)
class Clue:
    """One thing known of a runner and the ability it speaks for."""

    what: str  # "10 km in 38:00"
    flat_speed_mps: float
    spread: float  # share
    here: bool = False  # raced on the very course that is asked about
    ground: Ground | None = None  # of a past race


def is_mountain(clue: Clue) -> bool:
    """A result of the kind that the table was learnt from, on another course than asked about."""
    ground = clue.ground
    return ground is not None and not clue.here and ground.climb_m_per_km >= ROAD_M_PER_KM


def middle_of(results: Sequence[Clue]) -> Ground | None:
    """The ground in the middle of those of some results; None of none."""
    grounds = [clue.ground for clue in results if clue.ground is not None]
    if not grounds:
        return None
    effort_km = math.exp(float(np.mean([math.log(ground.effort_km) for ground in grounds])))
    climb = float(np.mean([ground.climb_m_per_km for ground in grounds]))
    return Ground(effort_km, climb, all(ground.made for ground in grounds))


def pooled(clues: Sequence[Clue]) -> tuple[list[Clue], Ground | None]:
    """The clues with all mountain results as one, and the ground on which that holds.

    That is the course asked about where one was raced there, else the middle of the results'.
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
    """Log ability that results tell, and how surely.

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

    *known* is what pairs of races say, as learnt if not given.
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
    """How far the next race may be off, where the ability is known to a spread.

    Known by no mountain race, all that a course and a day may change is drawn besides.
    """
    if here:
        return math.hypot(spread, day())
    return spread if ground is None else math.hypot(spread, learnt().race_scatter)
