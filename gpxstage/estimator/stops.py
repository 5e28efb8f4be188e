"""Stops and sleep: from moving time to the clock, and a clock that keeps known passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Passages, Push, Sites
    from gpxstage.estimator.runner import Runner

LEAST_FREE = 0.25  # of a leg's planned time: stops that leave less were shorter, too
NIGHT_H, FIRST_H = 2.0, 6.0  # the middle of a night; hours from the start in which nobody sleeps
BY_DAY = 0.02  # of the weight by night
LEAST_SLEEP_S = 600.0  # nobody plans a shorter sleep (judgement)


def standing(
    sites: Sites, edge_m: Array, moving_s: Array, runner: Runner, constants: Judgement
) -> tuple[Array, Array]:
    """Seconds stopped without sleep, and seconds slept, at each of the k sites: (..., k).

    Stopping is shared over the sites by weight; a stop of fixed length takes the place of its
    site's share and leaves the others alone. No stay is longer than the race allows. As usual,
    nobody sleeps during a stop of fixed length.

    Parameters
    ----------
    sites
        The k places of the push.
    edge_m
        (n+1,) edges of its cells, metres.
    moving_s
        (..., n+1) cumulative moving time at the edges, seconds.
    runner
        Its ``stops`` and ``sleep``: 1 is the middle of a field; or its ``stopped_min_per_h``.
    constants
        How both grow with the hours (judgement).
    """
    moving_h = moving_s[..., -1:] / 3600.0
    fixed = np.isfinite(sites.fixed_s)
    stopping_s = 3600.0 * moving_h * share_of(runner, moving_h, constants)
    usual_s = _shared(stopping_s, sites.stop_weight) * sites.stop_share
    stop_s = np.where(fixed, sites.fixed_s, usual_s)
    stop_s = np.minimum(stop_s, sites.most_s)
    if sites.slept_s is not None:
        stop_s = np.minimum(stop_s, sites.most_s - sites.slept_s)
        return stop_s, np.broadcast_to(sites.slept_s, stop_s.shape)
    awake_h = moving_h + stop_s.sum(axis=-1, keepdims=True) / 3600.0
    slept_s = sleep_s(awake_h, runner.sleep, constants)
    done = geo.at_distance(sites.distance_m, edge_m, moving_s) / moving_s[..., -1:]
    wish = np.where(fixed, 0.0, sites.sleep_weight) * sleep_wish(done, constants)
    if np.isfinite(sites.start_h):
        wish = wish * by_night(done * moving_h + np.cumsum(stop_s, axis=-1) / 3600.0, sites.start_h)
    return stop_s, _within(_shared(slept_s, wish), wish, sites.most_s - stop_s)


def stop_share(moving_h: Array, constants: Judgement) -> Array:
    """Stopping without sleep as a share of the moving time; it grows with it."""
    share = constants.stop_base + constants.stop_growth * np.log(np.maximum(moving_h, 1e-3))
    return np.asarray(np.clip(share, 0.0, constants.stop_most))


def share_of(runner: Runner, moving_h: Array, constants: Judgement) -> Array:
    """Stopping of a runner without sleep as a share of the moving time.

    Where the habit of their outings is known, it takes the place of what a field does; on a push
    that is longer than those outings were, the share grows as it does in a field.
    """
    share = stop_share(moving_h, constants)
    if runner.stopped_min_per_h is None:
        return share * runner.stops
    seen = stop_share(np.minimum(moving_h, runner.stopped_to_h), constants)
    return np.asarray(runner.stopped_min_per_h / 60.0 + runner.stops * (share - seen))


def sleep_s(awake_h: Array, level: float, constants: Judgement) -> Array:
    """Sleep of a push that is awake for some hours: a share of all hours past a limit.

    Sleep is part of the hours that it depends on, so the share is solved for. Martin et al. 2018
    (PLoS ONE e0194705) give 0.5, 1.4 and 8.2 h for races under 36, of 36 to 60, over 60 h.
    """
    share = np.minimum(constants.sleep_share * level, 0.9)
    late_h = np.maximum(awake_h - constants.sleep_after_h, 0.0)
    return np.asarray(3600.0 * late_h * share / (1.0 - share))


def sleep_wish(done: Array, constants: Judgement) -> Array:
    """Weight of sleeping on reaching a share of the race.

    Runners sleep from the first night on, most at about a quarter of a long race and less
    towards the end (judgement: six bases of the Tor 2025, by passage times).
    """
    return done * np.exp(-done / constants.sleep_peak)


def by_night(after_h: Array, start_h: float) -> Array:
    """Weight of sleeping where no bed is known, some hours after a start: 0 ... 1.

    Such a sleep is one of the night, four hours before 2 and after it, and not of the first hours;
    by day nobody lies down before a whole day is over, and few do then (judgement).
    """
    night = np.cos((start_h + after_h - NIGHT_H) * (np.pi / 12.0)) - 0.5
    late = np.clip((after_h - FIRST_H) / FIRST_H, 0.0, 1.0)
    day = np.clip((after_h - 24.0) / FIRST_H, 0.0, 1.0)
    return np.asarray(np.maximum(2.0 * night * late, BY_DAY * day))


def _shared(total_s: Array, weight: Array) -> Array:
    whole = weight.sum(axis=-1, keepdims=True)
    return np.asarray(
        np.where(whole > 0.0, total_s * weight / np.where(whole > 0.0, whole, 1.0), 0.0)
    )


def _within(sleep_s: Array, wish: Array, most_s: Array | float) -> Array:
    """Sleep (..., k) of which no part is over *most_s*; the rest goes to the other places.

    Where all places are full, the rest is not slept.
    """
    if np.all(sleep_s <= most_s):
        return sleep_s
    whole_s = sleep_s.sum(axis=-1, keepdims=True)
    for _ in range(sleep_s.shape[-1]):
        sleep_s = np.minimum(sleep_s, most_s)
        missing_s = whole_s - sleep_s.sum(axis=-1, keepdims=True)
        room = np.where(sleep_s < most_s, wish, 0.0)
        if np.all(missing_s < 1.0) or not room.any():
            break
        sleep_s = sleep_s + _shared(missing_s, room)
    return np.minimum(sleep_s, most_s)


def worthwhile(sites: Sites, stop_s: Array, sleep_s: Array) -> Array:
    """Sleeps (..., k) of which none is too short; those of given lengths stay as they are."""
    return sleep_s if sites.slept_s is not None else merged(sleep_s, sites.most_s - stop_s)


def merged(sleep_s: Array, most_s: Array) -> Array:
    """Sleeps (..., k) of which none is shorter than anybody plans: fewer, and as long in all.

    The shortest goes first, and its minutes go to the others up to *most_s*; the last one goes
    away.
    """
    for _ in range(sleep_s.shape[-1]):
        slept = np.where(sleep_s > 0.0, sleep_s, np.inf)
        shortest = slept.argmin(axis=-1, keepdims=True)
        drop = np.take_along_axis(slept, shortest, axis=-1) < LEAST_SLEEP_S
        if not drop.any():
            break
        kept = np.array(sleep_s)
        np.put_along_axis(kept, shortest, 0.0, axis=-1)
        more = _shared(sleep_s.sum(axis=-1, keepdims=True), kept)
        sleep_s = np.where(drop, _within(more, kept, most_s), sleep_s)
    return sleep_s


def agreed(
    push: Push, moving_s: Array, standing: tuple[Array, Array]
) -> tuple[Array, Array, Array]:
    """Moving time at n+1 edges, stops and sleep at k halts, so that each passage is kept.

    Each leg between two passages is stretched as a whole, with those stops and sleeps whose
    length is not given: how the time of a leg was spent is not known. Nobody is taken to have slept
    longer because they are late: sleep whose length is not given is as planned, or shorter. The way
    after the last passage does not change. Arrays may have a leading axis of draws.
    """
    passages, (stop_s, sleep_s) = push.passed, standing
    if not len(passages):
        return moving_s, stop_s, sleep_s
    legs = np.arange(len(passages) + 1)
    cells, halts = passages.leg_of(push.edge_m[:-1]), passages.leg_of(push.sites.distance_m)
    in_cell, in_halt = ((k[:, None] == legs).astype(np.float64) for k in (cells, halts))
    cell_s, given = np.diff(moving_s), _given(push.sites)
    sleep_s = _as_planned(sleep_s, given[1], in_halt, passages)
    kept_s = ((stop_s * given[0] + sleep_s * given[1]) @ in_halt)[..., :-1]
    slept_s = ((sleep_s * ~given[1]) @ in_halt)[..., :-1]
    free_s = (cell_s @ in_cell + (stop_s + sleep_s) @ in_halt)[..., :-1] - kept_s
    leg_s = np.diff(passages.clock_s, prepend=0.0)
    fits = leg_s - kept_s > LEAST_FREE * free_s
    shorter = np.where(fits, np.minimum((leg_s - kept_s) / free_s, 1.0), leg_s / (free_s + kept_s))
    longer = np.maximum((leg_s - kept_s - slept_s) / (free_s - slept_s), 1.0)
    ahead = np.ones((*fits.shape[:-1], 1))  # the rest, as it is
    slept = np.append(shorter, ahead, axis=-1)[..., halts]
    stretch = np.append(np.where(shorter < 1.0, shorter, longer), ahead, axis=-1)
    whole = np.append(fits, ahead > 0.0, axis=-1)[..., halts]
    return (
        geo.so_far(cell_s * stretch[..., cells]),
        np.where(whole & given[0], stop_s, stop_s * stretch[..., halts]),
        np.where(whole & given[1], sleep_s, sleep_s * slept),
    )


def _as_planned(
    sleep_s: Array, given: NDArray[np.bool_], in_halt: Array, passages: Passages
) -> Array:
    """Sleeps (..., k), those that are not given no longer by leg than planned."""
    leg_s = ((sleep_s * ~given) @ in_halt)[..., :-1]
    kept = np.minimum(passages.planned_sleep_s / np.maximum(leg_s, 1.0), 1.0)
    kept = np.append(kept, np.ones((*leg_s.shape[:-1], 1)), axis=-1)  # ahead, as usual
    return np.asarray(np.where(given, sleep_s, sleep_s * (kept @ in_halt.T)))


def _given(sites: Sites) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the length of each stop, and of each sleep, is given."""
    stops = np.isfinite(sites.fixed_s)
    sleeps = stops & False if sites.slept_s is None else np.isfinite(sites.slept_s)
    return stops, sleeps
