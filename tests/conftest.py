"""What every test has at hand: the folder of real GPX files that are not part of the project."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# a process for each core is enough: more threads in each would wait for one another, and burn
# three quarters of the time of a fit
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from made import Estimated, Gpxstage, Ran, gpx, points, write_waves
from pages import EVIL, PATIENCE_S, SAMPLES, page_of
from pages import hill as made_hill
from race_courses import HILL, Race

from gpxstage.cli import main
from gpxstage.facts.analysis import Report, analyze
from gpxstage.facts.finishes import FEWEST
from gpxstage.racefile import load

# an error that nobody has thought of shows itself, here and in what tests start
os.environ["GPXSTAGE_DEBUG"] = "1"

# some hundred processes that tests start would compile gpxstage anew, each for itself, and each
# run all tests
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# thousands of tests keep millions of objects: looking for cycles among them after every 700 new
# ones takes an eighth of the time
gc.set_threshold(50_000, 10, 10)

# a busy machine is no failure; what needs more examples says so itself
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")

CHECKOUT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("GPXSTAGE_DATA", CHECKOUT / "../shared/data"))


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("courses/x.gpx")`` is that file's path; without the file the test is skipped."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"no {name} in the folder of real files (GPXSTAGE_DATA)")
        return path

    return find


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``call("info", path)`` by the console script's door: exit code, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return run


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Gpxstage:
    """``run("info", path)`` in this process, through the door that the console script uses."""

    def command(*arguments: object) -> Ran:
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out.decode("utf-8", "replace"), err.decode("utf-8"), out)

    return command


@pytest.fixture
def few_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has the fewest plans that its planner lies between: the rest of it is the same."""
    monkeypatch.setattr("gpxstage.facts.finishes.MOST", FEWEST)


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    path = tmp_path / "hill.gpx"
    path.write_text(gpx(points()), encoding="utf-8")
    return path


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """A race folder: two stages, a hut, a cutoff, no note to make."""
    folder = tmp_path / "race"
    folder.mkdir()
    (folder / "1.gpx").write_text(gpx(points()), encoding="utf-8")
    (folder / "2.gpx").write_text(gpx(points(from_lat=45.08)), encoding="utf-8")
    (folder / "race.toml").write_text(
        """
        name = "Two Hills"
        timezone = "Europe/Rome"
        format = "continuous"
        start = 2026-09-04T22:00:00
        limit_h = 8
        terrain = 0.4
        [[stage]]
        name = "One"
        gpx = "1.gpx"
          [[stage.point]]
          name = "Hut"
          kind = "aid"
          services = ["food", "bed"]
          km = 4.5
          cutoff = 2026-09-05T00:00:00
        [[stage]]
        name = "Two"
        gpx = "2.gpx"
        """,
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def waves(tmp_path: Path) -> Path:
    """12 km due north with three hills of 400 m."""
    return write_waves(tmp_path / "waves.gpx", 1000.0)


@pytest.fixture
def high(tmp_path: Path) -> Path:
    """The same at 3,000 m."""
    return write_waves(tmp_path / "high.gpx", 3000.0)


@pytest.fixture
def estimated(run: Gpxstage) -> Estimated:
    """``estimated(path, "--goal", "2:00")`` is the JSON of an estimate, without draws."""

    def rows(*arguments: object) -> dict[str, Any]:
        ran = run("estimate", "--json", "--draws", 0, *arguments)
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.out, parse_constant=pytest.fail)
        return found

    return rows


# reports and pages that several modules read


@pytest.fixture(scope="session")
def tor() -> Report:
    return analyze(load(SAMPLES / "tor-des-geants"), draws=50)


@pytest.fixture(scope="session")
def tor_page(tor: Report) -> str:
    return page_of(tor)


@pytest.fixture(scope="session")
def chattanooga() -> Report:
    return analyze(load(SAMPLES / "chattanooga-mountains"), draws=50)


@pytest.fixture(scope="session")
def transrockies() -> Report:
    return analyze(load(SAMPLES / "transrockies-run-2016"), draws=50)


@pytest.fixture(scope="session")
def gressoney() -> Report:
    """A stage of the Tor alone."""
    return analyze(load(SAMPLES / "tor-des-geants" / "4-gressoney.gpx"), draws=20)


@pytest.fixture(scope="session")
def evil_page() -> str:
    return page_of(analyze(made_hill(EVIL[0], EVIL), draws=20), picture=None)


@pytest.fixture
def passes(tmp_path: Path) -> Race:
    """A folder in which a test writes the race files of three passes."""
    folder = tmp_path / "three-passes"
    folder.mkdir()
    return Race(folder)


@pytest.fixture
def hill_gpx(tmp_path: Path) -> Path:
    """A track over a hill with five waypoints."""
    folder = tmp_path / "hill"
    folder.mkdir()
    (folder / "hill.gpx").write_bytes(HILL)
    return folder / "hill.gpx"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    from selenium.webdriver.chrome.service import Service

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("no Chromium with its driver here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=Service(driver))
    found.set_script_timeout(PATIENCE_S)
    yield found
    found.quit()
