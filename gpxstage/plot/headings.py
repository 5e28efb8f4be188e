"""The words above the profile: title and facts, names of bases, figures of the sections."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from gpxstage.facts.parts import own_name
from gpxstage.plot.layout import LINE_IN, Bases, Frame, How, Sections, SectionText, Sheet
from gpxstage.plot.scales import LONGEST_LEVEL_IN
from gpxstage.plot.scene import EIGHT_OF_TEN, RANGE, TRANSFER, Scene, Section
from gpxstage.plot.style import (
    CAP_IN,
    RULE,
    SOFT,
    aligned,
    elide,
    in_row,
    put_lines,
    width_in,
    writable,
    write,
)
from gpxstage.units import Units, duration_text, hours, percent_text, range_text, spoken

if TYPE_CHECKING:
    from gpxstage.course import Course
    from gpxstage.estimator.runner import Runner

SEPARATOR = "  ·  "
BASE_PT = 9.0
BELOW_IN = 0.22  # from the title to the facts, where those are below it
LEAST_PT = 13.0  # a title gets smaller down to this size before it is cut
LEAST_TITLE = 0.25  # of the page's width, which the title keeps whatever the facts are
MAIN_FACTS = 3  # distance, climb and hours; the others are left out before a title is cut
LONGEST_RUNNER = 24  # letters
LONGEST_BASE_IN, LONGEST_PAIR_IN = 1.8, 2.4
FEW = 4  # with so few borders, names may be longer


@dataclass(eq=False)
class Words:
    """All text of a picture, by role."""

    title: list[Text] = field(default_factory=list)  # and the facts beside it
    sections: list[Text] = field(default_factory=list)
    bases: list[Text] = field(default_factory=list)
    names: list[Text] = field(default_factory=list)  # of places, upright
    beside: list[Text] = field(default_factory=list)  # heights and arrivals beside the names
    marks: list[Text] = field(default_factory=list)  # distances to the next place, hours of sleep
    heights: list[Text] = field(default_factory=list)
    hours: list[Text] = field(default_factory=list)  # at both ends of the curve of hours
    rows: list[Text] = field(default_factory=list)  # distances, clocks, hours, names of the rows
    panels: list[Text] = field(default_factory=list)
    legend: list[Text] = field(default_factory=list)
    survey: list[Text] = field(default_factory=list)
    missing: list[Text] = field(default_factory=list)  # where there is no elevation

    @property
    def all(self) -> list[Text]:
        """Every text."""
        return [text for role in vars(self).values() for text in role]


def title(course: Course, index: int | None) -> str:
    """The race's name, or a stage's number and name."""
    if index is None or len(course.stages) == 1:
        return course.name
    stage = course.stages[index]
    name = own_name(stage, course)
    return f"Stage {stage.number}" + (f" · {name}" if name else "")


def facts(scene: Scene, how: How) -> list[str]:
    """The facts beside the title, the most important first."""
    course, found = scene.course, [how.unit.distance_text(scene.length_m)]
    gains = [section.gain_m for section in scene.sections if section.gain_m is not None]
    if len(gains) == len(scene.sections):
        found.append(how.unit.gain_text(sum(gains)))
    parts = scene.estimates
    if scene.runner is not None and parts:
        found.append(_expected(scene.runner, scene))
    whole = how.whole or len(course.stages) == 1
    limit_s = course.limit_s if whole else course.stages[how.index or 0].limit_s
    if limit_s:
        late = bool(parts) and sum(part.on_clock_s for part in parts) > limit_s
        found.append(f"{'past the limit of' if late else 'limit'} {duration_text(limit_s, np.inf)}")
    is_named = whole or course.name.casefold() in title(course, how.index).casefold()
    return found if is_named else [*found, course.name]


def _expected(runner: Runner, scene: Scene) -> str:
    """``mid runner: 126 h 33 min (8 of 10: 98-167 h), 82 % hiked``; of a field, all times."""
    if scene.levels:
        known = [leg.estimates for leg in scene.legs if leg.estimate is not None]
        of_all = zip(scene.levels, zip(*known, strict=True), strict=True)
        return SEPARATOR.join(
            f"{elide(level, LONGEST_LEVEL_IN, BASE_PT)} {spoken(sum(e.on_clock_s for e in each))}"
            for level, each in of_all
        )
    name = writable(" ".join(runner.name.split()))[:LONGEST_RUNNER]
    if name and runner.source == "level":
        name = f"{name} runner"
    parts = scene.estimates
    elapsed_s = sum(part.on_clock_s for part in parts)
    words = f"{name or 'estimate'}: {spoken(elapsed_s)}"
    draws = [leg.spread.elapsed_s for leg in scene.legs if leg.spread is not None]
    if draws:
        low_s, high_s = np.quantile(np.sum(draws, axis=0), RANGE).tolist()
        if high_s - low_s > 1.0:  # no range of the finish is drawn for a goal
            wide = range_text(min(low_s, elapsed_s), max(high_s, elapsed_s))
            words += f" ({EIGHT_OF_TEN}: {wide})"
    hiked = [float(part.hiked_s.sum()) for part in parts if part.hiked_s is not None]
    if len(hiked) < len(parts):
        return words
    share = sum(hiked) / sum(float(part.moving_s[-1]) for part in parts)
    return f"{words}, {percent_text(share)} hiked"


def put_title(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Write the title, and beside it as many facts as fit; a long title is cut for the facts."""
    how, sheet = frame.how, frame.how.sheet
    y_in = frame.height_in - sheet.title_in
    left_in, room_in = sheet.left_in, sheet.right_in - sheet.left_in
    shown, named = facts(scene, how), title(scene.course, how.index)

    def facts_in() -> float:
        return width_in(SEPARATOR.join(shown), sheet.facts_pt)

    beside_in = 0.0 if sheet.compact else LEAST_TITLE * room_in + 0.2
    while len(shown) > 1 and facts_in() > room_in - beside_in:
        shown.pop()
    wide_in = 0.0 if sheet.compact else width_in(named, sheet.title_pt, True) + 0.2
    while len(shown) > MAIN_FACTS and wide_in + facts_in() > room_in:
        shown.pop()
    room_in -= 0.0 if sheet.compact else facts_in() + 0.2
    size = sheet.title_pt
    while size > LEAST_PT and width_in(named, size, True) > room_in:
        size -= 1.0
    name = elide(named, room_in, size, True)
    at = left_in + width_in(name, size, True) + 0.2, y_in
    if sheet.compact:
        at = left_in, y_in - BELOW_IN
    return [
        write(figure, left_in, y_in, name, size, weight="bold"),
        write(figure, *at, SEPARATOR.join(shown), sheet.facts_pt, color=SOFT),
    ]


NO_ELEVATION = "no elevation in this file"


def put_missing(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Write where there is no elevation: in the whole picture, or in some of its stages."""
    blank = [leg for leg in scene.legs if leg.profile.cells is None]
    if len(blank) == len(scene.legs):
        notes = [(0.5 * scene.width, NO_ELEVATION, 13.0)]
    else:
        notes = [
            (0.5 * (leg.start + leg.end), "no elevation", 8.0)
            for leg in blank
            if width_in("no elevation", 8.0) < frame.x(leg.end) - frame.x(leg.start)
        ]
    y_in = frame.base_in + 0.4 * frame.relief_in
    return [
        write(figure, frame.x(at), y_in, words, size, color=SOFT, ha="center")
        for at, words, size in notes
    ]


# names of bases


def plan_bases(scene: Scene, how: How, width: float) -> Bases:
    """Find room for the names of the bases, in one row, or in two of a whole race."""
    sheet = how.sheet
    per_in = width / (sheet.right_in - sheet.left_in)
    spans = [
        (sheet.left_in + border.at / per_in, _base_in(scene, k, sheet))
        for k, border in enumerate(scene.borders)
    ]
    last = len(spans) - 1
    rows: Bases = []
    for _ in range(2 if how.whole else 1):
        left = [(x, 0.0 if any(k in row for row in rows) else w) for k, (x, w) in enumerate(spans)]
        rows.append(
            in_row(left, (sheet.left_in, sheet.right_in), 0.12, lambda k: (k not in (0, last), k))
        )
    return [row for row in rows if row]


def _base_name(scene: Scene, k: int, sheet: Sheet) -> str:
    """A border's name, cut where it is long; at a transfer both, on a compact page the first."""
    name, few = scene.borders[k].name, len(scene.borders) <= FEW
    here, arrow, there = name.partition(f" {TRANSFER} ")
    if not arrow or sheet.compact:
        return elide(here, LONGEST_PAIR_IN if few else LONGEST_BASE_IN, BASE_PT, True)
    return arrow.join(elide(each, 0.5 * LONGEST_PAIR_IN, BASE_PT, True) for each in (here, there))


def _base_in(scene: Scene, k: int, sheet: Sheet) -> float:
    return width_in(_base_name(scene, k, sheet), BASE_PT, True)


def put_bases(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Write the names of the bases above their borders."""
    texts, sheet = [], frame.how.sheet
    for row, placed in enumerate(frame.plan.bases):
        for k, left in placed.items():
            name, y_in = _base_name(scene, k, sheet), frame.names_in(row)
            x, align = aligned(left, (frame.x(scene.borders[k].at), _base_in(scene, k, sheet)))
            texts.append(write(figure, x, y_in, name, BASE_PT, weight="bold", ha=align))
    return texts


def put_borders(figure: Figure, frame: Frame, scene: Scene) -> LineCollection:
    """Draw a line at each border inside: up to its name, where no name below is in the way."""
    rows, sheet = frame.plan.bases, frame.how.sheet
    tops = [frame.top_in + 0.02] * len(scene.borders)
    for row, placed in enumerate(rows):
        for k in placed if row else ():
            x = frame.x(scene.borders[k].at)
            spans = ((left, left + _base_in(scene, j, sheet)) for j, left in rows[0].items())
            if not any(a - 0.05 < x < b + 0.05 for a, b in spans):
                tops[k] = frame.names_in(row) - 0.05
    walls = [(frame.x(b.at), top) for b, top in zip(scene.borders, tops, strict=True)][1:-1]
    return put_lines(figure, [[(x, frame.base_in), (x, top)] for x, top in walls], RULE, 0.9)


# figures of the sections

SMALL_PT, LABEL_PT = 8.5, 7.5
LONGEST_LABEL_IN = 0.42
LEAST_NAME = 8  # letters of a stage's name that are worth showing
MOST = 0.7  # share of the sections that must have room for a form
GAP_IN = 0.1  # between sections
CLEAR_IN = 0.04  # between upright words and the head above them
UPRIGHT_IN = 0.15  # from one upright line to the next


@dataclass(frozen=True)
class Forms:
    """The figures of a section: a line for each level, a line for each figure, for turned words."""

    wide: list[str]
    narrow: list[str]
    turned: list[str]


def section_forms(section: Section, unit: Units) -> Forms:
    """The figures of a section in every form; a field's narrow lines have no hiked share."""
    course = [unit.distance_text(section.length_m)]
    if section.gain_m is not None:
        course.append(unit.gain_text(section.gain_m))
    figures = [
        [hours(each.elapsed_s), *([] if each.hiked is None else [percent_text(each.hiked)])]
        for each in section.efforts
    ]
    times = [first for first, *_ in figures]
    narrow, turned = times, times
    if len(figures) == 1:
        narrow = figures[0]
        turned = [*times, *(f"{share} hiked" for share in figures[0][1:])]
    return Forms(
        [" · ".join(part) for part in (course, *figures)],
        [*course, *narrow],
        [" · ".join(part) for part in (course, turned) if part],
    )


def _labels(scene: Scene, lines: list[str]) -> tuple[str, ...]:
    """What the lines of a section are, from above: those of its course need no label."""
    efforts = scene.sections[0].efforts
    names = [elide(level, LONGEST_LABEL_IN, LABEL_PT) for level in scene.levels] or ["time"]
    if efforts and efforts[0].hiked is not None:
        if "·" in lines[-1]:
            names = [f"{name}, hiked" for name in names]
        elif not scene.levels:
            names.append("hiked")
    names = names if efforts else []
    return (*[""] * (len(lines) - len(names)), *names)


def plan_sections(scene: Scene, how: How, width: float) -> Sections:
    """Wide lines where all sections have room for them, else narrow ones, else turned words."""
    sheet = how.sheet
    if len(scene.sections) < 2 or sheet.compact:
        return Sections([], 0)
    per_in = width / (sheet.right_in - sheet.left_in)
    bounds = sheet.left_in, sheet.right_in
    middles = [sheet.left_in + 0.5 * (s.start + s.end) / per_in for s in scene.sections]
    room = [(s.end - s.start) / per_in - GAP_IN for s in scene.sections]
    forms = [section_forms(section, how.unit) for section in scene.sections]
    tall = [form.turned for form in forms]
    tried = [[form.wide for form in forms], [form.narrow for form in forms]]
    for every, share in ((tried[0], 1.0), (tried[1], 1.0), (tried[0], MOST), (tried[1], MOST)):
        found = _across(every, middles, room, bounds)
        if not how.whole or len(found) >= share * len(forms):
            lines = [every[k] if k in found else [] for k in range(len(forms))]
            at = [found.get(k, middle) for k, middle in enumerate(middles)]
            labels = _labels(scene, next(filter(None, lines), every[0]))
            return _section_texts(scene, lines, at, room, tall, labels=labels)
    items = [(at, UPRIGHT_IN * len(lines)) for at, lines in zip(middles, tall, strict=True)]
    left = in_row(items, bounds, 0.02, lambda k: (items[k][1] > room[k] + GAP_IN, k))
    chosen = [(tall[k] if k in left else []) for k in range(len(tall))]
    placed = [left.get(k, at - 0.5 * wide) + 0.5 * wide for k, (at, wide) in enumerate(items)]
    length_in = max((_widest_in(part) for part in chosen if part), default=0.0)
    return _section_texts(
        scene, chosen, placed, room, tall, upright_rows=math.ceil((length_in + CLEAR_IN) / LINE_IN)
    )


def _section_texts(
    scene: Scene,
    lines: list[list[str]],
    middles: list[float],
    room: list[float],
    figures: list[list[str]],
    *,
    upright_rows: int = 0,
    labels: tuple[str, ...] = (),
) -> Sections:
    """The chosen *lines* with the heads above them; *figures* of the others go elsewhere."""
    named = any(border.name for border in scene.borders[1:-1])
    least_in = UPRIGHT_IN * 2.0 if upright_rows else 0.0  # as wide as the lines below it
    heads = [
        _head(section, max(space, least_in * bool(there)), named=named)
        for section, space, there in zip(scene.sections, room, lines, strict=True)
    ]
    shown = [SectionText(*each) for each in zip(lines, heads, middles, strict=True)]
    left_out = [
        f"{section.number}: {' · '.join(words)}"
        for section, words, there in zip(scene.sections, figures, lines, strict=True)
        if section.number is not None and not there
    ]
    rows = (upright_rows or max(map(len, lines))) + any(heads)
    return Sections(shown, rows, upright_rows > 0, labels, SEPARATOR.join(left_out))


def _across(
    every: list[list[str]], middles: list[float], room: list[float], bounds: tuple[float, float]
) -> dict[int, float]:
    """The middle of the lines of each section that has room, a little aside where it is narrow."""
    widths = [_widest_in(lines) for lines in every]
    items = list(zip(middles, widths, strict=True))
    left = in_row(items, bounds, 1.5 * GAP_IN, lambda k: (widths[k] > room[k], k))
    return {k: start + 0.5 * widths[k] for k, start in left.items()}


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


def put_sections(figure: Figure, frame: Frame) -> list[Text]:
    """Write the figures of the sections, and above them the numbers of the stages."""
    texts, plan = [], frame.plan.sections
    low_in, head_in = frame.section_in(0), frame.section_in(plan.rows - 1)
    for k, label in enumerate(plan.labels):
        at = frame.left_in - 0.1, low_in + LINE_IN * (len(plan.labels) - 1 - k)
        if label:
            texts.append(write(figure, *at, label, LABEL_PT, color=SOFT, ha="right"))
    for section in plan.shown:
        last, middle = len(section.lines) - 1, section.middle_in
        for k, line in enumerate(section.lines):
            if plan.upright:
                x = middle + UPRIGHT_IN * (k - 0.5 * last) + CAP_IN * SMALL_PT
                texts.append(write(figure, x, low_in, line, SMALL_PT, upright=True))
            else:
                y = low_in + LINE_IN * (last - k)
                texts.append(write(figure, middle, y, line, SMALL_PT, ha="center"))
        if section.head:
            texts.append(
                write(figure, middle, head_in, section.head, SMALL_PT, ha="center", weight="bold")
            )
    return texts
