"""What may happen on the way: plain numbers that others read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gpxstage.course import Array

KSS_MOST = 9.0  # the Karolinska scale's last point


@dataclass(frozen=True, eq=False)
class Alertness:
    """How sleepy the runner is along a stage, at m moments in order; see `estimator.sleepiness`."""

    distance_m: Array  # (m,) from the stage's start; the same through a stop
    elapsed_s: Array  # (m,) on the race's clock
    kss: Array  # (m,) Karolinska scale: 1 very alert, 7 sleepy, 9 fighting sleep; not clipped
    asleep: NDArray[np.bool_]  # (m-1,) slept from this moment to the next

    def __repr__(self) -> str:
        """How many moments and the worst; the arrays are in the fields."""
        return f"<Alertness: {len(self.kss)} moments, KSS {self.kss.max():.1f} at worst>"

    @property
    def worst_on_scale(self) -> float:
        """The sleepiest moment on the scale itself, which ends at 9."""
        return float(min(self.kss.max(), KSS_MOST))

    @property
    def off_scale(self) -> bool:
        """Is the sleepiest moment beyond the scale, to be written 9+?"""
        return bool(self.kss.max() > KSS_MOST)

    @property
    def worst(self) -> int:
        """Which of the moments is the sleepiest."""
        return int(np.argmax(self.kss))

    def above_s(self, kss: float) -> float:
        """Time awake above a level of sleepiness, exact between the moments."""
        low, high = np.sort(np.stack([self.kss[:-1], self.kss[1:]]), axis=0)
        share = np.clip((high - kss) / np.maximum(high - low, 1e-12), 0.0, 1.0)
        return float((share * np.diff(self.elapsed_s))[~self.asleep].sum())


@dataclass(frozen=True)
class MoreSleep:
    """A sleep that would lower the chance of a collapse."""

    stage: int  # number
    point: str
    distance_m: float  # from the stage's start
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
