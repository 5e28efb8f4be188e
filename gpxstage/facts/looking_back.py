"""Trace and estimates -> ReviewFacts: where the time of a recording went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.facts.parts import ratio
from gpxstage.facts.review import (
    Change,
    ClimbReview,
    Compared,
    GroundReview,
    LegReview,
    OffCourse,
    ReviewFacts,
)
from gpxstage.facts.ways import plan_on
from gpxstage.profile.climbs import climbs
from gpxstage.text import one_line
from gpxstage.units import fraction, metres, seconds
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.fit.retraced import Clock, Stretch, Trace
    from gpxstage.estimator.nouns import Estimate
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.ways import Plan, Way

# All of these are judgement.
LEAST_END_S = 60.0  # shorter, what lies before the start or after the finish belongs to a leg
STEEP = 0.05  # grade from which the ground goes up or down
LEAST_GROUND_S = 1200.0  # of less moving time nothing is concluded
TELLING = 0.05  # a share: smaller differences are no reason for a change
OFF_AFTER_M = 50.0  # two marks nearer than this are one


@dataclass(frozen=True, eq=False)
class _Race:
    """All that a review compares."""

    way: Way
    trace: Trace
    planned: Plan | None
    even: Plan | None
    levels: dict[str, Plan]

    def compared(
        self, from_s: float, to_s: float, ends_m: tuple[float, float] | None
    ) -> dict[str, Any]:
        """The fields of `Compared` between two moments, on that part of the course."""
        clock = self.trace.clock
        found: dict[str, Any] = {"elapsed_s": _rounded(from_s, to_s)}
        if clock is not None:
            moving_s = min(_kind_s(clock, "moving_s", from_s, to_s), found["elapsed_s"])
            found |= {
                "moving_s": moving_s,
                "standing_s": found["elapsed_s"] - moving_s,
                "hike_fraction": _hiked(clock, from_s, to_s),
                "dark_s": _kind_s(clock, "dark_s", from_s, to_s),
            }
        for name, plan in (("planned", self.planned), ("even", self.even)):
            if plan is not None and ends_m is not None:
                found[f"{name}_s"] = seconds(plan.between_s(*ends_m))
                found[f"{name}_moving_s"] = seconds(plan.moving_s(*ends_m))
        return found


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


def _course_s(trace: Trace) -> tuple[float, float]:
    """When the first place of the course was passed, and the last one that was reached."""
    return trace.at_s(trace.begin_m), trace.at_s(trace.reached_m)


def _gait_from(clock: Clock | None) -> str | None:
    return None if clock is None else "cadence" if clock.by_cadence else "speed"


def review(
    report: Report,
    way: Way,
    trace: Trace,
    *,
    even: Estimate | None,
    levels: Mapping[str, Estimate],
    notes: tuple[str, ...] = (),
) -> ReviewFacts:
    """The facts of a recording against the estimate of a report and other ones."""
    plans = {name: plan_on(way, estimate) for name, estimate in levels.items()}
    planned = plan_on(way, report.estimate) if report.estimate is not None else None
    race = _Race(way, trace, planned, plan_on(way, even) if even else None, plans)
    start = _start(report, trace)
    ends_m = (trace.begin_m, trace.reached_m)
    grounds = _grounds(race)
    thirds = _thirds(race)
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
        gait_from=_gait_from(trace.clock),
        fade=_fade(thirds),
        whole=Compared(**race.compared(*_course_s(trace), ends_m)),
        clock_s=seconds(trace.lasts_s) or 0,
        legs=tuple(_legs(race, start)),
        climbs=tuple(_climbs(race)),
        ground=grounds,
        daylight=_daylight(race),
        thirds=thirds,
        levels={name: seconds(plan.between_s(*ends_m)) or 0 for name, plan in plans.items()},
        off_course=tuple(map(_off, trace.stretches)),
        changes=tuple(_changes(report, race, even, grounds)),
        notes=(*trace.notes, *notes),
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
    if end_m > done[-1][2] + OFF_AFTER_M:
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
        **race.compared(from_s, to_s, ends_m),
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
            moving_h = (compared["moving_s"] or 0) / 3600.0
            yield ClimbReview(
                name=one_line(found.name) or None,
                from_m=metres(from_m) or 0.0,
                to_m=metres(to_m) or 0.0,
                height_m=metres(found.height_m) or 0.0,
                height_m_per_h=metres(found.height_m / moving_h) if moving_h > 0.0 else None,
                **compared,
            )


# kinds of ground, day and night, thirds


@dataclass(frozen=True, eq=False)
class _Cells:
    """Every cell of the course that was passed: moving time recorded and by the even plan."""

    length_m: Array
    grade: Array
    moving_s: Array
    hiked_s: Array
    gait_s: Array
    dark: Array  # share of the time
    even_s: Array

    def ground(self, name: str, mask: NDArray[np.bool_]) -> GroundReview:
        """What these cells have in common."""
        moving_s, even_s = float(self.moving_s[mask].sum()), float(self.even_s[mask].sum())
        return GroundReview(
            name=name,
            distance_m=metres(float(self.length_m[mask].sum())) or 0.0,
            moving_s=seconds(moving_s) or 0,
            even_s=seconds(even_s) or 0,
            of_even=ratio(moving_s, even_s),
            hike_fraction=ratio(float(self.hiked_s[mask].sum()), float(self.gait_s[mask].sum())),
        )


def _cells(race: _Race) -> _Cells | None:
    """None for splits, and without an even plan."""
    trace, clock, even = race.trace, race.trace.clock, race.even
    if clock is None or even is None:
        return None
    columns: list[Array] = []
    for part, offset_m, stage in zip(race.way.parts, race.way.offset_m, even.stages, strict=True):
        cells = part.profile.cells
        if cells is None:
            return None
        edge_m = offset_m + cells.edge_m
        known = (edge_m[:-1] >= trace.begin_m) & (edge_m[1:] <= trace.reached_m)
        for off in trace.stretches:
            known &= (edge_m[1:] <= off.from_m) | (edge_m[:-1] >= off.to_m)
        edge_s = np.interp(edge_m, trace.passed_m, trace.passed_s)
        counted = [
            np.diff(np.interp(edge_s, clock.edge_s, getattr(clock, name)))
            for name in ("moving_s", "hiked_s", "gait_s", "dark_moving_s")
        ]
        even_s = np.diff(np.interp(cells.edge_m, stage.edge_m, stage.moving_s))
        columns.append(np.stack([cells.length_m, cells.grade, *counted, even_s])[:, known])
    length_m, grade, moving_s, hiked_s, gait_s, dark_s, even_s = np.concatenate(columns, axis=1)
    if not len(length_m):
        return None
    dark = dark_s / np.maximum(moving_s, 1e-9)
    return _Cells(length_m, grade, moving_s, hiked_s, gait_s, dark, even_s)


def _grounds(race: _Race) -> tuple[GroundReview, ...]:
    """Up, flat and down."""
    cells = _cells(race)
    if cells is None:
        return ()
    up, down = cells.grade > STEEP, cells.grade < -STEEP
    return (
        cells.ground("up", up),
        cells.ground("flat", ~up & ~down),
        cells.ground("down", down),
    )


def _daylight(race: _Race) -> tuple[GroundReview, ...]:
    """By day and in the dark, where there was both."""
    cells = _cells(race)
    if cells is None or not (cells.dark > 0.5).any():
        return ()
    return cells.ground("day", cells.dark <= 0.5), cells.ground("night", cells.dark > 0.5)


def _thirds(race: _Race) -> tuple[GroundReview, ...]:
    """The way in three parts that take the even plan the same moving time."""
    cells = _cells(race)
    if cells is None:
        return ()
    done = (np.cumsum(cells.even_s) - 0.5 * cells.even_s) / cells.even_s.sum()
    names = ("first third", "second third", "last third")
    return tuple(cells.ground(name, np.floor(3.0 * done) == k) for k, name in enumerate(names))


def _fade(thirds: Sequence[GroundReview]) -> float | None:
    """How much longer the last third took than the first, each against the even plan, share."""
    if not thirds or not thirds[0].of_even or thirds[-1].of_even is None:
        return None
    return fraction(thirds[-1].of_even / thirds[0].of_even - 1.0)


# what to change


def _changes(
    report: Report, race: _Race, even: Estimate | None, grounds: Sequence[GroundReview]
) -> Iterator[Change]:
    """Keys of the runner file that this recording contradicts, with a first value to try."""
    if report.estimate is None or even is None or race.planned is None or race.even is None:
        return
    runner = report.estimate.runner
    ends_m = (race.trace.begin_m, race.trace.reached_m)
    if abs(even.runner.flat_speed_mps / runner.flat_speed_mps - 1.0) > TELLING:
        yield _change("flat_speed_mps", runner.flat_speed_mps, even.runner.flat_speed_mps,
                      "the recorded time is that of another ability")  # fmt: skip
    if race.trace.clock is None:
        return
    all_s = sum(each.moving_s for each in grounds), sum(each.even_s for each in grounds)
    down = next((each for each in grounds if each.name == "down"), None)
    if down is not None and down.even_s > LEAST_GROUND_S and down.moving_s > 0:
        slower = (down.moving_s / down.even_s) / (all_s[0] / all_s[1])
        if abs(slower - 1.0) > TELLING:
            yield _change(
                "descent_m_per_h", even.runner.descent_m_per_h,
                even.runner.descent_m_per_h / slower,
                f"descents were {100.0 * abs(slower - 1.0):.0f} %"
                f" {'slower' if slower > 1.0 else 'faster'}, for the even plan",
            )  # fmt: skip
    planned_s = race.even.between_s(*ends_m) - race.even.moving_s(*ends_m)
    standing_s = race.compared(*_course_s(race.trace), ends_m)["standing_s"]
    if planned_s > LEAST_GROUND_S and abs(standing_s / planned_s - 1.0) > TELLING:
        yield _change("stops", even.runner.stops, even.runner.stops * standing_s / planned_s,
                      "the time without moving differs from the even plan")  # fmt: skip


def _change(key: str, planned: float, suggested: float, why: str) -> Change:
    return Change(
        key=key, planned=fraction(planned) or 0.0, suggested=fraction(suggested) or 0.0, why=why
    )
