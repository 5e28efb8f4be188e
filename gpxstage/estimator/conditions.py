"""What the course and the day take from a runner's speed: altitude, slope, terrain, heat.

Heat comes by the hour and the height, from a thermometer to the speed that is left. The wet bulb
globe temperature is estimated from air temperature and humidity: by day with the
Australian Bureau of Meteorology's formula for a sunny day with a light wind, in the dark as 0.7 of
the wet bulb (Stull 2011, J Appl Meteorol Clim 50:2267) and 0.3 of the air. The best runners lose
0.3 to 0.4 % a degree above 15 (Mantzios et al. 2022, Med Sci Sports Exerc 54:153; 1,258 races);
of marathons the winners lost 2.8 % from 5-10 to 20-25 degrees and slower runners more (Ely et al.
2007, Med Sci Sports Exerc 39:487). How much more is judgement.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.nouns import WeatherHours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gpxstage.course import Array, Weather
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Push
    from gpxstage.estimator.runner import Runner


# Wehrlin & Hallén 2006, Eur J Appl Physiol 96:404: VO2max -6.3 % per 1,000 m from 300 m
ALTITUDE_LOSS_PER_KM = 0.063
ALTITUDE_FROM_M = 300.0
ALTITUDE_LOSS_ENDS = (0.046, 0.075)  # the same, of the athletes who lost least and most
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


def to_minus_4(value: Array) -> Array:
    """Values to the power of -4, what `softened` takes; products stay products."""
    power = np.maximum(value, 1e-9)
    power *= power
    power *= power
    return np.asarray(np.reciprocal(power, out=power))


def softened(*powers: Array) -> Array:
    """The soft minimum of values that are given `to_minus_4`: the 4-norm.

    It is near the smallest, and a little below where two are close.
    """
    return np.asarray(sum(powers[1:], powers[0]) ** -0.25)


DAY = timedelta(days=1)
LAPSE_C_PER_M = 0.0065  # of the standard atmosphere
COOL_C = 15.0  # WBGT up to which nothing is lost (Mantzios et al. 2022)
FAST_MPS, SLOW_MPS = 5.7, 3.3  # one-hour speeds between which the loss grows (judgement)


def weather_hours(rows: Sequence[Weather], start: datetime | None) -> WeatherHours | None:
    """The rows of a race on the clock of a push; None without rows, or for another day."""
    placed = sorted(rows, key=lambda row: row.at)
    if start is None or not covers(placed, start):
        return None
    height = [np.nan if row.height_m is None else row.height_m for row in placed]
    return WeatherHours(
        np.array([(row.at - start).total_seconds() for row in placed]),
        np.array([row.temperature_c for row in placed]),
        np.array([row.humidity for row in placed]),
        np.array(height),
    )


def covers(rows: Sequence[Weather], start: datetime) -> bool:
    """Whether a start lies among the rows of a weather, or within a day of them."""
    moments = [row.at for row in rows]
    return bool(rows) and min(moments) - DAY <= start <= max(moments) + DAY


def sunny_wbgt_c(temperature_c: Array, humidity: Array) -> Array:
    """WBGT of a sunny day with a light wind (Bureau of Meteorology)."""
    vapour_hpa = humidity * 6.105 * np.exp(17.27 * temperature_c / (237.7 + temperature_c))
    return np.asarray(0.567 * temperature_c + 0.393 * vapour_hpa + 3.94)


def dark_wbgt_c(temperature_c: Array, humidity: Array) -> Array:
    """WBGT without sun: 0.7 of the wet bulb (Stull 2011) and 0.3 of the air."""
    percent = 100.0 * np.clip(humidity, 0.05, 0.99)
    wet_c = (
        temperature_c * np.arctan(0.151977 * np.sqrt(percent + 8.313659))
        + np.arctan(temperature_c + percent)
        - np.arctan(percent - 1.676331)
        + 0.00391838 * percent**1.5 * np.arctan(0.023101 * percent)
        - 4.686035
    )
    return np.asarray(0.7 * wet_c + 0.3 * temperature_c)


def loss_per_degree(flat_speed_mps: Array | float, constants: Judgement) -> Array:
    """Share of speed lost for each degree of WBGT above 15, by ability."""
    slow = np.clip((FAST_MPS - flat_speed_mps) / (FAST_MPS - SLOW_MPS), 0.0, 1.0)
    return np.asarray(constants.heat_loss * (1.0 + (constants.heat_slower - 1.0) * slow))


def wbgt_c(weather: WeatherHours, clock_s: Array, altitude_m: Array, dark: Array) -> Array:
    """WBGT in each of n cells, which a runner enters at *clock_s*; *dark* is a share of 0 to 1."""
    air_c, humidity, height_m = (
        np.interp(clock_s, weather.clock_s, row)
        for row in (weather.temperature_c, weather.humidity, weather.height_m)
    )
    air_c = air_c - LAPSE_C_PER_M * np.where(np.isnan(height_m), 0.0, altitude_m - height_m)
    sunny_c, dark_c = sunny_wbgt_c(air_c, humidity), dark_wbgt_c(air_c, humidity)
    return np.asarray((1.0 - dark) * sunny_c + dark * dark_c)


def heat_kept(
    push: Push, clock_s: Array, dark: Array, runner: Runner, constants: Judgement
) -> Array | float:
    """Share of the speed that the heat leaves in each of n cells; 1 without any weather."""
    weather = push.weather
    if weather is None:
        return 1.0
    felt_c = wbgt_c(weather, clock_s, push.altitude_m, dark)
    lost = loss_per_degree(runner.flat_speed_mps, constants) * np.maximum(felt_c - COOL_C, 0.0)
    return np.asarray(np.maximum(1.0 - lost, constants.heat_floor))
