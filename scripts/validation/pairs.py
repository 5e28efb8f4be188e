"""A race from another race of the same person: 2,529 pairs, and 801 whose courses are tracks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from gpxstage.estimator.fit.pooling import population
from gpxstage.estimator.learnt import RACE_CLIMB_M_PER_KM, RACE_REACH, SLOPE_PER, Learnt, ground_of
from validation import axis
from validation.folders import Folders

FOLDS, SEED = 12, 1
EIGHT_OF_TEN = 1.2816
HELD = 0.775  # of ranges of 80 %: within 75 to 85, and as narrow as that allows
COLUMNS = ("middle", "kept", "length", "steepness")


@dataclass(frozen=True, eq=False)
class Pairs:
    """n pairs of races that one person finished, a the earlier."""

    person: np.ndarray
    events: np.ndarray  # (n, 2) names, without the race's own
    same: np.ndarray  # (n,) the same course twice
    weight: np.ndarray  # what a row stands for in the whole pool
    days: np.ndarray
    log_h: np.ndarray  # (n, 2)
    effort_km: np.ndarray  # (n, 2)
    climb: np.ndarray  # (n, 2) m a km
    axes: tuple[np.ndarray, np.ndarray]  # (n, abilities) log hours of both courses
    made: bool  # the courses are known by length and climb alone

    @property
    def logs(self) -> np.ndarray:
        """(n, 2) log abilities that the times ask for."""
        return _abilities(self)

    def hours(self, log_mps: np.ndarray) -> np.ndarray:
        """(n,) log hours of abilities in the later race."""
        each = zip(self.axes[1], log_mps, strict=True)
        return np.array([axis.hours(row, value) for row, value in each])


@cache
def _abilities(pairs: Pairs) -> np.ndarray:
    return np.array(
        [
            [axis.ability(row, h) for row, h in zip(rows, pairs.log_h[:, k], strict=True)]
            for k, rows in enumerate(pairs.axes)
        ]
    ).T


def _numbers(rows: list[dict[str, str]], *names: str) -> np.ndarray:
    return np.array([[float(row[name] or "nan") for name in names] for row in rows])


def _shared(rows: list[dict[str, str]]) -> dict[str, np.ndarray]:
    return {
        "person": np.array([int(row["person"]) for row in rows]),
        "events": np.array([[row[k].split(" ")[0] for k in ("race_a", "race_b")] for row in rows]),
        "same": np.array([row["same_course"] == "1" for row in rows]),
        "weight": _numbers(rows, "weight")[:, 0],
        "days": _numbers(rows, "days")[:, 0],
        "log_h": np.log(_numbers(rows, "time_a_s", "time_b_s") / 3600.0),
    }


@cache
def by_figures(folders: Folders) -> Pairs:
    """Courses known by kilometres and climb alone."""
    rows = folders.rows("results/same-person-pairs.tsv")
    km, gain = _numbers(rows, "km_a", "km_b"), _numbers(rows, "gain_a_m", "gain_b_m")
    made = axis.made_courses()
    axes = tuple(made.axes(km[:, k], gain[:, k] / km[:, k]) for k in (0, 1))
    return Pairs(
        **_shared(rows),
        effort_km=km + gain / 100.0,
        climb=gain / km,
        axes=(axes[0], axes[1]),
        made=True,
    )


@cache
def by_tracks(folders: Folders) -> Pairs:
    """Courses that are tracks, on the terrain that the bare command takes."""
    rows = folders.rows("results/same-person-pairs-gpx.tsv")
    known = {}
    for name in sorted({row[key] for row in rows for key in ("gpx_a", "gpx_b")}):
        course, profiles = folders.measured(f"courses/{name}")
        length_m, gain_m = (
            sum(each) for each in zip(*((p.length_m, p.gain_m) for p in profiles), strict=True)
        )
        known[name] = (ground_of(length_m, gain_m), axis.log_hours(axis.push_for(course, profiles)))
    both = [[known[row[key]] for key in ("gpx_a", "gpx_b")] for row in rows]
    return Pairs(
        **_shared(rows),
        effort_km=np.array([[one[0].effort_km for one in row] for row in both]),
        climb=np.array([[one[0].climb_m_per_km for one in row] for row in both]),
        axes=(np.array([a[1] for a, _ in both]), np.array([b[1] for _, b in both])),
        made=False,
    )


def features(pairs: Pairs) -> np.ndarray:
    """(n, 4) what the log ability in the later race is a sum of, in the order of COLUMNS."""
    longer = np.clip(np.log(pairs.effort_km[:, 1] / pairs.effort_km[:, 0]), -RACE_REACH, RACE_REACH)
    climb = np.clip(pairs.climb, *RACE_CLIMB_M_PER_KM)
    steeper = (climb[:, 1] - climb[:, 0]) / SLOPE_PER
    return np.column_stack([np.ones(len(longer)), pairs.logs[:, 0], longer, steeper])


def regressed(pairs: Pairs, used: np.ndarray) -> np.ndarray:
    """(4,) the sum's weights, by the pairs' weights."""
    root = np.sqrt(pairs.weight[used])
    rows, right = features(pairs)[used] * root[:, None], pairs.logs[used, 1] * root
    return np.asarray(np.linalg.lstsq(rows, right, rcond=None)[0])


def constants(fit: np.ndarray, known: Learnt) -> Learnt:
    """The table with a regression's numbers."""
    begin, kept, length, steepness = (float(value) for value in fit)
    middle = math.exp(begin / (1.0 - kept))
    return replace(
        known,
        race_middle_mps=middle,
        race_kept=kept,
        race_length=length,
        race_steepness=steepness,
    )


def carried(pairs: Pairs, known: Learnt) -> np.ndarray:
    """(n,) log abilities in the later race, as `fit.combine` and `seen.moved` have them.

    On the same course nothing is drawn anywhere, where the course is a track; two courses of
    the same length and climb may be two courses.
    """
    _, _, longer, steeper = features(pairs).T
    own, middle = pairs.logs[:, 0], math.log(known.race_middle_mps)
    seen = np.clip(own, math.log(known.race_least_mps), math.log(known.race_most_mps))
    told = middle + kept(pairs, known) * (seen - middle) + own - seen
    told += known.race_length * longer + known.race_steepness * steeper
    return np.where(pairs.same, own, told) if not pairs.made else told


def kept(pairs: Pairs, known: Learnt) -> float:
    """Of one result's distance from the middle; more where the course is a track."""
    (_, width), made = population(known), known.race_made if pairs.made else 0.0
    return 1.0 / (1.0 + (known.race_scatter**2 + made**2) / width**2)


def folds(pairs: Pairs) -> list[tuple[np.ndarray, np.ndarray]]:
    """(scored, learnt from): a twelfth of the events each; no event or person is in both."""
    names = np.unique(pairs.events)
    number = dict(
        zip(names, np.random.default_rng(SEED).integers(0, FOLDS, len(names)), strict=True)
    )
    fold = np.vectorize(number.get)(pairs.events)
    found = []
    for k in range(FOLDS):
        here = fold[:, 1] == k
        rest = (fold != k).all(axis=1) & ~np.isin(pairs.person, pairs.person[here]) & ~pairs.same
        found.append((here, rest))
    return found


@cache
def left_out(folders: Folders, known: Learnt) -> np.ndarray:
    """(n,) log abilities told by constants of other events and other people."""
    pairs = by_figures(folders)
    told = np.empty(len(pairs.person))
    for here, rest in folds(pairs):
        told[here] = carried(pairs, constants(regressed(pairs, rest), known))[here]
    return told


@cache
def tracks_left_out(folders: Folders, known: Learnt) -> np.ndarray:
    """(n,) the same with tracks: constants of pairs by figures, of other events and people."""
    pairs, others = by_tracks(folders), by_figures(folders)
    rest = ~np.isin(others.events, np.unique(pairs.events)).any(axis=1)
    rest &= ~np.isin(others.person, pairs.person) & ~others.same
    return carried(pairs, constants(regressed(others, rest), known))


def spread_of(each: Pairs, known: Learnt) -> np.ndarray:
    """(n,) spread of the next race's log ability, as `fit.combine` and `seen.moved` have it.

    By figures alone the later course adds as much as the earlier one.
    """
    noise, made = known.race_scatter**2, known.race_made**2 if each.made else 0.0
    ability = kept(each, known) * (noise + made)
    apart = known.race_apart * np.abs(features(each)[:, 2])
    return np.sqrt(ability + noise + made + apart**2)


def quantile(values: np.ndarray, weight: np.ndarray, share: float) -> float:
    """Weighted."""
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def figures(error: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    """Median and 80th percentile of the error's size, and the mean of its logarithm."""
    size = np.abs(np.expm1(error))
    return (
        quantile(size, weight, 0.5),
        quantile(size, weight, 0.8),
        float(np.average(error, weights=weight)),
    )


def _naismith(km: np.ndarray, gain_m: np.ndarray) -> np.ndarray:
    return km / 5.0 + gain_m / 600.0


Rule = Callable[[Pairs], np.ndarray]  # log hours of the later race


def _power(cost: Callable[[np.ndarray, np.ndarray], np.ndarray], exponent: float) -> Rule:
    def rule(pairs: Pairs) -> np.ndarray:
        km = pairs.effort_km / (1.0 + pairs.climb / 100.0)
        whole = np.log(cost(km, pairs.climb * km))
        return pairs.log_h[:, 0] + exponent * (whole[:, 1] - whole[:, 0])

    return rule


RULES: dict[str, Rule] = {
    "km-effort": _power(lambda km, gain_m: km + gain_m / 100.0, 1.0),
    "km-effort, exponent 1.15": _power(lambda km, gain_m: km + gain_m / 100.0, 1.15),
    "km-effort, exponent 1.25": _power(lambda km, gain_m: km + gain_m / 100.0, 1.25),
    "km-effort, exponent 1.30": _power(lambda km, gain_m: km + gain_m / 100.0, 1.30),
    "Naismith": _power(_naismith, 1.0),
    "Naismith, exponent 1.15": _power(_naismith, 1.15),
    "Naismith, exponent 1.25": _power(_naismith, 1.25),
    "Riegel: distance, exponent 1.06": _power(lambda km, gain_m: km, 1.06),
}
