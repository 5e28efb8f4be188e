"""Where the hours go: the rows and the tables behind --why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpxstage.course import plain
from gpxstage.report.figures import Row
from gpxstage.units import MINUS, hours, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.nouns import Why

SAID = {
    "road": "flat road",
    "fatigue": "length, fatigue",
    "slope": "slopes",
    "descents": "footing down",
    "terrain": "rough ground",
    "altitude": "altitude",
    "night": "darkness",
    "conditions": "pack, weather",
    "sleepiness": "sleepy",
    "stops": "stops",
    "sleep": "sleep",
}


def why_row(why: Why, numbers: Sequence[int]) -> Row:
    """Seconds by cause for each stage, and what plain models say of the moving time."""
    return {
        "stages": [
            {"number": number} | {f"{cause}_s": seconds(value) for cause, value in causes.items()}
            for number, causes in zip(numbers, why.stages, strict=True)
        ],
        "models": {name: seconds(value) for name, value in why.models.items()},
    }


def why_cells(row: Row) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A line a cause, a column a stage where they fit, and the whole race; h:mm."""
    shown = [stage["number"] for stage in row["stages"]]
    stages = [s for s in row["why"]["stages"] if s["number"] in shown]
    few = stages if 1 < len(stages) <= 7 else []
    columns = ("", *(f"stage {stage['number']}" for stage in few), "all")
    lines = []
    for cause, words in SAID.items():
        each = [stage[f"{cause}_s"] for stage in few]
        whole = sum(stage[f"{cause}_s"] for stage in stages)
        if whole or any(each):
            lines.append((words, *(_signed(s, cause) for s in (*each, whole))))
    ends = [sum(v for k, v in stage.items() if k != "number") for stage in few]
    whole = sum(v for stage in stages for k, v in stage.items() if k != "number")
    lines.append(("time on the clock", *(hours(s) for s in (*ends, whole))))
    return columns, tuple(lines)


def model_cells(row: Row) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The moving time of the race by every model, shortest first."""
    found = [(value, name) for name, value in row["why"]["models"].items()]
    found.append((row["moving_s"]["p50"], row["runner"]["model"]))
    return ("model", "moving"), tuple((plain(name), hours(s)) for s, name in sorted(found))


def _signed(value_s: float, cause: str) -> str:
    text = hours(value_s)
    return text if cause == "road" or text.startswith(MINUS) else f"+{text}"
