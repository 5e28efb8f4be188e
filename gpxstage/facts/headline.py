"""A race in one line: what it is, what it takes, and how it goes against the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.text import one_line
from gpxstage.units import UNITS, percent, spoken

if TYPE_CHECKING:
    from gpxstage.facts import Behind, RaceFacts


def headline(race: RaceFacts, units: str = "metric") -> str:
    """One line: what the race is, and what it will take."""
    unit = UNITS[units]
    words = [f"{unit.far(race.length_m)} {unit.distance}"]
    if race.gain_m is not None:
        words.append(f"+{unit.high(race.gain_m)} {unit.height}")
    if race.runner is not None and race.elapsed_s.p50 is not None:
        words.append(f"{spoken(race.elapsed_s.p50)} for {one_line(race.runner.name)}")
        hiked = race.hike_fraction.of_time.p50
        if hiked is not None:
            words.append(f"{percent(hiked)} % of the moving time hiked")
    if race.behind is not None:
        words.append(behind(race.behind))
    return f"{one_line(race.name)}: {', '.join(words)}"


def behind(found: Behind) -> str:
    """How the race goes against the plan: "1 h 5 min behind the plan at Cogne".

    After several days of a staged race, all of them come first, and then the last one.
    """
    where = f"at {one_line(found.point)}"
    if found.in_all_s == found.s:
        return f"{_off(found.s)} the plan {where}"
    stage = f"stage {found.stage}"
    there = "" if found.point == stage else f" {where}"
    return f"{_off(found.in_all_s)} the plan in all, {_off(found.s)} it on {stage}{there}"


def _off(late_s: int) -> str:
    return f"{spoken(abs(late_s))} {'behind' if late_s >= 0 else 'ahead of'}"
