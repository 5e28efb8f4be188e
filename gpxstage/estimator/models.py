"""The plain speed models: one pure function of grade and one row of the table each.

A grade is rise over horizontal run, up is positive. A model says how long a metre takes, either
as a time (seconds per metre at the speed the model itself assumes) or as a factor (relative to
the flat, to multiply a runner's own flat pace). ``pace_s_per_m`` reads both kinds and always
answers in seconds per *horizontal* metre, which is what a profile's cells are measured in.

Rules of hiking were written for a whole leg. Here every one is applied to each cell by itself:
for Naismith, the Swiss formula and km-effort that only means that a leg is the sum of its cells;
for DIN 33466, SAC and Munter it is a choice, and their docstrings say what it changes.

Left out: Irmischer & Clarke 2018, where published code disagrees whether the slope enters with
its sign, and the ACSM equations, which turn negative downhill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gpxstage.estimator.gait import running_cost_j_per_kg_m, walking_cost_j_per_kg_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from gpxstage.course import Array

Kind = Literal["running", "walking", "walking and running", "hiking rule"]

MEASURED = (-0.45, 0.45)  # Minetti et al. 2002, Strava; the steepest cells of a profile
SUPPOSED = (-0.45, 0.45)  # judgement: a curve drawn through data whose range we do not know
UNLIMITED = (-1.0, 1.0)  # judgement: the rule itself names no limit, and 45 degrees is enough


@dataclass(frozen=True, eq=False)
class Model:
    """One row of the table: what a model is called, where it holds, and who says so.

    ``pace`` maps (n,) grades to (n,) factors or seconds per metre. It is None for the engine,
    which needs a runner and not a grade alone. Steeper than ``grade_range`` the grade is clipped.
    """

    name: str
    pace: Callable[[Array], Array] | None
    grade_range: tuple[float, float]  # lowest and highest grade
    kind: Kind
    reference: str  # author, year, where
    what_it_says: str
    is_factor: bool = False  # relative to the flat, for a runner's own pace
    per_surface_metre: bool = False  # measured along the slope, as on a treadmill

    @property
    def flat_speed_mps(self) -> float | None:
        """The model's own speed on the flat; None where it multiplies a runner's."""
        if self.pace is None or self.is_factor:
            return None
        return 1.0 / float(self.pace(np.zeros(1))[0])

    @property
    def knows_runner(self) -> bool:
        """Whether moving time depends on who runs; an easy walking pace is everybody's."""
        return self.pace is None or (self.is_factor and self.kind != "walking")


def pace_s_per_m(model: Model, grade: Array, flat_speed_mps: float | None = None) -> Array:
    """Seconds per horizontal metre at each grade, (n,) from (n,); steeper grades are clipped.

    *flat_speed_mps* is the runner's own speed on the flat. A model that is a factor needs it; one
    that brings its own flat speed does not look at it. Times and factors per metre of surface are
    carried to the horizontal by sqrt(1 + grade^2).
    """
    if model.pace is None:
        raise ValueError(f"{model.name} has no pace by grade alone")
    inside = np.clip(grade, *model.grade_range)
    pace = model.pace(inside)
    if model.per_surface_metre:
        pace = pace * np.sqrt(1.0 + inside**2)
    if not model.is_factor:
        return pace
    if flat_speed_mps is None or not flat_speed_mps > 0.0:
        raise ValueError(f"{model.name} needs a flat speed above 0 m/s, got {flat_speed_mps}")
    return pace / flat_speed_mps


def clipped_share(model: Model, grade: Array, length_m: Array) -> float:
    """Share of the length, 0 to 1, that is steeper than *model* knows; cells are (n,) and (n,)."""
    low, high = model.grade_range
    total_m = float(length_m.sum())
    outside_m = float(length_m[(grade < low) | (grade > high)].sum())
    return min(outside_m / total_m, 1.0) if total_m > 0.0 else 0.0


def minetti(grade: Array) -> Array:
    """Factor per metre of surface, (n,) from (n,): pace at constant power for a runner.

    Cost of running over its cost on the flat, Minetti et al. 2002: ten elite mountain runners on
    a treadmill, grades within +-0.45. The polynomial is 3 to 6 % above the paper's own points:
    level 3.60 for 3.40 J/(kg m), at +0.45 19.4 for 18.9; hence a ratio. Nothing limits the
    speed, so it is far too fast on steep descents.
    """
    return running_cost_j_per_kg_m(grade) / running_cost_j_per_kg_m(np.zeros(1))


def minetti_walk(grade: Array) -> Array:
    """Factor per metre of surface, (n,) from (n,): pace at constant power for a walker.

    Cost of walking over its cost on the flat, Minetti et al. 2002, at the cheapest speed of every
    grade. Near the level the polynomial misses the paper's points by far, 2.50 for 1.64 J/(kg m)
    at 0, 1.13 for 0.81 at -0.10, cheapest at -0.15; at +-0.45 it is within 5 %. So real climbs
    are slower against the flat than this says.
    """
    return walking_cost_j_per_kg_m(grade) / walking_cost_j_per_kg_m(np.zeros(1))


def tobler(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): v = 6 exp(-3.5 |i + 0.05|) km/h, on a path.

    Tobler 1993, drawn through Imhof's table of marching times; fastest at a grade of -0.05.
    """
    return np.asarray(0.6 * np.exp(3.5 * np.abs(grade + 0.05)), dtype=np.float64)


def naismith(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): 5 km/h and 1 h per 600 m of climb.

    Naismith 1892. Langmuir's corrections: 10 min less per 300 m of descent at 5 to 12 degrees,
    10 min more where it is steeper; so the pace jumps at both angles.
    """
    angle_deg = np.degrees(np.arctan(grade))
    per_descent = np.where(angle_deg < -12.0, 2.0, np.where(angle_deg <= -5.0, -2.0, 0.0))
    corrected: Array = per_descent * np.maximum(-grade, 0.0)
    return 0.72 + 6.0 * np.maximum(grade, 0.0) + corrected


SWISS_MIN_PER_KM = (  # of x = 10 grade, constant first
    14.271, 3.6991, 2.5922, -1.4384, 0.32105, 0.81542, -0.090261, -0.20757,
    0.010192, 0.028588, -5.7466e-4, -2.1842e-3, 1.5176e-5, 8.6894e-5, -1.3584e-7, -1.4026e-6,
)  # fmt: skip


def swiss(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): the times on Swiss signposts, no rests.

    A polynomial of degree 15 within grades of 0.4; steeper, the vertical alone counts: 17 min per
    100 m up, 9 min per 100 m down. The two meet with steps of 1.6 %. Schweizer Wanderwege
    (Weber), official since 2006.
    """
    x = 10.0 * grade
    steep = np.where(x > 0.0, 17.0 * x, -9.0 * x)
    gentle = np.polyval(SWISS_MIN_PER_KM[::-1], x)
    return 0.06 * np.where(np.abs(x) < 4.0, gentle, steep)


def din33466(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): 4 km/h, 300 m/h up, 500 m/h down.

    The longer of the horizontal and the vertical time and half of the shorter, DIN 33466. The
    norm compares the two over a leg, here each cell does: the same on an even slope, up to a
    third longer where a leg mixes flat and steep.
    """
    return _longer_and_half(grade, up_m_per_h=300.0, down_m_per_h=500.0)


def sac(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): as DIN 33466 with 400 m/h up, 800 m/h down.

    The Swiss Alpine Club's figures.
    """
    return _longer_and_half(grade, up_m_per_h=400.0, down_m_per_h=800.0)


def _longer_and_half(grade: Array, *, up_m_per_h: float, down_m_per_h: float) -> Array:
    horizontal_s = 3600.0 / 4000.0
    vertical_s = 3600.0 * np.where(grade > 0.0, grade / up_m_per_h, -grade / down_m_per_h)
    return np.maximum(horizontal_s, vertical_s) + 0.5 * np.minimum(horizontal_s, vertical_s)


def munter(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): h = (km + vertical m / 100) / rate.

    The rate is 4 uphill, 6 on the flat and downhill, and descent counts as climb does (Munter, as
    mountain guides teach it). It is chosen for each cell, so the pace jumps at grade 0 and the
    slightest rise is walked at 4 km/h.
    """
    return 3.6 * (1.0 + 10.0 * np.abs(grade)) / np.where(grade > 0.0, 4.0, 6.0)


def km_effort(grade: Array) -> Array:
    """Factor per horizontal metre, (n,) from (n,): 100 m of climb is a flat km; ITRA and UTMB."""
    return 1.0 + 10.0 * np.maximum(grade, 0.0)


def campbell(grade: Array) -> Array:
    """Seconds per horizontal metre, (n,) from (n,): the median of people out on trails.

    A Lorentz curve of the slope angle t in degrees, in m/s: c / (pi b (1 + ((t - a) / b)^2)) +
    d + e t. Campbell et al. 2019, 50th percentile, nearly 30,000 hikers, joggers and runners near
    Salt Lake City. Short outings: far too fast for an ultra. Read as speed on the map.
    """
    a, b, c, d, e = -2.171, 10.064, 63.660, 0.628, -0.00463
    angle_deg = np.degrees(np.arctan(grade))
    speed_mps = c / (np.pi * b * (1.0 + ((angle_deg - a) / b) ** 2)) + d + e * angle_deg
    return 1.0 / speed_mps


GAP_PERCENT = (-45, -30, -25, -20, -15, -10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10, 15, 20, 25, 30, 45)
GAP_FACTOR = (
    2.096, 1.495, 1.273, 1.081, 0.941, 0.876, 0.876, 0.891, 0.918, 0.960, 1.0,
    1.055, 1.135, 1.228, 1.337, 1.459, 1.846, 2.297, 2.727, 3.158, 4.286,
)  # fmt: skip


def strava_gap(grade: Array) -> Array:
    """Factor per horizontal metre, (n,) from (n,): equal heart rate, straight between figures.

    Strava's grade adjusted pace of 2017 is unpublished; these figures were read back from its
    results by A. Schroeder (specialsauce).
    """
    return np.interp(100.0 * grade, GAP_PERCENT, GAP_FACTOR)


def ultrapacer(grade: Array) -> Array:
    """Factor per horizontal metre, (n,) from (n,): a parabola with straight arms, g in per cent.

    1 + 0.034 g + 0.0021 g^2 from -22 to 16, 0.1012 g + 0.4624 above and -0.0584 g - 0.0164 below
    (ultraPacer, its published source).
    """
    g = 100.0 * grade
    middle = 1.0 + 0.034 * g + 0.0021 * g**2
    arms = np.where(g > 0.0, 0.1012 * g + 0.4624, -0.0584 * g - 0.0164)
    return np.where((g >= -22.0) & (g <= 16.0), middle, arms)


COURSE_PERCENT = (-40, -30, -20, -15, -10, -7, -5, 0, 5, 10, 20, 30, 40)
COURSE_FACTOR = (2.63, 1.92, 1.30, 1.06, 0.89, 0.85, 0.85, 1.0, 1.14, 1.43, 2.33, 3.45, 4.55)


def course_generator(grade: Array) -> Array:
    """Factor per horizontal metre, (n,) from (n,): straight between the figures of its table.

    Course Generator 4.6, without its coefficients for distance and altitude.
    """
    return np.interp(100.0 * grade, COURSE_PERCENT, COURSE_FACTOR)


MINETTI_2002 = "Minetti et al. 2002, J Appl Physiol 93:1039, doi:10.1152/japplphysiol.01177.2001"

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model("gait", None, MEASURED, "walking and running",
              "this project: gpxstage/estimator/gait.py, docs/accuracy.md",
              "walks or runs, whichever suits runner, slope and fatigue; the default"),
        Model("minetti", minetti, MEASURED, "running", MINETTI_2002,
              "constant power, by the energy of running", is_factor=True, per_surface_metre=True),
        Model("minetti-walk", minetti_walk, MEASURED, "walking", MINETTI_2002,
              "constant power, by the least energy of walking; give it a flat walking speed",
              is_factor=True, per_surface_metre=True),
        Model("tobler", tobler, SUPPOSED, "walking", "Tobler 1993, NCGIA Technical Report 93-1",
              "6 km/h at -5 %, falling exponentially to both sides"),
        Model("naismith", naismith, UNLIMITED, "hiking rule",
              "Naismith 1892, Scottish Mountaineering Club Journal 2:136; "
              "Langmuir 1984, Mountaincraft and Leadership",
              "5 km/h and 600 m/h of climb; quicker down gentle slopes, slower down steep ones"),
        Model("swiss", swiss, UNLIMITED, "hiking rule", "Schweizer Wanderwege 2006 (Weber)",
              "the times on Swiss signposts"),
        Model("din33466", din33466, UNLIMITED, "hiking rule",
              "DIN 33466, as in the Alpine clubs' AV-Wegekonzept 2009",
              "4 km/h, 300 m/h up, 500 m/h down: the longer time and half of the shorter"),
        Model("sac", sac, UNLIMITED, "hiking rule", "Swiss Alpine Club, undated",
              "as DIN 33466 with 400 m/h up, 800 m/h down"),
        Model("munter", munter, UNLIMITED, "hiking rule", "Munter, undated, a guides' rule",
              "kilometres and hundreds of metres up or down, by 4 an hour uphill, 6 otherwise"),
        Model("km-effort", km_effort, UNLIMITED, "running",
              "ITRA and UTMB, undated, itra.run and utmb.world",
              "100 m of climb is one more kilometre", is_factor=True),
        Model("strava-gap", strava_gap, MEASURED, "running",
              "Strava 2017, as read back by A. Schroeder, github.com/aaron-schroeder/specialsauce",
              "equal heart rate; downhill saves 12 % of the time at most", is_factor=True),
        Model("ultrapacer", ultrapacer, (-0.50, 0.50), "running",
              "ultraPacer, undated, github.com/ultrapacer/ultrapacer",
              "a parabola from -22 to 16 %, straight beyond", is_factor=True),
        Model("course-generator", course_generator, (-0.40, 0.40), "running",
              "Course Generator 4.6, undated, the figures of its speed table",
              "a table of paces for trail races", is_factor=True),
        Model("campbell", campbell, SUPPOSED, "walking and running",
              "Campbell et al. 2019, Applied Geography 106:93",
              "the median of nearly 30,000 people's short outings on trails"),
    )
}  # fmt: skip
