"""Titles, names of bases, figures of the sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pictures import COURSES, EVENING, all_text, race, sample, track, troubles, words

from gpxstage.course import Course, Point, Stage
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw, headings
from gpxstage.racefile import load
from gpxstage.units import hours, spoken


def test_a_wide_title_is_inside() -> None:
    assert troubles(draw(analyze(race(10_000.0, name="W" * 80), draws=0))) == []


def test_the_title_says_how_far_how_high_how_long() -> None:
    both = race(60_000.0, 60_000.0, every_m=1e6, start=EVENING, limit_s=180_000.0, name="Two Hills")
    report = analyze(both, draws=0)
    said = all_text(draw(report)).split("\n")
    assert "Two Hills" in said
    (facts,) = (text for text in said if text.startswith("120 km"))
    assert "  ·  mid runner: " in facts
    assert facts.endswith(" % hiked  ·  limit 50 h")
    assert sum(text.startswith("60 km · +") for text in said) == 2
    stage = all_text(draw(report, 2)).split("\n")
    assert "Stage 2 · Day 2" in stage
    assert any(text.startswith("60 km  ·  +") for text in stage)


def test_no_elevation_says_so() -> None:
    bare = Stage(1, "bare", track(10_000.0, None))
    report = analyze(Course("bare", (bare,)), draws=0)
    drawing = draw(report)
    assert [text.get_text() for text in drawing.words.missing] == ["no elevation in this file"]
    assert (drawing.ground.fill, drawing.hiked, drawing.words.names) == (None, None, [])
    assert not drawing.words.heights
    assert "grade" not in all_text(drawing)
    known = replace(bare, number=2, track=track(10_000.0))
    both = analyze(Course("both", (bare, known), format="staged"), draws=0)
    assert draw(both, 1).words.missing
    assert not draw(both, 2).words.missing
    assert [text.get_text() for text in draw(both).words.missing] == ["no elevation"]
    assert draw(both).ground.fill is not None
    assert draw(both, 1).profile.get_ylim() == draw(both, 2).profile.get_ylim()


def test_sections_have_their_figures() -> None:
    report = analyze(race(30_000.0, 50_000.0, every_m=1e6, start=EVENING), draws=0)
    said = [text.get_text() for text in draw(report).words.sections]
    assert {"1 Day 1", "2 Day 2"} <= set(said)
    assert sum(text.startswith(("30 km · +", "50 km · +")) for text in said) == 2
    assert "time, hiked" in said
    assert sum(":" in text and text.endswith(" %") for text in said) == 2
    assert not draw(report, 1).words.sections
    assert headings.title(report.course, 1) == "Stage 2 · Day 2"


def test_a_stage_is_split_at_its_bases() -> None:
    base = Point("Base", "life-base", distance_m=20_000.0)
    course = Course("one", (Stage(1, "one", track(50_000.0), (base,)),))
    drawing = draw(analyze(course, draws=0))
    assert "Base" in {text.get_text() for text in drawing.words.bases}
    assert len(drawing.borders.get_segments()) == 1
    figures = [t.get_text() for t in drawing.words.sections if " km" in t.get_text()]
    assert [text.split(" · ")[0] for text in figures] == ["20 km", "30 km"]


def test_the_pacific_crest_has_figures_for_each_of_its_stages(
    data: Callable[[str], Path],
) -> None:
    report = analyze(load(data("courses/pacific-crest-trail.gpx")), draws=0)
    drawing = draw(report)
    assert troubles(drawing) == []
    figures = [text.get_text() for text in drawing.words.sections]
    told = sum(" km · +" in text for text in figures)
    elsewhere = " ".join(text.get_text() for text in drawing.words.survey)
    assert told + elsewhere.count(" km · +") == len(report.course.stages) == 29


@pytest.mark.parametrize(
    ("race_name", "name", "own"),
    [
        ("Race", "Stage 02", ""),
        ("Race", "stage 2: There - Here", "There - Here"),
        ("Race", "Race - Stage 2 - There", "There"),
        ("Race", "2 There - Here", "There - Here"),
        ("Race", "Race - There", "Race - There"),  # it may start where the race has its name from
        ("Race", "Stage 20", "Stage 20"),
        ("Race", "2nd day", "2nd day"),
        ("Race", "Day 2", "Day 2"),
    ],
)
def test_a_stage_is_named_without_doubled_words(race_name: str, name: str, own: str) -> None:
    stage = Stage(2, name, track(10_000.0))
    course = Course(race_name, (replace(stage, number=1, name="x"), stage))
    report = analyze(course, draws=0)
    assert headings.title(report.course, 1) == f"Stage 2 · {own}".removesuffix(" · ")
    title = "  ·  ".join(text.get_text() for text in draw(report, 2).words.title)
    assert title.count(race_name) == 1


@pytest.mark.parametrize("size", ["screen", "print"])
@pytest.mark.parametrize("name", COURSES)
def test_all_sections_have_the_same_form(name: str, size: str) -> None:
    said = [text.get_text() for text in draw(sample(name), size=size).words.sections]
    figures = [text for text in said if text.endswith((" %", " % hiked"))]
    assert len({text.endswith("hiked") for text in figures}) == 1
    assert len({"·" in text for text in figures}) == 1


def test_a_field_has_the_figures_of_each_level() -> None:
    first, *rest = (LEVELS[name] for name in ("elite", "mid", "back"))
    report = analyze(sample("tor-des-geants").course, first, others=tuple(rest), draws=0)
    drawing = draw(report)
    said = [text.get_text() for text in drawing.words.sections]
    assert {"elite, hiked", "mid, hiked", "back, hiked"} <= set(said)
    for _, estimate in report.levels:
        for stage in estimate.stages:
            assert any(text.startswith(f"{hours(stage.on_clock_s)} · ") for text in said)
        total_s = sum(stage.on_clock_s for stage in estimate.stages)
        assert any(spoken(total_s) in text.get_text() for text in drawing.words.title)


def test_a_transfer_is_told() -> None:
    named = [text.get_text() for text in draw(sample("transrockies-run-2016")).words.bases]
    assert "Railroad Bridge → Vicksburg" in named
    assert "Nova Guides" in named
    start = draw(sample("transrockies-run-2016"), 2).words.bases[0].get_text()
    assert start == "Vicksburg"


@pytest.mark.parametrize("name", ["marathon-des-sables-2024", "grand-to-grand"])
def test_a_narrow_last_stage_has_its_figures(name: str) -> None:
    report = sample(name)
    said = [text.get_text() for text in draw(report).words.sections]
    for profile in report.profiles:
        assert any(text.startswith(f"{profile.length_m / 1000.0:.0f} km") for text in said)


def test_a_number_before_a_stage_is_not_a_place() -> None:
    stages = tuple(
        replace(stage, name=f"{stage.number} Here {stage.number} - Here {stage.number + 1}")
        for stage in race(20_000.0, 20_000.0, every_m=1e9).stages
    )
    ends = (Point("Here 2", "finish", distance_m=20_000.0),)
    course = Course("Race", (replace(stages[0], points=ends), stages[1]))
    named = [text.get_text() for text in draw(analyze(course, draws=0)).words.bases]
    assert named == ["Here 1", "Here 2"]


@pytest.mark.parametrize("size", ["screen", "preview", "print", "poster"])
def test_the_last_name_ends_with_the_course(size: str) -> None:
    drawing = draw(sample("chattanooga-mountains"), size=size)
    frame_px = drawing.profile.get_window_extent().x1
    boxes = dict(words(drawing))
    assert boxes["Signal Mountain High School"][:, 0].max() == pytest.approx(frame_px, abs=3.0)
