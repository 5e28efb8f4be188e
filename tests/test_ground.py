"""The profile's colours, its strips, nights and curve of hours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pictures import EVENING, all_text, lines_of, race, sample, spans_m, track

from gpxstage.course import Course, Stage
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw
from gpxstage.plot.legs import REST_SHARE, cell_edges_m, clock_edges_s, legs_of
from gpxstage.plot.style import AWAKE_KSS, GENTLE_COLOURS, GRADE_COLOURS, SLEEPY_KSS, rgb


def test_the_hiked_strip_is_there_with_an_estimate() -> None:
    drawing = draw(analyze(race(10_000.0), draws=0))
    assert drawing.hiked is not None
    assert drawing.hiked.axes is not None
    assert {"hiked", "grade", "100 %"} <= set(all_text(drawing).split("\n"))
    assert drawing.hiked.axes.get_xlim() == drawing.profile.get_xlim()
    assert drawing.ground.fill is not None
    assert len(drawing.hiked.get_paths()) == len(drawing.ground.fill.get_paths()) == 50


def test_cells_are_as_wide_as_the_course_asks_for() -> None:
    for length_m, count in ((2000.0, 40), (60_000.0, 300), (200_000.0, 400), (900_000.0, 1000)):
        fill = draw(analyze(race(length_m, every_m=length_m), estimated=False)).ground.fill
        assert fill is not None
        assert len(fill.get_paths()) == pytest.approx(count, abs=1)


@pytest.mark.parametrize("how", [{"estimated": False}, {"model": "tobler"}])
def test_the_hiked_strip_is_not_there_without_a_gait(how: dict[str, Any]) -> None:
    drawing = draw(analyze(race(10_000.0), **how))
    assert drawing.hiked is None
    assert "hiked" not in all_text(drawing)
    assert drawing.ground.fill is not None


def test_who_hikes_more_has_a_darker_strip() -> None:
    course = race(20_000.0)
    light = []
    for level in ("elite", "mid", "back"):
        hiked = draw(analyze(course, LEVELS[level], draws=0)).hiked
        assert hiked is not None
        light.append(float(np.mean(hiked.get_facecolor()[:, :3])))
    assert light == sorted(light, reverse=True)
    assert light[0] > light[2] + 0.02


@pytest.mark.parametrize("lengths_m", [(900.0,), (10_000.0,), (60_000.0, 40_000.0, 9000.0)])
def test_ground_and_strip_leave_no_gap(lengths_m: Sequence[float]) -> None:
    drawing = draw(analyze(race(*lengths_m), draws=0))
    for shapes in (drawing.ground.fill, drawing.hiked):
        assert shapes is not None
        spans = spans_m(shapes)
        assert spans[0][0] == 0.0
        assert spans[-1][1] == pytest.approx(sum(lengths_m), rel=1e-3)
        for (_, end), (start, _) in itertools.pairwise(spans):
            assert end - 1e-3 * spans[-1][1] <= start <= end + 1e-3  # a lap, so that no seam shows


def test_a_gentle_course_has_more_than_one_colour() -> None:
    slope = Stage(1, "slope", track(20_000.0, lambda x: 300.0 + 50.0 * np.sin(x / 1000.0)))
    fill = draw(analyze(Course("slope", (slope,)), draws=0)).ground.fill
    assert fill is not None
    tints = {tuple(tint) for tint in np.round(fill.get_facecolor()[:, :3], 6)}
    assert tints >= {tuple(np.round(rgb(colour), 6)) for colour in GENTLE_COLOURS}


@pytest.mark.parametrize(
    ("grade", "band"),
    [(-0.4, 0), (-0.25, 1), (-0.15, 2), (-0.07, 3), (0.0, 4),
     (0.07, 5), (0.15, 6), (0.25, 7), (0.4, 8)],
)  # fmt: skip
def test_a_grade_has_its_colour(grade: float, band: int) -> None:
    ramp = Stage(1, "ramp", track(4000.0, lambda x: 1800.0 + grade * x))
    fill = draw(analyze(Course("ramp", (ramp,)), draws=0)).ground.fill
    assert fill is not None
    tints = fill.get_facecolor()[:, :3]
    assert len(tints) >= 20
    assert np.allclose(tints[1:-1], rgb(GRADE_COLOURS[band]))


def test_a_night_is_shaded_where_there_is_a_clock() -> None:
    dark = draw(analyze(race(20_000.0, start=EVENING), draws=0))
    assert "night" in all_text(dark).split("\n")
    assert "clock" in all_text(dark).split("\n")
    assert "Fri 18:00" in all_text(dark)
    starts = (None, EVENING.replace(hour=6))
    unknown, light = (draw(analyze(race(20_000.0, start=at), draws=0)) for at in starts)
    for drawing in (unknown, light):
        assert "night" not in all_text(drawing).split("\n")
    assert "clock" not in all_text(unknown).split("\n")
    assert "elapsed" in all_text(unknown).split("\n")


def test_the_band_holds_what_the_report_says() -> None:
    report = sample("tor-des-geants")
    drawing = draw(report)
    assert drawing.hours is not None
    assert drawing.hours.band is not None
    assert report.estimate is not None
    assert report.estimate.spread is not None
    corners = drawing.hours.band.get_paths()[-1].vertices
    at_end = corners[np.isclose(corners[:, 0], corners[:, 0].max()), 1]
    last = report.profiles[-1].length_m
    ends = np.quantile(report.estimate.spread[-1].arrival_s(last), (0.1, 0.9))
    assert [at_end.min(), at_end.max()] == pytest.approx(ends, rel=1e-3)
    assert {"8 of 10", "cutoff"} <= set(lines_of(drawing))
    low_h, high_h = math.floor(ends[0] / 3600.0), math.ceil(ends[1] / 3600.0)
    assert any(f"(8 of 10: {low_h}–{high_h} h)" in text for text in lines_of(drawing))


def test_without_draws_there_is_no_band() -> None:
    drawing = draw(analyze(race(20_000.0, start=EVENING), draws=0))
    assert drawing.hours is not None
    assert drawing.hours.band is None
    assert "8 of 10" not in all_text(drawing)


def test_the_clock_across_shows_the_nights_between_stages() -> None:
    report = sample("transrockies-run-2016")
    assert report.estimate is not None
    drawing = draw(report, across="clock")
    on_way_s = sum(stage.elapsed_s for stage in report.estimate.stages)
    width_s = drawing.profile.get_xlim()[1]
    assert width_s == pytest.approx((1.0 + 5.0 * REST_SHARE) * on_way_s)  # the rests are shortened
    assert drawing.nights is not None
    nights = spans_m(drawing.nights)
    assert len(nights) == 5
    ends_s = np.cumsum(
        [stage.elapsed_s + REST_SHARE * on_way_s for stage in report.estimate.stages]
    )
    for (start, end), rest_ends_s in zip(nights, ends_s, strict=False):
        assert rest_ends_s - REST_SHARE * on_way_s < start < end < rest_ends_s
    assert {f"{day} 08:00" for day in ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun")} <= set(
        lines_of(drawing)
    )


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was() -> None:
    start = datetime(2026, 10, 24, 10, tzinfo=ZoneInfo("Europe/Rome"))
    some = race(20_000.0, 20_000.0, format="staged")
    starts = (start, start + timedelta(days=1))  # 10:00 again, 25 hours later
    stages = tuple(replace(s, start=at) for s, at in zip(some.stages, starts, strict=True))
    report = analyze(replace(some, stages=stages), draws=0)
    assert report.estimate is not None
    legs = legs_of(report, None, "clock")
    real_s, _ = clock_edges_s(legs, one_clock=False)
    assert real_s[2] == 25.0 * 3600.0
    assert real_s[3] == pytest.approx(real_s[2] + report.estimate.stages[1].elapsed_s)


@pytest.mark.parametrize("across", ["distance", "clock"])
def test_the_sleepier_the_darker(across: str) -> None:
    """Sleepiness is found again from the time at which the runner is in the middle of a cell."""
    report = sample("tor-des-geants")
    drawing = draw(report, across=across)
    assert drawing.sleepy is not None
    light = drawing.sleepy.get_facecolor()[:, :3].sum(axis=1)
    kss: list[float] = []
    length_m = sum(profile.length_m for profile in report.profiles)
    for leg in legs_of(report, None, across):
        edges_m = cell_edges_m(leg, length_m)
        assert leg.estimate is not None
        assert leg.estimate.alertness is not None
        curve = leg.estimate.alertness
        at_s = [leg.estimate.arrival_s(m) for m in 0.5 * (edges_m[1:] + edges_m[:-1])]
        kss += np.interp(at_s, curve.elapsed_s, curve.kss).tolist()
    assert len(light) == len(kss)
    assert min(kss) < AWAKE_KSS < SLEEPY_KSS < max(kss)  # both ends of the colours are reached
    shown = np.clip(kss, AWAKE_KSS, SLEEPY_KSS)  # colours end there, as the legend does
    order = np.argsort(shown)
    steps = np.diff(shown[order]) > 1e-6
    assert steps.sum() > 300
    assert (np.diff(light[order])[steps] < 0.0).all()
    assert np.ptp(light[shown == AWAKE_KSS]) < 1e-9
    assert np.ptp(light[shown == SLEEPY_KSS]) < 1e-9
    texts = {text.get_text() for text in drawing.words.legend}
    assert {"sleepy (KSS)", "5", "9+"} <= texts
    assert draw(sample("chattanooga-mountains")).sleepy is None  # nobody gets sleepy by day
