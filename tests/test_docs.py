"""The generated pages of docs/ are what scripts/make_docs.py writes now."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import click
import pytest

ROOT = Path(__file__).resolve().parents[1]


def _make_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_docs = _make_docs()
make_docs.PAGES = {name: cache(page) for name, page in make_docs.PAGES.items()}  # each made once


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_a_page_is_what_the_program_says(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert make_docs.same(text, make_docs.PAGES[name]()), "run scripts/make_docs.py"


def test_check_finds_a_difference_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: make_docs.PAGES[name] for name in ("docs/models.md", "docs/race-file.md")}
    monkeypatch.setattr(make_docs, "PAGES", few)
    monkeypatch.setattr(make_docs, "SAMPLE", "sample_courses/chattanooga-mountains")
    monkeypatch.setattr("docs_pages.RACES", ("chattanooga-mountains",))
    assert make_docs.main([], tmp_path) == 0
    assert make_docs.main(["--check"], tmp_path) == 0
    page = tmp_path / "docs" / "models.md"
    page.write_text("old", encoding="utf-8")
    assert make_docs.main(["--check"], tmp_path) == 1
    assert "models.md: differs" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "old"
    drawn = {path.name for path in tmp_path.rglob("*.png")}
    assert drawn == {"tor-des-geants.png", "chattanooga-mountains.png"}


def test_check_finds_a_missing_page(tmp_path: Path) -> None:
    assert make_docs.main(["--check"], tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_every_model_has_its_rows() -> None:
    lines = make_docs.models_page().splitlines()
    for name, model in make_docs.MODELS.items():
        found = [line for line in lines if line.startswith(f"| `{name}` |")]
        assert len(found) == (1 if model.pace is None else 2)


def test_a_table_keeps_a_bar_inside_its_cell() -> None:
    assert make_docs.table(["a"], [["b|c"]]) == "| a |\n| --- |\n| b\\|c |\n"


def test_the_signs_of_per_cent() -> None:
    assert [make_docs.percent(x) for x in (-0.4, 0.0, 0.05)] == ["−40", "0", "+5"]


LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_outside_of_the_site_lead_somewhere(name: str) -> None:
    links = LINK.findall((ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_contributing_names_no_folder_that_does_not_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    folders = re.findall(r"`((?:tests|gpxstage|scripts|docs|sample_courses)/(?:\w+/)*)`", text)
    assert "tests/golden/" in folders
    assert [name for name in folders if not (ROOT / name).is_dir()] == []


def test_a_weak_row_says_so() -> None:
    assert (
        make_docs.weakness("5.3", "78", "5.3") == "no better than the rule; the range is too narrow"
    )
    assert make_docs.weakness("8.3", "80", "9.8") == ""
    assert make_docs.weakness("1.8", "", "4.1") == ""


def test_the_readme_shows_the_rows_of_the_accuracy_page() -> None:
    page = "| what you know | a | half of the time within, % | inside, of 100 | "
    page += "a rule: half of the time, % |\n"
    page += "| --- | --- | --- | --- | --- |\n| a time | x | 9 | 80 | 8 |\n"
    last = make_docs.accuracy(page).splitlines()[-1]
    assert last == "| a time | 9 | 80 | 8 | no better than the rule |"
    with pytest.raises(ValueError, match="what you know"):
        make_docs.accuracy("| another table |\n| --- |\n")


def options_of(command: str) -> set[str]:
    """The options that a command knows."""
    found = make_docs.cli.get_command(click.Context(make_docs.cli), command)
    return {word for param in found.params for word in (*param.opts, *param.secondary_opts)}


SHOWN = re.compile(r"^    gpxstage +(\w+) +(.*?)(?:   .*)?$|`gpxstage (\w+)([^`]*)`", re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "docs/other-tools.md"])
def test_a_command_that_is_shown_exists_with_its_options(name: str) -> None:
    shown = SHOWN.findall((ROOT / name).read_text(encoding="utf-8"))
    assert shown
    for listed, its, inline, rest in shown:
        command = listed or inline
        assert command in make_docs.COMMANDS, command
        words = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", its + rest))
        assert words <= options_of(command), command
