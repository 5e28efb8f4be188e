"""Report -> report.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.tables import headline, tables
from gpxstage.report.units import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.report import Report

MEASURED = (
    "Distance is horizontal, on the WGS 84 ellipsoid. Climb is counted on the track resampled"
    " every 10 m and smoothed by a gaussian of sigma 30 m, between turning points that reverse"
    " by at least 3 m; the range beside it runs from sigma 50 m and 5 m to sigma 15 m and 2 m."
)


def markdown_text(report: Report, units: str = "metric", stages: Sequence[int] = ()) -> str:
    """The whole report as Markdown tables, with notes and how it was measured."""
    course = report.course
    lines = [f"# {_cell(course.name)}", "", _cell(headline(report, units)) + "."]
    if course.survey:
        lines += ["", f"**The track is {_cell(course.survey)}.**"]
    for table in tables(report, units, stages):
        rule = ["---" if k < table.words else "---:" for k in range(len(table.columns))]
        lines += ["", f"## {_cell(table.title)}", "", _line(table.columns), _line(rule)]
        lines += [_line(row) for row in table.rows]
    if report.notes:
        lines += ["", "## Notes", "", *(f"- {_cell(note)}" for note in report.notes)]
    lines += ["", "## How it was measured", "", MEASURED, ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: str) -> str:
    """Names are text, never markup."""
    text = plain(value).replace("\\", "\\\\")
    for mark in "|<>`*_[]":
        text = text.replace(mark, "\\" + mark)
    return text
