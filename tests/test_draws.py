"""The draws: seeded, ordered, converging, finite, and no more memory than a small machine has."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from gpxstage.course import Course, Point, Stage, Track
from gpxstage.estimator import Policy, cloud, draws, endurance, engine, estimate
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Halt, Push, Run, StageSpread
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.facts.analysis import analyze
from gpxstage.facts.whole import json_text
from gpxstage.geo import metric_m_per_deg
from gpxstage.profile import measure

MORNING = datetime(2025, 9, 14, 8, tzinfo=UTC)
MID = at_ability(3.75)
LENGTH_M = 60_000.0
POINTS = (
    Point("hut", "aid", distance_m=20_000.0),
    Point("base", "life-base", distance_m=40_000.0, services=("bed",)),
)


def track(length_m: float = LENGTH_M) -> Track:
    """Hills of 800 m eastward."""
    along_m = np.linspace(0.0, length_m, round(length_m / 25.0) + 1)
    _, east_m_per_deg = metric_m_per_deg(np.array([46.0]))
    height_m = 1500.0 + 400.0 * (1.0 - np.cos(2.0 * np.pi * along_m / 9000.0))
    lat, nowhen = np.full(len(along_m), 46.0), np.full(len(along_m), np.nan)
    return Track(lat, 7.0 + along_m / east_m_per_deg, height_m, nowhen, np.zeros(1, int))


def made(
    length_m: float = LENGTH_M, points: tuple[Point, ...] = POINTS
) -> tuple[Push, list[Halt], Course]:
    line = track(length_m)
    stage = Stage(1, "made", line, points, terrain=0.4)
    course, part = Course("made", (stage,), start=MORNING), [(stage, measure(line))]
    halts = halts_of(course, part)
    return push_of(course, part, halts, 1.0), halts, course


PUSH, HALTS, COURSE = made()
PLAIN = engine.run(PUSH, MID, JUDGEMENT, Policy())
PROFILES = [measure(COURSE.stages[0].track)]
COARSE = 16  # cells in one, where many draws are asked for a law that holds on any cells


def drawn(
    normals: np.ndarray | None = None, runner: Runner = MID, **more
) -> tuple[StageSpread, Run]:
    coarse, run = draws.drawn(
        PUSH,
        PLAIN,
        runner,
        Policy(),
        constants=JUDGEMENT,
        normals=draws.normals() if normals is None else normals,
        **({"fresh": 1.0} | more),
    )
    return cloud.split_draws(coarse, draws.summed(coarse, run, "hiked_s"), HALTS)[0], run


def width(found: StageSpread) -> float:
    low, high = np.quantile(found.elapsed_s, (0.1, 0.9))
    return float(high - low)


def staged(count: int) -> Course:
    line = track(30_000.0)
    stages = tuple(Stage(k + 1, f"day {k + 1}", line, terrain=0.4) for k in range(count))
    return Course("days", stages, format="staged")


def test_a_seed_gives_its_bytes() -> None:
    assert draws.normals(50, 3).tobytes() == draws.normals(50, 3).tobytes()
    assert draws.normals(50, 3).tobytes() != draws.normals(50, 4).tobytes()

    def told(seed: int) -> bytes:
        found = estimate(COURSE, PROFILES, MID, draws=40, seed=seed).spread
        assert found is not None
        return found[0].moving_s.tobytes() + found[0].stop_s.tobytes()

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_the_normals_are_standard() -> None:
    found = draws.normals(2000)
    assert found.shape == (2000, 1 + len(draws.SPREADS))
    assert np.abs(found.mean(axis=0)).max() < 0.02
    assert np.abs(found.std(axis=0) - 1.0).max() < 0.02
    few = draws.normals()
    assert np.abs(few.mean(axis=0)).max() < 0.06, "200 are even as well"
    off = np.corrcoef(found.T) - np.eye(found.shape[1])
    assert np.abs(off).max() < 0.1


def test_normals_along_a_direction_are_even_in_it_and_still_standard() -> None:
    along = np.array([-0.06, 0.07, 0.05, 0.0, 0.04, 0.03, 0.04, 0.02, 0.02, 0.15, 0.05])
    found = draws.normals(2000, 1, along)
    strata = np.sort(found @ (along / np.linalg.norm(along)))
    quantiles = [NormalDist().inv_cdf((k + 0.5) / 2000) for k in range(2000)]
    assert strata == pytest.approx(quantiles, abs=1e-9)
    assert np.abs(found.mean(axis=0)).max() < 0.02
    assert np.abs(found.std(axis=0) - 1.0).max() < 0.03
    off = np.corrcoef(found.T) - np.eye(found.shape[1])
    assert np.abs(off).max() < 0.1
    nowhere = draws.normals(50, 3, np.zeros(11))
    assert nowhere.tobytes() == draws.normals(50, 3).tobytes()


def test_what_makes_a_push_slower_is_found() -> None:
    runner = replace(MID, ability_spread=0.05)
    found = draws.slower(PUSH, runner, JUDGEMENT, Policy(), spreads=draws.SPREADS)
    by_name = dict(zip(("ability", *draws.SPREADS), found, strict=True))
    assert by_name["ability"] < 0.0
    assert by_name["descent"] < 0.0
    assert min(by_name[name] for name in ("course", "day", "terrain", "decay", "stops")) > 0.0
    assert by_name["course"] == max(found)


def test_p10_and_p90_hang_little_on_the_seed() -> None:
    along = draws.slower(PUSH, MID, JUDGEMENT, Policy(), spreads=draws.SPREADS)

    def scatter(direction: np.ndarray | None) -> np.ndarray:
        ends = [
            np.quantile(
                drawn(draws.normals(200, seed, direction), merged=COARSE)[0].elapsed_s, (0.1, 0.9)
            )
            for seed in range(1, 9)
        ]
        return np.std(np.log(ends), axis=0)

    even = scatter(along)
    assert even.max() < 0.006, "half a per cent of the time"
    assert (even < 0.6 * scatter(None)).all()


def intervals(value: object) -> list[dict[str, float]]:
    """All p10, p50 and p90 anywhere in a report; of margins p10 is the large one."""
    if isinstance(value, dict):
        if set(value) == {"p10", "p50", "p90"}:
            return [value] if None not in value.values() else []
        return [e for key, each in value.items() if key != "margin_s" for e in intervals(each)]
    if isinstance(value, list):
        return [found for each in value for found in intervals(each)]
    return []


def test_p50_lies_between_in_every_interval() -> None:
    for course in (COURSE, staged(2)):
        told = intervals(json.loads(json_text(analyze(course, MID, draws=200).facts)))
        assert len(told) >= 8
        for each in told:
            assert each["p10"] <= each["p50"] <= each["p90"]
        assert sum(each["p10"] < each["p90"] for each in told) >= 8


@pytest.mark.parametrize("at_m", [1000.0, 10_000.0, 20_000.0, 40_000.0, 50_000.0, LENGTH_M])
def test_arrivals_lie_around_the_run_without_draws(at_m: float) -> None:
    found, _ = drawn()
    stood_s = PLAIN.stop_s[PUSH.sites.distance_m < at_m].sum()
    plain_s = np.interp(at_m, PUSH.edge_m, PLAIN.moving_s) + stood_s
    low, high = np.quantile(found.arrival_s(at_m), (0.1, 0.9))
    assert low <= plain_s <= high


def test_coarse_cells_give_the_same_median() -> None:
    medians = [np.median(drawn(merged=merged)[0].elapsed_s) for merged in (1, 4)]
    assert medians[1] == pytest.approx(medians[0], rel=0.005)


def test_who_is_less_known_has_a_wider_interval() -> None:
    normals = draws.normals(800)  # a little width beside a large one is lost in few draws
    runners = [replace(MID, ability_spread=sd) for sd in (0.0, 0.06, 0.12)]
    widths = [width(drawn(normals, runner, merged=COARSE)[0]) for runner in runners]
    assert widths[0] < widths[1] < widths[2]


def test_a_course_that_is_known_has_a_narrower_one() -> None:
    tables = (draws.SPREADS, draws.WITH_RESULTS, draws.WITH_OWN)
    widths = [width(drawn(spreads=table)[0]) for table in tables]
    assert widths[0] > widths[1] > widths[2]
    assert all(set(table) == set(draws.SPREADS) for table in (*tables, draws.OF_OUTINGS))


def test_what_is_known_of_runner_and_race_sets_the_width() -> None:
    def half(runner: Runner, course: Course) -> float:
        found = estimate(course, PROFILES, runner, draws=100).spread
        assert found is not None
        return width(found[0])

    surveyed = replace(COURSE, terrain_spread=0.03)
    elsewhere, here, outings = (
        replace(MID, known_from=known, ability_spread=0.05)
        for known in ("elsewhere", "here", "outings")
    )
    assert half(elsewhere, COURSE) > half(elsewhere, surveyed) > half(here, COURSE)
    assert half(outings, COURSE) < half(elsewhere, COURSE)
    assert half(outings, COURSE) == half(outings, surveyed)  # their scatter holds the courses


def test_more_draws_converge() -> None:
    def ends(count: int, seed: int = 1) -> np.ndarray:
        found, _ = drawn(draws.normals(count, seed), merged=COARSE)
        return np.quantile(found.elapsed_s, (0.1, 0.5, 0.9))

    most = ends(1600)

    def miss(count: int) -> float:
        each = [ends(count, seed) for seed in (1, 2, 3)]
        return float(np.abs(np.array(each) / most - 1.0).mean())

    assert miss(400) < miss(25)
    assert miss(200) < 0.015


def test_a_stage_starts_with_what_each_draw_has_left() -> None:
    course = staged(3)
    found = estimate(course, [measure(s.track) for s in course.stages], MID, draws=60).spread
    assert found is not None
    first, second, third = (each.moving_s[:, -1] for each in found)
    assert (second > first).all()
    assert (third > second).all()
    lost = second / first
    assert np.ptp(lost) > 0.0, "each draw loses its own share"
    assert np.corrcoef(first, lost)[0, 1] > 0.0, "longer days cost more"


def test_freshness_is_each_draw_s_own() -> None:
    normals = draws.normals(50)
    _, run = drawn(normals)
    fresh = endurance.next_fresh(1.0, PUSH, run, MID, JUDGEMENT)
    assert fresh.shape == (50, 1)
    tired, _ = drawn(normals, fresh=fresh)
    rested, _ = drawn(normals)
    assert (tired.moving_s[:, -1] > rested.moving_s[:, -1]).all()


def test_arriving_at_the_end_is_the_elapsed_time() -> None:
    found, _ = drawn()
    assert found.arrival_s(LENGTH_M + 1.0) == pytest.approx(found.elapsed_s, rel=1e-12)
    assert (np.diff(found.moving_s, axis=1) > 0.0).all()


def test_missing_a_cutoff_is_a_probability_that_falls_with_it() -> None:
    arrival_s = np.median(drawn()[0].arrival_s(40_000.0))
    missed = []
    for share in (0.5, 0.9, 1.0, 1.1, 2.0):
        cutoff_s = float(share * arrival_s)
        base = replace(POINTS[1], cutoff_s=cutoff_s)
        stage = replace(COURSE.stages[0], points=(POINTS[0], base))
        course = replace(COURSE, stages=(stage,))
        analysis = analyze(course, MID, profiles=tuple(PROFILES), draws=50)
        rows = [row for row in _points(json_text(analysis.facts)) if row["name"] == "base"]
        missed.append(rows[0]["miss_probability"])
    assert missed == sorted(missed, reverse=True)
    assert missed[0] == 1.0
    assert missed[-1] == 0.0
    assert 0.0 < missed[2] < 1.0


def _points(text: str) -> list[dict]:
    return [row for stage in json.loads(text)["stages"] for row in stage["points"]]


@pytest.mark.parametrize("sign", [-5.0, 5.0])
def test_the_farthest_draws_stay_finite(sign: float) -> None:
    size = 1 + len(draws.SPREADS)
    far = np.vstack([np.full(size, sign), *(sign * np.eye(size))])
    for runner in (MID, at_ability(1.2), at_ability(6.0)):
        for policy in (Policy(), Policy(acclimatised=False)):
            plain = engine.run(PUSH, runner, JUDGEMENT, policy)
            coarse, run = draws.drawn(
                PUSH, plain, runner, policy, constants=JUDGEMENT, normals=far, fresh=1.0
            )
            found = cloud.split_draws(coarse, draws.summed(coarse, run, "hiked_s"), HALTS)[0]
            for values in (found.moving_s, found.stop_s, found.hiked_s, found.energy_kcal):
                assert np.isfinite(values).all()
            assert (np.diff(found.moving_s, axis=1) > 0.0).all()
            assert (found.hiked_s <= found.moving_s[:, -1] * (1.0 + 1e-9)).all()


MEMORY = """
import sys
sys.path.insert(0, sys.argv[1])
from test_draws import MID, POINTS, made
from gpxstage.estimator import estimate
from gpxstage.profile import measure
_, _, course = made(340_000.0)
profiles = [measure(course.stages[0].track)]
estimate(course, profiles, MID, draws=2)

estimate(course, profiles, MID, draws=200)
after = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(after.split()[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss reads /proc")
def test_two_hundred_draws_of_340_km_fit_into_memory() -> None:
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, here], capture_output=True, text=True, check=True
    )
    after = int(done.stdout)
    assert after / 1024.0 < 300.0, f"{after / 1024.0:.0f} MiB"
