"""Made courses for pictures, and what a drawing has on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import PolyCollection
from matplotlib.text import Text

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.geo import metric_m_per_deg
from gpxstage.plot import Drawing
from gpxstage.racefile import load

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"

COURSES = (
    "tor-des-geants",
    "chattanooga-mountains",
    "grand-to-grand",
    "marathon-des-sables-2024",
    "transrockies-run-2016",
)

EVENING = datetime(2026, 9, 4, 18, tzinfo=UTC)

LONG = "A name so long that nobody would ever want to read it in full on any picture"

KINDS = ("aid", "col", "water", "life-base", "waypoint")

TOUCH_PX = 0.5


def waves(along_m: np.ndarray) -> np.ndarray:
    return np.asarray(1200.0 - 200.0 * np.cos(2.0 * np.pi * along_m / 4000.0))


def track(length_m: float, height: Callable[[np.ndarray], np.ndarray] | None = waves) -> Track:
    along_m = np.linspace(0.0, length_m, max(2, round(length_m / 20.0)) + 1)
    _, east_m = metric_m_per_deg(np.array([46.0]))
    unknown = np.full(len(along_m), np.nan)
    height_m = unknown if height is None else height(along_m)
    flat = np.full(len(along_m), 46.0)
    return Track(flat, 7.0 + along_m / east_m, height_m, unknown, np.zeros(1, int))


def places(name: str, every_m: float, length_m: float) -> tuple[Point, ...]:
    count = int(length_m / every_m)
    return tuple(
        Point(name.format(k), KINDS[k % len(KINDS)], distance_m=(k + 0.5) * every_m)
        for k in range(count)
    )


def race(
    *lengths_m: float, stage: str = "Day {}", place: str = "Hut {}", every_m: float = 1000.0,
    name: str = "Race", **facts: Any,
) -> Course:  # fmt: skip
    stages = tuple(
        Stage(k, stage.format(k), track(length_m), places(place, every_m, length_m))
        for k, length_m in enumerate(lengths_m, 1)
    )
    return Course(name, stages, **facts)


Quad = np.ndarray  # (4, 2) pixels, in order around


def seen(artist: Artist) -> Iterator[Text]:
    """The texts of an artist that can be seen; an axis that is off is not asked for its ticks."""
    if not artist.get_visible():
        return
    if isinstance(artist, Text):
        yield artist
    off = isinstance(artist, Axes) and not artist.axison
    for child in artist.get_children():
        if not (off and isinstance(child, Axis)):
            yield from seen(child)


@lru_cache(maxsize=1)  # a test that asks again asks of the same drawing
def words(drawing: Drawing) -> list[tuple[str, Quad]]:
    """Every text that can be seen, and the box it takes."""
    pen = drawing.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    found = []
    for text in seen(drawing.figure):
        said = text.get_text()
        if not said.strip():
            continue
        (left, low), (right, top) = text.get_window_extent(pen).get_points()
        quad = np.array([(left, low), (right, low), (right, top), (left, top)])
        found.append((said, quad))
    return found


def overlaps(quads: Sequence[Quad]) -> list[tuple[int, int]]:
    """Which two boxes share more than an edge."""
    corners = np.array(quads).reshape(-1, 4, 2)
    low, high = corners.min(axis=1), corners.max(axis=1)
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    found = np.argwhere(np.triu((shared > TOUCH_PX).all(axis=2), 1))
    return [(int(one), int(other)) for one, other in found]


def troubles(drawing: Drawing) -> list[str]:
    """Words that touch each other or leave the figure."""
    wide, high = drawing.figure.get_size_inches() * drawing.figure.dpi
    said = words(drawing)
    outside = [
        f"{text!r} is outside"
        for text, quad in said
        if (quad < -TOUCH_PX).any() or (quad > np.array([wide, high]) + TOUCH_PX).any()
    ]
    touching = [
        f"{said[one][0]!r} touches {said[other][0]!r}"
        for one, other in overlaps([quad for _, quad in said])
    ]
    return outside + touching


def all_text(drawing: Drawing) -> str:
    return "\n".join(text for text, _ in words(drawing))


CASES: dict[str, Course] = {
    "120 m": race(120.0),
    "1 km": race(1000.0, every_m=200.0),
    "10 km": race(10_000.0, start=EVENING),
    "350 km": race(350_000.0, every_m=5000.0, start=EVENING, limit_s=540_000.0),
    "29 days": race(*[30_000.0] * 29, every_m=3000.0, format="staged"),
    "29 stages": race(*[12_000.0] * 29, every_m=3000.0, start=EVENING),
    "one long, many short": race(100_000.0, *[500.0] * 9, start=EVENING),
    "long names": race(
        *[20_000.0] * 3,
        stage=f"{LONG} - {LONG}",
        place=f"{LONG} {{}}",
        name=2 * LONG,
        start=EVENING,
    ),
    "mathematics": race(
        20_000.0,
        20_000.0,
        stage="$x_1$ - 50 % \\alpha^2_",
        place="$\\frac{{{}}}{{2}}$",
        name="$x_1$",
    ),
    "Cyrillic": race(
        20_000.0, 20_000.0, stage="Эльбрус - Терскол", place="Приют {}", name="Эльбрус"
    ),
    "surveyed": race(20_000.0, survey="reconstructed", start=EVENING),
    "high": Course("high", (Stage(1, "high", track(10_000.0, lambda x: 3000.0 + 0.4 * x)),)),
    "below the sea": Course("low", (Stage(1, "low", track(10_000.0, lambda x: waves(x) - 1500)),)),
    "flat": Course("flat", (Stage(1, "flat", track(10_000.0, lambda x: 0.0 * x + 300.0)),)),
}


def spans_m(shapes: PolyCollection) -> list[tuple[float, float]]:
    corners = [np.asarray(path.vertices)[:, 0] for path in shapes.get_paths()]
    return [(float(x.min()), float(x.max())) for x in corners]


@lru_cache(maxsize=12)
def sample(name: str, *levels: str) -> Report:
    """A sample race for the middle of the field with 40 draws; or for these levels, without."""
    first, *others = (LEVELS[level] for level in levels or ("mid",))
    draws = 0 if levels else 40
    return analyze(load(SAMPLES / name), first, others=tuple(others), draws=draws)


def lines_of(drawing: Drawing) -> list[str]:
    return all_text(drawing).split("\n")
