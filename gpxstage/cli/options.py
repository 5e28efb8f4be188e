"""Options that several commands share, and how output and notes leave the program."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli.values import Number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gpxstage.report import Report

Command = Any
MOST_NOTES = 40  # more than a page of them is folded
# of a terminal: where nothing is known, what no figure is cut in, what has room for more
# columns, and what the eye follows
COLUMNS, LEAST, WIDE, MOST = 80, 72, 112, 140


def several(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options that go together, as one decorator."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


source_argument = click.argument("source", nargs=-1, required=True)

race_options = several(
    click.option(
        "--format",
        type=click.Choice(["continuous", "staged"]),
        help="Does the clock run through the night, or does each stage start afresh?",
    ),
    click.option("--start", metavar="WHEN", help="Local start, as 2026-09-04T10:00."),
    click.option("--wave", type=click.IntRange(1), metavar="N", help="The race file's Nth wave."),
    click.option(
        "--terrain",
        type=Number(0.0, 1.0),
        metavar="0..1",
        help="0 road, 0.4 mountain trail, 1 hands on rock.",
    ),
    click.option("--raw", is_flag=True, help="Measure without repairs."),
    click.option(
        "--track",
        "tracks",
        multiple=True,
        metavar="NAME|NUMBER",
        help="Only this track of the files, as a stage; several in the order given.",
    ),
)

output_options = several(
    click.option("--json", is_flag=True, help="JSON instead of tables."),
    click.option("--csv", is_flag=True, help="The points as CSV."),
    click.option("--markdown", is_flag=True, help="Markdown."),
)

above_option = click.option(
    "--above",
    type=Number(-500, 9000),
    multiple=True,
    metavar="M",
    help="How much lies above that altitude, in metres; instead of the usual ones.",
)

show_options = several(
    click.option("--stage", "stages", type=int, multiple=True, metavar="N", help="Only stage N."),
    click.option(
        "--units",
        type=click.Choice(["metric", "imperial"]),
        default="metric",
        help="Kilometres and metres, or miles and feet.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="No notes."),
)


@dataclass(frozen=True)
class Shown:
    """What of a report is shown, and how."""

    form: str | None
    stages: tuple[int, ...]
    units: str
    quiet: bool
    above_m: tuple[float, ...] = ()  # altitudes asked about, instead of the usual ones


def form_of(given: dict[str, Any]) -> str | None:
    """Take the forms of output out of what was given; they exclude each other."""
    forms = [form for form in ("json", "csv", "markdown") if given.pop(form, False)]
    if len(forms) > 1:
        raise click.UsageError(f"--{' and --'.join(forms)} exclude each other")
    return forms[0] if forms else None


def shown(given: dict[str, Any]) -> Shown:
    """Take the options of output out of what was given."""
    form, above_m = form_of(given), given.pop("above", ())
    return Shown(form, given.pop("stages"), given.pop("units"), given.pop("quiet"), above_m)


def say(notes: Iterable[str], quiet: bool) -> None:
    """Notes on stderr, each once, folded beyond a page."""
    from gpxstage.report.units import plain

    unique = list(dict.fromkeys(plain(note) for note in notes))
    if quiet:
        return
    for note in unique[:MOST_NOTES]:
        click.echo(f"note: {note}", err=True)
    if len(unique) > MOST_NOTES:
        click.echo(f"note: and {len(unique) - MOST_NOTES} more", err=True)


@contextmanager
def progress(count: int, label: str, quiet: bool) -> Iterator[Callable[[], object]]:
    """A bar on stderr, where that is a terminal; call what it gives after each step."""
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def show(report: Report, how: Shown) -> None:
    """The report on stdout in the form asked for, its notes on stderr."""
    check_stages(report, how.stages)
    if how.form == "json":
        from gpxstage.report.rows import json_text
        from gpxstage.report.units import UNITS

        put(json_text(report, stages=how.stages, above_m=how.above_m or UNITS[how.units].above_m))
    elif how.form == "csv":
        from gpxstage.report.splits import csv_text

        put(csv_text(report, how.units, how.stages))
    elif how.form == "markdown":
        from gpxstage.report.markdown import markdown_text

        put(markdown_text(report, how.units, how.stages))
    else:
        from gpxstage.report.tables import tables

        wide = _width() >= WIDE
        found = tables(report, how.units, how.stages, wide=wide, above_m=how.above_m)
        print_tables(found, report.course.name)
    say(report.notes, how.quiet)


def print_tables(found: Any, title: str = "") -> None:
    """Tables on stdout, in the width that is given; in colour where somebody looks and wants it."""
    from gpxstage.report.terminal import text

    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    colour = sys.stdout.isatty() and wanted
    drawn = text(found, title=title, width=_width(), colour=colour)
    encoding = sys.stdout.encoding or "utf-8"
    try:
        drawn.encode(encoding)
    except UnicodeEncodeError:  # an old terminal: lines and minus signs first, then what is left
        drawn = drawn.translate(dict.fromkeys(map(ord, "─−–"), "-"))
        drawn = drawn.encode(encoding, "replace").decode(encoding)
    click.echo(drawn, nl=False, color=colour)


def _width() -> int:
    """Columns of the terminal within what tables can use; 80 where stdout is none."""
    if not sys.stdout.isatty():
        return COLUMNS
    return max(LEAST, min(shutil.get_terminal_size((COLUMNS, 24)).columns, MOST))


def put(text: str) -> None:
    """Text for programs on stdout: UTF-8 whatever the terminal speaks."""
    click.echo(text.encode(), nl=False)


def put_rows(form: str, rows: list[dict[str, Any]]) -> None:
    """Plain rows on stdout as JSON, CSV or Markdown."""
    if form == "json":
        import json

        put(json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
        return
    head = list(rows[0]) if rows else []
    lines = [[str(value) for value in row.values()] for row in rows]
    if form == "csv":
        from gpxstage.report.splits import table_csv

        put(table_csv(head, lines))
    else:
        from gpxstage.report.markdown import markdown_table
        from gpxstage.report.tables import Table

        table = Table("", tuple(head), tuple(map(tuple, lines)), words=len(head))
        put(markdown_table(table) + "\n" if rows else "")


def check_stages(report: Report, stages: tuple[int, ...]) -> None:
    """A usage error for a stage that the race does not have."""
    numbers = [stage.number for stage in report.course.stages]
    for number in stages:
        if number not in numbers:
            raise click.UsageError(f"--stage {number}: the race has stages 1 to {len(numbers)}")


def check_apart(source: Sequence[str], output: str) -> None:
    """A usage error where a folder to write is one that is read: files would change places."""
    read = (Path(one) for one in source if one != "-")
    if any((p if p.is_dir() else p.parent).resolve() == Path(output).resolve() for p in read):
        raise click.UsageError(f"-o {output}: the race is read from there: take another folder")
