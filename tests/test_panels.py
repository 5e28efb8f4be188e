"""Panels, legend and survey note."""

from __future__ import annotations

import itertools

import pytest
from pictures import EVENING, lines_of, race, sample, troubles

from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw


def test_a_long_survey_keeps_off_the_legend() -> None:
    survey = (
        "reconstructed from the organiser's published figures, not surveyed by anybody on the spot"
    )
    assert troubles(draw(analyze(race(10_000.0, survey=survey, start=EVENING), draws=0))) == []


def test_the_legend_has_a_key_to_all_that_is_shown() -> None:
    every = ["grade", "hiked", "sleepy", "night", "8 of 10", "cutoff"]
    for size in ("screen", "print"):
        drawing = draw(sample("tor-des-geants"), size=size)
        names = {text.get_text().partition(" (")[0] for text in drawing.words.legend}
        curve = {"8 of 10", "cutoff"} if drawing.hours is None else set()
        assert set(every) - names == curve
    clock = draw(sample("tor-des-geants"), across="clock").words.legend
    assert {"stopped", "asleep", "night"} <= {text.get_text() for text in clock}


@pytest.mark.parametrize("size", ["screen", "print", "poster"])
def test_the_numbers_of_the_grades_are_apart(size: str) -> None:
    drawing = draw(sample("tor-des-geants"), size=size)
    drawing.figure.draw_without_rendering()
    legend = drawing.words.legend
    first = next(k for k, text in enumerate(legend) if text.get_text() == "−30")
    boxes = [text.get_window_extent() for text in legend[first : first + 10]]
    assert legend[first + 9].get_text() == "30 %"
    for left, right in itertools.pairwise(boxes[:-1]):
        assert right.x0 - left.x1 > 0.02 * drawing.figure.dpi


def hours_of(text: str) -> float:
    whole, minutes = text.split(":")
    return int(whole) + int(minutes) / 60.0


@pytest.mark.parametrize("stage", [None, 2])
def test_the_panels_add_up(stage: int | None) -> None:
    report = sample("tor-des-geants")
    assert report.estimate is not None
    drawing = draw(report, stage, size="print")
    low_in = min(text.get_position()[1] for text in drawing.words.panels)  # the bands' edges
    said = [text.get_text() for text in drawing.words.panels if text.get_position()[1] > low_in]
    titles = [text for text in said if text.startswith("Moving hours")]
    assert titles == ["Moving hours by grade, %", "Moving hours by altitude, m"]
    shown = [report.estimate.stages[1]] if stage else report.estimate.stages
    moving_h = sum(float(each.moving_s[-1]) for each in shown) / 3600.0
    middle = said.index(titles[1])
    by_grade = [hours_of(text) for text in said[1:middle]]
    by_altitude = [hours_of(text) for text in said[middle + 1 :]]
    assert len(by_grade) == 9
    for hours in (by_grade, by_altitude):  # each is rounded to a minute, as in the tables
        assert sum(hours) == pytest.approx(moving_h, abs=len(hours) / 120.0)


def test_panels_of_a_course_without_an_estimate_are_kilometres() -> None:
    report = analyze(race(20_000.0), estimated=False)
    drawing = draw(report, size="print")
    assert troubles(drawing) == []
    assert "Kilometres by grade, %" in lines_of(drawing)
    miles = draw(report, size="print", units="imperial")
    assert {"Miles by grade, %", "Miles by altitude, ft"} <= set(lines_of(miles))
