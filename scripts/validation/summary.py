"""The top of the page: every question in one row, with what it should have been."""

from __future__ import annotations

import numpy as np

from gpxstage.estimator.judgement import JUDGEMENT
from validation import (
    another,
    finishes,
    fitted,
    halves,
    levels,
    pairs,
    passages,
    persons,
    rules,
    stages,
    transfer,
    underway,
)
from validation.folders import Folders
from validation.page import percent, rms, table
from validation.races import Race

TOP = """\
# The tables behind accuracy.md

<!-- Written by scripts/validate.py: run it again after any change to the estimator. -->

Estimates against real results and recordings, beside every rule that people use. Each section says
what was fitted to what, and what was left out. Weak rows are kept. An *aim* is what was asked of
the estimator before it was built. Errors are of elapsed or moving time, in per cent.
"""


def section(folders: Folders) -> str:
    """The summary."""
    rows = [*_passages(folders), *_others(folders), *_under_way(folders), *_staged(folders)]
    head = ("question", "ours", "best plain rule", "other finishers, or another year", "aim")
    return "\n".join([TOP, table(head, rows)])


def _best_rule(race: Race) -> str:
    errors = {
        name: rms(passages.by_rule(race, rule))
        for name, rule in (rules.WITH_FADE | rules.CURVES).items()
    }
    name = min(errors, key=lambda key: errors[key])
    return f"{percent(errors[name])} ({name})"


def _drift(race: Race) -> str:
    error = passages.score(race)
    quarters = [abs(float(error[:, places].mean())) for places in race.quarters() if len(places)]
    return percent(max(quarters))


def _passages(folders: Folders) -> list[list[str]]:
    tor, utmb = passages.tor(folders), passages.utmb(folders)
    unseen = passages.earlier(folders)[0]
    rows = []
    for race, seen in ((tor, "fitted to it"), (utmb, "the same"), (unseen, "another year")):
        company = percent(rms(passages.others(race, None)))
        rows.append(
            [
                f"passage times given the finish, {race.name}, rms ({seen})",
                percent(rms(passages.score(race))),
                _best_rule(race),
                company,
                "5.5",
            ]
        )
    found = passages.left_out(folders)
    for race, error in found:
        if race in (tor, utmb):
            rows.append(
                [
                    f"the same, {race.name}, left out of the fit",
                    percent(rms(error)),
                    "",
                    "",
                    "5.0" if race is tor else "3.5",
                ]
            )
    rows.append(_left_out(found))
    every = [rms(halves.told(folders, seed)) for seed in halves.SEEDS]
    title = f"the same, {tor.name}, fitted to one half of them, mean of {len(every)} halvings"
    rows.append([title, percent(float(np.mean(every))), "", "", percent(halves.AIM_RMS)])
    for race in (tor, utmb):
        rows.append([f"largest bias of a quarter, {race.name}", _drift(race), "", "", "4"])
    return rows


def _left_out(found: list[tuple[Race, np.ndarray]]) -> list[str]:
    """All races with passages, each left out of the fit: mean of their rms; of their medians."""
    beside = [
        [error for _, error in found],
        [passages.by_rule(race, rules.WITH_FADE["Strava GAP, fading to 0.5"]) for race, _ in found],
        [passages.others(race, passages.NEAREST) for race, _ in found],
    ]
    cells = [
        percent(float(np.mean([rms(e) for e in each])))
        + "; "
        + percent(float(np.mean([passages.median(e) for e in each])))
        for each in beside
    ]
    title = f"the same, {len(found)} race-years, each race left out: mean rms; mean of the medians"
    return [title, cells[0], f"{cells[1]} (Strava GAP, fading to 0.5)", cells[2], "7.5; 3.0"]


def _others(folders: Folders) -> list[list[str]]:
    rows = [*_pairs(folders), *_outings(folders), *_finishes(folders)]
    worst = float(np.abs(levels.level_errors(folders)).max())
    rows.append(["levels in two fields, largest error", percent(worst), "", "", "6"])
    return rows


def _pairs(folders: Folders) -> list[list[str]]:
    """A race from another of the same person."""
    ours, rows = another.errors(folders), []
    aims = {"by length and climb": ("9.5", "19"), "with tracks, all": ("8.0", "17")}
    for kind, aim in aims.items():
        for at, what in enumerate(("median", "80 in 100 within")):
            best = {
                name: pairs.figures(*another.by_rule(folders, rule)[kind])[at]
                for name, rule in pairs.RULES.items()
            }
            name = min(best, key=lambda key: best[key])
            value = pairs.figures(*ours[kind])[at]
            title = f"a race from another race of the same person, {kind}, {what}"
            rows.append([title, percent(value), f"{percent(best[name])} ({name})", "", aim[at]])
    return rows


def _outings(folders: Folders) -> list[list[str]]:
    rows = []
    for mixed, kind, aims in (
        (False, "runs and hikes apart", ("8.0", "11.8")),
        (True, "a mixed folder", ("9", "14")),
    ):
        ours = fitted.figures(fitted.errors(persons.left_out(folders, mixed=mixed)))
        for at, what, aim in ((0, "median", aims[0]), (2, "mean over people", aims[1])):
            name, best = fitted.best_rule(folders, at, mixed=mixed)
            title = f"an outing from a person's others, {kind}, {what}"
            rows.append([title, percent(ours[at]), f"{percent(best)} ({name})", "", aim])
    return rows


def _finishes(folders: Folders) -> list[list[str]]:
    events = finishes.events(folders)
    repeat = percent(float(np.median(np.abs(finishes.repeats(events)))))
    rows = []
    for how, title in (
        ("plain", "no results of the other race"),
        ("scale", "a scale from other years"),
    ):
        median = {
            name.strip("*"): float(np.median(np.abs(finishes.carried(events, carry, how))))
            for name, carry in finishes.RULES.items()
        }
        ours = median.pop("ours")
        name = min(median, key=lambda key: median[key])
        rows.append(
            [
                f"a field's percentile carried to another race, {title}, median",
                percent(ours),
                f"{percent(median[name])} ({name})",
                repeat,
                "–",
            ]
        )
    for how in ("terrain", "both"):
        title = "both races' terrain from their results" + (", and their fields" * (how == "both"))
        rows.append(
            [
                f"a field's percentile carried to another race, {title}, 10th to 90th, median",
                transfer.figures(transfer.told(folders, how))[0],
                "",
                repeat,
                "8" if how == "both" else "–",
            ]
        )
    return rows


def _under_way(folders: Folders) -> list[list[str]]:
    before, then = np.abs(underway.errors(folders)).mean(axis=0)
    title = "a finish told at Courmayeur, of the error before the start"
    return [[title, percent(then / before, 0), "", "", f"{100 * underway.AIM:.0f}"]]


def _staged(folders: Folders) -> list[list[str]]:
    loss = JUDGEMENT.stage_loss
    sand = stages.sables_errors(folders, loss)
    by_rule = stages.sables_by_rule(folders, "km-effort", 1.15)
    totals = [stages.winners_error(errors) for errors in (sand, by_rule)]
    days = {
        name: float(np.median(np.abs(stages.traverse_by_rule(folders, rule))))
        for name, rule in rules.CURVES.items()
    }
    name = min(days, key=lambda key: days[key])
    ours = float(np.median(np.abs(stages.traverse_errors(folders, loss))))
    week = "a desert week from its first stage, the larger error of the winners' totals"
    hike = "days 4 to 13 of a traverse from days 1 to 3, median"
    return [
        [week, percent(totals[0]), f"{percent(totals[1])} (km-effort, exponent 1.15)", "", "6"],
        [hike, percent(ours), f"{percent(days[name])} ({name})", "", "12"],
    ]
