"""Course + Estimate -> what people and programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpxstage.profile import measure

if TYPE_CHECKING:
    from gpxstage.course import Course
    from gpxstage.estimator import Policy
    from gpxstage.estimator.result import Estimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.profile import Profile

__all__ = ["Report", "analyze"]


@dataclass(frozen=True, eq=False)
class Report:
    """A course, what was measured on it, and, where a runner was asked for, an estimate.

    ``profiles`` and ``estimate.stages`` are in the order of ``course.stages``. The estimate
    is None where none was asked for, and for a course without elevation: ``estimated`` tells
    the two apart. ``levels`` holds the estimates of a field by name, as many as were asked for
    where that were several, the report's own first.
    """

    course: Course
    profiles: tuple[Profile, ...]
    estimate: Estimate | None = None
    estimated: bool = False
    notes: tuple[str, ...] = ()
    levels: tuple[tuple[str, Estimate], ...] = ()


def analyze(
    course: Course,
    runner: Runner | None = None,
    *,
    others: tuple[Runner, ...] = (),
    model: str = "gait",
    policy: Policy | None = None,
    why: bool = False,
    draws: int = 0,
    seed: int = 1,
    estimated: bool = True,
    profiles: tuple[Profile, ...] | None = None,
    notes: tuple[str, ...] = (),
) -> Report:
    """Measure every stage and, unless told not to, estimate the race for a runner.

    A stage without elevation leaves the whole race without an estimate: the clock would have
    a hole. *profiles* may be handed in when they have been measured already, and *notes* of
    what came before are kept in front of the estimate's. *others* are the rest of a field, of
    which *runner* is the first: estimated the same way, without draws.

    Raises CourseError for a stage without length.
    """
    if profiles is None:
        profiles = tuple(measure(stage.track) for stage in course.stages)
    of_stages = (note for stage in course.stages for note in stage.notes)
    all_notes = (*course.notes, *of_stages, *notes)
    if not estimated:
        return Report(course, profiles, notes=all_notes)
    blank = [str(s.number) for s, p in zip(course.stages, profiles, strict=True) if p.cells is None]
    if blank:
        stages = f"stage {blank[0]} has" if len(blank) == 1 else f"stages {', '.join(blank)} have"
        none = f"no estimate: {stages} no elevation, so no grade and no duration"
        return Report(course, profiles, None, estimated, (*all_notes, none))
    from gpxstage.estimator import estimate  # measuring alone needs none of it

    found = estimate(
        course, profiles, runner, model=model, policy=policy, why=why, draws=draws, seed=seed
    )
    rest = [estimate(course, profiles, other, model=model, policy=policy) for other in others]
    field = [found, *rest] if rest else []
    told = dict.fromkeys(note for one in (found, *rest) for note in one.notes)
    levels = tuple((one.runner.name, one) for one in field)
    return Report(course, profiles, found, estimated, (*all_notes, *told), levels)
