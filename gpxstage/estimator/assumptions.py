"""Notes of what an estimate had to assume about a push: its places, its rest, its weather."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import walltime
from gpxstage.estimator.daylight import highest_sun_deg
from gpxstage.estimator.plan import STOP_WEIGHT, any_bed, sleeps_given
from gpxstage.units import day, hours, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course
    from gpxstage.estimator.nouns import Halt, Policy, Push, Run
    from gpxstage.estimator.plan import Part

NOTED_S = 120.0  # of stops at unnamed places: less is not worth a note (judgement)
LATE = 1.3  # times the expected time: the late end of most ranges (judgement)
SHORT_NIGHT_H = 6.0  # a shorter rest between two stages gets a note
# where a day may be hot (judgement: above the Tor's 49 and the UTMB's 53 degrees, below the 68 of
# the Marathon des Sables and the 74 of the Western States, whose canyons lie lower)
HOT_SUN_DEG, HOT_BELOW_M = 60.0, 1500.0
# judgement: a reading says little of the air so many hours before the first and after the last
# one; two that are twice so far apart, as the coldest hour of a day and the warmest, say enough
ALONE_H, BETWEEN_H = 4.0, 8.0
HOT = (
    "the sun is high and the course is low: the estimate is for a cool day; for a hot one give"
    " [[weather]] in the race file, or --conditions 1.05 to 1.2"
)
UNSETTLED = (
    "the estimate does not settle: with these numbers of the runner its times may be off by some"
    " per cent"
)


def assumptions(
    part: Part, run: Run, *, course: Course, halts: Sequence[Halt], push: Push, policy: Policy
) -> list[str]:
    """Notes of what a push had to assume, and where its run has not settled."""
    return [
        *([] if run.settled else [UNSETTLED]),
        *places(part, run, course=course, halts=halts),
        *rested(part, push, run),
        *weather(course, push, run, policy),
        *clocks(part, push, run, course.limit_s),
    ]


def places(part: Part, run: Run, *, course: Course, halts: Sequence[Halt]) -> list[str]:
    """Notes of assumed stops and beds, where time was planned for them."""
    if run.stop_s.sum() >= NOTED_S and not any(halt.name for halt in halts):
        where = _without_places(course) if len(course.stages) > len(part) else ""
        if where:
            return [f"no aid stations are known in {where}: stops there are spread evenly"]
        return ["no aid stations are known: stops and sleep are spread evenly along the way"]
    if any(halt.slept_s > 0.0 for halt in halts) and any_bed(course):
        rough = [halt.name for halt in halts if halt.slept_s > 0.0 and not halt.bed]
        return [f"{name}: no bed is known there; sleep is planned anyway" for name in rough]
    if run.sleep_s.sum() == 0.0 or any_bed(course) or sleeps_given(halts):
        return []
    bases = "life bases" if any(halt.bed == 0.0 for halt in halts) else "places to stop"
    return [f"no bed is known at any point: sleep is spread over the {bases}"]


def _without_places(course: Course) -> str:
    """The stages without a place to stop, where others have one; "" where all are alike."""
    some = [
        str(stage.number)
        for stage in course.stages
        if not any(point.kind in STOP_WEIGHT for point in stage.points[:-1])
    ]
    if not 0 < len(some) < len(course.stages):
        return ""
    return f"stage{'s' if len(some) > 1 else ''} {', '.join(some)}"


def clocks(part: Part, push: Push, run: Run, limit_s: float | None) -> list[str]:
    """Notes of each change of the clocks until the last cutoff, or a late arrival."""
    if push.start is None:
        return []
    closes_s = [point.cutoff_s for stage, _ in part for point in stage.points]
    ends_s = [*closes_s, limit_s, LATE * float(run.moving_s[-1] + run.stop_s.sum())]
    notes = []
    for change in walltime.changes(push.start, max(end_s for end_s in ends_s if end_s)):
        after = walltime.after(push.start, change.after_s).replace(tzinfo=None)
        before = after - timedelta(seconds=change.by_s)
        says = f"by {spoken(abs(change.by_s))} on {day(before)} at {before:%H:%M}"
        if change.by_s > 0.0:
            notes.append(
                f"the clocks go forward {says}: there is no time from {before:%H:%M} to"
                f" {after:%H:%M}"
            )
        else:
            notes.append(
                f"the clocks go back {says}: the times from {after:%H:%M} to {before:%H:%M} come"
                f" twice, first as {change.before}, then as {change.then}"
            )
    return notes


def rested(part: Part, push: Push, run: Run) -> list[str]:
    """A note where a stage leaves no night, or a short one, before the next."""
    if push.next_start_s is None:
        return []
    rest_s = push.next_start_s - float(run.moving_s[-1] + run.stop_s.sum())
    number, length = part[-1][0].number, hours(abs(rest_s))
    if rest_s <= 0.0:
        return [f"stage {number} ends {length} after the next one has started"]
    if rest_s < 3600.0 * SHORT_NIGHT_H:
        return [f"{length} from the end of stage {number} to the next: a whole night is counted"]
    return []


def weather(course: Course, push: Push, run: Run, policy: Policy) -> list[str]:
    """Notes where it may be hot and no weather is given, or where that is of other hours."""
    if not course.weather:
        usual = policy.slowdown is None and course.conditions == 1.0
        return [HOT] if usual and _may_be_hot(push) else []
    if push.weather is not None:
        last_s = float(run.moving_s[-1] + run.stop_s.sum())
        return _few_readings(push.weather.clock_s, last_s)
    if push.start is None:
        return ["the weather of the race file is not used: no start is known"]
    return ["the weather of the race file is not used: its day is not the day of the start"]


def _few_readings(clock_s: Array, last_s: float) -> list[str]:
    """A note where some hours of a push are far from every reading of the weather."""
    middle_s = np.clip(0.5 * (clock_s[1:] + clock_s[:-1]), 0.0, last_s)
    between_s = np.abs(middle_s[:, np.newaxis] - clock_s).min(axis=1)
    alone_s = max(clock_s[0], last_s - clock_s[-1])
    if alone_s <= 3600.0 * ALONE_H and not (between_s > 3600.0 * BETWEEN_H).any():
        return []
    if len(clock_s) == 1:
        return [
            "the one reading of [[weather]] is taken for all hours: nights are cooler, and want a"
            " reading of their own"
        ]
    return [
        "some hours are far from every reading of [[weather]], and take the nearest or a line"
        " between two: nights are cooler, and want a reading of their own"
    ]


def _may_be_hot(push: Push) -> bool:
    """Is the sun as high at noon, and the way as low, as in the hot races that are known?"""
    if push.start is None or float(np.median(push.altitude_m)) > HOT_BELOW_M:
        return False
    return highest_sun_deg(push.start, push.lat_deg[0], push.lon_deg[0]) > HOT_SUN_DEG
