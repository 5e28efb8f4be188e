"""The words above the profile: title, sections, bases."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpxstage.plot import captions
from gpxstage.plot.colours import SOFT
from gpxstage.plot.frame import LEFT_IN, LINE_IN, RIGHT_IN, TITLE_IN
from gpxstage.plot.page import CAP_IN, elide, in_row, width_in, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.plot.frame import Frame
    from gpxstage.plot.scene import Scene, Section
    from gpxstage.plot.units import Units
    from gpxstage.report import Report

TITLE_PT, FACTS_PT, BASE_PT, SMALL_PT = 18.0, 10.5, 9.0, 8.5
LEAST_TITLE_IN = 3.5
LONGEST_BASE_IN = 1.8
LEAST_NAME = 8  # letters of a stage's name that are worth showing
MOST = 0.7  # of the sections must have room for a form
GAP_IN = 0.1  # between sections
UPRIGHT_IN = 0.15  # from one upright line to the next


@dataclass(eq=False)
class Words:
    """All text of a picture, by role."""

    title: list[Text] = field(default_factory=list)  # and the facts beside it
    sections: list[Text] = field(default_factory=list)
    bases: list[Text] = field(default_factory=list)
    names: list[Text] = field(default_factory=list)  # of places, upright
    beside: list[Text] = field(default_factory=list)  # heights and arrivals beside the names
    heights: list[Text] = field(default_factory=list)
    rows: list[Text] = field(default_factory=list)  # distances, clocks, hours, what they are
    legend: list[Text] = field(default_factory=list)
    survey: list[Text] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)  # says that there is no elevation

    @property
    def all(self) -> list[Text]:
        """Every text."""
        return [text for role in vars(self).values() for text in role]


def put_title(
    figure: Figure, report: Report, scene: Scene, index: int | None, unit: Units
) -> list[Text]:
    """The title, and beside it as many facts as fit; a long title gives way to the facts."""
    y_in = figure.get_figheight() - TITLE_IN
    room_in = RIGHT_IN - LEFT_IN
    said = captions.facts(report, scene, index, unit)
    while len(said) > 1 and _facts_in(said) > room_in - LEAST_TITLE_IN - 0.2:
        said.pop()
    name = elide(captions.title(report, index), room_in - _facts_in(said) - 0.2, TITLE_PT, True)
    x_in = LEFT_IN + width_in(name, TITLE_PT, True) + 0.2
    return [
        write(figure, LEFT_IN, y_in, name, TITLE_PT, weight="bold"),
        write(figure, x_in, y_in, captions.SEPARATOR.join(said), FACTS_PT, color=SOFT),
    ]


def _facts_in(said: list[str]) -> float:
    return width_in(captions.SEPARATOR.join(said), FACTS_PT)


# sections and bases


@dataclass(frozen=True)
class Sections:
    """The sections' figures, one list of lines each, top line first, and the rows they take."""

    lines: list[list[str]]
    rows: int  # with the heads above them
    heads: list[str]
    upright: bool = False


def plan_sections(scene: Scene, unit: Units, *, whole_race: bool) -> Sections:
    """Two lines a section where most have room for that, else four short ones, else upright."""
    if len(scene.sections) < 2:
        return Sections([], 0, [])
    said = [captions.section_lines(section, unit) for section in scene.sections]
    room = [_room_in(section.end_m - section.start_m, scene) for section in scene.sections]
    named = any(border.name for border in scene.borders[1:-1])
    heads = [
        _head(section, space, named=named)
        for section, space in zip(scene.sections, room, strict=True)
    ]
    across = _fitting(said, room, (0, 1))
    if not whole_race or _most(across):
        return _sections(across, heads)
    narrow = _fitting(said, room, (2,))
    if _most(narrow):
        return _sections(narrow, heads)
    tall = [
        part[0] if space + GAP_IN > UPRIGHT_IN * len(part[0]) else []
        for part, space in zip(said, room, strict=True)
    ]
    length_in = max((_widest_in(part) for part in tall if part), default=0.0)
    return Sections(tall, math.ceil(length_in / LINE_IN) + any(heads), heads, upright=True)


def _sections(lines: list[list[str]], heads: list[str]) -> Sections:
    return Sections(lines, max(map(len, lines)) + any(heads), heads)


def _fitting(
    said: list[list[list[str]]], room: list[float], forms: tuple[int, ...]
) -> list[list[str]]:
    """For each section the first of some forms that its room allows; nothing where none does."""
    return [
        next((part[k] for k in forms if _widest_in(part[k]) <= space), [])
        for part, space in zip(said, room, strict=True)
    ]


def _most(lines: list[list[str]]) -> bool:
    return sum(map(bool, lines)) >= MOST * len(lines)


def _room_in(span_m: float, scene: Scene) -> float:
    return (RIGHT_IN - LEFT_IN) * span_m / scene.length_m - GAP_IN


def _widest_in(lines: list[str]) -> float:
    return max(width_in(line, SMALL_PT) for line in lines)


def _head(section: Section, room_in: float, *, named: bool) -> str:
    """The stage's number, and its name where the borders have none."""
    head = "" if section.number is None else str(section.number)
    if not named and section.name:
        longer = " ".join(f"{head} {section.name}".split())
        cut = elide(longer, room_in, SMALL_PT, True)
        head = cut if len(cut) > len(head) + LEAST_NAME or cut == longer else head
    return head if width_in(head, SMALL_PT, True) <= room_in + 0.5 * GAP_IN else ""


def put_sections(figure: Figure, frame: Frame, scene: Scene, plan: Sections) -> list[Text]:
    """The sections' figures above their middles, the stages' numbers above those."""
    texts = []
    low_in, head_in = frame.section_in(0), frame.section_in(plan.rows - 1)
    for section, head, lines in zip(scene.sections, plan.heads, plan.lines, strict=False):
        middle = frame.x(0.5 * (section.start_m + section.end_m))
        last = len(lines) - 1
        for k, line in enumerate(lines):
            if plan.upright:
                x = middle + UPRIGHT_IN * (k - 0.5 * last) + CAP_IN * SMALL_PT
                texts.append(write(figure, x, low_in, line, SMALL_PT, upright=True))
            else:
                y = low_in + LINE_IN * (last - k)
                texts.append(write(figure, middle, y, line, SMALL_PT, ha="center"))
        if head:
            texts.append(write(figure, middle, head_in, head, SMALL_PT, ha="center", weight="bold"))
    return texts


def plan_bases(scene: Scene, most_rows: int) -> list[dict[int, float]]:
    """Rows of bases' names from below: the left end of each name by its border's index."""
    spans = [
        (_across_in(border.at_m, scene), width_in(base_name(border.name), BASE_PT, True))
        for border in scene.borders
    ]
    last = len(spans) - 1
    rows: list[dict[int, float]] = []
    for _ in range(most_rows):
        left = [(x, 0.0 if any(k in row for row in rows) else w) for k, (x, w) in enumerate(spans)]
        rows.append(in_row(left, (LEFT_IN, RIGHT_IN), 0.12, lambda k: (k not in (0, last), k)))
    return [row for row in rows if row]


def base_name(name: str) -> str:
    """A base's name, cut where it is very long."""
    return elide(name, LONGEST_BASE_IN, BASE_PT, True)


def _across_in(at_m: float, scene: Scene) -> float:
    return LEFT_IN + (RIGHT_IN - LEFT_IN) * at_m / scene.length_m


def put_bases(
    figure: Figure, frame: Frame, scene: Scene, rows: list[dict[int, float]]
) -> list[Text]:
    """The bases' names above their borders."""
    return [
        write(
            figure, left, frame.names_in(row), base_name(scene.borders[k].name), BASE_PT,
            weight="bold",
        )
        for row, placed in enumerate(rows)
        for k, left in placed.items()
    ]  # fmt: skip


def border_tops(frame: Frame, scene: Scene, rows: list[dict[int, float]]) -> list[float]:
    """How high each border's line goes: to its name, where no name below is in the way."""
    tops = [frame.top_in + 0.02] * len(scene.borders)
    for row, placed in enumerate(rows):
        for k in placed if row else ():
            x = frame.x(scene.borders[k].at_m)
            names = ((left, scene.borders[j].name) for j, left in rows[0].items())
            spans = ((a, a + width_in(base_name(name), BASE_PT, True)) for a, name in names)
            if not any(a - 0.05 < x < b + 0.05 for a, b in spans):
                tops[k] = frame.names_in(row) - 0.05
    return tops
