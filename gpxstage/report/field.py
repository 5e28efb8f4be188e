"""A field at every point: first, median and last runner, so when each place opens and closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.rows import Row, on_the_wall
from gpxstage.units import MINUTE_S, Units, clock, elapsed_minutes, hours, local

if TYPE_CHECKING:
    from collections.abc import Sequence


NARROW_LEVELS = 3  # beside more of them, a terminal has no room for the cutoffs


def first_to_last(levels: Sequence[Row]) -> list[Row]:
    """The levels, those who finish first in front."""
    return sorted(levels, key=lambda level: float(level["elapsed_s"]))


def field_columns(row: Row, unit: Units, wide: bool) -> tuple[dict[str, list[str]], list[int]]:
    """Columns of the field sheet, and the lines after which a stage ends.

    Day and clock where the race has a start, else hours; *open* is from first to last.
    """
    levels = first_to_last(row["levels"])
    lines: list[dict[str, str]] = []
    breaks = []
    for stage in row["stages"]:
        each = [[p for p in level["points"] if p["stage"] == stage["number"]] for level in levels]
        for point, *met in zip(stage["points"], *each, strict=True):
            shuts = on_the_wall(row, stage, point["cutoff_s"])
            line = {
                "": str(stage["number"]) if len(row["stages"]) > 1 else "",
                "point": plain(point["name"]),
                unit.distance: unit.far(
                    point["distance_m" if row["format"] == "staged" else "race_distance_m"]
                ),
            }
            for level, there in zip(levels, met, strict=True):
                line[plain(level["level"])] = clock(there["arrival"]) or hours(there["arrival_s"])
            each_s = [there["arrival_s"] for there in met]
            line["open"] = hours(MINUTE_S * elapsed_minutes(min(each_s), max(each_s)))
            if wide or len(levels) <= NARROW_LEVELS:
                line["cutoff"] = clock(shuts) or hours(point["cutoff_s"])
            lines.append(line)
        breaks.append(len(lines) - 1)
    return {name: [line[name] for line in lines] for name in lines[0]}, breaks[:-1]


def field_cells(levels: Sequence[Row], place: int) -> Row:
    """What splits.csv says of a field at its *place*-th point: columns of each level."""
    cells: Row = {}
    for level in first_to_last(levels):
        there = level["points"][place]
        cells[f"{level['level']}_arrival"] = hours(there["arrival_s"])
        cells[f"{level['level']}_clock"] = local(there["arrival"])
    return cells
