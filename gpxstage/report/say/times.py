"""Moments, ranges and margins in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.units import MINUTE_S, clock, elapsed_minutes, hours, number, range_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from gpxstage.facts import Interval, N, PointFacts, RaceFacts, StageFacts


def when(race: RaceFacts, stage: StageFacts, after_s: float | None) -> str:
    """Day and local time of a moment on a stage's clock; hours and minutes without a start."""
    return clock(race.clock_at(stage, after_s)) or hours(after_s)


def when_range(race: RaceFacts, stage: StageFacts, times_s: Interval[int]) -> str:
    """From p10 to p90; nothing without draws. A day is named once where both are the same."""
    if times_s.ends is None:
        return ""
    early, late = (when(race, stage, after_s) for after_s in range_s(*times_s.ends))
    if early == late:
        return early
    day, space, time = late.partition(" ")
    return f"{early} – {time if space and early.startswith(day) else late}"


def range_text(values: Interval[N], text: Callable[[float], str] | None = None) -> str:
    """From p10 to p90, of times unless *text* writes something else; nothing without draws."""
    if values.ends is None:
        return ""
    low, high = map(text, values.ends) if text else map(hours, range_s(*values.ends))
    return low if low == high else f"{low} – {high}"


def late_margin_s(point: PointFacts) -> float | None:
    """What is left before a cutoff at the late end of the range of the arrival."""
    if point.cutoff_s is None or point.arrival_s.ends is None:
        return None
    return point.cutoff_s - range_s(*point.arrival_s.ends)[1]


def stopped_s(moving_s: float, elapsed_s: float) -> float:
    """Time in stops to the minute, as the difference of what is shown."""
    return MINUTE_S * elapsed_minutes(moving_s, elapsed_s)


def kcal(value: float) -> str:
    """Energy to a hundred kilocalories."""
    return number(value, -2)
