"""Report -> the HTML that a notebook shows: its tables, names as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.facts.analysis import headline
from gpxstage.report.tables import tables

if TYPE_CHECKING:
    from gpxstage.facts.analysis import Report
    from gpxstage.report.tables import Table


def report_html(report: Report, units: str = "metric") -> str:
    """The tables of a report one under another, with its notes; no page, a part of one."""
    blocks = [
        f"<h3>{_text(report.course.name)}</h3>",
        f"<p>{_text(headline(report.facts, units))}</p>",
    ]
    if report.course.survey:
        blocks.append(f"<p><strong>track: {_text(report.course.survey)}</strong></p>")
    blocks += [_table(table) for table in tables(report, units, wide=True)]
    if report.notes:
        notes = "".join(f"<li>{_text(note)}</li>" for note in dict.fromkeys(report.notes))
        blocks.append(f"<ul>{notes}</ul>")
    return "\n".join(blocks)


def _table(table: Table) -> str:
    head = "".join(_cell("th", k, word, table) for k, word in enumerate(table.columns))
    lines = [f"<thead><tr>{head}</tr></thead>"] if any(table.columns) else []
    lines += [
        f"<tr>{''.join(_cell('td', k, word, table) for k, word in enumerate(row))}</tr>"
        for row in table.rows
    ]
    title = f"<caption>{_text(table.title)}</caption>" if table.title else ""
    return "<table>" + "\n".join([title, *lines]) + "</table>"


def _cell(tag: str, k: int, word: str, table: Table) -> str:
    side = "left" if k < table.words else "right"
    scope = ' scope="col"' if tag == "th" else ""
    return f'<{tag}{scope} style="text-align: {side}">{_text(word)}</{tag}>'


def _text(value: str) -> str:
    return escape(plain(value))
