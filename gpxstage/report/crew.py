"""The crew card: one sheet of when to be where, and with what; then a strip for the runner."""

from __future__ import annotations

from importlib.resources import files
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING

from gpxstage.facts.headline import behind
from gpxstage.report.calls import crewed
from gpxstage.report.card import TOO_EARLY, card
from gpxstage.report.say.preparation import rhythm
from gpxstage.report.say.sentences import inside
from gpxstage.text import one_line, unbroken
from gpxstage.units import UNITS, percent, range_s, spoken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.facts import RaceFacts
    from gpxstage.facts.analysis import Report
    from gpxstage.report.card import Card, Strip

TEMPLATE = "crew.html.jinja"
# A sheet is as narrow as A4 and as low as US Letter, less its margins: what head and foot leave
# to the lines; the least and the most that one takes; what a remark under a name adds to it
WIDE_MM, LINES_MM, LEAST_MM, MOST_MM, REMARK_LINES = 188.0, 196.0, 2.9, 9.5, 0.7
WORDS_LETTERS, WORDS_MM = 85, 4.3  # of a line of words above and below the table
NAME_EM, LETTER_MM = 15.0, 3.5  # the least room for a name; 10 points
LARGER = 1.3  # the expected time is written by so much larger than the rest
STRIP_MM, STRIP_LINE_MM, STRIP_MORE_MM, ABREAST = 228.0, 7.8, 2.8, 3  # of the runner's strip

HEADS = {  # of the columns after the expected time and the name; one that is empty is left out
    "window": "range",
    "cutoff": "cutoff",
    "far": "{unit.distance} from the last",
    "climb": "climb, {unit.height}",
    "stop": "stop",
    "sleep": "asleep",
    "light": "on arrival",
    "kcal": "kcal to the next",
    "drive": "drive, h",
    "leave": "leave for here by",
}

# which runners the ranges hold 8 in 10 of
GIVEN = {
    "": "such runners",
    "nothing": "runners who finish at the expected time",
    "finish": "runners who finish at this time",
    "passages": "runners who passed the places before at these times",
}
RANGED = "8 of 10 {} arrive within the range, or later, where it ends at a cutoff."


def crew_html(report: Report, units: str = "metric", *, bases_only: bool = False) -> str:
    """The card and the strip as one HTML page, two sheets of A4 or US Letter.

    Places are those of kind crew or life-base, those marked ``crew``, and starts and finishes;
    with *bases_only* life bases, starts and finishes. A range holds 8 in 10 runners who finish
    at the expected time. Kilocalories are those that are eaten from the arrival at a
    place to that at the next. Needs jinja2; raises ValueError for a report without an estimate.
    """
    found, race, unit = card(report, units, bases_only=bases_only), report.facts, UNITS[units]
    lines, items = found.places, [one_line(item) for item in report.crew_items]
    line_mm, letter_mm = _sizes(found, len(items))
    return rendered(
        TEMPLATE,
        name=one_line(race.name),
        who=who(race),
        survey=one_line(race.survey),
        clocked=any(stage.start or race.start for stage in race.stages),
        ranged=RANGED.format(GIVEN[_given(race)]) if any(x.window for x in lines) else "",
        early=any(line.leave.endswith(TOO_EARLY) for line in lines),
        bare=not any(crewed(p) for stage in report.course.stages for p in stage.points),
        rhythm="" if race.eating is None else rhythm(race.eating),
        card=found,
        items=items,
        unit=unit.distance,
        groups=[(key, list(same)) for key, same in groupby(lines, lambda line: line.group)],
        columns=[key for key in HEADS if any(getattr(line, key) for line in lines)],
        heads={key: words.format(unit=unit) for key, words in HEADS.items()},
        strips=_abreast(found.strip),
        line_mm=line_mm,
        letter_mm=letter_mm,
        larger=LARGER,
        strip_mm=(STRIP_LINE_MM, STRIP_MORE_MM),
    )


def rendered(template: str, **values: object) -> str:
    """A template of this folder with its values, all of them escaped. Needs jinja2."""
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("gpxstage.report").joinpath(template).read_text("utf-8")
    written: str = made.from_string(text).render(**values)
    return written


def _given(race: RaceFacts) -> str:
    return (race.range_given or "") if race.through or race.range_given != "nothing" else ""


def _sizes(found: Card, items: int) -> tuple[float, float]:
    """Height of a line and of a letter, so that all lines and all columns are on one sheet."""
    lines = found.places
    rows = sum(1.0 + REMARK_LINES * len(line.remarks) for line in lines)
    words = ceil(len(found.passed) / WORDS_LETTERS) + 2 * ceil(len(found.missed) / WORDS_LETTERS)
    line_mm = (LINES_MM - WORDS_MM * words) / max(rows, 1.0)
    line_mm = min(MOST_MM, max(LEAST_MM, line_mm))
    longest = {
        key: float(max((len(getattr(line, key)) for line in lines), default=0))
        for key in ("expected", *HEADS)
    }
    longest["expected"] *= LARGER
    longest["group"] = max((len(word) for line in lines for word in line.group), default=0)
    wide_em = NAME_EM + 2.0 * items + sum(0.57 * each + 0.8 for each in longest.values() if each)
    return round(line_mm, 2), round(min(LETTER_MM, 0.74 * line_mm, WIDE_MM / wide_em), 2)


def _abreast(lines: Sequence[Strip]) -> list[list[list[Strip]]]:
    """Sheets of strips of places, each strip about as long as the others."""
    long_mm = [
        STRIP_LINE_MM + STRIP_MORE_MM * (bool(line.what) + bool(line.remarks) + bool(line.group))
        for line in lines
    ]
    count = max(ceil(sum(long_mm) / STRIP_MM), 1)
    share_mm, gone_mm = sum(long_mm) / count, 0.0
    strips: list[list[Strip]] = [[] for _ in range(count)]
    for line, each_mm in zip(lines, long_mm, strict=True):
        strips[min(int((gone_mm + each_mm / 2.0) / share_mm), count - 1)].append(line)
        gone_mm += each_mm
    return [strips[k : k + ABREAST] for k in range(0, count, ABREAST)]


def who(race: RaceFacts) -> str:
    """The runner, the expected time with its range, and how far behind or ahead."""
    words = [one_line(race.runner.name)] if race.runner else []
    words.append(f"expected {spoken(race.elapsed_s.p50 or 0)}")
    if race.elapsed_s.ends is not None:
        low, high = map(spoken, range_s(*race.elapsed_s.ends))
        words.append(f"80 % range {low} to {high}")
    if race.finish_probability is not None:
        words.append(f"{percent(race.finish_probability)} % chance {inside(race)}")
    if race.behind is not None:
        words.append(behind(race.behind))
    return unbroken("; ".join(words))
