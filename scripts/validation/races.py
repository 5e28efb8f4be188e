"""Races with published passage times: the course as the program sees it, places, hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN, Course, Point, Stage, Track, track_distance_m
from gpxstage.estimator.engine import run
from gpxstage.estimator.judgement import JUDGEMENT, Judgement
from gpxstage.estimator.nouns import Policy, Push, Run
from gpxstage.estimator.plan import halts_of, push_of
from gpxstage.estimator.runner import Runner, at_ability
from gpxstage.geo import at_distance
from gpxstage.matching import Line, match
from gpxstage.profile import Profile, measure
from validation.folders import Folders

TOR_TERRAIN, UTMB_TERRAIN = 0.45, 0.35
# single finishers at the checkpoints of a race: the race, how it is called, whose left out with it
SINGLE = {
    "grr-2024": ("Diagonale des Fous 2024", "Diagonale"),
    "bourbon-2024": ("Trail de Bourbon 2024", "Bourbon"),
    "mtr-2024": ("Mascareignes 2024", "Mascareignes"),
    "integrale-causses-2023": ("Intégrale des Causses 2023", "Causses"),
    "integrale-causses-2024": ("Intégrale des Causses 2024", "Causses"),
    "templiers-2024": ("Templiers 2024", "Templiers"),
}
# The UTMB of 2025 climbs over a hill between these kilometres on its way to Les Houches; the
# race of 2024 stayed in the valley. Without the track's points between them the Col de Voza
# comes at 13.3 km instead of 14.5.
HILL_OF_2025_M = (6000.0, 9000.0)
# where a race begins on roads and tracks: to which metre; the rest is trail (judgement, by maps)
ROADS_M = {"bourbon-2024": 6_900.0, "mtr-2024": 15_200.0, "grr-2024": 14_000.0}
ROAD, TRAIL = 0.1, 0.55
ABILITIES = np.array(
    [2.0, 2.3, 2.6, 2.9, 3.1, 3.3, 3.5, 3.7, 3.9, 4.15, 4.4, 4.75, 5.1, 5.5, 5.9, 6.3]
)
PERCENTILES = {
    "winner_h": "winner", "p01_h": "1st", "p05_h": "5th", "p10_h": "10th", "p25_h": "25th",
    "p50_h": "50th", "p75_h": "75th", "p90_h": "90th", "p99_h": "99th",
}  # fmt: skip
TOR_KINDS = {
    "life_base": "life-base", "refreshment": "aid", "refreshment+col": "aid", "refuge": "aid",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Race:
    """k places along a course and when m finishers were there; one push for each wave."""

    name: str
    pushes: tuple[Push, ...]
    wave: np.ndarray  # (m,) index of a push
    places: tuple[str, ...]
    at_m: np.ndarray  # (k,)
    leaving: np.ndarray  # (k,) timed on the way out, not on the way in
    observed_h: np.ndarray  # (m, k)
    finish_h: np.ndarray  # (m,)
    who: tuple[str, ...]

    def quarters(self) -> list[np.ndarray]:
        """Indices of the places that were passed in each quarter of the race, by the clock."""
        share = np.nanmean(self.observed_h / self.finish_h[:, None], axis=0)
        return [np.flatnonzero((4.0 * share).astype(int) == k) for k in range(4)]


@dataclass(frozen=True, eq=False)
class Field:
    """What the engine says of one wave, for g abilities from slow to fast."""

    ability: np.ndarray  # (g,)
    passage_h: np.ndarray  # (g, k)
    finish_h: np.ndarray  # (g,)
    hiked: np.ndarray  # (g,) share of the moving time

    def at_finish(self, values: np.ndarray, finish_h: np.ndarray | float) -> np.ndarray:
        """A column of values, for the runner who finishes in a time."""
        log_h = np.log(self.finish_h)[::-1]
        return np.exp(np.interp(np.log(finish_h), log_h, np.log(values)[::-1]))


def passage_h(race: Race, push: Push, done: Run) -> np.ndarray:
    """(k,) hours on the clock at each place."""
    moving = np.interp(race.at_m, push.edge_m, done.moving_s)
    last_m = race.at_m + np.where(race.leaving, 1.0, -1.0)
    stood = [done.stop_s[push.sites.distance_m < limit].sum() for limit in last_m]
    return (moving + np.array(stood)) / 3600.0


def elapsed_h(done: Run) -> float:
    """Hours on the clock of a whole push."""
    return float(done.moving_s[-1] + done.stop_s.sum()) / 3600.0


def column(make: Callable[[float], Runner], abilities: np.ndarray) -> Runner:
    """One runner whose fields are columns: all abilities at once."""
    each = [make(float(v)) for v in abilities]
    names = [name for name, value in vars(each[0]).items() if isinstance(value, float)]
    columns = {name: np.array([[getattr(one, name)] for one in each]) for name in names}
    return replace(each[0], **columns)


def fields(
    race: Race,
    constants: Judgement = JUDGEMENT,
    make: Callable[[float], Runner] = at_ability,
    abilities: np.ndarray = ABILITIES,
    tolerance: float = 1e-5,
) -> list[Field]:
    """Run the whole axis of ability over each wave of a race, all of it at once."""
    found, who = [], column(make, abilities)
    for push in race.pushes:
        done = run(push, who, constants, Policy(), tolerance=tolerance)
        moving_s = at_distance(race.at_m, push.edge_m, done.moving_s)
        last_m = race.at_m + np.where(race.leaving, 1.0, -1.0)
        before = (push.sites.distance_m[:, None] < last_m).astype(float)
        passed_h = (moving_s + done.stop_s @ before) / 3600.0
        finish_h = (done.moving_s[:, -1] + done.stop_s.sum(axis=1)) / 3600.0
        hiked = done.hiked_s.sum(axis=1) / done.moving_s[:, -1]
        found.append(Field(abilities, passed_h, finish_h, hiked))
    return found


def errors(race: Race, runs: list[Field]) -> np.ndarray:
    """(m, k) passage times, with the finish known, over those that were: minus 1."""
    found = np.empty_like(race.observed_h)
    for row, (wave, finish_h) in enumerate(zip(race.wave, race.finish_h, strict=True)):
        field = runs[wave]
        told = [field.at_finish(field.passage_h[:, k], finish_h) for k in range(len(race.at_m))]
        found[row] = np.array(told) / race.observed_h[row] - 1.0
    return found


def race_course(
    name: str, track: Track, points: list[Point], terrain: float, start: datetime
) -> Course:
    """A continuous race of one stage."""
    stage = Stage(1, name, track, points=tuple(points), terrain=terrain)
    return Course(name, (stage,), start=start)


def race_push(
    name: str, track: Track, points: list[Point], terrain: float, start: datetime
) -> Push:
    """A continuous race of one stage as the estimator sees it."""
    course = race_course(name, track, points, terrain, start)
    part = [(course.stages[0], measure(track))]
    halts = halts_of(course, part)
    return push_of(course, part, halts, 1.0)


def tor_points(folders: Folders) -> list[Point]:
    """The places of the Tor of 2025 where one stops."""
    at = {row["order"]: row for row in folders.rows("courses/tdg-legs-measured.tsv")}
    points = []
    for row in folders.rows("courses/tdg-points.tsv"):
        kind = TOR_KINDS.get(row["type"])
        if kind is not None:
            services = ("bed", "food") if kind == "life-base" else ("food",)
            at_m = 1000.0 * float(at[row["order"]]["km"])
            points.append(Point(row["name"], kind, distance_m=at_m, services=services))
    return points


def tor_course(folders: Folders) -> tuple[Course, Profile]:
    """The same as a course, with the start of the first wave."""
    course, profiles = folders.measured("courses/tor330-2025.gpx")
    start = datetime(2025, 9, 14, 10, tzinfo=ZoneInfo("Europe/Rome"))
    track, points = course.stages[0].track, tor_points(folders)
    return race_course("Tor", track, points, TOR_TERRAIN, start), profiles[0]


def tor(folders: Folders) -> Race:
    """Tor des Géants 2025: 58 finishers at six life bases; two waves."""
    course, _ = folders.measured("courses/tor330-2025.gpx")
    points = tor_points(folders)
    zone = ZoneInfo("Europe/Rome")
    starts = [datetime(2025, 9, 14, hour, tzinfo=zone) for hour in (10, 12)]
    track = course.stages[0].track
    bases = [point for point in points if point.kind == "life-base"]
    rows = folders.rows("results/tor330-2025-splits.tsv")
    columns = [name for name in rows[0] if name.endswith("_in_h")]
    return Race(
        "Tor des Géants 2025",
        tuple(race_push("Tor", track, points, TOR_TERRAIN, start) for start in starts),
        np.array([int(row["wave"]) - 1 for row in rows]),
        tuple(point.name.split(" (")[0] for point in bases),
        np.array([point.distance_m for point in bases]),
        np.zeros(len(bases), dtype=bool),
        np.array([[float(row[name]) for name in columns] for row in rows]),
        np.array([float(row["finish_h"]) for row in rows]),
        tuple(row["final_rank"] for row in rows),
    )


def utmb_track(folders: Folders, *, of_2024: bool) -> Track:
    """The track of 2025, or the same by the valley as the race went in 2024 and before."""
    course, _ = folders.measured("courses/utmb-2025.gpx")
    track = course.stages[0].track
    if not of_2024:
        return track
    along_m = track_distance_m(track)
    keep = (along_m <= HILL_OF_2025_M[0]) | (along_m >= HILL_OF_2025_M[1])
    return Track(
        track.lat_deg[keep],
        track.lon_deg[keep],
        track.elevation_m[keep],
        track.time_s[keep],
        np.array([0]),
    )


def utmb_points(folders: Folders, track: Track) -> tuple[list[Point], list[str]]:
    """The places of the table of 2025 on a track, by coordinates in order; and their short names.

    Courmayeur, halfway and with beds, is the life base; the other places with food are aids,
    and those with a warm meal have beds.
    """
    table = [row for row in folders.rows("courses/utmb-2025.tsv") if "Sortie" not in row["name"]]
    bare = [Point(r["name"], lat_deg=float(r["lat"]), lon_deg=float(r["lon"])) for r in table]
    passages = match(Line(track, track_distance_m(track)), bare)
    points, names = [], []
    for row, point, passage in list(zip(table, bare, passages, strict=True))[1:-1]:
        if passage is None:
            raise ValueError(f"{row['name']}: not on the track of the UTMB")
        kind = "aid" if "aid_station" in row["services"] else "waypoint"
        if row["short"] == "Courmayeur":
            kind = "life-base"
        bed = ("bed",) if "warm_meal" in row["services"] else ()
        services = ("food", *bed) if kind != "waypoint" else ()
        points.append(replace(point, kind=kind, distance_m=passage.distance_m, services=services))
        names.append(row["short"])
    return points, names


def utmb_push(folders: Folders, start: datetime, *, of_2024: bool) -> Push:
    """The UTMB with its places, terrain and start."""
    track = utmb_track(folders, of_2024=of_2024)
    points, _ = utmb_points(folders, track)
    return race_push("UTMB", track, points, UTMB_TERRAIN, start)


def utmb_start(year: int, day: int, month: int = 8) -> datetime:
    """18:00 in Chamonix."""
    return datetime(year, month, day, 18, tzinfo=ZoneInfo("Europe/Paris"))


def utmb_2024(folders: Folders) -> Race:
    """UTMB 2024: the winner and eight percentiles at the places that both years' tables name.

    Courmayeur's times are those of leaving: the median needs 1.7 h for the 5 km down from
    Checrouit, where the table of 2015 gives 0.8 h to the way in and 1.0 h more to the way out.
    """
    track = utmb_track(folders, of_2024=True)
    points, names = utmb_points(folders, track)
    at_m = {name: point.distance_m for name, point in zip(names, points, strict=True)}
    rows = [r for r in folders.rows("results/utmb-splits.tsv") if r["year"] == "2024"]
    timed = [row for row in rows if row["checkpoint"] in at_m]
    return Race(
        "UTMB 2024",
        (race_push("UTMB", track, points, UTMB_TERRAIN, utmb_start(2024, 30)),),
        np.zeros(len(PERCENTILES), dtype=np.int64),
        tuple(row["checkpoint"].replace("  ", " ") for row in timed),
        np.array([at_m[row["checkpoint"]] for row in timed]),
        np.array([row["checkpoint"] == "Courmayeur" for row in timed]),
        np.array([[float(row[name]) for row in timed] for name in PERCENTILES]),
        np.array([float(rows[-1][name]) for name in PERCENTILES]),
        tuple(PERCENTILES.values()),
    )


def utmb_by_km(folders: Folders, year: int, start: datetime, finish_km: float) -> Race:
    """An earlier UTMB by the kilometres of its own table, scaled to the way of 2024."""
    push = utmb_push(folders, start, of_2024=True)
    rows = [r for r in folders.rows("results/utmb-splits.tsv") if r["year"] == str(year)]
    timed = [row for row in rows[:-1] if row["km"]]
    scale = push.edge_m[-1] / finish_km
    return Race(
        f"UTMB {year}",
        (push,),
        np.zeros(len(PERCENTILES), dtype=np.int64),
        tuple(row["checkpoint"] for row in timed),
        np.array([float(row["km"]) * scale for row in timed]),
        np.zeros(len(timed), dtype=bool),
        np.array([[float(row[name]) for row in timed] for name in PERCENTILES]),
        np.array([float(rows[-1][name]) for name in PERCENTILES]),
        tuple(PERCENTILES.values()),
    )


def with_road(folders: Folders, name: str) -> Race:
    """A race of ROADS_M with terrain along the way."""
    race = single(folders, name)
    push = race.pushes[0]
    terrain = np.where(push.edge_m[1:] <= ROADS_M[name], ROAD, TRAIL)
    return replace(race, pushes=(replace(push, terrain=terrain),))


def checkpoints(folders: Folders, name: str) -> tuple[list[Point], datetime]:
    """The places of a race of SINGLE, and its start."""
    rows = [row for row in folders.rows("courses/checkpoints.tsv") if row["race"] == name]
    points = [
        Point(
            row["place"],
            row["kind"],
            distance_m=1000.0 * float(row["km"]),
            services=("food", "bed") if row["kind"] == "life-base" else ("food",),
        )
        for row in rows
    ]
    clock, zone = rows[0]["start"].split()
    return points, datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))


def single(folders: Folders, name: str) -> Race:
    """120 finishers of a race of SINGLE, evenly by place, at terrain as a bare file has it.

    A passage that was not timed is NaN.
    """
    timed = [row for row in folders.rows("results/passages.tsv") if row["race"] == name]
    points, start = checkpoints(folders, name)
    course, _ = folders.measured(f"courses/{name}.gpx")
    track = course.stages[0].track
    passed = [[float(s or "nan") for s in row["passages_s"].split(";")] for row in timed]
    return Race(
        SINGLE[name][0],
        (race_push(name, track, points, DEFAULT_TERRAIN, start),),
        np.zeros(len(timed), dtype=np.int64),
        tuple(point.name for point in points),
        np.array([point.distance_m for point in points]),
        np.zeros(len(points), dtype=bool),
        np.array(passed) / 3600.0,
        np.array([float(row["finish_s"]) / 3600.0 for row in timed]),
        tuple(str(k) for k in range(len(timed))),
    )
