"""The upright names of places above the profile, and how each finds room with its leader line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from gpxstage.plot.layout import LEADER_IN, Frame, How
from gpxstage.plot.scene import SUMMIT, Place, Scene
from gpxstage.plot.style import SOFT, elide, put_lines, width_in, write
from gpxstage.units import clock_text, hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gpxstage.course import Array
    from gpxstage.plot.scales import Box

RANKS = {"life-base": 0, "start": 0, "finish": 0, "col": 1, "crew": 2, "aid": 3, "water": 4}
LAST, NAMELESS = 5, 6
CLEAR_IN = 0.04  # around a name
LINE_IN = 0.14  # from the height of the highest place to its name above
AIRY_IN = 0.13  # around a name that matters less
STEPS_ASIDE = (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)
FEW_ASIDE = STEPS_ASIDE[:5]
ASIDE_IN = 0.06  # a step
PEAK_IN = 0.06  # what is higher than a place and its name's foot is a peak between them
LONGEST_LEADER_IN = 0.6  # of a name that is aside
ASIDE_COST = 1.2  # inches of height that an inch aside is worth


@dataclass(frozen=True)
class Wish:
    """A name that needs room: its place on the profile, its kind, its length and thickness."""

    x_in: float
    y_in: float
    kind: str
    length_in: float
    thickness_in: float


@dataclass(frozen=True)
class Spot:
    """The room that a wish has found: its index, and the middle of the name's lower end."""

    index: int
    wish: Wish
    x_in: float
    y_in: float


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What names keep off: the profile, the borders, the edges of the page."""

    profile_x_in: Array
    profile_y_in: Array
    walls_in: tuple[float, ...]
    left_in: float
    right_in: float
    top_in: float

    def height_in(self, left_in: float, right_in: float) -> float:
        """The highest point of the profile between two places; minus infinity without a profile."""
        first, last = np.searchsorted(self.profile_x_in, (left_in, right_in))
        return float(self.profile_y_in[max(first - 1, 0) : last + 1].max(initial=-np.inf))


def rank(kind: str) -> int:
    """The order in which places get their names; 0 is the first."""
    return NAMELESS if kind == SUMMIT else RANKS.get(kind, LAST)


def find_room(wishes: Sequence[Wish], ground: Surroundings, *, airy: bool) -> list[Spot]:
    """Find room for as many names as possible; the answer is in order from left to right.

    With *airy*, only names of cols and bases may be close to others and far from their place.
    """
    spots: list[Spot] = []
    order = sorted(enumerate(wishes), key=lambda w: (rank(w[1].kind), -w[1].y_in, w[1].x_in))
    for k, wish in order:
        if wish.length_in <= 0.0:
            continue
        minor = airy and rank(wish.kind) > RANKS["col"]
        clear, steps = (AIRY_IN, FEW_ASIDE) if minor else (CLEAR_IN, STEPS_ASIDE)
        tried = (
            Spot(k, wish, x, y)
            for x, y in _candidates(wish, ground, steps)
            if not _astray(wish, x, y, ground)
        )
        spot = next((spot for spot in tried if _free(spot, ground, spots, clear)), None)
        if spot is not None:
            spots.append(spot)
    return sorted(spots, key=lambda spot: spot.x_in)


def _candidates(
    wish: Wish, ground: Surroundings, steps: Sequence[int]
) -> list[tuple[float, float]]:
    """Places for the lower end of a name, the best first: low, and straight above its point."""
    reach = 0.5 * wish.thickness_in + CLEAR_IN
    found = []
    for step in steps:
        aside = ASIDE_IN * step
        x = wish.x_in + aside
        below = ground.height_in(x - reach, x + reach)
        y = max(below + 0.5 * LEADER_IN, wish.y_in + LEADER_IN)
        found.append((y - wish.y_in + ASIDE_COST * abs(aside), x, y))
    return [(x, y) for _, x, y in sorted(found)]


def _astray(wish: Wish, x_in: float, y_in: float, ground: Surroundings) -> bool:
    """Whether a name beside its place is far away, or behind a peak that it seems to name."""
    if x_in == wish.x_in:
        return False
    peak_in = ground.height_in(*sorted((wish.x_in, x_in)))
    behind = peak_in > max(wish.y_in, ground.height_in(x_in, x_in)) + PEAK_IN
    return behind or np.hypot(x_in - wish.x_in, y_in - wish.y_in) > LONGEST_LEADER_IN


def _free(spot: Spot, ground: Surroundings, taken: Sequence[Spot], clear: float) -> bool:
    """Whether a name at that spot is inside the page and keeps off borders and other names."""
    half = 0.5 * spot.wish.thickness_in
    inside = (
        spot.y_in + spot.wish.length_in <= ground.top_in
        and spot.x_in - half >= ground.left_in
        and spot.x_in + half <= ground.right_in
    )
    if not inside or any(abs(spot.x_in - wall) < half + CLEAR_IN for wall in ground.walls_in):
        return False
    return not any(_touch(spot, other, clear) for other in taken)


def _touch(a: Spot, b: Spot, clear: float) -> bool:
    """Whether two names are too near, a leader runs into a name, or two leaders cross."""
    near = abs(a.x_in - b.x_in) < 0.5 * (a.wish.thickness_in + b.wish.thickness_in) + clear
    apart = (
        a.y_in >= b.y_in + b.wish.length_in + clear or b.y_in >= a.y_in + a.wish.length_in + clear
    )
    crossed = (a.wish.x_in - b.wish.x_in) * (a.x_in - b.x_in) < 0.0
    return (near and not apart) or crossed or _pierces(a, b) or _pierces(b, a)


def _pierces(a: Spot, b: Spot) -> bool:
    """Whether the leader of *a* runs into the name of *b*."""
    low, high = max(a.wish.y_in, b.y_in), min(a.y_in, b.y_in + b.wish.length_in)
    if low > high:
        return False
    slope = (a.x_in - a.wish.x_in) / (a.y_in - a.wish.y_in)
    xs = [a.wish.x_in + slope * (y - a.wish.y_in) - b.x_in for y in (low, high)]
    half = 0.5 * b.wish.thickness_in + 0.5 * CLEAR_IN
    return min(xs) < half and max(xs) > -half


NAME_PT, BESIDE_PT = 8.5, 7.5
LONGEST_IN, SUMMIT_IN = 2.2, 3.0  # a name; the one of a compact page
SUMMIT_M = 500.0  # the highest place has the name of a point this near
# what the profile makes room for, in a race and in a stage: longer names may be cut
STAGE_IN, MINOR_IN = 1.25, 1.0
LEAST_KEPT = {False: 0.45, True: 0.7}  # of a name's letters, of one alone; else it is left out
LEADING_IN = 1.2 / 72.0  # from a line to the next, for each point of its letters
RISE_IN = 0.92 / 72.0  # from a line's upper edge to its baseline, likewise
BETWEEN_IN = 0.07  # a name and what follows it on its line


def place_lines(place: Place, scene: Scene, how: How) -> tuple[str, str]:
    """A place's name and the words beside it: its height and, in a stage, arrival and cutoff."""
    beside, visit = [how.unit.height_text(place.ground_m)], place.visit
    if how.whole or visit.elapsed_s is None:
        return place.name, beside[0]
    day, hour = _when(scene, visit.elapsed_s)
    beside.append(hour)
    if visit.cutoff_s is not None:
        last_day, last = _when(scene, visit.cutoff_s)
        late = "past cutoff" if visit.is_late else "cutoff"
        beside.append(f"{late} {last}" if day == last_day else f"{late} {last_day} {last}")
    return place.name, " · ".join(beside)


def _when(scene: Scene, elapsed_s: float) -> tuple[str, str]:
    """Day and hour of a moment of a stage; without a clock no day, and the time since the start."""
    if scene.start is None:
        return "", hours(elapsed_s)
    day, hour = clock_text(scene.start, elapsed_s).split(maxsplit=1)
    return day, hour


@dataclass(frozen=True)
class Caption:
    """The words at a place: its name and, below or behind it, its height."""

    name: str
    beside: str
    stacked: bool
    size: float  # of the name's letters, in points

    @property
    def name_in(self) -> float:
        """Length of the name in inches."""
        return width_in(self.name, self.size)

    @property
    def length_in(self) -> float:
        """Length of all words."""
        beside = width_in(self.beside, BESIDE_PT)
        if self.stacked:
            return max(self.name_in, beside)
        return self.name_in + (BETWEEN_IN if self.name and self.beside else 0.0) + beside

    @property
    def thickness_in(self) -> float:
        """Thickness of all lines."""
        return LEADING_IN * (self.size + BESIDE_PT * self.stacked)

    def cut(self, room_in: float) -> Caption:
        """The caption to fit into so much room: on two lines, or else with its name shortened."""
        if self.length_in <= room_in:
            return self
        if (stacked := replace(self, stacked=True)).length_in <= room_in:
            return stacked
        rest = 0.0 if self.stacked else self.length_in - self.name_in
        cut = elide(self.name, room_in - rest, self.size)
        least = LEAST_KEPT[self.beside == ""]
        return replace(self, name=cut if len(cut) > least * len(self.name) else "")

    def brief(self) -> Caption:
        """The caption with the last of the words beside it alone: the cutoff, or the arrival."""
        _, _, last = self.beside.rpartition(" · ")
        return replace(self, beside=last if self.stacked else "")


def captions_of(scene: Scene, how: How) -> list[Caption]:
    """The words at each place of a scene."""
    lines = (place_lines(place, scene, how) for place in scene.places)
    return [
        Caption(elide(name, LONGEST_IN, NAME_PT), beside, not how.whole, NAME_PT)
        for name, beside in lines
    ]


def needs(race: Scene, how: How) -> Iterator[tuple[float, float]]:
    """Height of the ground in metres and length of the words in inches, at all places of a race."""
    if how.sheet.compact:
        at_m, _, _ = summit(race)
        yield at_m, 0.05
        return
    clock = width_in("12,345 ft · 00:00", BESIDE_PT)
    written = captions_of(race, how)
    for place, caption in zip(race.places, written, strict=True):
        length_in = caption.length_in if how.whole else max(caption.length_in, clock)
        major = rank(place.kind) <= RANKS["col"]
        most_in = (how.sheet.names_in if how.whole else STAGE_IN) if major else MINOR_IN
        uncut_in = width_in(caption.beside, BESIDE_PT) if caption.stacked else 0.0
        yield place.ground_m, max(min(length_in, most_in), uncut_in)


@dataclass(frozen=True, eq=False)
class Named:
    """What is written above the profile, and where: altitude lines have gaps there."""

    names: list[Text]
    beside: list[Text]
    leaders: LineCollection | None
    boxes_in: list[Box]


def summit(scene: Scene) -> tuple[float, float, str]:
    """The highest place of a picture: its height, where it is across, and a point's name there."""
    leg = max(scene.measured, key=lambda each: float(each.profile.elevation_m.max()), default=None)
    if leg is None:
        return 0.0, 0.0, ""
    top = int(np.argmax(leg.profile.elevation_m))
    top_m = float(leg.profile.distance_m[top])
    near = [
        (abs(point.distance_m - top_m), point.name)
        for point in leg.stage.points
        if point.distance_m is not None and abs(point.distance_m - top_m) < SUMMIT_M
    ]
    name = min(near)[1] if near else ""
    if any(name == border.name for border in scene.borders):  # it is written above its border
        name = ""
    return leg.profile.top_m(), float(leg.reach(top_m)), " ".join(name.split())


def put_summit(figure: Figure, frame: Frame, scene: Scene) -> Named:
    """Write name and height above the highest place, off the borders.

    Where both in one line have no room the name is above the height, or it is left out.
    """
    height_m, at, name = summit(scene)
    height = frame.how.unit.height_text(height_m)
    full = f"{elide(name, SUMMIT_IN, NAME_PT)} {height}".strip()
    walls_in = [frame.x(border.at) for border in scene.borders[1:-1]]
    middle, y = frame.x(at), frame.y(height_m) + 0.07
    above = elide(name, SUMMIT_IN, NAME_PT) if y + 2.0 * LINE_IN < frame.top_in else ""
    for words, over in ((full, ""), (height, above), (height, "")):
        half_in = 0.5 * max(width_in(words, NAME_PT), width_in(over, NAME_PT))
        for aside in sorted(np.linspace(-0.9, 0.9, 19).tolist(), key=abs):
            first, last = frame.left_in + half_in, frame.right_in - half_in
            x = min(max(middle + aside * half_in, first), last)
            left, right = x - half_in - CLEAR_IN, x + half_in + CLEAR_IN
            if not any(left < wall < right for wall in walls_in):
                texts = [write(figure, x, y, words, NAME_PT, ha="center")]
                if over:
                    texts.append(write(figure, x, y + LINE_IN, over, NAME_PT, ha="center"))
                return Named(texts, [], None, [(left, right, y, y + 0.12 + LINE_IN * bool(over))])
    return Named([], [], None, [])


def _wishes(frame: Frame, scene: Scene, written: Sequence[Caption]) -> list[Wish]:
    return [
        Wish(frame.x(p.at), frame.y(p.ground_m), p.kind, c.length_in, c.thickness_in)
        for p, c in zip(scene.places, written, strict=True)
    ]


def put_names(figure: Figure, frame: Frame, scene: Scene, outline: Array) -> Named:
    """Write the names and the words beside them, and draw the lines to their places."""
    written = captions_of(scene, frame.how)
    airy = not any(caption.stacked for caption in written)
    ceiling_in = frame.top_in - LEADER_IN - 0.01
    written = [
        caption.cut(ceiling_in - frame.y(spot.ground_m))
        for spot, caption in zip(scene.places, written, strict=True)
    ]
    ground = Surroundings(
        frame.x(0.0) + (frame.x(1.0) - frame.x(0.0)) * outline[:, 0],
        frame.y(0.0) + (frame.y(1.0) - frame.y(0.0)) * outline[:, 1],
        tuple(frame.x(border.at) for border in scene.borders[1:-1]),
        frame.left_in,
        frame.right_in + 0.1,
        frame.top_in,
    )
    spots = find_room(_wishes(frame, scene, written), ground, airy=airy)
    found = {spot.index for spot in spots}
    lost = {k for k, caption in enumerate(written) if caption.name and k not in found}
    if lost:
        written = [c.brief() if k in lost else c for k, c in enumerate(written)]
        spots = find_room(_wishes(frame, scene, written), ground, airy=airy)
    names, beside, leaders, boxes = [], [], [], []
    for spot in spots:
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
        half_in = 0.5 * caption.thickness_in + CLEAR_IN
        high_in = spot.y_in + caption.length_in + CLEAR_IN
        boxes.append((spot.x_in - half_in, spot.x_in + half_in, spot.y_in - CLEAR_IN, high_in))
        leaders.append([(spot.wish.x_in, spot.wish.y_in), (spot.x_in, spot.y_in - 0.04)])
    return Named(names, beside, put_lines(figure, leaders, SOFT, 0.6), boxes)
