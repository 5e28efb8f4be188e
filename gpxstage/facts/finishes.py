"""Report -> the same race at other finish times: plans that a page lies between."""

from __future__ import annotations

import math
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import estimate
from gpxstage.estimator.fit import FASTEST_MPS, SLOWEST_MPS
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.nouns import SAME_M
from gpxstage.estimator.runner import at
from gpxstage.facts.parts import points_of

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.facts.analysis import Report

ENDS = (0.05, 0.95)  # quantiles of the draws' finish times: so far the plans reach
WITHOUT_DRAWS = (0.75, 1.35)  # of the expected time (judgement: p5 and p95 of mid on the samples)
FEWEST, MOST = 15, 48  # plans
APART_S = 25.0  # an arrival half way between two plans is nearer than that to their mean
STEPS, NEAR = 4, 0.002  # rounds of the search for an end, and of its logarithm


def finishes(report: Report) -> tuple[Estimate, ...]:
    """Plans of the report's race from a fast finish to a slow one, its own among them.

    The runner is the report's at other abilities. Between two neighbours, every arrival is their
    mean by finish time to less than a minute, as far as `MOST` plans can do that. There are none
    without an estimate, under way, and by a model that knows no runner.
    """
    found = report.estimate
    if found is None or found.passed or not MODELS[found.model].knows_runner:
        return ()
    own = _Plan(math.log(found.runner.flat_speed_mps), found, _arrivals_s(report, found))
    low_s, high_s = _ends_s(found)
    fast, slow = (_end(report, own, elapsed_s) for elapsed_s in (low_s, high_s))
    ends = [fast.log_mps, slow.log_mps]
    between = [_plan(report, log_mps) for log_mps in np.linspace(*ends, FEWEST - 1)[1:-1].tolist()]
    plans = _in_order([fast, *between, own, slow])
    return tuple(plan.estimate for plan in _refined(report, plans))


@dataclass(frozen=True, eq=False)
class _Plan:
    """A plan, the logarithm of its runner's flat speed, and its arrivals at all points."""

    log_mps: float
    estimate: Estimate
    arrival_s: Array

    @property
    def finish_s(self) -> float:
        return self.estimate.elapsed_s


def _plan(report: Report, log_mps: float) -> _Plan:
    found = report.estimate
    assert found is not None
    runner = at(found.runner, math.exp(log_mps))
    made = estimate(report.course, report.profiles, runner, model=found.model, policy=found.policy)
    return _Plan(log_mps, made, _arrivals_s(report, made))


def _arrivals_s(report: Report, found: Estimate) -> Array:
    """At every point of every stage, on the stage's clock."""
    each = []
    for part, stage in zip(report.parts, found.stages, strict=True):
        at_m = np.array([point.distance_m or 0.0 for point in points_of(part)])
        each.append(stage.arrivals_s(at_m, near_m=SAME_M))
    return np.concatenate(each)


def _ends_s(found: Estimate) -> tuple[float, float]:
    """The fastest and the slowest finish that plans are made for."""
    if found.spread is None:
        return found.elapsed_s * WITHOUT_DRAWS[0], found.elapsed_s * WITHOUT_DRAWS[1]
    drawn = np.sum([stage.elapsed_s for stage in found.spread], axis=0)
    low_s, high_s = np.quantile(drawn, ENDS).tolist()
    return min(low_s, 0.98 * found.elapsed_s), max(high_s, 1.02 * found.elapsed_s)


def _end(report: Report, own: _Plan, elapsed_s: float) -> _Plan:
    """A plan that finishes at about that time, by secants of the logarithms."""
    bounds = math.log(SLOWEST_MPS), math.log(FASTEST_MPS)
    here, slope = own, -1.0
    for _ in range(STEPS):
        miss = math.log(elapsed_s / here.finish_s)
        log_mps = float(np.clip(here.log_mps + miss / slope, *bounds))
        if abs(miss) < NEAR or log_mps == here.log_mps:
            break
        there = _plan(report, log_mps)
        found = math.log(there.finish_s / here.finish_s) / (log_mps - here.log_mps)
        here, slope = there, min(found, -0.1)
    return here


def _in_order(plans: list[_Plan]) -> list[_Plan]:
    """By finish time, fast ones first; of two that finish in the same second, one."""
    found: list[_Plan] = []
    for plan in sorted(plans, key=lambda plan: plan.finish_s):
        if not found or plan.finish_s - found[-1].finish_s >= 1.0:
            found.append(plan)
    return found


def _refined(report: Report, plans: list[_Plan]) -> list[_Plan]:
    """With further plans, first where those that there are lie farthest from what is between."""
    left = [(-math.inf, k, *pair) for k, pair in enumerate(pairwise(plans))]
    count = len(left)
    while left and len(plans) < MOST:
        _, _, fast, slow = heappop(left)
        middle = _plan(report, 0.5 * (fast.log_mps + slow.log_mps))
        if not fast.finish_s + 1.0 < middle.finish_s < slow.finish_s - 1.0:
            continue
        plans.append(middle)
        share = (middle.finish_s - fast.finish_s) / (slow.finish_s - fast.finish_s)
        mean_s = fast.arrival_s + share * (slow.arrival_s - fast.arrival_s)
        off_s = float(np.abs(mean_s - middle.arrival_s).max())
        if off_s > APART_S:
            for pair in ((fast, middle), (middle, slow)):
                heappush(left, (-off_s, count, *pair))
                count += 1
    return _in_order(plans)
