"""In a notebook: a report shows its tables, a drawing its picture; the worked example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import gpxstage as gs
from gpxstage.report.say import all_tables

ROOT = Path(__file__).resolve().parents[1]
EVIL = "<script>alert(1)</script> & \x1b[31m\u202ex"
READ = "<script>alert(1)</script> & [31mx"


@pytest.fixture(scope="module")
def report() -> gs.Report:
    return gs.analyze(gs.load(ROOT / "sample_courses" / "chattanooga-mountains"), draws=20)


class Tables(HTMLParser):
    """Words by tag, in order; tags that are open at the end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        self.open.append(tag)
        self.words.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self.open:
            self.words[self.open[-1]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_report_shows_its_tables(report: gs.Report) -> None:
    found = Tables(report._repr_html_())
    assert found.open == []
    every = all_tables(report, wide=True)
    cells = [cell for table in every for row in table.rows for cell in row]
    assert found.words["td"] == cells
    assert found.words["caption"] == [table.title for table in every if table.title]
    assert found.words["strong"] == ["track: sketch"]
    assert found.words["h3"] == ["Chattanooga Mountains Stage Race"]


def test_names_and_notes_are_text(report: gs.Report) -> None:
    stages = tuple(
        replace(stage, name=EVIL, points=tuple(replace(p, name=EVIL) for p in stage.points))
        for stage in report.course.stages
    )
    course = replace(report.course, name=EVIL, survey=EVIL, stages=stages, notes=(EVIL,))
    shown = replace(report, course=course, notes=(EVIL,))._repr_html_()
    found = Tables(shown)
    assert "script" not in found.seen
    assert READ in found.words["td"]
    assert (found.words["h3"], found.words["li"]) == ([READ], [READ])
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", shown)


def test_what_was_only_measured_shows_too(report: gs.Report) -> None:
    shown = gs.analyze(report.course, estimated=False)._repr_html_()
    assert "<caption>Stages" in shown
    assert "after" not in Tables(shown).words["th"]


def test_a_drawing_shows_itself(report: gs.Report) -> None:
    shown = gs.draw(report)._repr_png_()
    assert shown.startswith(b"\x89PNG\r\n\x1a\n")
    assert gs.draw(report)._repr_png_() == shown


def test_the_worked_example_runs() -> None:
    ran = subprocess.run(
        [sys.executable, "docs/worked_example.py"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert ran.stderr == ""
    tor = gs.analyze(gs.load(ROOT / "sample_courses" / "tor-des-geants"), draws=0)
    assert tor.estimate is not None
    hours = f"{tor.estimate.elapsed_s / 3600:.0f} h"
    lines = ran.stdout.splitlines()
    assert lines[0] == "Tor des Géants 7 stages, track: reconstructed"
    assert [line.split()[:3] for line in lines if line.startswith("mid")] == [
        ["mid", *hours.split()]
    ]
    assert lines[2].startswith(f"{hours}, ")
