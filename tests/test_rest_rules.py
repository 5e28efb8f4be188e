"""What a race allows at its points: the longest stay, and where nobody may sleep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage import load
from gpxstage.course import Course, CourseError
from gpxstage.estimator import estimate, plan_sleep, stops
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Estimate, Policy, Sites
from gpxstage.estimator.runner import LEVELS, at_ability
from gpxstage.profile import measure

TOR = Path(__file__).parents[1] / "sample_courses" / "tor-des-geants"
H = 3600.0


def ruled(course: Course, **rules: object) -> Course:
    """The course with those rules at every point that is no life base."""
    stages = tuple(
        replace(
            stage,
            points=tuple(
                p if p.kind == "life-base" else replace(p, **rules)  # type: ignore[arg-type]
                for p in stage.points
            ),
        )
        for stage in course.stages
    )
    return replace(course, stages=stages)


def answer(course: Course, level: str, policy: Policy | None = None) -> Estimate:
    """The estimate for a level."""
    profiles = [measure(stage.track) for stage in course.stages]
    return estimate(course, profiles, LEVELS[level], policy=policy or Policy())


@pytest.fixture(scope="module")
def tor() -> Course:
    return load(TOR)


@settings(max_examples=200)
@given(
    most_h=st.lists(st.floats(0.0, 6.0), min_size=1, max_size=6),
    moving_h=st.floats(20.0, 120.0),
    data=st.data(),
)
def test_no_stay_is_longer_than_the_race_allows(
    most_h: list[float], moving_h: float, data: st.DataObject
) -> None:
    count = len(most_h)
    weights = st.lists(st.floats(0.0, 5.0), min_size=count, max_size=count)
    where = Sites(
        distance_m=1000.0 * (np.arange(count) + 1),
        stop_weight=np.array(data.draw(weights)),
        sleep_weight=np.array(data.draw(weights)),
        fixed_s=np.full(count, np.nan),
        most_s=H * np.array(most_h),
    )
    edge_m, moving_s = np.array([0.0, 1000.0 * (count + 1)]), np.array([0.0, H * moving_h])
    runner = at_ability(3.7)
    stop_s, sleep_s = stops.standing(where, edge_m, moving_s, runner, JUDGEMENT)
    assert (stop_s + sleep_s <= H * np.array(most_h) + 1e-6).all()
    assert (stop_s >= 0.0).all()
    assert (sleep_s >= 0.0).all()
    free = replace(where, most_s=np.inf)
    stop_free_s, sleep_free_s = stops.standing(free, edge_m, moving_s, runner, JUDGEMENT)
    assert stop_s.sum() <= stop_free_s.sum() + 1e-6
    if (stop_free_s + sleep_free_s <= H * np.array(most_h)).all():
        assert sleep_s == pytest.approx(sleep_free_s)


def test_sleep_that_has_no_room_goes_to_the_other_beds(tor: Course) -> None:
    free, short = answer(tor, "back"), answer(ruled(tor, max_stay_s=0.5 * H), "back")
    stays = [
        stop.stop_s
        for stage, there in zip(tor.stages, short.stages, strict=True)
        for point in stage.points
        if point.kind != "life-base" and point.distance_m is not None
        for stop in there.stops_at(point.distance_m, point.name)
    ]
    assert max(stays) <= 0.5 * H + 1.0
    slept_s = [sum(stage.slept_s for stage in each.stages) for each in (free, short)]
    assert slept_s[1] == pytest.approx(slept_s[0], rel=0.05)
    assert max(s.stop_s for stage in free.stages for s in stage.stops) > 0.5 * H


def test_nobody_sleeps_where_the_race_forbids_it(tor: Course) -> None:
    made = answer(ruled(tor, no_sleep=True), "back")
    asleep = {stop.point for stage in made.stages for stop in stage.stops if stop.sleep_s > 0.0}
    bases = {p.name for stage in tor.stages for p in stage.points if p.kind == "life-base"}
    assert asleep
    assert asleep <= bases


def test_plans_of_sleep_keep_the_rules(tor: Course) -> None:
    most_s = 1.25 * H
    short = replace(
        tor,
        stages=tuple(
            replace(stage, points=tuple(replace(p, max_stay_s=most_s) for p in stage.points))
            for stage in tor.stages
        ),
    )
    profiles = [measure(stage.track) for stage in short.stages]
    found = plan_sleep(short, profiles, LEVELS["back"])
    assert found
    assert any(found)
    for sleeps in found:
        made = answer(short, "back", Policy(sleeps=sleeps))  # no rule is broken: no error
        assert max(stop.stop_s for stage in made.stages for stop in stage.stops) <= most_s + 1.0
        assert sum(stage.slept_s for stage in made.stages) == pytest.approx(sum(sleeps.values()))


def test_wishes_against_the_rules_are_refused(tor: Course) -> None:
    frassati = "Rifugio Frassati"
    with pytest.raises(CourseError, match=r"Frassati: the race allows a stay of 0:30 there"):
        answer(ruled(tor, max_stay_s=0.5 * H), "mid", Policy(stops={frassati: H}))
    with pytest.raises(CourseError, match=r"Frassati: the race forbids to sleep there"):
        answer(ruled(tor, no_sleep=True), "mid", Policy(sleeps={frassati: H}))


def race_file(folder: Path, race: str = "", point: str = "") -> Path:
    (folder / "r.gpx").write_text((TOR / "1-valgrisenche.gpx").read_text("utf-8"), "utf-8")
    (folder / "race.toml").write_text(
        f'name = "R"\n{race}\n[[stage]]\ngpx = "r.gpx"\n'
        f'[[stage.point]]\nname = "Hut"\nkind = "aid"\nkm = 12\n{point}\n'
        '[[stage.point]]\nname = "Base"\nkind = "life-base"\nkm = 20\n',
        "utf-8",
    )
    return folder


def test_a_race_file_gives_the_rules(tmp_path: Path) -> None:
    keys = "max_stay_min = 120\nno_sleep = true\ndrop_bag = true\ndrive_min = 45"
    hut, base = load(race_file(tmp_path, "max_stay_min = 90", keys)).stages[0].points[:2]
    assert (hut.max_stay_s, hut.no_sleep, hut.drop_bag, hut.drive_s) == (2 * H, True, True, 2700.0)
    assert (base.max_stay_s, base.no_sleep, base.drop_bag, base.drive_s) == (
        None,
        False,
        False,
        None,
    )
    hut = load(race_file(tmp_path, "max_stay_min = 90")).stages[0].points[0]
    assert hut.max_stay_s == 1.5 * H


def test_a_stop_over_the_longest_stay_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r'point "Hut": stop_min is over max_stay_min, 30'):
        load(race_file(tmp_path, "max_stay_min = 30", "stop_min = 40"))
