"""What each section asks, above its middle: as much as has room beside its neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpxstage.plot import captions
from gpxstage.plot.frame import LINE_IN
from gpxstage.plot.page import CAP_IN, elide, in_row, width_in, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.plot.frame import Frame
    from gpxstage.plot.scene import Scene, Section
    from gpxstage.plot.sheet import Sheet
    from gpxstage.units import Units

SMALL_PT = 8.5
LEAST_NAME = 8  # letters of a stage's name that are worth showing
MOST = 0.7  # of the sections must have room for a form
GAP_IN = 0.1  # between sections
UPRIGHT_IN = 0.15  # from one upright line to the next


@dataclass(frozen=True)
class Told:
    """Of one section: the lines, top line first, its head, and the middle of both on the page."""

    lines: list[str]
    head: str
    middle_in: float


@dataclass(frozen=True)
class Sections:
    """All sections' words and the rows they take, with the heads above them."""

    told: list[Told]
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
            return _told(scene, [lines for lines, _ in pairs], [at for _, at in pairs], room, tall)
    items = [(at, UPRIGHT_IN * len(lines)) for at, lines in zip(middles, tall, strict=True)]
    left = in_row(items, bounds, 0.02, lambda k: (items[k][1] > room[k] + GAP_IN, k))
    chosen = [(tall[k] if k in left else []) for k in range(len(tall))]
    placed = [left.get(k, at - 0.5 * wide) + 0.5 * wide for k, (at, wide) in enumerate(items)]
    length_in = max((_widest_in(part) for part in chosen if part), default=0.0)
    return _told(scene, chosen, placed, room, tall, upright_rows=math.ceil(length_in / LINE_IN))


def _told(
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
    told = [Told(*each) for each in zip(lines, heads, middles, strict=True)]
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
