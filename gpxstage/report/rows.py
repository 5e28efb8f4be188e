"""The facts as rows, for what still reads them so."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gpxstage.facts.in_json import as_json as facts_json
from gpxstage.units import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.result import StageEstimate
    from gpxstage.facts.analysis import Report
    from gpxstage.facts.parts import Part

Row = dict[str, Any]


def as_json(
    report: Report,
    *,
    stages: Sequence[int] = (),
    above_m: Sequence[float] = (),
    units: str = "metric",
) -> dict[str, Any]:
    """The whole report as plain rows; *stages* picks the stages shown, changing none."""
    return facts_json(report.facts_for(units, above_m).shown(stages))


def parts(report: Report) -> Sequence[Part]:
    """The stages one by one."""
    return report.parts


def between(
    estimate: StageEstimate | None, from_m: float, to_m: float
) -> tuple[float | None, float | None]:
    """Moving time between two places of a stage, and how much of it is hiked."""
    if estimate is None:
        return None, None
    return estimate.moving_between_s(from_m, to_m), estimate.hiked_between_s(from_m, to_m)


def on_the_wall(race: Row, stage: Row, after_s: float | None) -> str | None:
    """Local time, ISO, of a moment on the clock that a stage's arrivals count from."""
    start = stage["start"] if race["format"] == "staged" else race["start"]
    if start is None or after_s is None:
        return None
    first = datetime.fromisoformat(start)
    if race["timezone"]:  # an offset alone would not change with the clocks
        first = first.astimezone(ZoneInfo(race["timezone"]))
    there = moment(first, after_s)
    return None if there is None else there.isoformat(timespec="seconds")
