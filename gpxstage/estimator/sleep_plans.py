"""The search for plans of sleep: which beds, and for how long.

By the numbers of the literature an hour of sleep never earns back its hour: those who sleep
less are faster (Poussel 2015), and a night without costs 3 to 5 % of the speed. What sleep buys
is the worst hour. So there is no best plan, only a front of them: for each level of sleepiness
that is kept, the fastest plan that keeps it. Of that front three are taken: with about half the
sleep that is usual, with as much, and with half as much again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import engine, sleepiness
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Run
from gpxstage.estimator.plan import halts_of, push_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Course
    from gpxstage.estimator.nouns import Policy, Push
    from gpxstage.estimator.plan import Part
    from gpxstage.estimator.runner import Runner

NAPS_H = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])  # at one bed
NODE_S = 1200.0  # sleepiness is worked out so often on the way
# plans that reach a bed alike are one: the fastest of them stays
LEVEL_STEP, KSS_STEP = 0.15, 0.05
# the plans sleep at most these shares of the longest; that is so much more than usual, or so long
SHARES, LONGEST, LEAST_H = (1.0 / 3.0, 2.0 / 3.0, 1.0), 1.5, 1.5
WORTH_KSS = 0.3  # less than this is not worth a plan
SLEEPY_KSS = 7.0  # below this nobody needs one


@dataclass(frozen=True, eq=False)
class Way:
    """What a plan meets: n moments on the way without any sleep, cut into legs by k beds."""

    at_h: Array  # (n,) since the start, stops included
    moving_h: Array  # (n,) of the stretch that ends there
    usual: Array  # (n,) share of the speed that sleep as usual leaves
    leg: NDArray[np.int64] | Array  # (n,) how many beds lie before
    bed_at_h: Array  # (k,) arrival
    bed_stop_h: Array  # (k,) awake
    start_h: float  # local clock
    level: float  # of S, at the start
    usual_h: float  # slept, as usual


@dataclass(frozen=True, eq=False)
class Front:
    """p plans that are under way."""

    naps_h: Array  # (p, b) at the beds so far
    late_h: Array  # (p,) against no sleep and sleep's usual speed
    worst: Array  # (p,) sleepiness so far
    level: Array  # (p,) of S, when the last bed is left

    def of(self, which: NDArray[np.int64]) -> Front:
        """Some of the plans."""
        return Front(self.naps_h[which], self.late_h[which], self.worst[which], self.level[which])


def plans(
    course: Course, parts: Sequence[Part], runner: Runner, policy: Policy
) -> list[dict[str, float]]:
    """Up to three plans of sleep, each seconds by point; the one with the least sleep first.

    The sleeps are naps of half an hour to three hours at places with beds, stops as *policy*
    has them. None where no start is known, no bed, or where sleep changes little.
    """
    found = [_of_push(course, part, runner, replace(policy, sleeps=None)) for part in parts]
    joined = [
        {name: s for plan in same for name, s in plan.items()}
        for same in zip(*(each for each in found if each), strict=True)
    ]
    return [plan for k, plan in enumerate(joined) if plan not in joined[:k]]


def _of_push(course: Course, part: Part, runner: Runner, policy: Policy) -> list[dict[str, float]]:
    """The plans of one push."""
    halts = halts_of(course, part, policy)
    push = push_of(course, part, halts, 1.0)
    beds = [k for k, halt in enumerate(halts) if halt.is_bed(halts)]
    if push.start is None or not beds:
        return []
    way = way_of(push, engine.run(push, runner, JUDGEMENT, policy), beds)
    front = searched(way)
    names = [f"{part[halts[k].stage][0].number}/{halts[k].name}" for k in beds]
    return [
        {name: 3600.0 * float(h) for name, h in zip(names, front.naps_h[k], strict=True) if h}
        for k in _three(front, way.usual_h)
    ]


def way_of(push: Push, run: Run, beds: Sequence[int]) -> Way:
    """What a plan of sleep meets on a push: its way without any sleep, cut at some of its sites."""
    assert push.start is not None
    rest_s, site_m = run.stop_s - run.sleep_s, push.sites.distance_m
    count = max(2, int(run.moving_s[-1] / NODE_S))
    nodes = np.unique(np.searchsorted(run.moving_s, np.linspace(0.0, run.moving_s[-1], count)))
    edge_m, moving_s = push.edge_m[nodes], run.moving_s[nodes]
    passed = np.searchsorted(site_m, edge_m)
    rested_s, slept_s = (np.append(0.0, np.cumsum(each)) for each in (rest_s, run.sleep_s))
    arrive_s = geo.at_distance(site_m, push.edge_m, run.moving_s) + rested_s[:-1]
    begin_s = sleepiness.falls_asleep_s(arrive_s + slept_s[:-1], run.stop_s, run.sleep_s)
    usual_s = moving_s + rested_s[passed] + slept_s[passed]
    kss = sleepiness.along(usual_s, begin_s, run.sleep_s, push.start, JUDGEMENT)
    start_h, level = sleepiness.at_start(push.start, JUDGEMENT)
    return Way(
        at_h=(moving_s + rested_s[passed]) / 3600.0,
        moving_h=np.diff(moving_s, prepend=0.0) / 3600.0,
        usual=sleepiness.speed_kept(kss, JUDGEMENT),
        leg=np.searchsorted(site_m[beds], edge_m),
        bed_at_h=arrive_s[beds] / 3600.0,
        bed_stop_h=rest_s[beds] / 3600.0,
        start_h=start_h,
        level=level,
        usual_h=float(slept_s[-1]) / 3600.0,
    )


def searched(way: Way) -> Front:
    """The plans of which none is both faster and less sleepy, the fastest first."""
    one = np.zeros(1)
    front = Front(np.zeros((1, 0)), one, one, one + way.level)
    left_h = 0.0
    for bed, at_h in enumerate(way.bed_at_h):
        front = walked(way, front, bed, left_h)
        front = slept(front, at_h - left_h, way.bed_stop_h[bed])
        left_h = at_h + way.bed_stop_h[bed]
    front = walked(way, front, len(way.bed_at_h), left_h)
    order = np.lexsort((front.worst, front.late_h))
    front = front.of(order)
    before = np.append(np.inf, np.minimum.accumulate(front.worst)[:-1])
    return front.of(np.flatnonzero(front.worst < before))


def walked(way: Way, front: Front, leg: int, left_h: float) -> Front:
    """One leg later: how sleepy the way was, and what that took."""
    here = way.leg == leg
    at_h = way.at_h[here]
    level = sleepiness.awake(front.level[:, None], at_h - left_h)
    kss = sleepiness.sleepiness(level, way.start_h + at_h + front.late_h[:, None])
    lost = way.usual[here] / sleepiness.speed_kept(kss, JUDGEMENT) - 1.0
    worst = np.maximum(front.worst, kss.max(axis=1, initial=0.0))
    return Front(front.naps_h, front.late_h + lost @ way.moving_h[here], worst, front.level)


def slept(front: Front, awake_h: float, rest_h: float) -> Front:
    """Every plan with every nap at a bed; of those that are alike the fastest."""
    naps = len(NAPS_H)
    slept_h = np.tile(NAPS_H, len(front.late_h))
    every = front.of(np.repeat(np.arange(len(front.late_h)), naps))
    tired = sleepiness.awake(every.level, awake_h + 0.5 * rest_h)
    level = sleepiness.awake(sleepiness.asleep(tired, slept_h), 0.5 * rest_h)
    taken_h = np.column_stack([every.naps_h, slept_h])
    front = Front(taken_h, every.late_h + slept_h, every.worst, level)
    alike = np.stack([np.round(level / LEVEL_STEP), np.round(every.worst / KSS_STEP)], axis=1)
    order = np.argsort(front.late_h, kind="stable")
    _, first = np.unique(alike[order], axis=0, return_index=True)
    return front.of(order[np.sort(first)])


def _three(front: Front, usual_h: float) -> list[int]:
    """Which of the front: the least sleepy of those that sleep so much, or less."""
    most, least = front.worst[0], front.worst[-1]
    if most < SLEEPY_KSS or most - least < WORTH_KSS:
        return []
    slept_h = front.naps_h.sum(axis=1)
    longest_h = min(max(LONGEST * usual_h, LEAST_H), float(slept_h.max()))
    enough = [slept_h <= share * longest_h + 1e-9 for share in SHARES]
    return [int(np.argmin(np.where(each, front.worst, np.inf))) for each in enough]
