"""A relay: its legs are the race, its clock runs on, and pacers go as the runners do."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from made import Gpxstage

import gpxstage as gs
from gpxstage.course import Course, CourseError
from gpxstage.estimator.runner import LEVELS
from gpxstage.facts.relay import relay
from gpxstage.racefile import load

SAMPLES = Path(__file__).resolve().parents[1] / "sample_courses"
TOR, WEEK = "tor-des-geants", "transrockies-run-2016"


@pytest.fixture(scope="module")
def tor() -> Course:
    return load(SAMPLES / TOR)


@pytest.mark.parametrize("name", [TOR, WEEK, "chattanooga-mountains"])
def test_one_runner_with_one_leg_takes_as_long_as_alone(name: str) -> None:
    course = load(SAMPLES / name)
    every = [stage.number for stage in course.stages]
    found = relay(course, [(every, "mid")])
    alone = gs.analyze(course, "mid", draws=0).facts
    (leg,) = found.legs
    assert found.elapsed_s == leg.elapsed_s == alone.elapsed_s.p50
    assert leg.moving_s == alone.moving_s.p50
    assert (leg.length_m, leg.gain_m) == pytest.approx((alone.length_m, alone.gain_m))
    assert leg.start == (alone.start if alone.through else alone.stages[0].start)
    assert leg.arrival == alone.stages[-1].points[-1].arrival


def test_the_legs_are_the_whole_race_and_the_clock_runs_on(tor: Course) -> None:
    found = relay(tor, [([3, 4, 5], "mid"), ([1, 2], LEVELS["strong"]), ([6, 7], "back")])
    whole = gs.analyze(tor, estimated=False).facts
    assert [leg.who for leg in found.legs] == ["strong", "mid", "back"]
    assert sum(leg.length_m for leg in found.legs) == pytest.approx(whole.length_m, abs=1.0)
    assert sum(leg.gain_m or 0.0 for leg in found.legs) == pytest.approx(whole.gain_m, abs=1.0)
    assert sum(leg.elapsed_s for leg in found.legs) == found.elapsed_s
    for one, two in zip(found.legs, found.legs[1:], strict=False):
        assert one.start is not None
        assert one.arrival is not None
        assert two.start is not None
        assert abs((two.start - one.arrival).total_seconds()) <= 1.0
        assert (one.arrival - one.start).total_seconds() == pytest.approx(one.elapsed_s, abs=1.0)


def test_a_leg_over_a_change_of_the_clock_starts_on_the_new_one(tor: Course) -> None:
    start = datetime(2026, 10, 24, 20, tzinfo=ZoneInfo("Europe/Rome"))  # back an hour at 03:00
    first, second = relay(
        replace(tor, start=start), [([1], "mid"), ([2, 3, 4, 5, 6, 7], "mid")]
    ).legs
    assert first.arrival is not None
    assert second.start == first.arrival
    assert second.start.utcoffset() == timedelta(hours=1)
    assert (second.start.astimezone(UTC) - start.astimezone(UTC)).total_seconds() == first.elapsed_s


def test_a_relay_of_equals_is_faster_than_one_of_them_alone(tor: Course) -> None:
    """Nobody is tired or sleepy from the part of another."""
    found = relay(tor, [([number], "mid") for number in range(1, 8)])
    assert found.elapsed_s < 0.9 * (gs.analyze(tor, "mid", draws=0).facts.elapsed_s.p50 or 0)


def test_in_a_staged_race_each_keeps_the_start_of_the_stage() -> None:
    course = load(SAMPLES / WEEK)
    found = relay(course, [([1, 3, 5], "mid"), ([2, 4, 6], "strong")])
    assert [leg.start for leg in found.legs] == [course.stages[0].start, course.stages[1].start]


def test_a_pacer_does_what_the_runners_do_there(tor: Course) -> None:
    runs = [([1, 2, 3, 4], "mid"), ([5, 6, 7], "back")]
    found = relay(tor, runs, [([4, 5], "A pacer"), ([7], "Another")])
    first, second, pacer, last = found.legs
    assert [leg.role for leg in found.legs] == ["runner", "runner", "pacer", "pacer"]
    assert (pacer.who, pacer.stages) == ("A pacer", (4, 5))
    assert first.start < pacer.start < first.arrival < pacer.arrival < second.arrival
    assert last.arrival == second.arrival
    assert (pacer.arrival - pacer.start).total_seconds() == pytest.approx(pacer.elapsed_s, abs=1.0)


def test_cutoffs_are_those_of_the_race(tor: Course) -> None:
    """The clock of the race does not begin anew with a leg."""
    found = relay(tor, [([1, 2, 3], "back"), ([4, 5, 6, 7], "back")])
    arrival_s = found.elapsed_s
    limit_s = tor.stages[-1].points[-1].cutoff_s or tor.limit_s
    assert limit_s is not None
    last = found.legs[-1].margin_s
    assert last is not None
    assert last <= limit_s - arrival_s


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([([1, 2], "mid")], "stage 3: nobody runs it"),
        ([([1, 2, 3], "mid"), ([3, 4, 5, 6, 7], "mid")], "stage 3: it is run more than once"),
        ([([1, 2, 3, 5], "mid"), ([4, 6, 7], "mid")], "stages 1, 2, 3, 5 are not one way"),
    ],
)
def test_what_is_no_relay(tor: Course, runs: list[tuple[list[int], str]], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        relay(tor, runs)


def test_a_pacer_has_one_way(tor: Course) -> None:
    with pytest.raises(CourseError, match="Someone: stages 1, 3 are not one way"):
        relay(tor, [(range(1, 8), "mid")], [([1, 3], "Someone")])


def test_without_a_start_there_are_no_clocks(tor: Course) -> None:
    found = relay(replace(tor, start=None), [([1, 2, 3], "mid"), ([4, 5, 6, 7], "mid")])
    assert all(leg.start is leg.arrival is leg.dark_s is None for leg in found.legs)


class TestCommand:
    WORDS = ("--leg", "1-3", "mid", "--leg", "4,5,6,7", "strong", "--pacer", "7", "Cleo")

    def test_all_forms_have_the_same_legs(self, run: Gpxstage) -> None:
        source = str(SAMPLES / TOR)
        found = json.loads(run("relay", source, *self.WORDS, "--json").out)
        assert [leg["stages"] for leg in found["legs"]] == [[1, 2, 3], [4, 5, 6, 7], [7]]
        lines = list(csv.DictReader(io.StringIO(run("relay", source, *self.WORDS, "--csv").out)))
        assert [line["role"] for line in lines] == ["runner", "runner", "pacer"]
        table = run("relay", source, *self.WORDS).out
        assert "Cleo" in table
        assert "4-7" in table
        assert max(map(len, table.splitlines())) <= 80
        assert lines[0]["elapsed"] in table

    @pytest.mark.parametrize("pacer", ["Ada Lovelace", "Chimamanda"])
    def test_no_name_is_broken_in_the_width_of_a_pipe(self, run: Gpxstage, pacer: str) -> None:
        words = ("--leg", "1-3", "strong", "--leg", "4-7", "mid", "--pacer", "6-7", pacer)
        lines = run("relay", str(SAMPLES / TOR), *words).out.splitlines()
        assert max(map(len, lines)) <= 80
        assert {"strong", "mid", *pacer.split()} <= {
            word for line in lines for word in line.split()
        }
        head = next(line for line in lines if line.startswith("who"))
        assert {"start", "expected", "margin"} <= set(head.split())

    def test_runners_of_one_name_are_called_by_their_files(
        self, run: Gpxstage, tmp_path: Path
    ) -> None:
        files = [tmp_path / "ida.toml", tmp_path / "ben.toml"]
        for file, speed in zip(files, (3.1, 2.9), strict=True):
            file.write_text(
                f'schema = 1\nname = "you"\neffort = "race"\nflat_speed_mps = {speed}\n'
            )
        legs = zip(("1-2", "3-4", "5", "6"), (files[0], files[1], "strong", files[0]), strict=True)
        words = [word for stages, who in legs for word in ("--leg", stages, str(who))]
        found = json.loads(run("relay", str(SAMPLES / WEEK), *words, "--json").out)
        assert [leg["who"] for leg in found["legs"]] == [
            "you (ida)", "you (ben)", "strong", "you (ida)",
        ]  # fmt: skip
        found = json.loads(
            run("relay", str(SAMPLES / WEEK), "--leg", "1-6", str(files[0]), "--json").out
        )
        assert found["legs"][0]["who"] == "you"

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (("--leg", "1-8", "mid"), "--leg 8: the race has stages 1 to 7"),
            (("--leg", "3-1", "mid"), "--leg 3-1: 3 comes after 1"),
            (("--leg", "1-7", "nobody.toml"), "nobody.toml"),
        ],
    )
    def test_wrong_words(self, run: Gpxstage, words: tuple[str, ...], says: str) -> None:
        done = run("relay", str(SAMPLES / TOR), *words)
        assert done.code in (1, 2)
        assert says in done.err
