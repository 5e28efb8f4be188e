"""A batch on a real dask cluster of two worker processes: the same bytes as on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made import Gpxstage, gpx, points
from test_batch import PLAIN, rows, tree
from test_batch_resume import started, until

from gpxstage.batch.cluster import packed
from gpxstage.racefile import files

OPTIONS = PLAIN[:-2]
pytestmark = pytest.mark.filterwarnings("ignore")  # of dask's own, at its beginning and end


@pytest.fixture(scope="module", autouse=True)
def distributed() -> Any:
    """The library, which takes long to load: only where these tests are run."""
    return pytest.importorskip("distributed", reason="the extra [cluster] is not installed")


@pytest.fixture(scope="module")
def cluster(distributed: Any) -> Iterator[Any]:
    """Two worker processes of one thread."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


@pytest.fixture
def season(tmp_path: Path, race: Path) -> Path:
    """A race folder, some files, one of which is broken."""
    path = tmp_path / "season"
    path.mkdir()
    race.rename(path / "two-hills")
    for k in range(10):
        (path / f"{k}.gpx").write_text(gpx(points(161 + 20 * k)), encoding="utf-8")
    (path / "broken.gpx").write_text("<gpx>", encoding="utf-8")
    return path


def test_a_cluster_makes_the_same_bytes_and_a_killed_worker_costs_nothing(
    run: Gpxstage, cluster: Any, season: Path, tmp_path: Path
) -> None:
    assert run("batch", season, "-o", tmp_path / "here", *OPTIONS).code == 1
    out = tmp_path / "there"
    batch = started(season, out, *OPTIONS, "--scheduler", cluster.scheduler_address)
    until(lambda: list(out.glob("*/report.json")) or batch.poll() is not None)
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    _, err = batch.communicate(timeout=120)
    assert (batch.returncode, "11 races made" in err) == (1, True), err
    assert tree(out) == tree(tmp_path / "here")
    again = run("batch", season, "-o", out, *OPTIONS, "--scheduler", cluster.scheduler_address)
    assert "0 races made" in again.err


def test_a_past_course_and_a_runner_file_travel_too(
    run: Gpxstage, cluster: Any, season: Path, hill: Path, tmp_path: Path
) -> None:
    one, past = season / "1.gpx", ("--past", season / "two-hills", "3:30")
    assert run("fit", *past, "-o", tmp_path / "me.toml").code == 0
    for who in (past, ("--runner", tmp_path / "me.toml")):
        out = [tmp_path / f"{who[0]}-{place}" for place in ("here", "there")]
        there = ("--scheduler", cluster.scheduler_address)
        assert run("batch", one, "-o", out[0], *OPTIONS, *who).code == 0
        ran = run("batch", one, "-o", out[1], *OPTIONS, *who, *there)
        assert ran.code == 0, ran.err
        assert rows(out[0]) == rows(out[1])
        assert tree(out[0]) == tree(out[1])


def test_a_scheduler_that_is_not_there_is_an_error_of_one_line(
    run: Gpxstage, hill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpxstage.batch.cluster.PATIENCE_S", 0.2)
    ran = run("batch", hill, "-o", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert "--scheduler tcp://127.0.0.1:9: no scheduler answers" in ran.err


def test_timeouts_and_jobs_are_not_for_a_cluster(run: Gpxstage, hill: Path, tmp_path: Path) -> None:
    for more in (("--jobs", "2"), ("--timeout", "5")):
        ran = run("batch", hill, "-o", tmp_path / "out", "--scheduler", "tcp://x:1", *more)
        assert ran.code == 2
        assert "not with --scheduler" in ran.err


def test_what_is_packed_is_unpacked_under_the_same_names(race: Path, tmp_path: Path) -> None:
    for source in (race, race / "race.toml", race / "2.gpx"):
        there = Path(packed(str(source), files(source)).unpacked(tmp_path / f"to-{source.name}"))
        assert there.name == source.name
        assert [path.read_bytes() for path in files(there)] == [
            path.read_bytes() for path in files(source)
        ]
