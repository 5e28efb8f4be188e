"""What places offer, planned sleep and the way to the next place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from pictures import EVENING, race, sample, spans_m, troubles

from gpxstage.course import Course, Point
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import analyze
from gpxstage.plot import Drawing, draw
from gpxstage.plot.layout import SHEETS
from gpxstage.plot.pictograms import CLOSEST_IN, MARK_IN, OFFERS, PICTOGRAMS
from gpxstage.units import hours


def with_points(*points: Point) -> Course:
    course = race(20_000.0, every_m=1e9, start=EVENING)
    return replace(course, stages=(replace(course.stages[0], points=points),))


def middles_in(shapes: PolyCollection, each: int) -> list[float]:
    """The middle across of each pictogram, which has so many shapes."""
    corners = [np.asarray(path.vertices)[:, 0] for path in shapes.get_paths()]
    parts = [np.concatenate(corners[k : k + each]) for k in range(0, len(corners), each)]
    return [0.5 * float(part.min() + part.max()) for part in parts]


def left_words(drawing: Drawing) -> list[str]:
    return [text.get_text() for text in drawing.words.rows]


@pytest.mark.parametrize("what", [*OFFERS, "sleep"])
def test_a_pictogram_fills_its_square(what: str) -> None:
    corners = np.concatenate([np.array(shape) for shape in PICTOGRAMS[what]])
    assert np.abs(corners).max() <= 0.5 + 1e-9
    assert np.ptp(corners, axis=0).max() > 0.7


def test_each_service_is_below_its_place() -> None:
    points = (
        Point("A", "aid", distance_m=5000.0, services=("Food", "medical")),
        Point("B", "aid", distance_m=10_000.0, services=("meals", "beds"), crew=True),
        Point("C", "water", distance_m=15_000.0, drop_bag=True),
        Point("D", "aid", distance_m=18_000.0, services=("a view",)),
    )
    drawing = draw(analyze(with_points(*points), draws=0))
    assert troubles(drawing) == []
    rows = ["food", "water", "bed", "bag", "crew", "doctor"]
    assert [words for words in left_words(drawing) if words in OFFERS] == rows
    there_km = {"food": [5, 10], "water": [15], "bed": [10], "bag": [15], "crew": [10],
                "doctor": [5]}  # fmt: skip
    sheet = SHEETS["screen"]
    for what, shapes in zip(rows, drawing.services, strict=True):
        found = middles_in(shapes, len(PICTOGRAMS[what]))
        wide_in = sheet.right_in - sheet.left_in
        expected = [sheet.left_in + wide_in * km / 20.0 for km in there_km[what]]
        assert found == pytest.approx(expected, abs=0.2 * MARK_IN), what


def test_places_without_services_have_no_row() -> None:
    drawing = draw(analyze(with_points(Point("A", "aid", distance_m=5000.0)), draws=0))
    assert drawing.services == []
    assert not set(left_words(drawing)) & set(OFFERS)


def test_near_places_share_a_pictogram() -> None:
    near_m = 0.5 * CLOSEST_IN * 20_000.0 / 12.7
    points = [
        Point(name, "aid", distance_m=at_m, services=("food",))
        for name, at_m in (("A", 5000.0), ("B", 5000.0 + near_m), ("C", 9000.0))
    ]
    (food,) = draw(analyze(with_points(*points), draws=0)).services
    assert len(food.get_paths()) == 2 * len(PICTOGRAMS["food"])


@pytest.mark.parametrize("across", ["distance", "time", "clock"])
def test_planned_sleep_is_drawn(across: str) -> None:
    report = sample("tor-des-geants")
    assert report.estimate is not None
    drawing = draw(report, across=across)
    stops = [stop for stage in report.estimate.stages for stop in stage.stops if stop.sleep_s]
    marks = [text.get_text() for text in drawing.words.marks]
    assert marks == [hours(stop.sleep_s) for stop in stops]
    assert ("sleep" in left_words(drawing)) is True
    asleep = drawing.ground.asleep
    if across == "distance":
        assert asleep is None
    else:
        assert asleep is not None
        assert drawing.ground.stopped is not None
        long_s = [end - start for start, end in spans_m(asleep)]
        assert long_s == pytest.approx([stop.sleep_s for stop in stops])
        rests = spans_m(drawing.ground.stopped)
        for start, end in spans_m(asleep):
            assert any(first < start < end < last for first, last in rests)


def test_without_sleep_there_is_no_moon() -> None:
    assert "sleep" not in left_words(draw(sample("chattanooga-mountains")))
    bare = analyze(race(250_000.0, every_m=1e9), LEVELS["back"], draws=0)
    assert bare.estimate is not None
    assert bare.estimate.stages[0].slept_s > 3600.0  # spread over the course: it has no place
    assert "sleep" not in left_words(draw(bare))


@pytest.mark.parametrize("units", ["metric", "imperial"])
def test_the_ways_to_the_next_place_add_up(units: str) -> None:
    report = analyze(race(30_000.0, every_m=2700.0), draws=0)
    drawing = draw(report, units=units)
    ways = [float(text.get_text()) for text in drawing.words.marks]
    assert len(ways) == 1 + len(report.course.stages[0].points)
    assert sum(ways) == pytest.approx(30.0 if units == "metric" else 18.6, abs=0.001)
    assert f"{'km' if units == 'metric' else 'mi'} to next" in left_words(drawing)


@pytest.mark.parametrize("across", ["distance", "clock"])
def test_pictograms_do_not_touch(across: str) -> None:
    drawing = draw(sample("tor-des-geants"), across=across)
    rows = [what for what in OFFERS if what in left_words(drawing)]
    assert len(rows) > 2
    for what, shapes in zip(rows, drawing.services, strict=True):
        middles = middles_in(shapes, len(PICTOGRAMS[what]))
        assert np.diff(middles).min() > MARK_IN
