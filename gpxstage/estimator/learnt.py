"""What was learnt from many people's races and recordings: one table, written by a script.

`scripts/validate.py --learn` fits the table anew; every row says its unit and what it was
fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Learnt:
    """Constants about people; spreads are standard deviations of a log of ability."""

    # one race from another of the same person
    race_middle_mps: float  # towards which one result is drawn
    race_kept: float  # of one result's distance from there
    race_length: float  # of ability, an e-fold of km-effort
    race_steepness: float  # of ability, 100 m more climb a km
    race_scatter: float  # of one result about the ability
    race_apart: float  # more spread, an e-fold of km-effort
    race_again: float  # the next time on the same course
    race_made: float  # more spread, where a course is known by length and climb alone
    race_least_mps: float  # slower or faster results were not seen: the pull grows no further
    race_most_mps: float
    # one outing from others of the same person
    outing_half_life_y: float  # an outing counts half as much after
    outing_length: float  # as for races, in the middle of all people
    outing_length_sd: float  # and between them
    outing_steepness: float
    outing_steepness_sd: float
    outing_scatter: float  # of one outing about the ability
    outing_scatter_counts: float  # for so many outings that counts
    outing_drawn: float  # times that spread is drawn, as a draw changes the one-hour speed alone
    # a level in the fields of races: of ability, an e-fold of km-effort below the UTMB's; and how
    # fields and courses differ, of log time
    level_length_elite: float
    level_length_strong: float
    level_length_mid: float
    level_length_back: float
    level_spread_elite: float
    level_spread_strong: float
    level_spread_mid: float
    level_spread_back: float


@cache
def learnt() -> Learnt:
    """The table as it is shipped."""
    return read(files("gpxstage.estimator").joinpath("learnt.tsv").read_text("utf-8"))


def read(text: str) -> Learnt:
    """A table of name, value, unit and basis."""
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    values = {row[0]: float(row[1]) for row in rows[1:]}
    return Learnt(**{field.name: values[field.name] for field in fields(Learnt)})
