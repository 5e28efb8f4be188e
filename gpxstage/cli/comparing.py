"""info --compare: several courses side by side, and one picture of them on one scale."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gpxstage.cli import output
from gpxstage.cli.values import picture_kind, typed

if TYPE_CHECKING:
    from pathlib import Path

    from gpxstage.cli.options import CourseOptions, TableOptions
    from gpxstage.facts.analysis import Report


def compare(courses: CourseOptions, tables: TableOptions, path: str | None) -> None:
    """Print each source as a course of its own beside the others, and draw them."""
    if len(courses.source) < 2:
        raise click.UsageError("--compare needs two courses or more")
    if refused := typed("--stage", "--above"):
        raise click.UsageError(f"{refused[0]} is not for --compare")
    kind = picture_kind("-o", path) if path else None
    from gpxstage.facts.comparison import compared
    from gpxstage.facts.figures import Comparison

    reports = [_report(courses, source) for source in courses.source]
    found, form, units = compared([r.facts for r in reports]), tables.forms.form, tables.show.units
    if path and kind:
        read = [one for source in courses.source for one in output.inputs((source,))]
        _draw(reports, path, kind, units, read)
    if form == "json":
        from gpxstage.facts.whole import text_of

        output.put(text_of(Comparison(courses=found)))
    else:
        from gpxstage.report.say.side_by_side import comparison_csv, comparison_tables

        if form == "csv":
            output.put(comparison_csv(found))
        else:
            output.put_tables(comparison_tables(found, units), "Courses compared", form)
    notes = [f"{r.course.name}: {note}" for r in reports for note in r.course.notes]
    output.say(notes, tables.show.quiet)


def _report(courses: CourseOptions, source: str) -> Report:
    """A course with what it takes the middle of the field."""
    from gpxstage.facts.analysis import analyze

    return analyze(replace(courses, source=(source,)).load(), draws=0)


def _draw(reports: list[Report], path: str, kind: str, units: str, inputs: list[Path]) -> None:
    from gpxstage import folder
    from gpxstage.plot import save
    from gpxstage.plot.compared import draw

    folder.write_file(path, save(draw(reports, units).figure, kind), inputs=inputs)
