"""What the cutoffs of a race leave of stops and sleep.

Usual stops and usual sleep grow with the hours under way, whatever the cutoffs are. Nobody who
knows the cutoffs sleeps until the place is shut: here the usual sleep is cut to what the cutoffs
ahead leave at the expected pace, and then the stops without sleep are. Lengths that are given stay.
How much of the time that is left runners sleep, and when they give a cutoff up, is judgement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator.engine import ahead
from gpxstage.estimator.nouns import SAME_M
from gpxstage.estimator.stops import LEAST_SLEEP_S, merged
from gpxstage.units import hours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from gpxstage.course import Array, Course, Indices
    from gpxstage.estimator.nouns import Halt, Push, Run
    from gpxstage.estimator.plan import Part

# of what a cutoff leaves, so much may be slept before it; of one early in the race, less, down to a
# share: who is short of time then is so all the way (judgement)
SLEPT, EARLY_S, EARLY = 0.8, 30.0 * 3600.0, 0.25
STOPPED = 0.9  # the same of what it leaves for stops without sleep
# a cutoff is given up, little by little, where it is missed by such shares of the time to it: then
# stops and sleep are as usual again (judgement)
GIVEN_UP = (0.10, 0.25)
NOT_SHORTENED = (0.0, 0.05)  # the same for stops without sleep, which have to keep the cutoff
ROUNDS, NEAR_S = 12, 2.0  # until sleeps and stops no longer change
NOTED_S, MOST_NAMED = 300.0, 4  # a smaller cut is not worth a note (judgement)
HARDLY = 0.25  # of the usual stops: who has less left has no time to stop (judgement)


@dataclass(frozen=True, eq=False)
class Closing:
    """The c cutoffs ahead on a push of k sites, in order."""

    names: tuple[str, ...]  # (c,)
    distance_m: Array  # (c,) along the push
    clock_s: Array  # (c,) on the push's clock
    counted: NDArray[np.bool_]  # (c, k) the stops that are over by then
    ahead: NDArray[np.bool_]  # (k,) sites that are not passed
    now_s: float  # the last passage; 0 before the start

    def margin_s(self, push: Push, run: Run, stop_s: Array) -> Array:
        """(c,) what is left at each cutoff with stops (k,), sleep included."""
        at_s = geo.at_distance(self.distance_m, push.edge_m, run.moving_s)
        return np.asarray(self.clock_s - at_s - self.counted @ stop_s)

    def given_up(self, margin_s: Array, shares: tuple[float, float]) -> Array:
        """(c,) 0 ... 1, how far cutoffs that have such margins at best are given up."""
        low, high = shares
        late = -margin_s / np.maximum(self.clock_s - self.now_s, 1.0)
        return np.asarray(np.clip((late - low) / (high - low), 0.0, 1.0))

    def least(self, of_cutoffs: Array) -> Array:
        """(k,) the least value among the cutoffs (c,) that a stop counts for; without: no end."""
        return np.asarray(np.where(self.counted, of_cutoffs[:, None], np.inf).min(axis=0))


def closing_of(course: Course, part: Part, push: Push) -> Closing | None:
    """The cutoffs of a push that lie ahead, limits included; None where there are none.

    Who has passed a place farther on was let through.
    """
    found: list[tuple[float, float, bool, str]] = []
    begin_m = 0.0
    for stage, profile in part:
        for point in stage.points:
            if point.cutoff_s is not None and point.distance_m is not None:
                at_m = begin_m + min(point.distance_m, profile.length_m)
                found.append((at_m, point.cutoff_s, point.cutoff_at == "leave", point.name))
        begin_m += profile.length_m
    limit_s = course.limit_s if course.format == "continuous" else part[-1][0].limit_s
    if limit_s is not None:
        found.append((begin_m, limit_s, False, ""))
    passed, site_m = push.passed, push.sites.distance_m
    last_m = passed.distance_m[-1] - SAME_M if len(passed) else -np.inf
    found = sorted(each for each in found if each[0] >= last_m)
    if not found:
        return None
    until_m = [at_m + (SAME_M if leave else -SAME_M) for at_m, _, leave, _ in found]
    return Closing(
        names=tuple(name for *_, name in found),
        distance_m=np.array([at_m for at_m, *_ in found]),
        clock_s=np.array([clock_s for _, clock_s, *_ in found]),
        counted=site_m < np.array(until_m)[:, None],
        ahead=passed.leg_of(site_m) == len(passed),
        now_s=float(passed.clock_s[-1]) if len(passed) else 0.0,
    )


def in_time(
    course: Course,
    part: Part,
    push: Push,
    run_of: Callable[[Push, Array | None], Run],
    guess_s: Array | None,
    *,
    halts: Sequence[Halt],
    given: bool = False,
) -> tuple[Push, Run, list[str]]:
    """A push whose stops and sleep leave room for its cutoffs, its run, and notes of what is cut.

    The push is that of some stages of a course, with its halts; *run_of* runs one like it, from
    a guess of the moving time. Nothing is cut where the finish is *given*: it was reached, or
    will be, with usual stops and sleep.
    """
    closing = closing_of(course, part, push)
    push, run, usual = kept(None if given else closing, push, run_of, guess_s)
    return push, run, notes(closing, push, halts, run, usual)


def kept(
    closing: Closing | None,
    push: Push,
    run_of: Callable[[Push, Array | None], Run],
    guess_s: Array | None = None,
) -> tuple[Push, Run, Run]:
    """A push whose stops and sleep leave room for its cutoffs, its run, and that before the cut.

    Sleeps are fixed where one of them had to be cut: all draws then sleep as long.
    """
    usual = run = run_of(push, guess_s)
    if closing is None or not len(usual.stop_s):
        return push, run, usual
    awake_s = usual.stop_s - usual.sleep_s
    found, now_s = push, np.concatenate([awake_s, usual.sleep_s])
    before: tuple[Array, Array] | None = None  # what was wanted, and by how much it was missed
    for _ in range(ROUNDS):
        share, sleep_s = _cut(closing, push, run, usual)
        wanted_s = np.concatenate([share * awake_s, sleep_s])
        miss_s = wanted_s - now_s
        if np.abs(miss_s).max() < NEAR_S:
            break
        # who sleeps less walks slower and has less time to sleep: a plain round comes near to what
        # it wants by a part of the way only
        now_s = np.clip(ahead(wanted_s, miss_s, before), 0.0, np.maximum(wanted_s, now_s))
        before = wanted_s, miss_s
        stop_s, sleep_s = np.split(now_s, 2)
        share = np.divide(stop_s, awake_s, out=np.ones(len(stop_s)), where=awake_s > 0.0)
        found = replace(push, sites=replace(push.sites, slept_s=sleep_s, stop_share=share))
        run = run_of(found, run.moving_s)
    return *_without_short_sleeps(closing, push, found, run, run_of), usual


def _without_short_sleeps(
    closing: Closing,
    push: Push,
    found: Push,
    run: Run,
    run_of: Callable[[Push, Array | None], Run],
) -> tuple[Push, Run]:
    """What was *found* for a push, and its run, without sleeps shorter than anybody plans.

    They are merged where no more cutoffs are missed by that, else left out.
    """
    sleep_s, ahead = found.sites.slept_s, closing.ahead
    if push.sites.slept_s is not None or sleep_s is None:
        return found, run
    short = ahead & (sleep_s > 0.0) & (sleep_s < LEAST_SLEEP_S)
    if not short.any():
        return found, run
    missed = closing.margin_s(push, run, run.stop_s) < 0.0
    room_s = push.sites.most_s - (run.stop_s - run.sleep_s)
    fewer_s = np.where(ahead, merged(np.where(ahead, sleep_s, 0.0), room_s), sleep_s)
    for wish_s in (fewer_s, np.where(short, 0.0, sleep_s)):
        found = replace(found, sites=replace(found.sites, slept_s=wish_s))
        run = run_of(found, run.moving_s)
        if not np.any((closing.margin_s(push, run, run.stop_s) < 0.0) & ~missed):
            break
    return found, run


def _cut(closing: Closing, push: Push, run: Run, usual: Run) -> tuple[Array, Array]:
    """Shares of the stops without sleep, and sleeps, (k,), that cutoffs leave at a run's pace."""
    sites, free = push.sites, closing.ahead
    sleep_s, awake_s = usual.sleep_s, usual.stop_s - usual.sleep_s
    if sites.slept_s is None:
        wish_s = np.where(free, sleep_s, 0.0)
        left_s = closing.margin_s(push, run, usual.stop_s - wish_s)
        share = SLEPT * np.clip(closing.clock_s / EARLY_S, EARLY, 1.0)
        most_s = share * np.maximum(left_s, 0.0)
        most_s = most_s + closing.given_up(left_s, GIVEN_UP) * (closing.counted @ wish_s)
        room_s = np.maximum(sites.most_s - awake_s, 0.0)
        sleep_s = np.where(free, _spread(wish_s, closing.least(most_s), room_s), sleep_s)
    shorter_s = np.where(free & np.isnan(sites.fixed_s), awake_s, 0.0)
    there_s = closing.counted @ shorter_s
    left_s = closing.margin_s(push, run, awake_s - shorter_s + sleep_s)
    share = np.clip(STOPPED * left_s / np.maximum(there_s, 1.0), 0.0, 1.0)
    share = np.maximum(share, closing.given_up(left_s, NOT_SHORTENED))
    return np.where(shorter_s > 0.0, np.minimum(closing.least(share), 1.0), 1.0), sleep_s


def _spread(wish_s: Array, most_s: Array, room_s: Array) -> Array:
    """Sleeps (k,) as near to a wish as what may be slept up to each place, and there, allows.

    What is not slept at one place is slept at those behind it, where that is in time.
    """
    if np.all(np.cumsum(wish_s) <= most_s):
        return wish_s
    found = np.zeros(len(wish_s))
    left_s, ahead_s = min(float(wish_s.sum()), float(most_s[-1])), geo.so_far(wish_s[::-1])[:0:-1]
    for k in np.flatnonzero(wish_s):
        share_s = left_s * wish_s[k] / ahead_s[k]
        found[k] = max(min(share_s, most_s[k] - found.sum(), room_s[k]), 0.0)
        left_s -= found[k]
    return found


def notes(
    closing: Closing | None, push: Push, halts: Sequence[Halt], run: Run, usual: Run
) -> list[str]:
    """What was cut for which cutoff, and the first cutoff that is missed all the same."""
    if closing is None:
        return []
    margin_s = closing.margin_s(push, run, run.stop_s)
    found = []
    less_s = usual.sleep_s - run.sleep_s
    cut = np.flatnonzero(less_s >= NOTED_S)
    if len(cut):
        each = [
            f"{halts[k].name or 'one place'} from {hours(usual.sleep_s[k])}"
            f" to {hours(run.sleep_s[k])}"
            for k in cut[:MOST_NAMED]
        ]
        if len(cut) > MOST_NAMED:
            each.append(f"{len(cut) - MOST_NAMED} more by {hours(less_s[cut[MOST_NAMED:]].sum())}")
        found.append(f"{_tightest(closing, margin_s, cut)} cuts the sleep: {', '.join(each)}")
    less_s = usual.stop_s - run.stop_s - less_s
    if less_s.sum() >= NOTED_S:
        tight = _tightest(closing, margin_s, np.flatnonzero(less_s > 1.0))
        found.append(f"stops are {hours(less_s.sum())} shorter than usual for {tight}")
        left_s = float((run.stop_s - run.sleep_s)[closing.ahead].sum())
        if left_s < HARDLY * (left_s + less_s.sum()):
            found[-1] += (
                f": at this speed it leaves no time to stop ({hours(left_s)} in all), and the"
                " expected times and the chances rest on that"
            )
    late = np.flatnonzero(margin_s < 0.0)
    if len(late):
        name, by = _named(closing.names[late[0]]), hours(-margin_s[late[0]])
        found.append(f"the plan cannot keep {name}: {by} late at the expected pace")
    return found


def _tightest(closing: Closing, margin_s: Array, sites: Indices) -> str:
    """The cutoff with the smallest margin of those that some sites count for."""
    counts = closing.counted[:, sites].any(axis=1)
    return _named(closing.names[int(np.where(counts, margin_s, np.inf).argmin())])


def _named(name: str) -> str:
    return f"the cutoff at {name}" if name else "the limit"
