"""The options that say who runs, and under which conditions."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made import Estimated, Gpxstage, elapsed_s, hiked


@pytest.mark.parametrize(
    "more", [["--goal", "3:00"], ["--flat", "10km", "40:00"], ["--index", "600"]], ids=" ".join
)
def test_there_is_one_runner(run: Gpxstage, waves: Path, more: list[str]) -> None:
    ran = run("estimate", waves, "--level", "mid", *more)
    assert (ran.code, ran.out) == (2, "")
    assert "exclude each other: who is the runner?" in ran.err


def test_a_goal_is_met_and_its_runner_told(
    run: Gpxstage, estimated: Estimated, waves: Path
) -> None:
    rows = estimated(waves, "--goal", "2:00")
    assert elapsed_s(rows) == pytest.approx(7200, abs=1)
    assert rows["runner"]["name"] == "goal"
    err = run("estimate", waves, "--goal", "2:00").err
    assert "on a flat road: 10 km " in err
    assert "marathon " in err


@pytest.mark.parametrize(("goal", "who"), [("0:10", "fastest"), ("99h", "slowest")])
def test_a_goal_that_nobody_meets(run: Gpxstage, waves: Path, goal: str, who: str) -> None:
    ran = run("estimate", waves, "--json", "--goal", goal)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert f"cannot be met: the {who} runner that can be estimated takes " in ran.err


@pytest.mark.parametrize("model", ["swiss", "minetti-walk"])
@pytest.mark.parametrize("goal", ["0:10", "99h"])
def test_a_goal_asks_for_a_model_that_knows_runners(
    run: Gpxstage, waves: Path, model: str, goal: str
) -> None:
    ran = run("estimate", waves, "--goal", goal, "--model", model)
    assert (ran.code, ran.out) == (2, "")
    assert f"--goal: by --model {model} all runners take the same time" in ran.err


def test_a_goal_by_a_model_of_a_runners_own_pace(estimated: Estimated, waves: Path) -> None:
    rows = estimated(waves, "--goal", "2:00", "--model", "km-effort")
    assert elapsed_s(rows) == pytest.approx(2 * 3600, abs=2)


def test_a_flat_race_makes_a_runner(estimated: Estimated, waves: Path) -> None:
    slow, fast = (estimated(waves, "--flat", "10km", time) for time in ("55:00", "40:00"))
    assert elapsed_s(fast) < elapsed_s(slow)
    assert fast["runner"]["source"] == "10km in 40:00"
    assert elapsed_s(estimated(waves, "--flat", "10 km", "0:40:00")) == elapsed_s(fast)


def test_a_past_race_on_this_course_is_its_own_forecast(estimated: Estimated, waves: Path) -> None:
    rows = estimated(waves, "--past", waves, "2:20")
    assert elapsed_s(rows) == pytest.approx(140 * 60, abs=2)
    assert rows["runner"]["source"] == "waves in 2:20"
    assert rows["runner"]["known_from"] == "here"


def test_a_past_race_elsewhere_leaves_the_course_open(estimated: Estimated, waves: Path) -> None:
    tor = Path(__file__).parents[1] / "sample_courses" / "tor-des-geants"
    assert estimated(waves, "--past", tor, "120h")["runner"]["known_from"] == "results"


def test_an_index_makes_a_runner(run: Gpxstage, estimated: Estimated, waves: Path) -> None:
    times = [elapsed_s(estimated(waves, "--index", n)) for n in (400, 550, 700, 900)]
    assert times == sorted(times, reverse=True)
    ran = run("estimate", waves, "--index", "5000")
    assert ran.code == 1
    assert "index 5000 is out of range: 250 ... 1000" in ran.err


def test_what_contradicts_itself_is_noted(run: Gpxstage, waves: Path) -> None:
    ran = run("estimate", waves, "--flat", "10km", "30:00", "--past", waves, "3:30")
    assert ran.code == 0
    assert "note: 10km in 30:00 fits a runner " in ran.err
    assert "they contradict each other" in ran.err


@pytest.mark.parametrize("past", [["{waves}", "quick"], ["gone.gpx", "3:00"]], ids=" ".join)
def test_a_past_race_that_cannot_be_read(run: Gpxstage, waves: Path, past: list[str]) -> None:
    ran = run("estimate", waves, "--past", *(part.format(waves=waves) for part in past))
    assert (ran.code, ran.out) == (2, "")


def test_hiking_all_that_is_steep_makes_more_of_it(estimated: Estimated, waves: Path) -> None:
    free, bound = (
        hiked(estimated(waves, "--level", "elite", "--hike-above", grade))
        for grade in ("100%", "8%")
    )
    assert bound > free + 0.1
    assert hiked(estimated(waves, "--level", "elite")) == free
    assert hiked(estimated(waves, "--level", "elite", "--hike-above", "0.08")) == bound


def test_conditions_slow_all_movement(estimated: Estimated, waves: Path) -> None:
    plain, muddy = (
        estimated(waves, "--conditions", factor)["moving_s"]["p50"] for factor in ("1", "1.1")
    )
    assert muddy == pytest.approx(1.1 * plain, rel=0.02)


def test_up_high_the_unacclimatised_are_slower(
    estimated: Estimated, waves: Path, high: Path
) -> None:
    def slower(path: Path, *more: str) -> float:
        return elapsed_s(estimated(path, "--not-acclimatised", *more)) / elapsed_s(estimated(path))

    assert slower(high) > 1.03
    assert slower(high) > slower(waves) >= 1.0
    assert slower(high, "--home-altitude", "3000") < slower(high)


@pytest.mark.parametrize(
    ("option", "less", "more"), [("--pack", "0", "12"), ("--terrain", "0.1", "0.8")]
)
def test_what_makes_it_slower(
    estimated: Estimated, waves: Path, option: str, less: str, more: str
) -> None:
    light, heavy = (elapsed_s(estimated(waves, option, value)) for value in (less, more))
    assert heavy > 1.02 * light


def test_why_adds_up(run: Gpxstage, estimated: Estimated, race: Path) -> None:
    rows = estimated(race, "--why")
    for stage, why in zip(rows["stages"], rows["why"]["stages"], strict=True):
        causes = sum(value for key, value in why.items() if key.endswith("_s"))
        assert causes == pytest.approx(stage["elapsed_s"]["p50"], abs=6)
    text = run("estimate", "--why", race).out
    assert "flat road" in text
    assert "tobler" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_staged_race_with_starts_is_a_race(run: Gpxstage, tmp_path: Path) -> None:
    me = tmp_path / "me.toml"
    me.write_text('schema = 1\neffort = "recorded"\nflat_speed_mps = 3.2\n', encoding="utf-8")
    course = Path(__file__).parents[1] / "sample_courses" / "transrockies-run-2016"
    assert "as hard as in a race" in run("estimate", course, "--runner", me, "--draws", "0").err
    hiked = tmp_path / "hike"
    shutil.copytree(course, hiked)
    race = hiked / "race.toml"
    lines = race.read_text("utf-8").splitlines()
    race.write_text("\n".join(line for line in lines if not line.startswith("start ")), "utf-8")
    assert "as hard as in the recordings" in run("estimate", hiked, "--runner", me).err
