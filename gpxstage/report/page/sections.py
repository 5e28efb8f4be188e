"""Rows of report.json -> the tables that only the page has: with ranges and local clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.facts.figures import total
from gpxstage.report.cutoffs import slow_left_s
from gpxstage.report.page.headline import kcal, ranged
from gpxstage.report.rows import Row
from gpxstage.report.tables import Table, filled
from gpxstage.units import MINUTE_S, Units, clock, elapsed_minutes, hours, moment, percent, range_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NONE = "–"


@dataclass(frozen=True)
class Clocks:
    """When the clock of each stage began, by the stage's number; None without a start."""

    starts: Mapping[int, datetime | None]

    def at(self, number: int, after_s: float | None) -> str:
        """Day and local time some seconds on; without a start, hours and minutes gone."""
        there = moment(self.starts[number], after_s)
        return hours(after_s) if there is None else clock(there.isoformat())

    def between(self, number: int, times_s: Row) -> str:
        """From p10 to p90; nothing without draws. A day is named once where it is one."""
        if times_s["p10"] is None or times_s["p90"] is None:
            return ""
        ends_s = range_s(times_s["p10"], times_s["p90"])
        early, late = (self.at(number, after_s) for after_s in ends_s)
        if early == late:
            return early
        day, space, time = late.partition(" ")
        return f"{early} – {time if space and early.startswith(day) else late}"


def stage_table(row: Row, whole: Row | None, unit: Units) -> Table:
    """One line a stage; *whole* is the race, where all of its stages are shown."""
    lines = [*row["stages"], *([whole] if whole else [])]
    several = len(row["stages"]) > 1

    def column(key: str, text: Callable[[float | None], str]) -> list[str]:
        return [text(line.get(key)) for line in lines]

    columns = {
        "no.": [str(line.get("number", "")) for line in lines] if several else [],
        "stage": [plain(line["name"]) if "number" in line else "whole race" for line in lines],
        unit.distance: column("length_m", unit.far),
        f"climb {unit.height}": column("gain_m", unit.high),
        f"descent {unit.height}": column("loss_m", unit.high),
        f"highest {unit.height}": column("highest_m", unit.high),
        "steepest": [_steep(line) for line in lines],
    }
    if "moving_s" in row["stages"][0]:
        start = [clock(line["start"]) for line in row["stages"]]
        columns |= {
            "start": [*start, ""] if whole else start,
            "time": [hours(line["elapsed_s"]["p50"]) for line in lines],
            "8 of 10 between": [ranged(line["elapsed_s"]) for line in lines],
            "moving": [hours(line["moving_s"]["p50"]) for line in lines],
            "hiked %": [percent(line["hike_fraction"]["of_time"]["p50"]) for line in lines],
            f"min/{unit.distance}": [
                unit.pace(line["moving_s"]["p50"], line["length_m"]) for line in lines
            ],
        }
    return filled("Stages", columns, 2, [len(lines) - 2] if whole else [])


def _steep(line: Row) -> str:
    grade = line.get("steepest_100m")
    return "" if grade is None else f"{percent(grade)} %"


def point_table(row: Row, clocks: Clocks, unit: Units) -> tuple[Table, list[str]]:
    """Every point of every stage, and what stands above the lines of each stage."""
    lines, breaks, heads = [], [], []
    for stage in row["stages"]:
        first = stage["points"][0]
        through = row["format"] == "continuous"
        offset_m = first["race_distance_m"] - first["distance_m"] if through else 0.0
        before = {"distance_m": 0.0, "gain_m": 0.0}
        for point in stage["points"]:
            lines.append(_point(point, before, stage["number"], offset_m, clocks=clocks, unit=unit))
            before = point
        breaks.append(len(lines) - 1)
        heads.append(f"{stage['number']} · {plain(stage['name'])}")
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    return filled("Points", columns, 2, breaks[:-1]), heads if len(heads) > 1 else []


def _point(
    point: Row, before: Row, number: int, offset_m: float, *, clocks: Clocks, unit: Units
) -> dict[str, str]:
    leg_m = point["distance_m"] - before["distance_m"]
    gain_m = None if point["gain_m"] is None else point["gain_m"] - before["gain_m"]
    line = {
        "point": plain(point["name"]) or NONE,
        "kind": point["kind"].replace("waypoint", ""),
        unit.distance: unit.far(offset_m + point["distance_m"]),
        unit.height: unit.high(point["elevation_m"]),
    }
    leg = {f"leg {unit.distance}": unit.far(leg_m), f"leg +{unit.height}": unit.high(gain_m)}
    cutoff = clocks.at(number, point["cutoff_s"]) if point["cutoff_s"] is not None else ""
    if "arrival_s" not in point:
        return line | {"cutoff": cutoff} | leg
    leave_s, missed = point["leave_by_s"], point["miss_probability"]
    has_clock = any(clocks.starts.values())
    there = "arrival" if has_clock else "after, h:mm"
    passage = {
        there: clocks.at(number, point["arrival_s"]["p50"]),
        "8 of 10 between": "passed"
        if point["passed"]
        else clocks.between(number, point["arrival_s"]),
        "after": hours(point["arrival_s"]["p50"]) if has_clock else "",
        "stop": hours(point["stop_s"]) if point["stop_s"] else "",
        "asleep": hours(point["sleep_s"]) if point["sleep_s"] else "",
        "cutoff": cutoff,
        "margin": hours(point["margin_s"]["p50"], signed=True),
        "slow margin": hours(slow_left_s(point), signed=True),
        "too late %": percent(missed),
        "leave by": clocks.at(number, leave_s) if leave_s is not None else "",
    }
    return line | passage | leg


def _stopped_s(stage: Row) -> float:
    return MINUTE_S * elapsed_minutes(stage["moving_s"]["p50"], stage["elapsed_s"]["p50"])


def night_table(row: Row, slept_s: list[float | None], whole: bool, unit: Units) -> Table:
    """Darkness, stops, sleep and energy, stage by stage; all of it where it is *whole*.

    *slept_s* is the sleep of each stage, wherever in it that was.
    """
    stages = row["stages"]
    several = len(stages) > 1

    def night(key: str) -> list[float | None]:
        return [stage["night"] and stage["night"][key] for stage in stages]

    def ended(values: list[float | None], text: Callable[[float | None], str]) -> list[str]:
        return [text(v) for v in ([*values, total(values)] if several and whole else values)]

    stopped = [None if s["elapsed_s"]["p50"] is None else _stopped_s(s) for s in stages]
    end = ["whole race"] if several and whole else []
    energy = [ranged(stage["energy_kcal"], kcal) for stage in stages]
    columns = {
        "no.": [*(str(s["number"]) for s in stages), *("" for _ in end)] if several else [],
        "stage": [*(plain(stage["name"]) for stage in stages), *end],
        "moving in the dark": ended(night("moving_s"), hours),
        f"{unit.distance} in the dark": ended(night("distance_m"), unit.far),
        "stopped": ended(stopped, hours),
        "asleep": ended(slept_s, hours),
        "kcal moving": ended(
            [s["energy_kcal"]["p50"] for s in stages], lambda v: "" if v is None else kcal(v)
        ),
        "8 of 10 between": [*energy, *(ranged(row["energy_kcal"], kcal) for _ in end)],
    }
    return filled("By stage", columns, 2, [len(stages) - 1] if end else [])
