"""Twice the input is about twice the work: work is counted, not timed."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from gpx_texts import gpx, only
from tracks import NOON_S, course, made

from gpxstage import geo, parser
from gpxstage.clean import repair, resting
from gpxstage.course import CourseError, Track
from gpxstage.estimator import draws, estimate
from gpxstage.facts.analysis import analyze
from gpxstage.parser.handlers import Handlers
from gpxstage.profile import measure
from gpxstage.racefile import bare, doubled, load, places
from gpxstage.report import markup
from gpxstage.report.say.tables import Table

LINEAR = 2.3  # times the work for twice the input: growth with the square is 4


class Counted:
    """Expat's parser, and how many bytes it has looked at: an open token again each time."""

    def __init__(self, expat: Any) -> None:
        self.expat, self.fed, self.read = expat, 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.expat, name)

    def Parse(self, chunk: bytes, last: bool) -> None:
        self.read += self.fed - max(self.expat.CurrentByteIndex, 0) + len(chunk)
        self.fed += len(chunk)
        self.expat.Parse(chunk, last)


@pytest.mark.parametrize("form", ["<!--{}-->", '<link href="{}"/>', "<?x {}?>", "<{}/>"])
def test_a_long_comment_or_tag_is_not_read_again_and_again(form: str) -> None:
    def bytes_read(size: int) -> int:
        handlers = Handlers("x.gpx", namespaces=True)
        handlers.parser = counted = Counted(handlers.parser)
        text = gpx(form.format("x" * size) + "<trk/>").encode()
        parser.parse(io.BytesIO(text), "x.gpx", handlers)
        assert counted.read >= len(text)
        return counted.read

    once, twice = bytes_read(1 << 20), bytes_read(1 << 21)
    assert once < 4 << 20
    assert twice < LINEAR * once


def night(n: int, drift_m: float) -> Track:
    """A walk to a hut, n points of a receiver at rest there, and a walk away."""
    dice = np.random.default_rng(1)
    there = 10.0 * np.arange(100)
    north = np.concatenate([there, 1000.0 + 6.0 * dice.standard_normal(n), 1000.0 + there])
    east = np.concatenate([0.0 * there, 6.0 * dice.standard_normal(n), 0.0 * there])
    up = 0.1 * there
    height = np.concatenate([up, 100.0 + np.linspace(0.0, drift_m, n), 100.0 + drift_m + up])
    return made(north, east, height, NOON_S + 2.0 * np.arange(len(north)))


@pytest.mark.parametrize("drift_m", [5.0, 40.0])
def test_a_night_of_scattered_points(drift_m: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Level, it is a rest; with a drifting altimeter it is none, and every point was tried."""
    handed = 0
    wrap: Callable[[Any], Any] = geo.wrap_deg

    def counting(difference_deg: Any) -> Any:
        nonlocal handed
        handed += len(difference_deg)
        return wrap(difference_deg)

    monkeypatch.setattr(geo, "wrap_deg", counting)

    def work(n: int) -> int:
        nonlocal handed
        handed = 0
        resting.clouds(night(n, drift_m))
        return handed

    once = work(4000)
    assert work(8000) < LINEAR * once


def test_a_night_at_a_hut_is_still_one_rest() -> None:
    fixed, notes = repair(night(3000, 5.0), "x")
    assert len(fixed) < 300
    assert any("1 stop with" in note and "left out" in note for note in notes)


def test_a_track_takes_the_memory_of_its_numbers() -> None:
    """Reading: three columns of 8 bytes, and little else. Repairing: some columns more."""

    def text(n: int) -> bytes:
        row = '<trkpt lat="{:.6f}" lon="7.100000"><ele>{:.1f}</ele></trkpt>\n'
        body = "".join(row.format(45.0 + 1e-5 * k, 1000.0 + k % 3) for k in range(n))
        return gpx(f"<trk><trkseg>{body}</trkseg></trk>").encode()

    def peaks(n: int) -> tuple[float, float]:
        data = io.BytesIO(text(n))
        tracemalloc.start()
        track = only(parser.read(data))
        reading = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        repair(track, "x")
        repairing = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reading / n, repairing / n

    reading, repairing = peaks(60_000)
    assert reading < 40.0  # bytes a point
    assert repairing < 100.0


def test_what_nobody_changes_is_not_copied() -> None:
    track = made(20.0 * np.arange(10))
    part = track.part(2, 8)
    assert np.shares_memory(part.lat_deg, track.lat_deg)
    mine = np.arange(10.0)
    other = Track(mine, mine, mine, mine, np.array([0]))
    mine[0] = 5.0
    assert other.lat_deg[0] == 0.0
    view = mine[:]
    view.setflags(write=False)  # read-only here, but its owner may still change it
    seen = Track(view, view, view, view, np.array([0]))
    mine[0] = 7.0
    assert seen.lat_deg[0] == 5.0


def laps(count: int, waypoints: int) -> bytes:
    """Rounds of 1.2 km with as many waypoints on them."""
    angle = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    row = '<trkpt lat="{:.6f}" lon="{:.6f}"><ele>1000</ele></trkpt>'
    way = "".join(row.format(45 + 1.7e-3 * np.cos(a), 7 + 2.4e-3 * np.sin(a)) for a in angle)
    marks = "".join(
        f'<wpt lat="{45 + 1.7e-3 * np.cos(a)}" lon="{7 + 2.4e-3 * np.sin(a)}">'
        f"<name>W{k}</name></wpt>"
        for k, a in enumerate(np.linspace(0.0, 6.0, waypoints))
    )
    return gpx(f"{marks}<trk><trkseg>{way * count}</trkseg></trk>").encode()


def test_waypoints_that_are_passed_too_often_for_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    few = load(laps(20, 3))
    assert len(few.stages[0].points) in range(58, 63)
    monkeypatch.setattr(places, "MOST_PASSAGES", 30)
    cut = load(laps(20, 3))
    assert len(cut.stages[0].points) in range(28, 33)
    assert any("the first 10 passages of each in a stage" in note for note in cut.notes)
    many = load(laps(20, 50))
    assert len(many.stages[0].points) in range(48, 53)


def test_more_tracks_than_any_race_has_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare, "MOST_STAGES", 3)
    way = '<trk><trkseg><trkpt lat="45" lon="7"/><trkpt lat="45.01" lon="7"/></trkseg></trk>'
    with pytest.raises(CourseError, match="4 tracks: a course has 3 stages at most; --track"):
        load(gpx(way * 4).encode())
    assert len(load(gpx(way * 4).encode(), tracks=[1, 2]).stages) == 2


def test_a_table_in_a_terminal_ends_where_nobody_reads_on() -> None:
    rows = tuple((f"row {k}", str(k)) for k in range(markup.MOST_ROWS + 5))
    shown = markup.text([Table("Long", ("name", "n"), rows, words=1)])
    assert "row 999 " in shown
    assert "row 1000" not in shown
    assert shown.endswith("and 5 more rows\n")


def zigzag(count: int) -> Track:
    """Points on two sides of the earth in turn, and a second segment."""
    east = np.where(np.arange(count) % 2, 7.0, 170.0)
    return Track(
        45.0 + 1e-4 * np.arange(count),
        east,
        np.full(count, 1000.0),
        np.full(count, np.nan),
        np.array([0, count // 2]),
    )


def test_a_zigzag_around_the_earth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look may find another jump: there is an end to looking."""
    calls = 0
    steps = geo.steps_m

    def counting(lat_deg: Any, lon_deg: Any) -> Any:
        nonlocal calls
        calls += 1
        return steps(lat_deg, lon_deg)

    monkeypatch.setattr(geo, "steps_m", counting)

    def work(count: int) -> int:
        nonlocal calls
        calls = 0
        with pytest.raises(CourseError, match="is no course on foot"):
            repair(zigzag(count), "x")
        return calls

    once = work(200)
    assert work(400) < LINEAR * once


def test_a_jump_is_not_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note about segments looks at every 50 m of a raw track, but not of a jump in it."""
    far = replace(course(200, segment_starts=[0, 100]))
    lon = far.lon_deg.copy()
    lon[[50, 150]] = -170.0
    jumps = replace(far, lon_deg=lon)
    tracemalloc.start()
    doubled.segments(jumps, "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e6
    assert doubled.segments(zigzag(3000), "x") == []


def test_draws_in_blocks_are_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine runs until all that it runs at once are settled, to a ten-thousandth."""
    whole = analyze(load(laps(10, 2)), draws=40).estimate
    monkeypatch.setattr(draws, "MOST_AT_ONCE", 500)
    parts = analyze(load(laps(10, 2)), draws=40).estimate
    assert whole is not None
    assert parts is not None
    for one, other in zip(whole.spread or (), parts.spread or (), strict=True):
        assert np.allclose(one.moving_s, other.moving_s, rtol=3e-4)
        assert np.allclose(one.energy_kcal, other.energy_kcal, rtol=3e-4)


def test_many_draws_take_little_more_than_their_times(monkeypatch: pytest.MonkeyPatch) -> None:
    course = load(laps(40, 2))
    profiles = [measure(stage.track) for stage in course.stages]

    def peak() -> int:
        tracemalloc.start()
        estimate(course, profiles, draws=400)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    together = peak()
    monkeypatch.setattr(draws, "MOST_AT_ONCE", 5_000)
    assert peak() < 0.6 * together


@pytest.mark.parametrize(
    ("start", "arrays"), [(None, 3.5), (datetime(2026, 6, 1, 8, tzinfo=UTC), 6)]
)
def test_draws_need_room_for_their_answer_alone(
    start: datetime | None, arrays: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a draw adds to the peak: its times as they are, as expected, and what it loses."""
    monkeypatch.setattr(draws, "MOST_AT_ONCE", 20_000)
    course = load(laps(40, 2))
    course = replace(course, stages=(replace(course.stages[0], start=start),))
    profiles = [measure(stage.track) for stage in course.stages]

    def peak(count: int) -> tuple[int, int]:
        tracemalloc.start()
        found = estimate(course, profiles, draws=count).spread
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, sum(stage.moving_s.nbytes for stage in found or ())

    (few, less), (many, more) = peak(500), peak(1500)
    assert many - few < arrays * (more - less)
