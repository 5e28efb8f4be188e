"""Splits of one length -> a table, and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.say.tables import Table, by_column, filled
from gpxstage.report.splits import lines_csv
from gpxstage.units import Units, clock, hms, hours, local, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts.figures import Split


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
    """A row for each split: durations in seconds, so that they add up, and the local clock."""
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
            "clock": local(split.arrival),
        }
        for split in found
    ]
    return lines_csv(lines)
