"""The top of the page: every question in one row, with what it should have been."""

from __future__ import annotations

import numpy as np

from validation import finishes, levels, passages, people, refit, rules, transfer
from validation.folders import Folders
from validation.page import percent, rms, table
from validation.races import Race

TOP = """\
# How accurate is it?

<!-- Written by scripts/validate.py: run it again after any change to the estimator. -->

Estimates against real results and recordings, beside every rule that people use. Each section says
what was fitted to what, and what was not. Weak rows are kept. An *aim* is what was asked of the
estimator before it was built. Errors are of elapsed or moving time, in per cent.
"""


def section(folders: Folders) -> str:
    """The summary."""
    rows = [*_passages(folders), *_others(folders)]
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
    unseen, fits = passages.earlier(folders)[0], refit.stored()
    rows = []
    for race, seen in ((tor, "fitted to both races"), (utmb, "the same"), (unseen, "not fitted")):
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
    for name, race in (("UTMB 2024", tor), (refit.HELD, tor), ("Tor 2025", utmb)):
        if name in fits:
            told = percent(rms(passages.score(race, fits[name])))
            rows.append([f"the same, {race.name}, fitted to {name}", told, "", "", "5.5"])
    for race in (tor, utmb):
        rows.append([f"largest bias of a quarter, {race.name}", _drift(race), "", "", "4"])
    return rows


def _others(folders: Folders) -> list[list[str]]:
    found, all_runs = people.recorded(folders)
    how = people.COMBINED["mean of logs"]
    ours = people.engine_errors(found, all_runs, how)[0]
    theirs = {name: people.rule_errors(found, rule, how) for name, rule in rules.CURVES.items()}
    rows = []
    for what, of, aim in (
        ("median", lambda error: float(np.median(np.abs(error))), "10"),
        ("mean over people", lambda error: float(np.mean(people.of_people(found, error))), "10.5"),
    ):
        name = min(theirs, key=lambda key: of(theirs[key]))
        best = f"{percent(of(theirs[name]))} ({name})"
        title = f"an outing from a person's others, {what}"
        rows.append([title, percent(of(ours)), best, "", aim])
    rows += _finishes(folders)
    worst = float(np.abs(levels.level_errors(folders)).max())
    rows.append(["levels in two fields, largest error", percent(worst), "", "", "6"])
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
                f"a percentile's finish carried to another race, {title}, median",
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
                f"a percentile's finish carried to another race, {title}, 10th to 90th, median",
                transfer.figures(transfer.told(folders, how))[0],
                "",
                repeat,
                "8" if how == "both" else "–",
            ]
        )
    return rows
