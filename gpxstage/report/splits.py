"""Report -> splits.csv: a row for every point of every stage."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from gpxstage.course import plain
from gpxstage.report.bands import between
from gpxstage.report.field import field_cells
from gpxstage.report.figures import Row, ratio
from gpxstage.report.rows import as_json
from gpxstage.units import UNITS, Units, hours, local, minutes_left, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.report import Report

# text that begins so is run by a spreadsheet; the wide ones in East Asian settings
FORMULA = ("=", "+", "-", "@", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
           "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def csv_text(report: Report, units: str = "metric", stages: Sequence[int] = ()) -> str:
    """The splits as CSV; the columns that need a runner are there when an estimate is.

    Durations are h:mm and clocks local; a margin is in minutes, so that one behind the cutoff
    is a plain negative number. ``leg_`` is what lies between the point before and this one.
    Several levels add two columns each at the end.
    """
    lines: list[Row] = []
    estimates = report.estimate.stages if report.estimate else ()
    numbers = [stage.number for stage in report.course.stages]
    race = as_json(report, stages=stages)
    for stage in race["stages"]:
        estimate = estimates[numbers.index(stage["number"])] if estimates else None
        before = {"distance_m": 0.0, "gain_m": 0.0}
        for point in stage["points"]:
            line = _place(point, before, UNITS[units])
            if "arrival_s" in point:
                line |= _passage(point, before, estimate)
            field = field_cells(race.get("levels", ()), len(lines))
            lines.append({"stage": stage["number"]} | line | _cutoff(point) | field)
            before = point
    return table_csv(list(lines[0]) if lines else [], [list(line.values()) for line in lines])


def table_csv(head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """CSV in which a name cannot be a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([safe_cell(cell) for cell in line] for line in (head, *lines))
    return out.getvalue()


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = plain(value)
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def _place(point: Row, before: Row, unit: Units) -> Row:
    far, high = unit.distance, unit.height
    leg_gain_m = None if point["gain_m"] is None else point["gain_m"] - before["gain_m"]
    return {
        "point": point["name"],
        "kind": point["kind"],
        far: unit.far_figure(point["distance_m"]),
        f"race_{far}": unit.far_figure(point["race_distance_m"]),
        f"height_{high}": unit.high_figure(point["elevation_m"]),
        f"gain_{high}": unit.high_figure(point["gain_m"]),
        f"leg_{far}": unit.far_figure(point["distance_m"] - before["distance_m"]),
        f"leg_gain_{high}": unit.high_figure(leg_gain_m),
    }


def _passage(point: Row, before: Row, estimate: StageEstimate | None) -> Row:
    moving_s, hiked_s = between(estimate, before["distance_m"], point["distance_m"])
    hiked = ratio(hiked_s, moving_s)
    return {
        "arrival": hours(point["arrival_s"]["p50"]),
        "day": point["day"],
        "clock": local(point["arrival"]),
        "leg_moving": hours(moving_s),
        "leg_hiked_percent": percent(hiked),
        "stop": hours(point["stop_s"]),
        "sleep": hours(point["sleep_s"]),
    }


def _cutoff(point: Row) -> Row:
    line: Row = {"cutoff": hours(point["cutoff_s"])}
    if "margin_s" in point:
        left_s = point["margin_s"]["p50"]
        line["margin_min"] = None if left_s is None else minutes_left(left_s)
    return line
