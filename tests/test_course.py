"""The nouns: finding a point by what people type."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from matplotlib.text import Text

from gpxstage.course import Course, CourseError, Point, Stage, Track
from gpxstage.facts.analysis import analyze
from gpxstage.plot import draw, save
from gpxstage.racefile import load
from gpxstage.text import legible

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
NOWHERE = Track(*(np.zeros(2) for _ in range(4)), np.zeros(1, int))


def course(*stages: list[tuple[str, float | None]]) -> Course:
    made = [
        Stage(k, f"day {k}", NOWHERE, tuple(Point(name, distance_m=at_m) for name, at_m in points))
        for k, points in enumerate(stages, 1)
    ]
    return Course("made", tuple(made))


TWO_DAYS = course(
    [("Col Nord", 5e3), ("Aid", 8e3), ("Col", 9e3), ("Rhêmes", 2e4)],
    [("Rhêmes", 0.0), ("Aid", 4e3), ("Lost", None), ("Rifugio  Sella", 6e3), ("Aid", 9e3)],
)


@pytest.mark.parametrize(
    ("name", "number", "at_m"),
    [
        ("Col N", 1, 5e3),
        ("col", 1, 9e3),  # the whole name goes before a beginning
        ("rhemes", 1, 2e4),  # both sides of a border are one place
        ("RIFUGIO SELLA", 2, 6e3),
        ("1/Aid", 1, 8e3),
        ("2/rif", 2, 6e3),
        ("2/Aid/1", 2, 4e3),  # which pass of it in that stage
        ("2/aid/2", 2, 9e3),
        ("Aid/1", 1, 8e3),  # in the race
        ("Aid/3", 2, 9e3),
        ("Col/1", 1, 9e3),
    ],
)
def test_a_point_by_a_unique_beginning(name: str, number: int, at_m: float) -> None:
    stage, point = TWO_DAYS.point(name)
    assert (stage.number, point.distance_m) == (number, at_m)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Aid", '"Aid" may be 1/Aid [(]km 8.0[)], 2/Aid/1 [(]km 4.0[)], 2/Aid/2 [(]km 9.0[)]'),
        ("2/Aid", "may be 2/Aid/1 [(]km 4.0[)], 2/Aid/2 [(]km 9.0[)]"),
        ("R", "may be 1/Rhêmes [(]km 20.0[)], 2/Rifugio"),
        ("2/Aid/3", "is no pass: Aid is passed 2 times"),
        ("2/Aid/0", "is no pass"),
        ("Col Nord/2", "is no pass: Col Nord is passed 1 time"),
        ("R/2", "may be 1/Rhêmes [(]km 20.0[)], 2/Rifugio"),
        ("Aid/" + 5000 * "9", "is no point"),
        ("Lost", '"Lost" is no point on the track'),
        ("3/Aid", "is no point"),
        ("", "is no point"),
        ("2/", "is no point"),
    ],
)
def test_a_name_that_means_none_or_several_is_refused(name: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        TWO_DAYS.point(name)


def test_every_pass_of_a_place_is_found_by_the_name_that_it_is_given() -> None:
    there = course(
        [("Camp", 2e3), ("Km 5/2", 3e3), ("Camp", 4e3), ("3/4 way", 5e3), ("Camp", 6e3)],
    )
    for one in (there, TWO_DAYS):
        for stage in one.stages:
            for point in stage.points:
                if point.distance_m:
                    assert one.point(one.name_of(stage, point)) == (stage, point)
    assert there.name_of(there.stages[0], there.stages[0].points[2]) == "Camp/2"
    assert there.point("Km 5/2")[1].distance_m == 3e3  # its own name, no pass
    assert [point.distance_m for _, point in there.meant("camp")] == [2e3, 4e3, 6e3]


def test_where_a_race_starts_and_ends_its_name_means_the_end() -> None:
    start = Point("Town", "start", distance_m=0.0)
    loop = Course("x", (Stage(1, "x", NOWHERE, (start, Point("Town", "finish", distance_m=9e3))),))
    assert loop.point("Town")[1].kind == "finish"


def test_a_stage_by_its_number_wherever_it_is_among_the_stages() -> None:
    third = Course("x", tuple(replace(stage, number=stage.number + 2) for stage in TWO_DAYS.stages))
    assert [third.index(stage.number) for stage in third.stages] == [0, 1]
    with pytest.raises(ValueError, match="list"):
        third.index(1)


def test_every_place_of_the_tor_is_found_by_its_name() -> None:
    tor = load(SAMPLES / "tor-des-geants")
    for stage in tor.stages:
        for point in stage.points:
            assert tor.point(point.name)[1].name == point.name
    assert tor.point("Cogne")[0].number == 2
    assert tor.point("gressoney")[1].name == "Gressoney-Saint-Jean"


@given(st.text())
def test_what_is_legible_can_be_shown_anywhere(text: str) -> None:
    found = legible(text)
    assert legible(found) == found
    etree.fromstring(f"<a>{escape(found)}</a>")  # XML has no control characters
    found.encode()  # nor has UTF-8 halves of letters
    assert not [c for c in found if c < " " or "\u202a" <= c <= "\u202e"]


def test_a_picture_leaves_out_what_no_file_may_hold() -> None:
    evil = "no\x1b[31m\u202e\x00 <b>pass</b> -->"
    tor = load(SAMPLES / "chattanooga-mountains")
    stages = tuple(
        replace(s, name=evil, points=(replace(s.points[0], name=evil),)) for s in tor.stages
    )
    drawn = draw(analyze(replace(tor, name=evil, survey=evil, stages=stages), draws=0))
    shown = [text.get_text() for text in drawn.figure.findobj(Text)]
    assert [text for text in shown if text.startswith("no[31m <b>pass</b>")]
    assert not [text for text in shown if "\x1b" in text or "\u202e" in text]
    etree.fromstring(save(drawn, "svg"))
