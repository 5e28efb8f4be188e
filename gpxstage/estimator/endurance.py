"""Power against duration, fatigue within a push, recovery between stages.

All functions return factors on the power that a runner could hold for one hour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Push, Run
    from gpxstage.estimator.runner import Runner

BEND_H = 2.5  # where the short decay becomes the long one
HABIT_BEYOND = 1.5  # how far past the durations it was seen at a habit is trusted (judgement)
EVEN_H, UNEVEN_H = 2.5, 8.0  # shorter races are run evenly, longer ones not (judgement)
SPARED = 0.7  # of the one-hour power at most: a night makes good what a day costs (judgement)
MEAN_OF_DECAY = (1.0 - np.exp(-3.0)) / 3.0  # of exp(-3 x), from 0 to 1
LEAST = 0.35  # of one-hour power: what all-day walking needs (judgement)


def duration_factor(moving_h: Array | float, decay: Array | float, constants: Judgement) -> Array:
    """Power that can be held for a duration: linear in its logarithm, with one bend.

    The form is Emig & Peltonen's and Mulligan et al.'s (2018, PLoS ONE e0206645); the slopes
    are judgement.
    """
    hours = np.maximum(moving_h, 1.0 / 60.0)
    short = 1.0 - constants.decay_short * np.log(np.minimum(hours, BEND_H))
    long = constants.decay_long * decay * np.log(np.maximum(hours, BEND_H) / BEND_H)
    return np.asarray(np.maximum(short - long, LEAST))


def habit_factor(
    moving_h: Array, exponent: Array | float, shortest_h: float, longest_h: float
) -> Array:
    """How the speed that a runner chooses goes with the length of an outing; none when racing.

    A power law that is 1 in the middle of the durations it was seen at, and level a little
    beyond them.
    """
    within_h = np.clip(moving_h, shortest_h / HABIT_BEYOND, longest_h * HABIT_BEYOND)
    return np.asarray((within_h / np.sqrt(shortest_h * longest_h)) ** exponent)


def held_factor(
    moving_h: Array | float, decay: Array | float, ease: Array | float, constants: Judgement
) -> Array:
    """Power that is used over a duration: what can be held, but never more than *ease*."""
    return np.asarray(np.minimum(duration_factor(moving_h, decay, constants), ease))


def fatigue_factor(awake_h: Array, constants: Judgement) -> Array:
    """What is left at a moment, by hours on the clock since the push began.

    Hours slept take some of them back (`Judgement.fatigue_slept_h`). The form and its
    three constants are judgement.
    """
    late = np.maximum(awake_h - constants.fatigue_after_h, 0.0)
    return np.sqrt(1.0 + constants.fatigue_loss * np.expm1(late / -constants.fatigue_time_h))


def eagerness(grade: Array, middle_h: Array, whole_h: Array, constants: Judgement) -> Array:
    """How eager people are in each of n cells, from grades and moving times in the middle: 1 to 0.

    On ground that they run, and it wears off with the hours: most runners of long races cover
    the first of them much faster than the rest, but not on a first climb (judgement; passages of
    eight race-years). Races that are run evenly, the short ones, have none.
    """
    climb = grade - constants.early_full_grade
    climb = climb / (constants.early_none_grade - constants.early_full_grade)
    whole_h = np.maximum(whole_h, 1e-6)
    long = np.clip(np.log(whole_h / EVEN_H) / np.log(UNEVEN_H / EVEN_H), 0.0, 1.0)
    fresh = np.exp(middle_h / -constants.early_time_h)
    return np.asarray(long * fresh * (1.0 - np.clip(climb, 0.0, 1.0)))


def pacing_factor(done: Array, moving_h: Array | float, front: Array | float) -> Array:
    """People start harder than they go on: *done* is the share of the moving time.

    Its mean over the race is 1. The longer the race the stronger the habit: nothing at
    1.5 h, all of *front* at 30 h (judgement, by the splits of Hardrock and UTMB).
    """
    habit = front * np.clip(np.log(np.maximum(moving_h, 1e-6) / 1.5) / np.log(20.0), 0.0, 1.15)
    return np.asarray(1.0 + habit * (np.exp(-3.0 * done) - MEAN_OF_DECAY))


def next_stage_factor(
    factor: Array | float,
    moving_h: Array | float,
    constants: Judgement,
    rest_h: Array | float | None = None,
    hard: Array | float = 1.0,
) -> Array:
    """What is left of the power for the next stage, after a stage of some moving hours.

    A stage costs by its hours beyond the first few, all stages' costs wear off with the hours
    of rest (*rest_h*, from the end to the next start; a usual night at least), and
    who holds back, *hard* below 1, pays less. By two races of one person on one weekend: no
    difference after less than 4 h, 7 % of time after 4 to 8 h and 18 % after 8 to 14 h where
    10 to 20 h of rest lie between, 5 and 11 % where 20 to 60 h do.
    """
    loss = hard * constants.stage_loss * np.maximum(moving_h - constants.stage_free_h, 0.0)
    lost = 1.0 - factor * (1.0 - np.minimum(loss, 1.0 - constants.stage_floor))
    night_h = constants.stage_night_h
    rest = night_h if rest_h is None else np.maximum(rest_h, night_h)
    lost = lost * np.exp(-rest / constants.stage_rest_h)
    return np.asarray(np.maximum(constants.stage_floor, 1.0 - lost))


def next_fresh(
    fresh: Array | float, push: Push, run: Run, runner: Runner, constants: Judgement
) -> Array:
    """The same after a run: of each draw (d, 1), or of the one that there is (1,).

    How hard a runner goes day after day is in `Runner.ease`: who races uses all that can be held.
    """
    moving_s, stop_s = run.moving_s[..., -1:], run.stop_s.sum(axis=-1, keepdims=True)
    rest_h = None
    if push.next_start_s is not None:
        rest_h = (push.next_start_s - moving_s - stop_s) / 3600.0
    hard = np.clip((runner.ease - SPARED) / (1.0 - SPARED), 0.0, 1.0)
    return next_stage_factor(fresh, moving_s / 3600.0, constants, rest_h, hard)
