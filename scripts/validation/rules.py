"""The rules that people use, as relative times per cell, to be scaled to a finish or a person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpxstage.estimator.models import MODELS, pace_s_per_m

Rule = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # grade, length, altitude
FADE_TO = 0.6  # of Course Generator's speed, at the finish: what did best on 100-mile races
SPLIT = 0.20  # ultraPacer's positive split from 120 km on


def by_model(name: str) -> Rule:
    """A row of the program's own table of models."""

    def relative_s(grade: np.ndarray, length_m: np.ndarray, _: np.ndarray) -> np.ndarray:
        return length_m * pace_s_per_m(MODELS[name], grade, 1.0)

    return relative_s


def distance(grade: np.ndarray, length_m: np.ndarray, altitude_m: np.ndarray) -> np.ndarray:
    """The same pace everywhere."""
    return length_m


def faded(name: str, to: float) -> Rule:
    """A curve whose speed falls in a straight line over the distance, to a share at the finish."""

    def relative_s(grade: np.ndarray, length_m: np.ndarray, altitude_m: np.ndarray) -> np.ndarray:
        done = (np.cumsum(length_m) - 0.5 * length_m) / length_m.sum()
        return by_model(name)(grade, length_m, altitude_m) / (1.0 - (1.0 - to) * done)

    return relative_s


def ultrapacer_whole(grade: np.ndarray, length_m: np.ndarray, altitude_m: np.ndarray) -> np.ndarray:
    """The formula of ultraPacer with its positive split and its altitude."""
    done = (np.cumsum(length_m) - 0.5 * length_m) / length_m.sum()
    drift = 1.0 + SPLIT * (done - 0.5)
    thin = (1.0 + 6e-5) ** np.maximum(altitude_m - 750.0, 0.0)
    return by_model("ultrapacer")(grade, length_m, altitude_m) * drift * thin


CURVES: dict[str, Rule] = {
    "Course Generator's curve": by_model("course-generator"),
    "ultraPacer's curve": by_model("ultrapacer"),
    "Strava GAP": by_model("strava-gap"),
    "Minetti, running": by_model("minetti"),
    "km-effort": by_model("km-effort"),
    "Naismith": by_model("naismith"),
    "Tobler": by_model("tobler"),
    "Munter": by_model("munter"),
    "Swiss signposts": by_model("swiss"),
    "distance": distance,
}
WITH_FADE: dict[str, Rule] = {
    "Course Generator, its fade of 1.0 to 0.6": faded("course-generator", FADE_TO),
    "Strava GAP, fading to 0.5": faded("strava-gap", 0.5),
    "Tobler, fading to 0.6": faded("tobler", 0.6),
    "ultraPacer, its split of 20 % and altitude": ultrapacer_whole,
}
