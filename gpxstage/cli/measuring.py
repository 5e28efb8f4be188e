"""info, check, models: what needs no runner."""

from __future__ import annotations

import sys
from typing import Any

import click

from gpxstage.cli import options
from gpxstage.text import counted


def load(source: tuple[str, ...], **wishes: Any) -> Any:
    """The course of some sources, by the race options."""
    from gpxstage.racefile import load as load_course

    repair = not wishes.pop("raw", False)
    return load_course(*source, repair=repair, **wishes)


@click.command()
@options.source_argument
@options.output_options
@options.show_options
@options.race_options
@options.above_option
def info(source: tuple[str, ...], **given: Any) -> None:
    """Show what the course is: distance, climb, steepness, altitude, climbs, points."""
    how = options.shown(given)
    from gpxstage.facts.analysis import analyze

    options.show(analyze(load(source, **given), estimated=False), how)


@click.command()
@options.source_argument
@options.output_options
@options.race_options
def check(source: tuple[str, ...], **given: Any) -> None:
    """Read everything and print the notes; exit 1 if there are any."""
    form = options.form_of(given)
    from gpxstage.facts.analysis import analyze
    from gpxstage.text import one_line

    report = analyze(load(source, **given), estimated=False)
    notes = [one_line(note) for note in dict.fromkeys(report.notes)]
    if form:
        options.put_rows(form, [{"note": note} for note in notes])
    elif notes:
        options.put("".join(f"{note}\n" for note in notes))
    else:
        count = len(report.course.stages)
        options.put(f"nothing to note: {counted(count, 'stage')} read and measured\n")
    if notes:
        sys.exit(1)


@click.command()
@options.output_options
def models(**given: Any) -> None:
    """List the speed models: name, range of grades, reference."""
    form = options.form_of(given)
    from gpxstage.estimator.models import MODELS
    from gpxstage.report.say.tables import Table
    from gpxstage.units import percent

    if form:
        keys = ("name", "kind", "reference", "what_it_says")
        options.put_rows(
            form,
            [
                {key: getattr(row, key) for key in keys}
                | {"lowest_grade": row.grade_range[0], "highest_grade": row.grade_range[1]}
                for row in MODELS.values()
            ],
        )
        return
    rows = tuple(
        (row.name, " to ".join(map(percent, row.grade_range)), row.kind, row.reference)
        for row in MODELS.values()
    )
    table = Table("Speed models", ("name", "grades, %", "what for", "reference"), rows, words=4)
    options.print_tables([table])
