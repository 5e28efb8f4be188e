"""Heights of an organiser's table beside those of the track: notes of places that may be elsewhere.

A place that is known by its kilometre alone is wrong by as much as this is, and nothing else shows
it. The constants are judgement: on the flat a height says nothing, on a slope of 10 % the doubt of
a kilometre explains a tenth of itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpxstage.course import track_distance_m
from gpxstage.text import listed
from gpxstage.units import FOOT_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Course, Point
    from gpxstage.racefile.rows import PointRow, StageRow

LEAST_M = 60.0  # heights of maps, models and barometers differ by less
GRADE = 0.10
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
    for row in reversed(
        rows
    ):  # backwards: the row of the start is no point, though its name may be
        here = next((k for k in reversed(range(end)) if points[k].name == row.name), None)
        found.append(None if here is None else points[here])
        end = end if here is None else here
    return found[::-1]


def doubts(course: Course, stages: Sequence[StageRow]) -> list[str]:
    """Notes of the points whose height on the track is far from that of the table.

    *course* is what the rows make. Where another place within the doubt of the km is as high as
    the table says, the note proposes the nearest one.
    """
    notes, given = [], 0
    for stage, row in zip(course.stages, stages, strict=True):
        known = np.isfinite(stage.track.elevation_m)
        if not known.any():
            continue
        along_m, height_m = track_distance_m(stage.track)[known], stage.track.elevation_m[known]
        pairs = [
            (point, wanted, placed.distance_m)
            for point, placed in zip(row.points, of_rows(row.points, stage.points), strict=True)
            if (wanted := point.elevation_m) is not None
            and placed is not None
            and placed.distance_m is not None
        ]
        borders_m = [0.0, *(at_m for _, _, at_m in pairs), float(along_m[-1])]
        high = [wanted for _, wanted, _ in pairs]
        there = [float(np.interp(at_m, along_m, height_m)) for _, _, at_m in pairs]
        unit = FOOT_M if _are_feet(high, there) else 1.0
        given += len(pairs)
        for k, (point, wanted, at_m) in enumerate(pairs):
            doubt_m = min(DOUBT_M, DOUBT * at_m)
            if abs(there[k] - wanted * unit) <= max(LEAST_M, GRADE * doubt_m):
                continue
            between = (borders_m[k], borders_m[k + 2]) if point.lat_deg is None else (at_m, at_m)
            nearest_m = _nearest_m(along_m, height_m, wanted * unit, at_m, between)
            notes.append(_says(point.name, wanted * unit, at_m, there[k], nearest_m))
    if len(notes) > MOST:
        return [
            f"the heights of {len(notes)} of {given} points are not those of the track: the km of"
            f" the table, its heights or those of the track may be wrong: {listed(notes, 1)}"
        ]
    return notes


def _are_feet(high: Sequence[float], there: Sequence[float]) -> bool:
    ratios = [a / b for a, b in zip(high, there, strict=True) if b > 0.0]
    return len(ratios) >= FEW and FEET[0] <= float(np.median(ratios)) <= FEET[1]


def _nearest_m(
    along_m: Array, height_m: Array, wanted_m: float, at_m: float, between: tuple[float, float]
) -> float | None:
    """The nearest place of a height, between two other points; None where there is none."""
    first_m, last_m = max(between[0], at_m - DOUBT_M), min(between[1], at_m + DOUBT_M)
    places_m = np.arange(first_m, last_m, STEP_M)
    fits = places_m[np.abs(np.interp(places_m, along_m, height_m) - wanted_m) <= FITS_M]
    return float(fits[np.argmin(np.abs(fits - at_m))]) if len(fits) else None


def _says(name: str, wanted_m: float, at_m: float, there_m: float, nearest_m: float | None) -> str:
    says = (
        f'"{name}" is at {wanted_m:,.0f} m in the table, and the track at km {at_m / 1000.0:.1f}'
        f" is at {there_m:,.0f} m"
    )
    if nearest_m is None:
        return f"{says}: check where it is"
    way = f"{abs(nearest_m - at_m) / 1000.0:.1f} km {'farther' if nearest_m > at_m else 'before'}"
    return f"{says}; it is as high as that at km {nearest_m / 1000.0:.1f}, {way}: check its km"
