"""Pictures of real and sample races in every form that can be asked for."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from matplotlib.image import imread, imsave
from test_plot import COURSES, EVENING, SAMPLES, all_text, race, spans_m, troubles

from gpxstage.course import Point
from gpxstage.estimator.nouns import Estimate, StageEstimate, Stop
from gpxstage.estimator.runner import LEVELS, at_ability
from gpxstage.facts.analysis import Report, analyze
from gpxstage.plot import Drawing, draw, lost, save, scales, style
from gpxstage.plot.layout import SHEETS
from gpxstage.plot.style import (
    AWAKE,
    GRADE_COLOURS,
    HIKE,
    NIGHT,
    RUN,
    SLEEPY,
    rgb,
)
from gpxstage.profile import measure
from gpxstage.racefile import load
from gpxstage.text import legible
from gpxstage.units import clock_text

GOLDEN = Path(__file__).parent / "golden"


@lru_cache(maxsize=8)
def sample(name: str, level: str = "mid", draws: int = 40) -> Report:
    return analyze(load(SAMPLES / name), LEVELS[level], draws=draws)


def lines_of(drawing: Drawing) -> list[str]:
    return all_text(drawing).split("\n")


def base(name: str, km: float, **facts: Any) -> Point:
    return Point(name, "life-base", distance_m=1000.0 * km, **facts)


# every form: nothing touches, nothing is cut, the survey stands on it


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("how", [{"size": "preview"}, {"size": "print"}, {"across": "time"},
                                 {"across": "clock"}, {"units": "imperial"}, {"same_scale": True}],
                         ids=lambda how: "-".join(map(str, *how.items())))  # fmt: skip
def test_a_sample_in_every_form(name: str, how: dict[str, Any]) -> None:
    report = sample(name)
    for stage in (None, len(report.course.stages)):
        drawing = draw(report, stage, **how)
        assert troubles(drawing) == [], stage
        assert f"track: {report.course.survey}" in lines_of(drawing)


REAL = ("uta100-route.gpx", "occ.gpx", "alta-via-1", "haute-route-sparse.gpx", "o-circuit")


@pytest.mark.parametrize("name", REAL)
def test_a_real_course_on_screen_and_paper(data: Callable[[str], Path], name: str) -> None:
    report = analyze(load(data(f"courses/{name}")), draws=20)
    for size in SHEETS:
        assert troubles(draw(report, size=size)) == []
    assert troubles(draw(report, 1)) == []


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


def test_a_preview_has_the_size_of_a_post() -> None:
    data = save(draw(sample("tor-des-geants"), size="preview"))
    assert tuple(int.from_bytes(data[k : k + 4], "big") for k in (16, 20)) == (1200, 630)


def test_print_is_a_sheet_of_a4() -> None:
    for stage in (None, 2):
        figure = draw(sample("tor-des-geants"), stage, size="print").figure
        assert figure.get_size_inches() * 25.4 == pytest.approx([297.0, 210.0], abs=0.1)
        assert figure.dpi == 300


def test_the_legend_has_a_key_to_all_that_is_shown() -> None:
    every = ["grade", "hiked", "sleepy", "night", "8 of 10", "cutoff"]
    for size in ("screen", "print"):
        drawing = draw(sample("tor-des-geants"), size=size)
        assert [
            key for key in every if key not in {t.get_text() for t in drawing.words.legend}
        ] == []
    clock = draw(sample("tor-des-geants"), across="clock").words.legend
    assert {"stopped", "night"} <= {text.get_text() for text in clock}


def test_stages_are_comparable_on_one_scale() -> None:
    report = sample("marathon-des-sables-2024")
    numbers = [stage.number for stage in report.course.stages]
    axes = [draw(report, number, same_scale=True).profile for number in numbers]
    assert len({each.get_xlim() for each in axes}) == 1
    assert len({each.get_ylim() for each in axes}) == 1
    longest_m = max(profile.length_m for profile in report.profiles)
    assert axes[0].get_xlim() == (0.0, longest_m)
    assert draw(report, 1).profile.get_xlim()[1] < longest_m
    hours = [draw(report, number, same_scale=True).hours for number in numbers]
    spans_s = {round(np.ptp(each.axes.get_ylim())) for each in hours if each is not None}
    assert len(spans_s) == 1


# hours: the band, the cutoffs, what is across


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


def test_the_clock_across_shows_the_nights_between_stages() -> None:
    report = sample("transrockies-run-2016")
    assert report.estimate is not None
    drawing = draw(report, across="clock")
    starts = [stage.start for stage in report.course.stages]
    assert starts[0] is not None
    assert starts[-1] is not None
    last_s = (starts[-1] - starts[0]).total_seconds()
    end_s = last_s + report.estimate.stages[-1].elapsed_s
    assert drawing.profile.get_xlim()[1] == pytest.approx(end_s)
    assert drawing.nights is not None
    nights = spans_m(drawing.nights)
    assert len(nights) == 5
    assert all(8 * 3600 < end - start < 11 * 3600 for start, end in nights)  # August, Colorado
    assert {"Wed", "Thu", "Fri", "Sat", "Sun"} <= set(lines_of(drawing))


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
    said = list(scales.clock_ticks(start, 0.0, 12 * 3600.0, 14))
    assert [text for _, text in said[:5]] == ["22:00", "23:00", "Sun", "01:00", "02:00"]
    assert [text for _, text in said].count("02:00") == 2
    assert [round(at / 3600.0) for at, _ in said] == list(range(13))


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was() -> None:
    start = datetime(2026, 10, 24, 10, tzinfo=ZoneInfo("Europe/Rome"))
    some = race(20_000.0, 20_000.0, format="staged")
    starts = (start, start + timedelta(days=1))  # 10:00 again, 25 hours later
    stages = tuple(replace(s, start=at) for s, at in zip(some.stages, starts, strict=True))
    report = analyze(replace(some, stages=stages), draws=0)
    assert report.estimate is not None
    last_s = 25.0 * 3600.0 + report.estimate.stages[1].elapsed_s
    assert draw(report, across="clock").profile.get_xlim()[1] == pytest.approx(last_s)


# levels, panels, sleepiness


def test_a_field_has_its_three_times_at_every_base() -> None:
    course = load(SAMPLES / "tor-des-geants")
    first, *rest = (LEVELS[name] for name in ("elite", "mid", "back"))
    report = analyze(course, first, others=tuple(rest), draws=0)
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
    for _, estimate in report.levels:
        last = estimate.stages[-1].arrival_s(report.profiles[-1].length_m)
        assert course.start is not None
        assert clock_text(course.start, last) in clocks


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
    by_grade = [float(text) for text in said[1:middle]]
    by_altitude = [float(text) for text in said[middle + 1 :]]
    assert len(by_grade) == 9
    for hours in (by_grade, by_altitude):  # each is rounded to half an hour or better
        assert sum(hours) == pytest.approx(moving_h, abs=0.5 * len(hours))


def test_panels_of_a_course_without_an_estimate_are_kilometres() -> None:
    report = analyze(race(20_000.0), estimated=False)
    drawing = draw(report, size="print")
    assert troubles(drawing) == []
    assert "Kilometres by grade, %" in lines_of(drawing)
    miles = draw(report, size="print", units="imperial")
    assert {"Miles by grade, %", "Miles by altitude, ft"} <= set(lines_of(miles))


def test_the_sleepier_the_darker() -> None:
    report = sample("tor-des-geants")
    drawing = draw(report)
    assert drawing.sleepy is not None
    assert drawing.hiked is not None
    light = drawing.sleepy.get_facecolor()[:, :3].sum(axis=1)
    assert len(light) == len(drawing.hiked.get_paths())
    assert report.estimate is not None
    kss = [stage.alertness.kss.max() for stage in report.estimate.stages if stage.alertness]
    worst = int(np.argmax(kss))
    lengths_m = np.cumsum([0.0, *(profile.length_m for profile in report.profiles)])
    darkest_m = spans_m(drawing.sleepy)[int(np.argmin(light))][0]
    assert max(kss) > 9.0 or lengths_m[worst] <= darkest_m <= lengths_m[worst + 1]
    assert "9 KSS" in lines_of(drawing)
    assert draw(sample("chattanooga-mountains")).sleepy is None  # nobody gets sleepy by day


# letters and colours


@pytest.mark.parametrize(
    "name", ["富士登山競走", "กรุงเทพ", "سباق الصحراء", "🏔 Race", "a\u202eb\u200bc\x07", "Эльбрус"]
)
def test_no_letter_is_drawn_as_a_box(name: str) -> None:
    course = race(20_000.0, 20_000.0, name=name, stage=f"{name} - {{}}", place=f"{name} {{}}")
    drawing = draw(analyze(course, draws=0))
    assert troubles(drawing) == []
    for text in drawing.words.all:
        for letter in set(text.get_text()) - set(" "):
            assert style.family_of(letter), (text.get_text(), letter)
            assert style.family_of(letter) in text.get_fontfamily()
    assert bool(lost(analyze(course))) == (style.writable(name) != legible(name))
    assert all_text(drawing)


def test_a_name_in_unknown_letters_says_so() -> None:
    private = "\ue000\ue001\ue002"
    report = analyze(race(5000.0, name=private), draws=0)
    assert style.NO_LETTERS in lines_of(draw(report))
    assert private in lost(report)
    assert style.writable(f"Ultra {private[0]} Trail") == "Ultra  Trail"


def luminance(colour: np.ndarray) -> float:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


# Viénot, Brettel & Mollon 1999 (Color Res Appl 24:243), on linear light
DEUTERANOPE = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def test_grades_are_told_apart_in_grey_and_by_who_sees_no_green() -> None:
    tints = [rgb(colour) for colour in GRADE_COLOURS]
    grey = [luminance(tint) ** (1 / 2.2) for tint in tints]
    for arm in (grey[:5], grey[:3:-1]):
        assert (np.diff(arm) > 0.035).all()  # each step steeper is darker
    seen = [(DEUTERANOPE @ tint**2.2).clip(0.0, 1.0) ** (1 / 2.2) for tint in tints]
    for up, down in zip(seen[5:], seen[3::-1], strict=True):
        assert np.abs(up - down).max() > 0.2  # a climb is never taken for a descent
    for pale, deep in ((RUN, HIKE), (AWAKE, SLEEPY)):
        assert luminance(rgb(pale)) / luminance(rgb(deep)) > 4.5
    assert luminance(rgb(NIGHT)) < 0.82


# four pictures without words, as they were when somebody looked at them


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
