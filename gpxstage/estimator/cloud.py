"""The draws of a race, from push to push: what each draw has left, met, and needs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import collapse, endurance, engine, scatter
from gpxstage.estimator.draws import (
    TOLERANCE,
    change,
    drawn,
    mean_cell_s,
    pieces,
    slower,
    stretched,
    summed,
    together,
)
from gpxstage.estimator.hazard import way_of
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import StageSpread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.engine import Inputs
    from gpxstage.estimator.nouns import Halt, Push, Run
    from gpxstage.estimator.plan import Part
    from gpxstage.estimator.risks import Collapse
    from gpxstage.estimator.underway import Known

# log sd of the energy that people spend on one way at one speed: economy and ground (judgement)
ENERGY = 0.10
LEAST_KEPT = 0.5  # of the time that is left


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
        self._change(coarse, draws)
        self.begin_s += float(run.moving_s[-1])
        luck = collapse.luck(self.draws, self.seed, len(self.found), constants)
        needs = collapse.need(runner)
        met = collapsing(coarse, draws, run, inputs, needs=needs, luck=luck)
        if met is not None:
            begins_m = [0.0, *coarse.edge_m[coarse.border_cells].tolist()]
            stages = tuple(zip((stage.number for stage, _ in part), begins_m, strict=True))
            expected = way_of(push, run, constants)
            assert expected is not None
            self.met.append(collapse.Pushed(expected, met, needs, luck, halts, stages))
        draws = replace(summed(coarse, draws, "hiked_s"), energy_kcal=self._spent(draws))
        self.found += split_draws(coarse, draws, halts, met)
        if not self.known.passed:
            del draws  # what is made next needs the room
            self.held += self._as_expected(coarse, push, run, halts)

    def _change(self, coarse: Push, draws: Run) -> None:
        """What makes draws differ on the way, or from the last passage on; in place."""
        if not self.known.passed:
            each, way = scatter.normals(self.draws, self.seed), self.known.way
            change(draws, lambda part, rows: scatter.scattered(coarse, part, each[rows], way))
            return
        erring = self.known.erring(coarse, draws.moving_s, self.begin_s, self.seed)
        if erring is not None:
            times, block = erring
            change(draws, lambda part, rows: stretched(part, times[rows][:, block]))

    def _spent(self, draws: Run) -> Array:
        """Energy of the draws: who is slower spends about as much, but people differ in its cost.

        Everybody has one cost for the whole race.
        """
        assert draws.energy_kcal is not None
        each = scatter.normals(self.draws, self.seed + 1)  # apart from those of the way
        return np.asarray(draws.energy_kcal * np.exp(ENERGY * each)[:, None])

    def _as_expected(
        self, coarse: Push, push: Push, run: Run, halts: Sequence[Halt]
    ) -> list[StageSpread]:
        """The stages of draws that all finish as expected, but differ on the way."""
        each = scatter.normals(self.draws, self.seed)

        def part(rows: slice) -> Run:
            same = scatter.alike(coarse, push, run, len(each[rows]))
            same = scatter.scattered(coarse, same, each[rows], self.known.way)
            return summed(coarse, same, "hiked_s", "hiked_m", "energy_kcal")

        small = pieces(slice(0, len(each)), len(coarse.grade))
        every = together(len(each), ((rows, part(rows)) for rows in small))
        return split_draws(coarse, every, halts)

    def risks(self) -> tuple[Collapse | None, tuple[StageSpread, ...] | None]:
        """A collapse, and the draws that finish as expected."""
        return collapse.summed(self.met, JUDGEMENT), tuple(self.held) or None

    def stages(self) -> tuple[StageSpread, ...] | None:
        """All draws."""
        return tuple(self.found) if self.draws else None


def collapsing(
    coarse: Push,
    draws: Run,
    run: Run,
    inputs: Inputs,
    *,
    needs: Array,
    luck: collapse.Luck,
) -> collapse.Met | None:
    """What draws of a push meet who have to lie down by the trail; None where no start is known.

    *coarse* and *draws* are as `drawn` gives them, *run* is without draws, *inputs* is what
    the engine made it from; *needs*, (d,), is how much sleep each draw needs.

    The engine was fitted to fields in which some collapse, so their mean loss is in it already:
    all draws are faster, in place, by what a field that sleeps as usual loses, and its mean stays
    as fitted.
    """
    _, runner, constants, policy = inputs
    if coarse.start is None:
        return None
    usual = run, inputs[0]
    if coarse.sites.slept_s is not None:
        there = replace(coarse, sites=replace(coarse.sites, slept_s=None))
        usual = engine.run(there, runner, constants, policy, tolerance=TOLERANCE), there
    usually = way_of(usual[1], usual[0], constants)
    assert usually is not None
    lost = collapse.met(usually, collapse.need(runner), luck, constants).lost_s[:, -1].mean()
    ahead = coarse.edge_m[:-1] >= coarse.passed.distance_m.max(initial=-1.0)
    rest_s = float(mean_cell_s(draws.moving_s)[ahead].sum())
    kept = np.where(ahead, max(1.0 - lost / rest_s, LEAST_KEPT) if rest_s > 0.0 else 1.0, 1.0)
    change(draws, lambda part, _: stretched(part, kept))
    way = way_of(coarse, draws, constants)
    assert way is not None
    return collapse.met(way, needs, luck, constants)


def split_draws(
    coarse: Push, run: Run, halts: Sequence[Halt], met: collapse.Met | None = None
) -> list[StageSpread]:
    """A push's draws, stage by stage; a stop at a border belongs to the stage that ends there.

    What is hiked and the energy are `summed` by stage already.
    """
    assert run.hiked_s is not None
    assert run.hiked_m is not None
    assert run.energy_kcal is not None
    borders = [0, *coarse.border_cells.tolist(), len(coarse.grade)]
    offset_s = np.zeros(len(run.moving_s))
    found = []
    for number, (first, last) in enumerate(pairwise(borders)):
        mine = [k for k, h in enumerate(halts) if h.stage == number]
        edge_m = coarse.edge_m[first : last + 1]
        whole = last - first == len(coarse.grade)
        stage = StageSpread(
            edge_m=edge_m - edge_m[0],
            moving_s=run.moving_s if whole else _since(run.moving_s[:, first : last + 1]),
            hiked_s=run.hiked_s[:, number],
            hiked_m=run.hiked_m[:, number],
            energy_kcal=run.energy_kcal[:, number],
            halt_m=np.array([halts[k].distance_m for k in mine]),
            stop_s=run.stop_s[:, mine],
            sleep_s=run.sleep_s[:, mine],
            offset_s=offset_s,
            lost_s=None if met is None else _since(collapse.lost_at_s(met, edge_m)),
            ended=None if met is None else _within(met.ended_m, edge_m),
        )
        found.append(stage)
        offset_s = offset_s + stage.elapsed_s
    return found


def _since(so_far_s: Array) -> Array:
    """What has come together from the first edge on."""
    return so_far_s - so_far_s[:, :1]


def _within(at_m: Array, edge_m: Array) -> NDArray[np.bool_]:
    """Which places lie between the first edge and the last."""
    return np.asarray((at_m > edge_m[0]) & (at_m <= edge_m[-1]))
