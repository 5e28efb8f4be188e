"""Figures that facts are made of: values with their ranges, bands of a stage, climbs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct, field

N = TypeVar("N", int, float)
Moment = Annotated[datetime, Meta(tz=True)]


class Interval(Struct, Generic[N], frozen=True):
    """The expected value, p50, and the ends of the 80 % range, which need draws."""

    p10: N | None = None
    p50: N | None = None
    p90: N | None = None

    @property
    def ends(self) -> tuple[N, N] | None:
        """p10 and p90, or None without draws."""
        return None if self.p10 is None or self.p90 is None else (self.p10, self.p90)


class HikeFraction(Struct, frozen=True):
    """The hiked share of the moving time and of the distance."""

    of_time: Interval[float] = Interval()
    of_distance: Interval[float] = Interval()


class Official(Struct, frozen=True):
    """What the organiser publishes."""

    length_m: float | None
    gain_m: float | None


class GradeBand(Struct, frozen=True, kw_only=True):
    """The part of a stage between two grades; None is an open end."""

    low: float | None = field(name="from")
    high: float | None = field(name="to")
    distance_m: float
    moving_s: int | None = None
    hike_fraction: float | None = None


class AltitudeBand(Struct, frozen=True, kw_only=True):
    """The part of a stage between two altitudes; None is an open end."""

    from_m: float | None
    to_m: float | None
    distance_m: float
    moving_s: int | None = None
    elapsed_s: int | None = None


class Above(Struct, frozen=True, kw_only=True):
    """The part of a stage above an altitude."""

    m: float
    distance_m: float
    moving_s: int | None = None
    elapsed_s: int | None = None


class Night(Struct, frozen=True):
    """The part of a stage in the dark."""

    distance_m: float
    moving_s: int


class ClimbFacts(Struct, frozen=True, kw_only=True):
    """A climb or a descent."""

    name: str | None
    from_m: float
    to_m: float
    length_m: float
    height_m: float
    mean_grade: float
    steepest_grade: float | None
    moving_s: int | None = None
    hike_fraction: float | None = None
