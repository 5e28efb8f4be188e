"""What the page says: its headline figures, what the estimate assumed, and text at each place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage.facts.figures import Interval, asdict
from gpxstage.facts.headline import behind
from gpxstage.report.say.sentences import (
    against_limit,
    inside,
    kcal,
    name_and_place,
    range_text,
    stopped_s,
    when,
    when_range,
)
from gpxstage.text import one_line
from gpxstage.units import (
    Units,
    clock,
    day,
    fraction,
    half_up,
    hours,
    number,
    percent,
    percent_text,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gpxstage.course import Array
    from gpxstage.facts import RaceFacts, RunnerFacts, StageFacts
    from gpxstage.report.page.thinned import Curve


# figures and assumptions


@dataclass(frozen=True)
class Figure:
    """A headline figure: what it is, the value with its unit, and what else is so."""

    name: str
    value: str
    unit: str
    more: tuple[str, ...] = ()


def headline(race: RaceFacts, unit: Units) -> list[Figure]:
    """The race in figures: the four that come first in front."""
    official = race.official
    published = [f"organiser: {unit.far(official.length_m)} {unit.distance}"]
    far = Figure(
        "Distance",
        unit.far(race.length_m),
        unit.distance,
        tuple(published if official.length_m is not None else ()),
    )
    if race.gain_m is None:
        return [far]
    low, high = unit.high(race.gain_low_m), unit.high(race.gain_high_m)
    more = [f"{low} – {high} by method"] if low != high else []
    if official.gain_m is not None:
        more.append(f"organiser: {unit.high(official.gain_m)} {unit.height}")
    climb = Figure("Climb", unit.high(race.gain_m), unit.height, tuple(more))
    low = f"lowest {unit.high(race.lowest_m)} {unit.height}"
    highest = Figure("Highest point", unit.high(race.highest_m), unit.height, (low,))
    loss = Figure("Descent", unit.high(race.loss_m), unit.height)
    if race.runner is None:
        return [far, climb, highest, loss]
    time = _time(race, race.runner)
    first = [*_finish(race), time, far, climb]
    return [*first, *_hiked(race), *_limit(race), *_rest(race, unit), highest]


def _finish(race: RaceFacts) -> list[Figure]:
    """Day and time of the finish, where a start is known."""
    end = race.stages[-1].points[-1]
    if end.arrival is None:
        return []
    return [Figure("Finish", clock(end.arrival), "", (day(end.arrival),))]


def _time(race: RaceFacts, runner: RunnerFacts) -> Figure:
    name, place = name_and_place(runner)
    more = [f"80 % range: {wide}"] if (wide := range_text(race.elapsed_s)) else []
    more = [behind(race.behind), *more] if race.behind else more
    more.append(f"for {name}: {place}" if place else f"for {name}")
    if race.range_given == "finish":
        more.append("ranges on the way are given this time")
    return Figure("Expected time", hours(race.elapsed_s.p50), "h", tuple(more))


def _hiked(race: RaceFacts) -> list[Figure]:
    of_time, of_distance = race.hike_fraction.of_time, race.hike_fraction.of_distance
    if of_time.p50 is None:
        return []
    wide = range_text(of_time, percent)
    more = [f"80 % range: {wide} %"] if wide else []
    more.append(f"{percent(of_distance.p50)} % of the distance")
    return [Figure("Hiked, of the moving time", percent(of_time.p50), "%", tuple(more))]


def _limit(race: RaceFacts) -> list[Figure]:
    chance = race.finish_probability
    if race.limit_s is None:
        words = (inside(race),)
        return [] if chance is None else [Figure("Chance to finish", percent(chance), "%", words)]
    left_s = race.limit_s - (race.elapsed_s.p50 or 0)
    more = (f"{against_limit(left_s)} of {spoken(race.limit_s)}",)
    if chance is None:
        return [Figure("Before the limit", hours(left_s, signed=True), "h", more)]
    return [Figure("Chance to finish", percent(chance), "%", more)]


def _rest(race: RaceFacts, unit: Units) -> list[Figure]:
    """Moving and standing, night, energy."""
    moving_s, elapsed_s = race.moving_s.p50 or 0, race.elapsed_s.p50 or 0
    more = [f"{spoken(stopped_s(moving_s, elapsed_s))} stopped"] if race.stopped_s else []
    more += [f"{spoken(race.slept_s)} asleep"] if race.slept_s else []
    found = [Figure("Moving", hours(moving_s), "h", tuple(more))]
    if race.night and race.night.moving_s:
        far = f"{unit.far(race.night.distance_m)} {unit.distance}"
        found.append(Figure("Moving in the dark", hours(race.night.moving_s), "h", (far,)))
    energy = race.energy_kcal
    if energy.p50 is not None:
        wide = range_text(energy, kcal)
        more = [f"80 % range: {wide}"] if wide else []
        found.append(Figure("Energy while moving", kcal(energy.p50), "kcal", tuple(more)))
    return found


FOUND = {
    "elsewhere": "other races",
    "here": "this very race",
    "outings": "own outings",
    "goal": "the finishing time that is aimed at",
}


def _name(_: Units, value: Any) -> str:
    return one_line(str(value))


def _share(_: Units, value: float) -> str:
    return percent_text(value)


def _exponent(_: Units, value: float) -> str:
    return number(value, 2)


# what a key of report.json's runner is in words, and how its value is written
ASSUMED: dict[str, tuple[str, Callable[[Units, Any], str]]] = {
    "known_from": ("found in", lambda _, value: FOUND.get(value, one_line(value))),
    "name": ("runner", _name),
    "source": ("known from", _name),
    "model": ("model of speed", _name),
    "flat_speed_mps": ("an hour on flat road", Units.speed_text),
    "descent_m_per_h": ("best descending", lambda unit, value: f"{unit.height_text(value)}/h"),
    "downhill_gain": ("fastest downhill, of flat speed", _share),
    "hike_most_mps": ("fastest hiking on the flat", Units.speed_text),
    "gait_weight": ("changes to hiking: 0 by comfort, 1 by energy", _exponent),
    "decay": ("power lost in long hours, of what is usual", _share),
    "ease": ("most power used, of an hour's best", _share),
    "front": ("starts harder than goes on, by", _share),
    "early": ("extra effort at the start, on runnable ground", _share),
    "wear": ("descending lost to tired legs", _share),
    "stops": ("time in stops, of what is usual", _share),
    "sleep": ("sleep, of what is usual", _share),
    "night_up": ("speed uphill in the dark", _share),
    "night_down": ("speed downhill in the dark", _share),
    "pack_kg": ("carried", Units.mass_text),
    "body_kg": ("body", Units.mass_text),
    "ability_spread": ("speed scatters besides, by", lambda _, value: f"± {percent_text(value)}"),
    "gait_shift_mps": ("hikes on to a higher speed, by", Units.speed_text),
    "gait_down_mps": ("the same on descents, besides", Units.speed_text),
    "habit": ("slower on longer outings, exponent", _exponent),
    "habit_from_h": ("seen in outings from", lambda _, value: f"{number(value, 1)} h"),
    "habit_to_h": ("seen in outings to", lambda _, value: f"{number(value, 1)} h"),
    "stopped_min_per_h": ("stands in an hour of moving", lambda _, v: f"{number(v, 1)} min"),
}


SEEN = ("habit_from_h", "habit_to_h")


def assumed(race: RaceFacts, unit: Units) -> list[tuple[str, str]]:
    """All that the estimate assumes of a runner, in words; a key that is new as it is."""
    found = []
    for key, value in asdict(race.runner).items() if race.runner else ():
        if value is None or (key == "name" and not one_line(str(value))):
            continue
        if key in SEEN and race.runner and race.runner.habit_from_h == race.runner.habit_to_h:
            continue  # no outing has been seen
        words, text = ASSUMED.get(key, (key.replace("_", " "), _name))
        found.append((words, text(unit, value)))
    found.append(("eaten while awake", f"{number(race.intake_kcal_per_h or 0.0)} kcal/h"))
    return found


# places of the charts

RANKS = {"finish": 0, "start": 0, "life-base": 1, "col": 2, "aid": 3, "crew": 3, "water": 4}


def places(
    found: Sequence[Curve], shown: RaceFacts, plan: Sequence[tuple[Array, Array]]
) -> dict[str, list[Any]]:
    """Columns over all places: where they are, and what is so there; None where unknown.

    Decimetres along the way, as it is counted to people, and of height, and metres east and
    north: each as what it adds to the one before. Per cent are whole. A window that many places
    have is written once, after the number of places.
    """
    columns: dict[str, list[Any]] = {
        "east": steps([v for east, _ in plan for v in np.round(east).tolist()]),
        "north": steps([v for _, north in plan for v in np.round(north).tolist()]),
    }
    texts = [_there(curve, shown, stage) for curve, stage in zip(found, shown.stages, strict=True)]
    for name in texts[0]:
        columns[name] = [value for each in texts for value in each[name]]
    columns["at"], columns["high"] = steps(columns["at"]), steps(columns["high"])
    columns["window"] = [[len(list(same)), text] for text, same in groupby(columns["window"])]
    return columns


def steps(values: Sequence[float | None]) -> list[int | None]:
    """The first whole number, and what each further one adds to the last that is known."""
    found: list[int | None] = []
    before = 0
    for value in values:
        found.append(None if value is None else round(value) - before)
        before = before if value is None else round(value)
    return found


def _there(curve: Curve, race: RaceFacts, stage: StageFacts) -> dict[str, list[Any]]:
    part, count = curve.part, len(curve.distance_m)
    offset_m = 0.0 if part.is_staged else part.offset_m
    nothing, unknown = ["" for _ in range(count)], [None for _ in range(count)]
    expected = window = nothing
    if curve.arrival_s is not None:
        expected = [when(race, stage, s) for s in np.round(curve.arrival_s).tolist()]
    if curve.early_s is not None and curve.late_s is not None:
        pairs = zip(np.round(curve.early_s).tolist(), np.round(curve.late_s).tolist(), strict=True)
        window = [when_range(race, stage, Interval(low, None, high)) for low, high in pairs]
    known = np.isfinite(curve.elevation_m).all()
    return {
        "at": [10.0 * (offset_m + d) for d in curve.distance_m.tolist()],
        "high": [10.0 * h for h in curve.elevation_m.tolist()] if known else unknown,
        "grade": _percents(curve.grade) if known else unknown,
        "hiked": unknown if curve.hike_fraction is None else _percents(curve.hike_fraction),
        "when": expected,
        "window": window,
        "dark": nothing if curve.dark is None else [int(d) for d in curve.dark.tolist()],
    }


def _percents(shares: Array) -> list[int]:
    return [int(half_up(100.0 * (fraction(share) or 0.0))) for share in shares.tolist()]


def marks(
    found: Sequence[Curve], shown: Sequence[StageFacts], plan: Sequence[tuple[Array, Array]]
) -> dict[str, list[Any]]:
    """The points of the stages shown as columns; the lower its rank, the sooner one is named."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("at", "height", "east", "north", "name", "rank")
    }
    for curve, stage, (east, north) in zip(found, shown, plan, strict=True):
        for point in stage.points:
            at_m, height_m = point.distance_m, point.elevation_m
            last = point is stage.points[-1]
            values = (
                (curve.part.offset_m + at_m) / 1000.0,
                None if height_m is None else half_up(height_m, 1),
                round(float(np.interp(at_m, curve.distance_m, east))),
                round(float(np.interp(at_m, curve.distance_m, north))),
                one_line(point.name),
                0 if last else RANKS.get(point.kind, 5),
            )
            for name, value in zip(columns, values, strict=True):
                columns[name].append(value)
    return columns


def views(found: Sequence[Curve]) -> list[dict[str, Any]]:
    """What can be looked at: all of it, and each of several stages; first and last place."""
    ends = np.cumsum([0, *(len(curve.distance_m) for curve in found)]).tolist()
    first = found[0].part
    whole = [{"name": "Whole race", "number": None, "first": 0, "last": ends[-1] - 1}]
    whole[0]["from"] = round(first.offset_m, 1) if first.is_staged else 0.0
    if len(found) < 2:
        return whole
    return whole + [
        {
            "name": one_line(curve.part.stage.name),
            "number": curve.part.stage.number,
            "from": round(curve.part.offset_m, 1) if curve.part.is_staged else 0.0,
            "first": ends[k],
            "last": ends[k + 1] - 1,
        }
        for k, curve in enumerate(found)
    ]
