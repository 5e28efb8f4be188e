"""Numbers as people read and type them: units, how a value is rounded, how it is written.

Inside, everything is metres, seconds, kilograms and fractions. A value is rounded here and
nowhere else, in two steps: to what report.json holds (a decimetre, a second, a thousandth), then,
halves upwards, to what is shown. So tables, pictures, pages, calendars and watch files agree.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date as date_of_calendar
from datetime import datetime
from typing import TYPE_CHECKING

from gpxstage.walltime import moment, to_the_minute, zone_where_twice

if TYPE_CHECKING:
    from collections.abc import Mapping

MILE_M, FOOT_M, POUND_KG = 1609.344, 0.3048, 0.45359237  # international yard and pound, 1959
FLUID_OUNCE_L = 231.0 * 0.0254**3 * 1000.0 / 128.0  # a US gallon is 231 cubic inches
MINUTE_S, HOUR_S = 60.0, 3600.0
# the units that people type, in metres and in kilograms
LONG_M = {
    **dict.fromkeys(("km", "k", "kms", "kilometre", "kilometres"), 1000.0),
    **dict.fromkeys(("kilometer", "kilometers"), 1000.0),
    **dict.fromkeys(("mi", "mile", "miles"), MILE_M),
}
HIGH_M = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet"), FOOT_M),
}
LENGTH_M = LONG_M | HIGH_M
MASS_KG = {
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), 1.0),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), POUND_KG),
}
AMOUNT = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*([a-z]+)", re.ASCII)
SHOWN_S = 0.5 * MINUTE_S  # a shorter time is written as 0:00
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Hours, and the minutes to which a range is shown below them (judgement: from seed to seed, the
# ends of 200 draws for the middle of the Tor des Géants scatter by 16 min at 36 h, 36 min at 59 h,
# 32 min at 102 h and 128 min at 167 h, one standard deviation of 20 seeds)
RANGE_STEPS = ((24.0, 5), (72.0, 30), (math.inf, 60))
EXACT_BELOW_S = 24.0 * HOUR_S  # a picture writes shorter durations with their minutes
SHORT_DISTANCE = 9.95  # a picture writes shorter distances with a decimal


# rounding


def metres(value: float | None) -> float | None:
    """To a decimetre; None where the value is unknown or not finite."""
    return _nearest(value, 1)


def seconds(value: float | None) -> int | None:
    """To a second; kilocalories likewise."""
    found = _nearest(value, 0)
    return None if found is None else int(found)


def fraction(value: float | None) -> float | None:
    """To a thousandth."""
    return _nearest(value, 3)


def _nearest(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    scale = 10.0**digits  # as numpy rounds, so that parts and their sums agree
    return round(float(value) * scale) / scale + 0.0


def half_up(value: float, digits: int = 0) -> float:
    """Rounded with halves away from zero; 0.5 shows as 1 everywhere."""
    scale = 10.0**digits
    return math.copysign(math.floor(round(abs(value) * scale, 6) + 0.5) / scale, value) + 0.0


def minutes(value_s: float) -> int:
    """Whole minutes of a moment or a duration; a half counts upwards."""
    return math.floor(round(value_s) / MINUTE_S + 0.5)


def minutes_left(value_s: float) -> int:
    """Whole minutes of a margin: the minutes of a cutoff less the minutes of the arrival."""
    return -minutes(-value_s)


def elapsed_minutes(from_s: float, to_s: float) -> int:
    """From one moment to another in whole minutes, as the difference of what is shown."""
    return minutes(to_s) - minutes(from_s)


# what people type


def amount(text: str, units: Mapping[str, float]) -> float | None:
    """A number with its unit, as ``9,000 ft``, in what *units* count in; None for other texts."""
    found = AMOUNT.fullmatch(text.strip().lower())
    if found is None or found[2] not in units or not found[1].strip("+-"):
        return None
    value = float(found[1].replace(",", "")) * units[found[2]]
    return value if math.isfinite(value) else None


# numbers


def figure(value: float, digits: int = 0) -> str:
    """A number for programs: no thousands apart, an ordinary minus, never a negative zero."""
    return f"{half_up(value, digits):.{max(digits, 0)}f}"


def number(value: float, digits: int = 0) -> str:
    """A number for people: thousands apart, a true minus sign, never a negative zero."""
    return f"{half_up(value, digits):,.{max(digits, 0)}f}".replace("-", MINUS)


def percent(share: float | None, digits: int = 0) -> str:
    """A share in per cent, without the sign of per cent."""
    return "" if share is None else number(100.0 * (fraction(share) or 0.0), digits)


def percent_text(share: float) -> str:
    """``49 %``."""
    return f"{percent(share)} %"


def band(low: float | None, high: float | None, unit: str) -> str:
    """A band with open ends: "10 to 20 %", "above 5,500 m"; the values as they are shown."""
    if low is None:
        return f"below {number(high or 0.0)} {unit}"
    if high is None:
        return f"above {number(low)} {unit}"
    return f"{number(low)} to {number(high)} {unit}"


# lengths, heights, weights


@dataclass(frozen=True)
class Units:
    """How lengths, weights and water are written, and which altitudes are round in them."""

    distance: str
    height: str
    mass: str
    volume: str
    m_per_distance: float
    m_per_height: float
    kg_per_mass: float
    l_per_volume: float
    above_m: tuple[float, ...]  # thresholds of altitude that people ask about
    edges_m: tuple[float, ...]  # of the bands of altitude
    marked: tuple[float, ...]  # altitudes that a picture stresses, in the unit of height

    def far(self, length_m: float | None, digits: int = 1) -> str:
        """A distance, without its unit."""
        return "" if length_m is None else number(self._far(length_m, digits), digits)

    def high(self, height_m: float | None) -> str:
        """A height or a climb, without its unit."""
        return "" if height_m is None else number(self._high(height_m))

    def far_figure(self, length_m: float | None, digits: int = 2) -> str:
        """A distance for programs."""
        return "" if length_m is None else figure(self._far(length_m, digits), digits)

    def high_figure(self, height_m: float | None) -> str:
        """A height or a climb for programs."""
        return "" if height_m is None else figure(self._high(height_m))

    def _far(self, length_m: float, digits: int) -> float:
        value = (metres(length_m) or 0.0) / self.m_per_distance
        for shown in range(2, digits - 1, -1):  # each from the finer one that is shown elsewhere
            value = half_up(value, shown)
        return value

    def _high(self, height_m: float) -> float:
        return half_up((metres(height_m) or 0.0) / self.m_per_height)

    def distance_text(self, length_m: float) -> str:
        """``49 km``; short ones get a decimal."""
        short = length_m / self.m_per_distance < SHORT_DISTANCE
        return f"{self.far(length_m, 1 if short else 0)} {self.distance}"

    def height_text(self, height_m: float) -> str:
        """``2,834 m``."""
        return f"{self.high(height_m)} {self.height}"

    def gain_text(self, gain_m: float) -> str:
        """``+3,874 m``."""
        return f"+{self.height_text(gain_m)}"

    def speed_text(self, speed_mps: float) -> str:
        """``11.3 km/h``."""
        return f"{self.speed(speed_mps)} {self.distance}/h"

    def speed(self, speed_mps: float) -> str:
        """How far in an hour, without its unit."""
        return number(HOUR_S * speed_mps / self.m_per_distance, 1)

    def mass_text(self, mass_kg: float) -> str:
        """``5.0 kg``."""
        return f"{number(mass_kg / self.kg_per_mass, 1)} {self.mass}"

    def water(self, volume_l: float | None, digits: int = 1) -> str:
        """A volume, without its unit; ounces are small enough for whole ones."""
        value = None if volume_l is None else volume_l / self.l_per_volume
        return "" if value is None else number(value, digits if self.volume == "l" else 0)

    def pace(self, moving_s: float | None, length_m: float) -> str:
        """Minutes and seconds for a kilometre or a mile."""
        if moving_s is None or not length_m > 0.0:
            return ""
        each_s = int(half_up(moving_s / length_m * self.m_per_distance))
        return f"{each_s // 60}:{each_s % 60:02d}"


def _feet(*heights: float) -> tuple[float, ...]:
    return tuple(FOOT_M * feet for feet in heights)


UNITS = {
    "metric": Units(
        distance="km",
        height="m",
        mass="kg",
        volume="l",
        m_per_distance=1000.0,
        m_per_height=1.0,
        kg_per_mass=1.0,
        l_per_volume=1.0,
        above_m=(1500.0, 2000.0, 2500.0, 3000.0, 3500.0),
        edges_m=(0.0, 500.0, 2000.0, 3000.0, 5500.0),  # Bärtsch & Saltin 2008
        marked=(2000.0, 3000.0),
    ),
    "imperial": Units(
        distance="mi",
        height="ft",
        mass="lb",
        volume="fl oz",
        m_per_distance=MILE_M,
        m_per_height=FOOT_M,
        kg_per_mass=POUND_KG,
        l_per_volume=FLUID_OUNCE_L,
        above_m=_feet(5000, 8000, 10_000, 12_000),
        edges_m=_feet(0, 1500, 6500, 10_000, 18_000),  # the metric ones at the nearest 500 feet
        marked=(8000.0, 10_000.0),
    ),
}


def unit_of(distance: str) -> Units:
    """The units in which ``km`` or ``mi`` is the distance. Raises ValueError for another one."""
    for unit in UNITS.values():
        if unit.distance == distance:
            return unit
    raise ValueError(f"{distance!r} is neither km nor mi")


# durations


def hours(value_s: float | None, *, signed: bool = False) -> str:
    """h:mm; a margin is *signed*, and negative where it is late."""
    if value_s is None:
        return ""
    whole = minutes_left(value_s) if signed else minutes(value_s)
    sign = MINUS if whole < 0 else "+" if signed else ""
    return f"{sign}{abs(whole) // 60}:{abs(whole) % 60:02d}"


def range_s(low_s: float, high_s: float) -> tuple[float, float]:
    """A range of p10 to p90, widened to the round minutes or hours that the draws know.

    Where both are the same minute, as where a runner has been already, nothing changes.
    """
    if minutes(low_s) == minutes(high_s):
        return low_s, high_s
    step_s = MINUTE_S * next(step for most_h, step in RANGE_STEPS if high_s < most_h * HOUR_S)
    return step_s * (round(low_s) // step_s), -step_s * (-round(high_s) // step_s)


def hms(value_s: float) -> str:
    """h:mm:ss, as flat races are timed; m:ss below an hour."""
    whole, rest = divmod(round(value_s), 60)
    return f"{whole // 60}:{whole % 60:02d}:{rest:02d}" if whole >= 60 else f"{whole}:{rest:02d}"


def spoken(value_s: float) -> str:
    """A duration in a sentence: "128 h 12 min"."""
    whole = minutes(value_s)
    words = [f"{whole // 60:,} h"] if whole >= 60 else []
    if whole % 60 or not words:
        words.append(f"{whole % 60} min")
    return " ".join(words)


def spoken_left(value_s: float) -> str:
    """A margin in a sentence, without its sign."""
    return spoken(MINUTE_S * abs(minutes_left(value_s)))


def duration_text(value_s: float, exact_below_s: float = EXACT_BELOW_S) -> str:
    """In a picture: ``101 h``; shorter than a day ``7 h 25``; under an hour minutes alone."""
    whole = minutes(value_s)
    if value_s >= exact_below_s:
        return f"{number(whole / 60.0)} h"
    if 0 < whole < 60:
        return f"{whole} min"
    return f"{whole // 60:,} h {whole % 60:02d}" if whole % 60 else f"{whole // 60:,} h"


def range_text(low_s: float, high_s: float, exact_below_s: float = EXACT_BELOW_S) -> str:
    """In a picture: ``25-36 h`` with a dash as print has it; short ones ``3 h 10-4 h 05``.

    Where both ends are written alike, it is one duration.
    """
    low_s, high_s = range_s(low_s, high_s)
    if high_s >= exact_below_s:
        low_h, high_h = math.floor(low_s / HOUR_S), math.ceil(high_s / HOUR_S)
        first, last = number(low_h), number(high_h)
        return f"{first} h" if first == last else f"{first}{DASH}{last} h"
    first, last = duration_text(low_s), duration_text(high_s)
    return first if first == last else f"{first}{DASH}{last}"


# moments


def clock_text(start: datetime, after_s: float) -> str:
    """Day and local time some seconds after a start: "Sun 19:45"."""
    return clock(moment(start, round(after_s)))


def clock(when: datetime | None) -> str:
    """Day of the week and local time to the nearest minute: "Sun 19:45".

    A time that comes twice has the name of the zone's time behind it: "Sun 02:45 CET".
    """
    if when is None:
        return ""
    there = to_the_minute(when)
    return f"{DAYS[there.weekday()]} {_of_day(there)}"


def _of_day(there: datetime) -> str:
    return f"{there:%H:%M} {zone_where_twice(there)}".rstrip()


def day(when: datetime | None) -> str:
    """Day of the week and date: "Sun 14 Sep"."""
    return "" if when is None else _day(to_the_minute(when))


def local(when: datetime | None) -> str:
    """Date and time as spreadsheets read them: "2025-09-14 19:45"."""
    return "" if when is None else f"{to_the_minute(when):%Y-%m-%d %H:%M}"


def date(when: datetime) -> str:
    """A whole date with its local time: "Sun 14 Sep 2025 10:00"."""
    there = to_the_minute(when)
    return f"{_day(there)} {there.year} {_of_day(there)}"


def written_day(day: date_of_calendar) -> str:
    """A day of the calendar with its year: "14 Sep 2025"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _day(there: datetime) -> str:
    return f"{DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1]}"
