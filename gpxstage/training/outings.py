"""Outing -> what it covered on the clock of its own place, and which outings share an hour.

Hiking is by the cadence where that was recorded, and else by the gait that the model expects at
that grade and speed. Energy is by the same costs as an estimate's, without a pack. What was ridden
(too fast for feet) counts nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import timezone as fixed
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage import geo
from gpxstage.estimator import gait
from gpxstage.estimator.engine import J_PER_KCAL, RESTING_W_PER_KG
from gpxstage.estimator.fit.recordings import APART_M
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.text import listed
from gpxstage.training.covered import Covered, above_shares, grade_shares, strictly
from gpxstage.units import HOUR_S, hours
from gpxstage.walltime import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.fit.recordings import Outing
    from gpxstage.estimator.runner import Runner

DEG_PER_HOUR = 15.0
SAME_ZONE_S = 3.0 * HOUR_S  # clocks in summer are up to two and a half ahead of the sun (judgement)
FEW_M, FEW_SHARE = 100.0, 0.01  # of a length ridden: less is an error of the receiver (judgement)
PIECE = 64  # nodes of an outing that are compared with the course at once
YEARS, YEAR_S = 10.0, 31_556_952.0  # judgement: receivers whose weeks begin anew are 19.6 years off
SHARED_S = 60.0  # two outings that share less follow each other (judgement)


def zone_s(outing: Outing, timezone: str | None = None) -> float:
    """Seconds from UTC to the clock where an outing begins: recordings hold no zone.

    It is the clock of *timezone* where that is within three hours of the sun's time there, as
    near the race, and else the sun's time in whole hours.
    """
    sun_s = HOUR_S * float(np.round(outing.push.lon_deg[0] / DEG_PER_HOUR))
    if timezone is not None:
        offset = utc(outing.start_s).astimezone(ZoneInfo(timezone)).utcoffset()
        if offset is not None and abs(offset.total_seconds() - sun_s) <= SAME_ZONE_S:
            return offset.total_seconds()
    return sun_s


def begins(outing: Outing, from_utc_s: float) -> datetime:
    """The start on a clock that is so many seconds ahead of UTC."""
    here = fixed(timedelta(seconds=from_utc_s))
    return utc(outing.start_s).astimezone(here).replace(microsecond=0)


def of_outing(
    outing: Outing, runner: Runner, above_m: Sequence[float], from_utc_s: float = 0.0
) -> Covered:
    """What an outing covered, in seconds since 1970 on a clock so far ahead of UTC."""
    cells = outing.profile.cells
    assert cells is not None
    foot = 1.0 - outing.ridden
    length_m, moving_s = foot * cells.length_m, foot * outing.cell_s
    hiked = hiked_shares(outing, runner)
    ascent_m, descent_m = outing.profile.climbed_m(cells.edge_m)
    shares, lasts_s = grade_shares(cells.grade), foot * np.diff(outing.edge_s)
    return strictly(
        Covered(
            outing.start_s + from_utc_s + outing.edge_s,
            geo.so_far(length_m),
            geo.so_far(foot * ascent_m),
            geo.so_far(foot * descent_m),
            geo.so_far(moving_s),
            geo.so_far(shares * length_m),
            geo.so_far(shares * moving_s),
            geo.so_far(above_shares(cells.elevation_m, above_m) * lasts_s),
            tuple(above_m),
            hiked_s=geo.so_far(hiked * moving_s),
            dark_s=geo.so_far(outing.dark * moving_s),
            energy_kcal=geo.so_far(energy_kcal(outing, runner, hiked) * foot),
        )
    )


def hiked_shares(outing: Outing, runner: Runner) -> Array:
    """(n,) share of each cell's moving time that is hiked."""
    by_model = hiked_by_model(outing, runner)
    if outing.hiked is None:
        return by_model
    return np.where(np.isfinite(outing.hiked), outing.hiked, by_model)


def hiked_by_model(outing: Outing, runner: Runner) -> Array:
    """(n,) hiked shares by the grade and the speed: the model's change of gait."""
    grade = outing.push.grade
    own_mps = gait.own_shift_mps(grade, runner.gait_shift_mps, runner.gait_down_mps)
    terrain, weight = outing.push.terrain, runner.gait_weight
    change = gait.Change(grade, terrain, weight, JUDGEMENT, shift_mps=own_mps)
    return change.hiked(_speed_mps(outing))


def _speed_mps(outing: Outing) -> Array:
    """(n,) speed along the surface while moving."""
    surface_m = np.diff(outing.push.edge_m) * np.sqrt(1.0 + outing.push.grade**2)
    return np.asarray(surface_m / np.maximum(outing.cell_s, 1.0))


def energy_kcal(outing: Outing, runner: Runner, hiked: Array) -> Array:
    """(n,) energy of moving: what the metres cost by gait and grade, and the rest beside it."""
    grade, mps = outing.push.grade, _speed_mps(outing)
    running = gait.running_cost_j_per_kg_m(grade) * mps
    walking = gait.Walking(grade, 0.0, JUDGEMENT.walk_cost).power(mps)
    net = hiked * np.minimum(walking, running) + (1.0 - hiked) * running
    return np.asarray(runner.body_kg * (net + RESTING_W_PER_KG) * outing.cell_s / J_PER_KCAL)


def cadence_share(outings: Sequence[Outing]) -> float:
    """The share of all moving time whose gait is known by cadence."""
    known_s = sum(
        float(outing.cell_s[np.isfinite(outing.hiked)].sum())
        for outing in outings
        if outing.hiked is not None
    )
    return known_s / max(sum(outing.moving_s for outing in outings), 1e-9)


def doubts(outings: Sequence[Outing], noted: Sequence[str]) -> list[str]:
    """Notes of what may not be one person's training: shared hours, rides, far-off zones.

    *noted* are the notes of reading: a pair of outings that one of them names is not noted again.
    """
    found = []
    for outing in outings:
        ridden_m = float(outing.ridden @ np.diff(outing.push.edge_m))
        if ridden_m > max(FEW_M, FEW_SHARE * float(outing.push.edge_m[-1])):
            found.append(f"{outing.where}: {ridden_m / 1000.0:.1f} km too fast for feet: left out")
    found += [*_of_other_years(outings), *_shared(outings, noted)]
    zones = sorted({zone_s(outing) for outing in outings})
    if zones[-1] - zones[0] > 2.0 * HOUR_S:
        west, east = (f"UTC{z / HOUR_S:+.0f}" for z in (zones[0], zones[-1]))
        found.append(
            f"the recordings are from places between {west} and {east}: each day and week is that"
            " of the place where the outing began"
        )
    return found


def _of_other_years(outings: Sequence[Outing]) -> list[str]:
    """A note of the fewer outings, where many years lie between them and the others."""
    order = sorted(outings, key=lambda outing: outing.start_s)
    found = []
    for k, (one, two) in enumerate(pairwise(order), 1):
        years = (two.start_s - one.start_s) / YEAR_S
        if years > YEARS:
            early = 2 * k <= len(order)
            fewer, side = (order[:k], "before") if early else (order[k:], "after")
            names = listed(list(dict.fromkeys(outing.where for outing in fewer)))
            found.append(
                f"{names}: recorded {years:.0f} years {side} the others: if that clock is wrong,"
                " the last weeks are, too"
            )
    return found


def _shared(outings: Sequence[Outing], noted: Sequence[str]) -> list[str]:
    """A note for each two outings that share some of their time."""
    found = []
    order = sorted(outings, key=lambda outing: outing.start_s)
    for k, one in enumerate(order):
        end_s = one.start_s + float(one.edge_s[-1])
        for two in order[k + 1 :]:
            if two.start_s >= end_s:
                break
            shared_s = min(end_s, two.start_s + float(two.edge_s[-1])) - two.start_s
            if shared_s < SHARED_S or _is_noted(one, two, noted):
                continue
            if _apart_m(one, two, two.start_s + 0.5 * shared_s) > APART_M:
                why = "in two places: are these two people? Both count"
            else:
                why = "in one place: it counts twice"
            found.append(f"{one.where} and {two.where} share {hours(shared_s)} h {why}")
    return found


def _is_noted(one: Outing, two: Outing, noted: Sequence[str]) -> bool:
    """Whether reading has noted two outings as those of two people."""
    pairs = (one.where, two.where), (two.where, one.where)
    starts = tuple(f"{a}: recorded at the same time as {b} in another place" for a, b in pairs)
    return any(note.startswith(starts) for note in noted)


def _apart_m(one: Outing, two: Outing, at_s: float) -> float:
    """Metres between two outings at a moment."""
    lat, lon = (
        np.array(
            [
                np.interp(at_s - each.start_s, HOUR_S * each.clock_h, getattr(each.push, name))
                for each in (one, two)
            ]
        )
        for name in ("lat_deg", "lon_deg")
    )
    return float(geo.steps_m(lat, lon)[0])


def seen(course_deg: tuple[Array, Array], outings: Sequence[Outing], reach_m: float) -> Array:
    """(n,) 1 where a place of a course lies within *reach_m* of the track of an outing, else 0.

    *course_deg* are latitudes and longitudes. Gaps between the points of an outing are not
    filled: its nodes are 10 m apart.
    """
    lat, lon = course_deg
    found = np.zeros(len(lat), dtype=bool)
    for outing in outings:
        there = outing.profile.lat_deg, outing.profile.lon_deg
        inside = np.flatnonzero(_in_box(there, (lat, lon), reach_m) & ~found)
        for first, last in pairwise([*range(0, len(there[0]), PIECE), len(there[0])]):
            piece = there[0][first:last], there[1][first:last]
            near = inside[_in_box(piece, (lat[inside], lon[inside]), reach_m) & ~found[inside]]
            if len(near):
                pairs = geo.near_pairs((lat[near], lon[near]), piece, reach_m)
                found[near] = pairs.any(axis=1)
    return found.astype(np.float64)


def _in_box(
    piece: tuple[Array, Array], course_deg: tuple[Array, Array], margin_m: float
) -> NDArray[np.bool_]:
    """Which places of a course lie in the box around a piece of a track, with a margin."""
    middle, lat = float(piece[1][0]), course_deg[0]
    east, there = geo.wrap_deg(piece[1] - middle), geo.wrap_deg(course_deg[1] - middle)
    north_m, east_m = geo.metric_m_per_deg(lat)
    up, side = margin_m / north_m, margin_m / east_m
    tall = (lat >= piece[0].min() - up) & (lat <= piece[0].max() + up)
    return np.asarray(tall & (there >= east.min() - side) & (there <= east.max() + side))
