"""Altitude, slope habit, terrain and descents: what the course takes from a runner's speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement

# Wehrlin & Hallén 2006, Eur J Appl Physiol 96:404: VO2max -6.3 % per 1,000 m from 300 m
ALTITUDE_LOSS_PER_KM = 0.063
ALTITUDE_FROM_M = 300.0
# above 2,800 m the loss steepens (the highest chamber altitude of the same study;
# the size is judgement between that line and Operation Everest II)
ALTITUDE_EXTRA_PER_KM = 0.03
ALTITUDE_EXTRA_FROM_M = 2800.0


def altitude_factor(altitude_m: Array, home_m: float, used: float, felt: float) -> Array:
    """Power left at an altitude, of the power at sea level.

    Up to the altitude of home a runner feels the share *used* of the acute loss, above it the
    share *felt*: the same after weeks of acclimatisation, 1 without.
    """
    thin = ALTITUDE_LOSS_PER_KM * np.maximum(altitude_m - ALTITUDE_FROM_M, 0.0) / 1000.0
    at_home = np.minimum(thin, ALTITUDE_LOSS_PER_KM * max(home_m - ALTITUDE_FROM_M, 0.0) / 1000.0)
    extra = ALTITUDE_EXTRA_PER_KM * np.maximum(altitude_m - ALTITUDE_EXTRA_FROM_M, 0.0) / 1000.0
    return np.maximum(1.0 - used * at_home - felt * (thin - at_home) - extra, 0.1)


def slope_factor(grade: Array, constants: Judgement) -> Array:
    """People push uphill and ease downhill (Townshend et al. 2010: about 12 % each way).

    A habit of pacing: over a course its mean in time has to be 1, which the engine sees to.
    """
    up = constants.uphill_push * np.clip(grade / 0.08, 0.0, 1.0)
    down = constants.downhill_ease * np.clip(-grade / 0.10, 0.0, 1.0)
    return 1.0 + up - down


def descent_limit_mps(grade: Array, descent_m_per_h: Array | float) -> Array:
    """Speed along the surface at which a descent loses *descent_m_per_h* vertical metres an hour.

    Infinite on the flat and uphill.
    """
    fall = np.maximum(-grade, 1e-9)
    return descent_m_per_h / 3600.0 * np.sqrt(1.0 + fall**2) / fall


def downhill_cap_mps(grade: Array, flat_mps: Array, gain: Array | float) -> Array:
    """How fast legs turn over downhill: *gain* times the flat speed from -10 % on.

    On the flat and uphill it does not bind (Kay 2012: fell records are fastest at -10.3 %,
    1.23 times the flat speed).
    """
    return flat_mps * gain / np.clip(-grade / 0.10, 1e-3, 1.0)


def wear_factor(descended_m: Array, wear: Array | float, constants: Judgement) -> Array:
    """What earlier descents leave of the descending speed (judgement; Bontemps 2020)."""
    return 1.0 + wear * np.expm1(-descended_m / constants.descent_wear_m)


def terrain_factors(terrain: Array, constants: Judgement) -> tuple[Array, Array, Array, Array]:
    """What roughness leaves of the speed: running level, running up, running down, walking."""
    return (
        1.0 - constants.terrain_run * terrain,
        1.0 - constants.terrain_up * terrain,
        1.0 - constants.terrain_down * terrain,
        1.0 - constants.terrain_walk * terrain,
    )


def soft_minimum(*values: Array) -> Array:
    """The 4-norm soft minimum: near the smallest, a little below where two are close."""
    total = sum(np.maximum(value, 1e-9) ** -4.0 for value in values)
    return np.asarray(total) ** -0.25
