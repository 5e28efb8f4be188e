"""Trace and estimates -> ReviewFacts: where the time of a recording went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gpxstage.facts.figures import asdict
from gpxstage.facts.parts import ratio
from gpxstage.facts.review import ClimbReview, Compared, LegReview, OffCourse, ReviewFacts
from gpxstage.facts.slopes_taken import by_daylight, by_slope, fade, in_thirds, passed
from gpxstage.facts.ways import plan_on
from gpxstage.profile.climbs import climbs
from gpxstage.text import one_line
from gpxstage.units import metres, seconds
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gpxstage.estimator.fit.retraced import Clock, Stretch, Trace
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.review import Advice
    from gpxstage.facts.ways import PlannedWay, Way

FLAT = (
    "flat_speed_mps is the speed of a race of one hour on a flat road: it is higher than the speed"
    " on level ground of this course"
)

# All of these are judgement.
LEAST_END_S = 60.0  # shorter, what lies before the start or after the finish belongs to a leg
OFF_AFTER_M = 50.0  # two marks nearer than this are one


@dataclass(frozen=True, eq=False)
class _Race:
    """All that a review compares."""

    way: Way
    trace: Trace
    planned: PlannedWay | None
    even: PlannedWay | None
    levels: dict[str, PlannedWay]

    def compared(self, from_s: float, to_s: float, ends_m: tuple[float, float] | None) -> Compared:
        """The time between two moments, on that part of the course."""
        clock, elapsed_s = self.trace.clock, _rounded(from_s, to_s)
        moving_s = None
        if clock is not None:
            moving_s = min(_kind_s(clock, "moving_s", from_s, to_s), elapsed_s)
        planned_s, even_s = _times_s(self.planned, ends_m), _times_s(self.even, ends_m)
        return Compared(
            elapsed_s=elapsed_s,
            moving_s=moving_s,
            standing_s=None if moving_s is None else elapsed_s - moving_s,
            hike_fraction=_hiked(clock, from_s, to_s) if clock else None,
            dark_s=_kind_s(clock, "dark_s", from_s, to_s) if clock else None,
            planned_s=planned_s[0],
            planned_moving_s=planned_s[1],
            even_s=even_s[0],
            even_moving_s=even_s[1],
        )


def _times_s(
    plan: PlannedWay | None, ends_m: tuple[float, float] | None
) -> tuple[int | None, int | None]:
    """Time on the clock and moving time of a part of the course; unknown without either."""
    if plan is None or ends_m is None:
        return None, None
    return seconds(plan.between_s(*ends_m)), seconds(plan.moving_s(*ends_m))


def _rounded(from_s: float, to_s: float) -> int:
    """Whole seconds between two moments, so that parts add up to the whole."""
    return (seconds(to_s) or 0) - (seconds(from_s) or 0)


def _kind_s(clock: Clock, name: str, from_s: float, to_s: float) -> int:
    """Whole seconds of one kind, so that parts add up to the whole."""
    return _rounded(clock.between(name, 0.0, from_s), clock.between(name, 0.0, to_s))


def _hiked(clock: Clock, from_s: float, to_s: float) -> float | None:
    known_s = clock.between("gait_s", from_s, to_s)
    return ratio(clock.between("hiked_s", from_s, to_s), known_s) if known_s > 0.0 else None


def _start(report: Report, trace: Trace) -> datetime | None:
    """The first moment in the time zone of the race, or in UTC where it has none."""
    zone = ZoneInfo(report.facts.timezone) if report.facts.timezone else UTC
    return None if trace.start_s is None else utc(round(trace.start_s)).astimezone(zone)


def review(
    report: Report,
    way: Way,
    trace: Trace,
    *,
    even: Estimate | None,
    levels: Mapping[str, Estimate],
    advice: Sequence[Advice] = (),
    notes: tuple[str, ...] = (),
) -> ReviewFacts:
    """The facts of a recording against the estimate of a report and other ones."""
    plans = {name: plan_on(way, estimate) for name, estimate in levels.items()}
    planned = plan_on(way, report.estimate) if report.estimate is not None else None
    race = _Race(way, trace, planned, plan_on(way, even) if even else None, plans)
    start = _start(report, trace)
    cells, ends_m = passed(way, trace, race.even), (trace.begin_m, trace.reached_m)
    thirds = in_thirds(cells)
    return ReviewFacts(
        name=report.course.name,
        recording=trace.where,
        runner=report.estimate.runner.name if report.estimate is not None else None,
        start=start,
        zoned=report.facts.timezone is not None,
        begin_m=metres(trace.begin_m) or 0.0,
        reached_m=metres(trace.reached_m) or 0.0,
        length_m=metres(way.length_m) or 0.0,
        finished=trace.is_whole,
        gait_from=trace.clock.gait_from if trace.clock else None,
        fade=fade(thirds),
        whole=race.compared(trace.at_s(trace.begin_m), trace.at_s(trace.reached_m), ends_m),
        clock_s=seconds(trace.lasts_s) or 0,
        legs=tuple(_legs(race, start)),
        climbs=tuple(_climbs(race)),
        ground=by_slope(cells),
        daylight=by_daylight(cells),
        thirds=thirds,
        levels={name: seconds(plan.between_s(*ends_m)) or 0 for name, plan in plans.items()},
        off_course=tuple(map(_off, trace.stretches)),
        advice=tuple(advice),
        notes=(*trace.notes, *notes, *(FLAT for one in advice if one.key == "flat_speed_mps")),
    )


def _off(off: Stretch) -> OffCourse:
    return OffCourse(
        from_m=metres(off.from_m) or 0.0,
        to_m=metres(off.to_m) or 0.0,
        recorded_m=metres(off.recorded_m) or 0.0,
        elapsed_s=seconds(off.elapsed_s) or 0,
    )


# legs and climbs


def _legs(race: _Race, start: datetime | None) -> Iterator[LegReview]:
    """Before the start, each leg up to the place that was reached, and what came after."""
    trace = race.trace
    done: list[tuple[str, int | None, float, float]] = [
        ("", None, trace.begin_m, trace.at_s(trace.begin_m))
    ]
    for name, number, at_m in race.way.marks():
        arrival_s = trace.arrival_s(at_m)
        if arrival_s is not None and at_m > done[-1][2] + OFF_AFTER_M:
            done.append((name, number, at_m, max(arrival_s, done[-1][3])))
    end_m, end_s = trace.reached_m, trace.at_s(trace.reached_m)
    if len(done) == 1 or end_m > done[-1][2] + OFF_AFTER_M:
        done.append(("last place", race.way.stage_at(end_m), end_m, end_s))
    begin_s = done[0][3] if done[0][3] >= LEAST_END_S else 0.0
    last_s = done[-1][3] if trace.lasts_s - done[-1][3] >= LEAST_END_S else trace.lasts_s
    times_s = [begin_s, *(each[3] for each in done[1:-1]), last_s]
    ends = list(zip(done, times_s, strict=True))
    if begin_s:
        yield _leg(race, "before the start", (0.0, begin_s), start=start)
    for (before, from_s), (after, to_s) in pairwise(ends):
        ends_m = before[2], after[2]
        yield _leg(race, after[0], (from_s, to_s), start=start, ends_m=ends_m, stage=after[1])
    if last_s < trace.lasts_s:
        name = "after the finish" if trace.is_whole else "after leaving the course"
        yield _leg(race, name, (last_s, trace.lasts_s), start=start)


def _leg(
    race: _Race,
    name: str,
    times_s: tuple[float, float],
    *,
    start: datetime | None,
    ends_m: tuple[float, float] | None = None,
    stage: int | None = None,
) -> LegReview:
    from_s, to_s = times_s
    arrival_s = seconds(to_s) or 0
    levels = race.levels if ends_m is not None else {}
    return LegReview(
        stage=stage,
        name=name,
        from_m=metres(ends_m[0]) if ends_m else None,
        to_m=metres(ends_m[1]) if ends_m else None,
        gain_m=metres(race.way.gain_m(*ends_m)) if ends_m else None,
        arrival_s=arrival_s,
        arrival=utc(round(race.trace.start_s) + arrival_s).astimezone(start.tzinfo)
        if start is not None and race.trace.start_s is not None
        else None,
        levels={k: seconds(p.between_s(*ends_m)) or 0 for k, p in levels.items() if ends_m},
        **asdict(race.compared(from_s, to_s, ends_m)),
    )


def _climbs(race: _Race) -> Iterator[ClimbReview]:
    """The climbs and descents that were passed from end to end."""
    trace = race.trace
    if trace.clock is None:
        return
    for part, offset_m in zip(race.way.parts, race.way.offset_m, strict=True):
        for found in climbs(part.profile, part.stage.points):
            from_m, to_m = offset_m + found.from_m, offset_m + found.to_m
            is_off = any(off.from_m < to_m and off.to_m > from_m for off in trace.stretches)
            if from_m < trace.begin_m or to_m > trace.reached_m or is_off:
                continue
            compared = race.compared(trace.at_s(from_m), trace.at_s(to_m), (from_m, to_m))
            moving_h = (compared.moving_s or 0) / 3600.0
            yield ClimbReview(
                name=one_line(found.name) or None,
                from_m=metres(from_m) or 0.0,
                to_m=metres(to_m) or 0.0,
                height_m=metres(found.height_m) or 0.0,
                height_m_per_h=metres(found.height_m / moving_h) if moving_h > 0.0 else None,
                **asdict(compared),
            )
