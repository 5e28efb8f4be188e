"""What is doubtful about the clock, the kinds and the heights of a race: notes, and no errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.course import track_distance_m
from gpxstage.text import counted, listed
from gpxstage.units import FOOT_M, HOUR_S, hours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from gpxstage.course import Array, Course, Point, Stage
    from gpxstage.racefile.rows import PointRow, StageRow

# Judgement, all of them: what no race asks for, and what a slip of the pen looks like.
# After so many hours between two cutoffs, a slower way between them is doubtful. Where many sleep,
# races have 14 h for 17 km; a cutoff of a wrong day is usually 18 to 24 h late.
WAITS_H_KMH = ((18.0, 1.25), (12.0, 0.8))
SLOWEST_KMH, FASTEST_KMH = 0.2, 15.0  # of a time limit; 0.2 is a tenth of what races ask for
SAME_H = 0.1  # a limit this close to the finish's cutoff is the same
ZONE_H = 3.0  # between the clock of a zone and the sun; the west of China is 3 h off
WEEK_H = 6.0 * 24.0  # a day of the week that is later is perhaps that of another week
FEW_POINTS = 3  # a list of fewer points may be one of names alone


@dataclass(frozen=True)
class Closing:
    """A cutoff on one clock: the place, how far from the start, how long after it."""

    name: str
    after_h: float
    at_km: float | None = None
    text: str = ""  # as a table writes it, where it is a time of day without a date
    weekly: bool = False  # a day of the week
    rolled: bool = False  # such a time that was read as that of the day after the one before it
    stage: int = 0  # its number, in a race that is read


def legs(closings: Sequence[Closing]) -> list[str]:
    """Notes of cutoffs that no race would have: of a wrong day, before another, out of reach."""
    notes = []
    before = Closing("the start", 0.0, 0.0)
    for here in closings:
        if here.at_km is not None and here.at_km > FASTEST_KMH * here.after_h:
            notes.append(
                f'the cutoff at "{here.name}", {hours(HOUR_S * here.after_h)} after the start, asks'
                f" for {here.at_km / here.after_h:.0f} km/h"
            )
        if late := _late(here, before):
            notes.append(late)
        if here.after_h >= before.after_h:
            before = here
    return notes


def _late(here: Closing, before: Closing) -> str:
    """A note of a cutoff that comes a day after the one before it for no reason."""
    way_km, wait_h = _way_km(here, before), here.after_h - before.after_h
    first = before.name == "the start"
    of_day = bool(here.text) and not here.weekly
    unknown = way_km is None and not here.rolled
    if unknown or not _is_slow(wait_h, way_km) or (first and of_day):
        return ""
    if here.rolled:
        return f"{_is_before(here, before)}: it was read as the next day, {_later(here, before)}"
    place = before.name if first else f'the one at "{before.name}"'
    far = "" if way_km is None else f" for {way_km:.1f} km"
    return (
        f'the cutoff at "{here.name}" is {hours(HOUR_S * wait_h)} after {place}{far}:'
        " its day may be wrong"
    )


def pushed(here: Closing, before: Closing | None, end_h: float | None) -> str:
    """Why a time of day cannot be that of the day after the cutoff before it; "" where it can.

    *end_h* is the least of the dated cutoffs after it. A wait that no race has for a way that is
    known is another reason, and so it is for a day of the week that has become one of the next.
    """
    if here.after_h >= WEEK_H and here.weekly:
        first = before or Closing("the start", 0.0, 0.0)
        way_km = _way_km(here, first)
        slow = way_km is not None and _is_slow(here.after_h - first.after_h, way_km)
        late = f'the cutoff at "{here.name}", {here.text}, would be {hours(HOUR_S * here.after_h)}'
        return f"{late} after the start" if slow else ""
    if not here.rolled or before is None:
        return ""
    if end_h is not None and here.after_h > end_h:
        return f"{_is_before(here, before)}, and on the next day after one that follows"
    way_km = _way_km(here, before)
    if way_km is None or not _is_slow(here.after_h - before.after_h, way_km):
        return ""
    return f"{_is_before(here, before)}, and on the next day {_later(here, before)}"


def _way_km(here: Closing, before: Closing) -> float | None:
    if here.at_km is None or before.at_km is None:
        return None
    return here.at_km - before.at_km


def _is_slow(wait_h: float, way_km: float | None) -> bool:
    """Whether a wait between two cutoffs is a long one, and too long for the way where known."""
    slow = [kmh for most_h, kmh in WAITS_H_KMH if wait_h > most_h]
    return bool(slow) and (way_km is None or way_km < slow[0] * wait_h)


def _is_before(here: Closing, before: Closing) -> str:
    was = f", {before.text}" if before.text else ""
    return f'the cutoff at "{here.name}", {here.text}, is before that at "{before.name}"{was}'


def _later(here: Closing, before: Closing) -> str:
    way_km = _way_km(here, before)
    far = "" if way_km is None else f" for {way_km:.1f} km"
    return f"{hours(HOUR_S * (here.after_h - before.after_h))} later{far}"


def backwards(closings: Sequence[Closing]) -> list[str]:
    """Notes of cutoffs that are earlier than one before them."""
    notes, latest = [], Closing("", 0.0)
    for here in closings:
        if here.after_h < latest.after_h:
            where = f"stage {here.stage}: " if here.stage else ""
            notes.append(
                f'{where}the cutoff at "{here.name}" is earlier than the one at "{latest.name}"'
                " before it"
            )
        else:
            latest = here
    return notes


def closings(stages: Sequence[Stage], *, staged: bool) -> list[list[Closing]]:
    """The cutoffs of a course: of a staged race by stage, of others in one list."""
    found: list[list[Closing]] = [[]]
    before_km = 0.0
    for k, stage in enumerate(stages):
        if staged and k:
            found.append([])
            before_km = 0.0
        for point in stage.points:
            if point.cutoff_s is not None and point.distance_m is not None:
                at_km = before_km + point.distance_m / 1000.0
                after_h = point.cutoff_s / HOUR_S
                found[-1].append(Closing(point.name, after_h, at_km, stage=stage.number))
        before_km += _length_km(stage)
    return found


def disorder(stages: Sequence[Stage], *, staged: bool) -> list[str]:
    """Notes of the cutoffs of a course that are earlier than one before them."""
    return [note for some in closings(stages, staged=staged) for note in backwards(some)]


def of_course(course: Course) -> list[str]:
    """Notes of a course that a race file makes."""
    staged = course.format == "staged"
    listed = closings(course.stages, staged=staged)
    notes = [note for some in listed for note in legs(some)]
    total_km = sum(map(_length_km, course.stages))
    finish = None if staged else course.stages[-1].points[-1]
    notes += _limit("limit_h", course.limit_s, total_km, finish)
    for stage in course.stages:
        finish = stage.points[-1] if staged else None
        says = f"stage {stage.number}: limit_h"
        notes += _limit(says, stage.limit_s, _length_km(stage), finish)
    points = [point for stage in course.stages for point in stage.points]
    return [*notes, *no_kinds([point.kind for point in points[:-1]])]


def no_kinds(kinds: Sequence[str]) -> list[str]:
    """A note of a race whose places are nothing but names; *kinds* are without its finish."""
    if len(kinds) < FEW_POINTS or set(kinds) != {"waypoint"}:
        return []
    return [
        f"none of {counted(len(kinds), 'point')} has a kind: stops cannot be placed:"
        ' write kind = "aid", "water", "crew" or "life-base"'
    ]


def _limit(says: str, limit_s: float | None, length_km: float, finish: Point | None) -> list[str]:
    """Notes of a time limit: as a speed, and beside the cutoff of a finish on the same clock."""
    if limit_s is None:
        return []
    notes, limit_h = [], limit_s / HOUR_S
    kmh = length_km / limit_h
    if not SLOWEST_KMH <= kmh <= FASTEST_KMH:
        notes.append(f"{says} of {limit_h:g} h for {length_km:.1f} km asks for {kmh:.2g} km/h")
    if finish is None or finish.cutoff_s is None:
        return notes
    if abs(finish.cutoff_s / HOUR_S - limit_h) > SAME_H:
        notes.append(
            f'{says} is {hours(HOUR_S * limit_h)}, and the cutoff at "{finish.name}"'
            f" {hours(finish.cutoff_s)} after the start"
        )
    return notes


def zone(name: str, tz: tzinfo, lon_deg: float, start: datetime | None) -> list[str]:
    """A note of a time zone that is far from a place: its clock and the sun differ by hours."""
    at = (start or datetime(2026, 1, 1)).replace(tzinfo=tz)
    offset_h = (at.utcoffset() or timedelta()).total_seconds() / HOUR_S
    off_h = (offset_h - lon_deg / 15.0 + 12.0) % 24.0 - 12.0
    if abs(off_h) <= ZONE_H:
        return []
    side = "ahead of" if off_h > 0.0 else "behind"
    return [
        f'timezone "{name}" (UTC{offset_h:+g}) is {abs(off_h):.0f} h {side} the sun at the start'
        f" ({abs(lon_deg):.1f}° {'east' if lon_deg >= 0.0 else 'west'}): it may be the wrong one"
    ]


def _length_km(stage: Stage) -> float:
    end_m = stage.points[-1].distance_m if stage.points else None
    return (end_m or 0.0) / 1000.0


# Heights of an organiser's table beside those of the track. A place that is known by its kilometre
# alone is wrong by as much as this is, and nothing else shows it. All is judgement: on the flat a
# height says nothing, on a slope of 10 % the doubt of a kilometre explains a tenth of itself.
HEIGHT_M = 60.0  # heights of maps, models and barometers differ by less
HEIGHT_GRADE = 0.10
DOUBT_M, DOUBT = 1500.0, 0.02  # of a stated kilometre; the less of both, as a share of it
FITS_M = 10.0  # a height is the same
STEP_M = 10.0  # between the places that are looked at
MOST = 8  # notes of single places; of more the table or the track as a whole is in doubt
FEET = (2.9, 3.7)  # heights this many times as high as the track are feet
FEW = 3  # fewer heights say nothing of a unit


def of_rows(rows: Sequence[PointRow], points: Sequence[Point]) -> list[Point | None]:
    """The point that each row of a stage became, by its name, in order; None where it is none."""
    found: list[Point | None] = []
    end = len(points)
    for row in reversed(rows):  # the row of the start is no point, though its name may be
        here = next((k for k in reversed(range(end)) if points[k].name == row.name), None)
        found.append(None if here is None else points[here])
        end = end if here is None else here
    return found[::-1]


def heights(course: Course, stages: Sequence[StageRow]) -> list[str]:
    """Notes of the points whose height on the track is far from that of the table.

    *course* is what the rows make. Where another place within the doubt of the km is as high as
    the table says, the note proposes the nearest one.
    """
    notes, count = [], 0
    for stage, row in zip(course.stages, stages, strict=True):
        known = np.isfinite(stage.track.elevation_m)
        if not known.any():
            continue
        along_m, height_m = track_distance_m(stage.track)[known], stage.track.elevation_m[known]
        given = [
            (point, wanted, placed.distance_m)
            for point, placed in zip(row.points, of_rows(row.points, stage.points), strict=True)
            if (wanted := point.elevation_m) is not None
            and placed is not None
            and placed.distance_m is not None
        ]
        borders_m = [0.0, *(at_m for _, _, at_m in given), float(along_m[-1])]
        high = [wanted for _, wanted, _ in given]
        there = [float(np.interp(at_m, along_m, height_m)) for _, _, at_m in given]
        ratios = [a / b for a, b in zip(high, there, strict=True) if b > 0.0]
        are_feet = len(ratios) >= FEW and FEET[0] <= float(np.median(ratios)) <= FEET[1]
        unit = FOOT_M if are_feet else 1.0
        count += len(given)
        for k, (point, wanted, at_m) in enumerate(given):
            doubt_m = min(DOUBT_M, DOUBT * at_m)
            if abs(there[k] - wanted * unit) <= max(HEIGHT_M, HEIGHT_GRADE * doubt_m):
                continue
            between = (borders_m[k], borders_m[k + 2]) if point.lat_deg is None else (at_m, at_m)
            nearest_m = _nearest_m(along_m, height_m, wanted * unit, at_m, between)
            notes.append(_height(point.name, wanted * unit, at_m, there[k], nearest_m))
    if len(notes) > MOST:
        return [
            f"the heights of {len(notes)} of {count} points are not those of the track: the km of"
            f" the table, its heights or those of the track may be wrong: {listed(notes, 1)}"
        ]
    return notes


def _nearest_m(
    along_m: Array, height_m: Array, wanted_m: float, at_m: float, between: tuple[float, float]
) -> float | None:
    """The nearest place of a height, between two other points; None where there is none."""
    first_m, last_m = max(between[0], at_m - DOUBT_M), min(between[1], at_m + DOUBT_M)
    places_m = np.arange(first_m, last_m, STEP_M)
    fits = places_m[np.abs(np.interp(places_m, along_m, height_m) - wanted_m) <= FITS_M]
    return float(fits[np.argmin(np.abs(fits - at_m))]) if len(fits) else None


def _height(
    name: str, wanted_m: float, at_m: float, there_m: float, nearest_m: float | None
) -> str:
    says = (
        f'"{name}" is at {wanted_m:,.0f} m in the table, and the track at km {at_m / 1000.0:.1f}'
        f" is at {there_m:,.0f} m"
    )
    if nearest_m is None:
        return f"{says}: check where it is"
    way = f"{abs(nearest_m - at_m) / 1000.0:.1f} km {'farther' if nearest_m > at_m else 'before'}"
    return f"{says}; it is as high as that at km {nearest_m / 1000.0:.1f}, {way}: check its km"
