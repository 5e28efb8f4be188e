"""Sleep and sleepiness: their rows, and how they are said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.figures import Row
from gpxstage.units import HOUR_S, clock, fraction, hours, metres, moment, number, seconds, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.nouns import Estimate
    from gpxstage.report.bands import Part

USUAL = "as fields do (a survey of 221 runners, Tor 2025)"
MOST_BEDS = 10  # in a sentence
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


def usual_row(usual: Estimate, estimate: Estimate) -> Row:
    """What the same runner would take with stops and sleep as usual, and which were given."""
    given = estimate.policy
    moving_s, elapsed_s = seconds(usual.moving_s) or 0, seconds(usual.elapsed_s) or 0
    return {
        "moving_s": moving_s,
        "elapsed_s": elapsed_s,
        "stopped_s": elapsed_s - moving_s,
        "slept_s": seconds(sum(stage.slept_s for stage in usual.stages)),
        "sleeps_given": given is not None and given.sleeps is not None,
    }


def sleep_facts(row: Row) -> list[tuple[str, str]]:
    """Where one sleeps, by what, and what it costs against sleep and stops as usual."""
    beds = [
        (plain(point["name"]), point["sleep_s"])
        for stage in row["stages"]
        for point in stage["points"]
        if point.get("sleep_s")
    ]
    usual, made = row.get("usual"), []
    by = "as asked for" if usual and usual["sleeps_given"] else USUAL
    if 0 < len(beds) <= MOST_BEDS:
        made.append(("asleep", f"{', '.join(f'{n} {hours(s)}' for n, s in beds)}: {by}"))
    elif beds:
        made.append(("asleep", f"a little at each of {len(beds)} places: {by}"))
    if usual:
        moving_s = row["moving_s"]["p50"] - usual["moving_s"]
        stood_s = row["stopped_s"] - usual["stopped_s"]
        said = f"{_signed(moving_s + stood_s)} on the clock: {_signed(stood_s)} standing, "
        cause = "night, fatigue, sleepiness"
        made.append(("than usual", f"{said}{_signed(moving_s)} moving ({cause})"))
    return made


def _signed(value_s: float) -> str:
    return hours(value_s, signed=True)


def dark_cells(lines: Sequence[Row]) -> list[str]:
    """Moving hours in the dark of stages, and of all of them where a line sums them up."""
    nights = [line["night"] for line in lines if line.get("night")]
    if not any(night["moving_s"] for night in nights):
        return []
    whole_s = sum(night["moving_s"] for night in nights)
    each = [(line["night"] or {}).get("moving_s") if "night" in line else whole_s for line in lines]
    return [hours(value_s) for value_s in each]


def earlier_cells(lines: Sequence[Row]) -> list[str]:
    """What the stages before added to each, and to all where a line sums them up."""
    each = [line["earlier_days_s"] or 0 for line in lines if "earlier_days_s" in line]
    if not any(each):
        return []
    return [hours(line.get("earlier_days_s", sum(each)) or 0) for line in lines]


def sleepiness_facts(row: Row) -> list[tuple[str, str]]:
    """The worst moment, its place and the sleepy hours, in words; nothing where nobody tires."""
    found = row["alertness"]
    if found is None or not found["hours_above_kss_7"]:
        return []
    worst = found["worst"]
    said = f"{number(worst['kss'], 1)} at worst, {clock(worst['clock'])} {_place(row, worst)}"
    for_s = HOUR_S * found["hours_above_kss_7"]
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
