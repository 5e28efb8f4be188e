"""Reports of several courses -> the facts of each on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.facts.figures import Struct
from gpxstage.facts.parts import ratio
from gpxstage.units import half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts

# km-effort (kilometres and a hundredth of the metres of climb) at which a category begins.
# ITRA, classification of trail running races, March 2018, by the organisers' figures; here by
# measured ones, so a race near an edge may be listed in the other category.
CATEGORIES = ((210, "XXL"), (155, "XL"), (115, "L"), (75, "M"), (45, "S"), (25, "XS"), (0, "XXS"))


class ComparedCourse(Struct, frozen=True, kw_only=True):
    """One of several courses; times are those of the middle of the field, None if unknown.

    ``of_first_effort`` and ``of_first_time`` are multiples of the first course's.
    """

    name: str
    length_m: float
    gain_m: float | None
    loss_m: float | None
    gain_m_per_km: float | None
    lowest_m: float | None
    highest_m: float | None
    steepest_500m: float | None
    km_effort: float | None
    category: str | None
    elapsed_s: int | None
    hike_fraction: float | None
    dark_s: int | None
    of_first_effort: float | None = None
    of_first_time: float | None = None


class Comparison(Struct, frozen=True, kw_only=True):
    """What `info --compare --json` writes."""

    courses: tuple[ComparedCourse, ...]


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
            steepest_500m=race.steepest_500m,
            km_effort=_one(km_effort(race)),
            category=category(km_effort(race)),
            elapsed_s=race.elapsed_s.p50,
            hike_fraction=race.hike_fraction.of_time.p50,
            dark_s=race.night.moving_s if race.night else None,
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
