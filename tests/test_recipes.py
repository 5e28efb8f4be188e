"""docs/recipes.md as a reader does it: every command of a recipe in turn, none may fail."""

from __future__ import annotations

import json
import math
import re
import shlex
import shutil
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from made import Gpxstage
from walks import walk, written

ROOT = Path(__file__).resolve().parents[1]
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = '<gpx version="1.1" creator="a test" xmlns="http://www.topografix.com/GPX/1/1">'
# title of a recipe -> its text
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", RECIPES, re.MULTILINE | re.DOTALL))
COOKED = [title for title, text in SECTIONS.items() if BLOCK.search(text)]
PLACES = {
    "Col Alto": 9.0,
    "Rifugio Neve": 17.0,
    "Base Vita Lago": 30.0,
    "Bivacco Rosso": 45.0,
    "Arrivo": 60.0,
}
TABLE = """\
name,km,kind,cutoff,services
Col Alto,9,col,,
Rifugio Neve,17.1,aid,2026-09-04 15:00,food
Base Vita Lago,30.2,life-base,2026-09-04 20:00,food; bed
Bivacco Rosso,45.2,aid,,water
Arrivo,60.3,finish,2026-09-05 16:00,
"""
SPLITS = """\
point,time
Col Alto,1:25
Base Vita Lago,4:50
Arrivo,9:41:20
"""


DRAWN = ("estimate", "plot", "report")  # commands that know --draws: any number shows them
FEW = ("--draws", "10")


def place(tag: str, km: float, inner: str) -> str:
    lon = 7.0 + 0.004 * math.sin(km / 3.0)
    return f'<{tag} lat="{45.0 + km / 111.143:.6f}" lon="{lon:.6f}">{inner}</{tag}>'


def track(begin_km: int, end_km: int, name: str) -> str:
    kms = [begin_km + k / 25 for k in range(25 * (end_km - begin_km) + 1)]
    heights = [1400 + 500 * math.sin(km / 4.0) + 250 * math.sin(km / 1.7) for km in kms]
    points = "".join(
        place("trkpt", km, f"<ele>{ele:.1f}</ele>") for km, ele in zip(kms, heights, strict=True)
    )
    return f"<trk><name>{name}</name><trkseg>{points}</trkseg></trk>"


def gpx(*parts: str) -> str:
    return f"{HEAD}{''.join(parts)}</gpx>"


def recording() -> str:
    """Nine hours over the same way, a little uneven."""
    start, points = datetime(2026, 9, 4, 8, tzinfo=UTC), track(0, 60, "Day").split("</trkpt>")
    hours = (
        9.0 * k / 1500 + 0.01 * math.sin(0.1 * k) * math.sin(0.037 * k) for k in range(len(points))
    )
    times = (f"<time>{start + timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ}</time>" for h in hours)
    timed = "".join(f"{a}{t}</trkpt>" for a, t in zip(points[:-1], times, strict=False))
    return gpx(timed + points[-1])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the recipes need: the sample courses, a reader's own files and recordings."""
    shutil.copytree(ROOT / "sample_courses", tmp_path / "sample_courses")
    waypoints = [place("wpt", km, f"<name>{name}</name>") for name, km in PLACES.items()]
    whole = gpx(*waypoints, track(0, 60, "Three Valleys"))
    (tmp_path / "race.gpx").write_text(whole, encoding="utf-8")
    (tmp_path / "points.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "recording.gpx").write_text(recording(), encoding="utf-8")
    (tmp_path / "splits.csv").write_text(SPLITS, encoding="utf-8")
    (tmp_path / "days").mkdir()
    for day in range(3):
        one = gpx(track(20 * day, 20 * day + 20, f"Day {day + 1}"))
        (tmp_path / "days" / f"day{day + 1}.gpx").write_text(one, encoding="utf-8")
    (tmp_path / "outings").mkdir()
    written(tmp_path / "outings" / "sunday.gpx", walk(8.0))
    return tmp_path


def edit(folder: Path, block: str) -> None:
    """Put the keys of a block into the file that its first line names."""
    first, *lines = block.splitlines()
    path = folder / first.removeprefix("# ")
    text = path.read_text(encoding="utf-8")
    for line in lines:
        key = line.split(" =")[0]
        text, count = re.subn(rf"^(# )?{key} = .*$", line, text, count=1, flags=re.MULTILINE)
        assert count == 1, f"{path.name} has no {key} to fill in"
    path.write_text(text, encoding="utf-8")


def cook(run: Gpxstage, folder: Path, block: str) -> None:
    """The lines of a block, as a shell reads them; what they name as an output is there then."""
    for line in block.splitlines():
        program, *words = shlex.split(line)
        if program == "mkdir":
            (folder / words[0]).mkdir(exist_ok=True)
        elif program == "cp":
            shutil.copy(folder / words[0], folder / words[1])
        elif words[0] == "schema":
            *command, _, name = words
            (folder / name).parent.mkdir(exist_ok=True)  # made by the first recipe
            (folder / name).write_bytes(run(*command).raw)
            assert json.loads((folder / name).read_text("utf-8"))["$defs"]
        else:
            assert program == "gpxstage", line
            ran = run(*words, *(FEW if words[0] in DRAWN and "--draws" not in words else ()))
            assert ran.code == 0, f"{line}\n{ran.err}"
            made = words[words.index("-o") + 1] if "-o" in words else "."
            assert (folder / made).exists(), line


def test_the_recipes_are_found() -> None:
    assert len(COOKED) >= 12
    assert sum(text.count("\ngpxstage ") for text in SECTIONS.values()) >= 28


@pytest.mark.usefixtures("few_plans")
@pytest.mark.parametrize("title", COOKED)
def test_every_command_of_a_recipe_succeeds(
    run: Gpxstage, folder: Path, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.chdir(folder)
    for kind, block in BLOCK.findall(SECTIONS[title]):
        if kind == "sh":
            cook(run, folder, block)
        else:
            edit(folder, block)
    if "crew" in title and find_spec("jinja2"):
        card = (folder / "out-crew" / "crew.html").read_text("utf-8")
        assert "Base Vita Lago" in card
        assert "Col Alto" not in card
    if "one long GPX" in title:
        assert (folder / "stages" / "race.toml").read_text("utf-8").count("[[stage]]") == 3
        made = {path.name for path in (folder / "out").iterdir()}
        assert made >= {"report.json", "report.md", "race.png", "stage-3.png"}
