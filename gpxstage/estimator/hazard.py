"""The legs of a push between its nodes: hours awake, sleepiness, and the hazard of a collapse.

What nobody's collapse changes is worked out once for all legs of all draws: when each leg ends,
and how many hours awake and asleep lie before it. `collapse` says where the numbers come from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import sleepiness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Push, Run

    Pair = tuple[Array, Array]

PER_POINT = float(np.log(185.0 / 28.2))  # of the scale; Ingre 2006, from 8 to 9
DAY_H = 15.84  # awake a day leave nothing behind; Van Dongen 2003
PAID_H = DAY_H / (24.0 - DAY_H)  # hours awake that an hour of sleep makes good
DEBT_H = 72.0  # hours awake that no sleep made good, at which the rate is as given
FIGHTING = 9.0  # the scale's last point: fighting sleep
NOON_H = 12.0  # a night lies between two noons
NODE_S = 1200.0  # the hazard is worked out so often on the way


@dataclass(frozen=True, eq=False)
class Way:
    """A push on m nodes, for d draws or for one: (d, ...) or (1, ...)."""

    at_m: Array  # (m,)
    moving_h: Array  # (d, m)
    site_node: NDArray[np.int64]  # (k,) where each site is
    rest_h: Array  # (d, k) of the stops, awake
    slept_h: Array  # (d, k)
    ahead: NDArray[np.bool_]  # (m-1,) not passed already
    start_h: float  # local clock
    level: float  # of S, at the start


def way_of(push: Push, run: Run, constants: Judgement) -> Way | None:
    """A push that was run, on nodes; None without a start, as no hour is known then."""
    if push.start is None:
        return None
    moving_s, stop_s, sleep_s = (np.atleast_2d(a) for a in (run.moving_s, run.stop_s, run.sleep_s))
    usual_s = moving_s.mean(axis=0)
    count = max(2, int(usual_s[-1] / NODE_S))
    evenly = np.interp(np.linspace(0.0, usual_s[-1], count), usual_s, push.edge_m)
    site_m = push.sites.distance_m
    places_m = [evenly, push.edge_m[[0, -1]], site_m, push.passed.distance_m]
    at_m = geo.distinct(np.concatenate(places_m))
    passed_m = push.passed.distance_m[-1] if len(push.passed) else -1.0
    start_h, level = sleepiness.at_start(push.start, constants)
    return Way(
        at_m=at_m,
        moving_h=geo.at_distance(at_m, push.edge_m, moving_s) / 3600.0,
        site_node=np.searchsorted(at_m, site_m),
        rest_h=(stop_s - sleep_s) / 3600.0,
        slept_h=sleep_s / 3600.0,
        ahead=at_m[:-1] >= passed_m,
        start_h=start_h,
        level=level,
    )


@dataclass(frozen=True, eq=False)
class Since:
    """How n draws, each a row of a way, were when they began, or when they lay down last."""

    row: Indices  # (n,)
    node: Indices  # (n,) where that was
    level: Array  # (n,) of S
    awake_h: Array  # (n,) of the way up to there
    late_h: Array  # (n,) that collapses have cost
    debt_h: Array  # (n,) that they have added to the hours awake that no sleep made good

    def of(self, some: Indices) -> Since:
        """Some of the draws; one may stand for all."""
        some = some if len(self.row) > 1 else np.zeros_like(some)
        hours = (self.level, self.awake_h, self.late_h, self.debt_h)
        return Since(self.row[some], self.node[some], *(values[some] for values in hours))

    def rested(self, slower_h: Array, sleep_h: Array, rest: float) -> Since:
        """After slow kilometres, and sleep by the trail of which a part is rest."""
        rested_h = rest * sleep_h
        return replace(
            self,
            level=sleepiness.asleep(sleepiness.awake(self.level, slower_h), rested_h),
            late_h=self.late_h + slower_h + sleep_h,
            debt_h=self.debt_h + slower_h - PAID_H * rested_h,
        )


class Legs:
    """The m-1 legs between the nodes of a way, r rows, without what a collapse changes.

    Only sleep makes the level of S rise, so it is worked out at the sleeps, and from the last of
    them or of the collapses for all legs at once.
    """

    def __init__(self, way: Way) -> None:
        each = (way.moving_h, way.rest_h, way.slept_h)
        rows = max(map(len, each))
        moving_h, rest_h, self.sleep_h = (np.broadcast_to(a, (rows, a.shape[1])) for a in each)
        self.nodes = np.arange(len(way.at_m) - 1)
        passed = np.searchsorted(way.site_node, self.nodes, side="right")
        stood_h, asleep_h = geo.so_far(rest_h), geo.so_far(self.sleep_h)
        self.way, self.length_h = way, np.diff(moving_h)
        self.awake_h, self.slept_h = moving_h[:, 1:] + stood_h[:, passed], asleep_h[:, passed]
        self.end_h = self.awake_h + self.slept_h  # (r, m-1) since the start, at a leg's end
        # when a sleep at each site begins: hours awake, and hours of sleep before it
        self.bed_h = moving_h[:, way.site_node] + stood_h[:, :-1] + 0.5 * rest_h
        self.asleep_h = asleep_h[:, :-1]
        self.beds = np.flatnonzero(self.sleep_h.any(axis=0))
        self.beds_passed = np.searchsorted(way.site_node[self.beds], self.nodes, side="right")

    def start(self) -> Since:
        """All rows at the start."""
        nothing = np.zeros(len(self.end_h))
        row, level = np.arange(len(nothing)), np.full(len(nothing), self.way.level)
        return Since(row, np.zeros_like(row), level, nothing, nothing, nothing)

    def hazard(self, since: Since, constants: Judgement) -> Pair:
        """(n, l) hazard of each leg at one an hour, and sleepiness in its middle.

        The l legs begin where the first of the draws is. There is no hazard before where a draw
        is, nor on legs that are behind the runner.
        """
        row, legs = since.row, slice(since.node.min(), None)
        each = (self.length_h, self.awake_h, self.slept_h)
        length_h, awake_h, slept_h = (values[row, legs] for values in each)
        middle_h = awake_h - 0.5 * length_h
        level, from_h = (values[:, self.beds_passed[legs]] for values in self._levels(since))
        level = sleepiness.awake(level, middle_h - from_h)
        clock_h = self.way.start_h + middle_h + slept_h + since.late_h[:, None]
        kss = sleepiness.sleepiness(level, clock_h)
        debt_h = awake_h - PAID_H * slept_h + since.debt_h[:, None]
        found = np.maximum(debt_h, 0.0) / DEBT_H * length_h * _times(kss, constants)
        ahead = self.way.ahead[legs] & (self.nodes[legs] >= since.node[:, None])
        return found * ahead, kss

    def after(self, leg: Indices, since: Since) -> Since:
        """The draws at the ends of legs (n,), before they stop there."""
        each, passed = np.arange(len(leg)), self.beds_passed[leg]
        level, from_h = (values[each, passed] for values in self._levels(since))
        awake_h = self.awake_h[since.row, leg]
        level = sleepiness.awake(level, awake_h - from_h)
        return replace(since, node=leg + 1, level=level, awake_h=awake_h)

    def _levels(self, since: Since) -> Pair:
        """(n, beds+1) S, and when it was that in hours awake: at first, and after every sleep."""
        level, at_h = since.level, since.awake_h
        found = [(level, at_h)]
        for bed in self.beds:
            ahead, bed_h = self.way.site_node[bed] >= since.node, self.bed_h[since.row, bed]
            slept = sleepiness.awake(level, bed_h - at_h)
            slept = sleepiness.asleep(slept, self.sleep_h[since.row, bed])
            level, at_h = np.where(ahead, slept, level), np.where(ahead, bed_h, at_h)
            found.append((level, at_h))
        levels, when_h = zip(*found, strict=True)
        return np.stack(levels, axis=1), np.stack(when_h, axis=1)


def _times(kss: Array, constants: Judgement) -> Array:
    """The hazard against that of a runner who fights sleep; none below the word sleepy."""
    times = np.exp(PER_POINT * (kss - FIGHTING))
    return np.where(kss > constants.sleepy_above_kss, times, 0.0)


@dataclass(frozen=True, eq=False)
class Hazards:
    """What p plans of sleep meet that never collapse."""

    nights: Array  # (p, n) hazard from each noon to the next
    begin_h: Array  # (p, k) when sleep begins, or would, at each site
    worst_kss: Array  # (p,) on the way that is ahead
    gained: Array  # (m,) hazard up to each node since the one before, mean of the plans
    reached_h: Array  # (m,) when, mean of the plans


def hazards(way: Way, needs: Array, constants: Judgement) -> Hazards:
    """The hazard of some plans on one way: rows of *way* are plans."""
    legs = Legs(way)
    each, kss = legs.hazard(legs.start(), constants)
    each *= constants.collapse_per_h * needs[:, None]
    count = 2 + int(way.moving_h.max() / 12.0)
    night = np.clip((way.start_h + legs.end_h - NOON_H) // 24.0 + 1.0, 0, count - 1).astype(int)
    night += count * np.arange(len(each))[:, None]
    nights = np.bincount(night.ravel(), each.ravel(), count * len(each))
    return Hazards(
        nights=np.asarray(nights, dtype=np.float64).reshape(-1, count),
        begin_h=legs.bed_h + legs.asleep_h,
        worst_kss=kss[:, way.ahead].max(axis=1, initial=0.0),
        gained=np.append(0.0, each.mean(axis=0)),
        reached_h=np.append(0.0, legs.end_h.mean(axis=0)),
    )
