"""Does the range from p10 to p90 hold? Of left-out races and people, by what is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.fit import made
from gpxstage.estimator.learnt import Learnt, learnt
from gpxstage.estimator.runner import LEVELS
from gpxstage.profile import measure
from validation import axis, bands, kinds, pairs, persons
from validation.folders import Folders
from validation.pairs import Pairs

KM, CLIMBS = (25.0, 60.0, 120.0, 200.0), (20.0, 45.0, 75.0)


@dataclass(frozen=True, eq=False)
class Range:
    """n cases of one kind."""

    held: np.ndarray  # (n,) bool
    half: np.ndarray  # (n,) half-width, share
    weight: np.ndarray

    @property
    def coverage(self) -> float:
        """Share of the cases that lie within."""
        return float(np.average(self.held, weights=self.weight))

    @property
    def half_width(self) -> float:
        """Of the median case."""
        return pairs.quantile(self.half, self.weight, 0.5)


@cache
def _by_figures() -> dict[tuple[int, int], bands.Bands]:
    """On made courses, a few lengths and climbs."""
    found = {}
    for i, km in enumerate(KM):
        for j, climb in enumerate(CLIMBS):
            course = made(1000.0 * km, km * climb)
            push = axis.push_for(course, [measure(course.stages[0].track)])
            found[i, j] = bands.bands_of(push, draws.WITH_OWN)
    return found


def _ranged(each: Pairs, told: np.ndarray, width: np.ndarray) -> Range:
    """Ranges on the nearest made course: what is not of the ability hardly differs."""
    km = each.effort_km[:, 1] / (1.0 + each.climb[:, 1] / 100.0)
    near = np.abs(np.log(km)[:, None] - np.log(KM)).argmin(axis=1)
    steep = np.abs(each.climb[:, 1][:, None] - np.array(CLIMBS)).argmin(axis=1)
    band = np.empty((len(told), 2))
    for (i, j), table in _by_figures().items():
        here = (near == i) & (steep == j)
        if here.any():
            band[here] = table.at(told[here], width[here])
    miss = each.log_h[:, 1] - each.hours(told)
    return Range(bands.held(band, miss), bands.half_width(band), each.weight)


def _part(whole: Range, used: np.ndarray) -> Range:
    return Range(whole.held[used], whole.half[used], whole.weight[used])


@cache
def by_figures(folders: Folders, known: Learnt) -> Range:
    """A race known by length and climb from another: events and people left out."""
    each = pairs.by_figures(folders)
    return _ranged(each, pairs.left_out(folders, known), pairs.spread_of(each, known))


@cache
def by_tracks(folders: Folders, known: Learnt) -> tuple[Range, Range]:
    """With tracks: another course, and the same course again."""
    each = pairs.by_tracks(folders)
    told = pairs.tracks_left_out(folders, known)
    width = np.where(each.same, known.race_again, pairs.spread_of(each, known))
    whole = _ranged(each, told, width)
    return _part(whole, ~each.same), _part(whole, each.same)


@cache
def of_outings(folders: Folders, *, mixed: bool = False) -> Range:
    """A left-out outing by a runner fitted to the same person's others."""
    told = persons.left_out(folders, mixed=mixed)
    band = np.array([persons.band_of(t) for t in told])
    miss = np.array([-np.log1p(t.error) for t in told])
    return Range(bands.held(band, miss), bands.half_width(band), np.ones(len(told)))


@cache
def of_levels(folders: Folders) -> tuple[Range, Range]:
    """Levels in fields by figures, and in those of the races with results; events left out."""
    return _levels(folders, kinds.by_places(folders)), _levels(folders, kinds.by_results(folders))


def _levels(folders: Folders, each: kinds.Fields) -> Range:
    sets = (kinds.by_places(folders), kinds.by_results(folders))
    miss, half = np.empty(len(each.event)), np.empty(len(each.event))
    for event in np.unique(each.event):
        here = each.event == event
        known = kinds.fit(sets, learnt(), without=str(event))
        miss[here] = kinds.miss(each, known)[here]
        half[here] = [getattr(known, f"level_spread_{level}") for level in each.level[here]]
    rest = _other_spread()
    width = pairs.EIGHT_OF_TEN * np.hypot(half, [rest[level] for level in each.level])
    held = np.abs(miss) <= width
    return Range(held, np.sinh(width), np.ones(len(held)))


@cache
def _other_spread() -> dict[str, float]:
    """What the draws add to how fields differ, of log time, on a course of 100 km."""
    course = made(100_000.0, 4500.0)
    push = axis.push_for(course, [measure(course.stages[0].track)])
    found = {}
    for name, runner in LEVELS.items():
        low, high = bands.band_of(push, runner, draws.WITH_OWN)
        found[name] = float(high - low) / 2.0 / pairs.EIGHT_OF_TEN
    return found
