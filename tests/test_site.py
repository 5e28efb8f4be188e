"""The site of docs/ has no broken link, and what its pages show in Python is what Python shows."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the pages, to build or to spoil."""
    pytest.importorskip("mkdocs", reason="the site needs mkdocs, of the extra [dev]")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """The site as `mkdocs build --strict` makes it; a warning is an error."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )


def test_the_site_has_every_page_no_broken_link_and_fetches_nothing(folder: Path) -> None:
    """Pages open without a network: scripts and styles lie beside them."""
    done = build(folder)
    assert done.returncode == 0, done.stderr
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert pages <= {path.stem for path in (folder / "build" / "site").glob("*.html")}
    index = (folder / "build" / "site" / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<script[^>]*\bsrc=", index)
    assert (
        re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=.(?:https?:)?//[^>]*>", index) == []
    )


SPOILT = (  # page, what is added to it, what its warning names
    ("recipes.md", "\n[gone](gone.md)\n", "gone.md"),
    ("models.md", "\n[gone](cli.md#no-such-heading)\n", "no-such-heading"),
    ("gallery.md", "\n![gone](gallery/gone.png)\n", "gone.png"),
    ("unlisted.md", "# A page that the menu does not have\n", "unlisted.md"),
)


def test_each_broken_link_and_an_unlisted_page_fails(folder: Path) -> None:
    for page, text, _ in SPOILT:
        with (folder / "docs" / page).open("a", encoding="utf-8") as stream:
            stream.write(text)
    done = build(folder)
    assert done.returncode != 0
    assert done.stderr.count("WARNING") == len(SPOILT)
    assert [named for _, _, named in SPOILT if named not in done.stderr] == []


RUNNER = """schema = 1
name = "you"
effort = "recorded"
flat_speed_mps = 3.1

[race]
from = "heart rate"
flat_speed_mps = 3.9
"""


def test_the_examples_in_python_give_what_they_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sample_courses").symlink_to(ROOT / "sample_courses")
    (tmp_path / "me.toml").write_text(RUNNER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    page = doctest.DocTestParser().get_doctest(text, {}, "python.md", "python.md", 0)
    assert len(page.examples) >= 36
    out: list[str] = []
    failed, tried = doctest.DocTestRunner().run(page, out=out.append)
    assert (failed, tried) == (0, len(page.examples)), "".join(out)
