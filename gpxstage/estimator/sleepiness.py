"""How sleepy one is along the course: the three-process model, from the clock and the sleeps.

Åkerstedt & Folkard 1997 (Chronobiol Int 14:115); parameters as Ingre et al. 2014 (PLoS ONE
9:e108679) use them and the FIPS package (Wilson et al. 2020, J Open Source Softw 5:2340)
documents them. S is what hours awake take and sleep gives back, C the day's rhythm, U the dip
of the afternoon; sleepiness is on the Karolinska scale: 1 very alert, 7 sleepy, 9 fighting
sleep. The minutes of dullness after waking (W) are left out, and the scale is not clipped:
either would make a nap look useless.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.risks import Alertness

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import StageEstimate

LOW, HIGH, BREAK = 2.4, 14.3, 12.2  # of S: its ends, and where sleep begins to give less
DECAY_PER_H = 0.0353  # awake
RECOVERY_PER_H = -float(np.log((HIGH - 14.0) / (HIGH - 7.96))) / 8.0  # asleep: 0.381
CIRCADIAN, PEAK_H = 2.5, 16.8  # of C, and of U three hours later
ULTRADIAN_MEAN, ULTRADIAN = -0.5, 0.5
KSS_AT_ZERO, KSS_PER_UNIT = 10.6, -0.6  # Karolinska scale of S + C + U
# S on waking where every day has 16 hours awake and 8 asleep: what the lines below come to
RESTED = 13.82


def awake(level: Array | float, hours: Array | float) -> Array:
    """S after some hours awake."""
    return np.asarray(LOW + (level - LOW) * np.exp(-DECAY_PER_H * np.asarray(hours)))


def asleep(level: Array | float, hours: Array | float) -> Array:
    """S after some hours asleep: it rises steadily up to a break, then ever slower."""
    hours, level = np.asarray(hours), np.asarray(level)
    per_h = RECOVERY_PER_H * (HIGH - BREAK)
    steady_h = np.clip((BREAK - level) / per_h, 0.0, hours)
    reached = level + per_h * steady_h
    return np.asarray(HIGH - (HIGH - reached) * np.exp(-RECOVERY_PER_H * (hours - steady_h)))


def homeostatic(at_h: Array, begin_h: Array, slept_h: Array, level: float) -> Array:
    """S (..., n) at moments in hours, from a *level* at zero on.

    The sleeps, k of them in order, begin at *begin_h* and last *slept_h*, both (..., k).
    """
    lead = np.broadcast_shapes(at_h.shape[:-1], begin_h.shape[:-1], slept_h.shape[:-1])
    now, since_h = np.full((*lead, 1), level), np.zeros((*lead, 1))
    sleeps = [(since_h, now, now, since_h)]  # begin, S then and on waking, when that was
    begun = np.zeros((*lead, at_h.shape[-1]), dtype=int)  # of the sleeps, at each moment
    for k in np.flatnonzero((slept_h > 0.0).any(axis=tuple(range(slept_h.ndim - 1)))):
        first_h, length_h = begin_h[..., k : k + 1], slept_h[..., k : k + 1]
        tired = awake(now, first_h - since_h)
        now, since_h = asleep(tired, length_h), first_h + length_h
        sleeps.append((np.broadcast_to(first_h, now.shape), tired, now, since_h))
        begun += at_h > first_h
    each = (np.concatenate(column, axis=-1) for column in zip(*sleeps, strict=True))
    first_h, tired, woken, since_h = (np.take_along_axis(a, begun, axis=-1) for a in each)
    found = awake(woken, at_h - since_h)
    inside = (begun > 0) & (at_h < since_h)
    found[inside] = asleep(tired[inside], (at_h - first_h)[inside])
    return found


def sleepiness(level: Array, clock_h: Array) -> Array:
    """The Karolinska scale from S and the body's clock, in hours."""
    circadian = CIRCADIAN * np.cos(2.0 * np.pi / 24.0 * (clock_h - PEAK_H))
    ultradian = ULTRADIAN * np.cos(2.0 * np.pi / 12.0 * (clock_h - PEAK_H - 3.0))
    alert = level + circadian + ULTRADIAN_MEAN + ultradian
    return np.asarray(KSS_AT_ZERO + KSS_PER_UNIT * alert)


def along(
    at_s: Array, begin_s: Array, slept_s: Array, start: datetime, constants: Judgement
) -> Array:
    """Sleepiness (..., n) at moments in seconds after an aware local *start*.

    The body keeps the clock of the start, whatever the clocks on the wall do in a night.
    """
    start_h, level = at_start(start, constants)
    at_h = at_s / 3600.0
    pressure = homeostatic(at_h, begin_s / 3600.0, slept_s / 3600.0, level)
    return sleepiness(pressure, start_h + at_h)


def at_start(start: datetime, constants: Judgement) -> tuple[float, float]:
    """The body's clock at the start, in hours, and S.

    One woke at the usual hour, after a usual night, or some hours before a start early in the
    day.
    """
    start_h = start.hour + start.minute / 60.0 + start.second / 3600.0
    up_h, early_h = constants.up_before_h, constants.usual_waking_h + constants.up_before_h
    woken_h = up_h if up_h <= start_h < early_h else (start_h - constants.usual_waking_h) % 24.0
    return start_h, float(awake(RESTED, woken_h))


def on_the_way(
    moving_s: Array,
    at_s: Array,
    standing: tuple[Array, Array],
    passed: Indices,
    *,
    start: datetime,
    constants: Judgement,
) -> Array:
    """Sleepiness in the middle of n cells, (..., n).

    From the moving time at the n+1 edges and at k sites, the stops (without sleep) and sleeps
    there, and how many sites lie before each cell, (n,).
    """
    stop_s, slept_s = standing
    stood_s = geo.so_far(stop_s + slept_s)
    begin_s = at_s + stood_s[..., 1:] - slept_s - 0.5 * stop_s
    middle_s = 0.5 * (moving_s[..., :-1] + moving_s[..., 1:]) + stood_s[..., passed]
    return along(middle_s, begin_s, slept_s, start, constants)


def speed_kept(kss: Array, constants: Judgement) -> Array:
    """Share of the speed that sleepiness leaves: judgement, see `Judgement.sleepy_loss`."""
    over = np.maximum(kss - constants.sleepy_above_kss, 0.0)
    return np.asarray(np.maximum(1.0 - constants.sleepy_loss * over, 0.5))


def with_alertness(stages: Sequence[StageEstimate], start: datetime | None) -> list[StageEstimate]:
    """The stages of one push with their sleepiness; without a *start* they do not change.

    Sleepiness is known at every cell's edge, and through every stop: half of what is not slept
    there comes before the sleep.
    """
    if start is None:
        return list(stages)
    stops = [(stage.arrival_s(stop.distance_m), stop) for stage in stages for stop in stage.stops]
    arrive_s = np.array([arrive_s for arrive_s, _ in stops])
    stop_s = np.array([stop.stop_s for _, stop in stops])
    sleep_s = np.array([stop.sleep_s for _, stop in stops])
    begin_s = arrive_s + 0.5 * (stop_s - sleep_s)
    found = []
    for stage in stages:
        distance_m, elapsed_s = _moments(stage)
        kss = along(elapsed_s, begin_s, sleep_s, start, JUDGEMENT)
        middle_s = 0.5 * (elapsed_s[:-1] + elapsed_s[1:])
        slept = ((middle_s > begin_s[:, None]) & (middle_s < (begin_s + sleep_s)[:, None])).any(0)
        found.append(replace(stage, alertness=Alertness(distance_m, elapsed_s, kss, slept)))
    return found


def _moments(stage: StageEstimate) -> tuple[Array, Array]:
    """Place and race clock of a stage's moments in order: its edges; arriving, sleep, leaving."""
    stood_s = np.zeros(len(stage.edge_m))
    distance_m, elapsed_s = [], []
    for stop in stage.stops:
        stood_s += np.where(stop.distance_m < stage.edge_m, stop.stop_s, 0.0)
        there_s, rest_s = stage.arrival_s(stop.distance_m), 0.5 * (stop.stop_s - stop.sleep_s)
        moments = {
            there_s,
            there_s + rest_s,
            there_s + rest_s + stop.sleep_s,
            there_s + stop.stop_s,
        }
        elapsed_s += sorted(moments)
        distance_m += [stop.distance_m] * len(moments)
    where = np.concatenate([stage.edge_m, distance_m])
    when = np.concatenate([stage.offset_s + stage.moving_s + stood_s, elapsed_s])
    order = np.lexsort((where, when))
    return where[order], when[order]
