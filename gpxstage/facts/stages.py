"""Part -> StageFacts: a stage by grade, altitude, night and climb, and by its recorded clock."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.fit.windows import why_planned, windows_of
from gpxstage.facts import StageFacts
from gpxstage.facts.figures import (
    Above,
    AltitudeBand,
    ClimbFacts,
    GradeBand,
    HikeFraction,
    Night,
    Official,
    RecordedBand,
    RecordedFacts,
    RecordedStop,
    replace,
)
from gpxstage.facts.parts import apart, interval, ratio, to_the_second
from gpxstage.profile import GRADE_EDGES, by_altitude, by_grade
from gpxstage.profile.climbs import climbs
from gpxstage.units import UNITS, fraction, metres, seconds
from gpxstage.walltime import moment, utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Course, Track
    from gpxstage.estimator.fit.windows import Windows
    from gpxstage.estimator.nouns import StageEstimate, StageSpread
    from gpxstage.facts import PointFacts
    from gpxstage.facts.parts import Part
    from gpxstage.profile import Profile
    from gpxstage.profile.climbs import Climb

STOP_S = 120.0  # a shorter halt is a look at the map, not a stop (judgement)


def stage_facts(
    part: Part, points: tuple[PointFacts, ...], above_m: Sequence[float], edges_m: Sequence[float]
) -> StageFacts:
    """A stage with its points, its bands up to *edges_m* and what lies above each of *above_m*."""
    stage, profile = part.stage, part.profile
    found = [climb(part, each) for each in climbs(profile, stage.points)]
    known = profile.cells is not None
    facts = StageFacts(
        number=stage.number,
        name=stage.name,
        length_m=metres(profile.length_m) or 0.0,
        gain_m=metres(profile.gain_m),
        gain_low_m=metres(profile.gain_low_m),
        gain_high_m=metres(profile.gain_high_m),
        gain_raw_m=metres(profile.gain_raw_m),
        loss_m=metres(profile.loss_m),
        lowest_m=metres(profile.lowest_m),
        highest_m=metres(profile.highest_m),
        steepest_100m=fraction(profile.steepest(100.0)),
        steepest_500m=fraction(profile.steepest(500.0)),
        start=to_the_second(_start(part)),
        limit_s=seconds(stage.limit_s),
        official=official(stage.official_length_m, stage.official_gain_m),
        grade_bands=grade_bands(part),
        altitude_bands=altitude_bands(part, edges_m),
        above=above(part, above_m),
        night=night(part),
        climbs=tuple(each for each in found if each.height_m > 0) if known else None,
        descents=tuple(each for each in found if each.height_m < 0) if known else None,
        points=points,
        recorded=None if part.estimated else recorded(stage.track, profile, above_m, edges_m),
        notes=stage.notes,
    )
    return _stage_estimated(facts, part.estimate, part.spread) if part.estimate else facts


def _stage_estimated(
    facts: StageFacts, estimate: StageEstimate, spread: StageSpread | None
) -> StageFacts:
    """The stage with what needs a runner."""
    energy = None if estimate.energy_kcal is None else seconds(float(estimate.energy_kcal.sum()))
    moving_s = seconds(float(estimate.moving_s[-1]))
    return replace(
        facts,
        moving_s=interval(moving_s, spread.moving_s[:, -1] if spread else None, seconds),
        elapsed_s=interval(estimate.on_clock_s, spread.elapsed_s if spread else None, seconds),
        hike_fraction=hiked([estimate], [spread] if spread else None),
        energy_kcal=interval(energy, spread.energy_kcal if spread else None, seconds),
        earlier_days_s=seconds(estimate.earlier_days_s),
    )


def hiked(
    stages: Sequence[StageEstimate], spread: Sequence[StageSpread] | None = None
) -> HikeFraction:
    """The hiked share of the moving time and of the distance; None where a model has no gait."""
    if not stages or any(s.hiked_s is None or s.hiked_m is None for s in stages):
        return HikeFraction()
    time_draws = distance_draws = None
    length_m = sum(float(s.edge_m[-1]) for s in stages)
    hiked_s = sum(float(s.hiked_s.sum()) for s in stages if s.hiked_s is not None)
    hiked_m = sum(float(s.hiked_m.sum()) for s in stages if s.hiked_m is not None)
    if spread:
        moving_s = sum(stage.moving_s[:, -1] for stage in spread)
        time_draws = np.asarray(sum(stage.hiked_s for stage in spread) / moving_s)
        distance_draws = np.asarray(sum(stage.hiked_m for stage in spread) / length_m)
    of_time = ratio(hiked_s, sum(float(s.moving_s[-1]) for s in stages))
    return HikeFraction(
        interval(of_time, time_draws, fraction),
        interval(ratio(hiked_m, length_m), distance_draws, fraction),
    )


def _start(part: Part) -> datetime | None:
    """When a stage begins: where the clock runs through, by the estimate."""
    if part.is_staged or part.start is None:
        return part.stage.start
    if part.estimate is not None:
        return moment(part.start, seconds(part.estimate.offset_s))
    return part.start if part.offset_m == 0.0 else None


def official(length_m: float | None, gain_m: float | None) -> Official:
    """What the organiser publishes, rounded as all other lengths."""
    return Official(metres(length_m), metres(gain_m))


# shares


@dataclass(frozen=True)
class _Columns:
    """A figure of each band, in order; times are None without an estimate."""

    distance_m: list[float]
    moving_s: Sequence[int | None]
    elapsed_s: Sequence[int | None]


def grade_bands(part: Part) -> tuple[GradeBand, ...] | None:
    """Distance, time and hike share by grade; open at both ends; None without elevation."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None:
        return None
    count = len(GRADE_EDGES) + 1
    moving_s: Sequence[int | None] = [None] * count
    hiked: Sequence[float | None] = [None] * count
    if estimate is not None:
        moving = by_grade(cells, estimate.cell_s)
        moving_s = [int(value) for value in apart(moving, 0)]
        if estimate.hiked_s is not None:
            hiked_s = by_grade(cells, estimate.hiked_s)
            hiked = [ratio(float(h), float(s)) for h, s in zip(hiked_s, moving, strict=True)]
    return tuple(
        GradeBand(low=low, high=high, distance_m=length, moving_s=moving, hike_fraction=share)
        for (low, high), length, moving, share in zip(
            pairwise([None, *GRADE_EDGES, None]),
            apart(by_grade(cells, cells.length_m), 1),
            moving_s,
            hiked,
            strict=True,
        )
    )


def altitude_bands(part: Part, edges_m: Sequence[float]) -> tuple[AltitudeBand, ...] | None:
    """Distance and time by altitude, exact where the course crosses an edge."""
    columns = _by_altitude(part, edges_m)
    if columns is None:
        return None
    return tuple(
        AltitudeBand(
            from_m=metres(low),
            to_m=metres(high),
            distance_m=columns.distance_m[k],
            moving_s=columns.moving_s[k],
            elapsed_s=columns.elapsed_s[k],
        )
        for k, (low, high) in enumerate(pairwise([None, *edges_m, None]))
    )


def above(part: Part, above_m: Sequence[float]) -> tuple[Above, ...] | None:
    """Distance and time above each altitude."""
    levels = sorted(above_m)
    columns = _by_altitude(part, levels)
    if columns is None:
        return None

    def upward(values: Sequence[int | None], k: int) -> int | None:
        known = [value for value in values[k:] if value is not None]
        return sum(known) if len(known) == len(values[k:]) else None

    return tuple(
        Above(
            m=metres(level) or 0.0,
            distance_m=round(sum(columns.distance_m[k:]), 1),
            moving_s=upward(columns.moving_s, k),
            elapsed_s=upward(columns.elapsed_s, k),
        )
        for k, level in enumerate(levels, 1)
    )


def _by_altitude(part: Part, edges_m: Sequence[float]) -> _Columns | None:
    """Each band's distance, moving time, and time with the stops that are made in it."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None:
        return None
    distance_m = apart(by_altitude(cells, cells.length_m, edges_m), 1)
    if estimate is None:
        unknown = [None] * (len(edges_m) + 1)
        return _Columns(distance_m, unknown, unknown)
    moving = by_altitude(cells, estimate.cell_s, edges_m)
    at_m = np.array([stop.distance_m for stop in estimate.stops])
    level_m = np.interp(at_m, cells.edge_m, cells.elevation_m)
    stop_s = np.array([stop.stop_s for stop in estimate.stops])
    stood = geo.by_band(level_m, level_m, stop_s, np.array([-np.inf, *edges_m, np.inf]))
    return _Columns(
        distance_m,
        [int(value) for value in apart(moving, 0)],
        [int(value) for value in apart(moving + stood, 0, estimate.offset_s)],
    )


def night(part: Part) -> Night | None:
    """What of the stage is covered in the dark; unknown without a start."""
    cells, estimate = part.profile.cells, part.estimate
    if cells is None or estimate is None:
        return None
    share, dark_s = estimate.dark_share, estimate.dark_s
    if share is None or dark_s is None:
        return None
    return Night(metres(float(share @ cells.length_m)) or 0.0, seconds(float(dark_s.sum())) or 0)


def climb(part: Part, found: Climb) -> ClimbFacts:
    """A climb or a descent."""
    moving_s = hiked_s = None
    if part.estimate is not None:
        moving_s = part.estimate.moving_between_s(found.from_m, found.to_m)
        hiked_s = part.estimate.hiked_between_s(found.from_m, found.to_m)
    return ClimbFacts(
        name=found.name or None,
        from_m=metres(found.from_m) or 0.0,
        to_m=metres(found.to_m) or 0.0,
        length_m=metres(found.length_m) or 0.0,
        height_m=metres(found.height_m) or 0.0,
        mean_grade=fraction(found.mean_grade) or 0.0,
        steepest_grade=fraction(found.steepest_grade),
        moving_s=seconds(moving_s),
        hike_fraction=ratio(hiked_s, moving_s),
    )


def rough(course: Course, profiles: Sequence[Profile]) -> list[str]:
    """Notes of stages whose climb hangs on the smoothing."""
    high = UNITS["metric"].high
    return [
        f"stage {stage.number}: its climb of {high(profile.gain_m)} m is"
        f" {high(profile.gain_low_m)} to {high(profile.gain_high_m)} m by other smoothing:"
        " noisy or sparse heights"
        for stage, profile in zip(course.stages, profiles, strict=True)
        if profile.is_rough
    ]


# the clock of a recorded track


def recorded(
    track: Track, profile: Profile, above_m: Sequence[float], edges_m: Sequence[float]
) -> RecordedFacts | None:
    """What the clock of a cleaned track says; None where it has none, or a planned one.

    Bands of altitude end at *edges_m*; time is counted above each of *above_m*.
    """
    if track.is_route or np.isfinite(track.time_s).sum() < 2:
        return None
    windows = windows_of(track)
    if not windows.edge_s[-1] > windows.edge_s[0] or windows.is_even() or why_planned(track):
        return None
    elapsed_s = seconds(float(windows.edge_s[-1] - windows.edge_s[0])) or 0
    moving_s = seconds(windows.moving_s) or 0
    return RecordedFacts(
        start=utc(float(windows.edge_s[0])).replace(microsecond=0),
        elapsed_s=elapsed_s,
        moving_s=moving_s,
        stopped_s=elapsed_s - moving_s,
        stops=_recorded_stops(windows),
        altitude_bands=_recorded_bands(windows, profile, edges_m),
        above=_recorded_above(windows, profile, sorted(above_m)),
    )


def _recorded_stops(windows: Windows) -> tuple[RecordedStop, ...]:
    """The stretches of windows that do not move and last long enough."""
    turns = np.flatnonzero(np.diff(windows.moving)) + 1
    found = []
    for first, last in pairwise([0, *turns.tolist(), len(windows.moving)]):
        lasts_s = float(windows.edge_s[last] - windows.edge_s[first])
        if windows.moving[first] or lasts_s < STOP_S:
            continue
        found.append(
            RecordedStop(
                distance_m=metres(float(windows.edge_m[first])) or 0.0,
                after_s=seconds(float(windows.edge_s[first] - windows.edge_s[0])) or 0,
                stop_s=seconds(lasts_s) or 0,
            )
        )
    return tuple(found)


def _recorded_bands(
    windows: Windows, profile: Profile, edges_m: Sequence[float]
) -> tuple[RecordedBand, ...] | None:
    """Time between altitudes, and below the first and above the last of them."""
    cells = profile.cells
    if cells is None:
        return None
    clock_s = np.interp(cells.edge_m, windows.edge_m, windows.edge_s)
    each_s = apart(by_altitude(cells, np.diff(clock_s), edges_m), 0)
    return tuple(
        RecordedBand(from_m=metres(low), to_m=metres(high), elapsed_s=int(elapsed_s))
        for (low, high), elapsed_s in zip(pairwise([None, *edges_m, None]), each_s, strict=True)
    )


def _recorded_above(
    windows: Windows, profile: Profile, levels_m: Sequence[float]
) -> tuple[RecordedBand, ...] | None:
    """Time above each altitude."""
    bands = _recorded_bands(windows, profile, levels_m)
    return bands and tuple(
        RecordedBand(from_m=metres(m), to_m=None, elapsed_s=sum(b.elapsed_s for b in bands[k:]))
        for k, m in enumerate(levels_m, 1)
    )
