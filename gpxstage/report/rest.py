"""Sleep and sleepiness: their rows, and how they are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.report.figures import Row, fraction, metres, moment, seconds
from gpxstage.report.units import clock, plain, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.report.bands import Part

SLEEPY, VERY_SLEEPY = 7.0, 8.0  # on the Karolinska scale


def alertness_row(parts: Sequence[Part]) -> Row | None:
    """Hours awake above two levels of sleepiness, and the worst moment; None without a clock."""
    known = [
        (part, part.estimate.alertness)
        for part in parts
        if part.estimate is not None and part.estimate.alertness is not None
    ]
    if not known or len(known) < len(parts):
        return None
    part, curve = max(known, key=lambda each: float(each[1].kss[each[1].worst]))
    at, when_s = curve.worst, seconds(float(curve.elapsed_s[curve.worst]))
    there = moment(part.start, when_s)
    return {
        "hours_above_kss_7": fraction(sum(c.above_s(SLEEPY) for _, c in known) / 3600.0),
        "hours_above_kss_8": fraction(sum(c.above_s(VERY_SLEEPY) for _, c in known) / 3600.0),
        "worst": {
            "kss": fraction(float(curve.kss[at])),
            "elapsed_s": when_s,
            "clock": None if there is None else there.isoformat(timespec="seconds"),
            "stage": part.stage.number,
            "distance_m": metres(float(curve.distance_m[at])),
        },
    }


def sleepiness_facts(row: Row) -> list[tuple[str, str]]:
    """The worst moment, its place and the sleepy hours, in words; nothing where nobody tires."""
    found = row["alertness"]
    if found is None or not found["hours_above_kss_7"]:
        return []
    worst = found["worst"]
    said = f"{worst['kss']:.1f} at worst, {clock(worst['clock'])} {_place(row, worst)}"
    for_s = 3600.0 * found["hours_above_kss_7"]
    return [("sleepiness", f"{said}; above 7 for {spoken(for_s)} (7 sleepy, 9 fighting sleep)")]


def _place(row: Row, worst: Row) -> str:
    """Between which points a place of a stage lies."""
    stages = [stage for stage in row["stages"] if stage["number"] <= worst["stage"]]
    here_m, points = worst["distance_m"], stages[-1]["points"]
    before = [point["name"] for point in points if point["distance_m"] <= here_m]
    after = next((point["name"] for point in points if point["distance_m"] > here_m), "")
    if not before and len(stages) > 1 and row["format"] == "continuous":
        before = [stages[-2]["points"][-1]["name"]]
    if before and after:
        return f"between {plain(before[-1])} and {plain(after)}"
    return f"at {plain(before[-1])}" if before else f"before {plain(after)}"
