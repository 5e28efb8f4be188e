"""What the colours mean, small, in the lower right corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection

from gpxstage.plot.colours import GRADE_COLOURS, NIGHT, SOFT, hike_colours
from gpxstage.plot.scene import night_spans_m
from gpxstage.profile import GRADE_EDGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from gpxstage.plot.scene import Scene

HEIGHT, BASE, SIZE = 0.020, 0.044, 7.5


def draw(figure: Figure, scene: Scene) -> None:
    """Grades, hiking and night, those that the picture shows."""
    if any(leg.profile.cells is not None for leg in scene.legs):
        edges = [f"{100 * edge:.0f}" for edge in GRADE_EDGES]
        axes = _boxes(figure, 0.733, 0.25, list(GRADE_COLOURS))
        axes.set_xticks(range(1, len(GRADE_COLOURS)), edges)
        _title(axes, "grade %")
    if any(leg.estimate is not None and leg.estimate.hiked_s is not None for leg in scene.legs):
        axes = _boxes(figure, 0.575, 0.08, [tuple(c) for c in hike_colours(np.linspace(0, 1, 9))])
        axes.set_xticks([0.0, 9.0], ["run", "hiked"])
        _title(axes, "gait")
    if night_spans_m(scene.legs):
        axes = _boxes(figure, 0.49, 0.02, [NIGHT])
        axes.set_xticks([])
        _title(axes, "night")


def _boxes(figure: Figure, left: float, width: float, tints: list[object]) -> Axes:
    axes = figure.add_axes((left, BASE, width, HEIGHT))
    axes.set_xlim(0.0, len(tints))
    axes.set_ylim(0.0, 1.0)
    boxes = [((k, 0.0), (k, 1.0), (k + 1, 1.0), (k + 1, 0.0)) for k in range(len(tints))]
    axes.add_collection(PolyCollection(boxes, facecolors=tints), autolim=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0, pad=2, labelsize=SIZE, labelcolor=SOFT)
    return axes


def _title(axes: Axes, text: str) -> None:
    axes.text(
        -0.02, 0.5, text, transform=axes.transAxes, ha="right", va="center", fontsize=SIZE,
        color=SOFT, parse_math=False,
    )  # fmt: skip
