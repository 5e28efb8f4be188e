"""The same race with usual stops, by plans of sleep, for other levels; causes and sleepiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts import (
    LevelFacts,
    LevelPoint,
    PlaceTime,
    Plan,
    Sleepiest,
    Sleepiness,
    StageCauses,
    Usual,
    WhyFacts,
)
from gpxstage.facts.figures import total
from gpxstage.facts.margins import finish_probability, tightest, with_chances
from gpxstage.facts.passages import points, to_the_second
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.nouns import Estimate, Why
    from gpxstage.facts import PointFacts, RaceFacts
    from gpxstage.facts.parts import Part

SLEEPY, VERY_SLEEPY = 7.0, 8.0  # on the Karolinska scale


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
            kss=fraction(float(curve.kss[at])) or 0.0,
            elapsed_s=when_s,
            clock=to_the_second(moment(part.start, when_s)),
            stage=part.stage.number,
            distance_m=metres(float(curve.distance_m[at])) or 0.0,
        ),
    )


def usual_facts(usual: Estimate, estimate: Estimate) -> Usual:
    """What the same runner takes with usual stops and sleep, and which were given."""
    given = estimate.policy
    moving_s, elapsed_s = seconds(usual.moving_s) or 0, seconds(usual.elapsed_s) or 0
    return Usual(
        moving_s=moving_s,
        elapsed_s=elapsed_s,
        stopped_s=elapsed_s - moving_s,
        slept_s=seconds(sum(stage.slept_s for stage in usual.stages)) or 0,
        sleeps_given=given is not None and given.sleeps is not None,
    )


def why_facts(why: Why, numbers: Sequence[int]) -> WhyFacts:
    """Seconds by cause for each stage, and what plain models say of the moving time."""
    return WhyFacts(
        tuple(
            StageCauses(
                number=number,
                **{f"{cause}_s": seconds(value) or 0 for cause, value in causes.items()},
            )
            for number, causes in zip(numbers, why.stages, strict=True)
        ),
        {name: seconds(value) or 0 for name, value in why.models.items()},
    )


def level_facts(level: str, parts: Sequence[Part]) -> LevelFacts:
    """One level's elapsed time and its arrival at every point."""
    return LevelFacts(
        level,
        seconds(total((p.estimate.on_clock_s if p.estimate else None for p in parts), 0)),
        tuple(
            LevelPoint(part.stage.number, point.name, point.arrival_s.p50, point.arrival)
            for part in parts
            for point in points(part)
        ),
    )


def plan_facts(parts: Sequence[Part], limit_s: float | None) -> Plan:
    """One plan, from the stages as its estimate has them."""
    stages = with_chances(parts)
    every = [
        (part.stage.number, point)
        for part, found in zip(parts, stages, strict=True)
        for point in found
    ]
    elapsed_s = total((p.estimate.on_clock_s if p.estimate else None for p in parts), 0)
    return _plan(
        every,
        elapsed_s=seconds(elapsed_s),
        slept_s=seconds(sum(part.estimate.slept_s for part in parts if part.estimate)),
        sleepy=sleepiness(parts),
        finish_probability=finish_probability(parts, limit_s),
    )


def as_planned(race: RaceFacts) -> Plan:
    """The estimate itself in the shape of a plan."""
    return _plan(
        [(stage.number, point) for stage, point in race.every_point()],
        elapsed_s=race.elapsed_s.p50,
        slept_s=race.slept_s,
        sleepy=race.alertness,
        finish_probability=race.finish_probability,
    )


def _plan(
    every: Sequence[tuple[int, PointFacts]],
    *,
    elapsed_s: int | None,
    slept_s: int | None,
    sleepy: Sleepiness | None,
    finish_probability: float | None,
) -> Plan:
    return Plan(
        sleeps=tuple(PlaceTime(p.name, p.sleep_s, number) for number, p in every if p.sleep_s),
        elapsed_s=elapsed_s,
        worst_kss=sleepy.worst.kss if sleepy else None,
        finish_probability=finish_probability,
        slept_s=slept_s,
        hours_above_kss_8=sleepy.hours_above_kss_8 if sleepy else None,
        tightest=tightest(every),
        margins=tuple(
            PlaceTime(p.name, p.margin_s.p50, number)
            for number, p in every
            if p.margin_s.p50 is not None
        ),
    )
