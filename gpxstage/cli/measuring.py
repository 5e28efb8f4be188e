"""info, check, models: what needs no runner."""

from __future__ import annotations

import sys
from typing import Any

import click

from gpxstage.cli import options


def load(source: tuple[str, ...], **wishes: Any) -> Any:
    """The course of some sources, by the race options."""
    from gpxstage.manifest import load as load_course

    repair = not wishes.pop("raw", False)
    return load_course(*source, repair=repair, **wishes)


@click.command()
@options.source_argument
@options.output_options
@options.show_options
@options.race_options
def info(source: tuple[str, ...], **given: Any) -> None:
    """What the course is: distance, climb, steepness, altitude, climbs, points."""
    how = options.shown(given)
    from gpxstage.report import analyze

    options.show(analyze(load(source, **given), estimated=False), how)


@click.command()
@options.source_argument
@options.race_options
def check(source: tuple[str, ...], **wishes: Any) -> None:
    """Read everything and print the notes; exit 1 if there are any."""
    from gpxstage.report import analyze
    from gpxstage.report.units import plain

    report = analyze(load(source, **wishes), estimated=True)
    for note in dict.fromkeys(report.notes):
        click.echo(plain(note))
    if report.notes:
        sys.exit(1)
    count = len(report.course.stages)
    click.echo(f"nothing to note: {count} stage{'s' if count > 1 else ''} read and measured")


@click.command()
def models() -> None:
    """The speed models: name, range of grades, reference."""
    from gpxstage.estimator.models import MODELS
    from gpxstage.report.tables import Table

    rows = tuple(
        (
            row.name,
            f"{100 * row.grade_range[0]:.0f} to {100 * row.grade_range[1]:.0f} %",
            row.reference,
        )
        for row in MODELS.values()
    )
    table = Table("Speed models", ("name", "grades", "reference"), rows, words=3)
    options.print_tables([table])
