"""Tables -> text for a terminal, drawn by rich."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from gpxstage.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.report.say.tables import Table


GAP = 2  # columns of a terminal between two of a table


def text(tables: Sequence[Table], *, title: str = "", width: int = 80, colour: bool = False) -> str:
    """The tables one under another, no wider than *width*; one_line text unless *colour*."""
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
        console.print(_drawn(table))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def whole(table: Table, width: int) -> bool:
    """Whether a table of *width* has room for every word without breaking it."""
    columns = zip(table.columns, *table.rows, strict=True)
    least = [
        max(
            cell_len(part)
            for cell in column
            for part in (cell.split() if k < table.words else [cell]) or [""]
        )
        for k, column in enumerate(columns)
    ]
    return sum(least) + GAP * (len(least) - 1) <= width


def _drawn(table: Table) -> RichTable:
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
    for k, row in enumerate(table.rows):
        drawn.add_row(*(Text(cell) for cell in row), end_section=k in table.breaks)
    return drawn
