"""A course that is known by its length and climb alone -> a made one of those figures.

Even climbs and descents with some flat between them: nothing but a way to ask the estimator
what such figures take. It goes nowhere on earth.
"""

from __future__ import annotations

import re

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN, Course, CourseError, Stage, Track
from gpxstage.profile import measure

# Judgement: what lies nearest to the estimator's times on 20 real courses of the same figures
CLIMB_M, FLAT_SHARE, MIDDLE_M = 500.0, 0.30, 1000.0  # a climb's height; of the way; altitude
POINT_M = 20.0
EQUATOR_M_PER_DEG = 111_319.490_793  # WGS 84: 2 pi 6,378,137 m / 360
STEEPEST = 0.9  # of gain over half of what is not flat: more is no course
LONGEST_KM = 1500.0
NUMBER = r"(\d[\d ,']*(?:\.\d+)?)"
FORM = re.compile(
    rf"\s*{NUMBER}\s*(km|mi)[\s,/+]+(?:d\+\s*)?{NUMBER}\s*(m|ft)(?:\s*d?\+)?\s*", re.I
)
IN_M = {"km": 1000.0, "mi": 1609.344, "m": 1.0, "ft": 0.3048}


def by_length_and_climb(text: str) -> Course | None:
    """The course of ``106km 6100m``; None for what is no length and climb.

    Raises CourseError for a course that cannot be.
    """
    match = FORM.fullmatch(text)
    if match is None:
        return None
    length, gain = (float(re.sub(r"[ ,']", "", match[k])) for k in (1, 3))
    length_m, gain_m = length * IN_M[match[2].lower()], gain * IN_M[match[4].lower()]
    if not 0.0 < length_m <= 1000.0 * LONGEST_KM:
        raise CourseError(f"{text}: a length is more than 0 and at most {LONGEST_KM:,.0f} km")
    if gain_m > STEEPEST * 0.5 * (1.0 - FLAT_SHARE) * length_m:
        raise CourseError(f"{text}: so much climb on so short a way is no course")
    return made(length_m, gain_m, text.strip())


def made(length_m: float, gain_m: float, name: str = "made") -> Course:
    """A course of a length and a climb, measured as any other."""
    track, wanted_m = _track(length_m, gain_m), gain_m
    measured_m = measure(track).gain_m
    if measured_m and gain_m > 0.0:  # the measuring takes a little off every turn
        track = _track(length_m, wanted_m * wanted_m / measured_m)
    stage = Stage(1, name, track, terrain=DEFAULT_TERRAIN)
    return Course(name, (stage,), terrain_assumed=True)


def _track(length_m: float, gain_m: float) -> Track:
    count = max(round(gain_m / CLIMB_M), 1)
    height_m, long_m = gain_m / count, length_m / count
    turns = np.array([0.5 * FLAT_SHARE, 0.5, 0.5 + 0.5 * FLAT_SHARE, 1.0])  # flat, up, flat, down
    levels = MIDDLE_M + height_m * np.array([-0.5, 0.5, 0.5, -0.5])
    at_m = np.concatenate([[0.0], (np.arange(count)[:, None] + turns).ravel() * long_m])
    high_m = np.concatenate([[MIDDLE_M - 0.5 * height_m], np.tile(levels, count)])
    along_m = np.linspace(0.0, length_m, max(int(length_m / POINT_M), 1) + 1)
    zero, never = np.zeros(len(along_m)), np.full(len(along_m), np.nan)
    return Track(
        zero,
        along_m / EQUATOR_M_PER_DEG,
        np.interp(along_m, at_m, high_m),
        never,
        np.zeros(1, dtype=np.int64),
    )
