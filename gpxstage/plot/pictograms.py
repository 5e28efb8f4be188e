"""What places offer, as pictograms below the profile; planned sleep; the way to the next place.

The pictograms are our own shapes, so that they look the same whatever fonts a machine has. Each
is some polygons in a square from -0.5 to 0.5.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.text import Text

from gpxstage.plot import style
from gpxstage.plot.layout import MARKS_IN, NEXT, SLEEP, Frame, How
from gpxstage.plot.scene import between_m
from gpxstage.plot.style import GAP_IN, TICK_PT
from gpxstage.racefile import services
from gpxstage.units import DASH, hours, minutes, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    from gpxstage.course import Point
    from gpxstage.estimator.nouns import StageEstimate, Stop
    from gpxstage.plot.scene import Scene

OFFERS = ("food", "water", "bed", "bag", "crew", "doctor")  # what is drawn, in this order
MARK_IN = 0.135  # as wide and high is a pictogram
CLOSEST_IN = 0.16  # of two places: nearer ones share a pictogram, since two would touch
MARK_PT = 7.5
ASIDE_DASHES, DASH_GAP_IN = 10.0, 0.02  # how far a dash may give way, in its length; its room
WIDE_IN, MOST = 0.3, 0.7  # such a way has room for its distance; and the share of ways that must


def _round(
    x: float, y: float, radius: float, first: float = 0.0, last: float = 360.0
) -> style.Corners:
    """A disc, or the part of one between two directions in degrees."""
    angles = np.radians(np.linspace(first, last, 25))
    return [(x + radius * float(np.cos(a)), y + radius * float(np.sin(a))) for a in angles]


def _person(x: float) -> list[style.Corners]:
    shoulders = [(x - 0.2, -0.45), (x - 0.15, 0.06), (x + 0.15, 0.06), (x + 0.2, -0.45)]
    return [_round(x, 0.25, 0.15), shoulders]


def _moon() -> list[style.Corners]:
    inner = _round(0.22, 0.12, 0.4, 265.0, 130.0)
    return [[*_round(0.0, 0.0, 0.48, 75.0, 320.0), *inner]]


_CROSS = [(-1, 3), (1, 3), (1, 1), (3, 1), (3, -1), (1, -1), (1, -3), (-1, -3), (-1, -1), (-3, -1),
          (-3, 1), (-1, 1)]  # fmt: skip
PICTOGRAMS: dict[str, list[style.Corners]] = {
    "food": [
        *(style.box(x, x + 0.07, 0.05, 0.47) for x in (-0.44, -0.31, -0.18)),
        style.box(-0.44, -0.11, 0.0, 0.12),
        style.box(-0.32, -0.22, -0.48, 0.05),
        [(0.14, -0.48), (0.14, 0.47), (0.27, 0.42), (0.36, 0.22), (0.36, -0.05), (0.26, -0.08),
         (0.26, -0.48)],
    ],
    "water": [[(0.0, 0.5), *_round(0.0, -0.16, 0.31, 20.0, -200.0)]],
    "bed": [
        style.box(-0.5, -0.4, -0.36, 0.36),
        style.box(-0.45, 0.5, -0.2, -0.04),
        style.box(0.4, 0.5, -0.36, -0.1),
        _round(-0.25, 0.1, 0.11),
        [(-0.1, 0.0), (-0.1, 0.2), (0.3, 0.2), (0.5, 0.1), (0.5, 0.0)],
    ],
    "bag": [
        style.box(-0.42, 0.42, -0.45, 0.2),
        style.box(-0.2, -0.1, 0.2, 0.42),
        style.box(0.1, 0.2, 0.2, 0.42),
        style.box(-0.2, 0.2, 0.34, 0.44),
    ],
    "crew": [*_person(-0.23), *_person(0.23)],
    "doctor": [[(0.16 * x, 0.16 * y) for x, y in _CROSS]],
    SLEEP: _moon(),
}  # fmt: skip
TINTS = {"doctor": style.STAMP}


def sleeps(estimate: StageEstimate) -> list[Stop]:
    """The stops with a planned sleep; where no beds are known, sleep is spread and has no place."""
    return [stop for stop in estimate.stops if stop.point and minutes(stop.sleep_s)]


def _offered(point: Point) -> set[str]:
    """What a place offers, by the names of its pictograms."""
    found = {"doctor" if what == "medical" else what for what in services.offered(point)}
    more = {"bag": point.drop_bag, "crew": point.crew, "water": point.kind == "water"}
    return found | {what for what, is_there in more.items() if is_there}


def _places(scene: Scene) -> Iterator[tuple[float, set[str]]]:
    """Where across the picture something is offered, and what."""
    for leg in scene.legs:
        for point in leg.points:
            yield float(leg.reach(point.distance_m or 0.0)), _offered(point)


def shown(scene: Scene) -> tuple[str, ...]:
    """The pictograms of a scene, one row each."""
    there = {what for _, offered in _places(scene) for what in offered}
    return tuple(what for what in OFFERS if what in there)


def put_services(figure: Figure, frame: Frame, scene: Scene) -> list[PolyCollection]:
    """Draw a row of pictograms for each service, each pictogram below its place."""
    found = []
    for what in shown(scene):
        if what not in frame.plan.strips:
            continue
        ends_in = frame.left_in + 0.5 * MARK_IN, frame.right_in - 0.5 * MARK_IN
        at_in = (frame.x(at) for at, offered in _places(scene) if what in offered)
        xs = list(_apart(float(np.clip(x, *ends_in)) for x in at_in))
        found.append(_put(figure, what, xs, _middle_in(frame, what)))
    return found


def _apart(xs: Iterable[float]) -> Iterator[float]:
    """Places in inches, each far enough from the one before it."""
    last = -np.inf
    for x in sorted(xs):
        if x - last >= CLOSEST_IN:
            yield x
            last = x


def _put(figure: Figure, what: str, xs: Sequence[float], y: float) -> PolyCollection:
    shapes = [
        [(x + MARK_IN * a, y + MARK_IN * b) for a, b in corners]
        for x in xs
        for corners in PICTOGRAMS[what]
    ]
    return style.put_shapes(figure, shapes, TINTS.get(what, style.INK))


def _middle_in(frame: Frame, strip: str) -> float:
    return frame.strip_in(strip) + 0.5 * MARKS_IN


def put_sleep(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Draw a moon below each place where sleep is planned, and write how long it is."""
    if SLEEP not in frame.plan.strips:
        return []
    slept = [
        (frame.x(float(leg.reach(stop.distance_m))), hours(stop.sleep_s))
        for leg in scene.legs
        if leg.estimate is not None
        for stop in sleeps(leg.estimate)
    ]
    spans = [(x, MARK_IN + 0.04 + style.width_in(words, MARK_PT)) for x, words in slept]
    left = style.in_row(spans, (frame.left_in, frame.right_in), 0.08)
    y = _middle_in(frame, SLEEP)
    if left:
        _put(figure, SLEEP, [start + 0.5 * MARK_IN for start in left.values()], y)
    return [
        style.write(
            figure, start + MARK_IN + 0.04, y - style.CAP_IN * MARK_PT, slept[k][1], MARK_PT
        )
        for k, start in left.items()
    ]


def has_room(scene: Scene, how: How) -> bool:
    """Whether most of the ways to a next place are wide enough for their distances."""
    ends = [leg.leave([0.0, *between_m(leg), leg.profile.length_m]) for leg in scene.legs]
    ways = np.concatenate([np.diff(each) for each in ends]) / scene.width
    return bool(np.mean(ways * (how.sheet.right_in - how.sheet.left_in) > WIDE_IN) >= MOST)


def put_next(figure: Figure, frame: Frame, scene: Scene) -> list[Text]:
    """Write how far it is from each place to the next one, between short lines at the places."""
    if NEXT not in frame.plan.strips:
        return []
    foot_in, unit, texts, xs = frame.strip_in(NEXT), frame.how.unit, [], []
    for leg in scene.legs:
        at_m = [0.0, *between_m(leg), leg.profile.length_m]
        km = [float(unit.far_figure(m, 1)) for m in at_m]  # the difference of what tables show
        for (from_m, to_m), (here, there) in zip(pairwise(at_m), pairwise(km), strict=True):
            start, end = (frame.x(float(x)) for x in (leg.leave(from_m), leg.reach(to_m)))
            words, at = number(there - here, 1), (0.5 * (start + end), foot_in + 0.03)
            xs += [start, end]
            if style.width_in(words, MARK_PT) + 0.06 < end - start:
                texts.append(
                    style.write(figure, *at, words, MARK_PT, color=style.SOFT, ha="center")
                )
    ends = foot_in - 0.01, foot_in + MARKS_IN - 0.01
    style.put_lines(
        figure, [[(x, ends[0]), (x, ends[1])] for x in sorted(set(xs))], style.FAINT, 0.6
    )
    return texts


def put_around(
    figure: Figure,
    frame: Frame,
    y_in: float,
    taken: Sequence[tuple[float, float]],
    closings: Sequence[tuple[float, str, bool]],
) -> list[Text]:
    """Write when places close, around words that begin at some inches and are so wide.

    Of each place: where it is across, the words, and whether it is past that time. A dash stands
    for words without room, as near to its place as it has room itself.
    """
    bounds_in = frame.left_in, frame.right_in
    fixed = [(start + 0.5 * width, width) for start, width in taken]
    there = [frame.x(at) for at, _, _ in closings]
    wide = [style.width_in(words, TICK_PT) for _, words, _ in closings]
    items = [*fixed, *zip(there, wide, strict=True)]
    placed = style.in_row(items, bounds_in, GAP_IN)
    dash_in = style.width_in(DASH, TICK_PT)
    aside = sorted(np.linspace(-ASIDE_DASHES, ASIDE_DASHES, 41), key=abs)
    kept = [(start + 0.5 * items[k][1], items[k][1]) for k, start in placed.items()]
    texts = []
    for k, (_, full, late) in enumerate(closings):
        words, item, start = full, items[len(fixed) + k], placed.get(len(fixed) + k)
        if start is None:
            words, item = DASH, (there[k], dash_in)
            start = style.in_row([*kept, item], bounds_in, DASH_GAP_IN, steps=aside).get(len(kept))
        if start is not None:
            kept.append((start + 0.5 * item[1], item[1]))
            x, align = style.aligned(start, item)
            color = style.STAMP if late else style.INK
            texts.append(style.write(figure, x, y_in, words, TICK_PT, color=color, ha=align))
    return texts
