"""Tables for people: they fit, they align, they say what a runner asks."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.headline import headline
from gpxstage.racefile import load
from gpxstage.report.markup import text
from gpxstage.report.say import all_tables
from gpxstage.report.say.tables import Table
from gpxstage.text import one_line
from gpxstage.units import UNITS

METRIC, IMPERIAL = UNITS["metric"], UNITS["imperial"]
LONG = "Rifugio dell'Alpe più lontana di tutte le valli della regione autonoma, lato nord"


def course(count: int = 2, name: str = "Hill", **changes: Any) -> Course:
    """Stages over one hill each, a hut on top."""
    n = 201
    height = 1200.0 + 1200.0 * np.sin(np.linspace(0.0, math.pi, n))
    track = Track(
        45.0 + np.linspace(0.0, 0.15, n),
        np.full(n, 7.0),
        height,
        np.full(n, np.nan),
        np.array([0]),
    )
    hut = Point("Hut on top", "aid", distance_m=8300.0, cutoff_s=9000.0)
    stages = tuple(Stage(k, f"{name} {k}", track, points=(hut,)) for k in range(1, count + 1))
    return Course("Hills", stages, **changes)


def shown(report: Report, units: str = "metric", **options: Any) -> str:
    """What a terminal shows."""
    return text(all_tables(report, units), title=report.course.name, **options)


@pytest.mark.parametrize("units", ["metric", "imperial"])
@pytest.mark.parametrize("estimated", [False, True], ids=["info", "estimate"])
@pytest.mark.parametrize("name", ["Hill", LONG, "長い名前の峠道" * 9, "\x1b[2J\u202eevil\n"])
def test_it_fits_eighty_columns(units: str, estimated: bool, name: str) -> None:
    report = analyze(course(12, name), estimated=estimated, draws=0)
    found = shown(report, units)
    assert max(cell_len(line) for line in found.splitlines()) <= 80
    assert "…" not in found  # no figure is cut
    assert not [c for c in found if c != "\n" and (c < " " or c == "\u202e")]
    assert not [line for line in found.splitlines() if line != line.rstrip()]


def test_long_names_wrap_and_lose_nothing() -> None:
    found = shown(analyze(course(2, LONG), estimated=False))
    flat = re.sub(r"[^\w']", "", found.split("Stages")[1].split("Points")[0])
    position = 0
    for letter in filter(str.isalnum, LONG):
        position = flat.find(letter, position) + 1
        assert position > 0, letter


def test_the_columns_of_a_table_are_aligned() -> None:
    table = Table("", ("point", "km", "m"), (("Hut", "8.3", "2,400"), ("A", "12.0", "9")))
    lines = text([table]).splitlines()
    assert lines[0].split() == ["point", "km", "m"]
    assert len({len(line) for line in lines}) == 1
    assert lines[2].index("8.3") + 3 == lines[3].index("12.0") + 4


def test_an_estimate_says_what_a_runner_asks() -> None:
    found = shown(analyze(course(limit_s=90_000.0), draws=0))
    assert re.search(
        r"^runner +mid \(50th of a hundred, \d+\.\d km flat in an hour, \d\.\d kg carried\)$",
        found,
        re.M,
    )
    assert re.search(r"^expected +\d+ h \d+ min, \d+ h( \d+ min)? inside the limit$", found, re.M)
    assert re.search(r"^hiked +\d+ % of the moving time, \d+ % of the distance$", found, re.M)
    assert re.search(r"^energy +[\d,]+ kcal while moving, for a body of 70.0 kg$", found, re.M)
    assert "in the dark" not in found  # no start, no night
    for title in ("Stages", "Points", "Climbs", "By grade", "By altitude"):
        assert f"\n\n{title}" in found
    assert re.search(
        r"^1 +Hut on top +8\.3 +2,[34]\d\d +\d:\d\d +\d:\d\d +[+−]\d:\d\d$", found, re.M
    )


def test_a_late_runner_sees_it() -> None:
    found = shown(analyze(course(limit_s=3600.0), draws=0))
    assert re.search(r"^expected .*past the limit$", found, re.M)
    assert re.search(r"^2 +Hut on top .* −\d+:\d\d$", found, re.M)


def test_figures_stand_side_by_side() -> None:
    found = shown(
        analyze(course(official_length_m=33_000.0, official_gain_m=2500.0), estimated=False)
    )
    lines = found.splitlines()
    assert lines[1].split() == ["measured", "low", "to", "high", "raw", "sum", "organiser's"]
    assert re.fullmatch(r"distance +33\.3 km +33\.0", lines[3])
    assert re.fullmatch(r"climb +2,\d{3} m +2,\d{3} to 2,\d{3} +2,400 +2,500", lines[4])


def test_no_elevation_says_unknown() -> None:
    flat = course(1).stages[0]
    track = Track(
        flat.track.lat_deg,
        flat.track.lon_deg,
        np.full(len(flat.track), np.nan),
        flat.track.time_s,
        np.array([0]),
    )
    found = shown(analyze(Course("Flat", (Stage(1, "Flat", track),)), draws=0))
    assert re.search(r"^climb +unknown$", found, re.M)
    assert "nan" not in found.lower()
    assert "By grade" not in found


def test_the_sum_stands_under_several_stages() -> None:
    found = shown(analyze(course(3), estimated=False))
    assert re.search(r"^ +whole race +50\.0 +3,600 +3,600", found, re.M)
    assert "whole race" not in shown(analyze(course(1), estimated=False))


def test_the_hiked_share_of_the_race_is_one_figure() -> None:
    race = Path(__file__).parents[1] / "sample_courses" / "tor-des-geants"
    found = shown(analyze(load(race), LEVELS["elite"], draws=0))
    said = re.search(r"^hiked +(\d+) % of the moving time", found, re.M)
    summed = re.search(r"^ +whole race .* (\d+) +\d+:\d\d$", found, re.M)
    assert said
    assert summed
    assert said[1] == summed[1]


def test_only_the_stages_that_are_asked_for() -> None:
    report = analyze(course(3), draws=0)
    found = text(all_tables(report, stages=(2,)))
    assert "Hill 2" in found
    assert "Hill 1" not in found
    whole = shown(report)
    time = re.search(r"^expected .*$", whole, re.M)
    assert time
    assert time[0] in found  # the race is still the race


def test_distances_run_through_where_the_clock_does() -> None:
    through = shown(analyze(course(2), estimated=False))
    assert re.search(r"^2 +Hut on top +25\.0 ", through, re.M)
    staged = shown(analyze(course(2, format="staged"), estimated=False))
    assert re.search(r"^2 +Hut on top +8\.3 ", staged, re.M)


def test_wide_tables_have_the_legs_and_the_descents() -> None:
    report = analyze(course(1), draws=0)
    points = next(
        table for table in all_tables(report, wide=True) if table.title.startswith("Points")
    )
    assert {"kind", "leg km", "leg +m", "cutoff", "margin"} <= set(points.columns)
    climbs = next(table for table in all_tables(report, wide=True) if "descents" in table.title)
    assert [row[3][0] for row in climbs.rows] == ["1", "−"]


def test_a_plain_model_has_no_hiked_column() -> None:
    found = shown(analyze(course(), model="tobler", draws=0))
    assert "hiked" not in found
    assert "moving time by the model tobler" in " ".join(found.split())


def test_colour_only_when_asked() -> None:
    report = analyze(course(1), estimated=False)
    assert "\x1b[" not in shown(report)
    assert "\x1b[" in shown(report, colour=True)


def test_the_surroundings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    report = analyze(course(1), estimated=False)
    before = shown(report)
    for name, value in (("COLUMNS", "40"), ("FORCE_COLOR", "1"), ("TTY_COMPATIBLE", "1")):
        monkeypatch.setenv(name, value)
    assert shown(report) == before


def test_a_report_is_printed_in_one_sentence() -> None:
    report = analyze(course(), draws=0)
    assert str(report) == headline(report.facts)


def test_the_headline() -> None:
    said = headline(analyze(course(), draws=0).facts)
    assert re.fullmatch(
        r"Hills: 33\.3 km, \+2,\d{3} m, \d+ h( \d+ min)? for mid, \d+ % of the moving time hiked",
        said,
    )
    assert headline(analyze(course(), estimated=False).facts, "imperial").startswith(
        "Hills: 20.7 mi, +7"
    )


def test_names_are_one_harmless_line() -> None:
    assert (
        one_line("Col\td'Arp\r\n\x1b[31mred\x07 \u202etxt.exe\u200b") == "Col d'Arp [31mred txt.exe"
    )
    assert one_line(None) == ""
