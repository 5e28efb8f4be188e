"""Report -> tables of text: what the terminal and report.md are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.cutoffs import cutoff_columns
from gpxstage.report.field import field_columns, first_to_last
from gpxstage.report.plans import margin_columns, plan_columns
from gpxstage.report.reasons import model_cells, why_cells
from gpxstage.report.rest import dark_cells, earlier_cells
from gpxstage.report.rows import Row, as_json
from gpxstage.report.summary import facts, figures
from gpxstage.units import UNITS, Units, band, clock, hours, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gpxstage.facts.analysis import Report


@dataclass(frozen=True)
class Table:
    """A title, columns whose first ones are words, and rows of ready text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1  # so many columns on the left hold words, the rest numbers
    breaks: tuple[int, ...] = ()  # rows after which something else begins


def tables(
    report: Report,
    units: str = "metric",
    stages: Sequence[int] = (),
    *,
    wide: bool = False,
    above_m: Sequence[float] = (),
    fits: Callable[[Table], bool] = lambda table: True,
) -> list[Table]:
    """All tables of a report, in the order in which a runner asks.

    *wide* ones do not have to fit a terminal: more columns, and the descents too. One that does
    not pass *fits* is made as if it were not wide.
    """
    unit = UNITS[units]
    race = as_json(report, above_m=above_m, units=units)
    shown = [stage for stage in race["stages"] if not stages or stage["number"] in stages]
    row = race | {"stages": shown}
    found = [
        Table("", *figures(race, unit)),
        Table("", ("", ""), facts(race, unit), words=2),
        filled(*plan_columns(race), words=2, breaks=(0,)),
        *([filled(*margin_columns(race), words=1, breaks=())] if wide else []),
        _widest(partial(_stages, row, unit), wide, fits),
        *reason_tables(row),
        _widest(partial(_points, row, unit), wide, fits),
        filled(*cutoff_columns(row), words=2, breaks=()),
        *field_tables(row, unit, wide),
        _widest(partial(climb_table, row, unit), wide, fits),
        grade_table(row, unit),
        altitude_table(row, unit),
    ]
    return [table for table in found if table.rows]


def _widest(make: Callable[[bool], Table], wide: bool, fits: Callable[[Table], bool]) -> Table:
    table = make(wide)
    return table if not wide or fits(table) else make(False)


def reason_tables(row: Row) -> list[Table]:
    """Where the hours go, and what other models say; nothing unless it was asked for."""
    if "why" not in row:
        return []
    cells, title = why_cells(row), "Where the hours go (against a flat road at sea level, h:mm)"
    return [
        Table(title, *cells, breaks=(len(cells[1]) - 2,)),
        Table(
            "Moving time by other models, none of which knows the runner's race", *model_cells(row)
        ),
    ]


def field_tables(row: Row, unit: Units, wide: bool) -> list[Table]:
    """The field sheet, where several levels were asked for."""
    if "levels" not in row:
        return []
    columns, breaks = field_columns(row, unit, wide)
    names = [plain(level["level"]) for level in first_to_last(row["levels"])]
    title = f"The field: places open with {names[0]} and close after {names[-1]}"
    return [filled(title, columns, 2, breaks)]


def filled(title: str, columns: dict[str, list[str]], words: int, breaks: Iterable[int]) -> Table:
    """A table of the columns that have something to say."""
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    words -= len([name for name in list(columns)[:words] if name not in kept])
    rows = tuple(zip(*kept.values(), strict=True))
    return Table(title, tuple(name.strip() for name in kept), rows, words, tuple(breaks))


def _p50(row: Row, key: str) -> float | None:
    value: float | None = row.get(key, {}).get("p50")
    return value


def _hiked(row: Row) -> float | None:
    return _p50(row.get("hike_fraction", {}), "of_time")


def _stages(row: Row, unit: Units, wide: bool) -> Table:
    """One line a stage; under several of them, the sum of those that are shown."""
    rows = row["stages"]
    lines = [*rows, _together(row)] if len(rows) > 1 else rows

    def column(key: str, text: Callable[[float | None], str]) -> list[str]:
        return [text(line[key]) for line in lines]

    columns = {
        "": [str(line["number"]) for line in lines] if len(rows) > 1 else [],
        "stage": [plain(line["name"]) for line in lines],
        unit.distance: column("length_m", unit.far),
        f"+{unit.height}": column("gain_m", unit.high),
    }
    estimated = "moving_s" in row
    if not estimated or wide:
        columns[f"−{unit.height}"] = column("loss_m", unit.high)
        columns["lowest"] = column("lowest_m", unit.high) if wide else []
        columns["highest"] = column("highest_m", unit.high)
        columns["100 m"] = column("steepest_100m", percent)
        columns["500 m"] = column("steepest_500m", percent)
    if estimated:
        columns["time"] = [hours(_p50(line, "elapsed_s")) for line in lines]
        columns["moving"] = [hours(_p50(line, "moving_s")) for line in lines]
        columns["in the dark"] = dark_cells(lines) if wide else []
        columns["earlier days" if wide else "earlier"] = earlier_cells(lines)
        columns["hiked %"] = [percent(_hiked(line)) for line in lines]
        columns[f"min/{unit.distance}"] = [
            unit.pace(_p50(line, "moving_s"), line["length_m"]) for line in lines
        ]
    steepest = " (100 m, 500 m: the steepest, %)" if "100 m" in columns else ""
    return filled(
        f"{'Stages' if len(rows) > 1 else 'Stage'}{steepest}", columns, 2, [len(rows) - 1]
    )


def _together(row: Row) -> Row:
    """The line under the stages, of which several are shown only where all are."""
    rows = row["stages"]

    def known(values: Iterable[float | None]) -> list[float]:
        found = list(values)
        return [] if None in found else [value for value in found if value is not None]

    sums = {
        key: sum(known(r[key] for r in rows)) or None for key in ("length_m", "gain_m", "loss_m")
    }
    moving = known(_p50(row, "moving_s") for row in rows)
    return sums | {
        "number": "",
        "name": "all of it",
        "lowest_m": min(known(row["lowest_m"] for row in rows), default=None),
        "highest_m": max(known(row["highest_m"] for row in rows), default=None),
        **{
            key: max((row[key] for row in rows if row[key] is not None), key=abs, default=None)
            for key in ("steepest_100m", "steepest_500m")
        },
        "moving_s": {"p50": sum(moving) or None},
        "elapsed_s": {"p50": sum(known(_p50(row, "elapsed_s") for row in rows)) or None},
        "hike_fraction": row.get("hike_fraction", {}),  # not a mean of rounded shares
    }


def _places(row: Row) -> Iterator[tuple[str, float, Row]]:
    """Number and offset of every stage: where the clock runs through, distances do too."""
    for stage in row["stages"]:
        point = stage["points"][0]
        through = row["format"] == "continuous"
        offset_m = point["race_distance_m"] - point["distance_m"] if through else 0.0
        yield (str(stage["number"]) if len(row["stages"]) > 1 else ""), offset_m, stage


def _points(row: Row, unit: Units, wide: bool) -> Table:
    lines: list[dict[str, str]] = []
    breaks = []
    for number, offset_m, stage in _places(row):
        before = {"distance_m": 0.0, "gain_m": 0.0}
        for point in stage["points"]:
            stop_s, sleep_s = point.get("stop_s"), point.get("sleep_s")
            line = {
                "": number,
                "point": plain(point["name"]) + (", passed" if point.get("passed") else ""),
                "kind": point["kind"].replace("waypoint", "") if wide else "",
                unit.distance: unit.far(offset_m + point["distance_m"]),
                unit.height: unit.high(point["elevation_m"]),
                **(_leg(point, before, unit) if wide else {}),
                "after": hours(_p50(point, "arrival_s")),
                "clock": clock(point.get("arrival")),
                "stop": hours(stop_s) if stop_s else "",
                "asleep": hours(sleep_s) if wide and sleep_s else "",
                "cutoff": hours(point["cutoff_s"]) if wide or "arrival_s" not in point else "",
                "margin": hours(_p50(point, "margin_s"), signed=True),
            }
            lines.append(line)
            before = point
        breaks.append(len(lines) - 1)
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    return filled("Points", columns, 3, breaks[:-1])


def _leg(point: Row, before: Row, unit: Units) -> dict[str, str]:
    """What lies between a point and the one before it."""
    leg_m = point["distance_m"] - before["distance_m"]
    gain_m = None if point["gain_m"] is None else point["gain_m"] - before["gain_m"]
    return {f"leg {unit.distance}": unit.far(leg_m), f"leg +{unit.height}": unit.high(gain_m)}


def climb_table(row: Row, unit: Units, wide: bool) -> Table:
    """The climbs of all stages in order; *wide*, the descents between them."""
    lines: list[dict[str, str]] = []
    breaks = []
    for number, offset_m, stage in _places(row):
        found = [*(stage["climbs"] or []), *((stage["descents"] or []) if wide else [])]
        for climb in sorted(found, key=lambda climb: float(climb["from_m"])):
            line = {
                "": number,
                "to": plain(climb["name"]) or "–",
                f"from {unit.distance}": unit.far(offset_m + climb["from_m"]),
                f"{unit.distance} ": unit.far(climb["length_m"]),
                f"{unit.height} ": unit.high(climb["height_m"]),
                "mean %": percent(climb["mean_grade"]),
                "steepest": percent(climb["steepest_grade"]),
                "moving": hours(climb.get("moving_s")),
                "hiked %": percent(climb.get("hike_fraction")),
            }
            lines.append(line)
        breaks.append(len(lines) - 1)
    columns = {name: [line[name] for line in lines] for name in (lines[0] if lines else ())}
    title = "Climbs and descents" if wide else "Climbs"
    return filled(f"{title} (steepest: % over 100 m)", columns, 2, breaks[:-1])


def grade_table(row: Row, unit: Units) -> Table:
    """The stages together, by grade."""
    columns: dict[str, list[str]] = {name: [] for name in ("grade", unit.distance, "share %")}
    columns |= {"moving": [], "hiked %": []}
    for same in _by_key(row, "grade_bands", ("from", "to")):
        low, high = (None if e is None else 100.0 * e for e in (same[0]["from"], same[0]["to"]))
        moving_s, hiked = _sum(same, "moving_s"), None
        known = [b for b in same if b.get("hike_fraction") is not None and b["moving_s"]]
        if known and moving_s:
            hiked = sum(b["hike_fraction"] * b["moving_s"] for b in known) / moving_s
        columns["grade"].append(band(low, high, "%"))
        columns[unit.distance].append(unit.far(_sum(same, "distance_m")))
        columns["share %"].append(_share(same, row))
        columns["moving"].append(hours(moving_s))
        columns["hiked %"].append(percent(hiked))
    return filled("By grade", columns, 1, ())


def altitude_table(row: Row, unit: Units) -> Table:
    """The stages together, by band of altitude and above each threshold."""
    columns: dict[str, list[str]] = {name: [] for name in ("altitude", unit.distance, "share %")}
    columns |= {"moving": [], "with stops": []}
    counts = []
    for key, edges in (("altitude_bands", ("from_m", "to_m")), ("above", ("m",))):
        for same in _by_key(row, key, edges):
            if not _sum(same, "distance_m"):
                continue
            low, *rest = (
                e if e is None else e / unit.m_per_height for e in map(same[0].get, edges)
            )
            columns["altitude"].append(band(low, rest[0] if rest else None, unit.height))
            columns[unit.distance].append(unit.far(_sum(same, "distance_m")))
            columns["share %"].append(_share(same, row))
            columns["moving"].append(hours(_sum(same, "moving_s")))
            columns["with stops"].append(hours(_sum(same, "elapsed_s")))
        counts.append(len(columns["altitude"]) - 1)
    return filled("By altitude", columns, 1, counts[:1])


def _by_key(row: Row, name: str, keys: tuple[str, ...]) -> list[list[Row]]:
    """The bands of all stages, those with the same edges together; none if one is unknown."""
    if any(stage[name] is None for stage in row["stages"]):
        return []
    groups: dict[tuple[float | None, ...], list[Row]] = {}
    for stage in row["stages"]:
        for found in stage[name]:
            groups.setdefault(tuple(found[key] for key in keys), []).append(found)
    return list(groups.values())


def _sum(same: list[Row], key: str) -> float | None:
    values = [found.get(key) for found in same]
    return None if None in values else float(sum(value for value in values if value))


def _share(same: list[Row], row: Row) -> str:
    length_m = sum(stage["length_m"] for stage in row["stages"])
    return percent((_sum(same, "distance_m") or 0.0) / length_m)
