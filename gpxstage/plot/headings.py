"""The words above the profile: title and facts, names of bases, figures of the sections."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpxstage.plot import captions
from gpxstage.plot.layout import LINE_IN
from gpxstage.plot.scene import TRANSFER
from gpxstage.plot.style import CAP_IN, SOFT, elide, in_row, width_in, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.facts.analysis import Report
    from gpxstage.plot.layout import Frame, How, Sheet
    from gpxstage.plot.scene import Scene, Section
    from gpxstage.units import Units

BASE_PT = 9.0
BELOW_IN = 0.2  # from the title to the facts where they stand below it
LEAST_PT = 13.0  # a title is smaller before it is cut
LEAST_TITLE = 0.25  # of the page's width, before any fact gives way
MAIN_FACTS = 3  # distance, climb and hours; the others give way to the whole of a title
LONGEST_BASE_IN, LONGEST_PAIR_IN = 1.8, 2.4
FEW = 4  # so many borders have room for a longer name


@dataclass(eq=False)
class Words:
    """All text of a picture, by role."""

    title: list[Text] = field(default_factory=list)  # and the facts beside it
    sections: list[Text] = field(default_factory=list)
    bases: list[Text] = field(default_factory=list)
    names: list[Text] = field(default_factory=list)  # of places, upright
    beside: list[Text] = field(default_factory=list)  # heights and arrivals beside the names
    heights: list[Text] = field(default_factory=list)
    hours: list[Text] = field(default_factory=list)  # at the left of the curve of hours
    rows: list[Text] = field(default_factory=list)  # distances, clocks, hours, what they are
    panels: list[Text] = field(default_factory=list)
    legend: list[Text] = field(default_factory=list)
    survey: list[Text] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)  # says that there is no elevation

    @property
    def all(self) -> list[Text]:
        """Every text."""
        return [text for role in vars(self).values() for text in role]


def put_title(
    figure: Figure, report: Report, scene: Scene, index: int | None, how: How
) -> list[Text]:
    """The title, and beside it as many facts as fit; a long title gives way to the facts."""
    sheet, unit = how.sheet, how.unit
    y_in = figure.get_figheight() - sheet.title_in
    left_in, room_in = sheet.left_in, sheet.right_in - sheet.left_in
    said, named = captions.facts(report, scene, index, unit), captions.title(report, index)
    beside_in = 0.0 if sheet.compact else LEAST_TITLE * room_in + 0.2
    while len(said) > 1 and _facts_in(said, sheet.facts_pt) > room_in - beside_in:
        said.pop()
    wide_in = 0.0 if sheet.compact else width_in(named, sheet.title_pt, True) + 0.2
    while len(said) > MAIN_FACTS and wide_in + _facts_in(said, sheet.facts_pt) > room_in:
        said.pop()
    room_in -= 0.0 if sheet.compact else _facts_in(said, sheet.facts_pt) + 0.2
    size = sheet.title_pt
    while size > LEAST_PT and width_in(named, size, True) > room_in:
        size -= 1.0
    name = elide(named, room_in, size, True)
    at = left_in + width_in(name, size, True) + 0.2, y_in
    if sheet.compact:
        at = left_in, y_in - BELOW_IN
    facts = captions.SEPARATOR.join(said)
    return [
        write(figure, left_in, y_in, name, size, weight="bold"),
        write(figure, *at, facts, sheet.facts_pt, color=SOFT),
    ]


def _facts_in(said: list[str], size: float) -> float:
    return width_in(captions.SEPARATOR.join(said), size)


def plan_bases(scene: Scene, sheet: Sheet, width: float, most_rows: int) -> list[dict[int, float]]:
    """Rows of bases' names from below: the left end of each name by its border's index."""
    per_in = width / (sheet.right_in - sheet.left_in)
    spans = [
        (sheet.left_in + border.at / per_in, width_in(base_name(scene, k), BASE_PT, True))
        for k, border in enumerate(scene.borders)
    ]
    last = len(spans) - 1
    rows: list[dict[int, float]] = []
    for _ in range(most_rows):
        left = [(x, 0.0 if any(k in row for row in rows) else w) for k, (x, w) in enumerate(spans)]
        rows.append(
            in_row(left, (sheet.left_in, sheet.right_in), 0.12, lambda k: (k not in (0, last), k))
        )
    return [row for row in rows if row]


def base_name(scene: Scene, k: int) -> str:
    """A border's name, cut where it is very long; of two, each."""
    name, few = scene.borders[k].name, len(scene.borders) <= FEW
    here, arrow, there = name.partition(f" {TRANSFER} ")
    if not arrow:
        return elide(name, LONGEST_PAIR_IN if few else LONGEST_BASE_IN, BASE_PT, True)
    half_in = 0.5 * LONGEST_PAIR_IN
    return arrow.join(elide(each, half_in, BASE_PT, True) for each in (here, there))


def put_bases(
    figure: Figure, frame: Frame, scene: Scene, rows: list[dict[int, float]]
) -> list[Text]:
    """The bases' names above their borders."""
    return [
        write(figure, left, frame.names_in(row), base_name(scene, k), BASE_PT, weight="bold")
        for row, placed in enumerate(rows)
        for k, left in placed.items()
    ]


def border_tops(frame: Frame, scene: Scene, rows: list[dict[int, float]]) -> list[float]:
    """How high each border's line goes: to its name, where no name below is in the way."""
    tops = [frame.top_in + 0.02] * len(scene.borders)
    for row, placed in enumerate(rows):
        for k in placed if row else ():
            x = frame.x(scene.borders[k].at)
            spans = (
                (left, left + width_in(base_name(scene, j), BASE_PT, True))
                for j, left in rows[0].items()
            )
            if not any(a - 0.05 < x < b + 0.05 for a, b in spans):
                tops[k] = frame.names_in(row) - 0.05
    return tops


SMALL_PT = 8.5
LEAST_NAME = 8  # letters of a stage's name that are worth showing
MOST = 0.7  # of the sections must have room for a form
GAP_IN = 0.1  # between sections
UPRIGHT_IN = 0.15  # from one upright line to the next


@dataclass(frozen=True)
class SectionText:
    """Of one section: the lines, top line first, its head, and the middle of both on the page."""

    lines: list[str]
    head: str
    middle_in: float


@dataclass(frozen=True)
class Sections:
    """All sections' words and the rows they take, with the heads above them."""

    told: list[SectionText]
    rows: int
    upright: bool = False
    elsewhere: str = ""  # figures of those that found no room above themselves


def plan_sections(
    scene: Scene, sheet: Sheet, width: float, unit: Units, *, whole_race: bool
) -> Sections:
    """Two lines a section where all have room for that, else four short ones, else upright."""
    if len(scene.sections) < 2 or sheet.compact:
        return Sections([], 0)
    per_in = width / (sheet.right_in - sheet.left_in)
    bounds = sheet.left_in, sheet.right_in
    middles = [sheet.left_in + 0.5 * (s.start + s.end) / per_in for s in scene.sections]
    room = [(s.end - s.start) / per_in - GAP_IN for s in scene.sections]
    said = [captions.section_lines(section, unit) for section in scene.sections]
    tall = [part[0] for part in said]
    across = _across(said, (0, 1), middles, room, bounds)
    narrow = _across(said, (2,), middles, room, bounds)
    for found, share in ((across, 1.0), (narrow, 1.0), (across, MOST), (narrow, MOST)):
        if not whole_race or len(found) >= share * len(said):
            pairs = [found.get(k, ([], middles[k])) for k in range(len(said))]
            return _section_texts(
                scene, [lines for lines, _ in pairs], [at for _, at in pairs], room, tall
            )
    items = [(at, UPRIGHT_IN * len(lines)) for at, lines in zip(middles, tall, strict=True)]
    left = in_row(items, bounds, 0.02, lambda k: (items[k][1] > room[k] + GAP_IN, k))
    chosen = [(tall[k] if k in left else []) for k in range(len(tall))]
    placed = [left.get(k, at - 0.5 * wide) + 0.5 * wide for k, (at, wide) in enumerate(items)]
    length_in = max((_widest_in(part) for part in chosen if part), default=0.0)
    return _section_texts(
        scene, chosen, placed, room, tall, upright_rows=math.ceil(length_in / LINE_IN)
    )


def _section_texts(
    scene: Scene,
    lines: list[list[str]],
    middles: list[float],
    room: list[float],
    figures: list[list[str]],
    *,
    upright_rows: int = 0,
) -> Sections:
    named = any(border.name for border in scene.borders[1:-1])
    least_in = UPRIGHT_IN * 2.0 if upright_rows else 0.0  # as wide as the lines below it
    heads = [
        _head(section, max(space, least_in * bool(there)), named=named)
        for section, space, there in zip(scene.sections, room, lines, strict=True)
    ]
    told = [SectionText(*each) for each in zip(lines, heads, middles, strict=True)]
    rows = upright_rows or max(map(len, lines))
    left_out = [
        f"{section.number}: {' · '.join(said)}"
        for section, said, there in zip(scene.sections, figures, lines, strict=True)
        if section.number is not None and not there
    ]
    elsewhere = captions.SEPARATOR.join(left_out)
    return Sections(told, rows + any(heads), upright_rows > 0, elsewhere)


def _across(
    said: list[list[list[str]]],
    forms: Sequence[int],
    middles: list[float],
    room: list[float],
    bounds: tuple[float, float],
) -> dict[int, tuple[list[str], float]]:
    """Lines and their middle, by section: of each the first form that its room allows.

    A section that is too narrow for any gets the shortest, a little aside where its neighbours
    leave room.
    """
    chosen = [
        next((part[k] for k in forms if _widest_in(part[k]) <= space), part[forms[-1]])
        for part, space in zip(said, room, strict=True)
    ]
    widths = [_widest_in(lines) for lines in chosen]
    items = list(zip(middles, widths, strict=True))
    left = in_row(items, bounds, 1.5 * GAP_IN, lambda k: (widths[k] > room[k], k))
    return {k: (chosen[k], start + 0.5 * widths[k]) for k, start in left.items()}


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


def put_sections(figure: Figure, frame: Frame, plan: Sections) -> list[Text]:
    """The sections' figures, the stages' numbers above them."""
    texts = []
    low_in, head_in = frame.section_in(0), frame.section_in(plan.rows - 1)
    for section in plan.told:
        last, middle = len(section.lines) - 1, section.middle_in
        for k, line in enumerate(section.lines):
            if plan.upright:
                x = middle + UPRIGHT_IN * (k - 0.5 * last) + CAP_IN * SMALL_PT
                texts.append(write(figure, x, low_in, line, SMALL_PT, upright=True))
            else:
                y = low_in + LINE_IN * (last - k)
                texts.append(write(figure, middle, y, line, SMALL_PT, ha="center"))
        if section.head:
            head = write(
                figure, middle, head_in, section.head, SMALL_PT, ha="center", weight="bold"
            )
            texts.append(head)
    return texts
