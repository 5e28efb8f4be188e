"""Report -> the same race at other finish times: plans that a page lies between."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import estimate
from gpxstage.estimator.fit import FASTEST_MPS, SLOWEST_MPS
from gpxstage.estimator.models import MODELS
from gpxstage.estimator.nouns import SAME_M
from gpxstage.estimator.runner import LEVELS, at, at_ability
from gpxstage.facts.parts import points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.facts.analysis import Report

ENDS = (0.05, 0.95)  # quantiles of the draws' finish times: so far the plans reach
WITHOUT_DRAWS = (0.75, 1.35)  # of the expected time (judgement: p5 and p95 of mid on the samples)
FEWEST, MOST = 15, 120  # plans
APART_S = 15.0  # an arrival half way between two plans is nearer than that to their mean
CLOSE_S = 600.0  # two plans that finish nearer to each other get none between them
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
    at_m = [np.array([p.distance_m or 0.0 for p in points_of(part)]) for part in report.parts]
    planner = _Planner(report, found, at_m, _usual(found, report.course.pack_kg))
    own = planner.plan_of(math.log(found.runner.flat_speed_mps), found)
    fast, slow = (_end(planner, own, elapsed_s) for elapsed_s in _ends_s(found))
    each = np.linspace(fast.log_mps, slow.log_mps, FEWEST - 1)[1:-1].tolist()
    plans = _in_order([fast, *map(planner.plan, each), own, slow])
    return tuple(plan.estimate for plan in _refined(planner, plans))


def _usual(found: Estimate, least_kg: float | None) -> bool:
    """Whether a runner carries what is usual at their ability, or what the race requires."""
    who = found.runner
    if who.known_from == "outings":
        return False
    likely = LEVELS[who.name] if who.source == "level" else at_ability(who.flat_speed_mps)
    return who.pack_kg in (likely.pack_kg, least_kg)


@dataclass(frozen=True, eq=False)
class _Finish:
    """A plan, the logarithm of its runner's flat speed, and its arrivals at all points."""

    log_mps: float
    estimate: Estimate
    arrival_s: Array
    finish_s: float


@dataclass(frozen=True, eq=False)
class _Planner:
    """A report with its estimate, and where the points of each stage are."""

    report: Report
    found: Estimate
    at_m: Sequence[Array]
    has_usual_pack: bool  # then it changes with ability, as that of a goal's runner does

    def plan(self, log_mps: float, *near: Estimate) -> _Finish:
        """The plan of the same runner at another flat speed; *near* are plans like it."""
        course, found = self.report.course, self.found
        mps = math.exp(log_mps)
        runner = replace(at(found.runner, mps), known_from="goal")  # its finish is chosen
        if self.has_usual_pack:
            runner = replace(runner, pack_kg=at_ability(mps).pack_kg)
        made = estimate(
            course,
            self.report.profiles,
            runner,
            model=found.model,
            policy=found.policy,
            near=near or (found,),
        )
        return self.plan_of(log_mps, made)

    def plan_of(self, log_mps: float, made: Estimate) -> _Finish:
        """An estimate with its arrivals at all points, on each stage's clock."""
        pairs = zip(made.stages, self.at_m, strict=True)
        each = [stage.arrivals_s(at_m, near_m=SAME_M) for stage, at_m in pairs]
        return _Finish(log_mps, made, np.concatenate(each), made.elapsed_s)


def _ends_s(found: Estimate) -> tuple[float, float]:
    """The fastest and the slowest finish that plans are made for."""
    if found.spread is None:
        return found.elapsed_s * WITHOUT_DRAWS[0], found.elapsed_s * WITHOUT_DRAWS[1]
    drawn = np.sum([stage.elapsed_s for stage in found.spread], axis=0)
    low_s, high_s = np.quantile(drawn, ENDS).tolist()
    return min(low_s, 0.98 * found.elapsed_s), max(high_s, 1.02 * found.elapsed_s)


def _end(planner: _Planner, own: _Finish, elapsed_s: float) -> _Finish:
    """A plan that finishes at about that time, by secants of the logarithms."""
    bounds = math.log(SLOWEST_MPS), math.log(FASTEST_MPS)
    here, slope = own, -1.0
    for _ in range(STEPS):
        miss = math.log(elapsed_s / here.finish_s)
        log_mps = float(np.clip(here.log_mps + miss / slope, *bounds))
        if abs(miss) < NEAR or log_mps == here.log_mps:
            break
        there = planner.plan(log_mps)
        found = math.log(there.finish_s / here.finish_s) / (log_mps - here.log_mps)
        here, slope = there, min(found, -0.1)
    return here


def _in_order(plans: list[_Finish]) -> list[_Finish]:
    """By finish time, fast ones first; of two that finish in the same second, one."""
    found: list[_Finish] = []
    for plan in sorted(plans, key=lambda plan: plan.finish_s):
        if not found or plan.finish_s - found[-1].finish_s >= 1.0:
            found.append(plan)
    return found


def _refined(planner: _Planner, plans: list[_Finish]) -> list[_Finish]:
    """With further plans, each where those that there are lie farthest from what is between."""
    shut: set[float] = set()  # beginnings of gaps that no plan divides
    while len(plans) < MOST:
        off_s = _off_s(plans)
        off_s[[plan.log_mps in shut for plan in plans[:-1]]] = 0.0
        k = int(off_s.argmax())
        fast, slow = plans[k : k + 2]
        if off_s[k] <= APART_S:
            break
        middle = planner.plan(0.5 * (fast.log_mps + slow.log_mps), fast.estimate, slow.estimate)
        if fast.finish_s + 1.0 < middle.finish_s < slow.finish_s - 1.0:
            plans.insert(k + 1, middle)
        else:
            shut.add(fast.log_mps)
    return plans


def _off_s(plans: Sequence[_Finish]) -> Array:
    """How far arrivals may be from their mean in each gap between two plans; none in narrow ones.

    A line that bends inside a gap has another slope there than in both of the gaps beside it.
    """
    wide_s = np.diff([plan.finish_s for plan in plans])
    slope = np.diff([plan.arrival_s for plan in plans], axis=0) / wide_s[:, None]
    bend = np.abs(np.diff(slope, axis=0))
    off = np.minimum(np.concatenate([bend[:1], bend]), np.concatenate([bend, bend[-1:]]))
    return np.where(wide_s < CLOSE_S, 0.0, 0.5 * off.max(axis=1) * wide_s)
