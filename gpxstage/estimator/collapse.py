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
So more sleep lowers the chance, but for what it does to the clock: all that comes later is reached
at another hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import sleepiness
from gpxstage.estimator.risks import Collapse, MoreSleep
from gpxstage.estimator.runner import ABILITY_MPS, WITH_ABILITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Halt, Push, Run
    from gpxstage.estimator.runner import Runner

PER_POINT = float(np.log(185.0 / 28.2))  # of the scale; Ingre 2006, from 8 to 9
DAY_H = 15.84  # awake a day leave nothing behind; Van Dongen 2003
PAID_H = DAY_H / (24.0 - DAY_H)  # hours awake that an hour of sleep makes good
DEBT_H = 72.0  # hours awake beyond, at which the rate is as given
FIGHTING = 9.0  # the scale's last point: fighting sleep
MOST = 12  # collapses of one draw in one push
FEWEST = 5  # draws that fell: of fewer no place is given
NEAR_M = 5000.0  # collapses so near to each other are at one place (judgement)
NOON_H = 12.0  # a night lies between two noons
PROMISING = 3  # places that are tried on all draws
MORE_H = 1.5  # of sleep, proposed beside the plan: one cycle
NODE_S = 1200.0  # the hazard is worked out so often on the way


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


@dataclass(frozen=True, eq=False)
class Way:
    """A push on m nodes, for d draws or for one: (d, ...) or (1, ...)."""

    at_m: Array  # (m,)
    moving_h: Array  # (d, m)
    site_node: NDArray[np.int64]  # (k,) where each site is
    rest_h: Array  # (d, k) of the stops, awake
    slept_h: Array  # (d, k)
    ahead: NDArray[np.bool_]  # (m-1,) not passed already
    start_h: float  # local clock
    level: float  # of S, at the start


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


def way_of(push: Push, run: Run, constants: Judgement) -> Way | None:
    """A push that was run, on nodes; None without a start, as no hour is known then."""
    if push.start is None:
        return None
    moving_s, stop_s, sleep_s = (np.atleast_2d(a) for a in (run.moving_s, run.stop_s, run.sleep_s))
    usual_s = moving_s.mean(axis=0)
    count = max(2, int(usual_s[-1] / NODE_S))
    evenly = np.interp(np.linspace(0.0, usual_s[-1], count), usual_s, push.edge_m)
    site_m = push.sites.distance_m
    places_m = [evenly, push.edge_m[[0, -1]], site_m, push.passed.distance_m]
    at_m = geo.distinct(np.concatenate(places_m))
    passed_m = push.passed.distance_m[-1] if len(push.passed) else -1.0
    start_h, level = sleepiness.at_start(push.start, constants)
    return Way(
        at_m=at_m,
        moving_h=geo.at_distance(at_m, push.edge_m, moving_s) / 3600.0,
        site_node=np.searchsorted(at_m, site_m),
        rest_h=(stop_s - sleep_s) / 3600.0,
        slept_h=sleep_s / 3600.0,
        ahead=at_m[:-1] >= passed_m,
        start_h=start_h,
        level=level,
    )


def met(way: Way, needs: Array, luck: Luck, constants: Judgement) -> Met:
    """Walk all draws along a push at once, and see who has to lie down, where, and how often.

    *way* may have more rows than *luck*: p plans of d draws, plan by plan.
    """
    walk = _Walk(way, needs, luck, constants)
    walk.all()
    walk.lost_h[:, -1] = walk.late_h
    lost_s = np.maximum.accumulate(walk.lost_h, axis=1, out=walk.lost_h)
    lost_s *= 3600.0
    return Met(
        at_m=way.at_m,
        lost_s=lost_s,
        first_m=walk.first_m,
        first_s=3600.0 * walk.first_h,
        ended_m=walk.ended_m,
        way=way,
    )


@dataclass(frozen=True, eq=False)
class Hazards:
    """What p plans of sleep meet that never collapse."""

    nights: Array  # (p, n) hazard from each noon to the next
    begin_h: Array  # (p, k) when sleep begins, or would, at each site
    worst_kss: Array  # (p,) on the way that is ahead
    gained: Array  # (m,) hazard up to each node since the one before, mean of the plans
    reached_h: Array  # (m,) when, mean of the plans


def hazards(way: Way, needs: Array, constants: Judgement) -> Hazards:
    """The hazard of some plans on one way: rows of *way* are plans."""
    never = Luck(np.full((1, MOST), np.inf), np.zeros((1, MOST)), np.ones(1), np.eye(1, MOST) > 1)
    walk = _Walk(way, needs, never, constants)
    walk.all()
    return Hazards(walk.nights, walk.begin_h, walk.worst_kss, walk.gained, walk.reached_h)


class _Walk:
    """The state of all draws on their way."""

    def __init__(self, way: Way, needs: Array, luck: Luck, constants: Judgement) -> None:
        rows = max(len(way.moving_h), len(way.slept_h), len(luck.prone))
        times = rows // len(luck.prone)
        self.way, self.constants, self.rows = way, constants, rows
        self.sites_at: dict[int, list[int]] = {}
        for site, at_node in enumerate(way.site_node.tolist()):
            self.sites_at.setdefault(at_node, []).append(site)
        self.withstands = np.tile(luck.withstands, (times, 1))
        self.sleeps_h = np.tile(luck.sleeps_h, (times, 1))
        self.ends, self.ended_m = np.tile(luck.ends, (times, 1)), np.full(rows, np.nan)
        per_h = constants.collapse_per_h * np.tile(luck.prone, times)
        self.per_h = per_h * np.tile(needs, rows // len(needs))
        self.level, self.clock_h = np.full(rows, way.level), np.zeros(rows)
        self.worst_kss, self.begin_h = np.zeros(rows), np.zeros((rows, len(way.site_node)))
        self.nights = np.zeros((rows, 2 + int(way.moving_h.max() / 12.0)))
        self.debt_h = np.zeros(rows)  # awake beyond usual days
        self.hazard, self.late_h = np.zeros(rows), np.zeros(rows)
        self.count = np.zeros(rows, dtype=int)
        self.lost_h = np.zeros((rows, len(way.at_m)))
        self.gained, self.reached_h = np.zeros((2, len(way.at_m)))
        self.first_m, self.first_h = np.full(rows, np.nan), np.full(rows, np.nan)
        slow_m = way.at_m - constants.collapse_slow_m
        slow_m = np.maximum(slow_m, way.at_m[np.append(way.ahead, True).argmax()])
        before_h = geo.at_distance(slow_m, way.at_m, way.moving_h)
        self.slow_h = constants.collapse_slower * (way.moving_h - before_h)

    def all(self) -> None:
        """From the start to the end."""
        self.stop(0)
        for node in range(len(self.way.at_m) - 1):
            self.go(node)
            self.stop(node + 1)

    def go(self, node: int) -> None:
        """On to the next node."""
        dt_h = self.way.moving_h[:, node + 1] - self.way.moving_h[:, node]
        middle = sleepiness.awake(self.level, 0.5 * dt_h)
        kss = sleepiness.sleepiness(middle, self.way.start_h + self.clock_h + 0.5 * dt_h)
        self.level = sleepiness.awake(self.level, dt_h)
        self.clock_h, self.debt_h = self.clock_h + dt_h, self.debt_h + dt_h
        if self.way.ahead[node]:
            self.worst_kss = np.maximum(self.worst_kss, kss)
        if self.way.ahead[node] and kss.max() > self.constants.sleepy_above_kss:
            debt = np.maximum(self.debt_h, 0.0) / DEBT_H
            gained = self.per_h * debt * dt_h * _times(kss, self.constants)
            self.hazard, self.gained[node + 1] = self.hazard + gained, gained.mean()
            night = (self.way.start_h + self.clock_h - NOON_H) // 24.0 + 1.0
            night = np.clip(night, 0, self.nights.shape[1] - 1).astype(int)
            self.nights[np.arange(self.rows), night] += gained
            self._fall(node + 1)
        self.lost_h[:, node + 1], self.reached_h[node + 1] = self.late_h, self.clock_h.mean()

    def _fall(self, node: int) -> None:
        """Who lies down here."""
        turn = np.minimum(self.count, MOST - 1)
        over = self.hazard > self.withstands[np.arange(self.rows), turn]
        who = np.flatnonzero(over & (self.count < MOST))
        if not len(who):
            return
        slow_h = np.broadcast_to(self.slow_h[:, node], self.rows)[who]
        sleep_h = self.sleeps_h[who, turn[who]]
        new = who[self.count[who] == 0]
        self.first_m[new], self.first_h[new] = self.way.at_m[node], self.clock_h[new]
        over = who[self.ends[who, turn[who]] & np.isnan(self.ended_m[who])]
        self.ended_m[over] = self.way.at_m[node]  # the clock goes on, as if it had not ended
        self.late_h[who] += slow_h + sleep_h
        tired = sleepiness.awake(self.level[who], slow_h)
        rested_h = self.constants.collapse_rest * sleep_h
        self.level[who] = sleepiness.asleep(tired, rested_h)
        self.clock_h[who] += slow_h + sleep_h
        self.debt_h[who] += slow_h - PAID_H * rested_h
        self.hazard[who], self.count[who] = 0.0, self.count[who] + 1

    def stop(self, node: int) -> None:
        """The stops at a node, and the sleep in the middle of each."""
        for k in self.sites_at.get(node, ()):
            rest_h, slept_h = self.way.rest_h[:, k], self.way.slept_h[:, k]
            self.begin_h[:, k] = self.clock_h + 0.5 * rest_h
            level = sleepiness.awake(self.level, 0.5 * rest_h)
            if slept_h.any():
                level = sleepiness.asleep(level, slept_h)
            self.level = sleepiness.awake(level, 0.5 * rest_h)
            self.clock_h = self.clock_h + rest_h + slept_h
            self.debt_h = self.debt_h + rest_h - PAID_H * slept_h


def _times(kss: Array, constants: Judgement) -> Array:
    """The hazard against that of a runner who fights sleep; none below the word sleepy."""
    times = np.exp(PER_POINT * (kss - FIGHTING))
    return np.where(kss > constants.sleepy_above_kss, times, 0.0)


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
    walk = hazards(expected, needs, constants)
    away = (expected.at_m[:, None] - expected.at_m) / NEAR_M
    first = walk.gained * np.exp(-np.cumsum(walk.gained))
    node = int((np.exp(-0.5 * away**2) @ first).argmax())
    return float(expected.at_m[node]), 3600.0 * float(walk.reached_h[node])


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
    beds = [k for k, halt in enumerate(push.halts) if ahead[k] and halt.is_bed(push.halts)]
    if not beds:
        return None
    more_h = MORE_H * np.eye(way.slept_h.shape[1])
    longer = replace(push.expected, slept_h=push.expected.slept_h + more_h[beds])
    promising = hazards(longer, push.needs.mean(keepdims=True), constants).nights.sum(axis=1)
    found = None
    least = float(fell.mean())
    for k in (beds[j] for j in promising.argsort(kind="stable")[:PROMISING]):
        longer = replace(way, slept_h=way.slept_h + more_h[k])
        chance = float(met(longer, push.needs, push.luck, constants).fell.mean())
        if chance < least:
            least, halt = chance, push.halts[k]
            found = MoreSleep(push.stages[halt.stage][0], halt.name, 3600.0 * MORE_H, chance)
    return found
