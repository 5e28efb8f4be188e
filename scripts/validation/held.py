"""The ranges on the way: given the finish, and given passages; every race scored by the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from gpxstage.course import DEFAULT_TERRAIN, Course
from gpxstage.estimator import Passed, estimate, scatter
from gpxstage.estimator.runner import LEVELS
from gpxstage.profile import Profile, measure
from validation import passages, races
from validation.folders import Folders
from validation.page import percent, table
from validation.races import Race
from validation.ranges import Range

EIGHT_OF_TEN = 1.28155
ENDED = 0.995  # of a race's time: what is passed later is the finish
DRIFTS = (0.03, 0.05, 0.09, 0.13)
KNOWN_AT = (0.25, 0.5, 0.75)  # of a race's time
FINISHERS, DRAWS = 8, 60
APART = 0.03  # of a race's time between two passages that are given
LATER = 3  # places on the way that are scored, of each case

TOP = f"""\
## Ranges on the way

*Given the finish*: how far the logarithm of a passage's time scatters around the expected one is
a number times (1 − u)^{scatter.FADE}, u being the share of the race's time: {scatter.WAY} where the
terrain is given, {scatter.WAY_ASSUMED} where it is assumed. Constants of the engine and that number
are of the fits that have not seen the race, and its other years. *Given passages*: `--level mid`
for everyone, then their own passages up to a quarter, half and three quarters of the race; scored
at places after them and at the finish. What is left errs as a whole by {scatter.DRIFT} or
{scatter.DRIFT_ASSUMED}; each race is scored by the number that is right for the others, the Tor, as
the only one of its kind, by that of its other finishers. The UTMB's rows are percentiles.
"""


@dataclass(frozen=True, eq=False)
class Case:
    """How n passages of a race came out."""

    name: str
    given: bool  # the terrain is
    share: np.ndarray  # (n,) of the race's time
    off: np.ndarray  # (n,) log of the true time over the expected one


@cache
def cases(folders: Folders) -> list[tuple[str, Case]]:
    """Each race with its family, by the fit that has not seen it."""
    family = {race.name: name for name, each in passages.families(folders).items() for race in each}
    found = []
    for race, error in passages.left_out(folders):
        share = race.observed_h / race.finish_h[:, None]
        used = np.isfinite(error) & (share < ENDED)
        name = family[race.name]
        case = Case(race.name, name in ("Tor", "UTMB"), share[used], -np.log1p(error[used]))
        found.append((name, case))
    return found


def way_of(some: list[Case]) -> float:
    """The number for which eight of ten hold, each race counted alike."""
    sizes = [np.abs(c.off) / (1.0 - c.share) ** scatter.FADE / EIGHT_OF_TEN for c in some]
    weights = np.concatenate([np.full(len(each), 1.0 / len(each)) for each in sizes])
    values = np.concatenate(sizes)
    order = np.argsort(values)
    done = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(done, 0.8)])


@cache
def ranged(folders: Folders) -> list[tuple[Case, float, Range]]:
    """Each race, the number that the others ask for, and its ranges given the finish."""
    rows, found = [], cases(folders)
    for name, case in found:
        way = way_of([c for n, c in found if n != name and c.given == case.given])
        wide = EIGHT_OF_TEN * scatter.spread_at(case.share, way)
        size = len(case.off)
        alike = np.full(size, 1.0 / size)  # each race counts the same
        rows.append((case, way, Range(np.abs(case.off) <= wide, np.sinh(wide), alike)))
    return rows


def given_finish(folders: Folders) -> list[list[str]]:
    """A row for each race: coverage and half-width, and what it would take."""
    return [
        [
            case.name,
            "given" if case.given else "assumed",
            str(len(case.off)),
            f"{way:.3f}",
            percent(found.coverage, 0),
            percent(found.half_width),
        ]
        for case, way, found in ranged(folders)
    ]


def all_given_finish(folders: Folders) -> Range:
    """The passages of all races together, each race counted the same."""
    each = [found for _, _, found in ranged(folders)]
    parts = ([getattr(r, name) for r in each] for name in ("held", "half", "weight"))
    return Range(*map(np.concatenate, parts))


def course_of(folders: Folders, name: str) -> tuple[Course, Profile, Race]:
    """A race with single finishers, as the program sees it."""
    if name == "tor":
        return *races.tor_course(folders), passages.tor(folders)
    race = races.single(folders, name)
    points, start = races.checkpoints(folders, name)
    measured, _ = folders.measured(f"courses/{name}.gpx")
    track = measured.stages[0].track
    course = races.race_course(race.name, track, points, DEFAULT_TERRAIN, start)
    return replace(course, terrain_assumed=True), measure(track), race


def known_at(race: Race, row: int, target: float) -> list[int]:
    """The passages of a finisher up to a share of the race, some time apart."""
    share = np.nanmean(race.observed_h / race.finish_h[:, None], axis=0)
    last, kept, before_h = int(np.abs(share - target).argmin()), [], 0.0
    for k in range(last + 1):
        if race.observed_h[row, k] - before_h > APART * race.finish_h[row]:
            kept.append(k)
            before_h = race.observed_h[row, k]
    return kept


def tried(course: Course, profile: Profile, race: Race, *, odd: bool) -> np.ndarray:
    """(drifts, n, 2) whether each case holds, and its half-width."""
    first = np.flatnonzero(race.wave == 0)
    some = first[np.linspace(0, len(first) - 1, 2 * FINISHERS).astype(int)][int(odd) :: 2]
    picked = [(row, known_at(race, row, target)) for row in some for target in KNOWN_AT]
    return np.array(
        [
            [
                each
                for row, known in picked
                if known
                for each in _scored(course, profile, race, (row, known), drift=drift)
            ]
            for drift in DRIFTS
        ]
    )


def _scored(
    course: Course, profile: Profile, race: Race, case: tuple[int, list[int]], *, drift: float
) -> list[tuple[float, float]]:
    """Of a finisher and the passages that are given: places that lie ahead, and the finish."""
    row, known = case
    at_m, hours = race.at_m, race.observed_h[row]
    passed = [Passed(1, float(at_m[k]), 3600.0 * hours[k], race.places[k]) for k in known]
    later = [k for k in range(known[-1] + 1, len(at_m)) if np.isfinite(hours[k])]
    kept = scatter.DRIFT, scatter.DRIFT_ASSUMED
    scatter.DRIFT = scatter.DRIFT_ASSUMED = drift
    told = estimate(course, [profile], LEVELS["mid"], draws=DRAWS, passed=passed)
    scatter.DRIFT, scatter.DRIFT_ASSUMED = kept
    assert told.spread is not None
    only = told.spread[0]
    scored = later[:: max(1, len(later) // LATER)]
    ahead = [(only.arrival_s(float(at_m[k])), hours[k]) for k in scored]
    found = []
    for drawn_s, real_h in [*ahead, (only.elapsed_s, race.finish_h[row])]:
        low_h, high_h = np.quantile(drawn_s / 3600.0, (0.1, 0.9))
        found.append((float(low_h <= real_h <= high_h), float((high_h - low_h) / 2.0 / real_h)))
    return found


def given_passages(folders: Folders) -> list[list[str]]:
    """A row for each race with single finishers, by the drift that the others ask for."""
    names = ("tor", *races.SINGLE)
    each = {name: course_of(folders, name) for name in names}
    runs = {name: tried(*each[name], odd=False) for name in names}
    rows = []
    for name, mine in runs.items():
        family = races.SINGLE[name][1] if name in races.SINGLE else name
        others = [r for n, r in runs.items() if n in races.SINGLE and races.SINGLE[n][1] != family]
        if name == "tor":
            others = [tried(*each[name], odd=True)]
        drift = _right([run[:, :, 0].mean(axis=1) for run in others])
        held, half = (_at(drift)(mine[:, :, k]) for k in (0, 1))
        course, _, race = each[name]
        rows.append(
            [
                race.name,
                "assumed" if course.terrain_assumed else "given",
                str(mine.shape[1]),
                f"{drift:.3f}",
                percent(float(held.mean()), 0),
                percent(float(np.median(half))),
            ]
        )
    return rows


def _right(coverages: list[np.ndarray]) -> float:
    """The drift for which eight of ten hold, each race counted alike."""
    mean = np.maximum.accumulate(np.mean(coverages, axis=0))
    return float(np.interp(0.8, mean, DRIFTS))


def _at(drift: float) -> Callable[[np.ndarray], np.ndarray]:
    """Values (drifts, n) at one drift between those that were tried."""
    return lambda values: np.array([np.interp(drift, DRIFTS, column) for column in values.T])


def _mean(rows: list[list[str]], terrain: str) -> list[str]:
    """The row of means over the races of one kind."""
    some = [row for row in rows if row[1] == terrain]
    means = [np.mean([float(row[k]) for row in some]) for k in (4, 5)]
    return ["**mean**", terrain, "", "", f"{means[0]:.0f}", f"{means[1]:.1f}"]


def section(folders: Folders) -> str:
    """The whole section."""
    head = ("race", "terrain", "passages", "by the others", "coverage, %", "half-width, %")
    parts = [TOP]
    for title, rows in (
        ("### Given the finish\n", given_finish(folders)),
        ("### Given passages\n", given_passages(folders)),
    ):
        parts += [title, table(head, [*rows, _mean(rows, "given"), _mean(rows, "assumed")])]
    return "\n".join(parts)
