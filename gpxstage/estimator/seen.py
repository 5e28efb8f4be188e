"""On what ground a runner was seen, and what another ground makes of their ability.

A race or an outing tells the ability on its own length and steepness. How the ability changes
with both was learnt from many people (`learnt`): it is small, and all that the engine's own
equations leave over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.learnt import learnt

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
FAR = 2.0  # times the longest outing: nothing that long was seen (judgement)


@dataclass(frozen=True)
class Ground:
    """A course by what tells most of it: km + climb in hundreds of metres, and climb a km."""

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
    each = [ground_of(p.length_m, p.gain_m or 0.0) for p in profiles]
    if course.format == "staged" and not whole:
        return max(each, key=lambda ground: ground.effort_km)
    length_m, gain_m = (
        sum(values)
        for values in zip(*((p.length_m, p.gain_m or 0.0) for p in profiles), strict=True)
    )
    return ground_of(length_m, gain_m, made=made)


def of_races(ground: Ground) -> Seen:
    """Somebody seen in races, on the whole on some ground."""
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


def of_level(name: str) -> Seen:
    """A place in the fields of the UTMB and of the Tor; shorter races have weaker fields."""
    slope: float = getattr(learnt(), f"level_length_{name}")
    effort_km = (LEVEL_LEAST_KM, LEVEL_GROUND.effort_km)
    return Seen(LEVEL_GROUND, effort_km, (0.0, 0.0), slope, 0.0, 0.0, 0.0, 0.0)


def change(seen: Seen, ground: Ground) -> float:
    """Of the log ability, from the ground where a runner was seen to another."""
    low, high = seen.effort_km
    effort_km = np.clip(ground.effort_km, low * math.exp(-seen.reach), high * math.exp(seen.reach))
    (least, most), more = seen.climb_m_per_km, seen.climb_reach
    climbs = [ground.climb_m_per_km, seen.ground.climb_m_per_km]
    there, here = np.clip(climbs, least - more, most + more)
    longer = math.log(effort_km / seen.ground.effort_km)
    return float(seen.length * longer + seen.steepness * (there - here) / SLOPE_PER)


def beyond(seen: Seen, ground: Ground) -> float:
    """E-folds of km-effort from what was seen to another ground; 0 inside."""
    low, high = seen.effort_km
    return max(math.log(low / ground.effort_km), math.log(ground.effort_km / high), 0.0)


def far(name: str, seen: Seen | None, hours: float) -> list[str]:
    """A note where so many moving hours are far more than any outing of a runner had."""
    longest_h = None if seen is None else seen.longest_h
    if longest_h is None or hours <= FAR * longest_h:
        return []
    return [
        f"{name}: the longest outing took {longest_h:.0f} h of moving, this takes"
        f" {hours:.0f} h: nothing that long was recorded, so the range is wide"
    ]
