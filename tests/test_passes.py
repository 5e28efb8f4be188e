"""Places that an out-and-back course passes twice: each pass has a name that can be typed."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from made import HEAD, Gpxstage, points

from gpxstage import analyze, folder, load
from gpxstage.course import CourseError, track_distance_m
from gpxstage.estimator import Policy
from gpxstage.facts.chances import names_of
from gpxstage.racefile.split import split

RACE = """
name = "Out and back"
timezone = "Europe/Rome"
start = 2026-06-06T06:00:00
[[stage]]
gpx = "track.gpx"
"""
PLACES = (("Stone Hut", 3.0), ("Top", 8.9), ("Stone Hut", 14.8))


@pytest.fixture
def race(tmp_path: Path) -> Path:
    """17.8 km: over a hill to its other side, and back by the same hut."""
    there = points().split("<trkpt")[1:]
    way = "".join(f"<trkpt{point}" for point in [*there, *there[-2::-1]])
    folder = tmp_path / "race"
    folder.mkdir()
    (folder / "track.gpx").write_text(f"{HEAD}<trk><trkseg>{way}</trkseg></trk></gpx>", "utf-8")
    rows = (f'[[stage.point]]\nname = "{n}"\nkind = "aid"\nkm = {km}\n' for n, km in PLACES)
    (folder / "race.toml").write_text(RACE + "".join(rows), "utf-8")
    return folder


def stops(run: Gpxstage, race: Path, *options: str) -> list[int]:
    ran = run("estimate", race, "--draws", "0", "--json", "-q", *options)
    assert ran.code == 0, ran.err
    return [point["stop_s"] for point in json.loads(ran.out)["stages"][0]["points"]]


def test_a_stop_at_one_pass(race: Path, run: Gpxstage) -> None:
    usual, _, other, _ = stops(run, race)
    assert stops(run, race, "--stop", "hut/2=20min")[2] == 1200 != other
    assert stops(run, race, "--stop", "Stone Hut/1=20min")[0] == 1200 != usual
    both = stops(run, race, "--stop", "Hut/1=20min", "--stop", "1/Hut/2=25min")
    assert [both[0], both[2]] == [1200, 1500]


@pytest.mark.parametrize(
    "options",
    [
        ("--stop", "Hut=20min"),
        ("--sleep", "Hut=20min"),
        ("--passed", "Hut", "2:30"),
        ("--arrive", "Hut=Sat 07:00"),
        ("--slower", "0.8", "--until", "Hut"),
    ],
)
def test_a_name_without_its_pass_is_refused_with_names_that_work(
    race: Path, run: Gpxstage, options: tuple[str, ...]
) -> None:
    ran = run("estimate", race, "--draws", "0", *options)
    assert ran.code == 2
    assert "may be Stone Hut/1 (km 3.0), Stone Hut/2 (km 14.8)" in ran.err
    for name in ("Stone Hut/1", "Stone Hut/2"):
        given = [text.replace("Hut", name, 1) for text in options]
        assert run("estimate", race, "--draws", "0", *given).code == 0


def test_passages_in_order_where_every_pass_is_given(race: Path, run: Gpxstage) -> None:
    passed = ("--passed", "Hut", "0:40", "--passed", "Hut", "3:10")
    ran = run("estimate", race, "--draws", "0", "--json", "-q", *passed)
    first, _, second, _ = json.loads(ran.out)["stages"][0]["points"]
    assert (first["arrival_s"]["p50"], second["arrival_s"]["p50"]) == (2400, 11400)


def test_arrivals_of_a_report_by_the_pass(race: Path) -> None:
    report = analyze(load(race), "mid", draws=0)
    expected = [point.arrival for point in report.points if point.name == "Stone Hut"]
    assert [report.arrival(f"hut/{k}") for k in (1, 2)] == expected
    with pytest.raises(CourseError, match="may be Stone Hut/1"):
        report.arrival("hut")


def legs(run: Gpxstage, race: Path, table: Path) -> list[tuple[str, int]]:
    ran = run("review", race, table, "--json", "-q")
    assert ran.code == 0, ran.err
    return [(leg["name"], leg["arrival_s"]) for leg in json.loads(ran.out)["legs"]]


def test_the_splits_of_a_report_are_reviewed(race: Path, run: Gpxstage, tmp_path: Path) -> None:
    report = analyze(load(race), draws=0)
    for units in ("metric", "imperial"):
        made = folder.made(report, folder.Form(units, pictures=False, pages=False))
        splits = tmp_path / f"{units}.csv"
        splits.write_bytes(made["splits.csv"])
        found = legs(run, race, splits)
        expected = json.loads(made["report.json"])["stages"][0]["points"]
        assert [name for name, _ in found] == [point["name"] for point in expected]
        for (_, after_s), point in zip(found, expected, strict=True):
            assert after_s == pytest.approx(point["arrival_s"]["p50"], abs=60.0)


@pytest.mark.parametrize(
    ("table", "first_s", "second_s"),
    [
        ("place,time\nHut,0:40\nTop,2:00\nHut,3:10\n", 2400, 11400),
        ("place,time\nTop,2:00\nHut,3:10\n", None, 11400),  # after the row before it
        ("place,km,time\nHut,14.5,3:10\n", None, 11400),
        ("place,mi,time\nHut,9.1,3:10\n", None, 11400),
        ("stage,place,km,time\n1,Hut,3,0:40\n", 2400, None),
    ],
)
def test_rows_find_their_pass(
    race: Path,
    run: Gpxstage,
    tmp_path: Path,
    table: str,
    first_s: int | None,
    second_s: int | None,
) -> None:
    path = tmp_path / "splits.csv"
    path.write_text(table, "utf-8")
    found = [after_s for _, after_s in legs(run, race, path)]
    assert [s in found for s in (2400, 11400)] == [first_s is not None, second_s is not None]


def test_a_cut_at_one_of_two_passes_has_a_note(race: Path) -> None:
    course = load(race)
    said = 'cut at "hut": the cut is at Stone Hut/1 (km 3.0), not at Stone Hut/2 (km 14.8)'
    assert split(course, ["hut"]).notes == (said,)
    assert split(course, ["hut", "Top", "hut"]).notes == ()
    second = split(course, ["hut/2"])
    assert (len(second.parts), second.notes) == (2, ())
    assert second.parts[0].points[-1].distance_m == pytest.approx(14_800.0, abs=1.0)


BED = "kind = 'aid'\nservices = ['bed']"


def overnight(into: Path, *names: str) -> Path:
    """160 km out and back over hills, from the evening on, by four places with beds."""
    rows, hills = [], math.tau / 100.0
    for k in (*range(801), *range(799, -1, -1)):
        height = f"<ele>{1500.0 - 250.0 * math.cos(hills * k):.1f}</ele>"
        rows.append(f'<trkpt lat="{45.0 + 100.0 * k / 111_150.0:.6f}" lon="7.0">{height}</trkpt>')
    into.mkdir()
    (into / "track.gpx").write_text(
        f"{HEAD}<trk><trkseg>{''.join(rows)}</trkseg></trk></gpx>", "utf-8"
    )
    beds = zip(names, (40, 60, 100, 120), strict=True)
    (into / "race.toml").write_text(
        RACE.replace("T06", "T18")
        + "".join(f"[[stage.point]]\nname = '{n}'\nkm = {km}\n{BED}\n" for n, km in beds),
        "utf-8",
    )
    return into


def test_beds_that_are_passed_twice_are_planned_as_others_are(tmp_path: Path) -> None:
    twice = load(overnight(tmp_path / "a", "Hut", "Lodge", "Lodge", "Hut"))
    once = load(overnight(tmp_path / "b", "Hut", "Lodge", "Lodge back", "Hut back"))
    found, expected = (
        [
            [(bed.point, bed.s) for bed in plan.sleeps]
            for plan in analyze(course, "back", draws=0, plans=True).facts.plans or ()
        ]
        for course in (twice, once)
    )
    same = {"Hut": "Hut/1", "Lodge": "Lodge/1", "Lodge back": "Lodge/2", "Hut back": "Hut/2"}
    assert any(expected)
    assert found == [[(same[name], s) for name, s in plan] for plan in expected]
    for plan in found:  # the names can be typed
        slept = analyze(twice, "back", policy=Policy(sleeps=dict(plan)), draws=0).facts
        assert slept.slept_s == sum(s for _, s in plan)


def test_more_sleep_names_its_pass(tmp_path: Path) -> None:
    twice = load(overnight(tmp_path / "a", "Hut", "Lodge", "Lodge", "Hut"))
    collapse = analyze(twice, "back").facts.collapse
    assert collapse is not None
    assert collapse.more_sleep is not None
    assert re.fullmatch(r"(Hut|Lodge)/[12]", collapse.more_sleep.point)


def test_tables_name_the_pass_of_a_sleep(tmp_path: Path, run: Gpxstage) -> None:
    race = overnight(tmp_path / "a", "Hut", "Lodge", "Lodge", "Hut")
    shown = run("estimate", race, "--level", "back", "--draws", 0, "--sleep", "hut/2=2h").out
    assert re.search(r"^sleep +Hut/2 2:00: as given$", shown, re.M)
    shown = run("estimate", race, "--level", "back", "--draws", 0, "--plans").out
    assert re.search(r"^1 +(Hut|Lodge)/[12] \d:\d\d", shown, re.M)


def test_a_name_of_several_stages_is_shown_as_it_is_typed(tmp_path: Path) -> None:
    points = [
        (1, "Base", 5000.0),
        (1, "Hut", 9000.0),
        (2, "Hut", 0.0),
        (2, "Base", 3000.0),
        (2, "Pass", 4000.0),
        (2, "Base", 6000.0),
    ]
    assert names_of(points) == ["1/Base", "Hut", "Hut", "2/Base/1", "Pass", "2/Base/2"]
    race = overnight(tmp_path / "a", "Base", "Hut", "Base", "Hut")
    head, *rows = (race / "race.toml").read_text("utf-8").split("[[stage.point]]")
    track = load(race).stages[0].track
    half = len(track) // 2
    for name, part in (("1", slice(None, half + 1)), ("2", slice(half, None))):
        way = zip(track.lat_deg[part], track.elevation_m[part], strict=True)
        trkpts = "".join(
            f'<trkpt lat="{lat}" lon="7.0"><ele>{high}</ele></trkpt>' for lat, high in way
        )
        text = f"{HEAD}<trk><trkseg>{trkpts}</trkseg></trk></gpx>"
        (race / f"{name}.gpx").write_text(text, "utf-8")
    first = "[[stage.point]]".join(["", *rows[:2]])
    second = "".join(f"[[stage.point]]\nname = 'Base'\nkm = {km}\n{BED}\n" for km in (20, 40))
    head, _ = head.split("[[stage]]")
    stages = f"[[stage]]\ngpx = '1.gpx'\n{first}\n[[stage]]\ngpx = '2.gpx'\n{second}"
    (race / "race.toml").write_text(f"{head}format = 'continuous'\n{stages}", "utf-8")
    course = load(race)
    plans = analyze(course, "back", draws=0, plans=True).facts.plans or ()
    shown = {sleep.point for plan in plans for sleep in plan.sleeps}
    assert shown & {"1/Base", "2/Base/1", "2/Base/2"}
    for plan in plans:
        sleeps = {sleep.point: sleep.s for sleep in plan.sleeps}
        slept = analyze(course, "back", policy=Policy(sleeps=sleeps), draws=0).facts
        there = {(s.number, p.name, p.sleep_s) for s, p in slept.every_point() if p.sleep_s}
        assert {(sleep.stage, sleep.s) for sleep in plan.sleeps} == {(k, s) for k, _, s in there}


@pytest.mark.parametrize(
    ("part", "begin_km", "end_km"),
    [
        ("from = 'Hut/2'", 14.8, 17.8),
        ("from = 'stone/1'", 3.0, 17.8),
        ("from = 'Hut'", 3.0, 17.8),
        ("to = 'Hut/2'", 0.0, 14.8),
        ("from = 'Hut/1'\nto = 'Hut/2'", 3.0, 14.8),
    ],
)
@pytest.mark.parametrize("known", ["waypoint", "points"])
def test_a_stage_from_a_pass_to_a_pass(
    race: Path, part: str, begin_km: float, end_km: float, known: str
) -> None:
    track = race / "track.gpx"
    lat_deg, rows = 45.0 + 5e-4 * 54, ""  # 3.0 km from the start
    if known == "waypoint":
        hut = f'<wpt lat="{lat_deg}" lon="7.0"><name>Stone Hut</name></wpt><trk>'
        track.write_text(track.read_text("utf-8").replace("<trk>", hut, 1), "utf-8")
    else:
        rows = f"[[stage.point]]\nname = 'Stone Hut'\nlat = {lat_deg}\nlon = 7.0\n"
    (race / "race.toml").write_text(f"[[stage]]\ngpx = 'track.gpx'\n{part}\n{rows}", "utf-8")
    (stage,) = load(race).stages
    length_m = track_distance_m(stage.track)[-1]
    assert length_m == pytest.approx(1000.0 * (end_km - begin_km), abs=60.0)


@pytest.mark.parametrize("nth", [0, 3])
def test_no_such_pass(race: Path, nth: int) -> None:
    (race / "race.toml").write_text(
        f"[[stage]]\ngpx = 'track.gpx'\n[[stage]]\ngpx = 'track.gpx'\nto = 'Hut/{nth}'\n"
        f"[[stage.point]]\nname = 'Hut'\nlat = {45.0 + 5e-4 * 54}\nlon = 7.0\n",
        "utf-8",
    )
    with pytest.raises(CourseError, match=f'to = "Hut/{nth}" is no pass: Hut is passed 2 times'):
        load(race)
