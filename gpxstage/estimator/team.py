"""A team of two: everywhere at the pace of the one who is slower there, in all stops together.

No fatigue is taken from who waits, and none is added to who waits longer: a pure comparison of
two estimates of the same course.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import sleepiness
from gpxstage.estimator.daylight import dark_share, darkness
from gpxstage.estimator.nouns import Estimate, StageEstimate, StageSpread, Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import TypeVar

    from gpxstage.course import Array, Course
    from gpxstage.profile import Profile

    T = TypeVar("T")

WAITING = "a team: nobody gets fresher or more tired by waiting for the other one (judgement)"


def together(
    course: Course, profiles: Sequence[Profile], first: Estimate, second: Estimate
) -> Estimate:
    """The estimate of two runners who stay together.

    Parameters
    ----------
    course, profiles
        As for `gpxstage.estimator.estimate`.
    first, second
        Estimates of this course, by the same model, with as many draws.

    Returns
    -------
    Estimate
        Each cell takes as long as it takes the slower one of the two, who also says what is
        hiked there; each stop is the longer one. Energy is None: it is of one body. The numbers
        of its runner are those of the one who is slower over the whole race.
    """
    slower = max(first, second, key=lambda one: one.elapsed_s)
    name = f"{first.runner.name} and {second.runner.name}"
    through = course.format == "continuous"
    stages: list[StageEstimate] = []
    offset_s = 0.0
    for one, other in zip(first.stages, second.stages, strict=True):
        stages.append(_stage(one, other, offset_s if through else 0.0))
        offset_s += stages[-1].elapsed_s
    starts = [course.start if through else stage.start for stage in course.stages]
    stages = [
        stage if start is None else replace(stage, dark_s=_dark_s(stage, profile, start))
        for stage, profile, start in zip(stages, profiles, starts, strict=True)
    ]
    return Estimate(
        replace(slower.runner, name=name, source="team", known_from="elsewhere"),
        slower.model,
        tuple(_with_alertness(stages, starts, through=through)),
        tuple(dict.fromkeys((*first.notes, *second.notes, WAITING))),
        spread=_spread(first.spread, second.spread, through=through),
        policy=first.policy,
    )


def _stage(one: StageEstimate, other: StageEstimate, offset_s: float) -> StageEstimate:
    """One stage at the slower pace of each cell."""
    behind = other.cell_s > one.cell_s  # the second one is the slower
    hiked = [
        None if mine is None or theirs is None else np.where(behind, theirs, mine)
        for mine, theirs in ((one.hiked_s, other.hiked_s), (one.hiked_m, other.hiked_m))
    ]
    return StageEstimate(
        one.edge_m,
        _joined(one.moving_s, other.moving_s),
        hiked[0],
        hiked[1],
        None,
        None,
        _stops(one.stops, other.stops),
        offset_s,
    )


def _joined(one_s: Array, other_s: Array) -> Array:
    """Cumulative times at the slower pace of each step; draws may be a leading axis."""
    return geo.so_far(np.maximum(np.diff(one_s), np.diff(other_s)))


def _stops(one: Sequence[Stop], other: Sequence[Stop]) -> tuple[Stop, ...]:
    """The same places, each for as long as the one who stays longer."""
    return tuple(
        replace(
            mine, stop_s=max(mine.stop_s, theirs.stop_s), sleep_s=max(mine.sleep_s, theirs.sleep_s)
        )
        for mine, theirs in zip(one, other, strict=True)
    )


def _dark_s(stage: StageEstimate, profile: Profile, start: datetime) -> Array:
    """(n,) seconds of each cell in the dark, on the clock of the team."""
    assert profile.cells is not None
    clock_s = stage.arrivals_s(stage.edge_m)
    arrive_s = clock_s[1:]
    leave_s = arrive_s - stage.cell_s
    nights = darkness(start, arrive_s, profile.cells.lat_deg, profile.cells.lon_deg)
    return np.asarray(dark_share(nights, leave_s, arrive_s) * stage.cell_s)


def _with_alertness(
    stages: list[StageEstimate], starts: Sequence[datetime | None], *, through: bool
) -> list[StageEstimate]:
    """The stages with the sleepiness along them, where the hour is known."""
    if through:
        return sleepiness.with_alertness(stages, starts[0])
    pushes = zip(stages, starts, strict=True)
    return [s for one, start in pushes for s in sleepiness.with_alertness([one], start)]


def _spread(
    first: Sequence[StageSpread] | None, second: Sequence[StageSpread] | None, *, through: bool
) -> tuple[StageSpread, ...] | None:
    """The draws of a team: the same day for both, and each draw together."""
    if first is None or second is None:
        return None
    found: list[StageSpread] = []
    offset_s = np.zeros(len(first[0].moving_s))
    for one, other in zip(first, second, strict=True):
        behind = other.moving_s[:, -1] > one.moving_s[:, -1]
        found.append(
            StageSpread(
                one.edge_m,
                _joined(one.moving_s, other.moving_s),
                np.where(behind, other.hiked_s, one.hiked_s),
                np.where(behind, other.hiked_m, one.hiked_m),
                np.full(len(behind), np.nan),
                one.halt_m,
                np.maximum(one.stop_s, other.stop_s),
                np.maximum(one.sleep_s, other.sleep_s),
                offset_s.copy() if through else np.zeros_like(offset_s),
                _either(one.lost_s, other.lost_s, _joined),
                _either(one.ended, other.ended, np.logical_or),  # a collapse of either one
            )
        )
        offset_s = offset_s + found[-1].elapsed_s
    return tuple(found)


def _either(one: T | None, other: T | None, join: Callable[[T, T], T]) -> T | None:
    """What both know joined, or what one of them knows."""
    if one is None or other is None:
        return one if other is None else other
    return join(one, other)
