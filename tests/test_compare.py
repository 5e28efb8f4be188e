"""info --compare: several courses on one scale, the first one as the measure."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
import walks
from made import Gpxstage

from gpxstage import load
from gpxstage.facts.analysis import analyze
from gpxstage.facts.comparison import category, compared
from gpxstage.plot.compared import draw_courses


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("courses")
    short = walks.written(folder / "short.gpx", walks.course(8.0), with_time=False)
    return short, walks.written(folder / "long.gpx", walks.course(20.0), with_time=False)


@pytest.mark.parametrize(
    ("effort", "name"),
    [(0.0, "XXS"), (24.4, "XXS"), (25.0, "XS"), (44.6, "S"), (74.9, "M"), (100.0, "M"),
     (154.0, "L"), (209.0, "XL"), (210.0, "XXL"), (None, None)],
)  # fmt: skip
def test_a_category_follows_from_the_rounded_effort(effort: float | None, name: str | None) -> None:
    assert category(effort) == name


def test_the_first_course_is_the_measure(courses: tuple[Path, Path], run: Gpxstage) -> None:
    ran = run("info", *courses, "--compare", "--json", "--start", "2026-09-04T20:00+02:00")
    short, long = json.loads(ran.out)["courses"]
    assert (short["of_first_time"], short["of_first_effort"]) == (1.0, 1.0)
    assert long["of_first_time"] == pytest.approx(long["elapsed_s"] / short["elapsed_s"], abs=1e-3)
    assert long["of_first_time"] > 2.0
    assert long["km_effort"] == pytest.approx(
        long["length_m"] / 1e3 + long["gain_m"] / 100.0, abs=0.06
    )
    assert short["dark_s"] > 0
    alone = run("info", *courses, "--compare", "--json")
    assert [course["dark_s"] for course in json.loads(alone.out)["courses"]] == [None, None]


def test_a_course_is_measured_as_it_is_alone(courses: tuple[Path, Path], run: Gpxstage) -> None:
    rows = list(csv.DictReader(io.StringIO(run("info", *courses, "--compare", "--csv").out)))
    for row, path in zip(rows, courses, strict=True):
        alone = json.loads(run("info", path, "--json").out)
        assert float(row["length_m"]) == alone["length_m"]
        assert float(row["gain_m"]) == alone["gain_m"]


def test_the_csv_has_miles_and_feet(courses: tuple[Path, Path], run: Gpxstage) -> None:
    ran = run("info", *courses, "--compare", "--csv", "--units", "imperial")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert not [name for name in rows[0] if name.endswith(("_m", "_km"))]
    for row, path in zip(rows, courses, strict=True):
        alone = json.loads(run("info", path, "--json").out)
        assert float(row["length_mi"]) == pytest.approx(alone["length_m"] / 1609.344, abs=0.006)
        assert float(row["gain_ft"]) == pytest.approx(alone["gain_m"] / 0.3048, abs=0.51)
        density = float(row["gain_ft"]) / float(row["length_mi"])
        assert float(row["gain_ft_per_mi"]) == pytest.approx(density, abs=1.0)


def test_the_sentence_names_both_and_tables_fit(courses: tuple[Path, Path], run: Gpxstage) -> None:
    text = run("info", *courses, "--compare", "--units", "imperial").out
    assert "times as long as short." in text
    assert max(map(len, text.splitlines())) <= 80
    assert "takes about as long as" in run("info", courses[0], courses[0], "--compare").out
    assert "| course" in run("info", *courses, "--compare", "--markdown").out


def test_courses_of_one_name_and_one_file_name_have_their_paths_beside_it(
    courses: tuple[Path, Path],
    tmp_path: Path,
    run: Gpxstage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = courses[0].read_text("utf-8").replace("<trk>", "<trk><name>Three Passes</name>")
    for each in ("a", "b", "c"):
        (tmp_path / each).mkdir()
        (tmp_path / each / "track.gpx").write_text(track, "utf-8")
    broken = os.fsdecode(b"not\nutf \xff.gpx")
    (tmp_path / "c" / broken).write_text(track, "utf-8")
    (tmp_path / "c" / "race.toml").write_text(
        "name = 'Three Passes'\n[[stage]]\ngpx = 'track.gpx'\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path / "c")

    def names(*sources: str) -> list[str]:
        found = run("info", *sources, "--compare", "--json", "-q")
        return [row["name"] for row in json.loads(found.out)["courses"]]

    assert names("../a/track.gpx", "../b/track.gpx", broken) == [
        "Three Passes (../a/track.gpx)",
        "Three Passes (../b/track.gpx)",
        "Three Passes (not utf \N{REPLACEMENT CHARACTER})",
    ]
    assert names(".", "../b/track.gpx") == ["Three Passes (.)", "Three Passes (track)"]


def test_pictures_share_both_scales(courses: tuple[Path, Path]) -> None:
    drawn = draw_courses([analyze(load(path), estimated=False) for path in courses])
    assert len(drawn.rows) == len(drawn.ground) == 2
    assert drawn.rows[0].get_xlim() == drawn.rows[1].get_xlim()
    assert drawn.rows[0].get_ylim() == drawn.rows[1].get_ylim()


def test_a_course_without_elevation_has_no_effort(tmp_path: Path) -> None:
    track = walks.course(8.0)
    path = walks.written(tmp_path / "flat.gpx", track, with_time=False)
    lines = path.read_text().split("<ele>")
    path.write_text(lines[0] + "".join(line.split("</ele>")[1] for line in lines[1:]))
    report = analyze(load(path), draws=0)
    (course,) = compared([report.facts])
    assert (course.km_effort, course.category, course.of_first_time) == (None, None, None)
    assert draw_courses([report]).ground == []


def test_a_race_file_is_one_of_the_courses(
    courses: tuple[Path, Path], tmp_path: Path, run: Gpxstage
) -> None:
    sample = Path(__file__).resolve().parents[1] / "sample_courses" / "chattanooga-mountains"
    ran = run("info", courses[0], sample, "--compare", "-o", tmp_path / "both.svg")
    assert ran.code == 0, ran.err


def test_the_picture_is_written_and_wrong_use_is_refused(
    courses: tuple[Path, Path], tmp_path: Path, run: Gpxstage
) -> None:
    picture = tmp_path / "both.png"
    assert run("info", *courses, "--compare", "-q", "-o", picture).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    for wrong in (
        (courses[0], "--compare"),
        (courses[0], "-o", picture),
        (*courses, "--compare", "--stage", "1"),
        (*courses, "--compare", "-o", courses[0]),
    ):
        assert run("info", *wrong).code == 2


def test_heights_have_thousands_apart_and_the_grades_a_key() -> None:
    sample = Path(__file__).resolve().parents[1] / "sample_courses" / "tor-des-geants"
    drawn = draw_courses([analyze(load(sample), estimated=False)])
    drawn.figure.draw_without_rendering()
    labels = [text.get_text() for text in drawn.rows[0].get_yticklabels()]
    assert "2,000" in labels
    assert {"grade", "−30", "30 %"} <= {text.get_text() for text in drawn.figure.texts}


def test_the_json_is_as_its_schema_says(courses: tuple[Path, Path], run: Gpxstage) -> None:
    found = json.loads(run("info", *courses, "--compare", "--json", "-q").out)
    defined = json.loads(run("schema", "compare").out)["$defs"]
    assert list(defined["Comparison"]["properties"]) == list(found)
    assert list(defined["ComparedCourse"]["properties"]) == list(found["courses"][0])
