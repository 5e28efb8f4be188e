"""Options that several commands share, and how output and notes leave the program."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click
from click.core import ParameterSource

from gpxstage.cli.asked import Number, several
from gpxstage.text import fits, listed, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gpxstage.facts.analysis import Report

MOST_NOTES = 40  # more than a page of them is folded
# of a terminal: where nothing is known, what no figure is cut in, what has room for more
# columns, and what the eye follows
COLUMNS, LEAST, WIDE, MOST = 80, 72, 112, 140


source_argument = click.argument("source", nargs=-1, required=True)

race_options = several(
    click.option(
        "--format",
        type=click.Choice(["continuous", "staged"]),
        help="Kind of race: the clock runs through the night, or each stage has its own start.",
    ),
    click.option("--start", metavar="WHEN", help="Local start, for example 2026-09-04T10:00."),
    click.option(
        "--wave", type=click.IntRange(1), metavar="N", help="Number of the wave in the race file."
    ),
    click.option(
        "--terrain",
        type=Number(0.0, 1.0),
        metavar="0..1",
        help="Roughness of the ground: 0 road, 0.4 mountain trail, 1 hands on rock.",
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
    click.option("--json", is_flag=True, help="Print JSON instead of tables."),
    click.option("--csv", is_flag=True, help="Print the points as CSV."),
    click.option("--markdown", is_flag=True, help="Print Markdown."),
)

above_option = click.option(
    "--above",
    type=Number(-500, 9000),
    multiple=True,
    metavar="M",
    help="Altitude in metres: show how much lies above it, instead of above the usual ones.",
)

show_options = several(
    click.option(
        "--stage",
        "stages",
        multiple=True,
        metavar="N|NAME",
        help="Show only this stage; repeatable.",
    ),
    click.option(
        "--units",
        type=click.Choice(["metric", "imperial"]),
        default="metric",
        help="Units of the output: kilometres and metres, or miles and feet.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Print no notes."),
)


@dataclass(frozen=True)
class Shown:
    """What of a report is shown, and how."""

    form: str | None
    typed: tuple[str, ...]  # stages as people type them: numbers, or words of their names
    units: str
    quiet: bool
    above_m: tuple[float, ...] = ()  # altitudes asked about, instead of the usual ones
    stages: tuple[int, ...] = ()  # their numbers, once the race is read: `with_stages`


def typed(*names: str) -> list[str]:
    """Which of these options of the command were given, as they are typed."""
    context, found = click.get_current_context(), []
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            no = "not-" if context.params.get(name) is False else ""
            found.append(f"--{no}{name.replace('_', '-')}")
    return found


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
    from gpxstage.text import one_line

    unique = list(dict.fromkeys(one_line(note) for note in notes))
    if quiet:
        return
    for note in unique[:MOST_NOTES]:
        click.echo(f"note: {note}", err=True)
    if len(unique) > MOST_NOTES:
        click.echo(f"note: and {len(unique) - MOST_NOTES} more", err=True)


@contextmanager
def progress(count: int, label: str, quiet: bool) -> Iterator[Callable[[], object]]:
    """A bar on stderr, where that is a terminal; call what it gives after each step."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def show(report: Report, how: Shown) -> None:
    """The report on stdout in the form asked for, its notes on stderr."""
    how = with_stages(how, report)
    if how.form == "json":
        from gpxstage.facts.whole import json_text

        put(json_text(report.facts_for(how.units, how.above_m).shown(how.stages)))
    elif how.form == "csv":
        from gpxstage.report.splits import csv_text

        put(csv_text(report, how.units, how.stages))
    elif how.form == "markdown":
        from gpxstage.report.markup import markdown_text

        put(markdown_text(report, how.units, how.stages))
    else:
        from gpxstage.report.markup import whole
        from gpxstage.report.say import all_tables

        width = _width()
        found = all_tables(
            report,
            how.units,
            how.stages,
            wide=width >= WIDE,
            above_m=how.above_m,
            fits=lambda table: whole(table, width),
        )
        print_tables(found, report.course.name)
    say(report.notes, how.quiet)


def print_tables(found: Any, title: str = "") -> None:
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


def _width() -> int:
    """Columns of the terminal within what tables can use; 80 where stdout is none."""
    if not _stdout().isatty():
        return COLUMNS
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
        from gpxstage.report.markup import markdown_table
        from gpxstage.report.say.tables import Table

        table = Table("", tuple(head), tuple(map(tuple, lines)), words=len(head))
        put(markdown_table(table) + "\n" if rows else "")


def with_stages(how: Shown, report: Report) -> Shown:
    """The same with the numbers of the stages that were typed; a usage error for none or several.

    What is a number is meant as one, else it is matched with the names of the stages.
    """
    stages = report.course.stages
    numbers = {str(stage.number): stage.number for stage in stages}
    names = [stage.name for stage in stages]
    found = []
    for typed in how.typed:
        number = typed.strip().lstrip("0")
        fitting = [numbers[number]] if number in numbers else []
        if not fitting and re.fullmatch(r"\s*-?\d+\s*", typed):
            raise click.UsageError(f"--stage {typed}: the race has stages 1 to {len(stages)}")
        fitting = fitting or [stages[k].number for k in fits(typed, names)]
        if not fitting:
            hint = suggestion(typed, names, "the stages are")
            raise click.UsageError(f"--stage {typed}: is no stage{hint}")
        if len(fitting) > 1:
            some = listed([f"{number} ({names[number - 1]})" for number in fitting])
            raise click.UsageError(f"--stage {typed}: may be {some}")
        found += fitting
    return replace(how, stages=tuple(found))


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


def inputs(source: Sequence[str], given: Mapping[str, Any]) -> list[Path]:
    """All files that a command reads: its sources, past courses, the runner file."""
    from gpxstage.racefile import files

    found = files(*source) if source else []
    for past, _ in given.get("past") or ():
        found += files(past)
    return [*found, *([Path(given["runner"])] if given.get("runner") else [])]
