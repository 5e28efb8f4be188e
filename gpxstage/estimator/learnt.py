"""How ability changes with ground, learnt from many people's races and recordings.

A race or an outing shows the ability on its own length and steepness. How the ability changes
with both was learnt from many people: the change is small, and it is all that the engine's own
equations leave over. learnt.tsv holds the numbers; `scripts/validate.py --learn` fits them anew,
and every row gives its unit and what it was fitted to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.profile import Profile

M_PER_KM_EFFORT = 100.0  # of climb, by ITRA's km-effort
RACE_REACH = 2.0  # e-folds of km-effort: pairs of races lie closer (judgement)
RACE_CLIMB_M_PER_KM = (15.0, 110.0)  # of the races that the slopes were learnt on
OUTING_REACH, OUTING_CLIMB_M_PER_KM = math.log(1.5), 20.0  # beyond what was seen (judgement)
SLOPE_PER = 100.0  # m/km of climb
LEVEL_LEAST_KM = 15.0  # of the fields that were compared
BEYOND = 1.05  # times the longest outing: shorter races are as long as it (judgement)
FAR = 2.0  # times the longest outing: nothing that long was seen (judgement)


@dataclass(frozen=True)
class Learnt:
    """Constants about people; spreads are standard deviations of a log of ability."""

    # one race from another of the same person
    race_middle_mps: float  # towards which one result is drawn
    race_kept: float  # of one result's distance from there
    race_length: float  # of ability, an e-fold of km-effort
    race_steepness: float  # of ability, 100 m more climb a km
    race_scatter: float  # of one result about the ability
    race_apart: float  # more spread, an e-fold of km-effort
    race_again: float  # the next time on the same course
    race_made: float  # more spread, where a course is known by length and climb alone
    race_least_mps: float  # slower or faster results were not seen: the pull grows no further
    race_most_mps: float
    # one outing from others of the same person
    outing_half_life_y: float  # an outing counts half as much after
    outing_length: float  # as for races, in the middle of all people
    outing_length_sd: float  # and between them
    outing_steepness: float
    outing_steepness_sd: float
    outing_scatter: float  # of one outing about the ability
    outing_scatter_counts: float  # for so many outings that counts
    outing_drawn: float  # times that spread is drawn, as a draw changes the one-hour speed alone
    outing_stopped_run: float  # minutes standing an hour of moving, in the middle of all people
    outing_stopped_hike: float
    outing_stopped_scatter: float  # of log (minutes + 1), of one outing about the person's own
    # a level in the fields of races: of ability, an e-fold of km-effort below the UTMB's; and how
    # fields and courses differ, of log time
    level_length_elite: float
    level_length_strong: float
    level_length_mid: float
    level_length_back: float
    level_spread_elite: float
    level_spread_strong: float
    level_spread_mid: float
    level_spread_back: float


def table(name: str) -> list[list[str]]:
    """The rows of a table beside this file, without its comments and its head."""
    text = Path(__file__).with_name(f"{name}.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return rows[1:]


@cache
def learnt() -> Learnt:
    """The table as it is shipped: name, value, unit and basis in each row."""
    values = {row[0]: float(row[1]) for row in table("learnt")}
    return Learnt(**{field.name: values[field.name] for field in fields(Learnt)})


@dataclass(frozen=True)
class Ground:
    """A course by its two main measures: km + climb in hundreds of metres, and climb a km."""

    effort_km: float
    climb_m_per_km: float
    made: bool = False  # known by its length and climb alone


LEVEL_GROUND = Ground(273.0, 56.0)  # the UTMB's


@dataclass(frozen=True)
class Seen:
    """The ground on which a runner has the ability that is given, and how others differ."""

    ground: Ground
    effort_km: tuple[float, float]  # shortest and longest
    climb_m_per_km: tuple[float, float]
    length: float  # change of log ability an e-fold of km-effort
    steepness: float  # a 100 m/km
    reach: float  # e-folds of km-effort beyond shortest and longest that are believed
    climb_reach: float  # m/km of climb beyond least and most
    apart: float  # spread that an e-fold beyond shortest and longest adds
    longest_h: float | None = None  # moving, of outings
    # the ability in a race, and where it was seen: no outing is harder than a race there
    most: tuple[float, Seen] | None = None


def ground_of(length_m: float, gain_m: float, *, made: bool = False) -> Ground:
    """The ground of a course."""
    km = max(length_m / 1000.0, 1e-3)
    return Ground(km + gain_m / M_PER_KM_EFFORT, gain_m / km, made)


def ground_of_course(
    course: Course, profiles: Sequence[Profile], *, made: bool = False, whole: bool = False
) -> Ground:
    """The ground that is covered without a night's rest: of a staged race its longest stage.

    *whole* is the race with all its stages, as what draws a field.
    """
    each = [(p.length_m, p.gain_m or 0.0) for p in profiles]
    if course.format == "staged" and not whole:
        return max((ground_of(*one) for one in each), key=lambda ground: ground.effort_km)
    length_m, gain_m = map(sum, zip(*each, strict=True))
    return ground_of(length_m, gain_m, made=made)


def of_races(ground: Ground) -> Seen:
    """What is known from races whose middle is *ground*."""
    known, effort_km = learnt(), (ground.effort_km, ground.effort_km)
    return Seen(
        ground,
        effort_km,
        RACE_CLIMB_M_PER_KM,
        known.race_length,
        known.race_steepness,
        RACE_REACH,
        0.0,
        known.race_apart,
    )


def of_outings(
    known: Learnt,
    ground: Ground,
    ends: tuple[tuple[float, float], tuple[float, float]],
    slopes: tuple[float, float],
    longest_h: float,
) -> Seen:
    """What is known from outings, as hard as they were: *ground* is their middle.

    *ends* are the least and the most of km-effort and of climb, *slopes* those of both.
    """
    reach = (OUTING_REACH, OUTING_CLIMB_M_PER_KM, known.race_apart)
    return Seen(ground, *ends, *slopes, *reach, longest_h)


def in_races(seen: Seen) -> Seen:
    """The same for a race's effort: the ability changes as between races of one person.

    The slopes of outings hold how hard people take them, long ones harder than short ones. The
    ability in a race has all the effort already, so with those slopes it would count twice.
    """
    races = of_races(seen.ground)
    return replace(races, effort_km=seen.effort_km, longest_h=seen.longest_h)


def of_level(name: str) -> Seen:
    """A place in the fields of the UTMB and of the Tor; shorter races have weaker fields."""
    slope: float = getattr(learnt(), f"level_length_{name}")
    effort_km = (LEVEL_LEAST_KM, LEVEL_GROUND.effort_km)
    return Seen(LEVEL_GROUND, effort_km, (0.0, 0.0), slope, 0.0, 0.0, 0.0, 0.0)


def change(seen: Seen, ground: Ground) -> float:
    """Change of the log ability from the ground where a runner was seen to another ground."""
    low, high = seen.effort_km
    effort_km = np.clip(ground.effort_km, low * math.exp(-seen.reach), high * math.exp(seen.reach))
    (least, most), more = seen.climb_m_per_km, seen.climb_reach
    climbs = [ground.climb_m_per_km, seen.ground.climb_m_per_km]
    there, here = np.clip(climbs, least - more, most + more)
    longer = math.log(effort_km / seen.ground.effort_km)
    return float(seen.length * longer + seen.steepness * (there - here) / SLOPE_PER)


def ability_at(flat_speed_mps: float, seen: Seen, ground: Ground) -> float:
    """The ability on another ground than where it was seen, m/s for an hour on a flat road."""
    there_mps = flat_speed_mps * math.exp(change(seen, ground))
    return there_mps if seen.most is None else min(there_mps, ability_at(*seen.most, ground))


def beyond(seen: Seen, ground: Ground) -> float:
    """E-folds of km-effort from what was seen to another ground; 0 inside."""
    low, high = seen.effort_km
    return max(math.log(low / ground.effort_km), math.log(ground.effort_km / high), 0.0)


def far(name: str, seen: Seen | None, hours: float, what: str = "this race") -> list[str]:
    """A note of where the evidence ends: *what* takes more moving hours than any outing.

    ``hours`` are those without a night's rest: of a staged race, those of its longest stage.
    """
    longest_h = None if seen is None else seen.longest_h
    if longest_h is None or hours <= BEYOND * longest_h:
        return []
    times = f"{hours:.1f} h, {hours / longest_h:.1f} times as long"
    if hours > FAR * longest_h:
        times += ": nothing that long was recorded, so the range is wide"
    return [
        f"{name}: the longest recorded outing took {longest_h:.1f} h of moving, and {what} takes"
        f" {times}"
    ]
