"""What hangs on all stages: tightest cutoff, sleepiness, collapses, plans of sleep, a team."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.nouns import SAME_M
from gpxstage.facts.figures import (
    CollapseFacts,
    Interval,
    MoreSleepFacts,
    PlaceTime,
    Plan,
    Sleepiest,
    Sleepiness,
    TeamMember,
    Tightest,
    Wait,
)
from gpxstage.facts.parts import (
    finish_probability,
    interval,
    points_of,
    to_the_second,
    total,
    with_chances,
)
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.estimator.nouns import Estimate, StageEstimate
    from gpxstage.estimator.risks import MoreSleep
    from gpxstage.facts import PointFacts, RaceFacts
    from gpxstage.facts.parts import Part

SLEEPY, VERY_SLEEPY = 7.0, 8.0  # on the Karolinska scale


def tightest(points: Iterable[tuple[int, PointFacts]]) -> Tightest | None:
    """The cutoff whose margin is the least share of its time; None without cutoffs.

    *points* are all points, each with the number of its stage.
    """
    known = [
        (point.margin_s.p50 / max(point.cutoff_s, 1), number, point)  # whole seconds
        for number, point in points
        if point.margin_s.p50 is not None and point.cutoff_s is not None
    ]
    if not known:
        return None
    share, number, point = min(known, key=lambda each: each[0])
    return Tightest(
        stage=number,
        name=point.name,
        margin_s=point.margin_s.p50 or 0,
        of_time=round(share, 3),
        miss_probability=point.miss_probability,
    )


def sleepiness(parts: Sequence[Part]) -> Sleepiness | None:
    """Hours awake above two levels of sleepiness, and the worst moment; None without a clock."""
    known = [
        (part, part.estimate.alertness)
        for part in parts
        if part.estimate is not None and part.estimate.alertness is not None
    ]
    if not known or len(known) < len(parts):
        return None
    part, curve = max(known, key=lambda each: float(each[1].kss[each[1].worst]))
    at = curve.worst
    when_s = seconds(float(curve.elapsed_s[at])) or 0
    return Sleepiness(
        fraction(sum(c.above_s(SLEEPY) for _, c in known) / 3600.0) or 0.0,
        fraction(sum(c.above_s(VERY_SLEEPY) for _, c in known) / 3600.0) or 0.0,
        Sleepiest(
            kss=fraction(curve.worst_on_scale) or 0.0,
            off_scale=curve.off_scale,
            elapsed_s=when_s,
            clock=to_the_second(moment(part.start, when_s)),
            stage=part.stage.number,
            distance_m=metres(float(curve.distance_m[at])) or 0.0,
        ),
    )


def collapse_probability_of(estimate: Estimate | None) -> float | None:
    """The chance of having to lie down by the trail; None without draws, and without a start."""
    return fraction(estimate.collapse.probability) if estimate and estimate.collapse else None


def collapse_facts(estimate: Estimate | None, parts: Sequence[Part]) -> CollapseFacts | None:
    """Where a collapse is likeliest; None where too few draws have one to name a place."""
    found = estimate.collapse if estimate else None
    if found is None or found.stage is None or found.distance_m is None:
        return None
    when_s, more = seconds(found.elapsed_s) or 0, found.more_sleep
    start = next(part.start for part in parts if part.stage.number == found.stage)
    return CollapseFacts(
        stage=found.stage,
        distance_m=metres(found.distance_m) or 0.0,
        elapsed_s=when_s,
        clock=to_the_second(moment(start, when_s)),
        after=found.after,
        before=found.before,
        cost_s=Interval(None, seconds(found.cost_s), seconds(found.cost_p90_s)),
        ends_probability=fraction(found.ends_probability) or 0.0,
        more_sleep=None
        if more is None
        else MoreSleepFacts(
            stage=more.stage,
            point=_called(parts, more),
            sleep_s=seconds(more.sleep_s) or 0,
            collapse_probability=fraction(more.probability) or 0.0,
        ),
    )


def names_of(points: Sequence[tuple[int, str, float]]) -> list[str]:
    """The names of all points of a race, as `Course.point` takes them.

    Each point is given as its stage's number, its name, and its metres along that stage. A name
    that is in several stages has its stage before it, "2/Aid"; one that is several times in a stage
    has its pass behind it, "Hut/2" or "2/Hut/1". A start that is named as the end of the stage
    before is the same place.
    """
    places = [(number, name) for number, name, _ in points]
    for k, (before, (number, name, at_m)) in enumerate(pairwise(points), 1):
        if at_m < SAME_M and before[0] != number and before[1] == name:
            places[k] = before[:2]
    ends = {k for k, place in enumerate(places) if place != points[k][:2]}
    own = [place for k, place in enumerate(places) if k not in ends]
    count, stages = Counter(own), Counter(name for _, name in set(own))
    seen, found = Counter[tuple[int, str]](), list[str]()
    for k, place in enumerate(places):
        seen[place] += k not in ends
        stage = f"{place[0]}/" if stages[place[1]] > 1 else ""
        nth = f"/{seen[place]}" if count[place] > 1 else ""
        found.append(f"{stage}{place[1]}{nth}")
    return found


def _called(parts: Sequence[Part], more: MoreSleep) -> str:
    """What the place of a sleep is called among the points of the race."""
    every = [(part.stage.number, point) for part in parts for point in points_of(part)]
    names = names_of([(number, point.name, point.distance_m or 0.0) for number, point in every])
    off_m = [
        abs((point.distance_m or 0.0) - more.distance_m)
        if (number, point.name) == (more.stage, more.point)
        else math.inf
        for number, point in every
    ]
    return names[off_m.index(min(off_m))] if min(off_m) < math.inf else more.point


def ranked(plans: Iterable[Plan], draws: int) -> tuple[Plan, ...]:
    """The plans, the best first.

    By the chance of finishing; of plans whose chance is no farther from the best one than so many
    draws err, by the chance of a collapse, then by p90, then by the median. What is left is ranked
    the same way.
    """

    def order(plan: Plan) -> tuple[float, ...]:
        return plan.collapse_probability or 0.0, plan.p90_s or 0.0, plan.elapsed_s or 0.0

    left, found = list(plans), list[Plan]()
    while left:
        best = max(plan.finish_probability or 0.0 for plan in left)
        least = best - error_of(best, draws)
        alike = [plan for plan in left if (plan.finish_probability or 0.0) >= least]
        found += sorted(alike, key=order)
        left = [plan for plan in left if plan not in alike]
    return tuple(found)


def error_of(chance: float, draws: int) -> float:
    """How far two chances near this one may differ by the draws alone: a standard error."""
    return math.sqrt(2.0 * chance * (1.0 - chance) / draws) if draws else 0.0


def plan_facts(parts: Sequence[Part], estimate: Estimate, limit_s: float | None) -> Plan:
    """One plan, from the stages as its estimate has them."""
    stages = with_chances(parts)
    every = [
        (part.stage.number, point)
        for part, found in zip(parts, stages, strict=True)
        for point in found
    ]
    elapsed_s = total((p.estimate.on_clock_s if p.estimate else None for p in parts), 0)
    spread = estimate.spread
    draws_s = np.asarray(sum(stage.elapsed_s for stage in spread)) if spread else None
    return _plan(
        every,
        elapsed_s=interval(seconds(elapsed_s), draws_s, seconds),
        slept_s=seconds(sum(part.estimate.slept_s for part in parts if part.estimate)),
        sleepy=sleepiness(parts),
        finish_probability=finish_probability(parts, limit_s),
        collapse_probability=collapse_probability_of(estimate),
    )


def as_planned(race: RaceFacts) -> Plan:
    """The estimate itself in the shape of a plan."""
    return _plan(
        [(stage.number, point) for stage, point in race.every_point()],
        elapsed_s=race.elapsed_s,
        slept_s=race.slept_s,
        sleepy=race.alertness,
        finish_probability=race.finish_probability,
        collapse_probability=race.collapse_probability,
    )


def _plan(
    every: Sequence[tuple[int, PointFacts]],
    *,
    elapsed_s: Interval[int],
    slept_s: int | None,
    sleepy: Sleepiness | None,
    finish_probability: float | None,
    collapse_probability: float | None,
) -> Plan:
    names = names_of([(number, p.name, p.distance_m) for number, p in every])
    named = [(name, number, p) for name, (number, p) in zip(names, every, strict=True)]
    beds = [(name, p.sleep_s, k) for name, k, p in named if p.sleep_s and not p.behind]
    before_s = sum(p.sleep_s or 0 for _, p in every if p.behind)
    return Plan(
        sleeps=tuple(PlaceTime(*bed) for bed in beds),
        elapsed_s=elapsed_s.p50,
        p90_s=elapsed_s.p90,
        worst_kss=sleepy.worst.kss if sleepy else None,
        off_scale=sleepy.worst.off_scale if sleepy else None,
        finish_probability=finish_probability,
        collapse_probability=collapse_probability,
        slept_s=None if slept_s is None else max(slept_s - before_s, 0),
        hours_above_kss_8=sleepy.hours_above_kss_8 if sleepy else None,
        tightest=tightest(every),
        margins=tuple(
            PlaceTime(name, p.margin_s.p50, number)
            for name, number, p in named
            if p.margin_s.p50 is not None
        ),
    )


# a team


def team_facts(parts: Sequence[Part], members: Sequence[Estimate]) -> tuple[TeamMember, ...] | None:
    """Who waits where in a team, and what it costs each member; None for one runner."""
    if not members or any(part.estimate is None for part in parts):
        return None
    team_s = sum(part.estimate.on_clock_s for part in parts if part.estimate)
    found = []
    for member in members:
        alone_s = sum(stage.on_clock_s for stage in member.stages)
        waits = [
            wait
            for part, own in zip(parts, member.stages, strict=True)
            if part.estimate is not None
            for wait in _waits(part, part.estimate, own)
        ]
        name = member.runner.name
        found.append(
            TeamMember(name=name, alone_s=alone_s, costs_s=team_s - alone_s, waits=tuple(waits))
        )
    return tuple(found)


def _waits(part: Part, team: StageEstimate, own: StageEstimate) -> list[Wait]:
    """What a member waits on each leg of a stage; stops count at the point that they are before."""
    points = points_of(part)
    at_m = [0.0, *(point.distance_m or 0.0 for point in points)]
    at_m[-1] = max(at_m[-1], float(team.edge_m[-1]))
    found = []
    for point, (from_m, to_m) in zip(points, pairwise(at_m), strict=True):
        way_s = team.moving_between_s(from_m, to_m) - own.moving_between_s(from_m, to_m)
        stop_s = sum(
            mine.stop_s - alone.stop_s
            for mine, alone in zip(team.stops, own.stops, strict=True)
            if from_m < mine.distance_m <= to_m
        )
        found.append(
            Wait(
                stage=part.stage.number,
                point=point.name,
                way_s=seconds(way_s) or 0,
                stop_s=seconds(stop_s) or 0,
            )
        )
    return found
