"""Runner files: written, read back, changed by hand, refused with the nearest valid key."""

from __future__ import annotations

import math
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpxstage.course import CourseError
from gpxstage.estimator.learnt import Ground
from gpxstage.estimator.runner import KEYS, Runner, at_ability, moved
from gpxstage.estimator.runner_file import (
    UNKNOWN_SPREAD,
    Number,
    Recorded,
    RunnerFile,
    check,
    read_file,
    runner_of,
)
from gpxstage.estimator.runner_text import text

FLAT = Number("flat_speed_mps", 3.2, 0.06, "data")
RECORDED = Recorded(5, 20.3, 2.3, 6.1, 0.74)
RACE = (Number("flat_speed_mps", 3.9, 0.1, "data"), Number("ease", 1.2))


def parsed(content: str) -> RunnerFile:
    return check(tomllib.loads(content), "me.toml")


def file(**changes: object) -> RunnerFile:
    whole = RunnerFile(
        (FLAT, Number("descent_m_per_h", 2100.0, 0.3, "prior"), Number("habit", 0.1, 0.1, "data")),
        effort="recorded",
        recorded=RECORDED,
        race=RACE,
        race_origin="heart rate",
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_what_is_written_is_read() -> None:
    assert parsed(text(file())) == file()


@given(
    values=st.fixed_dictionaries(
        {}, optional={key: st.floats(row.low, row.high) for key, row in KEYS.items()}
    )
)
def test_any_number_in_range_comes_back(values: dict[str, float]) -> None:
    numbers = [Number(key, value) for key, value in values.items() if key != "flat_speed_mps"]
    found = parsed(text(RunnerFile((FLAT, *numbers))))
    back = {number.key: number.value for number in found.numbers}
    assert back.pop("flat_speed_mps") == 3.2
    assert back == pytest.approx({n.key: n.value for n in numbers}, rel=1e-3)


def test_the_same_gives_the_same_bytes_and_every_number_is_explained() -> None:
    content = text(file())
    assert content == text(file())
    assert content.endswith("\n")
    for line in content.splitlines():
        if line.startswith(("flat_speed_mps", "descent_m_per_h", "habit", "ease")):
            assert "#" in line


def test_every_key_is_a_field_of_a_runner() -> None:
    slopes = {"length_slope", "steepness_slope"}  # they are in `Runner.seen`
    assert set(KEYS) - slopes <= {field.name for field in fields(Runner)}


def test_a_number_may_stand_alone() -> None:
    (flat,) = parsed("schema = 1\nflat_speed_mps = 3").numbers
    assert flat == Number("flat_speed_mps", 3.0, None, "you")


def test_what_is_left_out_follows_from_ability() -> None:
    runner, _ = runner_of(parsed("schema = 1\nflat_speed_mps = 3.5"))
    likely = at_ability(3.5, "you", "recordings")
    assert runner == replace(likely, ability_spread=UNKNOWN_SPREAD)
    assert runner.known_from == "elsewhere"  # no recordings: nothing is known of their scatter


def test_at_the_recordings_effort() -> None:
    runner, notes = runner_of(file())
    assert (runner.flat_speed_mps, runner.descent_m_per_h, runner.habit) == (3.2, 2100.0, 0.1)
    assert (runner.habit_from_h, runner.habit_to_h) == (2.3, 6.1)
    assert (runner.ability_spread, runner.known_from) == (UNKNOWN_SPREAD, "outings")
    assert notes == ("you: as hard as in the recordings; --effort race is harder",)


def test_in_a_race() -> None:
    runner, notes = runner_of(file(), "race")
    assert (runner.flat_speed_mps, runner.ease, runner.habit) == (3.9, 1.2, 0.0)
    assert runner.ability_spread == pytest.approx(math.hypot(UNKNOWN_SPREAD, 0.1))
    assert runner.descent_m_per_h == 2100.0
    assert notes == ("you: as hard as in a race, by the heart rate",)


SHORT = Recorded(  # the longer ones at a better ability
    5, 6.2, 0.9, 2.1, 0.81, effort_km=(16.0, 13.0, 26.0), climb_m_per_km=(36.0, 30.0, 46.0)
)
SLOPES = (Number("length_slope", 0.116, 0.05, "data"), Number("steepness_slope", -0.2, 0.15))
HUNDRED_MILES = Ground(203.0, 26.0)


def test_a_race_counts_its_effort_once() -> None:
    racer = runner_of(file(numbers=(FLAT, *SLOPES), recorded=SHORT), "race")[0]
    without = runner_of(file(numbers=(FLAT,), recorded=SHORT), "race")[0]
    there = moved(racer, HUNDRED_MILES)
    assert there.flat_speed_mps < RACE[0].value
    assert there == moved(without, HUNDRED_MILES)
    assert there.ability_spread > racer.ability_spread


@pytest.mark.parametrize("race_origin", ["heart rate", "results"])
@pytest.mark.parametrize("km", [10.0, 16.0, 50.0, 203.0])
def test_no_outing_is_harder_than_a_race(km: float, race_origin: str) -> None:
    known = file(numbers=(FLAT, *SLOPES), recorded=SHORT, race_origin=race_origin)
    easy, hard = (
        moved(runner_of(known, effort)[0], Ground(km, 26.0)) for effort in ("recorded", "race")
    )
    assert easy.flat_speed_mps <= hard.flat_speed_mps
    assert easy.ease <= hard.ease


def test_where_no_race_is_known_longer_outings_are_as_they_were() -> None:
    known = file(numbers=(FLAT, *SLOPES), recorded=SHORT, race_origin="usual")
    easy = moved(runner_of(known)[0], Ground(26.0, 36.0))
    assert easy.flat_speed_mps == pytest.approx(FLAT.value * (26.0 / 16.0) ** 0.116)


def test_raced_recordings_have_one_effort() -> None:
    raced = file(effort="race", race=(), race_origin="")
    assert runner_of(raced) == runner_of(raced, "race")
    assert "as hard as in a race" in runner_of(raced)[1][0]


def test_an_unknown_effort_is_said() -> None:
    assert "however hard that was" in runner_of(file(effort="unknown"))[1][0]
    usual = file(effort="unknown", race_origin="usual")
    assert "by what such a runner usually can do" in runner_of(usual, "race")[1][0]


HEAD = "schema = 1\nflat_speed_mps = 3\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("flat_speed_mps = 3", "no schema: a runner file needs schema = 1"),
        ("schema = 2\nflat_speed_mps = 3", "schema is 2"),
        ("schema = 1", "flat_speed_mps is missing"),
        ("schema = 1\nflat_sped_mps = 3", "unknown key flat_sped_mps: did you mean flat_speed_mps"),
        (f"{HEAD}zzz = 1", "unknown key zzz: known are flat_speed_mps, "),
        (
            f"{HEAD}descent_m_per_h = 'fast'",
            "descent_m_per_h: expected a number or a table, got text",
        ),
        (f"{HEAD}descent_m_per_h = 1", "descent_m_per_h 1 is out of range: 50 ... 20000"),
        (f"{HEAD}descent_m_per_h = nan", "descent_m_per_h nan is out of range"),
        (f"{HEAD}descent_m_per_h = {{ value = 2000, spred = 1 }}", "spred: did you mean spread"),
        (f"{HEAD}descent_m_per_h = {{ spread = 0.1 }}", "descent_m_per_h: misses value"),
        (
            f"{HEAD}descent_m_per_h = {{ value = 2000, from = 'me' }}",
            "descent_m_per_h: from: invalid enum",
        ),
        (f"{HEAD}effort = 'rase'", "effort must be one of race, recorded, unknown"),
        (f"{HEAD}name = 3", "name: expected text in quotes, got a whole number"),
        (f"{HEAD}race = 3", "race must be a table"),
        (f"{HEAD}[race]\nhabit = 0.1", "race: unknown key habit"),
        (f"{HEAD}[recordings]\ncount = 1", "recordings: misses hours"),
    ],
)
def test_what_is_wrong_is_said(content: str, said: str) -> None:
    with pytest.raises(CourseError) as caught:
        parsed(content)
    assert str(caught.value).startswith("me.toml: ")
    assert said in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "me.toml"
    with pytest.raises(FileNotFoundError):
        read_file(path)
    path.write_bytes(b"schema = ")
    with pytest.raises(CourseError, match=r"me\.toml: is not TOML"):
        read_file(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CourseError, match=r"me\.toml: is not UTF-8"):
        read_file(path)
    with pytest.raises(CourseError, match="cannot be read"):
        read_file(tmp_path)


def test_a_file_is_read_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "me.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text(file()).encode())
    assert runner_of(read_file(path))[0].flat_speed_mps == 3.2


def test_what_the_crew_brings_comes_back() -> None:
    written = file(crew_items=("pizza", 'a "good" sock'))
    assert parsed(text(written)) == written


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ('["a", "b", "c", "d", "e", "f", "g"]', "7 items: a crew card takes 6 at most"),
        (f'["{"x" * 33}"]', "is longer than 32 letters"),
        ('[" "]', "an item is empty"),
        ('"pizza"', "expected array, got text in quotes"),
        ("[3]", "expected text in quotes, got a whole number"),
    ],
)
def test_more_than_a_card_takes(items: str, said: str) -> None:
    with pytest.raises(CourseError, match=f"me.toml: crew_items.*{said}"):
        parsed(f"schema = 1\nflat_speed_mps = 3.2\ncrew_items = {items}\n")


def test_the_old_name_of_a_number_is_read_with_a_note(tmp_path: Path) -> None:
    path = tmp_path / "me.toml"
    path.write_text(f"{HEAD}descent_mph = 2100", encoding="utf-8")
    runner, notes = runner_of(read_file(path))
    assert runner.descent_m_per_h == 2100.0
    assert notes[1] == (
        "me.toml: descent_mph is called descent_m_per_h now;"
        " the old name was read as descent_m_per_h"
    )
    path.write_text(f"{HEAD}descent_mph = 2100\ndescent_m_per_h = 2200", encoding="utf-8")
    with pytest.raises(CourseError, match=r"descent_mph is the old name of descent_m_per_h"):
        read_file(path)
