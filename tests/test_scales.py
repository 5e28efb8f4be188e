"""Ticks, rows of times, and what is across."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pictures import (
    CASES,
    EVENING,
    all_text,
    lines_of,
    race,
    sample,
    spans_m,
    track,
    troubles,
    words,
)

from gpxstage.course import Course, Point, Stage
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw, scales
from gpxstage.units import clock_text


def test_every_stage_has_the_scale_of_the_race() -> None:
    low = Stage(1, "low", track(8000.0, lambda x: 200.0 + 0.02 * x))
    high = Stage(2, "high", track(12_000.0, lambda x: 2500.0 + 0.05 * x))
    report = analyze(Course("both", (low, high), format="staged"), draws=0)
    limits = {draw(report, stage).profile.get_ylim() for stage in (1, 2)}
    assert len(limits) == 1
    bottom_m, top_m = limits.pop()
    assert bottom_m <= 200.0
    assert top_m > 3100.0
    assert draw(report).profile.get_ylim()[0] == bottom_m
    boxes = {draw(report, stage).profile.get_position().bounds for stage in (1, 2)}
    assert len(boxes) == 1
    lengths = [draw(report, stage).profile.get_xlim()[1] for stage in (None, 1, 2)]
    assert lengths == pytest.approx([20_000.0, 8000.0, 12_000.0], rel=1e-3)


def test_a_flat_course_does_not_look_alpine() -> None:
    """A metre up is drawn no more than so many times as long as a metre along."""
    for case, most in ((CASES["flat"], 10.0), (race(100_000.0), 27.0), (race(250_000.0), 55.0)):
        axes = draw(analyze(case, draws=0)).profile
        box_in = np.array(axes.get_window_extent().bounds[2:]) / 150.0
        (low_m, high_m), (left_m, right_m) = axes.get_ylim(), axes.get_xlim()
        stretched = (right_m - left_m) / box_in[0] / ((high_m - low_m) / box_in[1])
        assert stretched < most


def test_miles_and_feet() -> None:
    report = analyze(race(30_000.0), draws=0)
    said = all_text(draw(report, units="imperial")).split("\n")
    assert "mi" in said
    assert any(text.startswith("19 mi") for text in said)
    assert any(text.endswith(" ft") for text in said)
    assert "4,000" in {text.removesuffix(" ft") for text in said}
    assert not any(text.endswith((" m", " km")) or text == "km" for text in said)
    metric = all_text(draw(report)).split("\n")
    assert not any(text.endswith((" ft", " mi")) or text == "mi" for text in metric)


@pytest.mark.parametrize("size", ["screen", "preview", "print"])
def test_the_times_of_a_stage_are_evenly_spaced(size: str) -> None:
    report = analyze(race(40_000.0, every_m=1e6, start=EVENING), draws=0)
    texts = draw(report, size=size).words.rows
    ticks = {text.get_text(): text.get_position()[0] for text in texts}
    clocks = [text for text in texts if text.get_text().startswith(("Fri", "Sat"))]
    assert clocks[0].get_text() == "Fri 18:00"
    assert len(clocks) >= 5
    inner = [text.get_position()[0] for text in clocks[1:-1]]
    steps = np.diff(inner)
    assert steps == pytest.approx(steps[0])
    assert set(np.round(inner, 6)) <= {round(x, 6) for x in ticks.values()}
    assert report.estimate is not None
    middle_s = report.estimate.stages[0].arrival_s(20_000.0)
    (there,) = (text for text in clocks if text.get_position()[0] == pytest.approx(ticks["20"]))
    assert there.get_text() == clock_text(EVENING, middle_s)


def test_a_stage_has_the_kilometres_of_the_race_beside_its_own() -> None:
    report = analyze(race(30_000.0, 40_000.0, every_m=1e6), draws=0)
    texts = draw(report, 2).words.rows
    at = {text.get_text(): text.get_position()[0] for text in texts if text.get_text() != "0"}
    assert "race km" in at
    assert at["50"] == pytest.approx(at["20"])  # 20 km of the stage are 50 km of the race
    assert "70" in at
    assert "race km" not in all_text(draw(report))
    assert "race mi" in all_text(draw(report, 2, units="imperial"))


def base(name: str, km: float, **facts: Any) -> Point:
    return Point(name, "life-base", distance_m=1000.0 * km, **facts)


def test_stages_are_comparable_on_one_scale() -> None:
    report = sample("marathon-des-sables-2024")
    numbers = [stage.number for stage in report.course.stages]
    drawings = [draw(report, number, same_scale=True) for number in numbers]
    axes = [drawing.profile for drawing in drawings]
    assert len({each.get_xlim() for each in axes}) == 1
    assert len({each.get_ylim() for each in axes}) == 1
    longest_m = max(profile.length_m for profile in report.profiles)
    assert axes[0].get_xlim() == (0.0, longest_m)
    assert draw(report, 1).profile.get_xlim()[1] < longest_m
    hours = [drawing.hours for drawing in drawings if drawing.hours is not None]
    spans_s = {round(np.ptp(each.axes.get_ylim())) for each in hours}
    assert len(spans_s) == 1


def test_who_is_past_a_cutoff_is_told() -> None:
    course = race(30_000.0, every_m=1e9, start=EVENING, limit_s=3600.0)
    stage = replace(course.stages[0], points=(base("Early", 10.0, cutoff_s=1200.0),))
    stage = replace(
        stage, points=(*stage.points, Point("Hut", "aid", distance_m=22_000.0, cutoff_s=1e5))
    )
    report = analyze(replace(course, stages=(stage,)), draws=0)
    drawing = draw(report)
    said = lines_of(drawing)
    assert "past Fri 18:20" in said
    assert any("past the limit of 1 h" in text for text in said)
    assert drawing.hours is not None
    assert drawing.hours.cutoffs is not None
    assert len(drawing.hours.cutoffs.get_segments()) == 3
    two = replace(course, stages=(stage, replace(stage, number=2)))
    alone = draw(analyze(two, at_ability(3.75), draws=0), 1)
    assert any(" · cutoff Sat 21:47" in text for text in lines_of(alone))
    assert troubles(drawing) == troubles(alone) == []


def test_time_across_is_as_long_as_the_race() -> None:
    report = sample("tor-des-geants")
    assert report.estimate is not None
    hours = draw(report, across="time")
    assert hours.profile.get_xlim() == pytest.approx((0.0, report.estimate.elapsed_s))
    assert hours.ground.stopped is not None
    stopped_s = sum(end - start for start, end in spans_m(hours.ground.stopped))
    told_s = sum(stage.stopped_s for stage in report.estimate.stages)
    assert 0.5 * told_s < stopped_s <= told_s  # the shortest are too narrow to be seen
    assert {"elapsed", "stopped", "24 h"} <= set(lines_of(hours))
    staged = sample("transrockies-run-2016")
    assert staged.estimate is not None
    assert draw(staged, across="time").profile.get_xlim()[1] == pytest.approx(
        staged.estimate.elapsed_s
    )


def test_hours_or_a_clock_that_are_not_there() -> None:
    bare = analyze(race(20_000.0), draws=0)
    with pytest.raises(ValueError, match="no clock to put across: the race has no start"):
        draw(bare, across="clock")
    with pytest.raises(ValueError, match="no time to put across: there is no estimate"):
        draw(analyze(race(20_000.0), estimated=False), across="time")
    some = race(20_000.0, 20_000.0, format="staged")
    some = replace(some, stages=(replace(some.stages[0], start=EVENING), some.stages[1]))
    with pytest.raises(ValueError, match="stage 2 has no start"):
        draw(analyze(some, draws=0), across="clock")
    soon = replace(some.stages[1], start=EVENING + timedelta(minutes=5))
    with pytest.raises(ValueError, match="stage 2 starts before stage 1 is over"):
        draw(analyze(replace(some, stages=(some.stages[0], soon)), draws=0), across="clock")


def test_the_clock_across_keeps_the_change_of_the_clocks() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=ZoneInfo("Europe/Rome"))
    said = list(scales.clock_ticks(start, 0.0, 12 * 3600.0, 3600.0))
    assert [text for _, text in said[:5]] == ["22:00", "23:00", "Sun", "01:00", "02:00 CEST"]
    assert [text for _, text in said[5:7]] == ["02:00 CET", "03:00"]
    assert [round(at / 3600.0) for at, _ in said] == list(range(13))


def test_a_field_has_its_three_times_at_every_base() -> None:
    report = sample("tor-des-geants", "elite", "mid", "back")
    course = report.course
    drawing = draw(report)
    assert troubles(drawing) == []
    said = lines_of(drawing)
    assert {"elite", "mid", "back"} <= set(said)
    assert "elapsed" not in said
    assert troubles(draw(report, size="preview", units="imperial")) == []
    bases = len(drawing.words.bases)
    clocks = [
        text for text in said if text[:3] in ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    ]
    assert len(clocks) >= 3 * bases
    assert drawing.hours is not None
    assert len(drawing.hours.middle.get_segments()) == 3 * len(course.stages)
    beside = {text.get_text(): text.get_position()[1] for text in drawing.hours.names}
    assert list(beside) == ["elite", "mid", "back"]
    assert list(beside.values()) == sorted(beside.values())
    keys = [text.get_text() for text in drawing.words.legend]
    assert keys.index("hiked") < keys.index("night") < keys.index("elite:") < keys.index("cutoff")
    for _, estimate in report.levels:
        last = estimate.stages[-1].arrival_s(report.profiles[-1].length_m)
        assert course.start is not None
        assert clock_text(course.start, last) in clocks


@pytest.mark.parametrize("across", ["distance", "time"])
@pytest.mark.parametrize("levels", [("mid",), ("mid", "back")])
def test_every_camp_has_its_arrival_and_its_start(across: str, levels: tuple[str, ...]) -> None:
    report = sample("grand-to-grand", *levels)
    said = lines_of(draw(report, across=across))
    assert report.estimate is not None
    for stage, each in zip(report.course.stages, report.estimate.stages, strict=True):
        assert stage.start is not None
        assert clock_text(stage.start, 0.0) in said
        assert clock_text(stage.start, each.elapsed_s) in said


def test_kilometres_of_the_race_do_not_repeat_at_close_ticks() -> None:
    drawing = draw(analyze(race(30_000.0, 8000.0, every_m=1e6), draws=0), 2, size="poster")
    (row,) = {t.get_position()[1] for t in drawing.words.rows if t.get_text() == "race km"}
    said = [t.get_text() for t in drawing.words.rows if t.get_position()[1] == row]
    assert len(said) == len(set(said)) > 10
    assert {"30.0", "38.0"} <= set(said)


@pytest.mark.parametrize("size", ["screen", "print", "poster"])
def test_words_keep_off_the_edge_of_paper_and_the_names_of_rows(size: str) -> None:
    report = sample("transrockies-run-2016", "strong", "mid", "back")
    drawing = draw(report, across="clock", size=size)
    boxes = dict(words(drawing))
    gap_px = 0.05 * drawing.figure.dpi
    assert boxes["clock"][:, 0].max() + gap_px < boxes["Tue 08:00"][:, 0].min()
    left_px = min(quad[:, 0].min() for quad in boxes.values())
    assert left_px > (0.0 if size == "screen" else 0.2 * drawing.figure.dpi)


def test_words_of_a_short_stage_are_below_the_ticks_of_the_longest() -> None:
    report = analyze(race(34_000.0, 85_000.0, every_m=1e6, start=EVENING), draws=0)
    drawing = draw(report, 1, same_scale=True)
    rows = {t.get_text(): t.get_position()[1] for t in drawing.words.rows}
    ticks, km = (
        {round(t.get_position()[0], 3) for t in drawing.words.rows if t.get_position()[1] == y}
        for y in (rows["km"], rows["race km"])
    )
    _, *inner, _ = sorted(km)[1:]
    assert len(inner) >= 2
    assert set(inner) <= ticks
    assert np.diff(inner) == pytest.approx(np.diff(inner)[0], abs=0.01)


@pytest.mark.parametrize("size", ["screen", "print"])
@pytest.mark.parametrize("across", ["distance", "clock"])
def test_all_cutoffs_on_the_way_are_in_their_row_or_have_a_dash(size: str, across: str) -> None:
    course = race(100_000.0, every_m=1e9, start=EVENING)  # no limit: places alone have cutoffs
    at_km = (10.0, 40.0, 70.0, 70.5, 71.0)
    places = tuple(
        Point(f"Hut {k}", "aid", distance_m=1000.0 * km, cutoff_s=1200.0 * km)
        for k, km in enumerate(at_km)
    )
    stage = replace(course.stages[0], points=places)
    drawing = draw(analyze(replace(course, stages=(stage,)), draws=0), size=size, across=across)
    said = lines_of(drawing)
    assert "cutoff" in said
    for point in places[:3]:
        assert any(clock_text(EVENING, point.cutoff_s or 0.0) in text for text in said)
    assert 1 <= said.count("–") <= 2
    assert troubles(drawing) == []


def test_a_picture_of_one_stage_names_both_ends() -> None:
    bare = race(10_000.0, every_m=1e9)
    end = Point("Finish", "finish", distance_m=10_000.0)
    ended = replace(bare, stages=(replace(bare.stages[0], points=(end,)),))
    shown = [set(lines_of(draw(analyze(each, draws=0)))) for each in (bare, ended)]
    assert [each & {"Start", "Finish"} for each in shown] == [set(), {"Start", "Finish"}]
