"""A track or a route while its file is read: columns of numbers that grow point by point."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np

from gpxstage.course import Point, Track

NAN = float("nan")


@dataclass(slots=True)
class Line:
    """A track or route in the making: a column is padded with NaN up to where it is set."""

    is_route: bool
    name: str = ""
    lat_deg: array[float] = field(default_factory=lambda: array("d"))
    lon_deg: array[float] = field(default_factory=lambda: array("d"))
    elevation_m: array[float] = field(default_factory=lambda: array("d"))
    columns: dict[str, array[float]] = field(default_factory=dict)
    segment_starts: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)  # of points of a route, by their index
    symbols: dict[int, str] = field(default_factory=dict)

    def named_points(self) -> list[Point]:
        """The points of a route that have a name."""
        return [
            Point(
                name,
                lat_deg=self.lat_deg[k],
                lon_deg=self.lon_deg[k],
                elevation_m=self.elevation_m[k] if np.isfinite(self.elevation_m[k]) else None,
                symbol=self.symbols.get(k, ""),
            )
            for k, name in self.names.items()
        ]

    def put(self, column: str, value: float) -> None:
        """Set a value of the last point; the first one given counts."""
        values = self.columns.get(column)
        if values is None:
            values = self.columns[column] = array("d")
        missing = len(self.lat_deg) - len(values)
        if missing > 1:
            values.extend([NAN] * (missing - 1))
        if missing > 0:
            values.append(value)

    def track(self) -> Track:
        n = len(self.lat_deg)
        full = {
            name: np.concatenate([np.asarray(values), np.full(n - len(values), NAN)])
            for name, values in self.columns.items()
        }
        absent = np.full(n, NAN)
        starts = {0} | {start for start in self.segment_starts if start < n}
        return Track(
            np.asarray(self.lat_deg),
            np.asarray(self.lon_deg),
            np.asarray(self.elevation_m),
            full.pop("time_s", absent),
            np.array(sorted(starts)),
            name=self.name,
            is_route=self.is_route,
            **full,
        )
