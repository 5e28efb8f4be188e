"""A race under way: the finish told once a passage is known, against before the start."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from gpxstage.course import Course
from gpxstage.estimator import Estimate, Passed, Runner, estimate, underway
from gpxstage.estimator.runner import LEVELS, at_ability
from gpxstage.profile import Profile, measure
from validation import finishes, passages, races
from validation.folders import Folders
from validation.page import percent, signed, table

COLUMNS = {"winner_h": "winner", "p10_h": "10th", "p25_h": "25th", "p50_h": "50th",
           "p75_h": "75th", "p90_h": "90th"}  # fmt: skip
GIVEN = "Courmayeur"
DRAWS = 200
EVERY = 2  # of the Tor's finishers: the others set the drift where the terrain is given
BASES = (0, 2, 4)  # the last base that is known
AIM = 0.7

TOP = """\
## A race under way

`--passed` estimates runner, day and course anew from the passages that are known, and the clock
goes on from the last one. **Fitted:** the engine's constants to the passages of both races, as
above; nothing else to the UTMB's rows. How much a leg errs by itself (`underway.NOISE` =
{noise:.3f}) was fitted to the passages of the six other races with single finishers; how far all
that is left may be off (`scatter.DRIFT`), and with it the legs of what is left, to one half of the
Tor's finishers; the second table has the other half. That a leg's error grows with the hours was
read from how all of them scatter.

*UTMB 2024 from OCC 2024*: ability from the same percentile's time at the OCC, then the true time
at Courmayeur (of leaving it, as its table has it). A percentile is no runner, but it is what both
tables give. *Aim*: at most {aim:.0f} % of the error before the start.
"""


@cache
def utmb(folders: Folders) -> tuple[Course, Profile, float]:
    """The UTMB of 2024, and where Courmayeur is."""
    track = races.utmb_track(folders, of_2024=True)
    points, names = races.utmb_points(folders, track)
    start = races.utmb_start(2024, 30)
    course = races.race_course("UTMB", track, points, races.UTMB_TERRAIN, start)
    at_m = points[names.index(GIVEN)].distance_m
    assert at_m is not None
    return course, measure(track), at_m


SPREAD_PAST = 0.05  # of a place in another field (judgement)


def past_runners(folders: Folders) -> list[Runner]:
    """Who the OCC's percentiles of 2024 say there are."""
    occ = next(event for event in finishes.events(folders) if event.name == "OCC")
    abilities = occ.ability(occ.results_h[occ.years.index(2024)], occ.terrain)
    return [replace(at_ability(float(np.exp(v))), ability_spread=SPREAD_PAST) for v in abilities]


def band_h(told: Estimate) -> tuple[float, float]:
    """p10 and p90 of the elapsed time."""
    assert told.spread is not None
    low, high = np.quantile(sum(stage.elapsed_s for stage in told.spread), (0.1, 0.9))
    return float(low) / 3600.0, float(high) / 3600.0


@cache
def from_occ(folders: Folders) -> list[tuple[float, float, Estimate, Estimate]]:
    """By percentile: hours at Courmayeur, hours at the finish, told before, told there."""
    course, profile, at_m = utmb(folders)
    rows = [r for r in folders.rows("results/utmb-splits.tsv") if r["year"] == "2024"]
    there = next(row for row in rows if row["checkpoint"] == GIVEN)
    found = []
    for column, runner in zip(COLUMNS, past_runners(folders), strict=True):
        at_h, finish_h = float(there[column]), float(rows[-1][column])
        passed = [Passed(1, at_m + 1.0, 3600.0 * at_h, GIVEN)]  # past its stop
        before = estimate(course, [profile], runner, draws=DRAWS)
        then = estimate(course, [profile], runner, draws=DRAWS, passed=passed)
        found.append((at_h, finish_h, before, then))
    return found


def errors(folders: Folders) -> np.ndarray:
    """(percentiles, 2) of the finish: before the start, and from Courmayeur."""
    return np.array(
        [
            [told.elapsed_s / 3600.0 / finish_h - 1.0 for told in both]
            for _, finish_h, *both in from_occ(folders)
        ]
    )


def _utmb(folders: Folders) -> str:
    rows = []
    for name, (at_h, finish_h, before, then) in zip(
        COLUMNS.values(), from_occ(folders), strict=True
    ):
        row = [name, f"{at_h:.1f}", f"{finish_h:.1f}"]
        for told in (before, then):
            hours, (low_h, high_h) = told.elapsed_s / 3600.0, band_h(told)
            row += [f"{hours:.1f}", signed(hours / finish_h - 1.0), f"{low_h:.1f}–{high_h:.1f}"]
        rows.append(row)
    error = np.abs(errors(folders))
    left = error[:, 1].mean() / error[:, 0].mean()
    head = ("percentile", "at Courmayeur, h", "finish, h", "told before, h", "error, %",
            "p10–p90", "from Courmayeur, h", "error, %", "p10–p90")  # fmt: skip
    mean = ", ".join(percent(value) for value in error.mean(axis=0))
    return table(head, rows) + (
        f"\nMean error {mean} %: {percent(left, 0)} % of it is left (aim: {100 * AIM:.0f}).\n"
    )


@cache
def tor_cases(folders: Folders, first: int = 0) -> dict[int, np.ndarray]:
    """By the last base that is known: (n, 5) real finish, ours, by scale, p10, p90; hours."""
    race, course, profile = passages.tor(folders), *races.tor_course(folders)
    plan = estimate(course, [profile], LEVELS["mid"])
    found: dict[int, list[list[float]]] = {base: [] for base in BASES}
    for row in np.flatnonzero(race.wave == 0)[first::EVERY]:
        for base in BASES:
            known = [
                Passed(1, float(race.at_m[k]), 3600.0 * race.observed_h[row, k], race.places[k])
                for k in range(base + 1)
            ]
            told = estimate(course, [profile], LEVELS["mid"], draws=DRAWS, passed=known)
            scale = known[-1].elapsed_s / plan.stages[0].arrival_s(known[-1].distance_m)
            hours = (told.elapsed_s / 3600.0, plan.elapsed_s * scale / 3600.0)
            found[base].append([race.finish_h[row], *hours, *band_h(told)])
    return {base: np.array(cases) for base, cases in found.items()}


def _tor(folders: Folders) -> str:
    race, rows = passages.tor(folders), []
    for base, cases in tor_cases(folders).items():
        real, ours, scaled, low, high = cases.T
        row = [
            race.places[base],
            len(cases),
            percent(race.observed_h[:, base].mean() / race.finish_h.mean(), 0),
        ]
        for told in (ours, scaled):
            error = told / real - 1.0
            row += [percent(float(np.median(np.abs(error)))), signed(float(error.mean()))]
        held = (low <= real) & (real <= high)
        row += [percent(held.mean(), 0), percent(float(np.median((high - low) / 2.0 / ours)))]
        rows.append(row)
    head = ("known up to", "finishers", "of the time, %", "ours: median error, %", "bias",
            "plan scaled: median error", "bias", "p10–p90 held, %", "half-width, %")  # fmt: skip
    intro = (
        "*The Tor's finishers from the middle of the field*: `--level mid` for everyone, then their"
        " own passages up to a base (every second finisher of the first wave). *Plan scaled*: the"
        " plan of the level times what the last passage took over what it should have.\n\n"
    )
    return intro + table(head, rows)


def section(folders: Folders) -> str:
    """The whole section."""
    top = TOP.format(noise=underway.NOISE, aim=100 * AIM)
    return "\n".join([top, _utmb(folders), _tor(folders)])
