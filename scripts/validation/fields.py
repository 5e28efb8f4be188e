"""Fields of races with known courses: what each place is made of, and the table of it.

The terrains of the UTMB and of the Tor are those on which the engine's constants were fitted:
they say what the scale means. Those of the other races are found with the table, in turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gpxstage.estimator.fit.field_terrain import (
    PLACES,
    PRIOR,
    REFERENCE_H,
    Chart,
    Fields,
    FoundTerrain,
    Needed,
    find,
)
from validation.folders import ROOT

TABLE = ROOT / "gpxstage" / "estimator" / "fields.tsv"
TURNS = 15
# Judgement: how much a place's ability may grow per unit of ln hours; how far a field lies off
# that line; and the least that fields are said to differ by, there are too few to know
SLOPE_PRIOR, OFF_LINE, LEAST = 0.10, 0.06, 0.02
TOP = """\
# written by scripts/validate.py: the one-hour flat speed (m/s) at each place of a field, where
# that place needs {reference:g} h; slope, of its logarithm per unit of ln hours; spread, of its
# logarithm between fields
# from {races}
# terrains: {terrains}
# sources: finish-times.tsv and tor330-2025-splits.tsv of scripts/validation/facts/results
place\tflat_speed_mps\tslope\tspread
"""


@dataclass(frozen=True, eq=False)
class Edition:
    """Some years of a race: what its field needed, and its course."""

    name: str
    years: tuple[int, ...]
    results_h: np.ndarray  # (years, places)
    finishers: tuple[int, ...]
    chart: Chart
    anchor: float | None = None  # a terrain that is not to be found

    def without(self, year: int) -> Edition:
        """The same race before that year was known."""
        keep = [k for k, known in enumerate(self.years) if known != year]
        return Edition(
            self.name,
            tuple(self.years[k] for k in keep),
            self.results_h[keep],
            tuple(self.finishers[k] for k in keep),
            self.chart,
            self.anchor,
        )

    @property
    def needed(self) -> Needed:
        """As the program takes the results of a race file."""
        hours = np.exp(np.log(self.results_h).mean(axis=0))
        years = len(self.years)
        count, told = (np.full(len(PLACES), float(n)) for n in (sum(self.finishers), years))
        return Needed(tuple(PLACES), hours, count, told, years)


def build(editions: Sequence[Edition]) -> tuple[Fields, dict[str, float]]:
    """The table and the terrains that suit each other."""
    terrains = {e.name: PRIOR if e.anchor is None else e.anchor for e in editions}
    fields = _fields(editions, terrains)
    for _ in range(TURNS):
        for e in editions:
            if e.anchor is None:
                terrains[e.name] = find(e.needed, e.chart, fields).terrain
        fields = _fields(editions, terrains)
    return fields, terrains


def found(edition: Edition, fields: Fields) -> FoundTerrain:
    """What `gpxstage fit --race` would find."""
    return find(edition.needed, edition.chart, fields)


def _fields(editions: Sequence[Edition], terrains: dict[str, float]) -> Fields:
    """A line for each place over ln hours, its slope drawn towards none."""
    hours = np.array([e.needed.hours for e in editions])
    logs = np.array([e.chart.ability(e.needed.hours, terrains[e.name]) for e in editions])
    long = np.log(hours / REFERENCE_H)
    middle, off = long.mean(axis=0), long - long.mean(axis=0)
    shrunk = (off**2).sum(axis=0) + (OFF_LINE / SLOPE_PRIOR) ** 2
    slope = (off * (logs - logs.mean(axis=0))).sum(axis=0) / shrunk
    rest = logs - logs.mean(axis=0) - slope * off
    spread = np.sqrt((rest**2).sum(axis=0) / (len(editions) - 2) + LEAST**2)
    return Fields(tuple(PLACES), np.exp(logs.mean(axis=0) - slope * middle), slope, spread)


def write(editions: Sequence[Edition]) -> None:
    """gpxstage/estimator/fields.tsv."""
    TABLE.write_text(text(editions), encoding="utf-8", newline="\n")


def text(editions: Sequence[Edition]) -> str:
    """The table as it ships."""
    fields, terrains = build(editions)
    top = TOP.format(
        reference=REFERENCE_H,
        races=", ".join(f"{e.name} {_span(e.years)}" for e in editions),
        terrains=", ".join(
            f"{e.name} {terrains[e.name]:.2f}{' (found)' if e.anchor is None else ''}"
            for e in editions
        ),
    )
    columns = (fields.flat_speed_mps, fields.slope, fields.spread)
    rows = zip(fields.places, *columns, strict=True)
    return top + "".join(f"{name}\t{a:.3f}\t{b:.4f}\t{c:.4f}\n" for name, a, b, c in rows)


def _span(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
