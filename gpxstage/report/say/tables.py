"""Facts -> tables of ready text: one vocabulary for terminal, Markdown, notebook and page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo

from gpxstage.facts.parts import total
from gpxstage.report.say.sentences import (
    kcal,
    late_margin_s,
    range_text,
    stopped_s,
    when,
    when_range,
)
from gpxstage.text import one_line
from gpxstage.units import Units, band, clock, hours, local, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gpxstage.facts import Above, AltitudeBand, GradeBand, PointFacts, RaceFacts, StageFacts
    from gpxstage.facts.figures import RecordedBand

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
    stages = shown.stages
    whole = [race] if 1 < len(stages) == len(race.stages) else []
    columns = _ground(stages, whole, unit)
    if race.estimated:
        columns |= _effort(stages, whole, unit)
    kept = _picked(columns, face, race.estimated)
    over = {f"{m:.0f} m %": unit.height_text(m) for m in STEEP_M}
    steepest = [text for name, text in over.items() if any(kept.get(name, ()))]
    kept = {f"{over[name]} %" if name in over else name: kept[name] for name in kept}
    title = "Stages" if len(stages) > 1 else "Stage"
    title += f" ({' and '.join(steepest)}: steepest grade over that length)" if steepest else ""
    return filled(title, kept, 2, [len(stages) - 1] if whole else [])


def _ground(stages: Sequence[StageFacts], whole: Sequence[RaceFacts], unit: Units) -> Columns:
    """What is measured of each stage, and of all of them."""
    lines: list[StageFacts | RaceFacts] = [*stages, *whole]
    return _names(stages, whole) | {
        unit.distance: [unit.far(line.length_m) for line in lines],
        f"climb {unit.height}": [unit.high(line.gain_m) for line in lines],
        f"descent {unit.height}": [unit.high(line.loss_m) for line in lines],
        f"lowest {unit.height}": [unit.high(line.lowest_m) for line in lines],
        f"highest {unit.height}": [unit.high(line.highest_m) for line in lines],
        "100 m %": _steepest([stage.steepest_100m for stage in stages], len(whole)),
        "500 m %": _steepest([stage.steepest_500m for stage in stages], len(whole)),
    }


def _names(stages: Sequence[StageFacts], whole: Sequence[RaceFacts]) -> Columns:
    """The number and the name of each stage, and of all of them."""
    numbers = [*(str(stage.number) for stage in stages), *("" for _ in whole)]
    return {
        "no.": numbers if len(stages) > 1 else [],
        "stage": [*(one_line(stage.name) for stage in stages), *("whole race" for _ in whole)],
    }


def _effort(stages: Sequence[StageFacts], whole: Sequence[RaceFacts], unit: Units) -> Columns:
    """What is estimated of each stage, and of all of them."""
    lines: list[StageFacts | RaceFacts] = [*stages, *whole]
    return {
        "start": [*(clock(stage.start) for stage in stages), *("" for _ in whole)],
        "expected": [hours(line.elapsed_s.p50) for line in lines],
        RANGE: [range_text(line.elapsed_s) for line in lines],
        "moving": [hours(line.moving_s.p50) for line in lines],
        "in the dark": _dark(stages, whole),
        "earlier days": _earlier(stages, whole),
        "hiked %": [percent(line.hike_fraction.of_time.p50) for line in lines],
        f"min/{unit.distance}": [unit.pace(x.moving_s.p50, x.length_m) for x in lines],
    }


def _steepest(grades: list[float | None], more: int) -> list[str]:
    """Steepest grades, and the steepest of them in a line below."""
    steepest = max((g for g in grades if g is not None), key=abs, default=None)
    return [percent(grade) for grade in [*grades, *[steepest] * more]]


def _dark(stages: Sequence[StageFacts], whole: Sequence[RaceFacts]) -> list[str]:
    """Moving time in the dark of each stage, and of all of them."""
    nights_s = [stage.night.moving_s if stage.night else None for stage in stages]
    if not any(nights_s):
        return []
    sums = [sum(s or 0 for s in nights_s) for _ in whole]
    return [hours(value_s) for value_s in [*nights_s, *sums]]


def _earlier(stages: Sequence[StageFacts], whole: Sequence[RaceFacts]) -> list[str]:
    """What the stages before added to each stage, and to all of them."""
    each_s = [stage.earlier_days_s or 0 for stage in stages]
    return [hours(s) for s in [*each_s, *(sum(each_s) for _ in whole)]] if any(each_s) else []


def night_table(
    race: RaceFacts, shown: RaceFacts, slept_s: Sequence[float | None], unit: Units
) -> Table:
    """Darkness, stops, sleep and energy by stage; *slept_s* is the sleep of each shown."""
    stages = shown.stages
    whole = [race] if 1 < len(stages) == len(race.stages) else []
    nights = [stage.night for stage in stages]
    energy = [*(stage.energy_kcal for stage in stages), *(each.energy_kcal for each in whole)]
    dark_s = [None if night is None else night.moving_s for night in nights]
    dark_m = [None if night is None else night.distance_m for night in nights]

    def ended(values: Sequence[float | None], text: Callable[[float | None], str]) -> list[str]:
        return [text(v) for v in [*values, *([total(values)] if whole else [])]]

    columns = _names(stages, whole) | {
        "moving in the dark": ended(dark_s, hours),
        f"{unit.distance} in the dark": ended(dark_m, unit.far),
        "stopped": [
            *(hours(_stopped_s(stage, as_shown=len(stages) == 1)) for stage in stages),
            *(hours(_stopped_s(each, as_shown=True)) for each in whole),
        ],
        "asleep": ended(slept_s, hours),
        "kcal moving": [*("" if e.p50 is None else kcal(e.p50) for e in energy)],
        RANGE: [range_text(each, kcal) for each in energy],
    }
    return filled("By stage", columns, 2, [len(stages) - 1] if whole else [])


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
    for stage, points in every if face == "wide" else points_left(shown):
        pairs = list(zip((None, *stage.points), stage.points, strict=False))[-len(points) :]
        lines += [_point(shown, stage, point, before, unit) for before, point in pairs]
        breaks.append(len(lines) - 1)
    kept = _picked(by_column(lines), face, shown.estimated)
    left_out = len(lines) < sum(len(points) for _, points in every)
    title = f"Points from {lines[0]['point'].removesuffix(', passed')}" if left_out else "Points"
    return filled(title, kept, 3 if face != "narrow" else 2, breaks[:-1])


def points_left(shown: RaceFacts) -> list[tuple[StageFacts, tuple[PointFacts, ...]]]:
    """The points from the last passage on, by stage; stages without any are left out."""
    found = [(stage, tuple(p for p in stage.points if not p.behind)) for stage in shown.stages]
    return [(stage, points) for stage, points in found if points]


def _point(
    race: RaceFacts, stage: StageFacts, point: PointFacts, before: PointFacts | None, unit: Units
) -> dict[str, str]:
    at = partial(when, race, stage)
    leg_m = point.distance_m - (before.distance_m if before else 0.0)
    gain_m = point.gain_m
    if gain_m is not None and before and before.gain_m is not None:
        gain_m -= before.gain_m
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
    columns: Columns = {name: [] for name in ("grade", unit.distance, "share %")}
    columns |= {"moving": [], "hiked %": []}
    for same in _together([stage.grade_bands for stage in shown.stages]):
        low, high = (None if e is None else 100.0 * e for e in (same[0].low, same[0].high))
        moving_s, hiked = total(b.moving_s for b in same), None
        known = [(b.hike_fraction, b.moving_s) for b in same]
        if moving_s:
            shares = [h * s for h, s in known if h is not None and s]
            hiked = sum(shares) / moving_s if shares else None
        columns["grade"].append(band(low, high, "%"))
        _common(columns, same, shown, unit)
        columns["hiked %"].append(percent(hiked))
    return filled("By grade", columns, 1, ())


def altitude_table(shown: RaceFacts, unit: Units) -> Table:
    """The stages together, by band of altitude and above each threshold."""
    columns: Columns = {name: [] for name in ("altitude", unit.distance, "share %")}
    columns |= {"moving": [], "with stops": [], "recorded": []}
    clocks = [stage.recorded for stage in shown.stages if stage.recorded]
    whole = len(clocks) == len(shown.stages)

    def line(
        same: Sequence[AltitudeBand | Above],
        low_m: float | None,
        high_m: float | None,
        recorded: Sequence[RecordedBand],
    ) -> None:
        if not any(each.distance_m for each in same):
            return
        low, high = (None if e is None else e / unit.m_per_height for e in (low_m, high_m))
        columns["altitude"].append(band(low, high, unit.height))
        _common(columns, same, shown, unit)
        columns["with stops"].append(hours(total(each.elapsed_s for each in same)))
        columns["recorded"].append(hours(sum(b.elapsed_s for b in recorded)) if whole else "")

    for k, same in enumerate(_together([stage.altitude_bands for stage in shown.stages])):
        recorded = [clock.altitude_bands[k] for clock in clocks if clock.altitude_bands]
        line(same, same[0].from_m, same[0].to_m, recorded)
    end = len(columns["altitude"]) - 1
    for k, higher in enumerate(_together([stage.above for stage in shown.stages])):
        line(higher, higher[0].m, None, [clock.above[k] for clock in clocks if clock.above])
    return filled("By altitude", columns, 1, (end,))


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


def _common(
    columns: Columns,
    same: Sequence[AltitudeBand | GradeBand | Above],
    shown: RaceFacts,
    unit: Units,
) -> None:
    """What tables by grade and by altitude have in common: distance, share, moving time."""
    distance_m = sum(each.distance_m for each in same)
    columns[unit.distance].append(unit.far(distance_m))
    columns["share %"].append(percent(distance_m / sum(s.length_m for s in shown.stages)))
    columns["moving"].append(hours(total(each.moving_s for each in same)))


def _together(stages: Sequence[tuple[Share, ...] | None]) -> list[tuple[Share, ...]]:
    """The bands of all stages, those with the same edges together; none if one is unknown."""
    known = [bands for bands in stages if bands is not None]
    return list(zip(*known, strict=True)) if len(known) == len(stages) else []
