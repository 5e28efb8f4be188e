"""Report -> splits.csv, a row for every point; splits of one length -> a table, and CSV."""

from __future__ import annotations

import csv
import io
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from gpxstage.facts.parts import ratio
from gpxstage.report.say import first_to_last
from gpxstage.report.say.tables import Table, by_column, filled, leg_to
from gpxstage.text import safe_cell
from gpxstage.units import UNITS, Units, clock, figure, hms, hours, local, minutes_left, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts import PointFacts, RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.figures import LegEaten
    from gpxstage.facts.pace import Split

    Line = dict[str, str | int | None]  # a line of the table by column


def csv_text(report: Report, units: str = "metric", stages: Sequence[int] = ()) -> str:
    """The splits as CSV; the columns that need a runner are there when an estimate is.

    Durations are h:mm and clocks local dates and times, which sort as text; ``_p10`` and ``_p90``
    are the ends of the 80 % range, empty without draws. A margin is in minutes, so that one
    behind the cutoff is a negative number. ``leg_`` is what lies between the point before and this
    one. Several levels add two columns each at the end.
    """
    lines: list[Line] = []
    race = report.facts.shown(stages)
    estimates = {part.stage.number: part.estimate for part in report.parts}
    legs = race.eating.legs if race.eating else ()
    for stage in race.stages:
        before: PointFacts | None = None
        eaten = [leg for leg in legs if leg.stage == stage.number]
        for point, leg in zip_longest(stage.points, eaten):
            line: Line = {"stage": stage.number}
            line |= _place(point, before, UNITS[units])
            if race.estimated:
                line |= _passage(point, before, estimates[stage.number])
                line |= _range(point, partial(race.clock_at, stage)) | _eaten(leg, UNITS[units])
            line["cutoff"] = hours(point.cutoff_s)
            line["cutoff_clock"] = local(race.clock_at(stage, point.cutoff_s))
            if race.estimated:
                left_s = point.margin_s.p50
                line["margin_min"] = None if left_s is None else minutes_left(left_s)
            lines.append(line | _levels(race, len(lines)))
            before = point
    return lines_csv(lines)


def lines_csv(lines: Sequence[Mapping[str, object]]) -> str:
    """CSV of lines that have the same columns."""
    return table_csv(list(lines[0]) if lines else [], [list(line.values()) for line in lines])


def table_csv(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """CSV in which a name cannot be a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([safe_cell(cell) for cell in line] for line in (head, *lines))
    return out.getvalue()


def _place(point: PointFacts, before: PointFacts | None, unit: Units) -> Line:
    far, high = unit.distance, unit.height
    leg_m, leg_gain_m = leg_to(point, before)
    return {
        "point": point.name,
        "kind": point.kind,
        far: unit.far_figure(point.distance_m),
        f"race_{far}": unit.far_figure(point.race_distance_m),
        f"height_{high}": unit.high_figure(point.elevation_m),
        f"gain_{high}": unit.high_figure(point.gain_m),
        f"leg_{far}": unit.far_figure(leg_m),
        f"leg_gain_{high}": unit.high_figure(leg_gain_m),
    }


def _passage(point: PointFacts, before: PointFacts | None, estimate: StageEstimate | None) -> Line:
    moving_s = hiked_s = None
    if estimate is not None:
        leg = before.distance_m if before else 0.0, point.distance_m
        moving_s, hiked_s = estimate.moving_between_s(*leg), estimate.hiked_between_s(*leg)
    return {
        "arrival": hours(point.arrival_s.p50),
        "day": point.day,
        "clock": local(point.arrival),
        "leg_moving": hours(moving_s),
        "leg_hiked_percent": percent(ratio(hiked_s, moving_s)),
        "stop": hours(point.stop_s),
        "sleep": hours(point.sleep_s),
    }


def _range(point: PointFacts, on_wall: Callable[[float | None], datetime | None]) -> Line:
    """The ends of the range of an arrival, as durations and on the wall."""
    ends = {"p10": point.arrival_s.p10, "p90": point.arrival_s.p90}
    after: Line = {f"arrival_{end}": hours(at_s) for end, at_s in ends.items()}
    return after | {f"clock_{end}": local(on_wall(at_s)) for end, at_s in ends.items()}


def _eaten(leg: LegEaten | None, unit: Units) -> Line:
    return {
        "leg_spent_kcal": leg.spent_kcal if leg else None,
        "leg_eaten_kcal": leg.eaten_kcal if leg else None,
        f"leg_water_{unit.volume.replace(' ', '_')}": (
            None if leg is None else figure(leg.water_l / unit.l_per_volume, 1)
        ),
    }


def _levels(race: RaceFacts, place: int) -> Line:
    """When each level is at the *place*-th point: two columns each."""
    cells: Line = {}
    for level in first_to_last(race.levels or ()):
        there = level.points[place]
        cells[f"{level.level}_arrival"] = hours(there.arrival_s)
        cells[f"{level.level}_clock"] = local(there.arrival)
    return cells


def pace_table(found: Sequence[Split], unit: Units) -> Table:
    """A line for each split; *unit* says whether kilometres or miles are counted."""
    several = len({split.stage for split in found}) > 1
    lines = [
        {
            "no.": str(split.stage) if several else "",
            unit.distance: unit.far(split.to_m),
            f"+{unit.height}": unit.high(split.gain_m),
            f"−{unit.height}": unit.high(split.loss_m),
            f"min/{unit.distance}": unit.pace(split.moving_s, split.length_m),
            "hiked %": percent(split.hike_fraction),
            "with stops": "" if split.elapsed_s is None else hms(split.elapsed_s),
            "after": hours(split.arrival_s),
            "expected": clock(split.arrival),
        }
        for split in found
    ]
    breaks = [k for k in range(len(found) - 1) if found[k].stage != found[k + 1].stage]
    title = f"Splits (min/{unit.distance}: while moving)"
    return filled(title, by_column(lines), 1 if several else 0, breaks)


def pace_csv(found: Sequence[Split], unit: Units) -> str:
    """A row for each split: durations in seconds, so that they add up, and the local clock.

    ``_p10`` and ``_p90`` are the ends of the 80 % range, empty without draws.
    """
    far, high = unit.distance, unit.height
    lines = [
        {
            "stage": split.stage,
            f"to_{far}": unit.far_figure(split.to_m, 3),
            f"length_{far}": unit.far_figure(split.length_m, 3),
            f"gain_{high}": unit.high_figure(split.gain_m),
            f"loss_{high}": unit.high_figure(split.loss_m),
            "moving_s": split.moving_s,
            "hiked_percent": percent(split.hike_fraction),
            "elapsed_s": split.elapsed_s,
            "arrival_s": split.arrival_s,
            "arrival_s_p10": split.arrival_ends_s and split.arrival_ends_s[0],
            "arrival_s_p90": split.arrival_ends_s and split.arrival_ends_s[1],
            "clock": local(split.arrival),
        }
        for split in found
    ]
    return lines_csv(lines)
