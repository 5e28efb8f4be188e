"""Round numbers along an axis: distances, heights, hours, the hours of the clock."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.units import DAYS, HOUR_S, duration_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gpxstage.plot.scene import Scene
    from gpxstage.units import Units

Tick = tuple[float, str]
STEPS = (1.0, 2.0, 5.0)
MINUTES = (1, 2, 5, 10, 15, 30)
STEPS_H = (*(minutes / 60 for minutes in MINUTES), 1, 2, 3, 4, 6, 12, 24, 48, 96, 240)
MOST_OF_HOURS = 0.8  # words of hours are wider than distances


def even(low: float, high: float, most: int) -> list[float]:
    """Round numbers in a range, as many as may be: 1, 2 or 5 times a power of ten apart."""
    power = np.floor(np.log10((high - low) / most))
    steps = [step * 10.0**p for p in (power, power + 1.0) for step in STEPS]
    step = next(step for step in steps if (high - low) / step <= most - 1 + 1e-9)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(step * k) + 0.0 for k in np.arange(first, last + 1.0)]  # no negative zero


def step_s(span_s: float, most: int) -> float:
    """The smallest step in round minutes or hours that fits into a span at most so often."""
    steps = (hours for hours in STEPS_H if span_s <= most * hours * HOUR_S)
    return HOUR_S * next(steps, STEPS_H[-1])


def across(scene: Scene, width: float, unit: Units, most: int) -> list[Tick]:
    """Places across a picture that is so wide, and what is written there."""
    if scene.across == "distance":
        return list(_distances(width / unit.m_per_distance, unit, most))
    most = round(MOST_OF_HOURS * most)
    if scene.across == "clock":
        assert scene.start is not None
        return list(_clock(scene.start, scene.first_s, width, most))
    step = step_s(width, most)
    first = np.ceil(scene.first_s / step - 1e-9)
    at_s = step * np.arange(first, np.floor((scene.first_s + width) / step) + 1.0)
    return [(float(s) - scene.first_s, duration_text(float(s), np.inf)) for s in at_s]


def _distances(width: float, unit: Units, most: int) -> Iterator[Tick]:
    found = even(0.0, width, most)
    digits = 0 if len(found) < 2 else max(0, int(np.ceil(-np.log10(found[1]) - 1e-9)))
    for tick in found:
        yield tick * unit.m_per_distance, f"{tick:,.{digits}f}" if tick else "0"


def _clock(start: datetime, first_s: float, width_s: float, most: int) -> Iterator[Tick]:
    """Round hours of the local clock; midnight has the new day's name.

    Every full step is asked for its local time, so that a change of the clocks is kept.
    """
    step = timedelta(seconds=step_s(width_s, most))
    fine = min(step, timedelta(hours=1))
    begin = start.astimezone(UTC) + timedelta(seconds=first_s)
    day = begin.astimezone(start.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
    moment, end = day.astimezone(UTC), begin + timedelta(seconds=width_s)
    while moment <= end:
        local = moment.astimezone(start.tzinfo)
        hours = timedelta(hours=local.hour, minutes=local.minute)
        days = timedelta(days=(local.date() - day.date()).days)
        if moment >= begin and not (days + hours) % step:
            said = f"{local:%H:%M}" if hours else DAYS[local.weekday()]
            yield (moment - begin).total_seconds(), said
        moment += fine
