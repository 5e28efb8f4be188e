"""A Runner from results: a flat race, a past race, an index, a goal.

A past race may be known by its length and its climb alone (``106km 6100m``): then a course of
these figures is made, with even climbs and descents and some flat ground between them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN, Course, CourseError, Stage, Track
from gpxstage.estimator import engine
from gpxstage.estimator.fit import pooling
from gpxstage.estimator.fit.pooling import Clue, pooled
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.learnt import learnt, of_races, table
from gpxstage.estimator.nouns import Policy, Push
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import Runner, at_ability, finishing
from gpxstage.profile import measure
from gpxstage.units import HIGH_M, LONG_M, hours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.estimator.learnt import Ground

SLOWEST_MPS, FASTEST_MPS = 0.6, 6.5  # the bracket of one-hour flat speeds that is searched
ONE_HOUR_RECORD_MPS = 21_330.0 / 3600.0  # men, track, 2020 (World Athletics)
EQUATOR_M_PER_DEG = 111_319.490_793  # WGS 84: 2 pi 6,378,137 m / 360
LONGEST_FLAT_M = 1_000_000.0  # what is longer is no flat race (judgement; the longest are 1,000 km)
AGREE = 2.0  # clues farther apart than this many of their spreads contradict each other

# how far a clue may be off, as a share of the ability (judgement; a past race's is learnt)
SPREAD_INDEX = 0.08
SPREAD_FLAT, SPREAD_FLAT_LONG = 0.10, 0.07  # 10 km and marathon, against a mountain race


@dataclass(frozen=True)
class RacedTime:
    """A time in a race, and a function from the runner's other numbers to the ability."""

    clue: Callable[[Callable[[Runner], Runner]], Clue]
    elapsed_s: float
    notes: tuple[str, ...] = ()  # what had to be assumed of the course


def flat_time_s(runner: Runner, distance_m: float) -> float:
    """Seconds for a flat road race by the engine: no pack, terrain 0, sea level, daylight.

    Stops are in it, as they are in the estimate of a course without known aid stations.
    """
    run = engine.run(_road(distance_m), replace(runner, pack_kg=0.0), JUDGEMENT, Policy())
    return float(run.moving_s[-1] + run.stop_s.sum())


@lru_cache(maxsize=8)
def _road(distance_m: float) -> Push:
    """A flat road along the equator, as a course of two points would be estimated."""
    lon_deg = np.array([0.0, distance_m / EQUATOR_M_PER_DEG])
    flat, nowhen = np.zeros(2), np.full(2, np.nan)
    track = Track(flat, lon_deg, flat, nowhen, np.zeros(1, dtype=np.int64))
    course = Course("road", (Stage(1, "road", track, terrain=0.0),))
    part = [(course.stages[0], measure(track))]
    return push_of(course, part, halts_of(course, part), 1.0)


def unchanged(runner: Runner) -> Runner:
    """The runner itself."""
    return runner


def from_flat(
    what: str, distance_m: float, elapsed_s: float, shape: Callable[[Runner], Runner] = unchanged
) -> Clue:
    """The ability that races a flat distance in a time; *shape* adds what else is known.

    Raises CourseError when no runner could, and for a distance that is no race.
    """
    if distance_m > LONGEST_FLAT_M:
        raise CourseError(f"{what}: a flat race is at most {LONGEST_FLAT_M / 1000.0:,.0f} km long")
    mps = solve(lambda runner: flat_time_s(shape(runner), distance_m), elapsed_s, what)
    longer = min(max(math.log(distance_m / 10_000.0) / math.log(4.2195), 0.0), 1.0)
    return Clue(what, mps, SPREAD_FLAT + (SPREAD_FLAT_LONG - SPREAD_FLAT) * longer)


def from_past(
    what: str,
    time_of: Callable[[Runner], float],
    elapsed_s: float,
    shape: Callable[[Runner], Runner] = unchanged,
    *,
    here: bool = False,
    ground: Ground | None = None,
) -> Clue:
    """The ability that finished a course in a time; *time_of* estimates that course.

    *ground* is that course's. With *here* it is the estimated course itself: then all that is
    special about it, and about this runner on it, is in the ability already.
    """
    mps = solve(lambda runner: time_of(shape(runner)), elapsed_s, what)
    return Clue(what, mps, pooling.day() if here else learnt().race_scatter, here, ground)


def from_index(index: float) -> Clue:
    """The ability of a UTMB index, by the table index.tsv.

    An index is a speed relative to the best of its course: 1000 is taken as 18.8 h on the
    UTMB (judgement), and each row of the table is that time carried to an ability.
    """
    rows = np.array([[float(value) for value in row] for row in table("index")])
    if not rows[0, 0] <= index <= rows[-1, 0]:
        raise CourseError(
            f"index {index:g} is out of range: {rows[0, 0]:g} ... {rows[-1, 0]:g} can be carried"
        )
    return Clue(f"UTMB index {index:g}", float(np.interp(index, *rows.T)), SPREAD_INDEX)


def combine(clues: Sequence[Clue]) -> tuple[Runner, tuple[str, ...]]:
    """The runner by some clues, each weighted by its spread, and notes.

    Past races elsewhere count as one, drawn towards the middle of those who race
    (`pooling`). The mean is of logarithms. Clues that contradict each other become notes.
    """
    notes = _contradictions(clues)
    together, ground = pooled(clues)
    mean, spread = _mean(together)
    source = "; ".join(clue.what for clue in clues)
    here = any(clue.here for clue in clues)
    runner = replace(
        at_ability(math.exp(mean), "you", source),
        ability_spread=pooling.of_next(spread, here=here, ground=ground),
        known_from="here" if here else "elsewhere" if ground is None else "results",
        seen=None if here or ground is None else of_races(ground),
    )
    return runner, (*notes, *_beyond(math.exp(mean)))


def _mean(clues: Sequence[Clue]) -> tuple[float, float]:
    """Mean log ability of some clues, weighted by their spreads, and its own spread."""
    logs = np.log([clue.flat_speed_mps for clue in clues])
    weights = np.array([clue.spread**-2.0 for clue in clues])
    return float(logs @ weights / weights.sum()), float(weights.sum() ** -0.5)


def _contradictions(clues: Sequence[Clue]) -> list[str]:
    """A note for each clue that is too far from the mean of all."""
    notes, (mean, _) = [], _mean(clues)
    for clue in clues:
        off = float(np.log(clue.flat_speed_mps)) - mean
        share = math.expm1(off)
        if abs(off) > AGREE * clue.spread:
            notes.append(
                f"{clue.what} fits a runner {abs(100 * share):.0f} %"
                f" {'faster' if share > 0 else 'slower'} than all clues together:"
                " they contradict each other"
            )
    return notes


class UnmetError(CourseError):
    """No runner that can be estimated takes that time."""


def for_goal(
    time_of: Callable[[Runner], float], elapsed_s: float, what: str
) -> tuple[Runner, tuple[str, ...]]:
    """The runner who finishes in a time, and a note where no such runner exists."""
    runner = finishing(solve(time_of, elapsed_s, what), "goal", what)
    return runner, _beyond(runner.flat_speed_mps)


def solve(time_of: Callable[[Runner], float], elapsed_s: float, what: str) -> float:
    """The one-hour flat speed at which *time_of* gives a time; it falls with ability.

    Raises CourseError, with the nearest time that can be met, when none does.
    """
    from scipy.optimize import brentq  # slow to import, and only a solver needs it

    def time_s(log_mps: float) -> float:
        return time_of(finishing(math.exp(log_mps)))

    @cache  # both ends are looked at before the search, and in it
    def miss(log_mps: float) -> float:
        return math.log(time_s(log_mps) / elapsed_s)

    if not elapsed_s > 0:
        raise CourseError(f"{what}: a time must be longer than nothing")
    low, high = math.log(SLOWEST_MPS), math.log(FASTEST_MPS)
    for end, bound, word in ((high, 1.0, "fastest"), (low, -1.0, "slowest")):
        if bound * miss(end) > 0:
            takes = f"takes {hours(time_s(end))} h"
            raise UnmetError(
                f"{what}: cannot be met: the {word} runner that can be estimated {takes}"
            )
    return math.exp(float(brentq(miss, low, high, xtol=1e-7, rtol=1e-7)))


def equivalents(runner: Runner) -> dict[str, float]:
    """Seconds for flat road races at this ability, without a pack."""
    fresh = replace(runner, pack_kg=0.0)
    distances_m = {"10 km": 10_000.0, "half marathon": 21_097.5, "marathon": 42_195.0}
    return {name: flat_time_s(fresh, distance_m) for name, distance_m in distances_m.items()}


def _beyond(flat_speed_mps: float) -> tuple[str, ...]:
    if flat_speed_mps <= ONE_HOUR_RECORD_MPS:
        return ()
    return (
        f"this takes {3.6 * flat_speed_mps:.1f} km on a flat track in an hour,"
        " more than the world record of 21.3 km: not plausible",
    )


# Judgement: what lies nearest to the estimator's times on 20 real courses of the same figures
CLIMB_M, FLAT_SHARE, MIDDLE_M = 500.0, 0.30, 1000.0  # a climb's height; of the way; altitude
POINT_M = 20.0
STEEPEST = 0.9  # of gain over half of what is not flat: more is no course
LONGEST_KM = 1500.0
NUMBER = r"\d[\d ,']*(?:\.\d+)?"
LENGTH = rf"(?P<long>{NUMBER})\s*(?P<far>{'|'.join(LONG_M)})"
CLIMB = rf"(?:d?\+\s*)?(?P<high>{NUMBER})\s*(?P<up>{'|'.join(HIGH_M)})(?:\s*d?\+)?"
FORMS = tuple(
    re.compile(rf"\s*{first}[\s,/+]+{second}\s*", re.I)
    for first, second in ((LENGTH, CLIMB), (CLIMB, LENGTH))
)


def by_length_and_climb(text: str) -> Course | None:
    """The course of ``106km 6100m`` or ``5900ft 31mi``; None for what is no length and climb.

    Raises CourseError for a course that cannot be.
    """
    match = next((found for form in FORMS if (found := form.fullmatch(text))), None)
    if match is None:
        return None
    length, gain = (float(re.sub(r"[ ,']", "", match[name])) for name in ("long", "high"))
    length_m, gain_m = length * LONG_M[match["far"].lower()], gain * HIGH_M[match["up"].lower()]
    if not 0.0 < length_m <= 1000.0 * LONGEST_KM:
        raise CourseError(f"{text}: a length is more than 0 and at most {LONGEST_KM:,.0f} km")
    if gain_m > STEEPEST * 0.5 * (1.0 - FLAT_SHARE) * length_m:
        raise CourseError(f"{text}: so much climb on so short a way is no course")
    return made(length_m, gain_m, text.strip())


def made(length_m: float, gain_m: float, name: str = "made") -> Course:
    """A course of a length and a climb, measured as any other."""
    track, wanted_m = _track(length_m, gain_m), gain_m
    measured_m = measure(track).gain_m
    if measured_m and gain_m > 0.0:  # the measuring takes a little off every turn
        track = _track(length_m, wanted_m * wanted_m / measured_m)
    stage = Stage(1, name, track, terrain=DEFAULT_TERRAIN)
    return Course(name, (stage,), terrain_assumed=True)


def _track(length_m: float, gain_m: float) -> Track:
    count = max(round(gain_m / CLIMB_M), 1)
    height_m, long_m = gain_m / count, length_m / count
    turns = np.array([0.5 * FLAT_SHARE, 0.5, 0.5 + 0.5 * FLAT_SHARE, 1.0])  # flat, up, flat, down
    levels = MIDDLE_M + height_m * np.array([-0.5, 0.5, 0.5, -0.5])
    at_m = np.concatenate([[0.0], (np.arange(count)[:, None] + turns).ravel() * long_m])
    high_m = np.concatenate([[MIDDLE_M - 0.5 * height_m], np.tile(levels, count)])
    along_m = np.linspace(0.0, length_m, max(int(length_m / POINT_M), 1) + 1)
    zero, never = np.zeros(len(along_m)), np.full(len(along_m), np.nan)
    return Track(
        zero,
        along_m / EQUATOR_M_PER_DEG,
        np.interp(along_m, at_m, high_m),
        never,
        np.zeros(1, dtype=np.int64),
    )
