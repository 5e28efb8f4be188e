"""Sleep as a risk: runners who must lie down by the trail, in the draws.

Beyond a sleepiness a runner may have to stop: a hazard for every hour awake on the way, that rises
with the Karolinska scale, and so with the hours awake and the hour of the night. How steeply is
Ingre et al.'s (2006, J Sleep Res 15:142): of drivers in a simulator, the risk of an accident was
28 times as high at 8 and 185 times at 9 as at 5, which is a factor of 6.6 for the last point. It
grows in proportion to the hours awake beyond those of usual days as well (Van Dongen et al. 2003,
Sleep 26:117: lapses grow so, and a day of 15.84 hours awake leaves nothing behind). How
often it happens to runners, how long they then sleep and what the kilometres before it cost is in
nobody's table: judgement (`Judgement.collapse_per_h` and those beside it). People differ (the same
study), which is drawn, and those at the front of a field need less sleep than its middle.

Every draw keeps its own luck, whatever the plan of sleep: two plans differ by their sleep alone.
So an hour asleep is never worse than the same hour awake at the same place. But sleep makes all
that follows later, and at one pace alone a finish in the small hours instead of the evening may
cost more than the sleep gives. Draws arrive at many hours, where this evens out: more sleep lowers
their chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.hazard import Legs, hazards
from gpxstage.estimator.risks import Collapse, MoreSleep
from gpxstage.estimator.runner import ABILITY_MPS, WITH_ABILITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.hazard import Way
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Halt
    from gpxstage.estimator.runner import Runner

MOST = 12  # collapses of one draw in one push
FEWEST = 5  # draws that fell: of fewer no place is given
NEAR_M = 5000.0  # collapses so near to each other are at one place (judgement)
PROMISING = 3  # places that are tried on all draws
MORE_H = 1.5  # of sleep, proposed beside the plan: one cycle


@dataclass(frozen=True, eq=False)
class Luck:
    """What each of d draws meets with, the same under every plan of sleep."""

    withstands: Array  # (d, MOST) hazard that is withstood before each collapse
    sleeps_h: Array  # (d, MOST) by the trail
    prone: Array  # (d,) against the usual runner
    ends: NDArray[np.bool_]  # (d, MOST) which of them would end the race


@dataclass(frozen=True, eq=False)
class Met:
    """What d draws met on a push of m nodes."""

    at_m: Array  # (m,) the nodes
    lost_s: Array  # (d, m) up to each of them: slow kilometres, and sleep by the trail
    first_m: Array  # (d,) where the first collapse was; NaN: there was none
    first_s: Array  # (d,) when, since the push's start
    ended_m: Array  # (d,) where a collapse ended the race; NaN: none did
    way: Way

    @property
    def fell(self) -> NDArray[np.bool_]:
        """(d,) who had to lie down."""
        return np.isfinite(self.first_m)


def luck(draws: int, seed: int, number: int, constants: Judgement) -> Luck:
    """The luck of the draws of a race in its push of that number; the same seed, the same luck.

    What the first collapse meets is one in each of as many equal strata as there are draws.
    """
    chance = np.random.default_rng((seed, number, MOST))

    def evenly() -> Array:
        first = (chance.permutation(draws)[:, None] + 0.5) / draws
        return np.concatenate([first, chance.random((draws, MOST - 1))], axis=1)

    shares = evenly()
    longer = chance.random((draws, MOST)) ** 2
    normals = [NormalDist().inv_cdf((k + 0.5) / draws) for k in chance.permutation(draws)]
    return Luck(
        withstands=-np.log1p(-shares),
        sleeps_h=constants.collapse_least_h
        + (constants.collapse_most_h - constants.collapse_least_h) * longer,
        prone=np.exp(constants.collapse_differs * np.array(normals)),
        ends=evenly() < constants.collapse_ends,
    )


def need(runner: Runner) -> Array:
    """How prone a runner of that ability is against a field's middle: (d,) or (1,).

    Those at the front sleep less (`runner.WITH_ABILITY`) and finish all the same: taken as the
    root of that share (judgement).
    """
    sleep = np.interp(np.ravel(runner.flat_speed_mps), ABILITY_MPS, WITH_ABILITY["sleep"])
    return np.asarray(np.sqrt(sleep))


def met(way: Way, needs: Array, luck: Luck, constants: Judgement, *, most: int = MOST) -> Met:
    """Walk all d draws along a push at once, and see who has to lie down, where, and how often.

    *way* has a row for each draw, or one for all. All walk to their first collapse, those who had
    one walk on from there to their second, and so on until nobody has one more, or *most* times.
    """
    legs, count = Legs(way), len(luck.prone)
    per_h = np.broadcast_to(constants.collapse_per_h * luck.prone * needs, count)
    lost_h, slow_h = np.zeros((count, len(way.at_m))), _slow_h(way, constants)
    first_m, first_s, ended_m = np.full((3, count), np.nan)
    who, since = np.arange(count), legs.start()
    for turn in range(most):
        risk = np.cumsum(per_h[who, None] * legs.hazard(since, constants)[0], axis=1)
        over = risk > luck.withstands[who, turn, None]
        fell = np.flatnonzero(over.any(axis=1))  # none beyond the finish
        if not len(fell):
            break
        who, leg = who[fell], over[fell].argmax(axis=1) + since.node.min()
        since = legs.after(leg, since.of(fell))
        at_m, ends = way.at_m[leg + 1], luck.ends[who, turn] & np.isnan(ended_m[who])
        ended_m[who[ends]] = at_m[ends]  # the clock goes on, as if it had not ended
        if turn == 0:
            first_m[who], first_s[who] = at_m, 3600.0 * legs.end_h[since.row, leg]
        slower_h, sleep_h = slow_h[since.row % len(slow_h), leg + 1], luck.sleeps_h[who, turn]
        since = since.rested(slower_h, sleep_h, constants.collapse_rest)
        lost_h[who, leg + 1] = slower_h + sleep_h
    lost_s = np.cumsum(lost_h, axis=1, out=lost_h)
    lost_s *= 3600.0
    return Met(way.at_m, lost_s, first_m, first_s, ended_m, way)


def _slow_h(way: Way, constants: Judgement) -> Array:
    """(1 or d, m) what a collapse at each node costs before it: the slow kilometres."""
    slow_m = way.at_m - constants.collapse_slow_m
    slow_m = np.maximum(slow_m, way.at_m[np.append(way.ahead, True).argmax()])
    before_h = geo.at_distance(slow_m, way.at_m, way.moving_h)
    return np.asarray(constants.collapse_slower * (way.moving_h - before_h))


def lost_at_s(found: Met, edge_m: Array) -> Array:
    """(d, n+1) what draws have lost at n+1 edges of the push."""
    return geo.at_distance(edge_m, found.at_m, found.lost_s)


@dataclass(frozen=True, eq=False)
class Pushed:
    """A push with all that its draws met: k sites with what is there."""

    expected: Way  # the run without draws
    met: Met
    needs: Array
    luck: Luck
    halts: Sequence[Halt]  # (k,)
    stages: tuple[tuple[int, float], ...]  # number of each stage, and where it begins


def summed(pushes: Sequence[Pushed], constants: Judgement) -> Collapse | None:
    """What the draws of a race say of a collapse; None where no start is known."""
    if not pushes:
        return None
    fell = np.any([each.met.fell for each in pushes], axis=0)
    found = Collapse(float(fell.mean()))
    if fell.sum() < FEWEST:
        return found
    ended = np.any([np.isfinite(each.met.ended_m) for each in pushes], axis=0)
    cost_s = np.asarray(sum(each.met.lost_s[:, -1] for each in pushes))[fell]
    worst = max(pushes, key=lambda each: int(each.met.fell.sum()))
    at_m, at_s = likeliest(worst.expected, worst.needs.mean(keepdims=True), constants)
    number, begin_m = [each for each in worst.stages if each[1] <= at_m][-1]
    after, before = _between(worst, at_m)
    middle_s, late_s = geo.quantiles(cost_s, (0.5, 0.9))
    return replace(
        found,
        stage=number,
        distance_m=at_m - begin_m,
        elapsed_s=at_s,
        after=after,
        before=before,
        cost_s=middle_s,
        cost_p90_s=late_s,
        ends_probability=float(ended.mean()),
        more_sleep=more_sleep(worst, constants),
    )


def likeliest(expected: Way, needs: Array, constants: Judgement) -> tuple[float, float]:
    """Where and when a collapse is likeliest on the expected way: metres and seconds."""
    found = hazards(expected, needs, constants)
    away = (expected.at_m[:, None] - expected.at_m) / NEAR_M
    first = found.gained * np.exp(-np.cumsum(found.gained))
    node = int((np.exp(-0.5 * away**2) @ first).argmax())
    return float(expected.at_m[node]), 3600.0 * float(found.reached_h[node])


def _between(push: Pushed, at_m: float) -> tuple[str | None, str | None]:
    """The halts with a name before and behind a place."""
    nodes_m = push.met.at_m[push.met.way.site_node]
    names = [(m, h.name) for m, h in zip(nodes_m, push.halts, strict=True) if h.name]
    after = [name for m, name in names if m <= at_m]
    before = [name for m, name in names if m > at_m]
    return after[-1] if after else None, before[0] if before else None


def more_sleep(push: Pushed, constants: Judgement) -> MoreSleep | None:
    """The place with a bed where a sleep beside those planned lowers the chance most.

    None where no place with a bed lies ahead, and where none lowers it.
    """
    way, fell = push.met.way, push.met.fell
    ahead = np.append(way.ahead, False)[way.site_node]
    beds = [k for k, halt in enumerate(push.halts) if ahead[k] and halt.is_bed]
    if not beds:
        return None
    more_h = MORE_H * np.eye(way.slept_h.shape[1])
    longer = replace(push.expected, slept_h=push.expected.slept_h + more_h[beds])
    promising = hazards(longer, push.needs.mean(keepdims=True), constants).nights.sum(axis=1)
    found = None
    least = float(fell.mean())
    for k in (beds[j] for j in promising.argsort(kind="stable")[:PROMISING]):
        longer = replace(way, slept_h=way.slept_h + more_h[k])
        chance = float(met(longer, push.needs, push.luck, constants, most=1).fell.mean())
        if chance < least:
            least, halt = chance, push.halts[k]
            number, _ = push.stages[halt.stage]
            found = MoreSleep(number, halt.name, halt.distance_m, 3600.0 * MORE_H, chance)
    return found
