"""The upright names of places."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from pictures import (
    CASES,
    EVENING,
    KINDS,
    LONG,
    all_text,
    lines_of,
    overlaps,
    race,
    sample,
    track,
    words,
)

from gpxstage.course import Course, Point, Stage
from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw, headings, labels, save, style
from gpxstage.units import clock_text


def test_names_keep_off_the_ground() -> None:
    """A name may start in a valley, but never runs through the mountain beside it."""
    report = analyze(race(40_000.0, every_m=500.0), draws=0)
    drawing = draw(report)
    assert len(drawing.words.names) > 8
    nodes = np.column_stack([report.profiles[0].distance_m, report.profiles[0].elevation_m])
    outline = drawing.profile.transData.transform(nodes)
    boxes = dict(words(drawing))
    for name in drawing.words.names:
        quad = boxes[name.get_text()]
        under = (outline[:, 0] > quad[:, 0].min()) & (outline[:, 0] < quad[:, 0].max())
        assert quad[:, 1].min() > outline[under, 1].max(), name.get_text()


def test_names_keep_off_the_borders() -> None:
    drawing = draw(analyze(race(*[15_000.0] * 4, every_m=700.0), draws=0))
    assert drawing.words.names
    shown = {text.get_text() for text in (*drawing.words.names, *drawing.words.beside)}
    boxes = [quad for text, quad in words(drawing) if text in shown]
    walls_px = [segment[0][0] * drawing.figure.dpi for segment in drawing.borders.get_segments()]
    assert len(walls_px) >= 3
    for wall_px, quad in itertools.product(walls_px, boxes):
        assert not quad[:, 0].min() < wall_px < quad[:, 0].max()


def test_each_name_has_a_line_to_its_place() -> None:
    report = analyze(race(30_000.0, every_m=3000.0), draws=0)
    drawing = draw(report)
    assert drawing.leaders is not None
    lines_in = [np.asarray(segment) for segment in drawing.leaders.get_segments()]
    assert len(lines_in) == len(drawing.words.beside) >= len(drawing.words.names) > 5
    nodes = np.column_stack([report.profiles[0].distance_m, report.profiles[0].elevation_m])
    outline_in = drawing.profile.transData.transform(nodes) / drawing.figure.dpi
    for (x, foot), (_, top) in lines_in:
        assert foot == pytest.approx(np.interp(x, outline_in[:, 0], outline_in[:, 1]), abs=0.01)
        assert top > foot


@pytest.mark.parametrize(
    ("case", "place"), [("mathematics", "$\\frac{{{}}}{{2}}$"), ("Cyrillic", "Приют {}")]
)
def test_names_are_drawn_as_they_are(case: str, place: str) -> None:
    drawing = draw(analyze(CASES[case], draws=0), 1)
    assert headings.title(CASES[case], 0) in all_text(drawing)
    assert drawing.words.names
    every = [place.format(k) for k in range(20)]
    shown = [name.get_text() for name in drawing.words.names]
    assert all(any(whole.startswith(name.removesuffix("…")) for whole in every) for name in shown)
    assert set(shown) & set(every)
    assert not any(text.get_parse_math() for text in drawing.words.all)
    assert set(drawing.words.all) == {t for t in drawing.figure.findobj(Text) if t.get_text()}
    save(drawing)  # with warnings as errors


def test_long_names_are_cut() -> None:
    assert style.elide("  a\n b ", 1.0, 9.0) == "a b"
    cut = style.elide(LONG, 1.0, 9.0)
    assert cut.endswith("…")
    assert LONG.startswith(cut[:-1])
    assert 0.8 < style.width_in(cut, 9.0) <= 1.0
    assert style.elide(LONG, 0.1, 9.0) == ""
    said = all_text(draw(analyze(CASES["long names"], draws=0))).split("\n")
    assert not any(2 * LONG in text for text in said)
    assert any(text.startswith(LONG[:20]) and text.endswith("…") for text in said)  # the title


def test_the_longest_name_finds_room() -> None:
    for stage in (None, 2):
        names = draw(analyze(CASES["long names"], draws=0), stage).words.names
        assert names
        assert all(LONG.startswith(name.get_text()[:-1]) for name in names)


@settings(deadline=None)
@given(
    places=st.lists(
        st.tuples(
            st.floats(1.0, 13.0), st.floats(1.0, 3.0), st.floats(0.2, 2.0), st.sampled_from(KINDS)
        ),
        min_size=1,
        max_size=25,
    ),
    airy=st.booleans(),
)
def test_upright_names_never_touch(
    places: list[tuple[float, float, float, str]], airy: bool
) -> None:
    wishes = [labels.Wish(x, y, kind, length, 0.2) for x, y, length, kind in places]
    floor = np.linspace(1.0, 13.0, 200)
    ground = labels.Surroundings(floor, np.full(200, 0.9), (5.0, 7.0), 1.0, 13.0, 4.0)
    spots = labels.find_room(wishes, ground, airy=airy)
    assert len({spot.index for spot in spots}) == len(spots)
    boxes = []
    for spot in spots:
        (left, right), low = (spot.x_in - 0.1, spot.x_in + 0.1), spot.y_in
        high = low + spot.wish.length_in
        boxes.append(100.0 * np.array([(left, low), (right, low), (right, high), (left, high)]))
        assert left >= 1.0
        assert right <= 13.0
        assert high <= 4.0
        assert low > spot.wish.y_in
        assert not any(left < wall < right for wall in ground.walls_in)
    assert overlaps(boxes) == []
    first = min(wishes, key=lambda w: (labels.rank(w.kind), -w.y_in, w.x_in))
    clear = all(abs(first.x_in - wall) > 0.2 for wall in (1.0, *ground.walls_in, 13.0))
    room = first.y_in + first.length_in + labels.LEADER_IN < 4.0
    shown = {id(spot.wish) for spot in spots}
    assert not (clear and room) or id(first) in shown  # the most important is never left out


def test_cols_and_bases_are_named_before_water() -> None:
    order = sorted(["water", "aid", "waypoint", "life-base", "col"], key=labels.rank)
    assert order == ["life-base", "col", "aid", "water", "waypoint"]


def test_summits_without_a_name_have_their_height() -> None:
    hut = Point("Hut", "aid", distance_m=10_300.0)
    course = race(20_000.0, every_m=1e9)
    course = replace(course, stages=(replace(course.stages[0], points=(hut,)),))
    for stage in (None, 1):  # tops are at 2, 6, 10, 14 and 18 km, all of them 1,400 m high
        drawing = draw(analyze(course, draws=0), stage)
        heights = [text.get_text().split(" · ")[0] for text in drawing.words.beside]
        assert heights.count("1,400 m") == 4
        assert [text.get_text() for text in drawing.words.names] == ["Hut"]
    assert len(draw(analyze(course, draws=0), units="imperial").words.beside) == 5


def test_a_name_is_not_behind_another_peak() -> None:
    """A place in the saddle beside a peak: its name is above it or on its own side of the peak."""
    x = np.linspace(1.0, 13.0, 1201)
    peak = 1.0 + 2.0 * np.exp(-(((x - 7.0) / 0.1) ** 2))
    ground = labels.Surroundings(x, peak, (6.8,), 1.0, 13.0, 6.0)
    wish = labels.Wish(6.78, float(np.interp(6.78, x, peak)), "col", 1.0, 0.1)
    (spot,) = labels.find_room([wish], ground, airy=False)
    assert spot.x_in < 7.0
    assert np.hypot(spot.x_in - wish.x_in, spot.y_in - wish.y_in) < labels.LONGEST_LEADER_IN


@pytest.mark.parametrize("size", ["screen", "preview"])
def test_altitude_lines_have_gaps_where_names_are(size: str) -> None:
    drawing = draw(sample("tor-des-geants"), size=size)
    assert drawing.heights is not None
    boxes = dict(words(drawing))
    pixels = drawing.profile.transData.transform
    lines = [pixels(segment) for segment in drawing.heights.get_segments()]
    names = [*drawing.words.names, *drawing.words.beside]
    assert names
    for name in names:
        quad = boxes[name.get_text()]
        low, high = quad.min(axis=0), quad.max(axis=0)
        for (start, y), (end, _) in lines:
            assert not (low[1] < y < high[1] and start < high[0] and end > low[0]), name


def test_a_preview_has_the_name_and_the_clock_of_every_base() -> None:
    report = sample("tor-des-geants")
    drawing = draw(report, size="preview")
    assert report.estimate is not None
    start = report.course.start
    assert start is not None
    said = [text.get_text() for text in drawing.words.rows]
    bases = [text.get_text() for text in drawing.words.bases]
    assert len(bases) == 1 + len(report.course.stages)
    for profile, stage in zip(report.profiles, report.estimate.stages, strict=True):
        point = stage.stops[-1].distance_m if stage.stops else profile.length_m
        arrival_s = stage.arrival_s(min(point, profile.length_m))
        end_s = stage.arrival_s(profile.length_m)
        assert {clock_text(start, arrival_s), clock_text(start, end_s)} & set(said)
    assert [text.get_text() for text in drawing.words.names] == ["Col Loson 3,290 m"]
    assert round(report.facts.highest_m or 0.0) == 3290


def test_a_preview_of_days_has_when_each_ends_and_one_name_for_each_place() -> None:
    report = sample("transrockies-run-2016")
    drawing = draw(report, size="preview")
    said = [text.get_text() for text in drawing.words.rows]
    for stage in report.facts.stages:
        assert stage.start is not None
        assert stage.elapsed_s.p50 is not None
        assert clock_text(stage.start, stage.elapsed_s.p50) in said
    bases = [text.get_text() for text in drawing.words.bases]
    assert bases[0] == "Buena Vista"
    assert "Beaver Creek" in bases
    assert not [name for name in bases if "→" in name]
    assert {"clock", "−30", "30 %"} <= {*said, *(t.get_text() for t in drawing.words.legend)}


def test_the_highest_place_of_a_glance_is_not_named_twice() -> None:
    said = lines_of(draw(sample("grand-to-grand"), 6, size="preview"))
    assert "2,600 m" in said
    assert said.count("Finish") == 1


def test_a_place_with_little_room_keeps_its_name_and_its_cutoff() -> None:
    def twin_peaks(along_m: np.ndarray) -> np.ndarray:
        gauss = [np.exp(-(((along_m - at_m) / 1400.0) ** 2)) for at_m in (28_400.0, 31_600.0)]
        return 1000.0 + 1500.0 * np.sum(gauss, axis=0)

    points = (
        Point("West Col", "col", distance_m=28_400.0),
        Point("Notch Hut", "aid", distance_m=30_000.0, cutoff_s=12.0 * 3600.0),
        Point("East Col", "col", distance_m=31_600.0),
    )
    stage = Stage(1, "Day", track(60_000.0, twin_peaks), points, start=EVENING)
    shown = [text for text, _ in words(draw(analyze(Course("Twins", (stage,)), draws=0), 1))]
    assert {"West Col", "Notch Hut", "East Col"} <= set(shown)
    assert "cutoff 12:00" in shown


def test_the_highest_place_of_a_preview_is_that_of_the_tables() -> None:
    peak = track(9000.0, lambda x: 1000.0 + 0.2 * np.minimum(x, 9000.0 - x))  # smoothing cuts it
    report = analyze(Course("peak", (Stage(1, "peak", peak),)), draws=0)
    highest_m = report.facts.highest_m
    assert highest_m is not None
    (profile,) = report.profiles
    assert f"{float(profile.elevation_m.max()):,.0f}" != f"{highest_m:,.0f}"
    assert f"{highest_m:,.0f} m" in all_text(draw(report, size="preview"))
    assert profile.top_m() == highest_m
    assert profile.top_m(profile.distance_m < 4000.0) < 1800.0 + 1.0
