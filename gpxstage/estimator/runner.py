"""A Runner and its levels: one axis of ability, everything else follows unless it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from gpxstage.estimator.learnt import Ground, Seen, ability_at, beyond, of_level
from gpxstage.text import suggestion
from gpxstage.units import hours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gpxstage.course import Array, Result

# By one-hour flat speed (m/s): what goes with it in a mountain ultra's field. Judgement,
# fitted to the winner, 10th, 50th and 90th percentile of UTMB 2024 and of the Tor 2025; below
# 3.3 m/s, where nobody races, to the hikes among the recordings of docs/accuracy.md.
ABILITY_MPS = (1.00, 2.00, 3.30, 3.70, 4.40, 5.70)
WITH_ABILITY = {
    # vertical metres an hour, fresh, on smooth ground
    "descent_m_per_h": (400.0, 1000.0, 1600.0, 1870.0, 2680.0, 4050.0),
    "downhill_gain": (1.43, 1.43, 1.43, 1.43, 1.46, 1.51),  # best descending over flat speed
    "hike_most_mps": (0.90, 1.25, 1.65, 1.75, 1.90, 2.00),  # fastest hiking on the flat
    # changes gait at the preferred (0) or at the energetic speed (1)
    "gait_weight": (0.5, 0.5, 0.5, 0.5, 0.5, 0.8),
    "decay": (1.20, 1.14, 1.06, 1.03, 0.99, 0.905),  # power lost to duration, field's middle 1
    "ease": (0.60, 0.70, 1.00, 1.20, 1.20, 1.20),  # most of the one-hour power that is used
    "front": (0.39, 0.39, 0.39, 0.36, 0.32, 0.19),  # how much harder the start than the rest
    # how much harder the first hours of a long race on runnable ground, share of the power
    "early": (0.0, 1.35, 1.16, 0.97, 0.63, 0.05),
    "wear": (0.275, 0.275, 0.275, 0.26, 0.215, 0.175),  # descending speed lost to descents
    "stops": (1.0, 1.0, 1.0, 1.0, 0.70, 0.45),  # against the field's median
    "sleep": (1.0, 1.0, 1.0, 1.0, 0.70, 0.25),
    "night_up": (0.95, 0.95, 0.95, 0.95, 0.96, 0.97),  # speed left in the dark
    "night_down": (0.90, 0.90, 0.90, 0.90, 0.92, 0.94),
    "pack_kg": (4.2, 4.2, 4.2, 4.2, 3.5, 2.8),
}
BODY_KG = 70.0
KnownFrom = Literal["elsewhere", "results", "here", "outings", "goal"]

FITTED = ("descent_m_per_h", "downhill_gain", "hike_most_mps")  # to outings


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
    early: float
    wear: float
    stops: float
    sleep: float
    night_up: float
    night_down: float
    pack_kg: float
    body_kg: float = BODY_KG
    ability_spread: float = 0.0  # standard deviation of the logarithm of flat_speed_mps
    # elsewhere: a place in a field, an index or flat races; results: other mountain races; here:
    # this very race; outings: recordings. Of the last three all that another day and another
    # course may change is in ability_spread
    known_from: KnownFrom = "elsewhere"
    gait_shift_mps: float = 0.0  # hikes on to a higher speed than most, or runs from a lower one
    gait_down_mps: float = 0.0  # the same on descents, beside that
    habit: float = 0.0  # exponent of speed against moving time, by choice; none when racing
    habit_from_h: float = 1.0  # seen in outings from ...
    habit_to_h: float = 1.0  # ... to this long
    # standing on the way by choice, on outings of up to so many hours; None: as in a field of races
    stopped_min_per_h: float | None = None
    stopped_spread: float = 0.35  # standard deviation of its logarithm (judgement, as in draws)
    stopped_to_h: float = 1e6
    seen: Seen | None = None  # the ground on which the ability is this; None: on any

    def __repr__(self) -> str:
        """Name and ability; the rest is in the fields."""
        return f"<Runner {self.name or self.source}: {self.flat_speed_mps:.2f} m/s for an hour>"

    @property
    def eager(self) -> Array | float:
        """How much harder than the rest the first hours are: an outing is no race."""
        return 0.0 if self.known_from == "outings" else self.early

    def load(self, lighter_kg: Array | float = 0.0) -> Array | float:
        """Carried mass over body mass, where the pack is so much lighter than at the start."""
        return np.maximum(self.pack_kg - lighter_kg, 0.0) / self.body_kg


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
    rest: Mapping[str, Any] = {
        key: float(np.interp(flat_speed_mps, ABILITY_MPS, values))
        for key, values in WITH_ABILITY.items()
    }
    return Runner(name, source, flat_speed_mps, **rest)


def finishing(flat_speed_mps: float, name: str = "", source: str = "ability") -> Runner:
    """The same of whom the finish is given: cutoffs cut neither stops nor sleep."""
    return replace(at_ability(flat_speed_mps, name, source), known_from="goal")


def with_numbers(runner: Runner, numbers: Mapping[str, Any]) -> Runner:
    """The runner with some numbers of other values, by the names of Runner's fields."""
    return replace(runner, **numbers)


def at(runner: Runner, flat_speed_mps: Any) -> Runner:
    """The same runner at another ability, or at a column of them.

    What follows from ability changes with it, by the same share. Numbers fitted to outings, and
    the weight of the pack, stay.
    """
    kept = {"pack_kg", *(FITTED if runner.known_from == "outings" else ())}
    changed: dict[str, Array | float] = {"flat_speed_mps": flat_speed_mps}
    for key, row in WITH_ABILITY.items():
        if key not in kept:
            usual = np.interp([runner.flat_speed_mps], ABILITY_MPS, row)[0]
            own = getattr(runner, key) / usual if usual else 1.0
            value = own * np.interp(flat_speed_mps, ABILITY_MPS, row)
            changed[key] = float(value) if np.ndim(value) == 0 else value
    return with_numbers(runner, changed)


def moved(runner: Runner, ground: Ground) -> Runner:
    """The runner as they are on a ground; unchanged where nothing is known of where they ran."""
    if runner.seen is None:
        return runner
    flat_mps = ability_at(runner.flat_speed_mps, runner.seen, ground)
    spread = math.hypot(runner.ability_spread, runner.seen.apart * beyond(runner.seen, ground))
    return replace(at(runner, flat_mps), ability_spread=spread, seen=None)


def no_harder(runner: Runner, racer: Runner) -> Runner:
    """A runner whose outings are nowhere harder than a race, where both are known by a ground."""
    if runner.seen is None or racer.seen is None:
        return runner
    return replace(runner, seen=replace(runner.seen, most=(racer.flat_speed_mps, racer.seen)))


# places in a field: the winner, the 10th, the 50th and the 90th percentile
LEVEL_MPS = {"elite": 5.60, "strong": 4.42, "mid": 3.86, "back": 3.60}
DEFAULT_LEVEL = "mid"
RESULT_OF = {"elite": "winner_s", "strong": "p10_s", "mid": "median_s", "back": "p90_s"}
OTHER_FIELD = 0.08  # judgement: half of the fields that were left out of a level's fit differ more


LEVELS = {  # a shorter race has a weaker field
    name: replace(at_ability(mps, name, "level"), seen=of_level(name))
    for name, mps in LEVEL_MPS.items()
}


def against_results(runner: Runner, results: Sequence[Result], elapsed_s: float) -> list[str]:
    """A note where a level takes another time than its place did in earlier years of the race."""
    if runner.source != "level" or runner.name not in RESULT_OF:
        return []
    known_s = [getattr(result, RESULT_OF[runner.name]) for result in results]
    known_s = [value_s for value_s in known_s if value_s is not None]
    if not known_s or abs(elapsed_s * len(known_s) / sum(known_s) - 1.0) <= OTHER_FIELD:
        return []
    needed = hours(sum(known_s) / len(known_s))
    return [
        f"{runner.name}: at that place earlier fields of this race took {needed}, and levels are"
        f" of other fields: --goal {needed} estimates a runner of that time"
    ]


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
    "gait_down_mps": Key("m/s: the same on descents, beside that", -2.0, 3.0),
    "habit": Key("exponent of speed against an outing's length; none when racing", -0.9, 0.9),
    "length_slope": Key("change of log ability an e-fold of km-effort", -1.0, 1.0),
    "steepness_slope": Key("change of log ability for 100 m more climb a km", -2.0, 2.0),
    "stopped_min_per_h": Key(
        "minutes standing for an hour of moving, on outings; in a race stops counts", 0.0, 600.0
    ),
    "gait_weight": Key("changes gait at the preferred (0) or at the energetic speed (1)", 0.0, 1.0),
    "decay": Key("power lost to duration, the middle of a field is 1", 0.0, 3.0),
    "ease": Key("most of the one-hour power that is used", 0.1, 2.0),
    "front": Key("how much harder the start than the rest", 0.0, 1.0),
    "early": Key("how much harder the first hours, on runnable ground", 0.0, 3.0),
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


FASTEST_MPS = 10.0  # in a runner file less is allowed; a race's terrain is searched up to here
INTAKE_KCAL_PER_H = (0.0, 1000.0)
BASE_MEAL_KCAL = (0.0, 3000.0)
HABIT_H = (0.01, 1e6)
STOPPED = "stopped_min_per_h"  # a runner may have none
STOPPED_RANGE = (KEYS[STOPPED].low, KEYS[STOPPED].high)
RANGES = {key.name: (KEYS[key.name].low, KEYS[key.name].high) for key in fields(Runner)
          if key.name in KEYS and key.name != STOPPED}  # fmt: skip
RANGES |= {"flat_speed_mps": (KEYS["flat_speed_mps"].low, FASTEST_MPS)}
RANGES |= dict.fromkeys(("habit_from_h", "habit_to_h", "stopped_to_h"), HABIT_H)
RANGES |= {"stopped_spread": (0.0, 10.0)}


def runner_of(who: Any) -> Runner:
    """A Runner, checked; or that of a level by its name, or of the usual level for None.

    Raises ValueError for an unknown level and a number out of its range, TypeError for what is
    neither a Runner nor a name.
    """
    if who is None:
        return LEVELS[DEFAULT_LEVEL]
    if isinstance(who, str):
        if who in LEVELS:
            return LEVELS[who]
        hint = suggestion(who, list(LEVELS))
        raise ValueError(f"no level is called {who!r}, only {', '.join(LEVELS)}{hint}")
    if not isinstance(who, Runner):
        raise TypeError(f"a runner is a Runner or the name of a level, not {kind_of(who)}")
    for name, (low, high) in RANGES.items():
        in_range(f"runner: {name}", getattr(who, name), low, high)
    if who.stopped_min_per_h is not None:
        in_range(f"runner: {STOPPED}", who.stopped_min_per_h, *STOPPED_RANGE)
    if who.known_from not in get_args(KnownFrom):
        raise ValueError(f"runner: known_from is one of {', '.join(get_args(KnownFrom))}")
    return who


def for_crew(intake_kcal_per_h: Any, base_meal_kcal: Any, items: Any) -> None:
    """Raise for food out of its range and for more items than a crew card has room for."""
    in_range("intake_kcal_per_h", intake_kcal_per_h, *INTAKE_KCAL_PER_H)
    in_range("base_meal_kcal", base_meal_kcal, *BASE_MEAL_KCAL)
    if isinstance(items, str) or not all(isinstance(item, str) for item in items):
        raise TypeError("crew_items is a list of texts")
    if wrong := too_much(items):
        raise ValueError(f"crew_items: {wrong}")


def in_range(name: str, value: Any, low: float, high: float) -> None:
    """Raise unless *value* is a number from *low* to *high*."""
    found = a_number(name, value)
    if not low <= found <= high:
        raise ValueError(f"{name} {found:g} is out of range: {low:g} ... {high:g}")


def a_number(name: str, value: Any) -> float:
    """*value* as a float; TypeError for what is no number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number, not {kind_of(value)}")
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def kind_of(value: Any) -> str:
    """What an error message calls a value of the wrong kind."""
    return f"{value!r}" if isinstance(value, str | int | float) else type(value).__name__
