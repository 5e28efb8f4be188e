"""As the README says, on every machine: commands, words on the surface."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from rich.cells import cell_len

import gpxstage as gs
from gpxstage import folder
from gpxstage.cli import COMMANDS, cli
from gpxstage.facts.analysis import Report
from gpxstage.report.markup import text, whole
from gpxstage.report.say import all_tables
from gpxstage.report.say.tables import Table

ROOT = Path(__file__).resolve().parents[1]
COURSES = ROOT / "sample_courses"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_command_of_the_readme_installs_all_of_it() -> None:
    first, second = re.findall(r"^```sh\n(.*?)\n```$", README, re.M | re.S)
    assert "pip install -q '.[web]' && " in first
    assert first.endswith("gpxstage report sample_courses/tor-des-geants -o out")
    assert "pip install -q -e '.[dev]' && " in second
    checked = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert set(folder.WITH_WEB) <= set(re.findall(r"[\w.]+\.(?:html|ics)", checked))


def words() -> Iterator[tuple[Path, str]]:
    """All that people may read of the project: its pages, its program, its helpers."""
    for pattern in ("*.md", "docs/*.md", "gpxstage/**/*.py", "gpxstage/**/*.html*", "Makefile"):
        for path in ROOT.glob(pattern):
            yield path, path.read_text(encoding="utf-8")


def test_every_install_that_is_advised_works_from_a_clone() -> None:
    advised = [
        (path.name, target)
        for path, said in words()
        for target in re.findall(r"pip install(?: -\w)* ['\"]?([^\s'\"`]+)", said)
    ]
    assert {name for name, _ in advised} >= {"README.md", "cli.md", "folder.py", "garmin.py"}
    assert [each for each in advised if not re.match(r"\.(\[\w+\])?$", each[1])] == []
    assert [path.name for path, said in words() if "gpxstage[" in said] == []


def test_what_needs_the_extra_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = gs.analyze(gs.load(COURSES / "chattanooga-mountains"), crew_items=("soup",), draws=0)
    assert folder.left_out(report) == []
    monkeypatch.setattr(folder, "find_spec", lambda name: None)
    note, watch = folder.left_out(report)
    assert watch.startswith("no FIT course for watches: it needs the extra [fit]")
    assert note.startswith(
        "no index.html, crew.html, pocket.html, race.ics: they need the extra [web]:"
    )
    assert "pip install '.[web]'" in note
    assert "crew items are printed on crew.html alone" in note
    plain = gs.analyze(gs.load(COURSES / "chattanooga-mountains"), draws=0)
    assert "crew items" not in folder.left_out(plain)[0]
    assert "extra [web]" in help_of("report")["--crew-item"]


def test_what_the_readme_shows_in_python_is_what_python_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    shown = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    assert len(shown.examples) >= 6
    out: list[str] = []
    failed, tried = doctest.DocTestRunner().run(shown, out=out.append)
    assert (failed, tried) == (0, len(shown.examples)), "".join(out)


def help_of(command: str) -> dict[str, str]:
    """What --help says of each option."""
    context = click.Context(cli)
    found = cli.get_command(context, command)  # type: ignore[attr-defined]
    assert found is not None
    options = [param for param in found.params if isinstance(param, click.Option)]
    return {option.opts[0]: option.help or "" for option in options}


NO_SUBJECT = {"Of", "On", "To", "With", "From", "For", "As", "In", "By", "What", "How", "Is"}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_a_sentence_that_begins_with_a_noun_or_a_verb(command: str) -> None:
    about = cli.get_command(click.Context(cli), command).get_short_help_str(200)  # type: ignore[attr-defined]
    for option, said in {"": about, **help_of(command)}.items():
        assert re.match(r"[A-Z][A-Za-z]*\b", said), (option, said)
        assert said.split()[0] not in NO_SUBJECT, (option, said)
        assert said.endswith("."), (option, said)
        assert not re.search(r"\b(it is asked|told|of it|stands)\b", said), (option, said)


@pytest.fixture(scope="module")
def report() -> Report:
    return gs.analyze(gs.load(COURSES / "tor-des-geants"), draws=0)


@pytest.mark.parametrize("columns", [80, 112, 120, 121, 128, 140])
def test_no_name_of_a_stage_breaks_within_a_word(report: Report, columns: int) -> None:
    made = all_tables(report, wide=columns >= 112, fits=lambda table: whole(table, columns))
    shown = text(made, width=columns)
    for stage in report.course.stages:
        for word in stage.name.split():
            assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", shown), (columns, word)
    assert max(cell_len(line) for line in shown.splitlines()) <= columns


def test_a_table_with_room_for_its_words_is_whole() -> None:
    table = Table("", ("stage", "km"), (("Gressoney-Saint-Jean - Ollomont", "12.5"),))
    assert whole(table, 20 + 2 + 4)
    assert not whole(table, 20 + 2 + 3)
    assert "Gressoney-Saint-Jean" in text([table], width=26)
    assert whole(Table("", ("a", "b"), ()), 4)


def ramp(number: int, grade: float) -> gs.Stage:
    """A stage of 2 km that climbs evenly."""
    along_m = np.linspace(0.0, 2000.0, 101)
    missing, north_deg = np.full(101, np.nan), 45.0 + along_m / 111_132.0
    track = gs.Track(north_deg, np.full(101, 7.0), grade * along_m, missing, np.array([0]))
    return gs.Stage(number, f"Ramp {number}", track)


@pytest.mark.parametrize(
    ("grades", "says"),
    [
        ((0.6,), "100.0 % of the length is"),
        ((0.1, 0.6), "stage 2: 100.0 % of the length is"),
        ((0.6, 0.1, 0.7), "stages 1, 3: up to 100.0 % of the length is"),
    ],
)
@pytest.mark.parametrize("model", ["gait", "minetti"])
def test_what_no_model_knows_is_noted_once_for_a_race(
    model: str, grades: tuple[float, ...], says: str
) -> None:
    course = gs.Course("Ramps", tuple(ramp(k, grade) for k, grade in enumerate(grades, 1)))
    (note,) = (n for n in gs.analyze(course, model=model, draws=0).notes if "steeper" in n)
    assert note == f"{says} steeper than the model {model} knows and counts as its steepest grade"


ROW = re.compile(r"^\| (.+?) \| (.+?) \| `(tests/\w+\.py)::(?:(\w+)::)?(\w+)` \|$")


def promises() -> list[str]:
    lines = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("|")][2:]


def test_every_promise_names_a_test_that_exists() -> None:
    assert len(promises()) >= 15
    for line in promises():
        row = ROW.match(line)
        assert row, f"not promise | how | `tests/test_x.py::test_y`: {line}"
        source = (ROOT / row[3]).read_text(encoding="utf-8")
        assert re.search(rf"^\s*def {row[5]}\(", source, re.M), line
        assert row[4] is None or re.search(rf"^class {row[4]}\b", source, re.M), line


def test_promises_are_sorted_and_stand_once() -> None:
    topics = [line.split("|")[1].strip().casefold() for line in promises()]
    assert topics == sorted(set(topics))
