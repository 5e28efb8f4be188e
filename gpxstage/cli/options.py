"""The options of all commands, in groups: each field of a group is one option, declared once.

A field that is a group itself brings all options of that group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from gpxstage.cli.values import (
    Amount,
    Duration,
    Grade,
    NumberRange,
    OneOf,
    PlaceDuration,
    argument,
    each_once,
    option,
)

if TYPE_CHECKING:
    from gpxstage.course import Course, Format
    from gpxstage.estimator.runner import Runner
    from gpxstage.parser.inputs import Limits

Pairs = tuple[tuple[str, str], ...]
EFFORTS = ("race", "recorded")


def units_option() -> Any:
    """The field of a group for the units of what is shown."""
    return option(
        "--units",
        type=click.Choice(["metric", "imperial"]),
        default="metric",
        help="Units of the output: kilometres and metres, or miles and feet.",
    )


def quiet_option() -> Any:
    """The field of a group for output without notes."""
    return option("-q", "--quiet", is_flag=True, help="Print no notes.")


def folder_option() -> Any:
    """The field of a group for the folder that a command writes."""
    return option("-o", "--output", required=True, metavar="DIR", help="The folder to write.")


def picture_option() -> Any:
    """The field of a group for a picture beside the tables."""
    return option("-o", "--output", metavar="FILE", help="Picture to write: .png, .svg or .pdf.")


@dataclass(frozen=True)
class LimitOptions:
    """How large a GPX file may be."""

    max_file_mib: int | None = option(
        "--max-file-mib",
        type=click.IntRange(1, 1_000_000),
        metavar="N",
        help="Most MiB of one file, unpacked; 256 where nothing is given.",
    )
    max_points: int | None = option(
        "--max-points",
        type=click.IntRange(2, 1_000_000_000),
        metavar="N",
        help="Most points of one file; 5,000,000 where nothing is given.",
    )
    max_nesting: int | None = option(
        "--max-nesting",
        type=click.IntRange(10, 10_000),
        metavar="N",
        help="Most elements of a file within each other; 100 where nothing is given.",
    )

    @property
    def limits(self) -> Limits:
        """The limits, the usual ones where nothing is given."""
        from gpxstage.parser.inputs import Limits  # --help does without numpy

        given = {name.removeprefix("max_"): most for name, most in vars(self).items() if most}
        return Limits(**given)


@dataclass(frozen=True)
class CourseOptions:
    """Which course, and under which conditions the race is held."""

    source: tuple[str, ...] = argument(nargs=-1, required=True)
    format: Format | None = option(
        "--format",
        type=click.Choice(["continuous", "staged"]),
        help="Kind of race: the clock runs through the night, or each stage has its own start.",
    )
    start: str | None = option(
        "--start", metavar="WHEN", help="Local start, for example 2026-09-04T10:00."
    )
    wave: int | None = option(
        "--wave", type=click.IntRange(1), metavar="N", help="Number of the wave in the race file."
    )
    terrain: float | None = option(
        "--terrain",
        type=NumberRange(0.0, 1.0),
        metavar="0..1",
        help="Roughness of the ground: 0 road, 0.4 mountain trail, 1 hands on rock.",
    )
    raw: bool = option("--raw", is_flag=True, help="Measure without repairs.")
    tracks: tuple[str, ...] = option(
        "--track",
        multiple=True,
        metavar="NAME|NUMBER",
        help="Only this track of the files, as a stage; several in the order given.",
    )
    most: LimitOptions = LimitOptions()

    def load(self) -> Course:
        """The course of these files. Raises what `gpxstage.load` does."""
        from gpxstage import racefile

        return racefile.load(
            *self.source,
            format=self.format,
            start=self.start,
            wave=self.wave,
            terrain=self.terrain,
            repair=not self.raw,
            tracks=self.tracks,
            limits=self.most.limits,
        )


@dataclass(frozen=True)
class FormOptions:
    """A form of output other than tables. Raises UsageError for two of them."""

    json: bool = option("--json", is_flag=True, help="Print JSON instead of tables.")
    csv: bool = option("--csv", is_flag=True, help="Print the points as CSV.")
    markdown: bool = option("--markdown", is_flag=True, help="Print Markdown.")

    def __post_init__(self) -> None:
        if len(chosen := [name for name, value in vars(self).items() if value]) > 1:
            raise click.UsageError(f"--{' and --'.join(chosen)} exclude each other")

    @property
    def form(self) -> str | None:
        """The form that was chosen; None for tables."""
        return next((name for name, value in vars(self).items() if value), None)


@dataclass(frozen=True)
class FactOptions:
    """How a command shows what it found."""

    forms: FormOptions = FormOptions()
    units: str = units_option()
    quiet: bool = quiet_option()


@dataclass(frozen=True)
class ShowOptions:
    """Which part of a report is shown, in which units, with or without notes."""

    stages: tuple[str, ...] = option(
        "--stage", multiple=True, metavar="N|NAME", help="Show only this stage; repeatable."
    )
    units: str = units_option()
    quiet: bool = quiet_option()


@dataclass(frozen=True)
class TableOptions:
    """What a command that prints a report shows."""

    forms: FormOptions = FormOptions()
    show: ShowOptions = ShowOptions()
    above_m: tuple[float, ...] = option(
        "--above",
        type=Amount("altitude", "m", -500, 9000, "9000ft", "2743m"),
        multiple=True,
        metavar="ALTITUDE",
        help="Show how much lies above this altitude: 9000ft, 2743m (a bare number: metres).",
    )


@dataclass(frozen=True)
class ResultOptions:
    """What the runner has raced."""

    flat: Pairs = option(
        "--flat",
        nargs=2,
        multiple=True,
        metavar="DISTANCE TIME",
        help="A flat race of the runner and its time, for example 10km 38:00.",
    )
    past: Pairs = option(
        "--past",
        nargs=2,
        multiple=True,
        metavar="SOURCE TIME",
        help="A course that the runner has finished, and the time it took. Without a file, length"
        " and climb are enough: '106km 6100m' 18:30, '31mi 5900ft' 7:10.",
    )


@dataclass(frozen=True)
class WeightOptions:
    """What the runner and the pack weigh; None is what a runner of that ability usually has."""

    pack_kg: float | None = option(
        "--pack",
        type=Amount("weight", "kg", 0, 40, "8lb", "3.6kg"),
        metavar="WEIGHT",
        help="Weight that the runner carries, as 8lb or 3.6kg (a bare number: kg); without it"
        " 4.2 kg, 2.8 kg for the fastest, and none on a road (terrain 0).",
    )
    body_kg: float | None = option(
        "--body",
        type=Amount("weight", "kg", 30, 200, "154lb", "70kg"),
        metavar="WEIGHT",
        help="Weight of the runner's body, as 154lb or 70kg (a bare number: kg).",
    )

    def on(self, runner: Runner) -> Runner:
        """The runner with the weights that are given."""
        given = {name: kg for name, kg in vars(self).items() if kg is not None}
        return replace(runner, **given)


@dataclass(frozen=True)
class RunnerOptions:
    """Who runs."""

    level: tuple[str, ...] = option(
        "--level",
        type=OneOf("level", "gpxstage.estimator.runner", "LEVEL_MPS"),
        multiple=True,
        callback=each_once,
        metavar="LEVEL",
        help="A place in the field: elite, strong, mid, back (winner, 10th, 50th, 90th per cent);"
        " give it several times for a table of all of them.",
    )
    files: tuple[str, ...] = option(
        "--runner",
        multiple=True,
        callback=each_once,
        metavar="FILE",
        help="A runner file, as `gpxstage fit` writes it; give it several times for a table of"
        " all of them.",
    )
    together: bool = option(
        "--together",
        is_flag=True,
        help="The two of --runner are a team: everywhere at the pace of the slower one.",
    )
    effort: str | None = option(
        "--effort",
        type=click.Choice(EFFORTS),
        help="Effort of the runner of --runner: as hard as in the recordings, or as in a race.",
    )
    gait: str | None = option(
        "--as",
        type=click.Choice(["run", "hike"]),
        help="Gait of the runner of --runner: by the runs or by the hikes among the recordings.",
    )
    results: ResultOptions = ResultOptions()
    index: float | None = option(
        "--index", type=float, metavar="N", help="UTMB index of the runner."
    )
    inside: bool = option(
        "--inside",
        is_flag=True,
        help="The slowest runner who leaves every cutoff half an hour before it closes.",
    )
    goal_s: float | None = option(
        "--goal",
        type=Duration(),
        metavar="TIME",
        help="Finishing time: find the ability that it needs.",
    )
    home_altitude_m: float = option(
        "--home-altitude",
        type=Amount("altitude", "m", -500, 5500, "5280ft", "1609m"),
        default=0.0,
        metavar="ALTITUDE",
        help="Altitude of home, as 5280ft (a bare number: metres), for --not-acclimatised.",
    )
    acclimatised: bool = option(
        "--acclimatised/--not-acclimatised",
        default=True,
        help="Say whether the runner is used to altitudes above home.",
    )
    weight: WeightOptions = WeightOptions()


@dataclass(frozen=True)
class PlanOptions:
    """How the race is run: the day, the stops and sleeps, and what has happened so far."""

    passed: Pairs = option(
        "--passed",
        nargs=2,
        multiple=True,
        metavar="POINT WHEN",
        help="Passage so far: a point, and the time since the start (14:35) or of the clock (Mon"
        " 14:35, D2 14:30, a date and time). The rest of the race is estimated anew.",
    )
    slower: float | None = option(
        "--slower",
        type=NumberRange(0.1, 2.0),
        metavar="SHARE",
        help="Go at this share of the expected speed, from the last --passed or the start: 0.85.",
    )
    until: str | None = option("--until", metavar="POINT", help="End of --slower, else the finish.")
    hike_above: float | None = option(
        "--hike-above",
        type=Grade(),
        metavar="GRADE",
        help="Hike everything that is steeper than this grade.",
    )
    conditions: float | None = option(
        "--conditions",
        type=NumberRange(0.5, 3.0),
        metavar="FACTOR",
        help="Factor on all moving time for heat or mud: 1.1 is 10 % slower, and more hours tire"
        " besides. Without it the race file's holds.",
    )
    sleep: tuple[tuple[str, float], ...] = option(
        "--sleep",
        type=PlaceDuration("auto", "none"),
        multiple=True,
        metavar="auto|none|POINT=DURATION",
        help="Sleep for this long at this point, and nowhere else. auto follows what runners of"
        " this level usually do.",
    )
    stop: tuple[tuple[str, float], ...] = option(
        "--stop",
        type=PlaceDuration(),
        multiple=True,
        metavar="POINT=DURATION",
        help="Stop for this long at this point; sleep there is part of the stop.",
    )
    intake_kcal_per_h: float = option(
        "--intake",
        type=NumberRange(0, 1000),
        default=200.0,
        metavar="KCAL",
        help="Kilocalories that the runner eats in each hour awake.",
    )
    base_meal_kcal: float = option(
        "--base-meal",
        type=NumberRange(0, 3000),
        default=0.0,
        metavar="KCAL",
        help="A meal of so many kilocalories at each base with a stop; then nothing for two hours,"
        " then the rest of --intake in equal portions every 30 min.",
    )


@dataclass(frozen=True)
class ModelOptions:
    """By which model the race is estimated, and how often."""

    name: str = option(
        "--model",
        type=OneOf("model", "gpxstage.estimator.models", "MODELS"),
        default="gait",
        help="A speed model, from `gpxstage models`.",
    )
    draws: int = option(
        "--draws",
        type=click.IntRange(0, 5000),
        default=200,
        metavar="N",
        help="Number of random draws behind the ranges; 0 for no ranges.",
    )
    seed: int = option(
        "--seed",
        type=click.IntRange(0),
        default=1,
        metavar="N",
        help="Seed of the draws; the same seed gives the same bytes.",
    )


@dataclass(frozen=True)
class RaceOptions:
    """All that an estimate of a race needs."""

    course: CourseOptions = CourseOptions()
    runner: RunnerOptions = RunnerOptions()
    plan: PlanOptions = PlanOptions()
    model: ModelOptions = ModelOptions()
