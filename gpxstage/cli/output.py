"""What leaves the program: tables, rows and notes; and the files that it reads and writes."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from gpxstage.text import fits, listed, short, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gpxstage.cli.options import FormOptions, TableOptions
    from gpxstage.course import Course
    from gpxstage.facts.analysis import Report
    from gpxstage.report.say.tables import Table

MOST_NOTE = 1_000  # letters
MOST_NOTES = 40  # more than a page of them is folded
# columns of a terminal: where nothing is known, the fewest that cut no figure, enough for more
# columns of a table, and the most that the eye follows
COLUMNS, LEAST, WIDE, MOST = 80, 72, 112, 140


def say(notes: Iterable[str], quiet: bool, units: str = "metric") -> None:
    """Notes on stderr, each once, their lengths in *units*, folded beyond a page."""
    if quiet:
        return
    from gpxstage.report.say.noted import notes_in

    unique = notes_in(notes, units)
    lines = [f"note: {short(note, MOST_NOTE)}" for note in unique[:MOST_NOTES]]
    if len(unique) > MOST_NOTES:
        lines.append(f"note: and {len(unique) - MOST_NOTES} more")
    for line in lines:
        click.echo(_wrapped(line), err=True)


def _wrapped(line: str) -> str:
    """A line as a terminal shows it whole; one line where stderr is none, for programs."""
    if sys.stderr is None or not sys.stderr.isatty():
        return line
    return textwrap.fill(
        line, _columns(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


@contextmanager
def progress(count: int, label: str, quiet: bool) -> Iterator[Callable[[], object]]:
    """A bar on stderr, where that is a terminal; call what it gives after each step."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def show(report: Report, how: TableOptions) -> None:
    """Print the report in the form that was chosen, and its notes on stderr."""
    stages = stage_numbers(how.show.stages, report.course)
    units, form = how.show.units, how.forms.form
    if form == "json":
        from gpxstage.facts.whole import json_text

        put(json_text(report.facts_for(units, how.above_m).shown(stages)))
    elif form == "csv":
        from gpxstage.report.splits import csv_text

        put(csv_text(report, units, stages))
    elif form == "markdown":
        from gpxstage.report.markup import markdown_text

        put(markdown_text(report, units, stages))
    else:
        from gpxstage.report.say import all_tables

        wide, above_m = _width() >= WIDE, how.above_m
        found = all_tables(report, units, stages, wide=wide, above_m=above_m, fits=is_whole)
        print_tables(found, report.course.name)
    say([*report.notes, *_nothing_above(report, how, stages)], how.show.quiet, units)


def _nothing_above(report: Report, how: TableOptions, stages: Sequence[int]) -> list[str]:
    """Notes of the thresholds of ``--above`` that no shown stage reaches: they have no row."""
    from gpxstage.units import UNITS

    shown = report.facts.shown(stages).stages
    highest_m = max((s.highest_m for s in shown if s.highest_m is not None), default=None)
    unit = UNITS[how.show.units]
    if highest_m is None:
        return []
    bare = (
        " (a number without a unit is in metres: 9000ft is in feet)" if unit.height != "m" else ""
    )
    return [
        f"nothing lies above {unit.height_text(each_m)}{bare}: the highest point is at"
        f" {unit.height_text(highest_m)}"
        for each_m in how.above_m
        if each_m >= highest_m
    ]


def show_splits(report: Report, how: TableOptions, each: str) -> None:
    """Print what each kilometre or mile takes, in the form that was chosen, and the notes."""
    from gpxstage.facts.pace import splits
    from gpxstage.report.splits import pace_csv, pace_table
    from gpxstage.units import unit_of

    unit = unit_of(each)
    found = splits(report, unit.m_per_distance, stage_numbers(how.show.stages, report.course))
    put_facts(
        found,
        how.forms,
        report.course.name,
        csv=lambda: pace_csv(found, unit),
        tables=lambda: [pace_table(found, unit)],
    )
    say(report.notes, how.show.quiet, how.show.units)


def print_tables(found: Sequence[Table], title: str = "") -> None:
    """Tables on stdout, in the width that is given; in colour where somebody looks and wants it."""
    from gpxstage.report.markup import text

    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    out = _stdout()
    colour = out.isatty() and wanted
    drawn = text(found, title=title, width=_width(), colour=colour)
    encoding = out.encoding or "utf-8"
    try:
        drawn.encode(encoding)
    except UnicodeEncodeError:  # an old terminal: lines and minus signs first, then what is left
        drawn = drawn.translate(dict.fromkeys(map(ord, "─−–"), "-"))
        drawn = drawn.encode(encoding, "replace").decode(encoding)
    click.echo(drawn, nl=False, color=colour)


def put_facts(
    found: object,
    forms: FormOptions,
    title: str,
    *,
    csv: Callable[[], str],
    tables: Callable[[], Sequence[Table]],
) -> None:
    """Typed facts on stdout as JSON or CSV, or as tables under a title, in text or Markdown."""
    if forms.json:
        from gpxstage.facts.whole import text_of

        put(text_of(found))
    elif forms.csv:
        put(csv())
    elif forms.markdown:
        from gpxstage.report.markup import markdown_tables

        put(markdown_tables(tables(), title))
    else:
        print_tables(tables(), title)


def is_whole(table: Table) -> bool:
    """Whether the terminal has room for every word of a table."""
    from gpxstage.report.markup import whole

    return whole(table, _width())


def _width() -> int:
    """Columns of stdout where it is a terminal; 80 where it is none."""
    return _columns() if _stdout().isatty() else COLUMNS


def _columns() -> int:
    """Columns of the terminal within what tables and notes can use."""
    return max(LEAST, min(shutil.get_terminal_size((COLUMNS, 24)).columns, MOST))


def _stdout() -> TextIO:
    """Standard output. Raises CourseError where it was closed before the program began."""
    if sys.stdout is None:
        from gpxstage.course import CourseError

        raise CourseError("standard output is closed, so nothing can be written to it")
    return sys.stdout


def put(content: str | bytes) -> None:
    """Text for programs, or a picture, on stdout: UTF-8 whatever the terminal speaks."""
    _stdout()
    click.echo(content.encode() if isinstance(content, str) else content, nl=False)


def put_rows(form: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Plain rows under a head on stdout as JSON, CSV or Markdown."""
    lines = [[str(value) for value in row] for row in rows]
    if form == "json":
        import json

        named = [dict(zip(head, row, strict=True)) for row in rows]
        put(json.dumps(named, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    elif form == "csv":
        from gpxstage.report.splits import table_csv

        put(table_csv(list(head), lines))
    else:
        from gpxstage.report.markup import markdown_table
        from gpxstage.report.say.tables import Table

        table = Table("", tuple(head), tuple(map(tuple, lines)), words=len(head))
        put(markdown_table(table) + "\n" if rows else "")


def stage_numbers(typed: Sequence[str], course: Course, flag: str = "--stage") -> tuple[int, ...]:
    """The numbers of the stages that people typed; a usage error for a name of none or several.

    A text that is a number means the stage of that number; any other is matched with the names.
    """
    stages = course.stages
    numbers = {str(stage.number): stage.number for stage in stages}
    names = [stage.name for stage in stages]
    found = []
    for text in typed:
        number = text.strip().lstrip("0")
        fitting = [numbers[number]] if number in numbers else []
        if not fitting and re.fullmatch(r"\s*-?\d+\s*", text):
            raise click.UsageError(f"{flag} {text}: the race has stages 1 to {len(stages)}")
        fitting = fitting or [stages[k].number for k in fits(text, names)]
        if not fitting:
            hint = suggestion(text, names, "the stages are")
            raise click.UsageError(f"{flag} {text}: is no stage{hint}")
        if len(fitting) > 1:
            some = listed([f"{k} ({names[k - 1]})" for k in fitting])
            raise click.UsageError(f"{flag} {text}: may be {some}")
        found += fitting
    return tuple(found)


def check_apart(source: Sequence[str], output: str) -> None:
    """A usage error where a folder to write is one that is read: files would change places."""
    read = (Path(one) for one in source if one != "-")
    folders = {os.path.realpath(path if path.is_dir() else path.parent) for path in read}
    if os.path.realpath(output) in folders:
        raise click.UsageError(f"-o {output}: the race is read from there: take another folder")


def taken(output: str) -> bool:
    """Whether something is there that an output would replace."""
    from gpxstage import folder

    return output != "-" and os.path.exists(output) and not folder.is_stream(output)


def inputs(
    source: Sequence[str], past: Sequence[tuple[str, str]] = (), runners: Sequence[str] = ()
) -> list[Path]:
    """All files that a command reads: its sources, past courses, the runner files."""
    from gpxstage.racefile import files

    found = files(*source) if source else []
    for course, _ in past:
        found += files(course)
    return [*found, *map(Path, runners)]


def written(names: Sequence[str], output: str) -> None:
    """Say on stderr which files are in a folder now."""
    click.echo(f"{len(names)} files in {output}: {', '.join(names)}", err=True)
