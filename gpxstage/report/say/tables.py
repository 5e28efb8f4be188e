"""Facts -> tables of ready text: one vocabulary for terminal, Markdown, notebook and page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo

from gpxstage.facts import StageFacts
from gpxstage.facts.parts import total
from gpxstage.report.say.sentences import (
    kcal,
    late_margin_s,
    over_whole,
    range_text,
    stopped_s,
    when,
    when_range,
    with_rounding,
)
from gpxstage.text import one_line
from gpxstage.units import Units, band, clock, hours, local, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gpxstage.facts import PointFacts, RaceFacts
    from gpxstage.facts.figures import Above, AltitudeBand, GradeBand, RecordedBand

    Share = TypeVar("Share", AltitudeBand, GradeBand, Above)
    Band = AltitudeBand | GradeBand | Above

Columns = dict[str, list[str]]
Face = Literal["narrow", "wide", "page"]  # what a table has to fit

RANGE, STEEP_M = "range (80 %)", (100.0, 500.0)  # lengths that the steepest grades are over
# columns that are left out, because there is no room, or because another table has them
NOT_NARROW = {"lowest", "in the dark", "kind", "leg", "asleep", "start"}
NARROW_MEASURED = {"descent", "highest", "100 m %", "500 m %", "cutoff"}  # fit without an estimate
ONLY_PAGE = {RANGE, "start", "late margin", "miss %", "leave by"}
NOT_PAGE = {"lowest", "500 m %", "in the dark", "earlier days"}


@dataclass(frozen=True)
class Table:
    """A title, columns whose first ones are words, and rows of ready text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1  # so many columns on the left hold words, the rest numbers
    breaks: tuple[int, ...] = ()  # rows after which something else begins


def filled(title: str, columns: Columns, words: int, breaks: Iterable[int]) -> Table:
    """A table of the columns that are not empty."""
    kept = {name: cells for name, cells in columns.items() if any(cells)}
    words -= len([name for name in list(columns)[:words] if name not in kept])
    rows = tuple(zip(*kept.values(), strict=True))
    return Table(title, tuple(name.strip() for name in kept), rows, words, tuple(breaks))


def by_column(lines: Sequence[dict[str, str]]) -> Columns:
    """Lines that have the same names as columns; none without lines."""
    return {name: [line[name] for line in lines] for name in (lines[0] if lines else ())}


def _picked(columns: Columns, face: Face, estimated: bool) -> Columns:
    """The columns that a face shows."""
    left_out = set(NOT_PAGE)
    if face != "page":
        left_out = set(ONLY_PAGE)
    if face == "narrow":
        left_out |= NOT_NARROW | (NARROW_MEASURED if estimated else set())
    return {
        name: cells
        for name, cells in columns.items()
        if name not in left_out and name.split(" ")[0] not in left_out
    }


def widest(make: Callable[[Face], Table], face: Face, fits: Callable[[Table], bool]) -> Table:
    """The table of a face, or the narrow one where that does not fit."""
    table = make(face)
    return table if face == "narrow" or fits(table) else make("narrow")


# stages


def stage_table(race: RaceFacts, shown: RaceFacts, unit: Units, face: Face) -> Table:
    """One line a stage; under several, all of *race*, where all of its stages are *shown*."""
    lines = _lines(race, shown)
    columns = _names(lines) | _ground(lines, unit)
    if race.estimated:
        columns |= _effort(lines, unit)
    kept = _picked(columns, face, race.estimated)
    over = {f"{m:.0f} m %": unit.height_text(m) for m in STEEP_M}
    steepest = [text for name, text in over.items() if any(kept.get(name, ()))]
    kept = {f"{over[name]} %" if name in over else name: kept[name] for name in kept}
    title = "Stages" if len(lines) > 1 else "Stage"
    title += f" ({' and '.join(steepest)}: steepest grade over that length)" if steepest else ""
    breaks = _before_whole(lines)
    return filled(over_whole(title, kept, breaks), kept, 2, breaks)


def _lines(race: RaceFacts, shown: RaceFacts) -> list[StageFacts | RaceFacts]:
    """The stages that are shown, and the race below them where these are all of several."""
    whole = [race] if 1 < len(shown.stages) == len(race.stages) else []
    return [*shown.stages, *whole]


def _before_whole(lines: Sequence[StageFacts | RaceFacts]) -> list[int]:
    """The last line of a stage, where one of the whole race comes after it."""
    return [] if isinstance(lines[-1], StageFacts) else [len(lines) - 2]


def _ground(lines: Sequence[StageFacts | RaceFacts], unit: Units) -> Columns:
    """What is measured of each stage, and of all of them."""
    return {
        unit.distance: [unit.far(line.length_m) for line in lines],
        f"climb {unit.height}": [unit.high(line.gain_m) for line in lines],
        f"descent {unit.height}": [unit.high(line.loss_m) for line in lines],
        f"lowest {unit.height}": [unit.high(line.lowest_m) for line in lines],
        f"highest {unit.height}": [unit.high(line.highest_m) for line in lines],
        "100 m %": [percent(line.steepest_100m) for line in lines],
        "500 m %": [percent(line.steepest_500m) for line in lines],
    }


def _names(lines: Sequence[StageFacts | RaceFacts]) -> Columns:
    """The number and the name of each stage, and of all of them."""
    numbers = [str(line.number) if isinstance(line, StageFacts) else "" for line in lines]
    return {
        "no.": numbers if len(lines) > 1 else [],
        "stage": [
            one_line(line.name) if isinstance(line, StageFacts) else "whole race" for line in lines
        ],
    }


def _effort(lines: Sequence[StageFacts | RaceFacts], unit: Units) -> Columns:
    """What is estimated of each stage, and of all of them."""
    dark_s = [line.night.moving_s if line.night else None for line in lines]
    earlier_s = [line.earlier_days_s or 0 for line in lines]
    return {
        "start": [clock(line.start) if isinstance(line, StageFacts) else "" for line in lines],
        "expected": [hours(line.elapsed_s.p50) for line in lines],
        RANGE: [range_text(line.elapsed_s) for line in lines],
        "moving": [hours(line.moving_s.p50) for line in lines],
        "in the dark": [hours(s) for s in dark_s] if any(dark_s) else [],
        "earlier days": [hours(s) for s in earlier_s] if any(earlier_s) else [],
        "hiked %": [percent(line.hike_fraction.of_time.p50) for line in lines],
        f"min/{unit.distance}": [unit.pace(x.moving_s.p50, x.length_m) for x in lines],
    }


def night_table(
    race: RaceFacts, shown: RaceFacts, slept_s: Sequence[float | None], unit: Units
) -> Table:
    """Darkness, stops, sleep and energy by stage; *slept_s* is the sleep of each shown."""
    lines = _lines(race, shown)
    nights = [line.night for line in lines]
    energy = [line.energy_kcal for line in lines]
    alone = len(lines) == 1
    asleep_s = [*slept_s, total(slept_s)]  # the last one is that of the whole race
    columns = _names(lines) | {
        "moving in the dark": [hours(night.moving_s) if night else "" for night in nights],
        f"{unit.distance} in the dark": [
            unit.far(night.distance_m) if night else "" for night in nights
        ],
        "stopped": [hours(_stopped_s(x, as_shown=alone or x is race)) for x in lines],
        "asleep": [hours(asleep_s[k]) for k in range(len(lines))],
        "kcal moving": ["" if each.p50 is None else kcal(each.p50) for each in energy],
        RANGE: [range_text(each, kcal) for each in energy],
    }
    breaks = _before_whole(lines)
    return filled(over_whole("By stage", columns, breaks), columns, 2, breaks)


def _stopped_s(one: StageFacts | RaceFacts, *, as_shown: bool) -> float | None:
    """Time in stops to the second, or as the difference of what the head shows."""
    moving_s, elapsed_s = one.moving_s.p50, one.elapsed_s.p50
    if moving_s is None or elapsed_s is None:
        return None
    return stopped_s(moving_s, elapsed_s) if as_shown else elapsed_s - moving_s


def point_table(shown: RaceFacts, unit: Units, face: Face) -> Table:
    """Every point of every stage: where it is, when it is reached, what is left before a cutoff.

    Under way the places before the last passage are left out, but for the *wide* face.
    """
    lines, breaks = [], []
    every = [(stage, stage.points) for stage in shown.stages]
    here = every if face == "wide" else points_left(shown)
    for stage, points in here:
        pairs = list(zip((None, *stage.points), stage.points, strict=False))[-len(points) :]
        lines += [_point(shown, stage, point, before, unit) for before, point in pairs]
        breaks.append(len(lines) - 1)
    kept = _picked(by_column(lines), face, shown.estimated)
    left_out = len(lines) < sum(len(points) for _, points in every)
    title = f"Points from {lines[0]['point'].removesuffix(', passed')}" if left_out else "Points"
    listed = [point for _, points in here for point in points]
    whole = {
        "stop": hours(sum(point.stop_s or 0 for point in listed)),
        "asleep": hours(sum(point.sleep_s or 0 for point in listed)),
    }
    title = with_rounding(title, kept, whole)
    return filled(title, kept, 3 if face != "narrow" else 2, breaks[:-1])


def points_left(shown: RaceFacts) -> list[tuple[StageFacts, tuple[PointFacts, ...]]]:
    """The points from the last passage on, by stage; stages without any are left out."""
    found = [(stage, tuple(p for p in stage.points if not p.behind)) for stage in shown.stages]
    return [(stage, points) for stage, points in found if points]


def _point(
    race: RaceFacts, stage: StageFacts, point: PointFacts, before: PointFacts | None, unit: Units
) -> dict[str, str]:
    at = partial(when, race, stage)
    leg_m, gain_m = leg_to(point, before)
    arrival_s = point.arrival_s.p50
    return {
        "no.": str(stage.number) if len(race.stages) > 1 else "",
        "point": (one_line(point.name) or "–") + (", passed" if point.passed else ""),
        "kind": point.kind.replace("waypoint", ""),
        unit.distance: unit.far(point.race_distance_m if race.through else point.distance_m),
        unit.height: unit.high(point.elevation_m),
        f"leg {unit.distance}": unit.far(leg_m),
        f"leg +{unit.height}": unit.high(gain_m),
        "expected": at(arrival_s),
        RANGE: "" if point.passed else when_range(race, stage, point.arrival_s),
        "after": hours(arrival_s) if point.arrival else "",
        "stop": hours(point.stop_s) if point.stop_s else "",
        "asleep": hours(point.sleep_s) if point.sleep_s else "",
        "cutoff": at(point.cutoff_s),
        "margin": hours(point.margin_s.p50, signed=True),
        "late margin": hours(late_margin_s(point), signed=True),
        "miss %": percent(point.miss_probability),
        "leave by": at(point.leave_by_s),
    }


def leg_to(point: PointFacts, before: PointFacts | None) -> tuple[float, float | None]:
    """Length and climb from the point before, or from the start of the stage."""
    gain_m = point.gain_m
    if before is None:
        return point.distance_m, gain_m
    if gain_m is not None and before.gain_m is not None:
        gain_m -= before.gain_m
    return point.distance_m - before.distance_m, gain_m


def cutoff_table(shown: RaceFacts) -> Table:
    """The points with a cutoff ahead; no rows without an estimate."""
    lines = [
        {
            "no.": "" if shown.through or len(shown.stages) < 2 else str(stage.number),
            "point": one_line(point.name),
            "cutoff": when(shown, stage, point.cutoff_s),
            "expected": (f"D{point.day} " if point.day else "")
            + when(shown, stage, point.arrival_s.p50),
            "margin": hours(point.margin_s.p50, signed=True),
            "late margin": hours(late_margin_s(point), signed=True),
            "miss %": percent(point.miss_probability),
            "leave by": when(shown, stage, point.leave_by_s),
        }
        for stage, point in shown.every_point()
        if point.cutoff_s is not None and shown.estimated and not point.behind
    ]
    columns = by_column(lines)
    title = "Cutoffs (margin: after the planned stop"
    if any(columns.get("late margin", ())):
        title += "; late margin: the margin at the late end of the range"
    if any(columns.get("miss %", ())):
        title += "; miss: chance of missing this cutoff or one before"
    if shown.range_given == "finish":
        title += "; both are given the finishing time"
    if any(columns.get("leave by", ())):
        title += "; leave by: to keep all cutoffs farther on at the expected pace"
    return filled(f"{title})", columns, 2, ())


# ground


def climb_table(shown: RaceFacts, unit: Units, face: Face) -> Table:
    """The climbs of all stages in order; *wide*, the descents between them."""
    lines: list[dict[str, str]] = []
    breaks, over = [], unit.height_text(STEEP_M[0])
    for stage in shown.stages:
        found = [*(stage.climbs or ()), *((stage.descents or ()) if face == "wide" else ())]
        offset_m = stage.offset_m if shown.through else 0.0
        for climb in sorted(found, key=lambda climb: climb.from_m):
            line = {
                "no.": str(stage.number) if len(shown.stages) > 1 else "",
                "to": one_line(climb.name) or "–",
                f"from {unit.distance}": unit.far(offset_m + climb.from_m),
                f"{unit.distance} ": unit.far(climb.length_m),
                f"{unit.height} ": unit.high(climb.height_m),
                "mean %": percent(climb.mean_grade),
                f"{over} %": percent(climb.steepest_grade),
                "moving": hours(climb.moving_s),
                "hiked %": percent(climb.hike_fraction),
            }
            lines.append(line)
        breaks.append(len(lines) - 1)
    title = "Climbs and descents" if face == "wide" else "Climbs"
    title += f" ({over}: steepest grade over that length)"
    return filled(title, by_column(lines), 2, breaks[:-1])


def grade_table(shown: RaceFacts, unit: Units) -> Table:
    """The stages together, by grade."""
    lines = []
    for same in _together([stage.grade_bands for stage in shown.stages]):
        low, high = (None if e is None else 100.0 * e for e in (same[0].low, same[0].high))
        moving_s, hiked = total(b.moving_s for b in same), None
        known = [(b.hike_fraction, b.moving_s) for b in same]
        if moving_s:
            shares = [h * s for h, s in known if h is not None and s]
            hiked = sum(shares) / moving_s if shares else None
        line = {"grade": band(low, high, "%"), **_common(same, shown, unit)}
        lines.append(line | {"hiked %": percent(hiked)})
    return filled("By grade", by_column(lines), 1, ())


def altitude_table(shown: RaceFacts, unit: Units) -> Table:
    """The stages together, by band of altitude and above each threshold."""
    lines: list[dict[str, str]] = []
    clocks = [stage.recorded for stage in shown.stages if stage.recorded]
    whole = len(clocks) == len(shown.stages)

    def add(
        same: Sequence[AltitudeBand | Above],
        low_m: float | None,
        high_m: float | None,
        recorded: Sequence[RecordedBand],
    ) -> None:
        if not any(each.distance_m for each in same):
            return
        low, high = (None if e is None else e / unit.m_per_height for e in (low_m, high_m))
        line = {"altitude": band(low, high, unit.height), **_common(same, shown, unit)}
        line["with stops"] = hours(total(each.elapsed_s for each in same))
        line["recorded"] = hours(sum(b.elapsed_s for b in recorded)) if whole else ""
        lines.append(line)

    for k, same in enumerate(_together([stage.altitude_bands for stage in shown.stages])):
        recorded = [clock.altitude_bands[k] for clock in clocks if clock.altitude_bands]
        add(same, same[0].from_m, same[0].to_m, recorded)
    end = len(lines) - 1
    for k, higher in enumerate(_together([stage.above for stage in shown.stages])):
        add(higher, higher[0].m, None, [clock.above[k] for clock in clocks if clock.above])
    return filled("By altitude", by_column(lines), 1, (end,))


def recorded_table(shown: RaceFacts, unit: Units) -> Table:
    """What the clock of each recorded stage says; no rows for others."""
    lines = []
    for stage in shown.stages:
        found = stage.recorded
        if found is None:
            continue
        here = found.start.astimezone(ZoneInfo(shown.timezone or "UTC"))
        longest = max(found.stops, key=lambda stop: stop.stop_s, default=None)
        line = {
            "no.": str(stage.number) if len(shown.stages) > 1 else "",
            "start": local(here) if shown.timezone else f"{local(here)} UTC",
            "elapsed": hours(found.elapsed_s),
            "moving": hours(found.moving_s),
            "stopped": hours(found.stopped_s),
            "stops": str(len(found.stops)),
            "longest": hours(longest.stop_s) if longest else "",
            f"at {unit.distance}": unit.far(longest.distance_m) if longest else "",
        }
        lines.append(line)
    return filled("Recorded (stops of 2 min or more)", by_column(lines), 2, ())


def _common(same: Sequence[Band], shown: RaceFacts, unit: Units) -> dict[str, str]:
    """What tables by grade and by altitude have in common: distance, share, moving time."""
    distance_m = sum(each.distance_m for each in same)
    return {
        unit.distance: unit.far(distance_m),
        "share %": percent(distance_m / sum(stage.length_m for stage in shown.stages)),
        "moving": hours(total(each.moving_s for each in same)),
    }


def _together(stages: Sequence[tuple[Share, ...] | None]) -> list[tuple[Share, ...]]:
    """The bands of all stages, those with the same edges together; none if one is unknown."""
    known = [bands for bands in stages if bands is not None]
    return list(zip(*known, strict=True)) if len(known) == len(stages) else []
