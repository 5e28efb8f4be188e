"""The crew card: one A4 page of when to be where, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from gpxstage.estimator.daylight import darkness
from gpxstage.facts.parts import points_of
from gpxstage.report.say.eaten import rhythm
from gpxstage.text import one_line
from gpxstage.units import MINUTE_S, clock, day, half_up, hours, number, range_s, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gpxstage.course import Point
    from gpxstage.estimator.daylight import Darkness
    from gpxstage.facts import RaceFacts, StageFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

TEMPLATE = "crew.html.jinja"
CREWED = ("crew", "life-base")  # kinds of places where a crew may be, said or not
ROUNDED_KCAL = 50.0  # food comes in pieces
# of A4, what head and foot leave to the lines; the least and the most that one of them takes
LINES_MM, LEAST_MM, MOST_MM = 205.0, 3.2, 10.5


@dataclass(frozen=True)
class Place:
    """One line of the card, in words."""

    group: tuple[str, ...]  # the day, or the stage, that it stands under, line by line
    name: str
    window: str
    since: str
    light: str
    sleep: str
    kcal: str


@dataclass(frozen=True)
class Call:
    """One place where the crew waits; seconds on the clock that arrivals count from."""

    name: str
    early_s: float
    arrival_s: float
    late_s: float
    leave_s: float
    sleep_s: float
    eaten_kcal: int  # since the start, at the arrival


def crew_html(report: Report) -> str:
    """The card as one HTML page that prints on one sheet of A4.

    Places are those of kind crew or life-base, those marked ``crew``, and starts and finishes.
    A window holds 8 in 10 such runners; the rest is by the middle of them. Kilocalories are
    those that are eaten from the arrival at a place to that at the next. Needs jinja2; raises
    ValueError for a report without an estimate.
    """
    from jinja2 import Environment, StrictUndefined

    race, lines = report.facts, places(report)
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = made.from_string(files("gpxstage.report").joinpath(TEMPLATE).read_text("utf-8"))
    card: str = template.render(
        name=one_line(race.name),
        who=_who(race),
        survey=one_line(race.survey),
        items=[one_line(item) for item in report.crew_items],
        groups=[(label, list(same)) for label, same in groupby(lines, lambda line: line.group)],
        lit=any(line.light for line in lines),
        slept=any(line.sleep for line in lines),
        clocked=race.start is not None,
        ranged=race.elapsed_s.ends is not None,
        bare=not any(_crewed(point) for stage in report.course.stages for point in stage.points),
        rhythm="" if race.eating is None else rhythm(race.eating),
        line_mm=f"{min(MOST_MM, max(LEAST_MM, LINES_MM / len(lines))):.2f}",
    )
    return card


def _who(race: RaceFacts) -> str:
    words = (
        f"{one_line(race.runner.name) if race.runner else ''}, {spoken(race.elapsed_s.p50 or 0)}"
    )
    if race.elapsed_s.ends is None:
        return words
    low, high = map(spoken, range_s(*race.elapsed_s.ends))
    return f"{words}; 80 % range: {low} to {high}"


def places(report: Report) -> list[Place]:
    """The lines of the card, in the order of the course.

    Raises ValueError for a report without an estimate.
    """
    if report.estimate is None:
        raise ValueError("a crew card needs an estimate")
    race = report.facts
    each, through = list(zip(report.parts, race.stages, strict=True)), race.through
    found = []
    for chain in [each] if through else [[one] for one in each]:
        calls, nights = _calls(race, chain, every_end=not through), _nights(chain)
        on_wall = partial(race.clock_at, chain[0][1])
        for before, call, after in zip([None, *calls], calls, [*calls[1:], None], strict=False):
            label = "" if through else f"Stage {chain[0][1].number}"
            weekday, _, dated = day(on_wall(call.early_s)).partition(" ")
            found.append(
                Place(
                    group=tuple(filter(None, (label, weekday, dated))),
                    name=one_line(call.name),
                    window=_window(on_wall, call),
                    since="" if before is None else hours(call.arrival_s - before.leave_s),
                    light="" if nights is None else _by_light(nights, call),
                    sleep=hours(call.sleep_s) if call.sleep_s >= 30.0 else "",
                    kcal="" if after is None else _kcal(call, after),
                )
            )
    return found


def _calls(
    race: RaceFacts, chain: Sequence[tuple[Part, StageFacts]], every_end: bool
) -> list[Call]:
    """Start, places where the crew may be, finish."""
    first = chain[0][0]
    starts = [point.name for point in first.stage.points if point.kind == "start"]
    found = [Call(next(iter(starts), "Start"), 0.0, 0.0, 0.0, 0.0, 0.0, 0)]
    eaten_kcal = 0
    for part, stage in chain:
        legs = [leg for leg in race.eating.legs if leg.stage == stage.number] if race.eating else []
        for point, facts, leg in zip(points_of(part), stage.points, legs, strict=True):
            here_kcal = eaten_kcal + leg.eaten_kcal - leg.there_kcal
            eaten_kcal += leg.eaten_kcal
            ends = facts is stage.points[-1] and (part.is_last or every_end)
            if not (_crewed(point) or ends):
                continue
            middle_s, range_ = facts.arrival_s.p50 or 0, facts.arrival_s.ends
            early_s, late_s = range_s(*range_) if range_ else (middle_s, middle_s)
            leave_s, sleep_s = middle_s + (facts.stop_s or 0), facts.sleep_s or 0
            found.append(Call(facts.name, early_s, middle_s, late_s, leave_s, sleep_s, here_kcal))
    return found


def _crewed(point: Point) -> bool:
    return point.crew or point.kind in CREWED


def _nights(chain: Sequence[tuple[Part, StageFacts]]) -> Darkness | None:
    """When it is dark where the runner then is; None without a start."""
    start = chain[0][0].start
    if start is None:
        return None
    at_s: list[float] = []
    lat_deg: list[float] = []
    lon_deg: list[float] = []
    for part, stage in chain:
        for point in stage.points:
            late_s = point.arrival_s.p90
            at_s.append((point.arrival_s.p50 or 0) if late_s is None else late_s)
            k = max(int(np.searchsorted(part.profile.distance_m, point.distance_m)) - 1, 0)
            lat_deg.append(float(part.profile.lat_deg[k]))
            lon_deg.append(float(part.profile.lon_deg[k]))
    return darkness(start, np.array(at_s), np.array(lat_deg), np.array(lon_deg))


def _by_light(nights: Darkness, call: Call) -> str:
    """Day, night, or both in the order in which a window has them."""

    def dark_s(from_s: float, to_s: float) -> float:
        return float(nights.between_s(np.array([from_s]), np.array([to_s]))[0])

    from_s, to_s = call.early_s - MINUTE_S, call.late_s + MINUTE_S
    inside_s = dark_s(from_s, to_s)
    if inside_s < MINUTE_S:
        return "day"
    if inside_s > to_s - from_s - MINUTE_S:
        return "night"
    first, last = (
        "night" if dark_s(s - MINUTE_S, s + MINUTE_S) > MINUTE_S else "day"
        for s in (call.early_s, call.late_s)
    )
    return f"{first}/{last}" if first != last else "both"


def _window(on_wall: Callable[[float], datetime | None], call: Call) -> str:
    """From when to when: times of day, the second with its weekday where that is another."""
    low, high = on_wall(call.early_s), on_wall(call.late_s)
    if low is None or high is None:
        first, last = hours(call.early_s), hours(call.late_s)
    else:
        first, last = clock(low)[4:], clock(high)[4:] if day(low) == day(high) else clock(high)
    return first if first == last else f"{first} – {last}"


def _kcal(call: Call, after: Call) -> str:
    """What is eaten from the arrival at one place to that at the next."""
    eaten_kcal = after.eaten_kcal - call.eaten_kcal
    return number(ROUNDED_KCAL * half_up(eaten_kcal / ROUNDED_KCAL))
