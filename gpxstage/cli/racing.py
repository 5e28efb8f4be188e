"""The commands that estimate a race: estimate, plot, report, relay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    CourseOptions,
    FactOptions,
    RaceOptions,
    ShowOptions,
    TableOptions,
    WeightOptions,
    folder_option,
)
from gpxstage.cli.values import card_items, command, option, picture_kind

if TYPE_CHECKING:
    from pathlib import Path

    from gpxstage.course import Course
    from gpxstage.facts.analysis import Report


@dataclass(frozen=True)
class ProposalOptions:
    """What is searched for."""

    arrive: str | None = option(
        "--arrive",
        metavar="POINT=WHEN",
        help="Find what has to change to be at a point at a time (Cogne='Mon 12:00'): the speed,"
        " or the rest before.",
    )
    plans: bool = option(
        "--plans",
        is_flag=True,
        help="Propose up to three plans of sleep at places with beds, the one with the best chance"
        " of finishing first; with --passed, of what is left of the race.",
    )


@dataclass(frozen=True)
class ScaleOptions:
    """The scale that pictures have in common."""

    same_scale: bool = option(
        "--same-scale",
        is_flag=True,
        help="Draw all stages on one horizontal scale: a kilometre is as wide in each.",
    )


@dataclass(frozen=True)
class SplitOptions:
    """The length of the splits that are wanted beside the points."""

    each: str | None = option(
        "--splits",
        type=click.Choice(["km", "mi"]),
        help="Show what each kilometre, or each mile, takes; report writes it as a CSV file.",
    )


@dataclass(frozen=True)
class EstimateRequest:
    """What `estimate` reads."""

    tables: TableOptions = TableOptions()
    race: RaceOptions = RaceOptions()
    proposals: ProposalOptions = ProposalOptions()
    why: bool = option(
        "--why", is_flag=True, help="Show where the hours go, and what other models give."
    )
    splits: SplitOptions = SplitOptions()


@command(EstimateRequest())
def estimate(request: EstimateRequest) -> None:
    """Estimate what it will take: hours, how much is hiked, arrivals, night, energy."""
    found = analyzed(request.race, request.proposals, why=request.why, both_efforts=True)
    if request.splits.each:
        output.show_splits(found, request.tables, request.splits.each)
    else:
        output.show(found, request.tables)


@dataclass(frozen=True)
class PlotRequest:
    """What `plot` reads."""

    output: str = option(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="Picture to write: .png, .svg or .pdf; - is PNG on stdout.",
    )
    across: str = option(
        "--x",
        type=click.Choice(["distance", "time", "clock"]),
        default="distance",
        help="Horizontal axis: distance, hours on the way, or the local clock with its nights.",
    )
    size: str = option(
        "--size",
        type=click.Choice(["screen", "preview", "print", "poster"]),
        default="screen",
        help="Size of the picture. preview: 1200 x 630 pixels, for posts; print: A4, and poster:"
        " A2, both with hours by grade and altitude.",
    )
    scale: ScaleOptions = ScaleOptions()
    show: ShowOptions = ShowOptions()
    race: RaceOptions = RaceOptions()


@command(PlotRequest())
def plot(request: PlotRequest) -> None:
    """Draw the picture of the race or of one stage: profile, steepness, hiking, hours."""
    path = request.output
    kind = "png" if path == "-" else picture_kind("-o", path)
    if len(request.show.stages) > 1:
        raise click.UsageError("--stage: a picture shows the race or one stage")
    found = analyzed(request.race)
    picture = _drawn(found, request, kind)
    if path == "-":
        output.put(picture)
    else:
        from gpxstage import folder

        folder.write_file(path, picture, inputs=_inputs(request.race))
    show = request.show
    output.say([*found.notes, *_unwritten(found)], show.quiet, show.units)


def _drawn(found: Report, request: PlotRequest, kind: str) -> bytes:
    from gpxstage.plot import draw, save

    stages = output.stage_numbers(request.show.stages, found.course)
    try:
        drawn = draw(
            found,
            stages[0] if stages else None,
            units=request.show.units,
            across=request.across,
            size=request.size,
            same_scale=request.scale.same_scale,
        )
    except ValueError as error:
        raise click.UsageError(f"--x {request.across}: {error}") from None
    return save(drawn, kind)


def _unwritten(found: Report) -> list[str]:
    """A note of names that no font on this machine can write."""
    from gpxstage.plot import lost

    names = lost(found)
    if not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"{names[0]}{more}: no font here has all its letters; pictures leave some out"]


@dataclass(frozen=True)
class ReportRequest:
    """What `report` reads."""

    output: str = folder_option()
    scale: ScaleOptions = ScaleOptions()
    show: ShowOptions = ShowOptions()
    race: RaceOptions = RaceOptions()
    crew_items: tuple[str, ...] = option(
        "--crew-item",
        multiple=True,
        callback=card_items,
        metavar="TEXT",
        help="Something that the crew brings, printed on the crew card; up to six."
        " The crew card needs the extra [web]. Without this option, crew_items of the runner file.",
    )
    crew_bases: bool = option(
        "--crew-bases",
        is_flag=True,
        help="List only life bases, starts and finishes on the crew card.",
    )
    proposals: ProposalOptions = ProposalOptions()
    splits: SplitOptions = SplitOptions()


@command(ReportRequest())
def report(request: ReportRequest) -> None:
    """Write the whole race into a folder: page, tables, pictures, crew card, watch, calendar."""
    path, show = request.output, request.show
    output.check_apart(request.race.course.source, path)
    found = analyzed(request.race, request.proposals, crew_items=request.crew_items)
    stages = output.stage_numbers(show.stages, found.course)
    from gpxstage import folder
    from gpxstage.facts.headline import headline

    pictures = 1 + len(set(stages) or found.course.stages)
    form = folder.Form(
        show.units,
        stages,
        request.scale.same_scale,
        splits=request.splits.each,
        crew_bases=request.crew_bases,
    )
    with output.progress(pictures, "drawing", show.quiet) as drawn:
        names = folder.write(found, path, form, drawn=drawn, inputs=_inputs(request.race))
    notes = [*folder.left_out(found), *folder.outdated(path, names)]
    output.say([*found.notes, *_unwritten(found), *notes], show.quiet, show.units)
    if not show.quiet:
        click.echo(headline(found.facts, show.units), err=True)
        output.written(names, path)


def _inputs(race: RaceOptions) -> list[Path]:
    return output.inputs(race.course.source, race.runner.results.past, race.runner.files)


def analyzed(
    race: RaceOptions,
    proposals: ProposalOptions = ProposalOptions(),
    *,
    why: bool = False,
    crew_items: tuple[str, ...] = (),
    both_efforts: bool = False,
) -> Report:
    """Load, measure, find the runner, estimate; *both_efforts* of a fitted one in a race."""
    course = race.course.load()
    from gpxstage.cli import runners
    from gpxstage.cli.whereabouts import passages, slower, wanted
    from gpxstage.facts.analysis import analyze
    from gpxstage.profile import measure

    plans = proposals.plans
    runners.check_together(race, plans=plans, arrive=proposals.arrive is not None)
    profiles = tuple(measure(stage.track) for stage in course.stages)
    passed, doubts = passages(course, profiles, race.plan.passed)
    alone = plans or proposals.arrive is not None
    field = runners.field(course, profiles, race, both_efforts=both_efforts and not alone)
    return analyze(
        course,
        field.runner,
        profiles=profiles,
        model=race.model.name,
        draws=race.model.draws,
        seed=race.model.seed,
        why=why,
        plans=plans,
        passed=passed,
        others=field.others,
        together=race.runner.together,
        policy=replace(field.policy, slower=slower(course, profiles, passed, race.plan)),
        arrive=wanted(course, profiles, proposals.arrive),
        notes=(*doubts, *runners.slowed(race.plan), *runners.unused(race.model.name), *field.notes),
        intake_kcal_per_h=race.plan.intake_kcal_per_h,
        base_meal_kcal=race.plan.base_meal_kcal,
        crew_items=crew_items or field.crew_items,
    )


@dataclass(frozen=True)
class RelayRequest:
    """What `relay` reads."""

    legs: tuple[tuple[str, str], ...] = option(
        "--leg",
        nargs=2,
        multiple=True,
        required=True,
        metavar="STAGES RUNNER",
        help="Stages (2, or 1-3, or 1,4) and who runs them: a runner file, or a level of the"
        " field. Repeat it until each stage has a runner.",
    )
    pacers: tuple[tuple[str, str], ...] = option(
        "--pacer",
        nargs=2,
        multiple=True,
        metavar="STAGES NAME",
        help="Stages in a row and the name of somebody who goes along with whoever runs them.",
    )
    weight: WeightOptions = WeightOptions()
    course: CourseOptions = CourseOptions()
    show: FactOptions = FactOptions()


@command(RelayRequest())
def relay(request: RelayRequest) -> None:
    """Divide a race among runners by its stages, and show what each and a pacer does, and when.

    Where one clock runs through the race, each runner starts when the one before is expected.
    """
    course, show = request.course.load(), request.show
    from gpxstage.cli.runners import of_a_race
    from gpxstage.facts.relay import relay as divided
    from gpxstage.report.say.relay_table import relay_csv, relay_tables

    runners, notes = of_a_race(course, [who for _, who in request.legs], request.weight)
    runs = [(_stages("--leg", text, course), runners[who]) for text, who in request.legs]
    pacers = [(_stages("--pacer", text, course), name) for text, name in request.pacers]
    found = divided(course, runs, pacers)
    fits = output.is_whole if show.forms.form is None else None
    output.put_facts(
        found,
        show.forms,
        found.race,
        csv=lambda: relay_csv(found, show.units),
        tables=lambda: relay_tables(found, show.units, fits=fits),
    )
    output.say([*notes, *found.notes], show.quiet, show.units)


def _stages(flag: str, text: str, course: Course) -> tuple[int, ...]:
    """The stages of ``1-3`` or ``1,4`` or a name. Raises UsageError for others."""
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if dash and first.strip().isdecimal() and last.strip().isdecimal():
            ends = output.stage_numbers((first, last), course, flag)
            if ends[0] > ends[1]:
                raise click.UsageError(f"{flag} {text}: {ends[0]} comes after {ends[1]}")
            found += range(ends[0], ends[1] + 1)
        else:
            found += output.stage_numbers((part,), course, flag)
    return tuple(found)
