"""fit, and --runner: files in, a runner file out, an estimate from it."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from walks import course, walk, written

from gpxstage.estimator.fit import recordings
from gpxstage.estimator.fit.solving import fitted
from gpxstage.plot.fitted import draw as drawing

Answer = tuple[int, str, str]


@pytest.fixture
def walks(tmp_path: Path) -> Path:
    folder = tmp_path / "walks"
    folder.mkdir()
    written(folder / "1.gpx", walk(6.0))
    long = walk(14.0)
    plain = written(folder / "2.gpx", replace(long, time_s=long.time_s + 86_400.0))
    (folder / "2.gpx.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return folder


def test_recordings_become_a_runner_file(
    call: Callable[..., Answer], walks: Path, tmp_path: Path
) -> None:
    me = tmp_path / "me.toml"
    code, out, err = call("fit", walks, "-o", me)
    assert (code, out) == (0, "")
    assert err.startswith("2 outings, ")
    assert err.endswith(f"the meaning of each number is in {me}\n")
    assert "effort: unknown" in err
    found = tomllib.loads(me.read_text(encoding="utf-8"))
    assert found["recordings"]["count"] == 2
    assert found["flat_speed_mps"]["from"] == "data"
    assert str(tmp_path) not in me.read_text(encoding="utf-8")
    assert "walks" not in me.read_text(encoding="utf-8")


def test_the_runner_file_estimates(
    call: Callable[..., Answer], walks: Path, tmp_path: Path
) -> None:
    me, hills = tmp_path / "me.toml", written(tmp_path / "hills.gpx", course(14.0), with_time=False)
    assert call("fit", walks, "-o", me, "-q")[0] == 0
    code, out, err = call("estimate", hills, "--runner", me, "--json", "--draws", 0)
    assert code == 0
    assert "as hard as in the recordings" in err
    report = json.loads(out)
    assert report["runner"]["source"] == "recordings"
    moving_s = report["moving_s"]["p50"]
    assert moving_s == pytest.approx(14_000.0 / 1.5, rel=0.10)
    code, out, err = call(
        "estimate", hills, "--runner", me, "--effort", "race", "--json", "--draws", 0
    )
    assert json.loads(out)["moving_s"]["p50"] <= moving_s
    assert "as hard as in a race" in err


def test_the_same_gives_the_same_bytes(call: Callable[..., Answer], walks: Path) -> None:
    first, second = (call("fit", walks, "-o", "-", "-q") for _ in range(2))
    assert first == second
    assert first[1].startswith("# A runner for gpxstage")


def test_results_alone(call: Callable[..., Answer]) -> None:
    code, out, _ = call("fit", "--flat", "10km", "45:00", "--flat", "marathon", "3:45", "-o", "-")
    assert code == 0
    found = tomllib.loads(out)
    assert found["effort"] == "race"
    assert "recordings" not in found
    assert 3.3 < found["flat_speed_mps"]["value"] < 3.8
    assert found["decay"]["from"] == "data"


def test_results_tell_the_race_and_recordings_the_rest(
    call: Callable[..., Answer], walks: Path
) -> None:
    code, out, _ = call("fit", walks, "--flat", "10km", "36:00", "-o", "-", "-q")
    assert code == 0
    found = tomllib.loads(out)
    assert found["race"]["from"] == "results"
    assert found["race"]["flat_speed_mps"]["value"] > found["flat_speed_mps"]["value"]


def test_raced_recordings(call: Callable[..., Answer], walks: Path) -> None:
    found = tomllib.loads(call("fit", walks, "--effort", "race", "-o", "-", "-q")[1])
    assert found["effort"] == "race"
    assert "race" not in found
    assert "habit" not in found


def test_what_is_carried_is_kept(call: Callable[..., Answer], walks: Path) -> None:
    heavy = tomllib.loads(call("fit", walks, "--pack", 12, "--body", 60, "-o", "-", "-q")[1])
    light = tomllib.loads(call("fit", walks, "-o", "-", "-q")[1])
    assert (heavy["pack_kg"], heavy["body_kg"]) == (12.0, 60.0)
    assert heavy["flat_speed_mps"]["value"] > light["flat_speed_mps"]["value"]


def test_what_is_not_used_is_told(call: Callable[..., Answer], walks: Path, tmp_path: Path) -> None:
    plan = written(tmp_path / "plan.gpx", course(6.0), with_time=False)
    code, _, err = call("fit", walks, plan, "-o", "-")
    assert code == 0
    assert "note: plan.gpx: not used: it has no times" in err
    code, out, err = call("fit", plan, "-o", "-")
    assert (code, out) == (1, "")
    assert "no recording can be used; plan.gpx: not used: it has no times" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit", "-o", "-"), "give recordings, --past or --flat"),
        (("fit", "gone.gpx", "-o", "-"), "gone.gpx: no such file"),
        (("fit", "--flat", "10km", "45:00", "--plot", "x.png", "-o", "-"), "nothing to draw"),
        (("fit", "x.gpx", "--plot", "x.doc", "-o", "-"), "the ending must be"),
        (("estimate", "x.gpx", "--effort", "race"), "--effort needs --runner"),
        (("estimate", "x.gpx", "--runner", "a", "--level", "mid"), "exclude each other"),
        (("estimate", "x.gpx", "--runner", "a", "--runner", "a"), "a is given twice"),
        (("estimate", "x.gpx", "--runner", "gone.toml"), "gone.toml: no such file"),
    ],
)
def test_wrong_usage(
    call: Callable[..., Answer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "x.gpx", course(2.0), with_time=False)
    code, _, err = call(*arguments)
    assert code == 2
    assert said in err


def test_no_other_file_is_overwritten(
    call: Callable[..., Answer], walks: Path, tmp_path: Path
) -> None:
    race = tmp_path / "race.toml"
    race.write_text('name = "mine"\n', encoding="utf-8")
    code, _, err = call("fit", walks, "-o", race)
    assert code == 2
    assert "is no runner file" in err
    assert race.read_text(encoding="utf-8") == 'name = "mine"\n'
    me = tmp_path / "me.toml"
    assert call("fit", walks, "-o", me, "-q")[0] == call("fit", walks, "-o", me, "-q")[0] == 0


def test_a_runner_file_with_a_slip(call: Callable[..., Answer], tmp_path: Path) -> None:
    me, hills = tmp_path / "me.toml", written(tmp_path / "x.gpx", course(2.0), with_time=False)
    me.write_text("schema = 1\nflat_sped_mps = 3\n", encoding="utf-8")
    code, _, err = call("estimate", hills, "--runner", me)
    assert code == 1
    assert "me.toml: unknown key flat_sped_mps: did you mean flat_speed_mps?" in err


@pytest.mark.parametrize(
    ("kind", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_the_picture(
    call: Callable[..., Answer], walks: Path, tmp_path: Path, kind: str, magic: bytes
) -> None:
    path = tmp_path / f"fit.{kind}"
    assert call("fit", walks, "-o", tmp_path / "me.toml", "--plot", path, "-q")[0] == 0
    assert path.read_bytes().startswith(magic)


def test_the_picture_shows_what_it_says(walks: Path) -> None:
    found = fitted(recordings.read([walks])[0])
    drawn = drawing(found, "imperial")
    written_in = drawn.figure.findobj(lambda each: hasattr(each, "get_text"))
    words = " ".join(each.get_text() for each in written_in)
    assert "656 ft" in words
    assert not re.search(r"\d k?m\b|km/h", words)
    assert drawn.walked is None
    assert drawn.run is None
    assert drawn.unknown is not None
    assert drawn.line is not None
    assert drawn.band is not None
    assert drawn.title is not None
    assert drawn.title.get_text().startswith("2 outings, ")
    assert drawn.speed.get_title(loc="left") == "Speed, mi/h"
    speeds = np.asarray(drawn.line.get_ydata(), dtype=float)
    assert (speeds > 0.0).all()
    assert speeds.max() < 7.0


# runs and hikes, both efforts, a race known by its figures


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Two runs and a hike of one person."""
    folder = tmp_path / "both"
    folder.mkdir()
    for day, (km, mps) in enumerate(((9.0, 2.9), (14.0, 2.8), (9.0, 1.1))):
        track = walk(km, mps)
        track = replace(track, time_s=track.time_s + 86_400.0 * day)
        written(folder / f"{day}.gpx", track)
    return folder


def hours_of(found: tuple[int, str, str]) -> float:
    assert found[0] == 0
    return float(json.loads(found[1])["elapsed_s"]["p50"]) / 3600.0


def test_runs_and_hikes_have_a_file_together(
    call: Callable[..., Answer], both: Path, tmp_path: Path
) -> None:
    me, hills = tmp_path / "me.toml", written(tmp_path / "hills.gpx", course(14.0), with_time=False)
    code, _, err = call("fit", both, "-o", me)
    assert code == 0
    assert err.startswith("2 runs, ")
    assert "1 hike, " in err
    asked = ("estimate", hills, "--runner", me, "--json", "--draws", 0)
    run, hike = call(*asked), call(*asked, "--as", "hike")
    assert hours_of(hike) > 1.8 * hours_of(run)
    assert "by the runs" in run[2]
    assert "by 1 hike" in hike[2]
    assert hours_of(call(*asked, "--as", "run")) == hours_of(run)


def test_a_file_of_hikes_has_no_runs(
    call: Callable[..., Answer], walks: Path, tmp_path: Path
) -> None:
    me, hills = tmp_path / "me.toml", written(tmp_path / "hills.gpx", course(14.0), with_time=False)
    assert call("fit", walks, "-o", me, "-q")[0] == 0
    assert call("estimate", hills, "--runner", me, "--as", "hike", "--draws", 0)[0] == 0
    code, _, err = call("estimate", hills, "--runner", me, "--as", "run")
    assert (code, "no runs among the recordings" in err) == (1, True)
    code, _, err = call("estimate", hills, "--as", "run")
    assert (code, "--as needs --runner" in err) == (2, True)


def test_a_race_shows_both_efforts_the_races_first(
    call: Callable[..., Answer], both: Path, tmp_path: Path
) -> None:
    me, race = tmp_path / "me.toml", tmp_path / "race"
    race.mkdir()
    written(race / "1.gpx", course(30.0), with_time=False)
    (race / "race.toml").write_text(
        'name = "Hills"\nlimit_h = 9\nterrain = 0.4\n[[stage]]\ngpx = "1.gpx"\n', encoding="utf-8"
    )
    assert call("fit", both, "-o", me, "-q")[0] == 0
    found = call("estimate", race, "--runner", me, "--json", "--draws", 0)
    levels = json.loads(found[1])["levels"]
    assert "note: me: by the runs, as hard as in a race" in found[2]
    assert [level["level"] for level in levels] == ["me, in a race", "me, as recorded"]
    assert levels[0]["elapsed_s"] == 3600.0 * hours_of(found)
    alone = call("estimate", race, "--runner", me, "--json", "--draws", 0, "--effort", "recorded")
    assert "levels" not in json.loads(alone[1])
    assert levels[1]["elapsed_s"] == 3600.0 * hours_of(alone)


def test_a_past_race_by_its_figures(call: Callable[..., Answer], tmp_path: Path) -> None:
    hills = written(tmp_path / "hills.gpx", course(40.0), with_time=False)
    asked = ("estimate", hills, "--json", "--draws", 0, "--past")
    fast, slow = (call(*asked, "106km 6100m", time) for time in ("15:00", "24:00"))
    assert hours_of(fast) < hours_of(slow)
    runner = json.loads(slow[1])["runner"]
    assert (runner["known_from"], runner["source"]) == ("results", "106km 6100m in 24:00")
    code, out, _ = call("fit", "--past", "106km 6100m", "18:30", "-o", "-")
    assert code == 0
    results = tomllib.loads(out)["results"]
    assert results["count"] == 1
    assert results["effort_km"] == pytest.approx(167.0, rel=0.01)
    code, _, err = call(*asked, "10km 9000m", "18:30")
    assert (code, "is no course" in err) == (1, True)


def test_a_file_of_results_estimates_as_the_results_do(
    call: Callable[..., Answer], tmp_path: Path
) -> None:
    me, hills = tmp_path / "me.toml", written(tmp_path / "hills.gpx", course(40.0), with_time=False)
    past = ("--past", "106km 6100m", "18:30")
    assert call("fit", *past, "-o", me, "-q")[0] == 0
    asked = ("estimate", hills, "--json", "--draws", 0)
    by_file, by_result = call(*asked, "--runner", me), call(*asked, *past)
    assert hours_of(by_file) == pytest.approx(hours_of(by_result), rel=2e-3)
