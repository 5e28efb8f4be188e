"""The files of a race folder: whole, the same twice, nothing where it cannot be."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gpxstage import folder
from gpxstage.course import Course, CourseError, Stage, Track
from gpxstage.facts.analysis import Report, analyze

PNG = b"\x89PNG\r\n\x1a\n"


def course(count: int = 2) -> Course:
    n = 101
    track = Track(
        45.0 + np.linspace(0.0, 0.05, n),
        np.full(n, 7.0),
        1500.0 + 300.0 * np.sin(np.linspace(0.0, math.pi, n)),
        np.full(n, np.nan),
        np.array([0]),
    )
    return Course("Hills", tuple(Stage(k, f"Hill {k}", track) for k in range(1, count + 1)))


@pytest.fixture(scope="module")
def report() -> Report:
    return analyze(course(), draws=0)


@pytest.fixture(scope="module")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("race") / "out"
    folder.write(report, path)
    return path


def test_all_files_of_a_race(written: Path) -> None:
    names = {path.name for path in written.iterdir()}
    assert {"report.json", "report.md", "splits.csv", "race.png"} <= names
    assert {"stage-1.png", "stage-2.png"} <= names
    assert "stage-3.png" not in names
    assert all(path.read_bytes().startswith(PNG) for path in written.glob("*.png"))
    assert json.loads((written / "report.json").read_text("utf-8"))["name"] == "Hills"
    assert (written / "report.md").read_text("utf-8").startswith("# Hills\n")
    assert (written / "splits.csv").read_text("utf-8").startswith("stage,point,")


def test_it_says_what_it_wrote_and_writes_the_same_bytes_again(
    written: Path, tmp_path: Path
) -> None:
    names = folder.write(analyze(course(), draws=0), tmp_path)
    assert sorted([*names, folder.LIST]) == sorted(path.name for path in tmp_path.iterdir())
    for path in written.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_nothing_written_names_the_folder(written: Path) -> None:
    for path in written.iterdir():
        assert str(written).encode() not in path.read_bytes()


def test_some_stages_in_miles(report: Report, tmp_path: Path) -> None:
    folder.write(report, tmp_path, folder.Form(units="imperial", stages=(2,), pages=False))
    assert not (tmp_path / "stage-1.png").exists()
    assert (tmp_path / "stage-2.png").exists()
    assert "| mi" in (tmp_path / "report.md").read_text("utf-8").replace("  ", " ")
    head, *lines = (tmp_path / "splits.csv").read_text("utf-8").splitlines()
    assert "race_mi" in head
    assert [line[0] for line in lines] == ["2"]


def test_folders_above_are_made(report: Report, tmp_path: Path) -> None:
    folder.write(report, tmp_path / "a" / "b", folder.Form(pictures=False, pages=False))
    assert (tmp_path / "a" / "b" / "report.json").exists()


def test_a_file_where_the_folder_should_be_stays(report: Report, tmp_path: Path) -> None:
    taken = tmp_path / "out"
    taken.write_text("mine")
    drawn: list[str] = []
    with pytest.raises(CourseError, match=r"out: cannot be made a folder"):
        folder.write(report, taken, drawn=lambda: drawn.append("a picture"))
    assert taken.read_text() == "mine"
    assert drawn == []  # it is said before the work


def test_a_picture_that_fails_leaves_nothing(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> bytes:
        raise RuntimeError("no ink")

    monkeypatch.setattr("gpxstage.plot.save", fails)
    with pytest.raises(RuntimeError, match="no ink"):
        folder.write(report, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    folder.write_file(path, b"long before")
    folder.write_file(path, b"now")
    assert path.read_bytes() == b"now"
    assert list(tmp_path.iterdir()) == [path]


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("broken", ["os.replace", "os.fdopen"])
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"before")
    monkeypatch.setattr(broken, fail)
    with pytest.raises(CourseError, match=r"a\.txt: cannot be written: No space left"):
        folder.write_file(path, b"after")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize(
    "where", [lambda p: p / "none" / "a.txt", lambda p: p], ids=["no folder", "a folder"]
)
def test_where_no_file_can_be(tmp_path: Path, where: Callable[[Path], Path]) -> None:
    with pytest.raises(CourseError, match="cannot be written"):
        folder.write_file(where(tmp_path), b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    folder.write_file(tmp_path / "ours", b"")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "ours")]
    assert modes[0] == modes[1]


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"before")
    link.symlink_to(target)
    folder.write_file(link, b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_a_file_that_no_report_has_written_is_not_written_over(
    report: Report, tmp_path: Path
) -> None:
    page, form = tmp_path / "report.md", folder.Form(pictures=False, pages=False)
    page.write_text("my own page")
    with pytest.raises(CourseError, match=r"has report.md, which no report has written"):
        folder.write(report, tmp_path, form)
    assert page.read_text() == "my own page"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    page.unlink()
    folder.write(report, tmp_path, form)
    folder.write(report, tmp_path, form)  # its own files are written over
