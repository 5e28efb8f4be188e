"""The options that say who runs, and how."""

from __future__ import annotations

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
        help="Raced that flat distance in that time: 10km 38:00.",
    ),
    click.option(
        "--past",
        nargs=2,
        multiple=True,
        metavar="SOURCE TIME",
        help="Finished that course in that time; without a file: '106km 6100m' 18:30.",
    ),
)

crew_option = click.option(
    "--crew-item",
    "crew_items",
    multiple=True,
    callback=card_items,
    metavar="TEXT",
    help="For the crew to bring, six at most; else crew_items of the runner file.",
)

load_options = several(
    click.option(
        "--pack",
        type=Number(0, 40),
        metavar="KG",
        help="Carried weight; else 4.2 kg, and 2.8 for the fastest.",
    ),
    click.option("--body", type=Number(30, 200), metavar="KG", help="Body weight."),
)

plans_option = click.option(
    "--plans", is_flag=True, help="Three plans of sleep at places with beds."
)

standing_options = several(
    click.option(
        "--sleep",
        type=PlaceTime("auto", "none"),
        multiple=True,
        metavar="auto|none|POINT=DURATION",
        help="Sleep there for so long, and nowhere else; auto is what a field does.",
    ),
    click.option(
        "--stop",
        type=PlaceTime(),
        multiple=True,
        metavar="POINT=DURATION",
        help="Stop there for so long, sleep there included.",
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
        " several make a field sheet.",
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
        help="With --runner: as hard as in the recordings, or as in a race.",
    ),
    click.option(
        "--as",
        "gait",
        type=click.Choice(GAITS),
        help="With --runner: by the runs or by the hikes among the recordings.",
    ),
    result_options,
    click.option("--index", type=float, metavar="N", help="A UTMB index."),
    click.option("--goal", type=Duration(), metavar="TIME", help="Finish in that time."),
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
        metavar="POINT TIME",
        help="The race has begun: passed there after that time (14:35, D2 14:30, a date-time).",
    ),
    click.option("--hike-above", type=Grade(), metavar="GRADE", help="Hike all that is steeper."),
    click.option(
        "--conditions",
        type=Number(0.5, 3.0),
        default=1.0,
        metavar="FACTOR",
        help="On all moving time: heat, mud, sand (1.1 is 10 % slower; longer out, it grows).",
    ),
    standing_options,
    click.option(
        "--home-altitude",
        type=Number(-500, 5500),
        default=0.0,
        metavar="M",
        help="Of home; it counts with --not-acclimatised.",
    ),
    click.option(
        "--acclimatised/--not-acclimatised", default=True, help="To altitudes above home."
    ),
    load_options,
    click.option(
        "--intake",
        type=Number(0, 1000),
        default=200.0,
        metavar="KCAL",
        help="Kilocalories eaten an hour.",
    ),
    click.option(
        "--draws",
        type=click.IntRange(0, 5000),
        default=200,
        metavar="N",
        help="Draws behind the range; 0 for none.",
    ),
    click.option("--seed", type=click.IntRange(0), default=1, metavar="N", help="Of the draws."),
)
