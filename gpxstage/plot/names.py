"""The names of places above the profile, each with a line to where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpxstage.plot import captions, labels
from gpxstage.plot.colours import SOFT
from gpxstage.plot.page import elide, lines, width_in, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    from gpxstage.course import Array
    from gpxstage.plot.frame import Frame
    from gpxstage.plot.how import How
    from gpxstage.plot.scene import Scene

NAME_PT, BESIDE_PT = 8.5, 7.5
LONGEST_IN, SHORT_IN = 1.6, 1.1  # a name, on a compact page
# what the profile makes room for, in a race and in a stage: longer names may be cut
MAJOR_IN, MINOR_IN = {True: 1.6, False: 1.25}, 1.0
LEAST_KEPT = {False: 0.45, True: 0.7}  # of a name's letters, of one alone; else it is left out
LEADING_IN = 1.2 / 72.0  # from a line to the next, for each point of its letters
RISE_IN = 0.92 / 72.0  # from a line's upper edge to its baseline, likewise
BETWEEN_IN = 0.07  # a name and what follows it on its line


@dataclass(frozen=True)
class Caption:
    """What is written at a place: its name and, below or behind it, its height."""

    name: str
    beside: str
    stacked: bool
    size: float  # of the name's letters, in points

    @property
    def name_in(self) -> float:
        """Length of the name."""
        return width_in(self.name, self.size)

    @property
    def length_in(self) -> float:
        """Length of all of it."""
        beside = width_in(self.beside, BESIDE_PT)
        if self.stacked:
            return max(self.name_in, beside)
        return self.name_in + (BETWEEN_IN if self.name and self.beside else 0.0) + beside

    @property
    def thickness_in(self) -> float:
        """Across its lines."""
        return LEADING_IN * (self.size + BESIDE_PT * self.stacked)

    def cut(self, room_in: float) -> Caption:
        """The same with its name shortened to the room that there is."""
        if self.length_in <= room_in:
            return self
        rest = 0.0 if self.stacked else self.length_in - self.name_in
        cut = elide(self.name, room_in - rest, self.size)
        least = LEAST_KEPT[self.beside == ""]
        return replace(self, name=cut if len(cut) > least * len(self.name) else "")


def captions_of(scene: Scene, how: How, *, whole_race: bool) -> list[Caption]:
    """What is written at each place of a scene; on a compact page the names alone."""
    unit, compact = how.unit, how.sheet.compact
    said = (captions.place_lines(p, scene, unit, whole_race=whole_race) for p in scene.places)
    return [
        Caption(
            elide(name, SHORT_IN if compact else LONGEST_IN, NAME_PT),
            "" if compact else beside,
            not (whole_race or compact),
            BESIDE_PT if compact else NAME_PT,
        )
        for name, beside in said
    ]


def needs(race: Scene, how: How, *, whole_race: bool) -> Iterator[tuple[float, float]]:
    """Height of the ground and length of the name, of all places."""
    whole_race = whole_race or how.sheet.compact
    clock = width_in("12,345 ft · 00:00", BESIDE_PT)
    written = captions_of(race, how, whole_race=whole_race)
    for place, caption in zip(race.places, written, strict=True):
        length_in = caption.length_in if whole_race else max(caption.length_in, clock)
        major = labels.rank(place.kind) <= labels.RANKS["col"]
        most_in = MAJOR_IN[whole_race] if major else MINOR_IN
        uncut_in = width_in(caption.beside, BESIDE_PT) if caption.stacked else 0.0
        yield place.ground_m, max(min(length_in, most_in), uncut_in)


def put_names(
    figure: Figure,
    frame: Frame,
    scene: Scene,
    how: How,
    outline: Array,
) -> tuple[list[Text], list[Text], LineCollection]:
    """Names, what stands beside them, and the lines to their places."""
    written = captions_of(scene, how, whole_race=scene.is_whole)
    airy = not any(caption.stacked for caption in written)
    ceiling_in = frame.top_in - labels.LEADER_IN - 0.01
    written = [
        caption.cut(ceiling_in - frame.y(spot.ground_m))
        for spot, caption in zip(scene.places, written, strict=True)
    ]
    wishes = [
        labels.Wish(frame.x(p.at), frame.y(p.ground_m), p.kind, c.length_in, c.thickness_in)
        for p, c in zip(scene.places, written, strict=True)
    ]
    ground = labels.Ground(
        frame.x(0.0) + (frame.x(1.0) - frame.x(0.0)) * outline[:, 0],
        frame.y(0.0) + (frame.y(1.0) - frame.y(0.0)) * outline[:, 1],
        tuple(frame.x(border.at) for border in scene.borders[1:-1]),
        frame.left_in,
        frame.right_in + 0.1,
        frame.top_in,
    )
    names, beside, leaders = [], [], []
    for spot in labels.place(wishes, ground, airy=airy):
        caption = written[spot.index]
        x = spot.x_in - 0.5 * caption.thickness_in + RISE_IN * caption.size
        if caption.name:
            names.append(write(figure, x, spot.y_in, caption.name, caption.size, upright=True))
        if caption.stacked:
            at = x + LEADING_IN * BESIDE_PT, spot.y_in
        else:
            at = x, spot.y_in + caption.length_in - width_in(caption.beside, BESIDE_PT)
        if caption.beside:
            beside.append(write(figure, *at, caption.beside, BESIDE_PT, upright=True, color=SOFT))
        leaders.append([(spot.wish.x_in, spot.wish.y_in), (spot.x_in, spot.y_in - 0.04)])
    return names, beside, lines(figure, leaders, SOFT, 0.6)
