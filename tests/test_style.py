"""Colours, fonts and rows of words."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import all_text, lines_of, race, troubles

from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw, lost, save, style
from gpxstage.plot.style import (
    AWAKE,
    GRADE_COLOURS,
    HIKE,
    NIGHT,
    RUN,
    SLEEPY,
    grade_colours,
    hike_colours,
    rgb,
)
from gpxstage.text import legible


@pytest.mark.parametrize("name", ["富士登山競走", "🏔 Race", "a\u202eb\u200bc\x07"])
def test_letters_that_the_font_lacks_are_no_warning(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(draw(analyze(race(5000.0, name=name), draws=0)))


def test_both_arms_of_the_scale_darken_with_steepness() -> None:
    grey = grade_colours(np.array([-0.4, -0.25, -0.15, -0.07, 0.0, 0.07, 0.15, 0.25, 0.4])) @ [
        0.30,
        0.59,
        0.11,
    ]
    assert (np.diff(grey[:5]) > 0.0).all()
    assert (np.diff(grey[4:]) < 0.0).all()
    assert (np.diff(hike_colours(np.linspace(0.0, 1.0, 5)).sum(axis=1)) < 0.0).all()


@settings(deadline=None)
@given(
    spans=st.lists(st.tuples(st.floats(1.0, 13.0), st.floats(0.0, 4.0)), min_size=1, max_size=15)
)
def test_words_in_a_row_never_touch(spans: list[tuple[float, float]]) -> None:
    placed = style.in_row(spans, (1.0, 13.0), 0.1)
    taken = sorted((left, left + spans[k][1]) for k, left in placed.items())
    assert all(b - a >= 0.1 - 1e-9 for (_, a), (b, _) in itertools.pairwise(taken))
    assert all(left >= 1.0 and right <= 13.0 + 1e-9 for left, right in taken)
    assert spans[0][1] <= 0.0 or 0 in placed  # the first is served first
    for k, left in placed.items():
        assert left - 1e-9 <= spans[k][0] <= left + spans[k][1] + 1e-9  # above its place


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
