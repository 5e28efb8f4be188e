"""The terrain of a race, from what earlier fields needed on it.

A field is measured by the abilities that its times need. fields.tsv holds the abilities of fields
elsewhere; the terrain is the one on which this field is most like them. Times alone cannot
separate a strong field from smooth ground: the spread of the terrain includes this doubt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import units
from gpxstage.course import CourseError
from gpxstage.estimator.learnt import table
from gpxstage.estimator.runner import Runner, finishing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array, Course, Result

# places in a field and the share of the field that is faster
PLACES = {"winner": 0.0, "p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}
TERRAINS = np.linspace(0.0, 1.0, 6)  # what is run; between them it is a matter of lines
ABILITIES_MPS = np.geomspace(0.8, 9.0, 14)
FINE = np.linspace(0.0, 1.0, 101)  # where terrain is looked for
REFERENCE_H = 24.0  # fields.tsv gives abilities of places that need so long
REFERENCE_FIELD = 1500.0  # finishers of the fields in it, of whom the winner is the best
UNSAID_FINISHERS = 100  # of a field whose size is not given (judgement)

# Judgement. The prior spans roads and scrambles. Between two fields of one kind, as shares of
# the ability: how much stronger the one is as a whole; and the same race in another year, by
# weather and course (docs/accuracy.md: 5 % of the time). Within a field: its spread.
PRIOR, PRIOR_SPREAD = 0.4, 0.3
BETWEEN_FIELDS, BETWEEN_YEARS, WITHIN_FIELD = 0.03, 0.03, 0.15
WINNER_SPREAD = 0.04  # of the best of a field against what its size makes likely
SMALL_FIELD = 50  # finishers a year: fewer may be another kind of people each year (judgement)
UNEXPLAINED = 0.08  # of the ability: a note says so where no terrain explains more than this


@dataclass(frozen=True, eq=False)
class Fields:
    """Abilities in fields elsewhere: k of PLACES, by the time that a place needs."""

    places: tuple[str, ...]
    flat_speed_mps: Array  # (k,) of a place that needs REFERENCE_H
    slope: Array  # (k,) of its logarithm per unit of ln hours: long races draw other fields
    spread: Array  # (k,) of its logarithm between fields

    def rows(self, places: Sequence[str]) -> list[int]:
        """The rows of these places."""
        return [self.places.index(place) for place in places]

    def log_mps(self, places: Sequence[str], hours: Array) -> Array:
        """(j,) logarithms of the abilities of j places that need these hours."""
        rows = self.rows(places)
        growth = self.slope[rows] * np.log(hours / REFERENCE_H)
        return np.asarray(np.log(self.flat_speed_mps[rows]) + growth)


@dataclass(frozen=True, eq=False)
class Chart:
    """Log hours that a course takes, by terrain (t,) and by log ability (a,), rising."""

    terrain: Array
    log_mps: Array
    log_h: Array  # (t, a)

    def hours(self, log_mps: Array, terrain: float) -> Array:
        """What abilities take on a terrain; beyond the chart along its last line."""
        return np.exp(_line(log_mps, self.log_mps, self._at(terrain)))

    def ability(self, hours: Array, terrain: float) -> Array:
        """Log abilities that take so many hours on a terrain."""
        return _line(np.log(hours), self._at(terrain)[::-1], self.log_mps[::-1])

    def _at(self, terrain: float) -> Array:
        return np.array([np.interp(terrain, self.terrain, column) for column in self.log_h.T])


@dataclass(frozen=True, eq=False)
class Needed:
    """What a field needed: k places, each the mean of the years in which its time is known."""

    places: tuple[str, ...]
    hours: Array  # (k,)
    finishers: Array  # (k,) of all these years together
    years_known: Array  # (k,) how many years these are
    years: int
    unsaid: bool = field(default=False)  # a size of a field had to be assumed


@dataclass(frozen=True, eq=False)
class FoundTerrain:
    """A terrain, how sure it is, and how this field compares on it with fields elsewhere."""

    terrain: float
    spread: float
    needed: Needed
    flat_speed_mps: Array  # (k,) that each place needs on this terrain
    stronger: Array  # (k,) share of the ability by which this field is the stronger one
    notes: tuple[str, ...] = ()


@cache
def elsewhere() -> Fields:
    """fields.tsv, as scripts/validate.py writes it."""
    rows = table("fields")
    numbers = np.array([[float(value) for value in row[1:]] for row in rows])
    return Fields(tuple(row[0] for row in rows), *numbers.T)


def chart(time_of: Callable[[float, Runner], float]) -> Chart:
    """Run a course for all terrains and abilities; *time_of* gives elapsed seconds."""
    runners = [finishing(float(mps)) for mps in ABILITIES_MPS]
    rows = [
        [time_of(float(terrain), runner) / 3600.0 for runner in runners] for terrain in TERRAINS
    ]
    return Chart(TERRAINS, np.log(ABILITIES_MPS), np.log(rows))


def moved(course: Course, shift: float) -> Course:
    """The course on other ground: all its terrains moved, between 0 and 1."""
    return replace(course, stages=tuple(stage.terrain_moved(shift) for stage in course.stages))


def needed(results: Sequence[Result], where: str = "results") -> Needed:
    """Mean of logarithms over the years, place by place.

    Raises CourseError where no result holds a time.
    """
    places, hours, finishers, years = [], [], [], []
    for place in PLACES:
        times = [(getattr(result, f"{place}_s"), result.finishers) for result in results]
        known = [(time_s, count) for time_s, count in times if time_s is not None]
        if known:
            places.append(place)
            hours.append(math.exp(np.mean([math.log(time_s / 3600.0) for time_s, _ in known])))
            finishers.append(float(sum(count or UNSAID_FINISHERS for _, count in known)))
            years.append(float(len(known)))
    if not places:
        raise CourseError(f"{where}: no times: {', '.join(PLACES)} are what is looked for")
    unsaid = any(result.finishers is None for result in results)
    columns = (np.array(hours), np.array(finishers), np.array(years))
    return Needed(tuple(places), *columns, len(results), unsaid)


def find(
    field_: Needed, course: Chart, fields: Fields | None = None, *, where: str = "results"
) -> FoundTerrain:
    """The terrain on which a field is most like fields elsewhere, and how sure that is.

    Raises CourseError for times that no runner's could be.
    """
    fields = fields or elsewhere()
    like = _like(fields, field_)
    ability = np.array([course.ability(field_.hours, float(terrain)) for terrain in FINE])
    _possible(field_, ability, where)
    off = ability - like
    spread = fields.spread[fields.rows(field_.places)]
    precision = np.asarray(np.linalg.inv(_covariance(spread, field_)), dtype=np.float64)
    cost = np.einsum("tk,kl,tl->t", off, precision, off) + ((FINE - PRIOR) / PRIOR_SPREAD) ** 2
    weight = np.exp(-0.5 * (cost - cost.min()))
    weight /= weight.sum()
    terrain = float(weight @ FINE)
    sure = math.sqrt(float(weight @ (FINE - terrain) ** 2))
    here = course.ability(field_.hours, terrain)
    notes = _notes(field_, here - like, precision)
    return FoundTerrain(terrain, sure, field_, np.exp(here), np.expm1(here - like), notes)


def _like(fields: Fields, field_: Needed) -> Array:
    """(k,) log abilities of fields like this one; the best of few are slower than of many."""
    like = fields.log_mps(field_.places, field_.hours)
    if field_.places[0] == "winner" and not field_.unsaid:
        mean = field_.finishers[0] / field_.years_known[0]
        like[0] -= WITHIN_FIELD * (_best(REFERENCE_FIELD) - _best(mean))
    return like


def _best(count: float) -> float:
    """How many standard deviations above the middle the best of so many lies."""
    return NormalDist().inv_cdf(count / (count + 1.0))


def _covariance(spread: Array, field_: Needed) -> Array:
    """(k, k) of how a field's abilities lie off those of fields elsewhere."""
    normal, shares = NormalDist(), [PLACES[place] for place in field_.places]
    of_any_size = WITHIN_FIELD * (_best(REFERENCE_FIELD) - _best(UNSAID_FINISHERS))
    best = math.hypot(WINNER_SPREAD, of_any_size if field_.unsaid else 0.0)
    sampled = [
        best**2 / years
        if share == 0.0
        else WITHIN_FIELD**2
        * share
        * (1.0 - share)
        / count
        / normal.pdf(normal.inv_cdf(share)) ** 2
        for share, count, years in zip(shares, field_.finishers, field_.years_known, strict=True)
    ]
    whole = BETWEEN_FIELDS**2 + BETWEEN_YEARS**2 / field_.years
    return np.diag(spread**2 + np.array(sampled)) + whole


def _possible(field_: Needed, ability: Array, where: str) -> None:
    low, high = np.log(ABILITIES_MPS[[0, -1]])
    for place, hours, column in zip(field_.places, field_.hours, ability.T, strict=True):
        if column.min() > high or column.max() < low:
            pace = "so fast" if column.min() > high else "so slow"
            time = units.hours(3600.0 * hours)
            raise CourseError(f"{where}: {place} {time} h: no runner is {pace} on this course")


def _notes(field_: Needed, left: Array, precision: Array) -> tuple[str, ...]:
    """Notes of what the terrain does not explain, and of what had to be assumed."""
    notes = []
    weights = precision.sum(axis=0)
    rest, sure = float(weights @ left / weights.sum()), float(weights.sum()) ** -0.5
    if abs(rest) > max(UNEXPLAINED, 2.0 * sure):
        notes.append(
            f"no terrain explains these results: on the one found the field is"
            f" {100.0 * abs(math.expm1(rest)):.0f} % {'stronger' if rest > 0 else 'weaker'}"
            " than fields elsewhere; was it this course?"
        )
    mean = float((field_.finishers / field_.years_known).max())
    if mean < SMALL_FIELD:
        notes.append(f"fields of about {mean:.0f} finishers: so few are weak evidence")
    if field_.unsaid:
        notes.append(
            f"results without their number of finishers count as {UNSAID_FINISHERS} of them"
        )
    return tuple(notes)


def _line(at: Array, known: Array, values: Array) -> Array:
    """Linear between rising *known*, and on along the first and the last line beyond them."""
    k = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    slope = (values[k] - values[k - 1]) / (known[k] - known[k - 1])
    return np.asarray(values[k - 1] + slope * (at - known[k - 1]))
