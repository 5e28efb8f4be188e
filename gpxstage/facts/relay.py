"""A race divided among runners by stages, and pacers who go along with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from gpxstage.course import CourseError
from gpxstage.facts.analysis import analyze
from gpxstage.facts.figures import Moment, Struct
from gpxstage.facts.parts import ratio
from gpxstage.walltime import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Course, Point, Stage
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts import RaceFacts, StageFacts

    Ran = tuple[RaceFacts, StageFacts]  # the run that a stage is part of, and the stage
    Runs = Sequence[tuple[Sequence[int], Runner | str]]  # the numbers of stages, and who runs them


class RelayLeg(Struct, frozen=True, kw_only=True):
    """What one person runs of a race: a part of a relay, or the way along with the runner.

    ``names`` are those of the stages. ``dark_s`` and the clocks are None where no start is known;
    ``margin_s`` is the least margin at a cutoff of the leg, None without one.
    """

    who: str
    role: Literal["runner", "pacer"]
    stages: tuple[int, ...]
    names: tuple[str, ...]
    length_m: float
    gain_m: float | None
    loss_m: float | None
    start: Moment | None
    arrival: Moment | None
    moving_s: int
    elapsed_s: int
    hike_fraction: float | None
    dark_s: int | None
    margin_s: int | None


class Relay(Struct, frozen=True, kw_only=True):
    """A race that is divided among runners, and who goes along; ``elapsed_s`` is of all runners."""

    race: str
    elapsed_s: int
    legs: tuple[RelayLeg, ...]
    notes: tuple[str, ...]


def relay(course: Course, runs: Runs, pacers: Sequence[tuple[Sequence[int], str]] = ()) -> Relay:
    """What each runner of a relay and each pacer has to do, and when.

    Where one clock runs through the race, a runner starts at the expected arrival of the one
    before, as fresh as at the start of a race. In a staged race each stage keeps its own start,
    and only the stages that a runner has run before tire.

    Parameters
    ----------
    course
        The race, as `gpxstage.load` gives it.
    runs
        Numbers of stages and who runs them: a Runner, or the name of a level. Together they are
        all stages; where one clock runs through, each is one part of the way.
    pacers
        Numbers of stages in a row, and a name: what it takes to go along there.

    Raises
    ------
    CourseError
        For a stage that nobody runs or two people run, for a run or a pacer's way with a gap, and
        for a course without elevation.
    """
    _check(course, [stages for stages, _ in runs])
    for stages, who in pacers:
        _check_in_a_row(stages, who)
    through = course.format == "continuous"
    gone_s, legs, notes = 0, [], dict.fromkeys(course.notes)
    ran: dict[int, Ran] = {}  # by stage
    for stages, runner in sorted(runs, key=lambda run: min(run[0])):
        part = _part(course, stages, gone_s if through else 0)
        facts = analyze(part, runner, draws=0).facts
        if facts.runner is None:
            raise CourseError(f"{course.name}: a relay needs a course with elevation")
        ran |= {stage.number: (facts, stage) for stage in facts.stages}
        legs.append(_leg(facts.runner.name, "runner", [ran[n] for n in sorted(stages)]))
        notes |= dict.fromkeys(facts.notes)
        gone_s += facts.elapsed_s.p50 or 0
    legs += [_leg(who, "pacer", [ran[n] for n in stages]) for stages, who in pacers]
    return Relay(race=course.name, elapsed_s=gone_s, legs=tuple(legs), notes=tuple(notes))


def _check(course: Course, runs: Sequence[Sequence[int]]) -> None:
    given = [number for stages in runs for number in stages]
    for stage in course.stages:
        if (times := given.count(stage.number)) != 1:
            fault = "nobody runs it" if not times else "it is run more than once"
            raise CourseError(
                f"stage {stage.number}: {fault}; each stage of a relay has one runner"
            )
    if course.format == "continuous":
        for stages in runs:
            _check_in_a_row(stages, "a runner")


def _check_in_a_row(stages: Sequence[int], who: str) -> None:
    if list(stages) != list(range(stages[0], stages[0] + len(stages))):
        raise CourseError(f"{who}: stages {', '.join(map(str, stages))} are not one way")


def _part(course: Course, stages: Sequence[int], gone_s: int) -> Course:
    """Some stages as a race of their own, whose clock starts so many seconds later."""
    kept = tuple(_later(stage, gone_s) for stage in course.stages if stage.number in stages)
    limit_s = None if course.limit_s is None else course.limit_s - gone_s
    start = moment(course.start, gone_s)
    return replace(course, stages=kept, start=start, limit_s=limit_s, waves=(), notes=())


def _later(stage: Stage, gone_s: int) -> Stage:
    return replace(stage, points=tuple(_sooner_shut(point, gone_s) for point in stage.points))


def _sooner_shut(point: Point, gone_s: int) -> Point:
    return point if point.cutoff_s is None else replace(point, cutoff_s=point.cutoff_s - gone_s)


def _leg(who: str, role: Literal["runner", "pacer"], ran: Sequence[Ran]) -> RelayLeg:
    """Sums over the stages of a leg; what its last place holds anybody up is no part of it."""
    stages, end = [stage for _, stage in ran], ran[-1][1].points[-1]
    moving_s = sum(stage.moving_s.p50 or 0 for stage in stages)
    hiked_s = sum((s.hike_fraction.of_time.p50 or 0.0) * (s.moving_s.p50 or 0) for s in stages)
    dark_s = [stage.night.moving_s for stage in stages if stage.night]
    left_s = [point.margin_s.p50 for stage in stages for point in stage.points]
    climbs_m = [(stage.gain_m or 0.0, stage.loss_m or 0.0) for stage in stages]
    return RelayLeg(
        who=who,
        role=role,
        stages=tuple(stage.number for stage in stages),
        names=tuple(stage.name for stage in stages),
        length_m=sum(stage.length_m for stage in stages),
        gain_m=sum(gain_m for gain_m, _ in climbs_m),
        loss_m=sum(loss_m for _, loss_m in climbs_m),
        start=_start(*ran[0]),
        arrival=end.arrival,
        moving_s=moving_s,
        elapsed_s=sum(stage.elapsed_s.p50 or 0 for stage in stages) - (end.stop_s or 0),
        hike_fraction=ratio(hiked_s, moving_s),
        dark_s=sum(dark_s) if len(dark_s) == len(stages) else None,
        margin_s=min((s for s in left_s if s is not None), default=None),
    )


def _start(facts: RaceFacts, stage: StageFacts) -> datetime | None:
    before = [one.elapsed_s.p50 or 0 for one in facts.stages if one.number < stage.number]
    return facts.clock_at(stage, sum(before) if facts.through else 0)
