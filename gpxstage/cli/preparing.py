"""The commands for the months before a race: demands, training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    CourseOptions,
    FactOptions,
    LimitOptions,
    RaceOptions,
    RunnerOptions,
    picture_option,
)
from gpxstage.cli.values import argument, command, option, picture_kind

if TYPE_CHECKING:
    from gpxstage.facts.analysis import Report
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
    output.say(found.notes, show.quiet)


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
class RaceToTrainFor:
    """The race that a training is for; the options of the course are those of `demands`."""

    course: str = option(
        "--for",
        required=True,
        metavar="SOURCE",
        help="The race: a .gpx file, a race.toml, or a folder of either.",
    )


@dataclass(frozen=True)
class TrainingRequest:
    """What `training` reads."""

    recording: tuple[str, ...] = argument(nargs=-1, required=True)
    goal: RaceToTrainFor = RaceToTrainFor()
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

    source, show, most = (request.goal.course,), request.show, request.most
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
        from gpxstage.plot.weekly import draw

        picture = save(draw(found, shown_weeks(found.weeks), show.units).figure, kind)
        read = output.inputs(source, request.runner.results.past, request.runner.files)
        folder.write_file(request.output, picture, inputs=[*paths, *read])
    output.put_facts(
        found,
        show.forms,
        found.race,
        csv=lambda: lines_csv(training_rows(found, show.units)),
        tables=lambda: training_tables(found, shown_weeks(found.weeks), show.units),
    )
    output.say((*found.notes, *found.demands.notes), show.quiet)
