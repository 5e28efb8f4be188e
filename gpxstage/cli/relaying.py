"""relay: a race divided among runners, and who goes along with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.options import (
    CourseOptions,
    FormOptions,
    WeightOptions,
    quiet_option,
    units_option,
)
from gpxstage.cli.values import command, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.estimator.runner import Runner


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
    forms: FormOptions = FormOptions()
    units: str = units_option()
    quiet: bool = quiet_option()


@command(RelayRequest())
def relay(request: RelayRequest) -> None:
    """Divide a race among runners by its stages, and show what each and a pacer does, and when.

    Where one clock runs through the race, each runner starts when the one before is expected.
    """
    course = request.course.load()
    from gpxstage.facts.relay import relay as divided

    runners, notes = _runners(course, [who for _, who in request.legs], request.weight)
    runs = [(_stages("--leg", text, course), runners[who]) for text, who in request.legs]
    pacers = [(_stages("--pacer", text, course), name) for text, name in request.pacers]
    found, form = divided(course, runs, pacers), request.forms.form
    if form == "json":
        from gpxstage.facts.whole import text_of

        output.put(text_of(found))
    else:
        from gpxstage.report.say.relay_table import relay_csv, relay_tables

        if form == "csv":
            output.put(relay_csv(found, request.units))
        else:
            fits = output.is_whole if form is None else None
            output.put_tables(relay_tables(found, request.units, fits=fits), found.race, form)
    output.say([*notes, *found.notes], request.quiet)


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


def _runners(
    course: Course, names: Sequence[str], weight: WeightOptions
) -> tuple[dict[str, Runner], dict[str, None]]:
    """The runners by what --leg calls them, and notes: a level of the field, or that of a file.

    Where two files give one name, each is called by its file too.
    """
    from gpxstage.cli.runners import apart, carried, own_weight
    from gpxstage.estimator.runner import LEVELS
    from gpxstage.estimator.runner_file import read_file, runner_of

    found: dict[str, Runner] = {}
    notes: dict[str, None] = {}
    for who in dict.fromkeys(names):
        if who in LEVELS:
            found[who] = carried(course, LEVELS[who], weight)
            continue
        runner, noted = runner_of(read_file(who), "race", None)
        notes |= dict.fromkeys(noted)
        found[who] = carried(course, runner, own_weight(runner, weight))
    return dict(zip(found, apart(list(found), list(found.values())), strict=True)), notes
