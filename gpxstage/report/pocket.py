"""The pace card for the pocket: lines of one length, on faces as large as a bank card."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from gpxstage.facts.figures import replace
from gpxstage.facts.pace import splits
from gpxstage.report.calls import reached_m, until_closed
from gpxstage.report.crew import rendered, who
from gpxstage.text import one_line
from gpxstage.units import MINUTE_S, UNITS, clock, day, elapsed_minutes, hours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.pace import Split
    from gpxstage.units import Units

TEMPLATE = "pocket.html.jinja"
# A face is as large as a bank card (ISO/IEC 7810 ID-1: 85.60 x 53.98 mm), so that one goes into its
# sleeve; two beside one another and four below one another fit on A4 and on US Letter
ROWS, FACES, ABREAST = 10, 4, 8  # of a face; of a race on one clock, to fold; of a sheet
MARK_M, SHORT = 1.0, 0.1  # a row is at its mark so near; a shorter share of a step is no row
STEPS = (1, 2, 5, 10, 20, 50, 100)  # kilometres or miles from row to row


@dataclass(frozen=True)
class Row:
    """The end of one split, in words."""

    far: str
    expected: str
    after: str
    pace: str
    stop: str
    climb: str


@dataclass(frozen=True)
class Face:
    """What is on one face: *number* of *count* of its stage, or of the race."""

    title: str
    number: int
    count: int
    rows: tuple[Row, ...]


def faces(report: Report, units: str = "metric") -> tuple[Face, ...]:
    """The faces, in the order of the course; each stage of a staged race begins a new one.

    The step from row to row is the smallest of `STEPS` that needs no more than four faces for a
    race on one clock, and one for a stage. What the runner has behind is left out, and so is what
    comes after a cutoff that the plan misses. Raises ValueError for a report without an estimate.
    """
    if report.estimate is None:
        raise ValueError("a pace card needs an estimate")
    unit, race = UNITS[units], report.facts
    most = ROWS * FACES if race.through else ROWS
    for step in STEPS:
        step_m = step * unit.m_per_distance
        pieces = _ahead(report, splits(report, step_m))
        clocks = groupby(pieces, lambda piece: 0 if race.through else piece.stage)
        rows = [_whole(list(same), step_m) for _, same in clocks]
        if max(map(len, rows), default=0) <= most:
            break
    return tuple(face for each in rows for face in _faces(race, each, unit))


def pocket_html(report: Report, units: str = "metric") -> str:
    """The faces on sheets of A4 or US Letter. Needs jinja2; raises as `faces` does."""
    found, race = faces(report, units), report.facts
    sheets = [found[k : k + ABREAST] for k in range(0, len(found), ABREAST)]
    return rendered(
        TEMPLATE,
        name=one_line(race.name),
        who=who(race),
        survey=one_line(race.survey),
        unit=UNITS[units],
        sheets=sheets,
        clocked=any(row.expected for face in found for row in face.rows),
        missed=any(is_last for _, _, is_last in until_closed(report)),
    )


def _ahead(report: Report, found: Sequence[Split]) -> list[Split]:
    """The splits that end after the last place passed, and before the first that is closed."""
    through, been_m = report.facts.through, reached_m(report.parts)
    offset_m = {part.stage.number: 0.0 if through else part.offset_m for part in report.parts}
    shut_m = next(
        (point.race_distance_m for _, point, is_last in until_closed(report) if is_last), math.inf
    )
    return [split for split in found if been_m < offset_m[split.stage] + split.to_m <= shut_m]


def _whole(pieces: Sequence[Split], step_m: float) -> list[Split]:
    """The pieces on one clock, joined where a stage ends within a step, and to a short last one."""
    end_m = pieces[-1].to_m
    joined: list[Split] = []
    for piece in pieces:
        if joined and not _is_mark(joined[-1], step_m, end_m):
            joined[-1] = _together(joined[-1], piece)
        else:
            joined.append(piece)
    return joined


def _is_mark(piece: Split, step_m: float, end_m: float) -> bool:
    off_m = abs(piece.to_m - step_m * round(piece.to_m / step_m))
    return off_m < MARK_M and end_m - piece.to_m >= SHORT * step_m


def _together(one: Split, two: Split) -> Split:
    """Two pieces that follow each other, as one."""
    return replace(
        two,
        length_m=one.length_m + two.length_m,
        gain_m=None if two.gain_m is None else (one.gain_m or 0.0) + two.gain_m,
        moving_s=(one.moving_s or 0) + (two.moving_s or 0),
        elapsed_s=(one.elapsed_s or 0) + (two.elapsed_s or 0),
    )


def _faces(race: RaceFacts, stage: Sequence[Split], unit: Units) -> list[Face]:
    """Splits on one clock, about as many on each face."""
    title = one_line(race.name)
    if not race.through:
        number = stage[0].stage
        title = (
            f"Stage {number}: {one_line(next(s.name for s in race.stages if s.number == number))}"
        )
    count = -(-len(stage) // ROWS)
    cut = [round(k * len(stage) / count) for k in range(count + 1)]
    return [
        Face(title, k + 1, count, _rows(stage[cut[k] : cut[k + 1]], stage[-1], unit))
        for k in range(count)
    ]


def _rows(face: Sequence[Split], last: Split, unit: Units) -> tuple[Row, ...]:
    """The lines of a face: the day is on its first line and on the first of each day."""
    rows, before, stopped_s = [], "", 0
    for split in face:
        today, since_s = day(split.arrival), stopped_s
        stopped_s += (split.elapsed_s or 0) - (split.moving_s or 0)
        stop_s = MINUTE_S * elapsed_minutes(since_s, stopped_s)  # so that they add up
        expected = clock(split.arrival)
        rows.append(
            Row(
                far=unit.far(split.to_m, 1 if split is last else 0),
                expected=expected if today != before else expected.partition(" ")[2],
                after=hours(split.arrival_s),
                pace=unit.pace(split.moving_s, split.length_m),
                stop=hours(stop_s) if stop_s >= MINUTE_S else "",
                climb=unit.high(split.gain_m),
            )
        )
        before = today
    return tuple(rows)
