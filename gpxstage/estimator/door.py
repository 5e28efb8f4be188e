"""What the estimator is asked, checked once for Python and the command line alike.

A value that cannot be is a ValueError, a thing of the wrong kind a TypeError; both name the
option, the value and the rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from numbers import Integral, Real
from typing import Any, get_args

from gpxstage.estimator.models import MODELS
from gpxstage.estimator.nouns import Passed, Policy
from gpxstage.estimator.runner import DEFAULT_LEVEL, KEYS, LEVELS, KnownFrom, Runner, too_much
from gpxstage.text import suggestion

FASTEST_MPS = 10.0  # in a runner file less is allowed; a race's terrain is searched up to here
MOST_DRAWS = 5000
INTAKE_KCAL_PER_H = (0.0, 1000.0)
HABIT_H = (0.01, 1e6)
RANGES = {key.name: (KEYS[key.name].low, KEYS[key.name].high) for key in fields(Runner)
          if key.name in KEYS}  # fmt: skip
RANGES |= {"flat_speed_mps": (KEYS["flat_speed_mps"].low, FASTEST_MPS)}
RANGES |= {"habit_from_h": HABIT_H, "habit_to_h": HABIT_H}
SLOWDOWN, HOME_M, GRADE = (0.5, 3.0), (-500.0, 5500.0), (0.0, 1.0)


def runner_of(who: Any) -> Runner:
    """The runner that is meant: a Runner, the name of a level, or None for the usual level."""
    if who is None:
        return LEVELS[DEFAULT_LEVEL]
    if isinstance(who, str):
        if who in LEVELS:
            return LEVELS[who]
        hint = suggestion(who, list(LEVELS))
        raise ValueError(f"no level is called {who!r}, only {', '.join(LEVELS)}{hint}")
    if not isinstance(who, Runner):
        raise TypeError(f"a runner is a Runner or the name of a level, not {_kind(who)}")
    for name, (low, high) in RANGES.items():
        number(f"runner: {name}", getattr(who, name), low, high)
    if who.known_from not in get_args(KnownFrom):
        raise ValueError(f"runner: known_from is one of {', '.join(get_args(KnownFrom))}")
    return who


def policy_of(how: Any) -> Policy:
    """The policy that is meant; None is the usual one.

    Places and how long one stays there are checked on the course, by `plan.asked_for`.
    """
    if how is None:
        return Policy()
    if not isinstance(how, Policy):
        raise TypeError(f"a policy is a Policy, not {_kind(how)}")
    if how.hike_above is not None:
        number("policy: hike_above", how.hike_above, *GRADE)
    number("policy: slowdown", how.slowdown, *SLOWDOWN)
    number("policy: home_altitude_m", how.home_altitude_m, *HOME_M)
    for name, given in (("sleeps", how.sleeps), ("stops", how.stops)):
        if given is None and name == "sleeps":
            continue
        if not isinstance(given, Mapping):
            raise TypeError(f"policy: {name} is a dict of seconds by point, not {_kind(given)}")
        for place, value_s in given.items():
            if not isinstance(place, str):
                raise TypeError(f"policy: {name}: a point is named by text, not {_kind(place)}")
            _real(f"policy: {name}: {place}", value_s)
    return how


def asked(
    runners: Sequence[Any], *, policy: Any, model: Any, draws: Any, seed: Any, passed: Any, why: Any
) -> tuple[tuple[Runner, ...], Policy]:
    """The runners and the policy that are meant; the other options are checked.

    Raises ValueError for a model that is none and for draws and a seed out of their range,
    TypeError for what is no number and no passage.
    """
    if not isinstance(model, str):
        raise TypeError(f"a model is the name of one, not {_kind(model)}")
    if model not in MODELS:
        hint = suggestion(model, list(MODELS))
        raise ValueError(f"unknown model {model!r}: one of {', '.join(MODELS)}{hint}")
    _count("draws", draws, MOST_DRAWS)
    _count("seed", seed)
    if not isinstance(why, bool):
        raise TypeError(f"why is True or False, not {_kind(why)}")
    for here in passed:
        if not isinstance(here, Passed):
            raise TypeError(f"passed holds Passed, not {_kind(here)}")
    return tuple(map(runner_of, runners)), policy_of(policy)


def for_crew(intake_kcal_per_h: Any, items: Any) -> None:
    """Raise for an intake out of its range and for more items than a crew card has room for."""
    number("intake_kcal_per_h", intake_kcal_per_h, *INTAKE_KCAL_PER_H)
    if isinstance(items, str) or not all(isinstance(item, str) for item in items):
        raise TypeError("crew_items is a list of texts")
    if wrong := too_much(items):
        raise ValueError(f"crew_items: {wrong}")


def number(name: str, value: Any, low: float, high: float) -> None:
    """Raise unless *value* is a number from *low* to *high*."""
    found = _real(name, value)
    if not low <= found <= high:
        raise ValueError(f"{name} {found:g} is out of range: {low:g} ... {high:g}")


def _real(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number, not {_kind(value)}")
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf


def _count(name: str, value: Any, most: int | None = None) -> None:
    """Raise unless *value* is a whole number from 0 to *most*."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} is a whole number, not {_kind(value)}")
    found = int(value)
    if found < 0 or (most is not None and found > most):
        rule = "0 or more" if most is None else f"0 ... {most}"
        raise ValueError(f"{name} {found} is out of range: {rule}")


def _kind(value: Any) -> str:
    return f"{value!r}" if isinstance(value, str | int | float) else type(value).__name__
