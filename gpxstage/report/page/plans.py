"""Plans of several finish times -> the numbers that the page's script interpolates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpxstage import geo
from gpxstage.facts.finishes import finishes
from gpxstage.facts.parts import points, points_of
from gpxstage.report.page.thinned import runs
from gpxstage.text import one_line
from gpxstage.units import seconds
from gpxstage.walltime import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Array
    from gpxstage.estimator.nouns import Estimate, StageEstimate
    from gpxstage.facts import RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part
    from gpxstage.report.page.thinned import Curve

GENTLE = 0.05  # a grade that the page calls neither uphill nor downhill
DARK = 0.5  # of a cell's time
SEARCHED_H = 24 * 21  # for a change of the clocks, after a start


def plans(
    report: Report, race: RaceFacts, own: Sequence[Part], found: Sequence[Curve]
) -> dict[str, Any] | None:
    """Columns of the plans, fast ones first; None where there are none.

    *own* are the stages shown, *found* their places. Times are whole seconds on the clock of the
    race, of a staged race on that of the stage; shares are whole per cent.
    """
    made = finishes(report)
    if len(made) < 2:
        return None
    numbers = [part.stage.number for part in own]
    shown = [_shown(report, plan, numbers) for plan in made]
    each = [_points(stages, own) for stages in shown]
    finish = [sum(stage.on_clock_s for stage in plan.stages) for plan in made]
    mine = int(np.abs(np.array(finish) - (race.elapsed_s.p50 or 0)).argmin())
    picked = sorted({0, mine, len(made) - 1})  # between the points, plans differ little
    return {
        "finish": finish,
        "mine": mine,
        "limit": race.limit_s,
        "through": race.through,
        "whole": len(numbers) == len(race.stages),
        "points": _closing(own),
        **{name: _changes([one[name] for one in each]) for name in ("arrival", "stop", "sleep")},
        "begin": [[round(stage.offset_s) for stage in stages] for stages in shown],
        "elapsed": [[stage.on_clock_s for stage in stages] for stages in shown],
        "moving": [[round(float(stage.moving_s[-1])) for stage in stages] for stages in shown],
        "hiked": [[_sum(stage.hiked_s) for stage in stages] for stages in shown],
        "dark": [[_sum(stage.dark_s) for stage in stages] for stages in shown],
        "nights": [[_nights(stage) for stage in stages] for stages in shown],
        "race": [_race(plan) for plan in made],
        "picked": picked,
        "movingAt": [_steps(_moving_s(shown[k], found)) for k in picked],
        "hikedAt": [_steps(_hiked_s(shown[k], found)) for k in picked],
        "clocks": [_clock(race, number) for number in numbers],
    }


def _changes(plans: Sequence[Sequence[int]]) -> list[list[int]]:
    """The first plan's values, and what each further plan adds: half the bytes."""
    return [list(map(int, row)) for row in np.diff(plans, axis=0, prepend=0)]


def _race(plan: Estimate) -> list[int]:
    """Moving time of the whole race, and how much of it is hiked."""
    hiked_s = [_sum(stage.hiked_s) or 0 for stage in plan.stages]
    return [round(plan.moving_s), sum(hiked_s)]


def _closing(own: Sequence[Part]) -> list[list[Any]]:
    """Of every point: its stage, name, metres as shown, cutoff, and whether arriving is enough."""
    return [
        [
            k,
            one_line(point.name),
            point.distance_m if part.is_staged else point.race_distance_m,
            point.cutoff_s,
            point.cutoff_at == "arrive",
        ]
        for k, part in enumerate(own)
        for point in points(part)
    ]


def _sum(values: Any) -> int | None:
    return None if values is None else round(float(values.sum()))


def _shown(report: Report, plan: Estimate, numbers: Sequence[int]) -> list[StageEstimate]:
    pairs = zip(report.course.stages, plan.stages, strict=True)
    return [found for stage, found in pairs if stage.number in numbers]


def _points(plan: Sequence[StageEstimate], own: Sequence[Part]) -> dict[str, list[Any]]:
    """Arrivals, stops and sleep at the points, as the tables have them."""
    columns: dict[str, list[Any]] = {name: [] for name in ("arrival", "stop", "sleep")}
    for stage, part in zip(plan, own, strict=True):
        places = [(point.distance_m or 0.0, point.name) for point in points_of(part)]
        there = [stage.reached_m(at_m, name) for at_m, name in places]
        columns["arrival"] += [seconds(s) for s in stage.arrivals_s(np.array(there)).tolist()]
        for at_m, name in places:
            here = stage.stops_at(at_m, name)
            columns["stop"].append(seconds(sum(stop.stop_s for stop in here)))
            columns["sleep"].append(seconds(sum(stop.sleep_s for stop in here)))
    return columns


def _moving_s(stages: Sequence[StageEstimate], found: Sequence[Curve]) -> Array:
    """Moving time from the stage's start to each place."""
    each = zip(stages, found, strict=True)
    return np.concatenate([np.interp(c.distance_m, s.edge_m, s.moving_s) for s, c in each])


def _hiked_s(stages: Sequence[StageEstimate], found: Sequence[Curve]) -> Array:
    """How much of that is hiked; nothing where no gait is known."""
    each = []
    for stage, curve in zip(stages, found, strict=True):
        if (until_s := stage.hiked_until_s) is None:
            return np.zeros(0)
        each.append(np.interp(curve.distance_m, stage.edge_m, until_s))
    return np.concatenate(each)


def _steps(values: Array) -> list[int]:
    """The first value, and what each further one adds: whole seconds."""
    return [int(step) for step in np.diff(np.round(values), prepend=0.0).tolist()]


def grounds(found: Sequence[Curve]) -> dict[str, list[int]]:
    """Decimetres from each place to the next: of climb, of descent, of way up and of way down.

    Empty where no height is known. Each stage begins anew, at its first place.
    """
    columns: dict[str, list[int]] = {name: [] for name in ("gain", "loss", "up", "down")}
    for curve in found:
        profile, cells = curve.part.profile, curve.part.profile.cells
        if cells is None:
            return {name: [] for name in columns}
        up_m, down_m = (
            geo.so_far(np.where(steep, cells.length_m, 0.0))
            for steep in (cells.grade > GENTLE, cells.grade < -GENTLE)
        )
        edge_m = geo.so_far(cells.length_m)
        for name, at_m, until_m in (
            ("gain", profile.distance_m, profile.ascent_m),
            ("loss", profile.distance_m, profile.descent_m),
            ("up", edge_m, up_m),
            ("down", edge_m, down_m),
        ):
            columns[name] += _steps(10.0 * np.interp(curve.distance_m, at_m, until_m))
    return columns


def _nights(stage: StageEstimate) -> list[list[int]] | None:
    """From when to when it is dark while the runner is on the way."""
    if stage.dark_share is None:
        return None
    dark = np.where(stage.dark_share > DARK, 1.0, 0.0)
    edges_s = stage.arrivals_s(stage.edge_m)
    return [[round(edges_s[a]), round(edges_s[b])] for a, b in runs(dark) if dark[a] > 0.0]


def _clock(race: RaceFacts, number: int) -> list[Any] | None:
    """Weekday and seconds of the day at the start, and each change of the clocks.

    A change is [after, by, name of the time before, and after it].
    """
    stage = next(stage for stage in race.stages if stage.number == number)
    begin = race.clock_at(stage, 0.0)
    if begin is None:
        return None
    found = changes(begin, 3600.0 * SEARCHED_H)
    of_day = 3600 * begin.hour + 60 * begin.minute + begin.second
    return [begin.weekday(), of_day, [[c.after_s, c.by_s, c.before, c.then] for c in found]]
