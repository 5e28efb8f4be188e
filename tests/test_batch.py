"""Many races from the command line: folders, summary, doubles, errors, options."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made import Gpxstage, gpx, points

from gpxstage import folder
from gpxstage.batch import summary
from gpxstage.batch.one import Figures, RaceRow
from gpxstage.batch.races import find
from gpxstage.batch.summary import Line, Scale
from gpxstage.facts.analysis import analyze
from gpxstage.racefile import load

PLAIN = ("--draws", "0", "--no-plots", "--no-page", "--jobs", "1")


def tree(path: Path) -> dict[str, bytes]:
    """All files below a folder, by name."""
    files = (file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def rows(path: Path) -> list[dict[str, str]]:
    with open(path / "summary.csv", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def season(tmp_path: Path, race: Path) -> Path:
    """A race folder, three files, one of which is broken and one is there twice."""
    path = tmp_path / "season"
    path.mkdir()
    shutil.move(race, path / "two-hills")
    (path / "10 Long.gpx").write_text(gpx(points(201)), encoding="utf-8")
    (path / "2 Short.gpx").write_text(gpx(points(101)), encoding="utf-8")
    (path / "older").mkdir()
    shutil.copy(path / "2 Short.gpx", path / "older" / "copy.gpx")
    (path / "older" / "broken.gpx").write_text("<gpx><trk>", encoding="utf-8")
    return path


def test_each_race_has_its_folder_and_one_bad_race_costs_only_itself(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = run("batch", season, "-o", out, *PLAIN)
    assert ran.code == 1
    assert "gpxstage: 1 of 5 races could not be made" in ran.err
    assert "older/copy.gpx: the same bytes as 2-short" in ran.err
    assert f"3 races made in {out}, 1 is a copy of another\n" in ran.err
    assert "gpxstage: older/broken.gpx: line 1, column" in ran.err  # its name comes once
    found = [(row["source"], row["folder"], row["status"]) for row in rows(out)]
    assert found == [
        ("2 Short.gpx", "2-short", "ok"),
        ("10 Long.gpx", "10-long", "ok"),
        ("older/broken.gpx", "", "error"),
        ("older/copy.gpx", "2-short", "same"),
        ("two-hills", "two-hills", "ok"),
    ]
    assert rows(out)[2]["error"].startswith("broken.gpx")
    assert {path.name for path in out.iterdir() if path.is_dir()} == {
        *("2-short", "10-long", "two-hills")
    }
    assert (tmp_path / "season").name not in json.dumps(ran.err.splitlines()[:-2])


def test_a_folder_holds_what_report_writes(run: Gpxstage, hill: Path, tmp_path: Path) -> None:
    one = hill
    run("batch", one, "-o", tmp_path / "out", "--draws", "0", "--jobs", "1", "--level", "strong")
    assert run("report", one, "-o", tmp_path / "one", "--draws", "0", "--level", "strong").code == 0
    made = tree(tmp_path / "out" / "hill")
    made.pop(".gpxstage-race")
    assert made == tree(tmp_path / "one")


def test_pictures_and_pages_can_be_left_out(race: Path) -> None:
    report = analyze(load(race), draws=0)
    names = folder.made(report, folder.Form(pictures=False, pages=False)).keys()
    assert names == {
        *("report.json", "report.md", "splits.csv", "race.gpx", "race.geojson"),
        *("stage-1.gpx", "stage-2.gpx", "stage-1.fit", "stage-2.fit", "race.ics"),
    }
    assert "index.html" in folder.made(report, folder.Form(pictures=False))


def test_several_levels_have_a_column_each(run: Gpxstage, hill: Path, tmp_path: Path) -> None:
    ran = run(
        *("batch", hill, "-o", tmp_path / "out", *PLAIN),
        *("--level", "elite", "--level", "back", "--start", "2026-09-04T10:00+02:00"),
    )
    assert ran.code == 0, ran.err
    (row,) = rows(tmp_path / "out")
    assert row["elapsed_s"] == row["elapsed_s_elite"]
    assert int(row["elapsed_s_elite"]) < int(row["elapsed_s_back"])
    (same,) = json.loads((tmp_path / "out" / "summary.json").read_bytes())["races"]
    assert same["levels"] == {"elite": int(row["elapsed_s"]), "back": int(row["elapsed_s_back"])}


def test_the_summary_and_the_index_have_the_figures_of_the_reports(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run("batch", season, "-o", out, *PLAIN)
    made = [row for row in rows(out) if row["status"] == "ok"]
    assert len(made) == 3
    for row in made:
        report: dict[str, Any] = json.loads((out / row["folder"] / "report.json").read_bytes())
        assert float(row["length_m"]) == report["length_m"]
        assert int(row["elapsed_s"]) == report["elapsed_s"]["p50"]
        assert float(row["hike_fraction"]) == report["hike_fraction"]["of_time"]["p50"]
    # and the index shows every race with a profile on one scale
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("<svg ") == 3
    widths = {row["name"]: float(row["length_m"]) for row in made}
    longest = max(widths.values())
    for length_m in widths.values():
        assert f'<svg width="{240.0 * length_m / longest:.0f}"' in page
    assert 'href="two-hills/report.md"' in page


def test_a_usage_that_fits_no_race_is_refused_before_any_work(
    run: Gpxstage, hill: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for wrong in (("--level", "mid", "--index", "500"), ("--runner", tmp_path / "none.toml")):
        ran = run("batch", hill, "-o", out, *wrong)
        assert (ran.code, out.exists()) == (2, False), ran.err
    assert run("batch", "-", "-o", out).code == 2
    assert run("batch", tmp_path / "nowhere", "-o", out).code == 2


def test_a_wish_that_one_race_cannot_fulfil_is_the_error_of_that_race(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    ran = run("batch", season, "-o", tmp_path / "out", *PLAIN, "--stage", "2")
    assert ran.code == 1
    assert [row["status"] for row in rows(tmp_path / "out")][-1] == "ok"
    assert "--stage 2: the race has stages 1 to 1" in rows(tmp_path / "out")[0]["error"]


def test_a_race_that_takes_too_long_is_an_error(
    run: Gpxstage, season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = run("batch", season / "two-hills", "-o", out, "--jobs", "1", "--timeout", "0.01")
    assert ran.code == 1
    assert rows(out)[0]["error"] == "took longer than 0.01 s (--timeout)"
    assert [path.name for path in out.iterdir() if path.is_dir()] == []


class TestFound:
    """Which races are below a path, and what their folders are called."""

    def names(self, *paths: Path, output: str = "out") -> list[tuple[str, str]]:
        found = find([str(path) for path in paths], output)
        return [(race.source, race.name) for race in found.races]

    def test_files_of_a_race_are_no_races_of_their_own(self, race: Path) -> None:
        (race / "other.gpx").write_text(gpx(points(31)), encoding="utf-8")
        assert self.names(race) == [("race", "race"), ("other.gpx", "other")]

    def test_a_path_that_is_given_twice_is_one_race(self, hill: Path) -> None:
        assert self.names(hill, hill.parent) == [("hill.gpx", "hill")]

    def test_names_that_would_clash_are_told_apart(self, tmp_path: Path) -> None:
        for name in ("a b.gpx", "a-b.gpx", f"{'x' * 200}.gpx", "山岳.gpx"):
            (tmp_path / name).write_text(gpx(points()), encoding="utf-8")
        names = [name for _, name in self.names(tmp_path)]
        assert len(set(names)) == 4
        assert all(len(name.encode()) <= 240 for name in names)
        assert "山岳" in names

    def test_the_output_and_what_a_report_wrote_are_no_input(self, hill: Path) -> None:
        few = folder.Form(pictures=False, pages=False)
        folder.write(analyze(load(hill), draws=0), hill.parent / "made", few)
        (hill.parent / "out").mkdir()
        shutil.copy(hill, hill.parent / "out")
        assert self.names(hill.parent, output=str(hill.parent / "out")) == [("hill.gpx", "hill")]

    def test_links_are_noted_and_not_followed(self, hill: Path) -> None:
        (hill.parent / "loop").symlink_to(hill.parent)
        (hill.parent / "link.gpx").symlink_to(hill)
        found = find([str(hill.parent)], "out")
        assert len(found.races) == 1
        assert found.notes == ("2 links left out: links are not followed",)


def test_a_batch_into_its_own_source_says_why_nothing_is_found(run: Gpxstage, season: Path) -> None:
    ran = run("batch", season, "-o", season, *PLAIN)
    assert ran.code == 1
    assert f"{season} is the output folder, too, and is not looked into" in ran.err


def test_the_index_has_a_time_for_each_level_and_room_beside_one_race_that_is_long() -> None:
    facts = Figures(
        *("Hill", 1, "staged", 9000.0, 300.0, 300.0, 5.0, 900.0, "mid", 3600, 3600, 3000, 4000),
        *(0.5, None, 0),
    )
    hill = RaceRow(facts, {"strong": 3600, "mid": 7200}, [5, 900], "report.md")
    trail = replace(hill, facts=replace(facts, name="Trail", length_m=4e6))
    lines = [Line("a.gpx", "a", "ok", race=hill)] * 9 + [Line("b.gpx", "b", "ok", race=trail)]
    page = "".join(summary.page(lines, Scale.of(lines), 10, ("strong", "mid")))
    assert "Time, strong" in page
    assert "Hiked, strong" in page
    assert page.count(">1:00<") == page.count(">2:00<") == 10
    assert page.count('<svg width="240"') == 10
    assert page.count("longer than the scale") == 1
    assert "<small>a.gpx</small>" in page
    assert "Times are those of the runner mid." in "".join(summary.page(lines, Scale.of(lines), 10))


def test_the_index_has_miles_and_feet(run: Gpxstage, hill: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("batch", hill, "-o", out, *PLAIN, "--units", "imperial")
    (row,) = rows(out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f">{float(row['length_m']) / 1609.344:.1f} mi<" in page
    assert f">{float(row['gain_m']) / 0.3048:,.0f} ft<" in page
    assert not re.search(r"\d k?m<", page)
