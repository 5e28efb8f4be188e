"""Report -> tables of text: what the terminal, report.md and splits.csv are made of."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gpxstage.profile import ABOVE_M
from gpxstage.report import rows as report_rows
from gpxstage.report.units import IMPERIAL_ABOVE_M, UNITS, Units, clock, hours, percent, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.report import Report

Row = dict[str, Any]
SPLITS = (
    *("stage", "point", "kind", "km", "race_km", "elevation_m", "gain_m", "leg_km", "leg_gain_m"),
    *("arrival_s", "arrival_hmm", "arrival", "day", "stop_s", "sleep_s", "cutoff_s", "margin_s"),
)


@dataclass(frozen=True)
class Table:
    """A title, columns whose first ones are words, and rows of ready text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1  # so many columns on the left hold words, the rest numbers


def tables(report: Report, units: str = "metric", stages: Sequence[int] = ()) -> list[Table]:
    """All tables of a report, in the order in which a runner asks."""
    unit = UNITS[units]
    levels = IMPERIAL_ABOVE_M if units == "imperial" else ABOVE_M
    row = report_rows.as_json(report, stages=stages, above_m=levels)
    found = [_race(row, unit), _stages(row, unit), _points(row, unit)]
    found += [_climbs(row, unit), _grades(row, unit), _altitudes(row, unit)]
    return [table for table in found if table.rows]


def headline(report: Report, units: str = "metric") -> str:
    """One line: what the race is, and what it will take."""
    unit = UNITS[units]
    row = report_rows.as_json(report)
    said = [f"{unit.far(row['length_m'])} {unit.distance}"]
    if row["gain_m"] is not None:
        said.append(f"+{unit.high(row['gain_m'])} {unit.height}")
    if row.get("elapsed_s", {}).get("p50") is not None:
        said.append(f"{hours(row['elapsed_s']['p50'])} h for {row['runner']['name']}")
        hiked = row["hike_fraction"]["of_time"]["p50"]
        if hiked is not None:
            said.append(f"{percent(hiked)} % of the moving time hiked")
    return f"{plain(row['name'])}: {', '.join(said)}"


def csv_text(report: Report) -> str:
    """splits.csv: a row a point, metric, times in h:mm and seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SPLITS)
    for stage in report_rows.as_json(report)["stages"]:
        at_m, gain_m = 0.0, 0.0
        for point in stage["points"]:
            arrival_s = point.get("arrival_s", {}).get("p50")
            leg_gain_m = None if point["gain_m"] is None else round(point["gain_m"] - gain_m, 1)
            cells = [
                stage["number"],
                point["name"],
                point["kind"],
                round(point["distance_m"] / 1000.0, 3),
                round(point["race_distance_m"] / 1000.0, 3),
                point["elevation_m"],
                point["gain_m"],
                round((point["distance_m"] - at_m) / 1000.0, 3),
                leg_gain_m,
                arrival_s,
                hours(arrival_s),
                point.get("arrival"),
                point.get("day"),
                point.get("stop_s"),
                point.get("sleep_s"),
                point["cutoff_s"],
                point.get("margin_s", {}).get("p50"),
            ]
            writer.writerow([safe_cell(cell) for cell in cells])
            at_m, gain_m = point["distance_m"], point["gain_m"] or 0.0
    return out.getvalue()


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, str):
        text = plain(value)
        return "'" + text if text[:1] in {"=", "+", "-", "@"} else text
    return "" if value is None else value


def _race(row: Row, unit: Units) -> Table:
    official = row["official"]
    made = [("distance", f"{unit.far(row['length_m'], 2)} {unit.distance}")]
    if official["length_m"]:
        made.append(("", f"official {unit.far(official['length_m'])} {unit.distance}"))
    if row["gain_m"] is None:
        made.append(("climb", "unknown: no elevation"))
    else:
        low, high = unit.high(row["gain_low_m"]), unit.high(row["gain_high_m"])
        made += [
            ("climb", f"{unit.high(row['gain_m'])} {unit.height} (between {low} and {high})"),
            ("", f"raw sum of the points {unit.high(row['gain_raw_m'])} {unit.height}"),
        ]
        if official["gain_m"]:
            made.append(("", f"official {unit.high(official['gain_m'])} {unit.height}"))
        made += [
            ("descent", f"{unit.high(row['loss_m'])} {unit.height}"),
            (
                "altitude",
                f"{unit.high(row['lowest_m'])} to {unit.high(row['highest_m'])} {unit.height}",
            ),
        ]
    if row.get("elapsed_s", {}).get("p50") is not None:
        made += _takes(row)
    return Table(plain(row["name"]), ("", ""), tuple(made), words=2)


def _takes(row: Row) -> list[tuple[str, str]]:
    runner = row["runner"]
    made = [
        ("runner", f"{runner['name']} ({runner['flat_speed_mps'] * 3.6:.1f} km flat in one hour)"),
        (
            "time",
            f"{hours(row['elapsed_s']['p50'])} h, {hours(row['moving_s']['p50'])} of it moving",
        ),
        ("stops", f"{hours(row['stopped_s'])} h, {hours(row['slept_s'])} of it asleep"),
    ]
    of_time, of_distance = (row["hike_fraction"][k]["p50"] for k in ("of_time", "of_distance"))
    if of_time is not None:
        made.append(
            (
                "hiked",
                f"{percent(of_time)} % of the moving time, {percent(of_distance)} % of the way",
            )
        )
    if row["energy_kcal"]["p50"] is not None:
        made.append(("energy", f"{round(row['energy_kcal']['p50'], -2):,} kcal while moving"))
    if row["limit_s"]:
        made.append(("limit", f"{hours(row['limit_s'])} h"))
    return made


def _stages(row: Row, unit: Units) -> Table:
    estimated = "moving_s" in row
    columns = ["stage", unit.distance, f"+{unit.height}", f"-{unit.height}", "steepest %"]
    columns += ["time", "moving", "hiked %"] if estimated else [f"highest {unit.height}"]
    made = []
    for stage in row["stages"]:
        cells = [
            f"{stage['number']} {plain(stage['name'])}",
            unit.far(stage["length_m"]),
            unit.high(stage["gain_m"]),
            unit.high(stage["loss_m"]),
            percent(stage["steepest_500m"]),
        ]
        if estimated:
            cells += [
                hours(stage["elapsed_s"]["p50"]),
                hours(stage["moving_s"]["p50"]),
                percent(stage["hike_fraction"]["of_time"]["p50"]),
            ]
        else:
            cells.append(unit.high(stage["highest_m"]))
        made.append(tuple(cells))
    return Table("Stages (steepest: over 500 m)", tuple(columns), tuple(made))


def _points(row: Row, unit: Units) -> Table:
    estimated = "moving_s" in row
    clocked = any(point.get("arrival") for s in row["stages"] for point in s["points"])
    limited = any(point["cutoff_s"] is not None for s in row["stages"] for point in s["points"])
    columns = ["point", unit.distance, unit.height]
    columns += ["after"] if estimated else []
    columns += ["clock"] if clocked else []
    columns += ["stop"] if estimated else []
    columns += (["margin"] if estimated else ["cutoff"]) if limited else []
    made = []
    for stage in row["stages"]:
        for point in stage["points"]:
            cells = [
                plain(point["name"]),
                unit.far(point["race_distance_m"]),
                unit.high(point["elevation_m"]),
            ]
            if estimated:
                cells.append(hours(point["arrival_s"]["p50"]))
            if clocked:
                day = f"D{point['day']} " if point["day"] else ""
                cells.append(day + clock(point["arrival"]))
            if estimated:
                cells.append(hours(point["stop_s"]) if point["stop_s"] else "")
            if limited:
                key = point["margin_s"]["p50"] if estimated else point["cutoff_s"]
                cells.append(hours(key))
            made.append(tuple(cells))
    return Table("Points", tuple(columns), tuple(made))


def _climbs(row: Row, unit: Units) -> Table:
    estimated = "moving_s" in row
    columns = ["climb", f"from {unit.distance}", unit.distance, f"+{unit.height}", "%", "max %"]
    columns += ["time", "hiked %"] if estimated else []
    made = []
    for stage in row["stages"]:
        for climb in stage["climbs"]:
            cells = [
                plain(climb["name"]) or f"stage {stage['number']}",
                unit.far(climb["from_m"]),
                unit.far(climb["length_m"]),
                unit.high(climb["height_m"]),
                percent(climb["mean_grade"]),
                percent(climb["steepest_grade"]),
            ]
            if estimated:
                cells += [hours(climb["moving_s"]), percent(climb["hike_fraction"])]
            made.append(tuple(cells))
    return Table("Climbs (max: over 100 m)", tuple(columns), tuple(made))


def _grades(row: Row, unit: Units) -> Table:
    estimated = "moving_s" in row
    made = []
    for same in _by_key(row, "grade_bands", ("from", "to")):
        low, high = same[0]["from"], same[0]["to"]
        moving_s = _sum(same, "moving_s")
        hiked = None
        if moving_s and all(
            band["hike_fraction"] is not None or not band["moving_s"] for band in same
        ):
            hiked = sum((b["hike_fraction"] or 0.0) * b["moving_s"] for b in same) / moving_s
        cells = [_between(low, high, 100.0, "%"), unit.far(_sum(same, "distance_m"))]
        cells += [hours(moving_s), percent(hiked)] if estimated else []
        made.append(tuple(cells))
    columns = ["grade", unit.distance, *(["moving", "hiked %"] if estimated else [])]
    return Table("By grade", tuple(columns), tuple(made))


def _altitudes(row: Row, unit: Units) -> Table:
    estimated = "moving_s" in row
    made = []
    for same in _by_key(row, "altitude_bands", ("from_m", "to_m")):
        low, high = same[0]["from_m"], same[0]["to_m"]
        made.append((_between(low, high, 1.0 / unit.m_per_height, unit.height), same))
    for same in _by_key(row, "above", ("m",)):
        made.append((f"above {unit.high(same[0]['m'])} {unit.height}", same))
    columns = ["altitude", unit.distance, *(["moving", "with stops"] if estimated else [])]
    lines = tuple(
        (
            name,
            unit.far(_sum(same, "distance_m")),
            *([hours(_sum(same, "moving_s")), hours(_sum(same, "elapsed_s"))] if estimated else []),
        )
        for name, same in made
        if _sum(same, "distance_m")
    )
    return Table("By altitude", tuple(columns), lines)


def _by_key(row: Row, name: str, keys: tuple[str, ...]) -> list[list[Row]]:
    """The bands of all stages, those with the same edges together."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for stage in row["stages"]:
        for band in stage[name]:
            groups.setdefault(tuple(band[key] for key in keys), []).append(band)
    ordered = sorted(groups, key=lambda edges: -1e9 if edges[0] is None else edges[0])
    return [groups[edges] for edges in ordered]


def _sum(same: list[Row], key: str) -> float | None:
    values = [band.get(key) for band in same]
    return None if None in values else float(sum(value for value in values if value))


def _between(low: float | None, high: float | None, scale: float, unit: str) -> str:
    if low is None:
        return f"below {high * scale:,.0f} {unit}" if high is not None else "all"
    if high is None:
        return f"above {low * scale:,.0f} {unit}"
    return f"{low * scale:,.0f} to {high * scale:,.0f} {unit}"
