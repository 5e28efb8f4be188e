"""No words touch in any picture of made, sample and real races; four look as they did."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread, imsave
from pictures import CASES, COURSES, EVENING, all_text, lines_of, race, sample, troubles

from gpxstage.estimator.nouns import Estimate, StageEstimate, Stop
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.plot import draw, save
from gpxstage.plot.layout import SHEETS
from gpxstage.profile import measure
from gpxstage.racefile import load
from gpxstage.units import UNITS


@pytest.mark.parametrize("case", CASES)
def test_no_words_touch_and_all_are_inside(case: str) -> None:
    report = analyze(CASES[case], draws=0)
    for stage in dict.fromkeys([None, 1, len(report.course.stages)]):
        assert troubles(draw(report, stage)) == []


@pytest.mark.parametrize("case", ["1 km", "350 km", "29 stages", "long names"])
def test_no_words_touch_in_feet(case: str) -> None:
    assert troubles(draw(analyze(CASES[case], draws=0), units="imperial")) == []


@pytest.mark.parametrize("name", COURSES)
def test_the_pictures_of_a_sample_course(name: str) -> None:
    report = sample(name)
    for stage in (None, 1, len(report.course.stages)):
        drawing = draw(report, stage)
        assert troubles(drawing) == [], stage
        assert drawing.hiked is not None
        survey = report.course.survey
        assert survey
        assert f"track: {survey}" in all_text(drawing)


@pytest.mark.parametrize(
    "name", ["courses/utmb-2025.gpx", "courses/tor330-2025.gpx", "courses/pacific-crest-trail.gpx"]
)
def test_the_picture_of_a_real_course(data: Callable[[str], Path], name: str) -> None:
    report = analyze(load(data(name)), draws=0)
    for units in UNITS:
        assert troubles(draw(report, units=units)) == []


@pytest.mark.parametrize("how", [{"estimated": False}, {"model": "tobler"}])
def test_no_words_touch_without_the_strip(how: dict[str, Any]) -> None:
    assert troubles(draw(analyze(race(10_000.0), **how))) == []


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("how", [{"size": "preview"}, {"size": "print"}, {"size": "poster"},
                                 {"across": "time"},
                                 {"across": "clock"}, {"units": "imperial"}, {"same_scale": True}],
                         ids=lambda how: "-".join(map(str, *how.items())))  # fmt: skip
def test_a_sample_in_every_form(name: str, how: dict[str, Any]) -> None:
    report = sample(name)
    stages = [len(report.course.stages)]  # the scale of stages is nothing to the whole race
    for stage in stages if "same_scale" in how else [None, *stages]:
        drawing = draw(report, stage, **how)
        assert troubles(drawing) == [], stage
        assert f"track: {report.course.survey}" in lines_of(drawing)


@pytest.mark.parametrize("how", [*({"size": size} for size in SHEETS), {"across": "clock"}],
                         ids=lambda how: "-".join(map(str, *how.items())))  # fmt: skip
@pytest.mark.parametrize("name", ["tor-des-geants", "marathon-des-sables-2024"])
def test_a_field_in_every_form(name: str, how: dict[str, Any]) -> None:
    assert troubles(draw(sample(name, "strong", "mid", "back"), **how)) == []


REAL = ("uta100-route.gpx", "occ.gpx", "alta-via-1", "haute-route-sparse.gpx", "o-circuit")


@pytest.mark.parametrize("name", REAL)
def test_a_real_course_on_screen_and_paper(data: Callable[[str], Path], name: str) -> None:
    report = analyze(load(data(f"courses/{name}")), draws=20)
    for size in SHEETS:
        assert troubles(draw(report, size=size)) == []
    assert troubles(draw(report, 1)) == []


def smaller(figure_png: bytes) -> np.ndarray:
    """(rows, columns, 3) means of blocks of 10 by 10 pixels."""
    pixels = imread(io.BytesIO(figure_png))[..., :3]
    rows, columns = (size // 10 for size in pixels.shape[:2])
    return pixels[: 10 * rows, : 10 * columns].reshape(rows, 10, columns, 10, 3).mean(axis=(1, 3))


@pytest.mark.parametrize(
    ("name", "stage", "how"),
    [
        ("race", None, {}),
        ("stage", 2, {}),
        ("clock", None, {"across": "clock"}),
        ("preview", None, {"size": "preview"}),
    ],
)
def test_a_picture_without_words_looks_as_it_did(
    name: str, stage: int | None, how: dict[str, Any]
) -> None:
    """To renew one after looking at it: delete its file in tests/golden and run this."""
    drawing = draw(made_up(), stage, **how)
    for text in drawing.words.all:
        text.set_visible(False)
    seen = smaller(save(drawing))
    path = GOLDEN / f"{name}.png"
    if not path.exists():
        imsave(path, seen)
        pytest.fail(f"{path.name} was not there: written, look at it")
    kept = imread(path)[..., :3]
    assert seen.shape == kept.shape
    assert np.abs(seen - kept).mean() < 0.005
    assert (np.abs(seen - kept).max(axis=2) > 0.15).mean() < 0.01


def made_up() -> Report:
    """Two stages, a night, cutoffs, and hours by a rule of thumb, whatever the engine says now."""
    course = race(30_000.0, 24_000.0, every_m=3000.0, start=EVENING, limit_s=54_000.0)
    profiles = tuple(measure(stage.track) for stage in course.stages)
    stages, offset_s = [], 0.0
    for profile in profiles:
        assert profile.cells is not None
        grade = profile.cells.grade
        cell_s = profile.cells.length_m / 2.0 * (1.0 + 3.0 * np.abs(grade))
        moving_s = np.concatenate([[0.0], np.cumsum(cell_s)])
        clock_s = offset_s + moving_s[1:]
        hiked_s = cell_s * np.clip(5.0 * grade, 0.0, 1.0)
        dark_s = np.where((clock_s > 7_000.0) & (clock_s < 30_000.0), cell_s, 0.0)
        stop = Stop("Base", 10_500.0, 3600.0, 1800.0)
        stages.append(
            StageEstimate(moving_s=moving_s, edge_m=profile.cells.edge_m, hiked_s=hiked_s,
                          hiked_m=hiked_s, dark_s=dark_s, energy_kcal=hiked_s, stops=(stop,),
                          offset_s=offset_s)
        )  # fmt: skip
        offset_s += stages[-1].elapsed_s
    return Report(course, profiles, Estimate(LEVELS["mid"], "gait", tuple(stages)), True)
