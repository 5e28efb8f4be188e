"""The words above the profile: title and bases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gpxstage.plot import captions
from gpxstage.plot.colours import SOFT
from gpxstage.plot.page import elide, in_row, width_in, write
from gpxstage.plot.scene import TRANSFER

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.facts.analysis import Report
    from gpxstage.plot.frame import Frame
    from gpxstage.plot.how import How
    from gpxstage.plot.scene import Scene
    from gpxstage.plot.sheet import Sheet

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
