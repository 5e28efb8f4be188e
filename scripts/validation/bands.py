"""How wide a range is: the program's own draws on a course, over the axis of ability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gpxstage.estimator import draws
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Push, Run
from gpxstage.estimator.runner import Runner, at_ability
from validation import levels, races

ABILITIES = np.array([1.6, 2.4, 3.2, 4.2, 6.0])
WIDTHS = np.array([0.0, 0.08, 0.16, 0.32])  # of the ability; between them it is a matter of lines


@dataclass(frozen=True, eq=False)
class Bands:
    """Logs of p10 and p90 over p50 on one course, for abilities and for spreads of ability."""

    table: np.ndarray  # (widths, abilities, 2)

    def at(self, log_mps: np.ndarray, width: np.ndarray) -> np.ndarray:
        """(n, 2) for n abilities and their spreads."""
        axis = np.log(ABILITIES)
        rows = [[np.interp(log_mps, axis, ends) for ends in row.T] for row in self.table]
        stacked = np.array(rows)  # (widths, 2, n)
        k = np.clip(np.searchsorted(WIDTHS, width), 1, len(WIDTHS) - 1)
        share = (width - WIDTHS[k - 1]) / (WIDTHS[k] - WIDTHS[k - 1])
        n = np.arange(len(width))
        low, high = stacked[k - 1, :, n], stacked[k, :, n]
        return np.asarray((1.0 - share)[:, None] * low + share[:, None] * high)


def drawn(push: Push, runner: Runner, spreads: Mapping[str, float]) -> tuple[Run, Push, Run]:
    """The run without draws, and the draws on their push."""
    plain = levels.solve(push, runner)
    return (
        plain,
        *draws.drawn(
            push,
            plain,
            runner,
            Policy(),
            constants=JUDGEMENT,
            normals=draws.normals(),
            fresh=1.0,
            spreads=spreads,
        ),
    )


def band_of(push: Push, runner: Runner, spreads: Mapping[str, float]) -> np.ndarray:
    """(2,) logs of p10 and p90 of the elapsed time over p50."""
    plain, _, draws = drawn(push, runner, spreads)
    elapsed_s = draws.moving_s[:, -1] + draws.stop_s.sum(axis=1)
    return np.log(np.quantile(elapsed_s, (0.1, 0.9)) / (3600.0 * races.elapsed_h(plain)))


def bands_of(push: Push, spreads: Mapping[str, float]) -> Bands:
    """The whole table of a course."""
    return Bands(
        np.array(
            [
                [
                    band_of(push, replace(at_ability(float(v)), ability_spread=width), spreads)
                    for v in ABILITIES
                ]
                for width in WIDTHS.tolist()
            ]
        )
    )


def held(band: np.ndarray, miss: np.ndarray) -> np.ndarray:
    """(n,) whether what happened, in logs over p50, lies within."""
    return (band[:, 0] <= miss) & (miss <= band[:, 1])


def half_width(band: np.ndarray) -> np.ndarray:
    """(n,) half the way from p10 to p90 over p50."""
    return np.diff(np.exp(band), axis=1)[:, 0] / 2.0
