"""The sections of a race that are worth seeing beforehand, each with its reasons.

A section is a climb or a descent; a course with few of them has lower ones too. Which reasons
count, and in which order, is judgement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.risks import KSS_MOST
from gpxstage.facts.parts import to_the_second
from gpxstage.facts.workload import Section
from gpxstage.profile.climbs import climbs
from gpxstage.training.covered import above_shares
from gpxstage.units import fraction, metres, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array
    from gpxstage.facts import RaceFacts
    from gpxstage.facts.parts import Part
    from gpxstage.profile.climbs import Climb

SECTIONS = 5
LEAST_HEIGHTS_M = (100.0, 50.0, 25.0)  # of a climb; the next where there are few (judgement)
TIGHT = 0.1  # of the time until a cutoff: a larger margin is no reason (judgement)
STEEP_OF_HIGHEST = 0.3  # of the height of the longest: lower ones are not the steepest (judgement)
RANKS = ("", *(f"{rank} " for rank in ("2nd", "3rd", "4th", "5th")))
LATE = 2.0 / 3.0  # of the length of the race: what begins later meets tired legs (judgement)


def sections_of(
    race: RaceFacts, parts: Sequence[Part], above_m: Sequence[float]
) -> tuple[Section, ...]:
    """All climbs and descents of a race in order; lower ones too where there are few."""
    levels = [m for m in above_m if (race.highest_m or 0.0) > m]
    found: list[tuple[Part, Climb]] = []
    for least_m in LEAST_HEIGHTS_M:
        found = [
            (part, one)
            for part in parts
            for one in climbs(part.profile, part.stage.points, least_height_m=least_m)
        ]
        if len(found) >= SECTIONS:
            break
    return tuple(_section(race, part, one, max(levels, default=None)) for part, one in found)


def _section(race: RaceFacts, part: Part, one: Climb, level_m: float | None) -> Section:
    """What is known of a climb or a descent of a stage."""
    ends_m = one.from_m, one.to_m
    cells, estimate, profile = part.profile.cells, part.estimate, part.profile
    assert cells is not None
    assert estimate is not None

    def between(cell_values: Array) -> float:
        first, last = np.interp(ends_m, cells.edge_m, geo.so_far(cell_values))
        return float(last - first)

    inside = (profile.distance_m >= ends_m[0]) & (profile.distance_m <= ends_m[1])
    over = 0.0
    if level_m is not None:
        over = between(estimate.cell_s * above_shares(cells.elevation_m, [level_m])[0])
    from_s = seconds(estimate.arrival_s(ends_m[0])) or 0
    offset_m = part.offset_m if race.through else 0.0
    stage = race.stages[part.stage.number - 1]
    worst = _worst(part, ends_m)
    return Section(
        stage=part.stage.number,
        kind="climb" if one.height_m > 0.0 else "descent",
        name=one.name or None,
        from_m=metres(offset_m + ends_m[0]) or 0.0,
        to_m=metres(offset_m + ends_m[1]) or 0.0,
        race_distance_m=metres(part.offset_m + one.from_m) or 0.0,
        height_m=metres(one.height_m) or 0.0,
        mean_grade=fraction(one.mean_grade) or 0.0,
        highest_m=metres(profile.top_m(inside)),
        from_s=from_s,
        start=to_the_second(race.clock_at(stage, from_s)),
        moving_s=seconds(estimate.moving_between_s(*ends_m)) or 0,
        dark_s=None if estimate.dark_s is None else seconds(between(estimate.dark_s)),
        above_s=seconds(over) or 0,
        above_m=level_m,
        kss=None if worst is None else fraction(min(worst, KSS_MOST)),
        off_scale=worst is not None and worst > KSS_MOST,
        margin_s=_margin_s(race, part, ends_m),
    )


def _worst(part: Part, ends_m: tuple[float, float]) -> float | None:
    """The sleepiest that a runner is between two distances."""
    curve = part.estimate.alertness if part.estimate else None
    if curve is None:
        return None
    inside = (curve.distance_m >= ends_m[0]) & (curve.distance_m <= ends_m[1])
    return float(curve.kss[inside].max()) if inside.any() else None


def _margin_s(race: RaceFacts, part: Part, ends_m: tuple[float, float]) -> int | None:
    """The margin of the tightest cutoff, if its point is in the section or the next after it."""
    tightest = race.tightest
    if tightest is None or tightest.of_time > TIGHT or tightest.stage != part.stage.number:
        return None
    stage = race.stages[part.stage.number - 1]
    at_m = next((p.distance_m for p in stage.points if p.name == tightest.name), None)
    following = [one.from_m for one in climbs(part.profile) if one.from_m >= ends_m[1]]
    until_m = min(following, default=part.profile.length_m)
    return tightest.margin_s if at_m is not None and ends_m[0] < at_m <= until_m else None


# what makes a section worth seeing: its reason, and a measure of that in a section

Reason = tuple[str, "Callable[[Section], float | None]"]


def _reasons(sections: Sequence[Section], length_m: float) -> tuple[Reason, ...]:
    """The reasons in the order in which they pick."""
    climbs_m = max((s.height_m for s in sections), default=0.0)
    descents_m = -min((s.height_m for s in sections), default=0.0)

    def steep(section: Section) -> float | None:
        longest_m = climbs_m if section.height_m > 0.0 else descents_m
        high = abs(section.height_m) >= STEEP_OF_HIGHEST * longest_m
        return section.steepness if high else None

    def late(section: Section) -> float | None:
        return section.height_m if section.race_distance_m >= LATE * length_m else None

    return (
        ("longest climb", lambda s: s.height_m if s.height_m > 0.0 else None),
        ("longest descent", lambda s: -s.height_m if s.height_m < 0.0 else None),
        ("tightest cutoff", lambda s: None if s.margin_s is None else 1.0),
        ("longest descent in the dark", _down_in_the_dark),
        ("sleepiest", _sleepy),
        ("longest at altitude", lambda s: float(s.above_s) or None),
        ("steepest climb", lambda s: steep(s) if s.height_m > 0.0 else None),
        ("steepest descent", lambda s: steep(s) if s.height_m < 0.0 else None),
        ("longest late climb", late),
        ("longest time", lambda s: float(s.moving_s)),
    )


def _sleepy(section: Section) -> float | None:
    """Of sections at the end of the scale the last one counts: sleep that is missing adds up."""
    if section.kss is None or section.kss <= 7.0:
        return None
    return section.kss + section.race_distance_m / 1e9


def _down_in_the_dark(section: Section) -> float | None:
    if section.height_m >= 0.0 or not section.dark_s:
        return None
    return -section.height_m * section.dark_s / max(section.moving_s, 1)


def to_see(sections: Sequence[Section], length_m: float) -> tuple[Section, ...]:
    """Up to five sections in the order of the course, each with its reasons.

    *length_m* is the length of the race.

    Each reason picks the section with the largest measure; a section that is picked already
    gets one more reason. While there are not five, each reason picks the next largest.
    """
    picked: dict[int, tuple[str, ...]] = {}
    for rank in range(min(SECTIONS, len(sections))):
        for name, amount in _reasons(sections, length_m):
            known = [(found, -k) for k, s in enumerate(sections) if (found := amount(s))]
            if rank >= len(known):
                continue
            best = -sorted(known, reverse=True)[rank][1]
            if len(picked) < SECTIONS or (best in picked and not rank):
                picked.setdefault(best, ())
                picked[best] += (f"{RANKS[rank]}{name}",) if not picked[best] or not rank else ()
        if len(picked) == min(SECTIONS, len(sections)):
            break
    return tuple(replace(sections[k], reasons=picked[k]) for k in sorted(picked))
