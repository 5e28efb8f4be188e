"""Drawing and saving: sizes, bytes, wrong words, one's own axes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from pictures import COURSES, EVENING, SAMPLES, race, sample, track

from gpxstage.course import Course, Stage
from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import Report, analyze
from gpxstage.plot import draw, save
from gpxstage.racefile import load


def test_a_stage_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="no stage 3: the race has 1 to 2"):
        draw(analyze(race(5000.0, 5000.0), draws=0), 3)


@pytest.fixture(scope="module")
def evening() -> Report:
    who = at_ability(3.75, "mid")
    return analyze(race(10_000.0, 8000.0, start=EVENING, survey="sketch"), who, draws=0)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_picture_is_the_same_bytes(evening: Report, kind: str) -> None:
    first, second = (save(draw(evening, 2), kind) for _ in range(2))
    assert first == second
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    for trace in (str(datetime.now(tz=UTC).year).encode() + b"-", b"CreationDate", b"dc:date"):
        assert trace not in first


def test_another_process_draws_the_same() -> None:
    code = (
        "import sys; from gpxstage import analyze, draw, load; from gpxstage.plot import save;"
        f"report = analyze(load({str(SAMPLES / COURSES[1])!r}), draws=0);"
        "sys.stdout.buffer.write(save(draw(report, 1), 'svg'))"
    )
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"  # another one than here
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )
    assert ran.stdout == save(draw(analyze(load(SAMPLES / COURSES[1]), draws=0), 1), "svg")
    assert ran.stdout.startswith(b"<?xml")


def test_png_has_no_software_and_its_size(evening: Report) -> None:
    data = save(draw(evening))
    assert b"Software" not in data
    wide, high = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
    assert wide == 2100
    assert 700 < high <= 1250  # lower where the sky would be empty
    assert io.BytesIO(data).read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_stream_gets_the_same_bytes(evening: Report) -> None:
    out = io.BytesIO()
    drawing = draw(evening, 1)
    assert save(drawing, "png", out) == out.getvalue() == save(drawing.figure)  # saved twice
    assert save(drawing, "svg") == save(draw(evening, 1), "svg")


def test_the_readers_own_style_changes_nothing(evening: Report) -> None:
    plain = save(draw(evening))
    with mpl.rc_context({"font.family": "serif", "figure.facecolor": "pink", "lines.linewidth": 9}):
        assert save(draw(evening)) == plain
        assert mpl.rcParams["lines.linewidth"] == 9


def test_wrong_words_are_told() -> None:
    report = analyze(race(1000.0), draws=0)
    with pytest.raises(ValueError, match="units is one of metric, imperial, not 'nautical'"):
        draw(report, units="nautical")
    with pytest.raises(ValueError, match="a picture is png, svg, pdf, not 'gif'"):
        save(draw(report), "gif")


def test_a_preview_has_the_size_of_a_post() -> None:
    data = save(draw(sample("tor-des-geants"), size="preview"))
    assert tuple(int.from_bytes(data[k : k + 4], "big") for k in (16, 20)) == (1200, 630)


def test_print_is_a_sheet_of_a4() -> None:
    for stage in (None, 2):
        figure = draw(sample("tor-des-geants"), stage, size="print").figure
        assert figure.get_size_inches() * 25.4 == pytest.approx([297.0, 210.0], abs=0.1)
        assert figure.dpi == 300


def test_a_poster_is_a_sheet_of_a2() -> None:
    for stage in (None, 2):
        figure = draw(sample("tor-des-geants"), stage, size="poster").figure
        assert figure.get_size_inches() * 25.4 == pytest.approx([594.0, 420.0], abs=0.1)


@pytest.mark.parametrize(("size", "least"), [("preview", 0.45), ("print", 0.25), ("poster", 0.25)])
@pytest.mark.parametrize("name", ["tor-des-geants", "transrockies-run-2016"])
def test_a_profile_uses_its_sheet(name: str, size: str, least: float) -> None:
    drawing = draw(sample(name), size=size)
    assert drawing.ground.outline is not None
    nodes = np.concatenate(drawing.ground.outline.get_segments())
    low_m = drawing.profile.get_ylim()[0]
    ends = np.array([[0.0, low_m], [0.0, nodes[:, 1].max()]])
    foot_px, top_px = drawing.profile.transData.transform(ends)[:, 1]
    assert top_px - foot_px > least * drawing.figure.get_figheight() * drawing.figure.dpi


# a user's own axes


@pytest.mark.parametrize("across", ["distance", "time", "clock"])
def test_own_axes_get_what_a_whole_picture_has(across: str) -> None:
    report = sample("tor-des-geants")
    upper, lower = Figure().subplots(2)
    drawing, whole = draw(report, ax=lower, across=across), draw(report, across=across)
    assert drawing.profile is lower
    assert drawing.figure is lower.figure
    assert not upper.collections
    assert lower.get_xlim() == whole.profile.get_xlim()
    for own, other in (
        (drawing.ground.fill, whole.ground.fill),
        (drawing.nights, whole.nights),
    ):
        assert own is not None
        assert other is not None
        assert own.axes is lower
        assert len(own.get_paths()) == len(other.get_paths())
        assert np.array_equal(own.get_facecolor(), other.get_facecolor())
    assert (drawing.ground.stopped is None) == (across == "distance")
    assert len(drawing.borders.get_segments()) == len(report.course.stages) - 1
    assert save(drawing, "svg").startswith(b"<?xml")


def test_own_axes_are_labelled_in_the_units_and_count_in_metres(evening: Report) -> None:
    axes = Figure().subplots()
    draw(evening, 1, ax=axes)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("km", "m")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "2", "4", "6", "8", "10"]
    assert axes.get_xticks().tolist() == [0.0, 2000.0, 4000.0, 6000.0, 8000.0, 10_000.0]
    draw(evening, 1, ax=axes, units="imperial")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("mi", "ft")
    assert axes.get_xticks()[1] == pytest.approx(2 * 1609.344)
    assert axes.get_xlim()[1] == pytest.approx(evening.profiles[0].length_m)


def test_stages_on_own_axes_share_one_vertical_scale() -> None:
    report = sample("tor-des-geants")
    limits = set()
    for number, axes in enumerate(Figure().subplots(7), 1):
        draw(report, number, ax=axes)
        limits.add(axes.get_ylim())
    assert len(limits) == 1


def test_own_axes_of_a_course_without_elevation_stay_empty() -> None:
    bare = Course("bare", (Stage(1, "bare", track(10_000.0, None)),))
    drawing = draw(analyze(bare, draws=0), ax=Figure().subplots())
    assert drawing.ground.fill is None
    assert drawing.profile.get_yticks().tolist() == []


def test_own_axes_leave_no_place_for_a_size(evening: Report) -> None:
    axes = Figure().subplots()
    for how in ({"size": "print"}, {"same_scale": True}):
        with pytest.raises(ValueError, match="leave them out with ax"):
            draw(evening, ax=axes, **how)
    with pytest.raises(TypeError, match="ax is an Axes of matplotlib, not a Figure"):
        draw(evening, ax=axes.figure)
    assert not axes.collections
