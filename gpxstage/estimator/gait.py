"""What walking and running cost on a slope, and which of the two a runner picks.

Costs are net of standing metabolism, in J per kg and metre along the surface; grades are
rise over horizontal run; powers are net, in W per kg; speeds are along the surface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gpxstage.course import Array
    from gpxstage.estimator.judgement import Judgement

# Minetti et al. 2002, J Appl Physiol 93:1039, doi 10.1152/japplphysiol.01177.2001;
# ten mountain runners on a treadmill, grades -0.45 ... 0.45, highest power first
RUNNING = (155.4, -30.4, -43.3, 46.3, 19.5, 3.6)
WALKING = (280.5, -58.7, -76.8, 51.9, 19.6, 2.5)

# Brill & Kram 2021, J Exp Biol 224:jeb233056 (0, 5, 10, 15 degrees) and Ortiz et al. 2017
# (30 degrees, energetic only): speeds at which runners change gait, and at which the two
# gaits cost the same
TRANSITION_GRADE = np.tan(np.radians([0.0, 5.0, 10.0, 15.0, 30.0]))
ENERGETIC_MPS = np.array([2.14, 1.99, 1.78, 1.51, 0.80])
PREFERRED_MPS = np.array([1.95, 1.78, 1.62, 1.47, 0.80])

EASY_WALK_MPS = 1.3  # the speed up to which walking costs its minimum on the flat (judgement)
CLEAR_DESCENT = 0.05  # grade from which on a runner's own habit of descending counts (judgement)
FULL_DESCENT = 0.10  # grade from which on the gaits are mixed as on any descent (judgement)
NEWTON_STEPS = 25  # at most
SETTLED_MPS = 1e-5  # the error falls with its square: after so small a step 1e-10 is left


def running_cost_j_per_kg_m(grade: Array) -> Array:
    """Net cost of running (Minetti et al. 2002); the polynomial gives 3.6 on the flat."""
    return np.asarray(np.polyval(RUNNING, grade), dtype=np.float64)


def walking_cost_j_per_kg_m(grade: Array) -> Array:
    """Net cost of walking at each grade's cheapest speed (Minetti et al. 2002)."""
    return np.asarray(np.polyval(WALKING, grade), dtype=np.float64)


def energetic_transition_mps(grade: Array) -> Array:
    """Speed at which walking and running cost the same; descents take the flat value."""
    return np.asarray(np.interp(np.maximum(grade, 0.0), TRANSITION_GRADE, ENERGETIC_MPS))


def preferred_transition_mps(grade: Array) -> Array:
    """Speed at which runners change gait of their own; descents take the flat value."""
    return np.asarray(np.interp(np.maximum(grade, 0.0), TRANSITION_GRADE, PREFERRED_MPS))


class Walking:
    """Walking on given grades: cost rises with the square of the speed beyond an easy one.

    The rise is set so that walking and running cost the same exactly at the energetic
    transition speed of the same slope (its uphill part; judgement for descents).
    """

    def __init__(self, grade: Array, load: Array | float, walk_cost: Array | float) -> None:
        uphill = np.maximum(grade, 0.0)
        self.cost = walking_cost_j_per_kg_m(grade)
        self.factor = walk_cost * (1.0 + load)
        self.easy_mps = EASY_WALK_MPS * np.exp(-2.2 * uphill - 0.6 * np.maximum(-grade, 0.0))
        excess = running_cost_j_per_kg_m(uphill) - walking_cost_j_per_kg_m(uphill)
        beyond = energetic_transition_mps(grade) - EASY_WALK_MPS * np.exp(-2.2 * uphill)
        self.rise = excess / beyond**2

    def power(self, speed_mps: Array) -> Array:
        """Net power of walking at a speed, W per kg."""
        beyond = np.maximum(speed_mps - self.easy_mps, 0.0)
        return np.asarray(speed_mps * self.factor * (self.cost + self.rise * beyond**2))

    def speed_mps(self, power: Array, guess_mps: Array | None = None) -> Array:
        """Speed that a net power buys: Newton on a convex rising function."""
        bought = power / self.factor
        if guess_mps is None:  # beyond the easy speed, so much is spent at least
            guess_mps = self.easy_mps + np.sqrt(bought / (self.rise * self.easy_mps))
        speed = np.minimum(guess_mps, bought / self.cost)
        beyond, cost, slope, excess = (np.empty_like(speed) for _ in range(4))  # in place: faster
        none = np.zeros(speed.shape[-1])  # twice as fast as a number
        for _ in range(NEWTON_STEPS):
            np.maximum(np.subtract(speed, self.easy_mps, out=beyond), none, out=beyond)
            np.multiply(beyond, self.rise, out=slope)
            np.multiply(slope, beyond, out=cost)
            cost += self.cost
            slope *= speed
            slope *= 2.0
            slope += cost  # of what the speed costs, and next what is too much of it
            np.multiply(speed, cost, out=excess)
            excess -= bought
            excess /= slope
            speed -= excess
            if max(excess.max(), -excess.min()) < SETTLED_MPS:
                break
        return np.asarray(speed)


def own_shift_mps(grade: Array, all_mps: Array | float, down_mps: Array | float) -> Array:
    """A runner's own shift of the transition speed: everywhere, and beside it on descents."""
    return np.asarray(all_mps + down_mps * np.clip(-grade / CLEAR_DESCENT, 0.0, 1.0))


class Change:
    """Where people change from running to walking: a soft step around a speed.

    The transition speed lies between the preferred (weight 0) and the energetic one (weight 1).
    People mix gaits around it (Baker 2025, arXiv 2501.00720: 1.9 to 3.0 m/s on the flat), the more
    so the rougher the ground and in proportion to the transition speed. No study of descents was
    found: by the cadence of trail runners the speed below which people hike is nearly the same
    downhill as on the flat, and the mixture wider (judgement). *shift_mps* is the runner's own.
    """

    def __init__(
        self,
        grade: Array,
        terrain: Array,
        weight: Array | float,
        constants: Judgement,
        *,
        shift_mps: Array | float = 0.0,
    ) -> None:
        measured = (1.0 - weight) * preferred_transition_mps(grade)
        measured = measured + weight * energetic_transition_mps(grade)
        uphill_mps = constants.gait_uphill_mps * np.maximum(grade, 0.0)
        transition = measured + constants.gait_shift_mps + shift_mps + uphill_mps
        self.speed_mps = transition * np.exp(constants.gait_downhill * np.minimum(grade, 0.0))
        width_mps = constants.gait_width_mps + constants.gait_width_terrain_mps * terrain
        steep_down = np.clip(-grade / FULL_DESCENT, 0.0, 1.0)
        width_mps = width_mps * (1.0 + constants.gait_width_down * steep_down)
        self.width_mps = width_mps * measured / ENERGETIC_MPS[0]

    def hiked(self, run_mps: Array) -> Array:
        """Share of the time that is hiked where running would go at *run_mps*."""
        faster = (run_mps - self.speed_mps) / self.width_mps
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(faster, -60.0, 60.0))))
