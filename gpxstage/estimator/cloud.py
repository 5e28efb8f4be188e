"""The draws of a race, from push to push: what each draw has left, met, and needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.estimator import collapse, endurance, scatter
from gpxstage.estimator.draws import DRAWN, blocks, collapsing, drawn, slower, split_draws, together
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import StageSpread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.nouns import Halt, Push, Run
    from gpxstage.estimator.plan import Part
    from gpxstage.estimator.risks import Collapse
    from gpxstage.estimator.underway import Known


class Cloud:
    """The draws of a race, carried from push to push."""

    def __init__(self, known: Known, draws: int, seed: int) -> None:
        self.known, self.draws, self.seed, self.begin_s = known, draws, seed, 0.0
        self.normals: Array | None = None
        self.fresh: Array | float = 1.0
        self.found: list[StageSpread] = []
        self.held: list[StageSpread] = []  # all finish as expected
        self.met: list[collapse.Pushed] = []

    def add(self, part: Part, inputs: Inputs, run: Run, halts: Sequence[Halt]) -> None:
        if not self.draws:
            return
        push, runner, constants, policy = inputs
        if self.normals is None:
            slowing = slower(*inputs, spreads=self.known.spreads)
            self.normals = self.known.normals(self.draws, self.seed, slowing)
        coarse, draws = drawn(
            push,
            run,
            runner,
            policy,
            constants=constants,
            normals=self.normals,
            fresh=self.fresh,
            spreads=self.known.spreads,
        )
        self.fresh = endurance.next_fresh(self.fresh, push, draws, runner, JUDGEMENT)
        draws = self.known.erring(coarse, draws, self.begin_s, self.seed)
        self.begin_s += float(run.moving_s[-1])
        if not self.known.passed:
            each = scatter.normals(self.draws, self.seed)
            draws = _scattered(coarse, draws, each, self.known.way)
            self.held += self._as_expected(coarse, push, run, each, halts)
        luck = collapse.luck(self.draws, self.seed, len(self.found), constants)
        needs = collapse.need(runner)
        draws, met = collapsing(coarse, draws, run, inputs, needs=needs, luck=luck)
        if met is not None:
            begins_m = [0.0, *coarse.edge_m[coarse.border_cells].tolist()]
            stages = tuple(zip((stage.number for stage, _ in part), begins_m, strict=True))
            expected = collapse.way_of(push, run, constants)
            assert expected is not None
            self.met.append(collapse.Pushed(expected, met, needs, luck, halts, stages))
        self.found += split_draws(coarse, draws, halts)

    def _as_expected(
        self, coarse: Push, push: Push, run: Run, each: Array, halts: Sequence[Halt]
    ) -> list[StageSpread]:
        """The stages of draws that all finish as expected, but differ on the way."""
        found = []
        for rows in blocks(len(each), len(coarse.grade)):
            same = scatter.alike(coarse, push, run, len(each[rows]))
            same = scatter.scattered(coarse, same, each[rows], self.known.way)
            found.append(split_draws(coarse, same, halts))
        return [_one(stages) for stages in zip(*found, strict=True)]

    def risks(self) -> tuple[Collapse | None, tuple[StageSpread, ...] | None]:
        """A collapse, and the draws that finish as expected."""
        return collapse.summed(self.met, JUDGEMENT), tuple(self.held) or None

    def stages(self) -> tuple[StageSpread, ...] | None:
        """All draws."""
        return tuple(self.found) if self.draws else None


def _scattered(coarse: Push, draws: Run, each: Array, way: float) -> Run:
    """As `scatter.scattered`, block by block."""
    runs = []
    for rows in blocks(len(each), len(coarse.grade)):
        here: dict[str, Any] = {name: getattr(draws, name)[rows] for name in DRAWN}
        runs.append(scatter.scattered(coarse, replace(draws, **here), each[rows], way))
    return together(runs)


def _one(parts: Sequence[StageSpread]) -> StageSpread:
    """The draws of one stage, from several blocks."""
    found: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (*DRAWN, "offset_s")
    }
    return replace(parts[0], **found)
