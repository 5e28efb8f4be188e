"""Drawing and saving: sizes, bytes, wrong words, one's own axes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import UTC, datetime

import matplotlib as mpl
import pytest
from pictures import COURSES, EVENING, SAMPLES, race, sample

from gpxstage.estimator.runner import at_ability
from gpxstage.facts.analysis import Report, analyze
from gpxstage.plot import draw, save


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


def test_saving_twice_changes_nothing(evening: Report) -> None:
    drawing = draw(evening)
    assert save(drawing) == save(drawing)
    assert save(drawing, "svg") == save(draw(evening), "svg")


def test_another_process_draws_the_same() -> None:
    code = (
        "import sys; from gpxstage import analyze, draw, load; from gpxstage.plot import save;"
        f"report = analyze(load({str(SAMPLES / COURSES[1])!r}), draws=0);"
        "sys.stdout.buffer.write(save(draw(report, 1), 'svg'))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert found[0].startswith(b"<?xml")


def test_png_has_no_software_and_its_size(evening: Report) -> None:
    data = save(draw(evening))
    assert b"Software" not in data
    wide, high = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
    assert wide == 2100
    assert 700 < high <= 1140  # lower where the sky would be empty
    assert io.BytesIO(data).read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_stream_gets_the_same_bytes(evening: Report) -> None:
    out = io.BytesIO()
    drawing = draw(evening, 1)
    assert save(drawing, "png", out) == out.getvalue() == save(drawing.figure)


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
