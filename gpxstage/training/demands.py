"""Report -> Demands: what a race asks of a training, day by day.

The days of a staged race are its stages. A race whose clock runs through is counted in 24 hours
from its start, and, where the start is known, by the calendar too.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.facts.parts import to_the_second
from gpxstage.facts.workload import Day, Demands, Pair
from gpxstage.training.covered import ABOVE_M, joined, of_stage, total
from gpxstage.training.scouting import sections_of, to_see
from gpxstage.walltime import DAY_S, after, between_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.workload import Amounts
    from gpxstage.training.covered import Covered


def demands(report: Report, units: str = "metric") -> Demands:
    """The demands of an estimated race; the altitudes that count are those of *units*.

    Raises CourseError for a course of which no estimate can be made.
    """
    race, above_m = report.facts, ABOVE_M[units]
    if race.runner is None:
        why = next((note for note in report.notes if note.startswith("no estimate")), "no estimate")
        raise CourseError(f"{report.course.name}: {why}")
    each = [of_stage(part, above_m) for part in report.parts]
    if race.through:
        whole = joined(each)
        days = _days(race, whole, _every_24_h(whole))
        calendar = _calendar(race, whole)
    else:
        days, calendar = _stages(race, each), None
    every = sections_of(race, report.parts, above_m)
    return Demands(
        race=race.name,
        format=race.format,
        start=race.start,
        runner=race.runner.name,
        model=race.runner.model,
        whole=total([day.covered for day in days]),
        days=days,
        calendar=calendar,
        hardest_pair=hardest_pair(days),
        longest_climb=max(
            (s for s in every if s.kind == "climb"), key=lambda s: s.height_m, default=None
        ),
        longest_descent=min(
            (s for s in every if s.kind == "descent"), key=lambda s: s.height_m, default=None
        ),
        sections=to_see(every, race.length_m),
        altitude=race.why.altitude if race.why else (),
        notes=report.notes,
    )


def hardest_pair(days: Sequence[Day]) -> Pair | None:
    """The two days in a row that take the most energy, or moving time where that is not known."""
    pairs = [
        Pair(one.number, total([one.covered, two.covered]))
        for one, two in pairwise(days)
        if _in_a_row(one, two)
    ]
    return max(pairs, key=lambda pair: hardness(pair.covered), default=None)


def _in_a_row(one: Day, two: Day) -> bool:
    """Whether no day of rest lies between the end of a day and the start of the next."""
    if one.start is None or two.start is None:
        return True
    end = after(one.start, one.covered.elapsed_s)
    return (two.start.date() - end.date()).days <= 1


def hardness(part: Amounts) -> tuple[int, int]:
    """What days are compared by: energy, and moving time where that is not known or equal."""
    return part.energy_kcal or 0, part.moving_s


def _every_24_h(whole: Covered) -> list[float]:
    """The start, every 24 hours from it, and the end."""
    first_s, last_s = float(whole.clock_s[0]), float(whole.clock_s[-1])
    moments_s = [first_s]
    while moments_s[-1] + DAY_S < last_s:
        moments_s.append(moments_s[-1] + DAY_S)
    return [*moments_s, last_s]


def _calendar(race: RaceFacts, whole: Covered) -> tuple[Day, ...] | None:
    """The days of the calendar, from midnight to midnight of the clock on the wall."""
    start = race.clock_at(race.stages[0], 0.0)
    if start is None:
        return None
    last_s = float(whole.clock_s[-1])
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    midnights = (first + timedelta(days=k) for k in count(1))
    inside = takewhile(lambda s: s < last_s, (between_s(start, each) for each in midnights))
    return _days(race, whole, [0.0, *inside, last_s])


def _days(race: RaceFacts, whole: Covered, moments_s: Sequence[float]) -> tuple[Day, ...]:
    """The days between moments of a clock that runs through."""
    clock = race.stages[0]
    return tuple(
        Day(
            number=k + 1,
            name=None,
            start=to_the_second(race.clock_at(clock, moments_s[k])),
            from_m=round(whole.at_m(moments_s[k]), 1),
            to_m=round(whole.at_m(moments_s[k + 1]), 1),
            covered=covered,
        )
        for k, covered in enumerate(whole.between(moments_s))
    )


def _stages(race: RaceFacts, each: Sequence[Covered]) -> tuple[Day, ...]:
    """The days of a staged race."""
    return tuple(
        Day(stage.number, stage.name, stage.start, 0.0, stage.length_m, covered.whole())
        for stage, covered in zip(race.stages, each, strict=True)
    )
