"""One run: gait, endurance, conditions and clock composed until time agrees with itself.

A push is a stretch without a night's rest: a whole continuous race, or one stage. Power
depends on how long the push takes, and how long it takes on the power: a fixed point.

All arrays may have a leading axis of draws: a runner, constants or a push whose fields are
columns (d, 1) gives a run of (d, n) cells and (d, k) sites.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gpxstage import geo
from gpxstage.estimator import conditions, daylight, endurance, gait, sleepiness, stops
from gpxstage.estimator.nouns import Run
from gpxstage.estimator.stops import agreed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array, Indices
    from gpxstage.estimator.judgement import Judgement
    from gpxstage.estimator.nouns import Policy, Push
    from gpxstage.estimator.runner import Runner

    Inputs = tuple[Push, Runner, Judgement, Policy]  # what `run` takes

J_PER_KCAL = 4184.0
RESTING_W_PER_KG = 1.2  # standing metabolism, added to the net costs for energy
ROUNDS = 60
TOLERANCE = 1e-6  # of the moving time
SUN_ROUNDS = (0, 2)  # the nights are worked out anew in these rounds
# how far a round goes on beyond the last result, and back from it, of the way between the last two:
# farther on it goes astray (judgement)
MOST_ON, MOST_BACK = 1.0, 0.9
STEEP_DOWN = -0.12  # walking is held back by the descent limit below this grade (judgement)
MOST_EFFORT = 1.05  # of the one-hour power: nobody starts or climbs harder (judgement)


@dataclass(frozen=True, eq=False)
class PushGround:
    """What of a push does not change from round to round; arrays of n cells."""

    grade: Array
    run_factor: Array | float  # on the cost of running: pack and sand
    surface_m: Array  # stretched by what slows all movement
    must_hike: Array  # 1, elsewhere 0
    power: Array  # fresh, before duration, fatigue and pacing
    slope: Array  # harder uphill, easier downhill
    running_cost: Array
    walking: gait.Walking
    hike_most_mps: Array | float
    change: gait.Change
    run_terrain_to_minus_4: Array
    down_terrain: Array
    down_terrain_to_minus_4: Array
    walk_terrain: Array
    descent_mps: Array  # the runner's limit, wear included, terrain and night not
    held: Array  # 1 where the descent limit holds back who walks, elsewhere without end
    passed: Indices  # (n,) how many sites lie before each cell


def slowdown_of(policy: Policy) -> Array | float:
    """What a policy makes of all moving time; the course's own conditions are in the push."""
    return 1.0 if policy.slowdown is None else policy.slowdown


def ground_of(push: Push, runner: Runner, constants: Judgement, policy: Policy) -> PushGround:
    """Work out once what stays the same in all rounds."""
    grade, length_m = push.grade, np.diff(push.edge_m)
    level, up, down, walk = conditions.terrain_factors(push.terrain, constants)
    used = constants.altitude_acclimatised
    felt = used if policy.acclimatised else 1.0
    one_hour = gait.RUNNING[-1] * runner.flat_speed_mps * push.fresh
    power = one_hour * conditions.altitude_factor(
        push.altitude_m, policy.home_altitude_m, used, felt
    )
    hike_above = np.inf if policy.hike_above is None else policy.hike_above
    descended_m = np.cumsum(np.maximum(-grade, 0.0) * length_m)
    limit_mps = conditions.descent_limit_mps(grade, runner.descent_m_per_h)
    own_mps = gait.own_shift_mps(grade, runner.gait_shift_mps, runner.gait_down_mps)
    load = runner.load(push.lighter_kg)
    run_factor = (1.0 + load) * (1.0 + constants.sand_run * push.sand)
    sandy = 1.0 + constants.sand_walk * push.sand  # who walks at ease spends the same power
    running = level + (up - level) * np.clip(grade / 0.20, 0.0, 1.0)
    return PushGround(
        grade=grade,
        run_factor=run_factor,
        surface_m=slowdown_of(policy) * push.slowed * length_m * np.sqrt(1.0 + grade**2),
        must_hike=(grade > hike_above).astype(np.float64),
        power=power,
        slope=conditions.slope_factor(grade, constants),
        running_cost=gait.running_cost_j_per_kg_m(grade) * run_factor,
        walking=gait.Walking(grade, load, sandy * constants.walk_cost),
        hike_most_mps=runner.hike_most_mps / sandy,
        change=gait.Change(grade, push.terrain, runner.gait_weight, constants, shift_mps=own_mps),
        run_terrain_to_minus_4=conditions.to_minus_4(running),
        down_terrain=down,
        down_terrain_to_minus_4=conditions.to_minus_4(down),
        walk_terrain=walk * np.exp(constants.hike_down * np.minimum(grade, 0.0)),
        descent_mps=limit_mps * conditions.wear_factor(descended_m, runner.wear, constants),
        held=np.where(grade < STEEP_DOWN, 1.0, np.inf),
        passed=np.searchsorted(push.sites.distance_m, push.edge_m[:-1], side="right"),
    )


@dataclass(frozen=True, eq=False)
class Pace:
    """One round's answer per cell."""

    moving_s: Array  # (n+1,) cumulative
    share: Array  # of the time that is hiked
    run_mps: Array
    walk_mps: Array
    free_walk_mps: Array  # what power alone allows, before terrain, night and limits
    power: Array


def run(
    push: Push,
    runner: Runner,
    constants: Judgement,
    policy: Policy,
    *,
    tolerance: float = TOLERANCE,
    guess_s: Array | None = None,
) -> Run:
    """Solve a push for a runner: rounds until the moving time no longer changes.

    Parameters
    ----------
    push, runner, constants, policy
        Each of their numbers may be a column (d, 1) of d draws.
    tolerance
        Share of the moving time: rounds end where it changes by less.
    guess_s
        (n+1,) or (d, n+1), a moving time to begin with, seconds.

    Returns
    -------
    Run
        On the n cells and k sites of the push, with a leading axis of draws where there are any.
    """
    return run_all([(push, runner, constants, policy)], tolerance, [guess_s])[0]


def run_all(
    each: Sequence[Inputs], tolerance: float, guesses_s: Sequence[Array | None]
) -> list[Run]:
    """Solve the draws of one push part by part, as `run` would all at once.

    The parts go through their rounds together, each until it has settled; a part is small enough
    for the processor's cache. All have the nights of the draw that is under way for longest.
    """
    parts = [_Solving(*one, guess_s) for one, guess_s in zip(each, guesses_s, strict=True)]
    push, nights, unsettled = parts[0].push, None, parts
    for turn in range(ROUNDS):
        anew = turn in SUN_ROUNDS
        if anew and push.start is not None:
            slowest_s = max((part.slowest_s() for part in parts), key=lambda arrive_s: arrive_s[-1])
            nights = daylight.darkness(push.start, slowest_s, push.lat_deg, push.lon_deg)
        for part in unsettled:
            part.round(nights, anew=anew)
        if turn > max(SUN_ROUNDS):
            unsettled = [part for part in unsettled if not part.changed < tolerance]
        if not unsettled:
            break
    return [part.became(settled=part not in unsettled) for part in parts]


class _Solving:
    """A push on its way to a moving time that agrees with itself."""

    def __init__(
        self,
        push: Push,
        runner: Runner,
        constants: Judgement,
        policy: Policy,
        guess_s: Array | None,
    ) -> None:
        self.push, self.runner, self.constants = push, runner, constants
        self.ground = ground_of(push, runner, constants, policy)
        self.moving_s = push.edge_m / (0.4 * runner.flat_speed_mps) if guess_s is None else guess_s
        self.kept: Array | float = 1.0
        self.pace: Pace | None = None
        # the times of a round, and the log of what it changed the whole one by, (..., 1)
        self.before: tuple[Array, Array] | None = None
        self.last: tuple[Array, Array] | None = None

    @property
    def changed(self) -> float:
        """By which share the last round has changed the time."""
        return np.inf if self.last is None else float(np.abs(self.last[1]).max())

    def slowest_s(self) -> Array:
        """(n,) when the draw that is under way for longest leaves each cell."""
        standing = self._standing()
        known_s, stop_s, slept_s = agreed(self.push, self.moving_s, standing)
        _, arrive_s, _ = _clock(self.ground, known_s, stop_s, slept_s, self.constants)
        return np.asarray(np.atleast_2d(arrive_s)[np.argmax(arrive_s[..., -1])])

    def _standing(self) -> tuple[Array, Array]:
        push = self.push
        return stops.standing(push.sites, push.edge_m, self.moving_s, self.runner, self.constants)

    def round(self, nights: daylight.Darkness | None, *, anew: bool) -> None:
        """Work out the speeds for the time as it is.

        With *anew*, what heat and sleepiness leave is worked out, too.
        """
        if self.last is not None:  # one step for all draws: that is steadier
            self.moving_s = ahead(*self.last, self.before, on=MOST_ON, back=MOST_BACK)
        push, runner, constants = self.push, self.runner, self.constants
        self.standing = self._standing()
        known_s, stop_s, slept_s = agreed(push, self.moving_s, self.standing)
        leave_s, arrive_s, awake_h = _clock(self.ground, known_s, stop_s, slept_s, constants)
        self.dark = daylight.dark_share(nights, leave_s, arrive_s)
        if anew:
            kept = conditions.heat_kept(push, arrive_s, self.dark, runner, constants)
            passed = self.ground.passed
            self.kept = kept * rested_share(push, passed, known_s, runner, constants)
        self.effort = effort_of(self.ground, runner, constants, known_s, awake_h)
        self.pace = pace_of(
            self.ground,
            runner,
            constants,
            effort=self.effort,
            dark=self.dark,
            guess_mps=None if self.pace is None else self.pace.free_walk_mps,
            brisk=brisk_of(runner, known_s) * self.kept,
        )
        guess_s, self.moving_s = self.moving_s, self.pace.moving_s
        miss = np.log(self.moving_s[..., -1:] / guess_s[..., -1:])
        self.before, self.last = self.last, (self.moving_s, miss)

    def became(self, *, settled: bool) -> Run:
        """The last round as a run."""
        assert self.pace is not None
        push, pace = self.push, self.pace
        stop_s, sleep_s = self.standing
        standing = (stop_s, stops.worthwhile(push.sites, stop_s, sleep_s))
        known_s, stop_s, sleep_s = agreed(push, self.moving_s, standing)
        # whatever is known of its time
        hiked_m = pace.share * np.diff(pace.moving_s) * pace.walk_mps
        return Run(
            known_s,
            hiked_s=pace.share * np.diff(known_s),
            hiked_m=hiked_m * np.diff(push.edge_m) / self.ground.surface_m,
            dark_s=None if push.start is None else self.dark * np.diff(known_s),
            energy_kcal=_energy_kcal(self.ground, self.runner, pace),
            effort=self.effort,
            stop_s=stop_s + sleep_s,
            sleep_s=sleep_s,
            settled=settled,
        )


def ahead(
    found: Array,
    miss: Array,
    before: tuple[Array, Array] | None,
    *,
    on: float = np.inf,
    back: float = np.inf,
) -> Array:
    """What to try next on the way to a fixed point, from the last two rounds.

    The method is Anderson's (1965, J ACM 12:547), of depth one: the miss is taken to change evenly
    along the line through both results, and the step goes to where it is smallest on that line.

    Parameters
    ----------
    found
        What the last round came to, of any shape.
    miss
        By how much that differs from what the round began with, in any measure and shape.
    before
        Both of the round before; None where there is none yet: then the answer is *found*.
    on, back
        The longest step beyond *found* and back from it, of the way between both results.
    """
    if before is None:
        return found
    turn = miss - before[1]
    size = float(np.vdot(turn, turn))
    part = float(np.vdot(turn, miss)) / size if size > 0.0 else 0.0
    return np.asarray(found - min(max(part, -on), back) * (found - before[0]))


def _clock(
    ground: PushGround, moving_s: Array, stop_s: Array, slept_s: Array, constants: Judgement
) -> tuple[Array, Array, Array]:
    """When each cell is entered and left on the clock, and hours of fatigue in it."""
    stood = geo.so_far(stop_s + slept_s)[..., ground.passed]
    rested_s = ((1.0 + constants.fatigue_slept_h) * geo.so_far(slept_s))[..., ground.passed]
    leave_s, arrive_s = moving_s[..., :-1] + stood, moving_s[..., 1:] + stood
    awake_s = 0.5 * (leave_s + arrive_s) - rested_s
    if awake_s.min() < 0.0:
        awake_s -= np.minimum(np.minimum.accumulate(awake_s, axis=-1), 0.0)
    return leave_s, arrive_s, awake_s / 3600.0


def effort_of(
    ground: PushGround, runner: Runner, constants: Judgement, moving_s: Array, awake_h: Array
) -> Array:
    """Share of the one-hour power that is used in each cell."""
    whole_s, cell_s = moving_s[..., -1:], np.diff(moving_s)
    moving_h, middle_s = whole_s / 3600.0, 0.5 * (moving_s[..., 1:] + moving_s[..., :-1])
    mean_s = (ground.slope * cell_s).sum(axis=-1, keepdims=True)
    slope = ground.slope * whole_s / mean_s
    effort = endurance.held_factor(moving_h, runner.decay, runner.ease, constants)
    effort = effort * endurance.fatigue_factor(awake_h, constants)
    effort = effort * endurance.pacing_factor(middle_s / whole_s, moving_h, runner.front) * slope
    eager = endurance.eagerness(ground.grade, middle_s / 3600.0, moving_h, constants)
    early = 1.0 + runner.eager * eager
    effort = effort * early * whole_s / (early * cell_s).sum(axis=-1, keepdims=True)
    return np.asarray(np.minimum(effort, MOST_EFFORT))


def brisk_of(runner: Runner, moving_s: Array) -> Array:
    """What a runner's habit makes of all speeds in a push that takes so long."""
    moving_h, seen_h = moving_s[..., -1:] / 3600.0, (runner.habit_from_h, runner.habit_to_h)
    return endurance.habit_factor(moving_h, runner.habit, *seen_h)


def pace_of(
    ground: PushGround,
    runner: Runner,
    constants: Judgement,
    *,
    effort: Array,
    dark: Array,
    guess_mps: Array | None,
    brisk: Array | float = 1.0,
) -> Pace:
    """Speeds of both gaits, the share of each, and the time that follows."""
    power = ground.power * effort
    night_up = 1.0 + (runner.night_up - 1.0) * dark
    limit_mps = ground.descent_mps * (1.0 + (runner.night_down - 1.0) * dark)
    flat_mps = power / (gait.RUNNING[-1] * ground.run_factor)
    cap_mps = conditions.downhill_cap_mps(ground.grade, flat_mps, runner.downhill_gain)
    free_mps = power / ground.running_cost
    free, cap, limit = map(conditions.to_minus_4, (free_mps, cap_mps, limit_mps))
    eased_mps = conditions.softened(free, cap, limit)
    night = conditions.to_minus_4(night_up)
    run_mps = conditions.softened(
        free * ground.run_terrain_to_minus_4 * night,
        (cap * night + limit) * ground.down_terrain_to_minus_4,
    )
    free_walk_mps = ground.walking.speed_mps(power, guess_mps)
    walk_mps = np.minimum(free_walk_mps, ground.hike_most_mps) * ground.walk_terrain * night_up
    held_mps = constants.descent_walk * limit_mps * ground.down_terrain
    walk_mps = np.minimum(walk_mps, held_mps * ground.held)
    share = np.maximum(ground.change.hiked(eased_mps), ground.must_hike)
    run_mps, walk_mps = run_mps * brisk, walk_mps * brisk
    cell_s = ground.surface_m / (share * walk_mps + (1.0 - share) * run_mps)
    return Pace(geo.so_far(cell_s), share, run_mps, walk_mps, free_walk_mps, power)


def _energy_kcal(ground: PushGround, runner: Runner, pace: Pace) -> Array:
    """Energy of each cell: what was really spent, which on descents is less than the power."""
    cell_s = np.diff(pace.moving_s)
    running = np.minimum(ground.running_cost * pace.run_mps, pace.power)
    walking = np.minimum(ground.walking.power(pace.walk_mps), pace.power)
    net = pace.share * walking + (1.0 - pace.share) * running
    return runner.body_kg * (net + RESTING_W_PER_KG) * cell_s / J_PER_KCAL


def rested_share(
    push: Push, passed: Indices, moving_s: Array, runner: Runner, constants: Judgement
) -> Array | float:
    """Share of the speed in each of n cells that given sleeps leave, over that of usual sleep.

    The fatigue of a push was fitted to people who slept as usual, so their sleepiness is in it
    and only the difference counts: 1 where sleep is as usual, or no hour is known. *passed* is
    the number of sites before each cell. How much a point of sleepiness takes is judgement.
    """
    if push.start is None or push.sites.slept_s is None:
        return 1.0
    kept = []
    for sites in (push.sites, replace(push.sites, slept_s=None)):
        at_s = geo.at_distance(sites.distance_m, push.edge_m, moving_s)
        standing = stops.standing(sites, push.edge_m, moving_s, runner, constants)
        kss = sleepiness.on_the_way(
            moving_s, at_s, standing, passed, start=push.start, constants=constants
        )
        kept.append(sleepiness.speed_kept(kss, constants))
    return np.asarray(kept[0] / kept[1])
