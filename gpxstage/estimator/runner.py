"""A Runner and its levels: one axis of ability, everything else follows unless it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# By one-hour flat speed (m/s): what goes with it in a mountain ultra's field. Judgement,
# fitted to the winner, 10th, 50th and 90th percentile of UTMB 2024 and of the Tor 2025; below
# 3.3 m/s, where nobody races, to the hikes among the recordings of docs/accuracy.md.
ABILITY_MPS = (1.00, 2.00, 3.30, 3.70, 4.40, 5.70)
WITH_ABILITY = {
    # vertical metres an hour, fresh, on smooth ground
    "descent_m_per_h": (400.0, 1050.0, 2260.0, 2740.0, 3920.0, 5960.0),
    "downhill_gain": (1.24, 1.24, 1.24, 1.24, 1.27, 1.31),  # best descending over flat speed
    "hike_most_mps": (0.90, 1.25, 1.65, 1.75, 1.90, 2.00),  # fastest hiking on the flat
    # changes gait at the preferred (0) or at the energetic speed (1)
    "gait_weight": (0.5, 0.5, 0.5, 0.5, 0.5, 0.8),
    "decay": (1.20, 1.14, 1.06, 1.03, 0.99, 0.905),  # power lost to duration, field's middle 1
    "ease": (0.60, 0.70, 1.00, 1.20, 1.20, 1.20),  # most of the one-hour power that is used
    "front": (0.51, 0.51, 0.51, 0.47, 0.42, 0.245),  # how much harder the start than the rest
    "wear": (0.275, 0.275, 0.275, 0.26, 0.215, 0.175),  # descending speed lost to descents
    "stops": (1.0, 1.0, 1.0, 1.0, 0.70, 0.45),  # against the field's median
    "sleep": (1.0, 1.0, 1.0, 1.0, 0.70, 0.25),
    "night_up": (0.95, 0.95, 0.95, 0.95, 0.96, 0.97),  # speed left in the dark
    "night_down": (0.90, 0.90, 0.90, 0.90, 0.92, 0.94),
    "pack_kg": (4.2, 4.2, 4.2, 4.2, 3.5, 2.8),
}
BODY_KG = 70.0
KnownFrom = Literal["elsewhere", "here", "outings"]


@dataclass(frozen=True)
class Runner:
    """What the engine needs to know of a runner. Build one with `at_ability` or a level."""

    name: str
    source: str  # level, goal, past, ...
    flat_speed_mps: float  # could be raced for one hour on a flat road
    descent_m_per_h: float
    downhill_gain: float
    hike_most_mps: float
    gait_weight: float
    decay: float
    ease: float
    front: float
    wear: float
    stops: float
    sleep: float
    night_up: float
    night_down: float
    pack_kg: float
    body_kg: float = BODY_KG
    ability_spread: float = 0.0  # standard deviation of the logarithm of flat_speed_mps
    # elsewhere: a place in a field or other races; here: this very race; outings: then their
    # scatter over days and courses is in ability_spread
    known_from: KnownFrom = "elsewhere"
    gait_shift_mps: float = 0.0  # hikes on to a higher speed than most, or runs from a lower one
    habit: float = 0.0  # exponent of speed against moving time, by choice; none when racing
    habit_from_h: float = 1.0  # seen in outings from ...
    habit_to_h: float = 1.0  # ... to this long

    def __repr__(self) -> str:
        """Name and ability; the rest is in the fields."""
        return f"<Runner {self.name or self.source}: {self.flat_speed_mps:.2f} m/s for an hour>"

    @property
    def load(self) -> float:
        """Carried mass over body mass."""
        return self.pack_kg / self.body_kg


def at_ability(flat_speed_mps: float, name: str = "", source: str = "ability") -> Runner:
    """The runner that one-hour flat speed makes likely: the rest interpolated on the axis.

    Parameters
    ----------
    flat_speed_mps
        Speed that could be raced for one hour on a flat road, metres per second.
    name, source
        For reports: whose abilities these are, and where they come from.

    Raises
    ------
    ValueError
        For a speed that is not positive.
    """
    if not flat_speed_mps > 0:
        raise ValueError(f"flat speed must be positive, got {flat_speed_mps}")
    rest: dict[str, Any] = {
        key: float(np.interp(flat_speed_mps, ABILITY_MPS, values))
        for key, values in WITH_ABILITY.items()
    }
    return Runner(name, source, flat_speed_mps, **rest)


# places in a field: the winner, the 10th, the 50th and the 90th percentile
LEVEL_MPS = {"elite": 5.58, "strong": 4.33, "mid": 3.75, "back": 3.45}
DEFAULT_LEVEL = "mid"


def level(name: str) -> Runner:
    """The runner at a named place in the field."""
    return at_ability(LEVEL_MPS[name], name, "level")


LEVELS = {name: level(name) for name in LEVEL_MPS}


@dataclass(frozen=True)
class Key:
    """What a number of a file means, and between which values it makes sense."""

    meaning: str
    low: float
    high: float


KEYS = {  # in the order in which they are written
    "flat_speed_mps": Key("m/s that could be raced for one hour on a flat road", 0.3, 7.0),
    "ability_spread": Key("how far the next outing may be off, share of the ability", 0.0, 1.0),
    "descent_m_per_h": Key("vertical metres an hour downhill, fresh, on smooth ground", 50.0, 2e4),
    "downhill_gain": Key("best descending speed over the flat speed", 0.5, 3.0),
    "hike_most_mps": Key("m/s, fastest hiking on the flat", 0.2, 4.0),
    "gait_shift_mps": Key("m/s: above 0 hikes where others run, below 0 the reverse", -2.0, 3.0),
    "habit": Key("exponent of speed against an outing's length; none when racing", -0.9, 0.9),
    "gait_weight": Key("changes gait at the preferred (0) or at the energetic speed (1)", 0.0, 1.0),
    "decay": Key("power lost to duration, the middle of a field is 1", 0.0, 3.0),
    "ease": Key("most of the one-hour power that is used", 0.1, 2.0),
    "front": Key("how much harder the start than the rest", 0.0, 1.0),
    "wear": Key("descending speed lost to earlier descents", 0.0, 0.9),
    "stops": Key("time standing still, the middle of a field is 1", 0.0, 20.0),
    "sleep": Key("time asleep, the middle of a field is 1", 0.0, 20.0),
    "night_up": Key("speed left in the dark", 0.2, 1.2),
    "night_down": Key("speed left in the dark downhill", 0.2, 1.2),
    "pack_kg": Key("carried", 0.0, 40.0),
    "body_kg": Key("of the runner", 30.0, 200.0),
}

MOST_ITEMS = 6
MOST_LETTERS = 32  # an item heads a narrow column


def too_much(items: Sequence[str]) -> str | None:
    """What is wrong with such a list, or None."""
    if len(items) > MOST_ITEMS:
        return f"{len(items)} items: a crew card takes {MOST_ITEMS} at most"
    long = [item for item in items if len(item) > MOST_LETTERS]
    if long:
        return f"{long[0]!r} is longer than {MOST_LETTERS} letters"
    return "an item is empty" if any(not item.strip() for item in items) else None
