"""The options that say who runs, and how; and the typed request that they become."""

from __future__ import annotations

from dataclasses import dataclass

import click

from gpxstage.cli.options import several
from gpxstage.cli.values import (
    Duration,
    Grade,
    Number,
    OneOf,
    PlaceTime,
    card_items,
    each_once,
    only_one,
)

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
