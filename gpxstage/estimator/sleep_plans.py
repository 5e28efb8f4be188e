"""The search for plans of sleep: which beds, and for how long.

In the run without draws an hour of sleep never earns back its hour: those who sleep less are
faster (Poussel 2015), and a night without costs 3 to 5 % of the speed. What sleep buys is the risk
of a collapse (`collapse`), and that decides: plans are ranked by the chance of finishing, then by
p90, and only then by the median.

Three plans are searched: with about half of the sleep that is usual, with as much, and with half as
much again, each where it does most against a collapse; where no least sleep is asked for, the first
is without any. None misses a cutoff by its own sleep, but where the cutoffs ahead leave no time for
any sleep at all and over 30 hours are left. They are built half an hour by half an hour
and then improved by moving sleep from bed to bed: all neighbours of a plan are walked at once, and
the engine runs for the finished plans alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator import collapse, cutoffs, engine, hazard
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.plan import halts_of, push_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Course, Stage
    from gpxstage.estimator.cutoffs import Closing
    from gpxstage.estimator.nouns import Halt, Policy, Push, Run
    from gpxstage.estimator.plan import Part
    from gpxstage.estimator.underway import Known

SHARES = (0.5, 1.0, 1.5)  # of the usual sleep
STEP_H, FIRST_H, MOST_H = 0.5, 1.0, 3.0  # a plan's step; the shortest and the longest sleep
LONG_H, LEAST_PER_H, LEAST_H = 30.0, 1.0 / 24.0, 1.0  # over 30 h: an hour, and one a day beyond it
LATEST_H = 48.0  # after a cutoff: no plan is so late (judgement)
SPARE_H = 0.25  # that a plan leaves before every cutoff (judgement)
SLEEPY_KSS = 7.0  # below this nobody needs a plan
WORTH = 0.02  # of a field's chance of a collapse: below it a plan changes nothing
MOST_BEDS = 16  # that are tried: of more, evenly by the clock
MOST_PLANS = 3
MOVES = 6  # rounds of moving sleep from bed to bed
EVENING_H, MORNING_H, NEXT_NIGHT_H = 20.0, 6.0, 20.0  # of the clock; how far a night may lie ahead
# nights with a collapse for an hour by day where a night with a bed follows: never chosen
BY_DAY = 10.0


@dataclass(frozen=True, eq=False)
class Shut:
    """The c cutoffs ahead, and what they leave for sleep at b beds."""

    counted: NDArray[np.bool_]  # (c, b) which sleeps are over by then
    usual_h: Array  # (c,) slept before it as usual
    left_h: Array  # (c,) before it, for who does not sleep
    faster_h: Array  # (c,) that who sleeps as usual is there earlier, but for the sleep

    def keeps(self, naps_h: Array) -> NDArray[np.bool_]:
        """(p,) which of p plans (p, b) miss no cutoff by their sleeps.

        The pace lies between that without sleep and that with the usual one.
        """
        slept_h = naps_h @ self.counted.T
        rested = np.minimum(slept_h / np.maximum(self.usual_h, 0.01), 1.0)
        most_h = self.left_h + rested * self.faster_h - SPARE_H
        return np.asarray((slept_h <= np.maximum(most_h, 0.0)).all(axis=1))


@dataclass(frozen=True, eq=False)
class Ahead:
    """What a plan of sleep meets: the way without any sleep ahead, and its beds."""

    way: hazard.Way  # one row
    beds: NDArray[np.int64]  # (b,) which of the sites
    names: tuple[str, ...]  # (b,) as a policy names them
    most_h: Array  # (b,) the longest sleep
    needs: Array  # (1,)
    usual_h: float  # slept ahead, as usual
    whole_h: float  # of the race, as usual
    left_h: float  # of it, after the last passage
    shut: Shut
    kept: dict[str, float]  # sleeps that lie behind, seconds


def plans(course: Course, parts: Sequence[Part], known: Known) -> list[dict[str, float]]:
    """Up to three plans of sleep, each seconds by point; the one with the least sleep first.

    Sleeps of one hour to three at places with beds, from the last passage on; what was slept
    before it, known or assumed, is part of every plan. None where no start is known, no bed, and
    where nobody gets very sleepy.
    """
    found = [_of_push(course, part, known) for part in parts]
    joined = [
        {name: s for plan in same for name, s in plan.items()}
        for same in zip(*(each for each in found if each), strict=True)
    ]
    return [plan for k, plan in enumerate(joined) if plan not in joined[:k]]


def _of_push(course: Course, part: Part, known: Known) -> list[dict[str, float]]:
    """The plans of one push."""
    ahead = ahead_of(course, part, known)
    if ahead is None:
        return []
    names = ahead.names
    return [
        ahead.kept | {name: 3600.0 * float(h) for name, h in zip(names, naps_h, strict=True) if h}
        for naps_h in searched(ahead)
    ]


def ahead_of(course: Course, part: Part, known: Known) -> Ahead | None:
    """What a plan meets on a push; None where nothing can be planned."""
    behind = known.passages(part)
    how = replace(known.policy, sleeps=None)
    usual, push, halts, closing = _run(course, part, how, known)
    last_m = behind.distance_m[-1] if len(behind) else -1.0
    ahead = push.sites.distance_m >= last_m
    most_h = np.minimum(MOST_H, np.array([halt.most_s for halt in halts]) / 3600.0)
    beds = [k for k, halt in enumerate(halts) if ahead[k] and halt.is_bed and most_h[k] >= FIRST_H]
    if push.start is None or not beds or (len(behind) and last_m >= push.edge_m[-1]):
        return None
    asleep = _run(course, part, known.policy, known)[0] if len(behind) else usual
    names = [_typed(course, part[halt.stage][0], halt) for halt in halts]
    kept = {
        names[k]: float(s)
        for k, (halt, s) in enumerate(zip(halts, asleep.sleep_s, strict=True))
        if not ahead[k] and s > 0.0 and halt.name
    }
    none, push, _, _ = _run(course, part, replace(known.policy, sleeps=kept), known)
    way = hazard.way_of(push, none, JUDGEMENT)
    assert way is not None
    some = _some(way, np.array(beds))
    whole_h = float(usual.moving_s[-1] + usual.stop_s.sum()) / 3600.0
    return Ahead(
        way=way,
        beds=some,
        names=tuple(names[k] for k in some),
        most_h=most_h[some],
        needs=collapse.need(known.runner),
        usual_h=float(usual.sleep_s[ahead].sum()) / 3600.0,
        whole_h=whole_h,
        left_h=whole_h - (behind.clock_s[-1] / 3600.0 if len(behind) else 0.0),
        kept=kept,
        shut=shut_of(closing, push, (usual, none), some),
    )


def _typed(course: Course, stage: Stage, halt: Halt) -> str:
    """What a policy calls a place where a runner may stop."""
    alike = [each for each in stage.points if each.name == halt.name]
    if not alike:
        return f"{stage.number}/{halt.name}"
    near = min(alike, key=lambda each: abs((each.distance_m or 0.0) - halt.distance_m))
    return course.name_of(stage, near)


def shut_of(
    closing: Closing | None, push: Push, runs: tuple[Run, Run], beds: NDArray[np.int64]
) -> Shut:
    """What the cutoffs ahead leave, from the runs with usual sleep and without sleep ahead."""
    if closing is None:
        nothing = np.zeros(0)
        return Shut(np.zeros((0, len(beds)), dtype=np.bool_), nothing, nothing, nothing)
    slept_s = np.where(closing.ahead, runs[0].sleep_s, 0.0)
    margin_s, tired_s = (
        closing.margin_s(push, run, run.stop_s - np.where(closing.ahead, run.sleep_s, 0.0))
        for run in runs
    )
    late_s = np.maximum(margin_s, tired_s)
    open_ = closing.given_up(late_s, cutoffs.GIVEN_UP) < 1.0
    each = (closing.counted @ slept_s, tired_s, np.maximum(margin_s - tired_s, 0.0))
    return Shut(closing.counted[np.ix_(open_, beds)], *(hours[open_] / 3600.0 for hours in each))


def _run(
    course: Course, part: Part, policy: Policy, known: Known
) -> tuple[Run, Push, list[Halt], Closing | None]:
    """A push under a policy, with all that is known."""
    halts = halts_of(course, part, policy)
    push = replace(push_of(course, part, halts, 1.0, policy), passed=known.passages(part))
    closing, there = cutoffs.closing_of(course, part, push), replace(known, policy=policy)

    def run_of(push: Push, guess_s: Array | None) -> Run:
        return engine.run(*there.inputs(push), guess_s=guess_s)

    push, run, _ = cutoffs.kept(closing, push, run_of)
    return run, push, halts, closing


def _some(way: hazard.Way, beds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The beds that are tried: of many, evenly by the hours of the night, then of the day."""
    if len(beds) <= MOST_BEDS:
        return beds
    at_h = way.moving_h[0, way.site_node[beds]] + np.cumsum(way.rest_h[0])[beds]
    wanted_h = np.linspace(at_h[0], at_h[-1], MOST_BEDS)
    near = np.abs(at_h[:, None] - wanted_h).argmin(axis=0)
    return np.asarray(beds[np.unique(near)])


def searched(ahead: Ahead) -> list[Array]:
    """(b,) hours at each bed of each plan, the least sleep first; none where nothing is gained."""
    naps_h = np.zeros(len(ahead.beds))
    risk, kss = walked(ahead, naps_h[None, :])
    if kss < SLEEPY_KSS or risk[0] < WORTH:
        return []
    least = least_h(ahead)
    ahead = _with_time(ahead, least)
    found: list[Array] = [] if least else [naps_h]
    for share in SHARES:
        wanted_h = max(share * ahead.usual_h, least)
        naps_h = improved(ahead, grown(ahead, naps_h, wanted_h))
        if not found or naps_h.sum() >= found[-1].sum() + STEP_H:
            found.append(naps_h)
    return found[:MOST_PLANS]


def least_h(ahead: Ahead) -> float:
    """The least that any plan sleeps that goes on for over 30 h: an hour, and one more a day.

    Under way, that of what is left; or that of the whole race less what was slept before, if that
    is more. The cutoffs may leave less.
    """
    if min(ahead.whole_h, ahead.left_h) <= LONG_H:
        return 0.0
    whole, left = (LEAST_H + LEAST_PER_H * (h - LONG_H) for h in (ahead.whole_h, ahead.left_h))
    return max(whole - sum(ahead.kept.values()) / 3600.0, left)


def _with_time(ahead: Ahead, least: float) -> Ahead:
    """The same, with so much more time before all cutoffs that the least sleep is possible.

    Nothing changes where the cutoffs leave time for some sleep: a plan then has what they leave.
    """
    none_h = np.zeros(len(ahead.beds))
    if not least or grown(ahead, none_h, least).any():
        return ahead
    for late_h in np.arange(STEP_H, LATEST_H, STEP_H):
        later = replace(ahead, shut=replace(ahead.shut, left_h=ahead.shut.left_h + late_h))
        if grown(later, none_h, least).sum() + 0.5 * STEP_H >= least:
            return later
    return ahead


def grown(ahead: Ahead, naps_h: Array, wanted_h: float) -> Array:
    """A plan with more sleep, step by step where an hour does most, up to what is wanted."""
    while naps_h.sum() + 0.5 * STEP_H < wanted_h:
        added_h = np.where(naps_h > 0.0, STEP_H, FIRST_H)
        each = np.flatnonzero(naps_h + added_h <= ahead.most_h)
        if not len(each):
            break
        more = naps_h + np.eye(len(naps_h))[each] * added_h[each, None]
        kept = ahead.shut.keeps(more)
        each, more = each[kept], more[kept]
        if not len(each):
            break
        risk, _ = walked(ahead, np.vstack([naps_h, more]))
        gained = (risk[0] - risk[1:]) / added_h[each]
        if gained.max() <= 0.0:  # it would be slept by day, or does nothing
            break
        naps_h = more[int(gained.argmax())]
    return naps_h


def improved(ahead: Ahead, naps_h: Array) -> Array:
    """A plan that no move of half an hour, of an hour or of a whole sleep makes better."""
    for _ in range(MOVES):
        each = np.unique(np.vstack([naps_h, *_moved(ahead, naps_h)]), axis=0)
        each = each[ahead.shut.keeps(each) | (each == naps_h).all(axis=1)]
        risk, _ = walked(ahead, each)
        best = each[int(risk.argmin())]
        if np.array_equal(best, naps_h):
            break
        naps_h = best
    return naps_h


def _moved(ahead: Ahead, naps_h: Array) -> list[Array]:
    """All plans with some of a sleep at another bed."""
    found = []
    for source in np.flatnonzero(naps_h):
        for hours in {STEP_H, FIRST_H, float(naps_h[source])}:
            moved = naps_h + hours * np.eye(len(naps_h))
            moved[:, source] -= hours
            moved[source] = naps_h
            fine = (moved <= ahead.most_h) & ((moved == 0.0) | (moved >= FIRST_H))
            found.append(moved[fine.all(axis=1)])
    return found


def walked(ahead: Ahead, naps_h: Array) -> tuple[Array, float]:
    """(p,) nights with a collapse to expect of p plans (p, b); how sleepy the first plan gets.

    Night by night, as who has lain down begins anew. An hour by day where a night with a bed
    follows counts against a plan.
    """
    slept_h = np.repeat(ahead.way.slept_h, len(naps_h), axis=0)
    slept_h[:, ahead.beds] = naps_h
    found = hazard.hazards(replace(ahead.way, slept_h=slept_h), ahead.needs, JUDGEMENT)
    begin_h = found.begin_h[:, ahead.beds]
    clock_h = (ahead.way.start_h + begin_h) % 24.0
    night = (clock_h >= EVENING_H) | (clock_h < MORNING_H)
    by_day = np.zeros(len(naps_h))
    for k in range(len(ahead.beds) - 1):
        follows = night[:, k + 1 :] & (begin_h[:, k + 1 :] < begin_h[:, k, None] + NEXT_NIGHT_H)
        by_day += np.where(~night[:, k] & follows.any(axis=1), naps_h[:, k], 0.0)
    expected = (1.0 - np.exp(-found.nights)).sum(axis=1)
    return expected + BY_DAY * by_day, float(found.worst_kss[0])
