"""Units for people: kilometres and miles, hours and clocks. Inside, all is metres and seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gpxstage.course import legible
from gpxstage.profile import ABOVE_M

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Units:
    """How lengths and heights are written."""

    distance: str
    height: str
    m_per_distance: float
    m_per_height: float
    above_m: tuple[float, ...]  # the altitudes that people ask about

    def far(self, length_m: float | None, digits: int = 1) -> str:
        """A distance, without its unit."""
        return "" if length_m is None else number(length_m / self.m_per_distance, digits)

    def high(self, height_m: float | None) -> str:
        """A height or a climb, without its unit."""
        return "" if height_m is None else number(height_m / self.m_per_height)

    def pace(self, moving_s: float | None, length_m: float) -> str:
        """Minutes and seconds for a kilometre or a mile."""
        if moving_s is None or not length_m > 0.0:
            return ""
        each_s = round(moving_s / length_m * self.m_per_distance)
        return f"{each_s // 60}:{each_s % 60:02d}"


UNITS = {
    "metric": Units("km", "m", 1000.0, 1.0, ABOVE_M),
    "imperial": Units(
        "mi", "ft", 1609.344, 0.3048, tuple(0.3048 * feet for feet in (5000, 8000, 10_000, 12_000))
    ),
}


def number(value: float, digits: int = 0) -> str:
    """Thousands apart, a true minus sign, never a negative zero."""
    return f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}".replace("-", MINUS)


def hours(value_s: float | None, *, signed: bool = False) -> str:
    """h:mm; a margin shows its sign, and is negative where it is late."""
    if value_s is None:
        return ""
    minutes = round(abs(value_s) / 60.0)
    sign = MINUS if value_s < 0 and minutes else "+" if signed else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02d}"


def spoken(value_s: float) -> str:
    """A duration in a sentence: "128 h 12 min"."""
    minutes = round(value_s / 60.0)
    said = [f"{minutes // 60:,} h"] if minutes >= 60 else []
    if minutes % 60 or not said:
        said.append(f"{minutes % 60} min")
    return " ".join(said)


def percent(share: float | None, digits: int = 0) -> str:
    """A share in per cent, without the sign of per cent."""
    return "" if share is None else number(round(100.0 * share, 6), digits)


def clock(iso: str | None) -> str:
    """Day of the week and local time to the nearest minute: "Sun 19:45"."""
    if iso is None:
        return ""
    moment = _to_the_minute(iso)
    return f"{DAYS[moment.weekday()]} {moment:%H:%M}"


def day(iso: str | None) -> str:
    """Day of the week and date: "Sun 14 Sep"."""
    if iso is None:
        return ""
    moment = _to_the_minute(iso)
    return f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]}"


def local(iso: str | None) -> str:
    """Date and time as spreadsheets read them: "2025-09-14 19:45"."""
    return "" if iso is None else f"{_to_the_minute(iso):%Y-%m-%d %H:%M}"


def _to_the_minute(iso: str) -> datetime:
    return datetime.fromisoformat(iso) + timedelta(seconds=30)


def date(iso: str) -> str:
    """A whole date with its local time: "Sun 14 Sep 2025 10:00"."""
    moment = datetime.fromisoformat(iso)
    day = f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{day} {moment:%H:%M}"


def plain(name: str | None) -> str:
    """A name on one line, without characters that steer a terminal or turn the direction."""
    return " ".join(legible(name or "").split())


def band(low: float | None, high: float | None, unit: str) -> str:
    """A band with open ends: "10 to 20 %", "above 5,500 m"; the values as they are shown."""
    if low is None:
        return f"below {number(high or 0.0)} {unit}"
    if high is None:
        return f"above {number(low)} {unit}"
    return f"{number(low)} to {number(high)} {unit}"
