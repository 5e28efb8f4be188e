"""A Runner and its levels: one axis of ability, everything else follows unless it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# By one-hour flat speed (m/s): what goes with it in a mountain ultra's field. Judgement,
# fitted to the winner, 10th, 50th and 90th percentile of UTMB 2024 and of the Tor 2025.
ABILITY_MPS = (3.30, 3.70, 4.40, 5.70)
WITH_ABILITY = {
    "descent_mph": (2430.0, 2950.0, 4220.0, 6410.0),  # vertical metres an hour, fresh, smooth
    "downhill_gain": (1.28, 1.28, 1.31, 1.35),  # best descending speed over flat speed
    "hike_most_mps": (1.65, 1.75, 1.90, 2.00),  # fastest hiking on the flat
    "gait_weight": (0.5, 0.5, 0.5, 0.8),  # changes gait at the preferred (0) or energetic (1)
    "decay": (1.03, 1.015, 0.995, 0.955),  # power lost to duration, against the field's middle
    "front": (0.365, 0.335, 0.30, 0.175),  # how much harder the start than the rest
    "wear": (0.31, 0.295, 0.24, 0.195),  # descending speed lost to earlier descents
    "stops": (1.0, 1.0, 0.70, 0.45),  # against the field's median
    "sleep": (1.0, 1.0, 0.70, 0.25),
    "night_up": (0.95, 0.95, 0.96, 0.97),  # speed left in the dark
    "night_down": (0.90, 0.90, 0.92, 0.94),
    "pack_kg": (4.2, 4.2, 3.5, 2.8),
}
BODY_KG = 70.0


@dataclass(frozen=True)
class Runner:
    """What the engine needs to know of a runner. Build one with `at_ability` or a level."""

    name: str
    source: str  # level, goal, past, ...
    flat_speed_mps: float  # could be raced for one hour on a flat road
    descent_mph: float
    downhill_gain: float
    hike_most_mps: float
    gait_weight: float
    decay: float
    front: float
    wear: float
    stops: float
    sleep: float
    night_up: float
    night_down: float
    pack_kg: float
    body_kg: float = BODY_KG
    ability_spread: float = 0.05  # standard deviation of the logarithm of flat_speed_mps

    @property
    def load(self) -> float:
        """Carried mass over body mass."""
        return self.pack_kg / self.body_kg


def at_ability(flat_speed_mps: float, name: str = "", source: str = "ability") -> Runner:
    """The runner that one-hour flat speed makes likely: the rest interpolated on the axis.

    Raises ValueError for a speed that is not positive.
    """
    if not flat_speed_mps > 0:
        raise ValueError(f"flat speed must be positive, got {flat_speed_mps}")
    rest = {
        key: float(np.interp(flat_speed_mps, ABILITY_MPS, values))
        for key, values in WITH_ABILITY.items()
    }
    return Runner(name, source, flat_speed_mps, **rest)


# places in a field: the winner, the 10th, the 50th and the 90th percentile
LEVEL_MPS = {"elite": 5.72, "strong": 4.40, "mid": 3.76, "back": 3.45}
DEFAULT_LEVEL = "mid"


def level(name: str) -> Runner:
    """The runner at a named place in the field."""
    return at_ability(LEVEL_MPS[name], name, "level")


LEVELS = {name: level(name) for name in LEVEL_MPS}
