"""Units for people: kilometres and miles, hours and clocks. Inside, all is metres and seconds."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Units:
    """How lengths and heights are written."""

    distance: str
    height: str
    m_per_distance: float
    m_per_height: float

    def far(self, length_m: float | None, digits: int = 1) -> str:
        """A distance, without its unit."""
        return "" if length_m is None else f"{length_m / self.m_per_distance:.{digits}f}"

    def high(self, height_m: float | None) -> str:
        """A height or a climb, without its unit."""
        return "" if height_m is None else f"{round(height_m / self.m_per_height):,}"


UNITS = {
    "metric": Units("km", "m", 1000.0, 1.0),
    "imperial": Units("mi", "ft", 1609.344, 0.3048),
}
IMPERIAL_ABOVE_M = tuple(feet * 0.3048 for feet in (5000, 8000, 10_000, 12_000))


def hours(value_s: float | None) -> str:
    """h:mm, with a minus sign where it is late."""
    if value_s is None:
        return ""
    minutes = round(abs(value_s) / 60.0)
    return f"{'-' if value_s < 0 and minutes else ''}{minutes // 60}:{minutes % 60:02d}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share in per cent, without the sign."""
    return "" if share is None else f"{100.0 * share:.{digits}f}"


def clock(iso: str | None) -> str:
    """Day of the week and local time to the nearest minute: "Sun 19:45"."""
    if iso is None:
        return ""
    moment = datetime.fromisoformat(iso) + timedelta(seconds=30)
    return f"{DAYS[moment.weekday()]} {moment:%H:%M}"


def plain(name: str | None) -> str:
    """A name without control characters, on one line."""
    if not name:
        return ""
    kept = (
        " " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c) != "Cc"
    )
    return " ".join("".join(kept).split())
