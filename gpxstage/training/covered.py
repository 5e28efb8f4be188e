"""What is covered on a clock: cumulative figures, and what lies between any two moments.

A race that is estimated and an outing that was recorded become the same thing here: a clock with
figures that grow along it. Days, weeks and races are then differences of two readings, so parts
always add up to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo
from gpxstage.facts.parts import apart
from gpxstage.facts.workload import AltitudeTime, Amounts, GradeTime
from gpxstage.profile import GRADE_EDGES
from gpxstage.units import FOOT_M

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import StageEstimate
    from gpxstage.facts.parts import Part

# altitudes above which hours are counted: the ones of which mountain runners speak (judgement)
ABOVE_M = {
    "metric": (2000.0, 2500.0, 3000.0),
    "imperial": (6500.0 * FOOT_M, 8000.0 * FOOT_M, 10_000.0 * FOOT_M),
}
OPEN_GRADES = np.array([-np.inf, *GRADE_EDGES, np.inf])
BANDS = tuple(pairwise([None, *GRADE_EDGES, None]))


def total(parts: Sequence[Amounts]) -> Amounts:
    """The sum of one or more parts; unknown where a part is unknown."""
    first = parts[0]
    grades = zip(*(part.by_grade for part in parts), strict=True)
    heights = zip(*(part.above for part in parts), strict=True)
    return Amounts(
        round(sum(part.length_m for part in parts), 1),
        round(sum(part.gain_m for part in parts), 1),
        round(sum(part.loss_m for part in parts), 1),
        sum(part.elapsed_s for part in parts),
        sum(part.moving_s for part in parts),
        _known(part.hiked_s for part in parts),
        _known(part.dark_s for part in parts),
        _known(part.energy_kcal for part in parts),
        tuple(
            replace(
                band,
                length_m=round(sum(same.length_m for same in bands), 1),
                moving_s=sum(same.moving_s for same in bands),
            )
            for band, bands in zip(first.by_grade, grades, strict=True)
        ),
        tuple(
            replace(level, elapsed_s=sum(same.elapsed_s for same in levels))
            for level, levels in zip(first.above, heights, strict=True)
        ),
    )


def _known(values: Iterable[int | None]) -> int | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if len(known) == len(found) else None


@dataclass(frozen=True, eq=False)
class Covered:
    """A clock of m+1 rising moments, and what is covered until each of them."""

    clock_s: Array  # (m+1,)
    length_m: Array
    gain_m: Array
    loss_m: Array
    moving_s: Array
    grade_m: Array  # (9, m+1) by the bands of grade
    grade_s: Array  # (9, m+1)
    above_s: Array  # (k, m+1) on the clock
    above_m: tuple[float, ...]
    hiked_s: Array | None = None
    dark_s: Array | None = None
    energy_kcal: Array | None = None

    @property
    def arrays(self) -> dict[str, Array]:
        """The figures that are known, by name, the clock among them."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if isinstance(value, np.ndarray)}

    def with_arrays(self, arrays: Mapping[str, Any]) -> Covered:
        """The same with other figures, by name."""
        return replace(self, **arrays)

    def at_m(self, clock_s: float) -> float:
        """The distance at a moment."""
        return float(np.interp(clock_s, self.clock_s, self.length_m))

    def between(self, moments_s: Sequence[float]) -> list[Amounts]:
        """What lies between each two neighbours of some rising moments.

        Before the first moment of the clock and after its last nothing is covered.
        """
        at_s = np.clip(np.asarray(moments_s, dtype=np.float64), self.clock_s[0], self.clock_s[-1])
        read = {name: geo.at_distance(at_s, self.clock_s, v) for name, v in self.arrays.items()}
        metres = {
            name: _apart(read[name], 1) for name in ("length_m", "gain_m", "loss_m", "grade_m")
        }
        seconds = {
            name: _apart(read[name], 0).astype(int)
            for name in read
            if name not in metres and name != "above_s"
        }
        above_s = _apart(read["above_s"], 0).astype(int)
        return [
            self._amounts(
                {name: value[..., k] for name, value in metres.items()},
                {name: value[..., k] for name, value in seconds.items()},
                above_s[:, k],
            )
            for k in range(len(at_s) - 1)
        ]

    def whole(self) -> Amounts:
        """All that is covered."""
        return self.between([float(self.clock_s[0]), float(self.clock_s[-1])])[0]

    def _amounts(
        self, metres: dict[str, Array], seconds: dict[str, Array], above_s: Array
    ) -> Amounts:
        def whole(name: str) -> int | None:
            return int(seconds[name]) if name in seconds else None

        return Amounts(
            float(metres["length_m"]),
            float(metres["gain_m"]),
            float(metres["loss_m"]),
            int(seconds["clock_s"]),
            int(seconds["moving_s"]),
            whole("hiked_s"),
            whole("dark_s"),
            whole("energy_kcal"),
            tuple(
                GradeTime(low, high, float(length_m), int(moving_s))
                for (low, high), length_m, moving_s in zip(
                    BANDS, metres["grade_m"], seconds["grade_s"], strict=True
                )
            ),
            tuple(
                AltitudeTime(m, int(elapsed_s))
                for m, elapsed_s in zip(self.above_m, above_s, strict=True)
            ),
        )


def _apart(read: Array, digits: int) -> Array:
    """Steps of one or several cumulative figures, rounded so that they add up."""
    rows = np.atleast_2d(read)
    steps = [apart(np.diff(row), digits, float(row[0])) for row in rows]
    return np.array(steps).reshape(*read.shape[:-1], -1)


def above_shares(elevation_m: Array, above_m: Sequence[float]) -> Array:
    """(k, n) share of each of n cells that lies above each altitude; *elevation_m* is (n+1,)."""
    edges = np.array([-np.inf, *above_m, np.inf])
    shares = geo.band_shares(elevation_m[:-1], elevation_m[1:], edges)
    return np.asarray(np.cumsum(shares[:, ::-1], axis=1)[:, ::-1][:, 1:].T)


def grade_shares(grade: Array) -> Array:
    """(9, n) 1 where a cell of that grade lies in a band of grades, else 0."""
    return np.asarray(geo.band_shares(grade, grade, OPEN_GRADES).T)


def of_stage(part: Part, above_m: Sequence[float]) -> Covered:
    """An estimated stage on the clock that its arrivals count from, each stop at its place.

    Length, climb and times end at what the facts of the stage have, so that all faces agree.
    """
    cells, estimate = part.profile.cells, part.estimate
    assert cells is not None
    assert estimate is not None
    at_m, clock_s = _clock(cells.edge_m, estimate)

    def along(cell_values: Array, digits: int | None = None) -> Array:
        sums = geo.so_far(cell_values)
        if digits is not None and sums[-1] > 0.0:
            sums *= np.round(sums[-1], digits) / sums[-1]
        return np.asarray(geo.at_distance(at_m, cells.edge_m, sums))

    moving_s, shares = along(estimate.cell_s, 0), grade_shares(cells.grade)
    level_m = np.interp(at_m, cells.edge_m, cells.elevation_m)
    ascent_m, descent_m = part.profile.climbed_m(cells.edge_m)
    optional = {
        name: along(value, 0)
        for name in ("hiked_s", "dark_s", "energy_kcal")
        if (value := getattr(estimate, name)) is not None
    }
    return strictly(
        Covered(
            clock_s,
            along(cells.length_m, 1),
            along(ascent_m, 1),
            along(descent_m, 1),
            moving_s,
            along(shares * cells.length_m),
            along(shares * estimate.cell_s),
            geo.so_far(above_shares(level_m, above_m) * np.diff(clock_s)),
            tuple(above_m),
            **optional,
        )
    )


def _clock(edge_m: Array, estimate: StageEstimate) -> tuple[Array, Array]:
    """Distances that never fall and the clock there: a stop's distance comes twice."""
    stop_m = np.clip([stop.distance_m for stop in estimate.stops], 0.0, edge_m[-1])
    at_m = np.unique(np.concatenate([edge_m, stop_m]))
    at_m = np.repeat(at_m, np.where(np.isin(at_m, stop_m), 2, 1))  # arriving and leaving
    leaving = np.append(False, np.diff(at_m) == 0.0)
    clock_s = estimate.arrivals_s(at_m)
    for place_m, stop in zip(stop_m, estimate.stops, strict=True):
        clock_s += np.where(leaving & (at_m == place_m), stop.stop_s, 0.0)
    return at_m, clock_s


def strictly(covered: Covered) -> Covered:
    """The same on a clock that rises at every step.

    Of moments at one time the last is kept, at the begin the first: what is covered in no time
    counts in the step beside it.
    """
    rises = np.diff(covered.clock_s) > 0.0
    kept = np.append(rises, True)
    if rises.any():
        kept[int(np.argmax(rises))] = False
        kept[0] = True
    return covered.with_arrays({name: v[..., kept] for name, v in covered.arrays.items()})


def joined(parts: Sequence[Covered]) -> Covered:
    """Parts that follow each other on one clock as one."""
    found = {name: [value] for name, value in parts[0].arrays.items()}
    for part in parts[1:]:
        for name, value in part.arrays.items():
            begin = found[name][-1][..., -1:] if name != "clock_s" else 0.0
            found[name].append(value[..., 1:] + begin)
    whole = {name: np.concatenate(values, axis=-1) for name, values in found.items()}
    return parts[0].with_arrays(whole)
