"""What may happen on the way: plain numbers that others read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MoreSleep:
    """A sleep that would lower the chance of a collapse."""

    stage: int  # number
    point: str
    sleep_s: float  # beside what is slept there as planned
    probability: float  # of a collapse, with it


@dataclass(frozen=True)
class Collapse:
    """A runner who has to lie down by the trail.

    Chance and cost are of the draws; place and hour are where it is likeliest on the expected way,
    None where too few collapse. ``after`` and ``before`` are the halts on either side.
    """

    probability: float
    stage: int | None = None  # number
    distance_m: float | None = None  # from the stage's start
    elapsed_s: float | None = None  # on the race's clock; of a staged race, the stage's
    after: str | None = None
    before: str | None = None
    cost_s: float | None = None  # of those who collapse, in the whole race: p50
    cost_p90_s: float | None = None
    ends_probability: float = 0.0  # share of all draws whose race a collapse ends
    more_sleep: MoreSleep | None = None  # the one that lowers it most
