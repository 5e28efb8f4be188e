"""The options that say who runs, and how; what people type in them; the request they become."""

from __future__ import annotations

import math
import os.path
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gpxstage.text import duration_s, fits, listed, suggestion
from gpxstage.units import MILE_M

if TYPE_CHECKING:
    from collections.abc import Callable

DISTANCES_M = {"marathon": 42_195.0, "half": 21_097.5, "half-marathon": 21_097.5}
UNITS_M = {"km": 1000.0, "k": 1000.0, "mi": MILE_M, "m": 1.0}
FLAT_KMH = (4.0, 25.0)  # what a flat race is run at: tells h:mm from m:ss


Command = Any


def several(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Options that go together, as one decorator."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def distance_m(text: str) -> float | None:
    """Metres of ``10km``, ``13.1mi``, ``marathon``; None for anything else, and for nothing."""
    text = text.strip().lower()
    if text in DISTANCES_M:
        return DISTANCES_M[text]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km|k|mi|m)", text)
    return (_finite(float(match[1]) * UNITS_M[match[2]]) or None) if match else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def picture_kind(option: str, path: str) -> str:
    """The ending that says what a picture is to be; *option* is the one that gave the path."""
    kind = os.path.splitext(path)[1].lower()
    if kind not in {".png", ".svg", ".pdf"}:
        raise click.UsageError(f"{option} {path}: the ending must be .png, .svg or .pdf")
    return kind[1:]


def flat_time_s(text: str, length_m: float) -> float | None:
    """A time for a flat race: two parts are h:mm where that is 4 to 25 km/h, else m:ss."""
    value_s = duration_s(text)
    if value_s is None or not re.fullmatch(r"\s*\d+:\d+\s*", text):
        return value_s
    low, high = FLAT_KMH
    return value_s if low <= 3.6 * length_m / max(value_s, 1e-9) <= high else value_s / 60.0


class Number(click.FloatRange):
    """A number in a range: click's own takes nan, which no bound excludes."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number, or a usage error."""
        found = float(super().convert(value, param, ctx))
        if math.isnan(found):
            self.fail(f"{value!r} is not a number", param, ctx)
        return found


class Duration(click.ParamType[float]):
    """A time or a duration, in seconds."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Seconds, or a usage error that shows the forms."""
        found = duration_s(value) if isinstance(value, str) else float(value)
        if found is None or not found > 0:
            self.fail(f"{value!r} is not a time: 38:00 (h:mm), 1:02:03, 38h, 90min", param, ctx)
        return found


class PlaceTime(click.ParamType[tuple[str, float]]):
    """A point of the course and a duration; *words* may stand instead of both."""

    name = "place"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, float]:
        """Name and seconds, or one of the words and nothing; else a usage error."""
        place, _, time = str(value).rpartition("=")
        found = duration_s(time)
        if not place and value in self.words:
            return str(value), 0.0
        if not place.strip() or found is None:
            also = "".join(f"{word} or " for word in self.words)
            self.fail(f"{value!r} is not {also}POINT=DURATION, as Cogne=1h30", param, ctx)
        return place.strip(), found


class Grade(click.ParamType[float]):
    """A grade: ``8%`` or ``0.08``."""

    name = "grade"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """A fraction, or a usage error."""
        text = str(value).strip()
        try:
            found = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
        except ValueError:
            found = -1.0
        if not 0.0 <= found <= 1.0:
            self.fail(f"{value!r} is not a grade: 8% or 0.08", param, ctx)
        return found


class OneOf(click.ParamType[str]):
    """A name out of a table that is only read when a value is given."""

    def __init__(self, name: str, module: str, table: str) -> None:
        self.name, self.module, self.table = name, module, table

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The name, or a usage error that lists all."""
        from importlib import import_module

        names: list[str] = list(getattr(import_module(self.module), self.table))
        found = [names[k] for k in fits(str(value), names)]
        if len(found) > 1:
            self.fail(f"{value!r} may be {listed(found)}", param, ctx)
        if not found:
            hint = suggestion(str(value), names)
            self.fail(f"{value!r} is not one of {', '.join(names)}{hint}", param, ctx)
        return found[0]


def only_one(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str | None:
    """An option that may stand once, said so where click would take the last."""
    if len(values) > 1:
        raise click.BadParameter("may be given once", ctx, option)
    return values[0] if values else None


def each_once(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """An option that may stand several times, but not twice with one value."""
    for value in values:
        if values.count(value) > 1:
            raise click.BadParameter(f"{value} is given twice", ctx, option)
    return values


def card_items(
    ctx: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """What the crew is to bring, as much as a card takes."""
    if values:
        from gpxstage.estimator.runner import too_much

        if wrong := too_much(values):
            raise click.BadParameter(wrong, ctx, option)
    return values


EFFORTS = ("race", "recorded")
GAITS = ("run", "hike")

result_options = several(
    click.option(
        "--flat",
        nargs=2,
        multiple=True,
        metavar="DISTANCE TIME",
        help="A flat race of the runner and its time, for example 10km 38:00.",
    ),
    click.option(
        "--past",
        nargs=2,
        multiple=True,
        metavar="SOURCE TIME",
        help="A course that the runner has finished, and the time it took. Without a file, length"
        " and climb are enough: '106km 6100m' 18:30.",
    ),
)

crew_option = click.option(
    "--crew-item",
    "crew_items",
    multiple=True,
    callback=card_items,
    metavar="TEXT",
    help="Something that the crew brings, printed on the crew card; up to six."
    " The crew card needs the extra [web]. Without this option, crew_items of the runner file.",
)

load_options = several(
    click.option(
        "--pack",
        type=Number(0, 40),
        metavar="KG",
        help="Weight that the runner carries; without it 4.2 kg, 2.8 kg for the fastest, and none"
        " on a road (terrain 0).",
    ),
    click.option("--body", type=Number(30, 200), metavar="KG", help="Weight of the runner's body."),
)

plans_option = click.option(
    "--plans", is_flag=True, help="Propose up to three plans of sleep at places with beds."
)

standing_options = several(
    click.option(
        "--sleep",
        type=PlaceTime("auto", "none"),
        multiple=True,
        metavar="auto|none|POINT=DURATION",
        help="Sleep for this long at this point, and nowhere else. auto follows what runners of"
        " this level usually do.",
    ),
    click.option(
        "--stop",
        type=PlaceTime(),
        multiple=True,
        metavar="POINT=DURATION",
        help="Stop for this long at this point; sleep there is part of the stop.",
    ),
)

runner_options = several(
    click.option(
        "--level",
        type=OneOf("level", "gpxstage.estimator.runner", "LEVEL_MPS"),
        multiple=True,
        callback=each_once,
        metavar="LEVEL",
        help="A place in the field: elite, strong, mid, back (winner, 10th, 50th, 90th per cent);"
        " give it several times for a table of all of them.",
    ),
    click.option(
        "--runner",
        multiple=True,
        callback=only_one,
        metavar="FILE",
        help="A runner file, as `gpxstage fit` writes it.",
    ),
    click.option(
        "--effort",
        type=click.Choice(EFFORTS),
        help="Effort of the runner of --runner: as hard as in the recordings, or as in a race.",
    ),
    click.option(
        "--as",
        "gait",
        type=click.Choice(GAITS),
        help="Gait of the runner of --runner: by the runs or by the hikes among the recordings.",
    ),
    result_options,
    click.option("--index", type=float, metavar="N", help="UTMB index of the runner."),
    click.option(
        "--goal",
        type=Duration(),
        metavar="TIME",
        help="Finishing time: find the ability that it needs.",
    ),
    click.option(
        "--model",
        type=OneOf("model", "gpxstage.estimator.models", "MODELS"),
        default="gait",
        help="A speed model, from `gpxstage models`.",
    ),
    click.option(
        "--passed",
        nargs=2,
        multiple=True,
        metavar="POINT WHEN",
        help="Passage in a race that has begun: a point, and the time since the start (14:35) or"
        " of the clock (Mon 14:35, D2 14:30, a date and time). The rest of the race is"
        " estimated anew.",
    ),
    click.option(
        "--hike-above",
        type=Grade(),
        metavar="GRADE",
        help="Hike everything that is steeper than this grade.",
    ),
    click.option(
        "--conditions",
        type=Number(0.5, 3.0),
        default=1.0,
        metavar="FACTOR",
        help="Factor on all moving time for heat, mud or sand: 1.1 is 10 % slower. More hours"
        " on the way add fatigue, so the whole effect is larger.",
    ),
    standing_options,
    click.option(
        "--home-altitude",
        type=Number(-500, 5500),
        default=0.0,
        metavar="M",
        help="Altitude of the runner's home; it counts with --not-acclimatised.",
    ),
    click.option(
        "--acclimatised/--not-acclimatised",
        default=True,
        help="Say whether the runner is used to altitudes above home.",
    ),
    load_options,
    click.option(
        "--intake",
        type=Number(0, 1000),
        default=200.0,
        metavar="KCAL",
        help="Kilocalories that the runner eats an hour.",
    ),
    click.option(
        "--draws",
        type=click.IntRange(0, 5000),
        default=200,
        metavar="N",
        help="Number of random draws behind the ranges; 0 for no ranges.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0),
        default=1,
        metavar="N",
        help="Seed of the draws; the same seed gives the same bytes.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the options of this module hold, as click checked it; each name is an option's."""

    level: tuple[str, ...]
    runner: str | None
    effort: str | None
    gait: str | None
    flat: tuple[tuple[str, str], ...]
    past: tuple[tuple[str, str], ...]
    index: float | None
    goal: float | None
    model: str
    passed: tuple[tuple[str, str], ...]
    hike_above: float | None
    conditions: float
    sleep: tuple[tuple[str, float], ...]
    stop: tuple[tuple[str, float], ...]
    home_altitude: float
    acclimatised: bool
    pack: float | None
    body: float | None
    intake: float
    draws: int
    seed: int
    plans: bool = False
    why: bool = False
    crew_items: tuple[str, ...] = ()
