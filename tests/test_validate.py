"""The validation's own arithmetic; where the real files are, the claims of docs/accuracy.md."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "scripts"))

from validation import (  # noqa: E402
    doubles,
    events,
    fields,
    halves,
    levels,
    page,
    passages,
    races,
    refit,
    rules,
    stages,
    transfer,
    underway,
)
from validation.folders import Folders  # noqa: E402

from gpxstage.estimator.fit import windows  # noqa: E402
from gpxstage.estimator.nouns import Push, Sites  # noqa: E402


@pytest.fixture(scope="module")
def folders() -> Folders:
    found = Folders.default()
    if gone := found.missing():
        pytest.skip(f"{gone} in the folder of real files (GPXSTAGE_DATA)")
    return found


def _race(finish_h: list[float]) -> races.Race:
    """A level course of 10 km without stops, one place half way, reached at half the time."""
    n = 100
    flat = np.zeros(n)
    nowhere = Sites(*(np.zeros(0) for _ in range(4)))
    edge_m = np.linspace(0.0, 10_000.0, n + 1)
    push = Push(edge_m, flat, flat, flat, flat + 46.0, flat + 7.0, nowhere)
    finish = np.array(finish_h)
    return races.Race(
        "made",
        (push,),
        np.zeros(len(finish), dtype=np.int64),
        ("half way",),
        np.array([5000.0]),
        np.array([False]),
        0.5 * finish[:, None],
        finish,
        tuple("abc"[: len(finish)]),
    )


def test_a_rule_of_distance_is_right_for_an_even_pace() -> None:
    race = _race([1.0, 1.2])
    assert passages.by_rule(race, rules.distance) == pytest.approx(np.zeros((2, 1)), abs=1e-12)
    late = passages.by_rule(race, rules.faded("course-generator", rules.FADE_TO))
    assert (late < 0.0).all(), "who slows down is earlier half way"


def test_others_are_without_the_one_that_is_told() -> None:
    race = _race([1.0, 2.0, 3.0])
    race.observed_h[:, 0] = [0.4, 1.0, 1.8]  # shares of 0.4, 0.5, 0.6
    told = passages.others(race, None)[:, 0]
    assert told == pytest.approx([0.55 / 0.4 - 1.0, 0.0, 0.45 / 0.6 - 1.0])
    assert passages.others(race, 1)[0, 0] == pytest.approx(0.5 / 0.4 - 1.0)


def test_the_finish_of_a_field_is_given_back() -> None:
    field = races.fields(_race([1.0]))[0]
    for hours in field.finish_h:
        assert field.at_finish(field.finish_h, hours) == pytest.approx(hours)


def test_quarters_go_by_the_clock() -> None:
    assert [list(places) for places in _race([1.0]).quarters()] == [[], [], [0], []]


@pytest.mark.parametrize(
    ("time_s", "cuts"),
    [
        ([0, 10, 20, 30, 40], [0, 3, 4]),
        ([0, 5, 900, 905, 935], [0, 2, 4]),  # a pause of a quarter of an hour is one window
        ([0, 29], [0, 1]),
    ],
)
def test_windows_are_of_thirty_seconds_at_least(time_s: list[int], cuts: list[int]) -> None:
    assert list(windows.cuts(np.array(time_s, dtype=float))) == cuts


def test_signed_has_no_sign_at_zero() -> None:
    assert [page.signed(x) for x in (0.0123, -0.0123, -0.0001)] == ["+1.2", "−1.2", "0.0"]


def test_filling_leaves_tables_alone() -> None:
    table = "| " + "long " * 40 + "|\n| --- |"
    assert page.fill(f"{'word ' * 30}\n\n{table}").endswith(table)


def test_the_stored_refits_are_of_these_constants() -> None:
    fits = refit.stored()
    families = {"Tor", "UTMB", *(family for _, family in races.SINGLE.values())}
    assert set(fits) == {refit.ALL, *families}
    assert {len(values) for values in fits.values()} == {len(refit.FREE)}


def test_passages_of_the_tor(folders: Folders) -> None:
    race = passages.tor(folders)
    error = passages.score(race)
    assert error.shape == (58, 6)
    assert page.rms(error) <= 0.055
    for places in race.quarters():
        assert abs(error[:, places].mean()) <= 0.04


def test_passages_of_the_utmb(folders: Folders) -> None:
    race = passages.utmb(folders)
    error = passages.score(race)
    assert page.rms(error) <= 0.055
    for places in race.quarters():
        assert abs(error[:, places].mean()) <= 0.04


def test_passages_of_a_race_that_nothing_was_fitted_to(folders: Folders) -> None:
    race = passages.earlier(folders)[0]
    assert race.name == "UTMB 2015"
    assert page.rms(passages.score(race)) <= 0.055


def test_passages_of_races_that_were_left_out(folders: Folders) -> None:
    found = passages.left_out(folders)
    sizes = [page.rms(error) for _, error in found]
    assert len(found) == 10
    assert np.mean(sizes) <= 0.075
    assert np.mean([passages.median(error) for _, error in found]) <= 0.03
    bias = np.nanmean([passages.quarters(race, error) for race, error in found], axis=0)
    assert np.abs(bias).max() <= 0.04
    for rule in rules.WITH_FADE.values():
        assert np.mean([page.rms(passages.by_rule(race, rule)) for race, _ in found]) > np.mean(
            sizes
        )


def test_every_plain_rule_is_behind(folders: Folders) -> None:
    for race in (passages.tor(folders), passages.utmb(folders)):
        ours = page.rms(passages.score(race))
        for rule in (rules.WITH_FADE | rules.CURVES).values():
            assert page.rms(passages.by_rule(race, rule)) > 1.5 * ours


def test_levels_are_places_in_both_fields(folders: Folders) -> None:
    assert np.abs(levels.level_errors(folders)).max() <= 0.06


def test_a_goal_of_97_hours_on_the_tor(folders: Folders) -> None:
    race = passages.tor(folders)
    push = race.pushes[0]
    _, done = levels.goal(push, 97.0)
    assert 0.70 <= levels.hiked(done) <= 0.86
    assert 78.0 <= races.passage_h(race, push, done)[race.places.index("Ollomont")] <= 84.0


def test_the_table_of_indices_is_what_the_engine_says_now(folders: Folders) -> None:
    lines = levels.INDEX_TABLE.read_text(encoding="utf-8").splitlines()[3:]
    rows = dict(line.split("\t") for line in lines)
    push = races.utmb_push(folders, races.utmb_start(2024, 30), of_2024=False)
    for index in ("250", "500", "1000"):
        runner, _ = levels.goal(push, 1000.0 * levels.INDEX_1000_H / float(index))
        assert float(rows[index]) == pytest.approx(runner.flat_speed_mps, rel=0.01), (
            "run scripts/validate.py"
        )


def test_the_table_of_fields_is_what_the_results_give(folders: Folders) -> None:
    lines = fields.text(events.editions(folders)).splitlines()
    shipped = fields.TABLE.read_text(encoding="utf-8").splitlines()
    assert lines[:7] == shipped[:7], "what it is made of"
    made, kept = ([line.split("\t") for line in each[7:]] for each in (lines, shipped))
    assert [row[0] for row in made] == [row[0] for row in kept]
    for mine, theirs in zip(made, kept, strict=True):
        assert list(map(float, mine[1:])) == pytest.approx(list(map(float, theirs[1:])), abs=2e-3)


def test_a_place_is_carried_by_past_results(folders: Folders) -> None:
    """The aim where the other years' results are known: a median error of 8 %."""
    assert float(transfer.figures(transfer.told(folders, "both"))[0]) <= 8.6


def test_the_year_that_is_scored_is_not_known(folders: Folders) -> None:
    known = transfer.before(folders, "OCC", 2024)
    occ = next(e for e in events.editions(folders) if e.name == "OCC").without(2024)
    assert occ.years == (2022, 2023, 2025)
    assert known.target_h == pytest.approx(occ.needed.hours)
    unseen = transfer.before(folders, "OCC", 2024, results=False)
    assert unseen.target_h is None
    assert "OCC" not in unseen.terrain


# a race under way, staged races, halves of a field


def test_a_half_has_one_of_each_pair_and_is_scored_by_the_other() -> None:
    for seed in halves.SEEDS:
        side = halves.sides(58, seed)
        assert (side[::2] + side[1::2] == 1).all()
    assert (halves.sides(4, 0) == [0, 1, 0, 1]).all()
    assert len(halves.sides(5, 3)) == 5
    one = halves.part(_race([1.0, 2.0, 3.0]), np.array([0, 2]))
    assert (one.finish_h == [1.0, 3.0]).all()
    assert one.who == ("a", "c")


def test_the_shipped_values_are_within_what_is_fitted() -> None:
    for free in halves.CONSTANTS:
        assert free.low <= getattr(stages.JUDGEMENT, free.name) <= free.high


def test_the_first_stage_is_told_as_it_was_and_more_loss_is_slower() -> None:
    days = stages.sables()
    told = [days.told_s(loss, {0: 8000.0}) for loss in (0.0, 0.03)]
    assert [each[0] for each in told] == pytest.approx([8000.0, 8000.0], rel=1e-3)
    assert (told[1][2:] > told[0][2:]).all()  # the first stage is too short to cost anything


def test_a_rule_is_scaled_to_the_first_stage() -> None:
    folders = Folders(Path("nowhere"), ROOT / "scripts" / "validation" / "facts")
    real = stages.results(folders)
    assert list(real) == ["men 1", "men 2", "men 3", "women 1", "women 2"]
    for stage_s in (each for each in real.values() if np.isfinite(each).all()):
        assert stage_s[:-1].sum() == pytest.approx(stage_s[-1])  # of the same person
    error = stages.sables_by_rule(folders, "distance", 1.0)["men 1"]
    lengths_m = [float(push.edge_m[-1]) for push in stages.sables().pushes]
    told_s = real["men 1"][0] * lengths_m[4] / lengths_m[0]
    assert error[3] == pytest.approx(told_s / real["men 1"][4] - 1.0)


def test_what_a_day_costs_is_near_what_two_races_on_a_weekend_say() -> None:
    folders = Folders(Path("nowhere"), ROOT / "scripts" / "validation" / "facts")
    found = doubles.columns(folders)
    fits = [doubles.fitted(found, "first")]
    known = np.isfinite(found["others"])
    fits.append(doubles.fitted({name: each[known] for name, each in found.items()}, "others"))
    for shipped, low, high in zip(
        doubles.SHIPPED, np.min(fits, axis=0), np.max(fits, axis=0), strict=True
    ):
        assert 0.9 * low <= shipped <= 1.1 * high


def test_a_passage_half_way_leaves_less_than_seven_tenths_of_the_error(folders: Folders) -> None:
    error = np.abs(underway.errors(folders))
    assert error[:, 1].mean() <= underway.AIM * error[:, 0].mean()
    for at_h, _, _, then in underway.from_occ(folders):
        assert then.spread is not None
        assert (then.spread[0].elapsed_s > 3600.0 * at_h).all()


def test_a_desert_week_by_its_file_alone(folders: Folders) -> None:
    winner_h = stages.results(folders)["men 1"][stages.WHOLE] / 3600.0
    assert stages.bare_h("elite") == pytest.approx(winner_h, rel=0.06)
    assert stages.bare_h("mid") == pytest.approx(np.mean(stages.FIELD_MIDDLE_H), rel=0.10)
    error = stages.sables_errors(folders, stages.JUDGEMENT.stage_loss)
    assert stages.winners_error(error) <= 0.06


def test_days_of_a_traverse_are_told_near_the_aim(folders: Folders) -> None:
    error = stages.traverse_errors(folders, stages.JUDGEMENT.stage_loss)
    assert error.shape == (10,)
    assert np.median(np.abs(error)) <= 0.14  # the aim is 0.12
