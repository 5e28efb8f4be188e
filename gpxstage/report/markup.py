"""Tables -> text for a terminal, drawn by rich; report.md; the HTML that a notebook shows."""

from __future__ import annotations

import io
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage import profile
from gpxstage.facts.headline import headline
from gpxstage.report.say import all_tables
from gpxstage.report.say.noted import notes_in
from gpxstage.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.table import Table as RichTable

    from gpxstage.facts.analysis import Report
    from gpxstage.report.say.tables import Table


MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\|<>`*_[]#"})
MEASURED = (
    "Distance is horizontal, on the WGS 84 ellipsoid; the gap between two segments of a track"
    " counts nothing. For the climb, the track is resampled every {spacing:.0f} m, its elevations"
    " are smoothed by a gaussian of σ {sigma:.0f} m, and what lies between turning points that"
    " reverse by at least {reversal:.0f} m is added up. *Low* and *high* are the same with"
    " σ {low_sigma:.0f} m and {low:.0f} m, and with σ {high_sigma:.0f} m and {high:.0f} m; the raw"
    " sum adds up every rise of the file. Grades are those of cells of {cell:.0f} m, the steepest"
    " ones those over 100 m and 500 m."
)
ESTIMATED = (
    " Times are an estimate for one runner, made cell by cell; a hiked share is one of the moving"
    " time. Stops and sleep are made where the course has places for them. The expected time is"
    " that of the plain run, with every unknown at its middle. Of the runs drawn around it, 80 %"
    " lie inside the *range*, whose ends are widened to 5 minutes below a day, to half an hour"
    " below three days and to the hour beyond."
)


def markdown_text(report: Report, units: str = "metric", stages: Sequence[int] = ()) -> str:
    """The whole report as Markdown tables, with notes and how it was measured."""
    blocks = [f"# {_cell(report.course.name)}", f"{_cell(headline(report.facts, units))}."]
    if report.course.survey:
        blocks.append(f"**The track is {_cell(report.course.survey)}.**")
    blocks += _titled(all_tables(report, units, stages, wide=True))
    if report.notes:
        notes = [_cell(note) for note in notes_in(report.notes, units)]
        blocks += ["## Notes", "\n".join(f"- {note}" for note in notes)]
    blocks += ["## How it was measured", how_measured(report)]
    return "\n\n".join(blocks) + "\n"


def markdown_tables(tables: Iterable[Table], title: str) -> str:
    """Some tables as Markdown, under a title."""
    return "\n\n".join([f"# {_cell(title)}", *_titled(tables)]) + "\n"


def _titled(tables: Iterable[Table]) -> list[str]:
    """Each table, with its title where it has one."""
    blocks = []
    for table in tables:
        blocks += [f"## {_cell(table.title)}"] if table.title else []
        blocks.append(markdown_table(table))
    return blocks


def markdown_table(table: Table) -> str:
    """A table whose source is aligned too."""
    lines = [[_cell(cell) for cell in line] for line in (table.columns, *table.rows)]
    widths = [max(3, *(len(line[k]) for line in lines)) for k in range(len(table.columns))]
    rule = ["-" * w if k < table.words else "-" * (w - 1) + ":" for k, w in enumerate(widths)]
    padded = [
        [
            cell.ljust(width) if k < table.words else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def how_measured(report: Report) -> str:
    """How distance, climb and grades are measured, and what the times are."""
    words = MEASURED.format(
        spacing=profile.SPACING_M,
        sigma=profile.GAIN_SIGMA_M,
        reversal=profile.GAIN_REVERSAL_M,
        low_sigma=profile.LOW_SIGMA_M,
        low=profile.LOW_REVERSAL_M,
        high_sigma=profile.HIGH_SIGMA_M,
        high=profile.HIGH_REVERSAL_M,
        cell=profile.CELL_M,
    )
    return words + (ESTIMATED if report.estimate else "")


def _cell(value: str) -> str:
    """Names are text, never markup."""
    return one_line(value).translate(MARKS)


def report_html(report: Report) -> str:
    """The tables of a report one under another, with its notes; no page, a part of one."""
    blocks = [
        f"<h3>{_text(report.course.name)}</h3>",
        f"<p>{_text(headline(report.facts))}</p>",
    ]
    if report.course.survey:
        blocks.append(f"<p><strong>track: {_text(report.course.survey)}</strong></p>")
    blocks += [_html_table(table) for table in all_tables(report, wide=True)]
    if report.notes:
        notes = "".join(f"<li>{_text(note)}</li>" for note in notes_in(report.notes, "metric"))
        blocks.append(f"<ul>{notes}</ul>")
    return "\n".join(blocks)


def _html_table(table: Table) -> str:
    head = "".join(_html_cell("th", k, word, table) for k, word in enumerate(table.columns))
    lines = [f"<thead><tr>{head}</tr></thead>"] if any(table.columns) else []
    lines += [
        f"<tr>{''.join(_html_cell('td', k, word, table) for k, word in enumerate(row))}</tr>"
        for row in table.rows
    ]
    title = f"<caption>{_text(table.title)}</caption>" if table.title else ""
    return "<table>" + "\n".join([title, *lines]) + "</table>"


def _html_cell(tag: str, k: int, word: str, table: Table) -> str:
    side = "left" if k < table.words else "right"
    scope = ' scope="col"' if tag == "th" else ""
    return f'<{tag}{scope} style="text-align: {side}">{_text(word)}</{tag}>'


def _text(value: str) -> str:
    return escape(one_line(value))


MOST_ROWS = 1_000  # judgement: what a person scrolls through; files for programs hold all
GAP = 2  # columns of a terminal between two of a table


def text(tables: Sequence[Table], *, title: str = "", width: int = 80, colour: bool = False) -> str:
    """The tables one under another, no wider than *width*; plain text unless *colour*."""
    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    if title:
        console.print(Text(one_line(title), style="bold"))
    for k, table in enumerate(tables):
        if k:
            console.print()
        if table.title:
            console.print(Text(table.title, style="bold"))
        console.print(_drawn(table, width))
        if len(table.rows) > MOST_ROWS:
            console.print(f"and {len(table.rows) - MOST_ROWS:,} more rows")
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def whole(table: Table, width: int) -> bool:
    """Whether a table of *width* has room for every word without breaking it."""
    return _has_room(table, width, lambda k, cell: cell.split() if k < table.words else [cell])


def _has_room(table: Table, width: int, parts: Callable[[int, str], list[str]]) -> bool:
    """Whether the parts of all cells, by column, fit side by side."""
    from rich.cells import cell_len

    columns = zip(table.columns, *table.rows[:MOST_ROWS], strict=True)
    least = [
        max(cell_len(part) for cell in column for part in parts(k, cell) or [""])
        for k, column in enumerate(columns)
    ]
    return sum(least) + GAP * (len(least) - 1) <= width


def _drawn(table: Table, width: int) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    headed = any(table.columns)
    drawn = RichTable(
        box=box.SIMPLE_HEAD if headed else None,
        show_edge=False,
        show_header=headed,
        pad_edge=False,
        padding=(0, 1 if headed else 2, 0, 0),
    )
    for k, column in enumerate(table.columns):
        words = k < table.words
        drawn.add_column(
            Text(column, style="dim"),
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold" if words else "ellipsis",
        )
    rows = table.rows[:MOST_ROWS]
    is_wide = not _has_room(table, width, lambda _, cell: [cell])
    # rows in which no cell needs a second line are one row to rich: this takes a third of the time
    ends = [k for k in range(len(rows)) if is_wide or k in table.breaks or k == len(rows) - 1]
    for before, end in pairwise([-1, *ends]):
        cells = zip(*rows[before + 1 : end + 1], strict=True)
        drawn.add_row(*(Text("\n".join(each)) for each in cells), end_section=end in table.breaks)
    return drawn
