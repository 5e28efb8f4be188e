"""Metres and seconds as people read them: the units of a picture, distances, heights, clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOUR_S = 3600.0
EXACT_BELOW_S = 24.0 * HOUR_S  # shorter durations are written with their minutes


@dataclass(frozen=True)
class Units:
    """What one unit is in metres, what it is called, and which altitudes to stress."""

    distance_m: float
    distance: str
    height_m: float
    height: str
    marked: tuple[float, ...]  # altitudes, in the unit of height

    def distance_text(self, metres: float) -> str:
        """``49 km``; short ones get a decimal."""
        value = metres / self.distance_m
        return f"{value:,.1f} {self.distance}" if value < 9.95 else f"{value:,.0f} {self.distance}"

    def height_text(self, metres: float) -> str:
        """``2,834 m``."""
        return f"{_whole(metres / self.height_m)} {self.height}"

    def gain_text(self, metres: float) -> str:
        """``+3,874 m``."""
        return f"+{self.height_text(metres)}"


UNITS: dict[str, Units] = {
    "metric": Units(1000.0, "km", 1.0, "m", (2000.0, 3000.0)),
    "imperial": Units(1609.344, "mi", 0.3048, "ft", (8000.0, 10000.0)),
}


def _whole(value: float) -> str:
    """Rounded, with thousands apart and a true minus sign; never a negative zero."""
    return f"{round(value):,}".replace("-", "\N{MINUS SIGN}")


def duration_text(seconds: float, exact_below_s: float = EXACT_BELOW_S) -> str:
    """``101 h``; shorter than a day ``7 h 25``; under an hour minutes alone."""
    minutes = round(seconds / 60.0)
    if seconds >= exact_below_s:
        return f"{round(seconds / HOUR_S):,} h"
    if 0 < minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes % 60 else f"{minutes // 60} h"


def range_text(low_s: float, high_s: float, exact_below_s: float = EXACT_BELOW_S) -> str:
    """``25-36 h`` with a dash as print has it; short ones ``3 h 10-4 h 05``."""
    if high_s >= exact_below_s:
        return f"{low_s / HOUR_S:,.0f}\N{EN DASH}{high_s / HOUR_S:,.0f} h"
    return f"{duration_text(low_s)}\N{EN DASH}{duration_text(high_s)}"


def clock_text(start: datetime, elapsed_s: float) -> str:
    """``Sun 19:45``, local: through UTC, so that a change of the clocks is kept."""
    utc = start.astimezone(UTC) + timedelta(seconds=round(elapsed_s / 60.0) * 60)
    local = utc.astimezone(start.tzinfo)
    return f"{DAYS[local.weekday()]} {local:%H:%M}"


def percent_text(fraction: float) -> str:
    """``49 %``, from the thousandths that the tables say it from."""
    return f"{round(100.0 * round(fraction, 3), 6):.0f} %"
