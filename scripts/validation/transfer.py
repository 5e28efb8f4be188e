"""Finish times carried with what past results say: of a race's terrain, and of its field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from gpxstage.estimator.fit.field_terrain import PLACES, Fields
from validation import events, fields
from validation.events import Event
from validation.fields import Edition
from validation.folders import Folders
from validation.page import percent, rms, signed, table

Told = dict[tuple[str, str], np.ndarray]  # by source and target: errors (cases, percentiles)
TURNS = 12  # until the time of a place and the field that needs it agree
KNOWN = {
    "fields": "what fields of that length are made of; no results of the race",
    "terrain": "the terrain of both races from their results (what `--past` does)",
    "both": "the terrain of both races, and what fields are made of",
}
TOP = """\
### With past results

`gpxstage fit --race` finds a race's terrain from its past results, by what fields elsewhere are
made of: gpxstage/estimator/fields.tsv, a line over the logarithm of the hours for each place. For
each race-year that is scored, that table is made anew without it, the target's terrain is found
from its **other** years and the source's from all of its own. *Fields*: a place's ability is moved
by what the table says of fields of the two lengths, since long races draw fewer slow runners: that
asks for the same **place** elsewhere, without it for the same **runner**. In the table, UTMB and
Tor stand on the terrain at which the constants were fitted. **Chosen with these cases in view:**
that terrain's prior is wide (0.4 ± 0.3), and how far fields differ (3 %), of a few values tried.
"""
FOUND = """\
### The terrains found, and the fields on them

By all years. *Stronger*: the ability of a place on that terrain over what fields elsewhere make
likely. A field that is stronger as a whole and a course that is smoother look the same: the spread
says so.
"""


@dataclass(frozen=True, eq=False)
class Before:
    """What is known before a race-year is run: the table, terrains, the target's own past."""

    table: Fields
    terrain: dict[str, float]
    spread: dict[str, float]  # of the terrains
    target_h: np.ndarray | None  # (percentiles) of its other years


@cache
def before(folders: Folders, name: str, year: int, *, results: bool = True) -> Before:
    """Known of all races but for a race-year; without *results* nothing of that race is."""
    known: list[Edition] = []
    for edition in events.editions(folders):
        if edition.name != name:
            known.append(edition)
        elif results:
            known.append(edition.without(year))
    made, _ = fields.build(known)
    found = {edition.name: fields.found(edition, made) for edition in known}
    terrain = {each: told_.terrain for each, told_ in found.items()}
    spread = {each: told_.spread for each, told_ in found.items()}
    own = {edition.name: edition.needed.hours for edition in known}
    return Before(made, terrain, spread, own.get(name))


@cache
def told(folders: Folders, how: str) -> Told:
    """Errors of all pairs: *how* is one of KNOWN."""
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    all_events = events.events(folders)
    for target in all_events:
        for j, year in enumerate(target.years):
            known = before(folders, target.name, year, results=how != "fields")
            for source in (event for event in all_events if event is not target):
                for hours in source.results_h:
                    guess = _guess(known, source, hours, target, moved=how != "terrain")
                    error = guess / target.results_h[j] - 1.0
                    found.setdefault((source.name, target.name), []).append(error)
    return {pair: np.array(errors) for pair, errors in found.items()}


def _guess(
    known: Before, source: Event, hours: np.ndarray, target: Event, *, moved: bool
) -> np.ndarray:
    """The target's hours for each percentile of a source's."""
    terrain = known.terrain.get(target.name, target.terrain)
    ability = source.ability(hours, known.terrain[source.name])
    guess = target.finish_h(ability, terrain)
    if not moved:
        return guess
    here = ability - known.table.log_mps(tuple(PLACES), hours)
    for _ in range(TURNS):
        needs = guess if known.target_h is None else known.target_h
        guess = target.finish_h(here + known.table.log_mps(tuple(PLACES), needs), terrain)
    return guess


def figures(told_: Told) -> list[str]:
    """Median and rms, in per cent: 10th to 90th percentile, and with the winner."""
    errors = np.concatenate(list(told_.values()))
    cells = []
    for part in (errors[:, 1:], errors):
        cells += [percent(float(np.median(np.abs(part)))), percent(rms(part))]
    return cells


def section(folders: Folders, plain: dict[str, Told]) -> str:
    """Ours beside what is told without past results, or by other means with them."""
    rows = [[name, *figures(errors)] for name, errors in plain.items()]
    rows += [[f"**ours**, {what}", *figures(told(folders, how))] for how, what in KNOWN.items()]
    head = ("known", "10th to 90th percentile: median error, %", "rms",
            "with the winner: median error, %", "rms")  # fmt: skip
    return "\n".join([TOP, table(head, rows), _by_pair(folders), FOUND, _found(folders)])


def _by_pair(folders: Folders) -> str:
    rows = []
    for pair in told(folders, "terrain"):
        row = [" → ".join(pair)]
        for how in KNOWN:
            errors = told(folders, how)[pair]
            row += [percent(float(np.median(np.abs(errors[:, 1:]))))]
            row += [" ".join(signed(float(each), 0) for each in errors.mean(axis=0))]
        rows.append(row)
    head = ["ours: median error, % (10th to 90th); bias winner 10th 25th 50th 75th 90th"]
    for what in ("fields", "terrain", "both"):
        head += [what, "bias"]
    return table(head, rows)


def _found(folders: Folders) -> str:
    known = events.editions(folders)
    made, _ = fields.build(known)
    rows = []
    for edition in known:
        found = fields.found(edition, made)
        years = f"{edition.name}, {len(edition.years)} year{'s' if len(edition.years) > 1 else ''}"
        stronger = [signed(float(share)) for share in found.stronger]
        rows.append([years, f"{found.terrain:.2f} ± {found.spread:.2f}", *stronger])
    head = ("race", "terrain", "winner stronger by, %", "10th", "25th", "50th", "75th", "90th")
    return table(head, rows)
