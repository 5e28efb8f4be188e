"""Stops, sleep and the sun: from moving time to the clock on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.geo import wrap_deg

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.runner import Runner

TWILIGHT_DEG = 6.0  # civil twilight still counts as light


@dataclass(frozen=True, eq=False)
class Sites:
    """The k places where the clock may stand still, in order along a push."""

    distance_m: Array  # (k,) from the push's start
    stop_weight: Array  # (k,) share of the unplanned stopping, before normalising
    sleep_weight: Array  # (k,) 0 where nobody sleeps
    fixed_s: Array  # (k,) of the stop without its sleep; NaN where its length is not fixed
    slept_s: Array | None = None  # (k,) where the sleeps are given, all there are; None: as usual


def standing(
    sites: Sites, edge_m: Array, moving_s: Array, runner: Runner, constants: Judgement
) -> tuple[Array, Array]:
    """Seconds stopped without sleep, and seconds slept, at each of the k sites: (..., k).

    *moving_s* is the moving time at the n+1 edges of a push, (..., n+1). Stopping is shared
    over the sites by weight; a stop of fixed length takes the place of its site's share and
    leaves the others alone. As usual, nobody sleeps during a stop of fixed length.
    """
    moving_h = moving_s[..., -1:] / 3600.0
    fixed = np.isfinite(sites.fixed_s)
    stopping_s = 3600.0 * moving_h * stop_share(moving_h, constants) * runner.stops
    stop_s = np.where(fixed, sites.fixed_s, _shared(stopping_s, sites.stop_weight))
    if sites.slept_s is not None:
        return stop_s, np.broadcast_to(sites.slept_s, stop_s.shape)
    awake_h = moving_h + stop_s.sum(axis=-1, keepdims=True) / 3600.0
    slept_s = sleep_s(awake_h, runner.sleep, constants)
    done = at_distance(sites.distance_m, edge_m, moving_s) / moving_s[..., -1:]
    wish = np.where(fixed, 0.0, sites.sleep_weight) * sleep_wish(done, constants)
    return stop_s, _shared(slept_s, wish)


def at_distance(distance_m: Array, edge_m: Array, values: Array) -> Array:
    """Values (..., n+1) at the edges, interpolated at k distances: (..., k)."""
    after = np.clip(np.searchsorted(edge_m, distance_m), 1, len(edge_m) - 1)
    share = (distance_m - edge_m[after - 1]) / (edge_m[after] - edge_m[after - 1])
    share = np.clip(share, 0.0, 1.0)
    return values[..., after - 1] * (1.0 - share) + values[..., after] * share


def stop_share(moving_h: Array, constants: Judgement) -> Array:
    """Stopping without sleep as a share of the moving time; it grows with it."""
    share = constants.stop_base + constants.stop_growth * np.log(np.maximum(moving_h, 1e-3))
    return np.asarray(np.clip(share, 0.0, constants.stop_most))


def sleep_s(awake_h: Array, level: float, constants: Judgement) -> Array:
    """Sleep of a push that is awake for some hours: a share of all hours past a limit.

    Sleep is part of the hours that ask for it, so the share is solved for. Martin et al. 2018
    (PLoS ONE e0194705) give 0.5, 1.4 and 8.2 h for races under 36, of 36 to 60, over 60 h.
    """
    share = np.minimum(constants.sleep_share * level, 0.9)
    late_h = np.maximum(awake_h - constants.sleep_after_h, 0.0)
    return np.asarray(3600.0 * late_h * share / (1.0 - share))


def sleep_wish(done: Array, constants: Judgement) -> Array:
    """Weight of sleeping on reaching a share of the race.

    Runners sleep from the first night on, most at about a quarter of a long race and less
    towards the end (judgement: six bases of the Tor 2025, by what passage times ask for).
    """
    return done * np.exp(-done / constants.sleep_peak)


def _shared(total_s: Array, weight: Array) -> Array:
    whole = weight.sum(axis=-1, keepdims=True)
    return np.asarray(
        np.where(whole > 0.0, total_s * weight / np.where(whole > 0.0, whole, 1.0), 0.0)
    )


@dataclass(frozen=True, eq=False)
class Darkness:
    """Seconds of darkness since the start as a broken line over the clock."""

    clock_s: Array
    dark_s: Array

    def between_s(self, leave_s: Array, arrive_s: Array) -> Array:
        """Darkness between pairs of moments."""
        until = np.interp(arrive_s, self.clock_s, self.dark_s)
        return until - np.interp(leave_s, self.clock_s, self.dark_s)


def nights(
    start: datetime | None, arrive_s: Array, lat_deg: Array, lon_deg: Array
) -> Darkness | None:
    """The nights of draws (..., n), by the one under way for longest; None without a start."""
    if start is None:
        return None
    slowest_s = np.asarray(np.atleast_2d(arrive_s)[np.argmax(arrive_s[..., -1])])
    return darkness(start, slowest_s, lat_deg, lon_deg)


def dark_share(nights: Darkness | None, leave_s: Array, arrive_s: Array) -> Array:
    """Share of each cell's time that is dark, (..., n); none without a start."""
    if nights is None:
        return np.zeros(leave_s.shape[-1])
    return nights.between_s(leave_s, arrive_s) / np.maximum(arrive_s - leave_s, 1e-9)


def darkness(start: datetime, clock_s: Array, lat_deg: Array, lon_deg: Array) -> Darkness:
    """The nights of a journey that is at n places at n moments after an aware *start*.

    The sun is asked for each night at the place where the journey then is; it is dark while
    the sun is more than 6 degrees below the horizon.
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


def _solar_noon(moment: datetime, lon_deg: float) -> datetime:
    """The noon of the local solar day that holds a moment, within minutes."""
    shift = timedelta(hours=lon_deg / 15.0)
    local = moment.astimezone(UTC) + shift
    return local.replace(hour=12, minute=0, second=0, microsecond=0) - shift


def _night_after(
    noon: datetime, lat_deg: float, lon_deg: float
) -> tuple[datetime, datetime] | None:
    """The darkness between one solar noon and the next: None in the midnight sun."""
    from astral import Observer
    from astral.sun import elevation

    place = Observer(lat_deg, lon_deg)

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

    hourly = [light_deg(hour) for hour in range(25)]
    below = [hour for hour, light in enumerate(hourly) if light < 0.0]
    if not below:
        return None
    first, last = below[0], below[-1]
    begin = crossing(first, first - 1) if first > 0 else 0.0
    end = crossing(last, last + 1) if last < len(hourly) - 1 else 24.0
    return noon + timedelta(hours=begin), noon + timedelta(hours=end)
