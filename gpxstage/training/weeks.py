"""Recordings and the demands of a race -> Training: weeks, pairs of days, the longest outing.

A week begins on Monday, a day at midnight, on the clock of the place where the outing began
(`gpxstage.training.outings.zone_s`).
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.facts.workload import DayPair, Recorded, Reported, SeenStage, Training, Week, Window
from gpxstage.text import counted
from gpxstage.training.covered import ABOVE_M, total
from gpxstage.training.demands import hardness
from gpxstage.training.outings import begins, cadence_share, doubts, of_outing, seen, zone_s
from gpxstage.units import FOOT_M, MILE_M, fraction, metres, percent
from gpxstage.walltime import DAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Course
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.runner import Runner
    from gpxstage.facts.workload import Amounts, Demands
    from gpxstage.profile import Profile
    from gpxstage.training.covered import Covered

DAYS = 7
EPOCH = date(1970, 1, 1)
MONDAY = 3  # the first of January 1970 was a Thursday, three days after a Monday
LAST = (2, 4, 8, 12)  # weeks that are compared with the race
MOST_WEEKS_BEFORE = 4.0  # from the last outing to the race: more is a note (judgement)
ALL_KNOWN = 0.995  # of the moving time with a known gait: as good as all
LEAST_PAIR_S = 3600  # moving on a day that counts in a pair (judgement)
SEEN_M = 50.0  # from a track that was recorded there: twice the error of both (judgement)

# weeks that runners have published: their own figures, not measured here, and no advice
REPORTED = (
    Reported(
        what="week",
        start=date(2018, 8, 20),  # its Tuesday is day 35 of a record that began on 18 July 2018
        race="not named",
        length_m=70.0 * MILE_M,
        gain_m=30_100.0 * FOOT_M,
        moving_s=None,
        source="Back in the Mountains (Whites and Alps!), August 2018,"
        " http://blog.skithewhites.com/reports-all",
    ),
    Reported(
        what="week",
        start=date(2017, 5, 22),
        race="Bighorn 100",
        length_m=104.9 * MILE_M,
        gain_m=20_594.0 * FOOT_M,
        moving_s=23 * 3600 + 23 * 60,
        source="Training Week: 05/22/17 – 05/28/17, 31 May 2017,"
        " https://trailto50.com/2017/05/31/training-week-052217-052817/",
    ),
    Reported(
        what="mean of 36",
        start=date(2024, 1, 1),  # to the race on 8 September: 560,000 ft in all
        race="Tor, in 98:18",
        length_m=None,
        gain_m=560_000.0 * FOOT_M / 36.0,
        moving_s=None,
        source="2024 Tor des Geants Race Report, 2024, https://willtorun.com/racereports/2024tor",
    ),
)


def last_weeks(weeks: Sequence[Week], count: int) -> tuple[Week, ...]:
    """The last weeks of the calendar, those without an outing too, the first one first."""
    known = {week.start: week for week in weeks}
    starts = (weeks[-1].start - timedelta(days=DAYS * k) for k in reversed(range(count)))
    return tuple(known.get(start) or Week(start, 0, weeks[-1].covered.none()) for start in starts)


def shown_weeks(weeks: Sequence[Week]) -> tuple[Week, ...]:
    """The last twelve weeks from the first of them with an outing."""
    last = last_weeks(weeks, max(LAST))
    first = next(k for k, week in enumerate(last) if week.covered.elapsed_s)
    return last[first:]


def training(
    outings: Sequence[Outing],
    demands: Demands,
    runner: Runner,
    ground: tuple[Course, Sequence[Profile]],
    *,
    units: str = "metric",
    notes: Sequence[str] = (),
) -> Training:
    """What one or more outings hold of what a race demands.

    *runner* is the runner of the demands: gait and weight of the body are theirs. *ground* is
    the course of the race and its profiles; *notes* are those of reading.
    """
    order = sorted(outings, key=lambda outing: outing.start_s)
    each, recorded = _recorded(order, runner, ABOVE_M[units], ground[0].timezone)
    weeks, race = _weeks(each, recorded), demands.whole
    specific = max(weeks, key=lambda week: specific_share(week.covered, race))
    longest = max(recorded, key=lambda one: one.covered.moving_s)
    longest_s = demands.longest_s
    known = cadence_share(order)
    return Training(
        race=demands.race,
        whole=total([one.covered for one in recorded]),
        outings=recorded,
        weeks=weeks,
        last=tuple(
            Window(count, total([week.covered for week in last_weeks(weeks, count)]))
            for count in LAST
        ),
        specific=specific,
        specific_share=specific_share(specific.covered, race),
        pairs=_pairs(_by(each, DAY_S)),
        longest=longest,
        longest_race_s=longest_s,
        times_longest=round(longest_s / max(longest.covered.moving_s, 1), 1),
        seen=_seen(order, *ground),
        seen_within_m=SEEN_M,
        cadence_share=fraction(known) or 0.0,
        demands=demands,
        reported=REPORTED,
        notes=(*notes, *doubts(order, notes), *_gait(known), *_dates(recorded, demands)),
    )


def _recorded(
    order: Sequence[Outing], runner: Runner, above_m: Sequence[float], timezone: str | None
) -> tuple[list[Covered], tuple[Recorded, ...]]:
    """What each outing covered, along its clock and as a whole."""
    zones_s = [zone_s(outing, timezone) for outing in order]
    each = [of_outing(o, runner, above_m, s) for o, s in zip(order, zones_s, strict=True)]
    recorded = tuple(
        Recorded(outing.where, begins(outing, from_utc_s), covered.whole())
        for outing, from_utc_s, covered in zip(order, zones_s, each, strict=True)
    )
    return each, recorded


def specific_share(week: Amounts, race: Amounts) -> float:
    """How much of a race a week has: the mean of its shares, none of which is more than 1.

    The shares are those of the climb, of the moving time, of the hiked time, and of the time
    above the lowest of the altitudes, as far as the race has them. Equal weights are judgement.
    """
    wanted = [(week.gain_m, race.gain_m), (week.moving_s, race.moving_s)]
    wanted.append((week.hiked_s or 0, race.hiked_s or 0))
    wanted.append((week.above[0].elapsed_s, race.above[0].elapsed_s))
    shares = [min(1.0, part / whole) for part, whole in wanted if whole]
    return fraction(sum(shares) / max(len(shares), 1)) or 0.0


def _by(each: Sequence[Covered], step_s: float, first_s: float = 0.0) -> dict[int, Amounts]:
    """What lies in each of the steps of a clock in which something was covered, by its number."""
    parts: dict[int, list[Amounts]] = {}
    for covered in each:
        first = math.floor((covered.clock_s[0] - first_s) / step_s)
        last = math.ceil((covered.clock_s[-1] - first_s) / step_s)
        edges_s = [first_s + step_s * number for number in range(first, last + 1)]
        for number, part in enumerate(covered.between(edges_s), first):
            parts.setdefault(number, []).append(part)
    return {number: total(parts[number]) for number in sorted(parts)}


def _weeks(each: Sequence[Covered], recorded: Sequence[Recorded]) -> tuple[Week, ...]:
    """The weeks in which something was covered."""
    found = []
    for number, covered in _by(each, DAYS * DAY_S, -MONDAY * DAY_S).items():
        monday = EPOCH + timedelta(days=DAYS * number - MONDAY)
        days = [one.start.date() - monday for one in recorded]
        count = sum(timedelta(0) <= since < timedelta(days=DAYS) for since in days)
        found.append(Week(monday, count, covered))
    return tuple(found)


def _pairs(days: dict[int, Amounts]) -> tuple[DayPair, ...]:
    """All pairs of full days in a row, the hardest first."""
    full = {number: day for number, day in days.items() if day.moving_s >= LEAST_PAIR_S}
    found = [
        DayPair(EPOCH + timedelta(days=number), total([full[number], full[number + 1]]))
        for number in full
        if number + 1 in full
    ]
    return tuple(sorted(found, key=lambda pair: hardness(pair.covered), reverse=True))


def _seen(
    outings: Sequence[Outing], course: Course, profiles: Sequence[Profile]
) -> tuple[SeenStage, ...]:
    """How much of each stage was recorded."""
    found = []
    for stage, profile in zip(course.stages, profiles, strict=True):
        near = seen((profile.lat_deg, profile.lon_deg), outings, SEEN_M)
        cell_m = 0.5 * (near[1:] + near[:-1]) * np.diff(profile.distance_m)
        length_m, seen_m = metres(profile.length_m) or 0.0, metres(float(cell_m.sum())) or 0.0
        found.append(SeenStage(stage.number, stage.name, length_m, seen_m))
    return tuple(found)


def _gait(known: float) -> list[str]:
    """A note of the hours whose hiking is by the model."""
    if known >= ALL_KNOWN:
        return []
    by_model = percent(1.0 - known)
    return [
        f"{by_model} % of the moving time was recorded without cadence: what of it is hiked is"
        " estimated from grade and speed"
    ]


def _dates(recorded: Sequence[Recorded], demands: Demands) -> list[str]:
    """A note where the recordings are not those of the last weeks before the race."""
    if demands.start is None:
        return []
    last = recorded[-1].start
    weeks = (demands.start - last).total_seconds() / (DAYS * DAY_S)
    if weeks < 0.0:
        later = sum(one.start > demands.start for one in recorded)
        return [f"{counted(later, 'outing')} later than the start of the race: all of them count"]
    if weeks > MOST_WEEKS_BEFORE:
        return [f"the last outing is {weeks:.0f} weeks before the start of the race"]
    return []
