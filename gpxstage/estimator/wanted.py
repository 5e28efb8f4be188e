"""What has to change for a runner to be at a place at a wanted time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpxstage.estimator import estimate
from gpxstage.estimator.fit import UnmetError, solve
from gpxstage.estimator.runner import at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.estimator.nouns import Estimate, Passed
    from gpxstage.estimator.runner import Runner
    from gpxstage.profile import Profile


@dataclass(frozen=True)
class Wanted:
    """An arrival that is wanted, and either change that makes it.

    Speeds are shares of the flat speed that the runner could race for an hour.
    """

    there: Passed  # where, and when
    later_s: float  # than expected; less than 0 is earlier
    speed: float | None  # a factor all the way; None: nobody is that fast, or that slow
    elapsed_s: float | None  # of the race at that speed
    rest_before_s: float  # planned stops before the place, sleep included


def wanted(
    course: Course,
    profiles: Sequence[Profile],
    runner: Runner,
    found: Estimate,
    there: Passed,
) -> Wanted:
    """What has to change in an estimate for an arrival.

    Parameters
    ----------
    course, profiles
        As for `gpxstage.estimator.estimate`.
    runner, found
        Who runs, and the estimate as it is, before the start.
    there
        The place, and when the runner wants to be there: seconds on its clock.
    """
    k = next(k for k, stage in enumerate(course.stages) if stage.number == there.stage)
    expected = found.stages[k]
    before = found.stages[:k] if course.format == "continuous" else ()
    stops = [stop for stage in before for stop in stage.stops]
    stops += [stop for stop in expected.stops if stop.distance_m < there.distance_m]
    speed, elapsed_s = _speed(course, profiles, runner, found, there)
    return Wanted(
        there=there,
        later_s=there.elapsed_s - expected.arrival_s(there.distance_m),
        speed=speed,
        elapsed_s=elapsed_s,
        rest_before_s=sum(stop.stop_s for stop in stops),
    )


def _speed(
    course: Course, profiles: Sequence[Profile], runner: Runner, found: Estimate, there: Passed
) -> tuple[float | None, float | None]:
    """The factor on the runner's speed that makes the arrival, and what the race then takes."""
    k = next(k for k, stage in enumerate(course.stages) if stage.number == there.stage)

    def as_fast(flat_speed_mps: float) -> Estimate:
        who = at(runner, flat_speed_mps)
        return estimate(course, profiles, who, model=found.model, policy=found.policy)

    try:
        mps = solve(
            lambda one: as_fast(one.flat_speed_mps).stages[k].arrival_s(there.distance_m),
            there.elapsed_s,
            "",
        )
    except UnmetError:
        return None, None
    return mps / runner.flat_speed_mps, as_fast(mps).elapsed_s
