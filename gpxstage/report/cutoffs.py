"""Cutoffs: what is left at each, which is the tightest, and when to leave a place at the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.rows import Row, on_the_wall
from gpxstage.units import clock, hours, percent, range_s, spoken_left

if TYPE_CHECKING:
    from collections.abc import Sequence


def slow_left_s(point: Row) -> float | None:
    """What is left at a cutoff by the later end of the arrival, as ranges show that."""
    low_s, high_s = point["arrival_s"]["p10"], point["arrival_s"]["p90"]
    if point["cutoff_s"] is None or low_s is None or high_s is None:
        return None
    return float(point["cutoff_s"] - range_s(low_s, high_s)[1])


def tightest_row(stages: Sequence[Row]) -> Row | None:
    """The cutoff whose margin is the least share of its time; None without cutoffs."""
    known = [
        (stage, point)
        for stage in stages
        for point in stage["points"]
        if point["margin_s"]["p50"] is not None
    ]
    if not known:
        return None
    stage, point = min(known, key=lambda each: _reserve(each[1]))
    return {
        "stage": stage["number"],
        "name": point["name"],
        "margin_s": point["margin_s"]["p50"],
        "of_time": round(_reserve(point), 3),
        "miss_probability": point["miss_probability"],
    }


def _reserve(point: Row) -> float:
    return float(point["margin_s"]["p50"] / max(point["cutoff_s"], 1))  # whole seconds


def tightest_facts(row: Row) -> list[tuple[str, str]]:
    """The tightest cutoff in words; nothing where there is but one, the limit."""
    count = sum(p["cutoff_s"] is not None for stage in row["stages"] for p in stage["points"])
    found = row["tightest"]
    if found is None or count < 2:
        return []
    left_s, missed = found["margin_s"], found["miss_probability"]
    said = f"{plain(found['name'])}, {spoken_left(left_s)} {'left' if left_s >= 0 else 'late'}"
    said += f" ({percent(abs(found['of_time']))} % of its time)"
    if missed is not None:
        said += f", {percent(missed)} of 100 are out there or before"
    return [("tightest", said)]


def inside(row: Row) -> str:
    """What a finisher keeps, in words: the limit, cutoffs, or both."""
    ends = [stage["points"][-1] for stage in row["stages"][-1:]]
    cutoffs = [p for s in row["stages"] for p in s["points"] if p["cutoff_s"] is not None]
    if all(point in ends for point in cutoffs):
        return "inside the limit"
    return "inside all cutoffs" + ("" if row["limit_s"] is None else " and the limit")


def cutoff_columns(row: Row) -> tuple[str, dict[str, list[str]]]:
    """Title and columns of the cutoffs; no columns without an estimate.

    Day and clock where the race has a start, else hours.
    """
    lines: list[dict[str, str]] = []
    for stage in row["stages"]:
        for point in stage["points"]:
            if point["cutoff_s"] is None or "arrival_s" not in point:
                continue
            arrival, margin = point["arrival_s"], point["margin_s"]
            lines.append(
                {
                    "": str(stage["number"]) if row["format"] == "staged" else "",
                    "cutoff at": plain(point["name"]),
                    "there": _when(row, stage, arrival["p50"], point["day"]),
                    "closes": _when(row, stage, point["cutoff_s"]),
                    "left": hours(margin["p50"], signed=True),
                    "if slow": hours(slow_left_s(point), signed=True),
                    "out %": percent(point["miss_probability"]),
                    "go on by": _when(row, stage, point["leave_by_s"]),
                }
            )
    columns = {name: [line[name] for line in lines] for name in (lines[0] if lines else ())}
    slow = any(columns.get("if slow", ()))
    more = "; if slow: as the 9th of 10 like this one; out: there or before" if slow else ""
    return f"Cutoffs (left: after the planned stop{more})", columns


def _when(row: Row, stage: Row, after_s: float | None, day: int | None = None) -> str:
    """Day and clock of a moment of a stage's clock, or hours where no start is known."""
    said = clock(on_the_wall(row, stage, after_s))
    return f"D{day} {said}" if said and day is not None else said or hours(after_s)
