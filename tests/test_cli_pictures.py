"""plot and report: what they write, and what they refuse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from made import Gpxstage

PNG = b"\x89PNG\r\n\x1a\n"
FEW = ("--draws", "20")


def test_a_picture_by_its_ending_and_twice_the_same(run: Gpxstage, race: Path) -> None:
    made = {}
    for ending, begins in (("png", PNG), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", PNG)):
        path = race.parent / f"picture.{ending}"
        assert run("plot", race, "-o", path, *FEW) == (0, "", "", b"")
        made[ending] = path.read_bytes()
        assert made[ending].startswith(begins), ending
    assert made["png"] == made["PNG"]
    assert run("plot", race, "-o", "-", *FEW).raw == made["png"]
    again = race.parent / "again.svg"
    assert run("plot", race, "-o", again, *FEW).code == 0
    assert again.read_bytes() == made["svg"]


def test_a_picture_shows_the_race_or_one_stage(run: Gpxstage, race: Path) -> None:
    ran = run("plot", race, "-o", "-", "--stage", "1", "--stage", "2")
    assert ran.code == 2
    assert "a picture shows the race or one stage" in ran.err


def test_plot_takes_what_is_across_and_a_size(run: Gpxstage, race: Path) -> None:
    more = ((), ("--x", "time"), ("--size", "preview"), ("--draws", "0"), ("--stage", "1"),
            ("--stage", "1", "--same-scale"))  # fmt: skip
    pictures = [run("plot", race, "-o", "-", *FEW, *words).raw for words in more]
    assert len(set(pictures)) == len(more)
    assert all(picture.startswith(PNG) for picture in pictures)


def test_a_clock_across_needs_a_start(run: Gpxstage, hill: Path) -> None:
    ran = run("plot", hill, "-o", "-", "--x", "clock")
    assert (ran.code, ran.raw) == (2, b"")
    assert "--x clock: no clock to put across: the race has no start" in ran.err


def test_a_picture_where_no_folder_is(run: Gpxstage, race: Path) -> None:
    ran = run("plot", race, "-o", race / "none" / "a.png", "--draws", "0")
    assert ran.code == 1
    assert "a.png: cannot be written: No such file or directory" in ran.err


@pytest.mark.usefixtures("few_plans")
def test_report_writes_a_folder_and_says_so(run: Gpxstage, race: Path) -> None:
    out = race.parent / "out"
    ran = run("report", race, "-o", out, *FEW)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.startswith("Two Hills: 17.8 km, ")
    names = {"report.json", "report.md", "splits.csv", "race.png", "stage-1.png", "stage-2.png"}
    assert names <= {path.name for path in out.iterdir()}
    assert (out / "report.json").read_text("utf-8") == run("estimate", race, "--json", *FEW).out
    assert (out / "report.md").read_text("utf-8") == run("estimate", race, "--markdown", *FEW).out
    assert (out / "splits.csv").read_text("utf-8") == run("estimate", race, "--csv", *FEW).out


@pytest.mark.usefixtures("few_plans")
def test_report_where_a_file_is(run: Gpxstage, race: Path) -> None:
    taken = race.parent / "out"
    taken.write_text("mine")
    ran = run("report", race, "-o", taken)
    assert ran.code == 1
    assert "cannot be made a folder" in ran.err
    assert taken.read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "",
        "x.png/",
        "png",
    ],
)
def test_a_picture_without_an_ending(
    run: Gpxstage, hill: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hill.parent)
    ran = run("plot", hill, "-o", name)
    assert ran.code == 2
    assert "the ending must be .png, .svg or .pdf" in ran.err
    assert run("fit", hill, "-o", "-", "--plot", name or "svg").code == 2
    assert os.listdir() == ["hill.gpx"]
