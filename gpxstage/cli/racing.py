"""estimate, plot, report: what a runner is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli import options
from gpxstage.cli.measuring import load

if TYPE_CHECKING:
    from gpxstage.report import Report

RACE = ("format", "start", "wave", "terrain", "raw")


@click.command()
@options.source_argument
@options.output_options
@options.show_options
@options.race_options
@options.runner_options
@click.pass_context
def estimate(
    ctx: click.Context,
    source: tuple[str, ...],
    form: str | None,
    stages: tuple[int, ...],
    units: str,
    quiet: bool,
    **wishes: Any,
) -> None:
    """What it will take: hours, how much is hiked, arrivals, night, energy."""
    options.one_form(ctx)
    report = analyzed(source, wishes)
    options.show(report, form, stages, units)
    options.say(report.notes, quiet)


@click.command()
@options.source_argument
@click.option(
    "-o", "--output", required=True, metavar="FILE", help=".png, .svg or .pdf; - is PNG on stdout."
)
@options.show_options
@options.race_options
@options.runner_options
def plot(
    source: tuple[str, ...],
    output: str,
    stages: tuple[int, ...],
    units: str,
    quiet: bool,
    **wishes: Any,
) -> None:
    """The picture: profile, steepness, what is hiked, hours; of the race or of one stage."""
    kind = "png" if output == "-" else output.rpartition(".")[2].lower()
    if kind not in {"png", "svg", "pdf"}:
        raise click.UsageError(f"-o {output}: the ending must be .png, .svg or .pdf")
    if len(stages) > 1:
        raise click.UsageError("--stage: a picture shows the race or one stage")
    report = analyzed(source, wishes)
    options.check_stages(report, stages)
    from gpxstage import folder
    from gpxstage.plot import draw, save

    picture = save(draw(report, stages[0] if stages else None, units=units), kind)
    if output == "-":
        click.get_binary_stream("stdout").write(picture)
    else:
        folder.write_file(output, picture)
    options.say(report.notes, quiet)


@click.command()
@options.source_argument
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")
@options.show_options
@options.race_options
@options.runner_options
def report(
    source: tuple[str, ...],
    output: str,
    stages: tuple[int, ...],
    units: str,
    quiet: bool,
    **wishes: Any,
) -> None:
    """The whole race in a folder: report.json, report.md, splits.csv, pictures."""
    found = analyzed(source, wishes)
    options.check_stages(found, stages)
    from gpxstage import folder
    from gpxstage.report.tables import headline

    written = folder.write(found, output, units=units, stages=stages)
    options.say(found.notes, quiet)
    if not quiet:
        click.echo(f"{headline(found, units)}", err=True)
        click.echo(f"{len(written)} files in {output}: {', '.join(written)}", err=True)


def analyzed(source: tuple[str, ...], wishes: dict[str, Any]) -> Report:
    """Load, measure, find the runner, estimate."""
    course = load(source, **{key: wishes.pop(key) for key in RACE})
    from gpxstage.cli.runners import runner_and_policy
    from gpxstage.profile import measure
    from gpxstage.report import analyze

    profiles = tuple(measure(stage.track) for stage in course.stages)
    model = wishes.pop("model")
    runner, policy, notes = runner_and_policy(course, profiles, model, wishes)
    return analyze(course, runner, profiles=profiles, model=model, policy=policy, notes=notes)
