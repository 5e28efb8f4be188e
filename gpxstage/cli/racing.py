"""estimate, plot, report: what a runner is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli import options
from gpxstage.cli.asked import (
    Request,
    crew_option,
    picture_kind,
    plans_option,
    runner_options,
    several,
)
from gpxstage.cli.measuring import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.estimator.nouns import Passed
    from gpxstage.facts.analysis import Report
    from gpxstage.profile import Profile

same_scale_option = click.option(
    "--same-scale",
    is_flag=True,
    help="Draw all stages on one horizontal scale: a kilometre is as wide in each.",
)
picture_options = several(
    click.option(
        "--x",
        "across",
        type=click.Choice(["distance", "time", "clock"]),
        default="distance",
        help="Horizontal axis: distance, hours on the way, or the local clock with its nights.",
    ),
    click.option(
        "--size",
        type=click.Choice(["screen", "preview", "print"]),
        default="screen",
        help="Size of the picture. preview: 1200 x 630 pixels, for posts; print: A4, with hours by"
        " grade and altitude.",
    ),
)
RACE = ("format", "start", "wave", "terrain", "raw", "tracks")


@click.command()
@options.source_argument
@options.output_options
@options.show_options
@options.race_options
@runner_options
@plans_option
@click.option("--why", is_flag=True, help="Show where the hours go, and what other models give.")
@options.above_option
def estimate(source: tuple[str, ...], **given: Any) -> None:
    """Estimate what it will take: hours, how much is hiked, arrivals, night, energy."""
    how = options.shown(given)
    options.show(analyzed(source, given, both_efforts=True), how)


@click.command()
@options.source_argument
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="Picture to write: .png, .svg or .pdf; - is PNG on stdout.",
)
@picture_options
@same_scale_option
@options.show_options
@options.race_options
@runner_options
def plot(
    source: tuple[str, ...], output: str, across: str, size: str, same_scale: bool, **given: Any
) -> None:
    """Draw the picture of the race or of one stage: profile, steepness, hiking, hours."""
    how = options.shown(given)
    kind = "png" if output == "-" else picture_kind("-o", output)
    if len(how.typed) > 1:
        raise click.UsageError("--stage: a picture shows the race or one stage")
    found = analyzed(source, given)
    how = options.with_stages(how, found)
    from gpxstage import folder
    from gpxstage.plot import draw, save

    stage = how.stages[0] if how.stages else None
    try:
        drawn = draw(found, stage, units=how.units, across=across, size=size, same_scale=same_scale)
    except ValueError as error:
        raise click.UsageError(f"--x {across}: {error}") from None
    picture = save(drawn, kind)
    if output == "-":
        options.put(picture)
    else:
        folder.write_file(output, picture, inputs=options.inputs(source, given))
    options.say([*found.notes, *unwritten(found)], how.quiet)


def unwritten(found: Report) -> list[str]:
    """A note of names that no font on this machine can write."""
    from gpxstage.plot import lost

    names = lost(found)
    if not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"{names[0]}{more}: no font here has all letters of it; pictures leave them out"]


@click.command()
@options.source_argument
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")
@same_scale_option
@options.show_options
@options.race_options
@runner_options
@crew_option
@plans_option
def report(source: tuple[str, ...], output: str, same_scale: bool, **given: Any) -> None:
    """Write the whole race into a folder: page, tables, pictures, crew card, watch, calendar."""
    how = options.shown(given)
    options.check_apart(source, output)
    found = analyzed(source, given)
    how = options.with_stages(how, found)
    from gpxstage import folder
    from gpxstage.facts.analysis import headline

    pictures = 1 + len(set(how.stages) or found.course.stages)
    with options.progress(pictures, "drawing", how.quiet) as drawn:
        written = folder.write(
            found,
            output,
            units=how.units,
            stages=how.stages,
            same_scale=same_scale,
            drawn=drawn,
            inputs=options.inputs(source, given),
        )
    notes = [*folder.left_out(found), *folder.outdated(output, written)]
    options.say([*found.notes, *unwritten(found), *notes], how.quiet)
    if not how.quiet:
        click.echo(headline(found.facts, how.units), err=True)
        click.echo(f"{len(written)} files in {output}: {', '.join(written)}", err=True)


def analyzed(
    source: tuple[str, ...], given: dict[str, Any], *, both_efforts: bool = False
) -> Report:
    """Load, measure, find the runner, estimate; *both_efforts* of a fitted one in a race."""
    course = load(source, **{key: given.pop(key) for key in RACE})
    asked = Request(**given)
    from gpxstage.cli.runners import as_both, crew_items, others, runner_and_policy, unused
    from gpxstage.facts.analysis import analyze
    from gpxstage.profile import measure

    profiles = tuple(measure(stage.track) for stage in course.stages)
    passed, doubts = _passed(course, profiles, asked)
    if asked.plans and (passed or asked.model != "gait"):
        raise click.UsageError("--plans is for before the start, and not for a plain --model")
    runner, policy, notes = runner_and_policy(course, profiles, asked)
    rest = others(course, asked)
    if both_efforts and asked.model == "gait" and runner is not None:
        runner, *second = as_both(course, asked, runner)
        rest = (*second, *rest)
    return analyze(
        course,
        runner,
        profiles=profiles,
        model=asked.model,
        draws=asked.draws,
        seed=asked.seed,
        why=asked.why,
        plans=asked.plans,
        passed=passed,
        others=rest,
        policy=policy,
        notes=(*doubts, *unused(asked.model), *notes),
        intake_kcal_per_h=asked.intake,
        crew_items=crew_items(asked),
    )


def _passed(
    course: Course, profiles: Sequence[Profile], asked: Request
) -> tuple[tuple[Passed, ...], tuple[str, ...]]:
    """The places that the runner has passed, and what is doubtful about them."""
    if not asked.passed:
        return (), ()
    from gpxstage.cli.on_the_way import passed

    if asked.model != "gait" or len(asked.level) > 1:
        raise click.UsageError("--passed is about one runner, and not for a plain --model")
    return passed(course, profiles, asked.passed)
