"""Past races: a time on the course asked about comes back; elsewhere its own conditions count."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import gpxstage as gs
from gpxstage.estimator.runner import at_ability

Call = Callable[..., tuple[int, str, str]]

CONDITIONS = {
    "nothing else": (),
    "a start": ("--start", "2026-09-04T10:00+02:00"),
    "a start in the evening": ("--start", "2026-09-04T20:00+02:00"),
    "rough ground": ("--terrain", "0.7"),
    "a road": ("--terrain", "0"),
    "a pack": ("--pack", "9"),
    "heat": ("--conditions", "1.2"),
    "from the lowlands": ("--not-acclimatised",),
    "a light runner": ("--body", "50"),
    "all of it": ("--start", "2026-09-04T20:00+02:00", "--terrain", "0.6", "--pack", "7"),
}


def waves(path: Path, *, east_deg: float = 0.0, bend: float = 0.0, km: float = 60.0) -> Path:
    """Hills of 800 m northward from one village; *bend* sends the way out to the east."""
    count = round(km * 20)
    rows = "".join(
        f'<trkpt lat="{46.0 + 50.0 * k / 111_150.0:.6f}"'
        f' lon="{7.0 + east_deg + bend * math.sin(math.pi * k / count):.6f}">'
        f"<ele>{1400.0 - 400.0 * math.cos(k / 30.0):.1f}</ele></trkpt>"
        for k in range(count + 1)
    )
    path.write_text(
        f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>', "utf-8"
    )
    return path


def estimated(call: Call, *arguments: object) -> tuple[dict[str, Any], str]:
    code, out, err = call("estimate", "--json", "--draws", "0", *arguments)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found, err


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_time_on_the_course_itself_comes_back(call: Call, tmp_path: Path, name: str) -> None:
    course, given = waves(tmp_path / "x.gpx"), CONDITIONS[name]
    found, err = estimated(call, course, "--past", course, "17:00", *given)
    assert found["elapsed_s"]["p50"] == pytest.approx(17 * 3600, abs=2)
    assert found["runner"]["known_from"] == "here"
    options = ", ".join(word for word in given if word.startswith("--") and word != "--body")
    said = f"so that time counts under the same conditions ({options})"
    assert (said in err) is bool(options)
    assert "--past x: no terrain" not in err


def test_a_race_files_own_conditions_give_the_time_back(call: Call, tmp_path: Path) -> None:
    waves(tmp_path / "x.gpx")
    text = (
        'name = "X"\ntimezone = "Europe/Rome"\nstart = 2026-09-04T22:00:00\nterrain = 0.6\n'
        '[[stage]]\ngpx = "x.gpx"\n[[stage.point]]\nname = "Hut"\nkind = "aid"\nkm = 30\n'
        "stop_min = 40\n"
    )
    race = tmp_path / "race.toml"
    race.write_text(text, "utf-8")
    for more in ((), ("--start", "2026-09-05T06:00"), ("--terrain", "0.2")):
        found, _ = estimated(call, race, "--past", race, "19:00", *more)
        assert found["elapsed_s"]["p50"] == pytest.approx(19 * 3600, abs=2)


def test_a_plan_still_costs_what_it_costs(call: Call, tmp_path: Path) -> None:
    """The past race was run as usual: hiking more, or a long stop, is a decision of today."""
    waves(tmp_path / "x.gpx")
    race = tmp_path / "race.toml"
    race.write_text(
        'name = "X"\nterrain = 0.4\n[[stage]]\ngpx = "x.gpx"\n'
        '[[stage.point]]\nname = "Hut"\nkind = "aid"\nkm = 30\n',
        "utf-8",
    )
    for more in (("--hike-above", "0%"), ("--stop", "Hut=3h")):
        found, _ = estimated(call, race, "--past", race, "17:00", *more)
        assert found["elapsed_s"]["p50"] > 17 * 3600 + 60


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_of_the_race_asked_about_do_not_touch_another(
    call: Call, tmp_path: Path, name: str
) -> None:
    past, course = waves(tmp_path / "p.gpx", east_deg=0.5), waves(tmp_path / "x.gpx")
    plain, _ = estimated(call, course, "--past", past, "17:00")
    given = tuple(word for word in CONDITIONS[name] if CONDITIONS[name][0] != "--body")
    other, err = estimated(call, course, "--past", past, "17:00", *given)
    assert other["runner"]["flat_speed_mps"] == plain["runner"]["flat_speed_mps"]
    assert "--past p: no terrain: 0.4 (mountain trail) is taken" in err
    assert plain["runner"]["known_from"] == "results"


def test_a_past_race_has_the_conditions_of_its_own_file(call: Call, tmp_path: Path) -> None:
    course = waves(tmp_path / "x.gpx")
    found = []
    for terrain in (0.2, 0.7):
        folder = tmp_path / str(terrain)
        folder.mkdir()
        waves(folder / "p.gpx", east_deg=0.5)
        race = folder / "race.toml"
        race.write_text(f'name = "P"\nterrain = {terrain}\n[[stage]]\ngpx = "p.gpx"\n', "utf-8")
        found.append(estimated(call, course, "--past", race, "17:00")[0])
    smooth, rough = (row["runner"]["flat_speed_mps"] for row in found)
    assert rough > 1.05 * smooth  # the same time on rougher ground asks for more


def test_another_way_between_the_same_ends_is_another_course(call: Call, tmp_path: Path) -> None:
    """Two loops of a village are of one length and one start; the way between tells them apart."""
    course, other = waves(tmp_path / "x.gpx"), waves(tmp_path / "y.gpx", bend=0.05)
    found, _ = estimated(call, course, "--past", other, "17:00", "--terrain", "0.7")
    assert found["runner"]["known_from"] == "results"
    again, _ = estimated(call, course, "--past", waves(tmp_path / "z.gpx", bend=0.005), "17:00")
    assert again["runner"]["known_from"] == "here"


@pytest.mark.parametrize("known_from", ["results", "here", "outings"])
def test_people_of_one_speed_differ_in_what_it_costs(known_from: Any, tmp_path: Path) -> None:
    race = gs.load(waves(tmp_path / "hills.gpx", km=20.0))
    runner = replace(at_ability(3.7), known_from=known_from, ability_spread=0.1)
    found = gs.analyze(race, runner).facts.energy_kcal
    assert found.p10 is not None
    assert found.p90 is not None
    assert 1.2 < found.p90 / found.p10 < 1.5
    again = gs.analyze(race, runner).facts.energy_kcal
    assert again == found
