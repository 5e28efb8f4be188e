"""What has to change for a runner to be at a place at a wanted time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpxstage.estimator.fit import UnmetError, solve
from gpxstage.estimator.runner import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from gpxstage.course import Course
    from gpxstage.estimator.nouns import Estimate, Passed
    from gpxstage.estimator.runner import Runner


@dataclass(frozen=True)
class Wanted:
    """An arrival that is wanted, and either change that makes it.

    Speeds are shares of the flat speed that the runner could race for an hour.
    """

    there: Passed  # where, and when
    later_s: float  # than expected; less than 0 is earlier
    speed: float | None  # of the own one, all the way; None: nobody is that fast or slow
    elapsed_s: float | None  # of the race at that speed
    rest_before_s: float  # planned stops before the place, sleep included


def wanted(
    course: Course,
    runner: Runner,
    found: Estimate,
    there: Passed,
    again: Callable[[Runner], Estimate],
) -> Wanted:
    """What has to change in an estimate for an arrival.

    Parameters
    ----------
    course
        The race.
    runner, found
        Who runs, and the estimate as it is, before the start.
    there
        The place, and when the runner wants to be there: seconds on its clock.
    again
        The estimate of another runner under the same conditions.
    """
    k = course.index(there.stage)
    expected = found.stages[k]
    before = found.stages[:k] if course.format == "continuous" else ()
    stops = [stop for stage in before for stop in stage.stops]
    stops += [stop for stop in expected.stops if stop.distance_m < there.distance_m]

    def arrival_s(one: Runner) -> float:
        return again(at(runner, one.flat_speed_mps)).stages[k].arrival_s(there.distance_m)

    speed = elapsed_s = None
    with suppress(UnmetError):
        mps = solve(arrival_s, there.elapsed_s, "")
        speed, elapsed_s = mps / runner.flat_speed_mps, again(at(runner, mps)).elapsed_s
    return Wanted(
        there=there,
        later_s=there.elapsed_s - expected.arrival_s(there.distance_m),
        speed=speed,
        elapsed_s=elapsed_s,
        rest_before_s=sum(stop.stop_s for stop in stops),
    )
