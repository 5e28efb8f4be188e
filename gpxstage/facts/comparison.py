"""Reports of several courses -> the facts of each on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.figures import ComparedCourse
from gpxstage.facts.parts import ratio, total
from gpxstage.units import fraction, half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts

# km-effort (kilometres and a hundredth of the metres of climb) at which a category begins.
# ITRA, classification of trail running races, March 2018, by the organisers' figures; here by
# measured ones, so a race near an edge may be listed in the other category.
CATEGORIES = ((210, "XXL"), (155, "XL"), (115, "L"), (75, "M"), (45, "S"), (25, "XS"), (0, "XXS"))


def compared(races: Sequence[RaceFacts]) -> tuple[ComparedCourse, ...]:
    """The facts of each race, and how much of the first one it is."""
    first = races[0]
    return tuple(
        ComparedCourse(
            name=race.name,
            length_m=race.length_m,
            gain_m=race.gain_m,
            loss_m=race.loss_m,
            gain_m_per_km=_one(race.gain_m and 1000.0 * race.gain_m / race.length_m),
            lowest_m=race.lowest_m,
            highest_m=race.highest_m,
            steepest_500m=_steepest(race),
            km_effort=_one(km_effort(race)),
            category=category(km_effort(race)),
            elapsed_s=race.elapsed_s.p50,
            hike_fraction=race.hike_fraction.of_time.p50,
            dark_s=_dark_s(race),
            of_first_effort=ratio(km_effort(race), km_effort(first)),
            of_first_time=ratio(race.elapsed_s.p50, first.elapsed_s.p50),
        )
        for race in races
    )


def km_effort(race: RaceFacts) -> float | None:
    """Kilometres and a hundredth of the metres of climb, as ITRA counts."""
    return None if race.gain_m is None else race.length_m / 1000.0 + race.gain_m / 100.0


def category(effort: float | None) -> str | None:
    """The ITRA category of a km-effort; None where it is unknown."""
    if effort is None:
        return None
    return next(name for least, name in CATEGORIES if half_up(effort) >= least)


def _one(value: float | None) -> float | None:
    return None if value is None else half_up(value, 1)


def _steepest(race: RaceFacts) -> float | None:
    known = [s.steepest_500m for s in race.stages if s.steepest_500m is not None]
    return fraction(max(known, key=abs, default=None))


def _dark_s(race: RaceFacts) -> int | None:
    nights = [None if stage.night is None else stage.night.moving_s for stage in race.stages]
    found = total(nights, 0)
    return None if found is None else int(found)
