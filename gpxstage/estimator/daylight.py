"""The sun along the way: when it is dark where the runner then is.

Dusk and dawn are those of the astral package: the end of civil twilight.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.geo import wrap_deg

if TYPE_CHECKING:
    from gpxstage.course import Array

TWILIGHT_DEG = 6.0  # civil twilight still counts as light


@dataclass(frozen=True, eq=False)
class Darkness:
    """Seconds of darkness since the start as a broken line over the clock."""

    clock_s: Array
    dark_s: Array

    def between_s(self, leave_s: Array, arrive_s: Array) -> Array:
        """Darkness between pairs of moments."""
        until = np.interp(arrive_s, self.clock_s, self.dark_s)
        return until - np.interp(leave_s, self.clock_s, self.dark_s)


def dark_share(nights: Darkness | None, leave_s: Array, arrive_s: Array) -> Array:
    """Share of each cell's time that is dark, (..., n); none without a start."""
    if nights is None:
        return np.zeros(leave_s.shape[-1])
    return nights.between_s(leave_s, arrive_s) / np.maximum(arrive_s - leave_s, 1e-9)


def darkness(start: datetime, clock_s: Array, lat_deg: Array, lon_deg: Array) -> Darkness:
    """The nights of a journey.

    The sun is worked out for each night at the place where the journey then is. It is dark while
    the sun is more than 6 degrees below the horizon, the end of civil twilight.

    Parameters
    ----------
    start
        An aware datetime.
    clock_s
        (n,) seconds after the start, rising.
    lat_deg, lon_deg
        (n,) where the journey is at these moments, degrees.
    """
    knots, dark = [0.0], [0.0]
    first_noon = _solar_noon(start, float(lon_deg[0]))
    for day in range(-1, int(clock_s[-1] // 86400.0) + 2):
        k = min(int(np.searchsorted(clock_s, max(day, 0) * 86400.0)), len(clock_s) - 1)
        east_deg = float(wrap_deg(lon_deg[k] - lon_deg[0]))
        noon = first_noon + timedelta(days=day, hours=-east_deg / 15.0)
        night = _night_after(noon, float(lat_deg[k]), float(lon_deg[k]))
        if night is None:
            continue
        begin_s, end_s = ((moment - start).total_seconds() for moment in night)
        begin_s = max(begin_s, knots[-1])
        if end_s > begin_s:
            knots += [begin_s, end_s]
            dark += [dark[-1], dark[-1] + end_s - begin_s]
    return Darkness(np.array(knots), np.array(dark))


def highest_sun_deg(start: datetime, lat_deg: float, lon_deg: float) -> float:
    """How high the sun is at noon on the day of an aware *start*, degrees."""
    from astral import Observer
    from astral.sun import elevation

    return float(elevation(Observer(lat_deg, lon_deg), _solar_noon(start, lon_deg)))


def _solar_noon(moment: datetime, lon_deg: float) -> datetime:
    """The noon of the local solar day that holds a moment, within minutes."""
    shift = timedelta(hours=lon_deg / 15.0)
    local = moment.astimezone(UTC) + shift
    return local.replace(hour=12, minute=0, second=0, microsecond=0) - shift


@lru_cache(maxsize=1024)  # rounds, levels and plans of a race come to the same places again
def _night_after(
    noon: datetime, lat_deg: float, lon_deg: float
) -> tuple[datetime, datetime] | None:
    """The darkness between one solar noon and the next: None in the midnight sun."""
    from astral import Observer
    from astral.sun import elevation

    place = Observer(lat_deg, lon_deg)

    @cache
    def light_deg(hours: float) -> float:
        return elevation(place, noon + timedelta(hours=hours), with_refraction=False) + TWILIGHT_DEG

    def crossing(dim: float, bright: float) -> float:
        for _ in range(4):  # regula falsi on a nearly straight hour: well under a second
            low, high = light_deg(dim), light_deg(bright)
            middle = dim + (bright - dim) * low / (low - high)
            if light_deg(middle) < 0.0:
                dim = middle
            else:
                bright = middle
        return middle

    def is_dark(hours: int) -> bool:
        return light_deg(hours) < 0.0

    if is_dark(12):  # the sun only sinks until midnight, and only rises after it
        first = bisect_left(range(12), True, key=is_dark)
        last = 24 - bisect_left(range(12), True, key=lambda hours: is_dark(24 - hours))
    elif found := list(filter(is_dark, range(25))):
        first, last = found[0], found[-1]
    else:
        return None
    begin = crossing(first, first - 1) if first > 0 else 0.0
    end = crossing(last, last + 1) if last < 24 else 24.0
    return noon + timedelta(hours=begin), noon + timedelta(hours=end)
