"""The commands for the months before a race and the days after it: demands, training, review."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    CourseOptions,
    FactOptions,
    FormOptions,
    LimitOptions,
    ModelOptions,
    PlanOptions,
    RaceOptions,
    RunnerOptions,
    ShowOptions,
    picture_option,
)
from gpxstage.cli.values import argument, command, option, picture_kind, typed

if TYPE_CHECKING:
    from gpxstage.estimator.fit.retraced import Trace
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.review import Advice, ReviewFacts
    from gpxstage.facts.ways import Way
    from gpxstage.facts.workload import Demands


@dataclass(frozen=True)
class DemandsRequest:
    """What `demands` reads."""

    show: FactOptions = FactOptions()
    race: RaceOptions = RaceOptions()


@command(DemandsRequest())
def demands(request: DemandsRequest) -> None:
    """Show what a race asks of a training: each day, its hours, and sections to see.

    The days of a staged race are its stages; a race whose clock runs through is counted in 24
    hours from its start, and by the calendar too.
    """
    from gpxstage.report.say.training_tables import demand_rows, demand_tables
    from gpxstage.report.splits import lines_csv

    show = request.show
    report, found = _demanded(request.race, show.units, why=True)
    output.put_facts(
        found,
        show.forms,
        found.race,
        csv=lambda: lines_csv(demand_rows(found, show.units)),
        tables=lambda: demand_tables(report.facts, found, show.units),
    )
    output.say(found.notes, show.quiet, show.units)


def _demanded(race: RaceOptions, units: str, *, why: bool = False) -> tuple[Report, Demands]:
    """The estimated race and its demands; with *why* what altitude costs, too."""
    for flag, given in (("--level", race.runner.level), ("--runner", race.runner.files)):
        if len(given) > 1:
            raise click.UsageError(f"{flag}: the demands are those of one runner: give it once")
    from gpxstage.cli.racing import analyzed
    from gpxstage.training.demands import demands

    report = analyzed(race, why=why)
    return report, demands(report, units)


@dataclass(frozen=True)
class TrainingRequest:
    """What `training` reads."""

    recording: tuple[str, ...] = argument(nargs=-1, required=True)
    course: str = option(
        "--for",
        required=True,
        metavar="SOURCE",
        help="The race: a .gpx file, a race.toml, or a folder of either.",
    )
    output: str | None = picture_option()
    show: FactOptions = FactOptions()
    runner: RunnerOptions = RunnerOptions()
    most: LimitOptions = LimitOptions()


@command(TrainingRequest())
def training(request: TrainingRequest) -> None:
    """Compare one's own recorded weeks with what a race asks.

    A RECORDING is .gpx, .gpx.gz or .fit, or a folder of them, of one person. All figures are
    those that `demands` shows for the race. They are no advice.
    """
    from gpxstage.estimator.fit import recordings
    from gpxstage.report.say.training_tables import training_rows, training_tables
    from gpxstage.report.splits import lines_csv
    from gpxstage.training.weeks import shown_weeks, training

    source, show, most = (request.course,), request.show, request.most
    kind = picture_kind("-o", request.output)
    race = RaceOptions(CourseOptions(source, most=most), request.runner)
    report, demanded = _demanded(race, show.units)
    assert report.estimate is not None
    paths = recordings.files(request.recording)
    with output.progress(len(paths), "reading", show.quiet) as done:
        outings, notes = recordings.read(paths, done=done, limits=most.limits)
    course, runner = (report.course, report.profiles), report.estimate.runner
    found = training(outings, demanded, runner, course, units=show.units, notes=notes)
    if request.output:
        from gpxstage import folder
        from gpxstage.plot import save
        from gpxstage.plot.compared import draw_weeks

        picture = save(draw_weeks(found, shown_weeks(found.weeks), show.units).figure, kind)
        read = output.inputs(source, request.runner.results.past, request.runner.files)
        folder.write_file(request.output, picture, inputs=[*paths, *read])
    output.put_facts(
        found,
        show.forms,
        found.race,
        csv=lambda: lines_csv(training_rows(found, show.units)),
        tables=lambda: training_tables(found, shown_weeks(found.weeks), show.units),
    )
    output.say((*found.notes, *found.demands.notes), show.quiet, show.units)


@dataclass(frozen=True)
class ReviewRequest:
    """What `review` reads."""

    course: CourseOptions = CourseOptions()
    recording: str = argument()
    forms: FormOptions = FormOptions()
    show: ShowOptions = ShowOptions()
    runner: RunnerOptions = RunnerOptions()
    plan: PlanOptions = PlanOptions()
    output: str | None = picture_option()


@command(ReviewRequest())
def review(request: ReviewRequest) -> None:
    """Show where the time of a recording went, against a plan and against the field.

    A RECORDING is .gpx, .gpx.gz or .fit, or a .csv table with a column of places and one of times
    (since the start, or of the clock), called by their usual names in any of several languages.
    The even plan is that of a runner who takes the recorded time. The last table says what to
    change in the runner file, where the evidence is clear.
    """
    _check(request)
    kind = picture_kind("-o", request.output)
    path = Path(request.recording)
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    from gpxstage.cli.racing import analyzed
    from gpxstage.facts.looking_back import review as looked_back
    from gpxstage.facts.ways import way_of
    from gpxstage.report.say.review_tables import review_csv, review_tables

    race = RaceOptions(request.course, request.runner, request.plan, ModelOptions(draws=0))
    report = analyzed(race)
    stages = output.stage_numbers(request.show.stages, report.course)
    if report.course.format == "staged" and len(report.course.stages) > 1 and len(stages) != 1:
        raise click.UsageError(
            "each stage of this race has its own start: choose one with --stage, or give"
            " --format continuous"
        )
    way = way_of(report, stages, request.show.units)
    trace = _trace(path, report, way, request.course.most)
    even, levels, notes = _others(report, way, trace, race)
    advice = _advice(report, way, trace, race)
    found = looked_back(report, way, trace, even=even, levels=levels, advice=advice, notes=notes)
    show = request.show
    if request.output:
        from gpxstage import folder

        read = [*output.inputs(request.course.source, (), request.runner.files), path]
        picture = _drawn(found, way, show.units, kind)
        folder.write_file(request.output, picture, inputs=read)
    output.put_facts(
        found,
        request.forms,
        found.name,
        csv=lambda: review_csv(found, show.units),
        tables=lambda: review_tables(found, show.units),
    )
    output.say([*report.notes, *found.notes], show.quiet, show.units)


def _check(request: ReviewRequest) -> None:
    """A usage error for options that are about a race that is still to come."""
    if refused := typed("--passed", "--slower", "--until"):
        raise click.UsageError(f"{refused[0]} is for a race that goes on, not for a review")
    if len(request.runner.level) > 1:
        raise click.UsageError("--level: a review has one plan; all levels are in its last table")
    if len(request.runner.files) > 1:
        raise click.UsageError("--runner: a review has one plan: give it once")


def _trace(path: Path, report: Report, way: Way, most: LimitOptions) -> Trace:
    """The recording, or the splits of a table."""
    if path.suffix.lower() == ".csv":
        return _splits(path, report, way)
    from gpxstage.estimator.fit.retraced import retrace

    profiles = [part.profile for part in way.parts]
    return retrace(path, profiles, [at_m for _, _, at_m in way.marks()], most.limits)


def _splits(path: Path, report: Report, way: Way) -> Trace:
    """A table of points and times. Raises CourseError where it is none."""
    import numpy as np

    from gpxstage.cli.whereabouts import in_order, passages
    from gpxstage.course import CourseError
    from gpxstage.estimator.fit.retraced import Trace
    from gpxstage.racefile.table import splits

    rows = in_order(report.course, report.profiles, splits(path))
    try:
        found, notes = passages(report.course, report.profiles, rows)
    except click.UsageError as error:
        raise CourseError(f"{path.name}: {error.message.replace('--passed ', '')}") from None
    offsets = {p.stage.number: m for p, m in zip(way.parts, way.offset_m, strict=True)}
    here = [each for each in found if each.stage in offsets]
    if not here:
        raise CourseError(f"{path.name}: it has no place of this stage")
    at_m = [0.0, *(offsets[each.stage] + each.distance_m for each in here)]
    first = way.parts[0].stage.number
    before = [each.elapsed_s for each in found if each.stage not in offsets and each.stage < first]
    start_s = before[-1] if before else 0.0
    at_s = [0.0, *(each.elapsed_s - start_s for each in here)]
    return Trace(
        path.name,
        np.array(at_m),
        np.maximum.accumulate(np.array(at_s)),
        float(at_s[-1]),
        way.length_m,
        notes=tuple(note.replace("--passed ", "") for note in notes),
    )


def _advice(report: Report, way: Way, trace: Trace, race: RaceOptions) -> tuple[Advice, ...]:
    """What to change in the runner file, in its own numbers; without one, in those on this course.

    The numbers of a level are those of a place in a field, which is weaker in a shorter race.
    """
    if report.estimate is None or trace.clock is None:
        return ()
    from gpxstage.cli.runners import field
    from gpxstage.estimator import estimate
    from gpxstage.facts.advice import advice_on
    from gpxstage.facts.ways import PlannedWay, plan_on

    policy = report.estimate.policy

    def plan_of(runner: Runner) -> PlannedWay:
        return plan_on(way, estimate(report.course, report.profiles, runner, policy=policy))

    own: Runner | None = report.estimate.runner
    if race.runner.files:
        own = field(report.course, report.profiles, race, both_efforts=False).runner
    return advice_on(way, trace, own, plan_of) if own is not None else ()


def _others(
    report: Report, way: Way, trace: Trace, race: RaceOptions
) -> tuple[Estimate | None, dict[str, Estimate], tuple[str, ...]]:
    """The even plan, the levels of the field, and notes; nothing where nothing was estimated."""
    if report.estimate is None:
        return None, {}, ()
    from gpxstage.cli.raced import carried
    from gpxstage.course import CourseError
    from gpxstage.estimator import estimate, fit
    from gpxstage.estimator.runner import LEVELS
    from gpxstage.facts.ways import plan_on

    ends_m, policy = (trace.begin_m, trace.reached_m), report.estimate.policy

    def run(runner: Runner) -> Estimate:
        who = carried(report.course, runner, race.runner.weight)
        return estimate(report.course, report.profiles, who, policy=policy)

    recorded_s = trace.at_s(ends_m[1]) - trace.at_s(ends_m[0])
    levels = {name: run(runner) for name, runner in LEVELS.items()}
    try:
        runner, notes = fit.for_goal(
            lambda one: plan_on(way, run(one)).between_s(*ends_m), recorded_s, "the recorded time"
        )
    except CourseError as error:
        return None, levels, (f"no even plan: {error}",)
    return run(replace(runner, name="even plan")), levels, notes


def _drawn(found: ReviewFacts, way: Way, units: str, kind: str) -> bytes:
    import numpy as np

    from gpxstage.plot import save
    from gpxstage.plot.compared import draw_review

    along_m = np.concatenate(
        [m + p.profile.distance_m for p, m in zip(way.parts, way.offset_m, strict=True)]
    )
    height_m = np.concatenate([part.profile.elevation_m for part in way.parts])
    return save(draw_review(found, along_m, height_m, units).figure, kind)
