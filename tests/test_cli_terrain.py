"""fit --race: a race file with its terrain found, and past times carried between two of them."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from gpxstage.racefile import load
from gpxstage.racefile.rows import with_terrain

Answer = tuple[int, str, str]
SAMPLE = Path(__file__).resolve().parents[1] / "sample_courses" / "chattanooga-mountains"
HEAD = """\
# what I know of it
name     = "Ridge and Valley"   # mine
timezone = "America/New_York"
start    = 2026-06-13T08:00:00
"""
RESULTS = """
[[results]]
year      = 2024
finishers = 312
winner    = "2:12"
p10       = "2:50"
median    = "3:50"      # by hand
source    = "the organiser's page"

[[results]]
year      = 2025
finishers = 288
median    = "3:58"
p90       = "5:10"
source    = "the organiser's page"

"""
STAGE = '[[stage]]\ngpx = "1-raccoon-mountain.gpx"   # the first day of three\n'


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    def race(text: str, name: str = "race") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for gpx in SAMPLE.glob("*.gpx"):
            shutil.copy(gpx, folder)
        path = folder / "race.toml"
        path.write_bytes(text.encode())
        return path

    return race


Make = Callable[..., Path]
Call = Callable[..., Answer]


class TestTheFile:
    """What is written, and that the rest stays."""

    def test_the_same_file_with_its_terrain(self, call: Call, make: Make) -> None:
        path = make(HEAD + "terrain  = 0.5    # judgement: roots\n" + RESULTS + STAGE)
        before = path.read_text().splitlines()
        code, out, err = call("fit", "--race", path, "-o", path)
        assert (code, out) == (0, "")
        after = path.read_text().splitlines()
        assert [line for line in after if not line.startswith("terrain")] == [
            line for line in before if not line.startswith("terrain")
        ]
        found = tomllib.loads(path.read_text())
        assert 0.0 <= found["terrain"] <= 1.0
        assert 0.05 < found["terrain_spread"] < 0.25
        line = next(line for line in after if line.startswith("terrain "))
        assert line.endswith(
            "# fit --race from 2024, 2025: 600 finishers (the organiser's page);"
            " was 0.5: judgement: roots"
        )
        assert err.startswith(f"terrain {found['terrain']:.2f} ± {found['terrain_spread']:.2f}")
        assert "(was 0.50), from 2024, 2025: 600 finishers\n" in err
        assert "  median    3:54 h  " in err
        assert max(map(len, err.splitlines())) <= 80
        course = load(path)
        assert course.terrain_spread is not None
        assert course.stages[0].terrain == found["terrain"]

    def test_again_changes_nothing(self, call: Call, make: Make) -> None:
        path = make(HEAD + "terrain = 0.5\n" + RESULTS + STAGE)
        assert call("fit", "--race", path.parent, "-o", path)[0] == 0
        once = path.read_bytes()
        assert call("fit", "--race", path, "-o", path)[0] == 0
        assert path.read_bytes() == once

    def test_a_file_without_a_terrain_gets_one(self, call: Call, make: Make) -> None:
        path = make(HEAD + RESULTS + STAGE)
        code, out, err = call("fit", "--race", path, "-o", "-")
        assert code == 0
        assert "(was 0.40)" in err
        assert "no terrain" not in err, "there is one now"
        found = tomllib.loads(out)
        assert found["stage"] == [{"gpx": "1-raccoon-mountain.gpx"}]
        assert "; was" not in out
        assert path.read_text() == HEAD + RESULTS + STAGE

    def test_another_file(self, call: Call, make: Make, tmp_path: Path) -> None:
        path = make(HEAD + RESULTS + STAGE)
        beside = path.parent / "found.toml"
        code, _, err = call("fit", "--race", path, "-o", beside)
        assert (code, "move it there" in err) == (0, False)
        code, _, err = call("fit", "--race", path, "-q", "-o", beside)
        assert (code, err) == (0, ""), "its own work may be replaced"
        _, _, err = call("fit", "--race", path, "-o", tmp_path / "away.toml")
        assert "its GPX files are named from the folder of race.toml: move it there" in err

    def test_stages_keep_their_differences(self) -> None:
        text = 'name = "A"\n[[stage]]\ngpx = "a"\nterrain = 0.3 # mud\n[[stage]]\ngpx = "b"\n'
        found = with_terrain(text, shift=0.25, spread=0.1, source="2024")
        assert "terrain = 0.55 # mud" in found
        assert "terrain = 0.65 # 2024" in found, "what the second stage had by default"
        alone = text.replace('"b"', '"b"\nterrain = 0.9')
        found = tomllib.loads(with_terrain(alone, shift=0.25, spread=0.001, source="2024"))
        assert "terrain" not in found
        assert [stage["terrain"] for stage in found["stage"]] == [0.55, 1.0]
        assert found["terrain_spread"] == 0.01

    def test_stretches_keep_their_differences(self) -> None:
        road = "[\n  { to_km = 9, value = 0.1 },\n  { to_km = 48, value = 0.9 },\n]"
        text = f'name = "A"\nterrain = {road}\n[[stage]]\ngpx = "a"\n'
        found = with_terrain(text, shift=0.25, spread=0.1, source="2024")
        assert tomllib.loads(found)["terrain"] == [
            {"to_km": 9, "value": 0.35},
            {"to_km": 48, "value": 1.0},
        ]
        assert "# 2024; was a list of stretches" in found

    @pytest.mark.parametrize(
        ("before", "first"),
        [
            ('name = "A"\n\n# of the stages\n[[stage]]\ngpx = "a"\n', 1),
            ("# a race\n[[stage]]\ngpx = 'a'\n", 1),
            ("[[stage]]\ngpx = 'a'\n", 0),
        ],
    )
    def test_a_new_key_stands_with_the_others(self, before: str, first: int) -> None:
        found = with_terrain(before, shift=0.1, spread=0.1, source="2024")
        lines = found.splitlines(keepends=True)
        assert lines[first] == "terrain = 0.5 # 2024\n"
        assert lines[first + 1].startswith("terrain_spread = 0.1 # ")
        assert "".join(lines[:first] + lines[first + 2 :]) == before
        assert with_terrain(found, shift=0.0, spread=0.1, source="2024") == found

    def test_an_old_key_stays_below_its_comment(self) -> None:
        text = 'name = "A"\n\n# how rough\nterrain = 0.5\n# of the stages\n[[stage]]\ngpx = "a"\n'
        lines = with_terrain(text, shift=0.1, spread=0.1, source="2024").splitlines()
        assert lines[:3] == ['name = "A"', "", "# how rough"]
        assert [line.split(" = ")[0] for line in lines[3:5]] == ["terrain", "terrain_spread"]
        assert lines[5:] == ["# of the stages", "[[stage]]", 'gpx = "a"']

    def test_lines_end_as_they_did(self) -> None:
        text = 'name = "A"\r\n\r\n[[stage]]\r\ngpx = "a"\r\n'
        found = with_terrain(text, shift=0.1, spread=0.1, source="a\nsource of two lines")
        assert found.count("\r\n") == found.count("\n") == text.count("\n") + 2
        assert "terrain = 0.5 # a source of two lines\r\n" in found


class TestErrors:
    """One clear line, 1 for the input and 2 for the usage."""

    @pytest.mark.parametrize(
        ("results", "message"),
        [
            ("", "race.toml: no [[results]]: what earlier fields needed is not known"),
            ("[[results]]\nyear = 2024\n", "race.toml: results: no times: winner, p10"),
            ("[[results]]\nmedian = '0:20'\n", "results: median 0:20 h: no runner is so fast"),
            ("[[results]]\np10 = '9h'\nmedian = '8h'\n", 'median "8h" is faster than p10 "9h"'),
        ],
    )
    def test_of_the_file(self, call: Call, make: Make, results: str, message: str) -> None:
        path = make(HEAD + results + STAGE)
        code, out, err = call("fit", "--race", path, "-o", path)
        assert (code, out) == (1, "")
        assert message in err
        assert err.count("\n") == 1
        assert path.read_text() == HEAD + results + STAGE

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            (["walk.gpx"], "recordings"),
            (["--past", "race.toml", "9h"], "--past"),
            (["--terrain", "0.4"], "--terrain"),
            (["--plot", "a.png"], "--plot"),
        ],
    )
    def test_a_race_or_a_runner(self, call: Call, make: Make, more: list[str], said: str) -> None:
        code, _, err = call("fit", "--race", make(HEAD + RESULTS + STAGE), *more, "-o", "-")
        assert code == 2
        assert f"--race is about a race, {said} about a runner" in err

    def test_what_is_no_race_file(self, call: Call, make: Make, tmp_path: Path) -> None:
        path = make(HEAD + RESULTS + STAGE)
        gpx = path.parent / "1-raccoon-mountain.gpx"
        code, _, err = call("fit", "--race", gpx, "-o", "-")
        assert (code, "give a race.toml" in err) == (2, True)
        assert call("fit", "--race", tmp_path / "nix.toml", "-o", "-")[0] == 2
        before = gpx.read_bytes()
        code, _, err = call("fit", "--race", path, "-o", gpx)
        assert (code, "is not written by fit --race" in err) == (2, True)
        assert gpx.read_bytes() == before


def elapsed_s(call: Call, *arguments: object) -> tuple[float, str]:
    code, out, err = call("estimate", *arguments, "--json", "--draws", "0")
    assert code == 0, err
    return json.loads(out)["elapsed_s"]["p50"], err


class TestCarried:
    """A past time goes from race to race with both terrains."""

    def test_a_known_terrain_narrows_the_range(self, call: Call, make: Make) -> None:
        path = make(HEAD + RESULTS + STAGE)
        code, out, err = call("estimate", path, "--json")
        assert code == 0
        assert "`gpxstage fit --race` finds it from [[results]]" in err
        assert call("fit", "--race", path, "-o", path)[0] == 0
        widths = []
        for more in (("--terrain", load(path).stages[0].terrain), ()):
            code, out, _ = call("estimate", path, *more, "--json")
            assert code == 0
            elapsed = json.loads(out)["elapsed_s"]
            widths.append((elapsed["p90"] - elapsed["p10"]) / elapsed["p50"])
        by_hand, found = widths
        assert found < by_hand

    def test_by_both_terrains(self, call: Call, make: Make) -> None:
        second = STAGE.replace("1-raccoon", "2-lookout")
        slow = RESULTS
        for time, longer in (("2:12", "3:15"), ("2:50", "4:15"), ("3:5", "5:0"), ("5:10", "7:10")):
            slow = slow.replace(f'"{time}', f'"{longer}')
        past = make(HEAD + RESULTS + STAGE, "past")
        race = make(HEAD + slow + second, "race")
        bare, err = elapsed_s(call, race, "--past", past, "3:30")
        assert "--past Ridge and Valley: no terrain: 0.4 (mountain trail) is taken" in err
        for path in (past, race):
            assert call("fit", "--race", path, "-o", path)[0] == 0
        carried, err = elapsed_s(call, race, "--past", past, "3:30")
        assert "no terrain" not in err
        smooth, rough = load(past).stages[0].terrain, load(race).stages[0].terrain
        assert smooth < rough
        assert carried > 1.03 * bare
        by_hand, _ = elapsed_s(call, race, "--past", past, "3:30", "--terrain", rough)
        assert by_hand == carried, "--terrain is of the race that is asked about"
