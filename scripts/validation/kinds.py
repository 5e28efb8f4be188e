"""Levels against the fields of races whose own results are not used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist

import numpy as np

from gpxstage.estimator.learnt import Learnt, ground_of
from gpxstage.estimator.runner import LEVEL_MPS
from validation import axis, pairs
from validation.folders import Folders
from validation.pairs import EIGHT_OF_TEN

SHARES = {"strong": 0.10, "mid": 0.50, "back": 0.90}  # of the field in front
COLUMNS = {"elite": "winner_h", "strong": "p10_h", "mid": "median_h", "back": "p90_h"}
NEAR, PER_PLACE = 0.15, -0.17  # in normal deviates of the place; log ability a deviate (judgement)
FULL_KM = 273.0  # km-effort of the UTMB: levels are places in its field and the Tor's
HELD = 0.80  # of the fields there are; of left-out races a little less


@dataclass(frozen=True, eq=False)
class Fields:
    """n places of fields: what the level there would need, and what the field did."""

    event: np.ndarray  # names
    level: np.ndarray  # names
    effort_km: np.ndarray
    log_mps: np.ndarray  # of the ability that the field's time asks for
    axes: np.ndarray  # (n, abilities) log hours on the course
    log_h: np.ndarray  # the field's time


@cache
def by_places(folders: Folders) -> Fields:
    """Single finishers of pairs near a level's place; courses by kilometres and climb."""
    found, rows = pairs.by_figures(folders), folders.rows("results/same-person-pairs.tsv")
    quantile, seen, kept = NormalDist().inv_cdf, set(), []
    for n, row in enumerate(rows):
        for k, side in enumerate("ab"):
            if row["source"] != "A" or not row[f"place_{side}"]:
                continue
            count = float(row[f"finishers_{side}"])
            share = (float(row[f"place_{side}"]) - 0.5) / count
            race = (row[f"race_{side}"], row[f"year_{side}"])
            for level, at in SHARES.items():
                off = quantile(at) - quantile(min(max(share, 1e-3), 1.0 - 1e-3))
                if abs(off) <= NEAR and (race, level) not in seen:
                    seen.add((race, level))
                    kept.append((n, k, level, PER_PLACE * off))
            if row[f"place_{side}"] == "1":
                kept.append((n, k, "elite", 0.0))
    n, k = (np.array([each[j] for each in kept]) for j in (0, 1))
    axes = np.array([found.axes[b][a] for a, b in zip(n, k, strict=True)])
    log_mps = found.logs[n, k] + np.array([each[3] for each in kept])
    return Fields(
        found.events[n, k],
        np.array([each[2] for each in kept]),
        found.effort_km[n, k],
        log_mps,
        axes,
        np.array([axis.hours(a, v) for a, v in zip(axes, log_mps, strict=True)]),
    )


@cache
def by_results(folders: Folders) -> Fields:
    """Winner, 10th, 50th and 90th percentile of 30 race-years of 12 races."""
    courses, kept = {}, []
    for row in folders.rows("results/fields.tsv"):
        key = row["gpx"] or row["race"]
        if key not in courses:
            courses[key] = _course(folders, row)
        ground_km, course_axis = courses[key]
        for level, column in COLUMNS.items():
            if row[column]:
                log_h = float(np.log(float(row[column])))
                ability = axis.ability(course_axis, log_h)
                kept.append((row["race"], level, ground_km, ability, course_axis, log_h))
    event, level, effort_km, log_mps, axes, log_h = zip(*kept, strict=True)
    return Fields(*(np.array(each) for each in (event, level, effort_km, log_mps, axes, log_h)))


def _course(folders: Folders, row: dict[str, str]) -> tuple[float, np.ndarray]:
    """The km-effort and the axis of a course, by its track or by its figures."""
    if row["gpx"]:
        course, profiles = folders.measured(f"courses/{row['gpx']}")
        length_m = sum(profile.length_m for profile in profiles)
        gain_m = sum(profile.gain_m or 0.0 for profile in profiles)
        ground = ground_of(length_m, gain_m)
        return ground.effort_km, axis.log_hours(axis.push_for(course, profiles))
    km, gain_m = float(row["km"]), float(row["gain_m"])
    rows = axis.made_courses().axes(np.array([km]), np.array([gain_m / km]))
    return km + gain_m / 100.0, rows[0]


def shorter(effort_km: np.ndarray) -> np.ndarray:
    """E-folds of km-effort below those of the races that the levels stand for."""
    return np.minimum(np.log(effort_km / FULL_KM), 0.0)


def fit(sets: tuple[Fields, ...], known: Learnt, without: str = "") -> Learnt:
    """How much weaker fields of shorter races are, level by level, and how fields differ.

    The sets count alike. The spread is of log time: what holds 80 % of the fields.
    """
    used = [each.event != without for each in sets]
    for level, mps in LEVEL_MPS.items():
        mine = [(each.level == level) & u for each, u in zip(sets, used, strict=True)]
        below = np.concatenate([shorter(s.effort_km[m]) for s, m in zip(sets, mine, strict=True)])
        off = np.concatenate([s.log_mps[m] for s, m in zip(sets, mine, strict=True)]) - np.log(mps)
        weight = np.concatenate([np.full(m.sum(), 1.0 / max(m.sum(), 1)) for m in mine])
        slope = float((weight * off) @ below / ((weight * below) @ below))
        known = replace(known, **{f"level_length_{level}": slope})
        size = np.concatenate([np.abs(miss(s, known))[m] for s, m in zip(sets, mine, strict=True)])
        spread = pairs.quantile(size, weight, HELD) / EIGHT_OF_TEN
        known = replace(known, **{f"level_spread_{level}": spread})
    return known


def miss(each: Fields, known: Learnt) -> np.ndarray:
    """(n,) log hours of the level over the field's."""
    slope = np.array([getattr(known, f"level_length_{level}") for level in each.level])
    mps = np.array([LEVEL_MPS[level] for level in each.level])
    told = np.log(mps) + slope * shorter(each.effort_km)
    rows = zip(each.axes, told, each.log_h, strict=True)
    return np.array([axis.hours(row, value) - real for row, value, real in rows])
