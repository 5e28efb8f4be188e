"""docs/accuracy.md: what a runner wants to know, on one page."""

from __future__ import annotations

import numpy as np

from gpxstage.estimator.learnt import learnt
from validation import another, coverage, fitted, kinds, pairs, passages, persons, ranges, rules
from validation.folders import Folders
from validation.page import percent, table

TOP = """\
# How accurate is it?

<!-- Written by scripts/validate.py: run it again after any change to the estimator. -->

How far the estimate was off in {races} races and outings of people and events that it had not seen,
by what you know before the start. *Half of the time* is the median error, *four times in five* the
80th percentile. *Inside* says how often the truth lay in the range of 80 %, *range* how wide that
is to either side. *A rule* is the best of those in common use on the same cases, chosen afterwards.
"""

BELOW = """\
What to make of it:

- The best thing to know is a time on the same course: `--past` with its GPX file. Nature's own
  scatter is in that row: the same person, the same course, another year.
- A result on another course tells you to within a tenth, half of the time. Give more than one: two
  results of different lengths say more than one does.
- A level is a place in a field, not you. Fields differ by more than people do, and what a course is
  like under foot no track tells: with `terrain` and earlier results in the race file the range is
  narrower.
- Times on the way hang on the finish: they are as good as that, and then a little worse early on.
- Only finishers can be counted. Heat, mud, a bad stomach and giving up are in nobody's table.

The tables behind these rows, what was fitted to what, and what did not help:
[accuracy-tables.md](accuracy-tables.md).
"""


def section(folders: Folders) -> str:
    """The whole page."""
    rows, cases = _rows(folders)
    head = ("what you know", "half of the time within, %", "four times in five, %",
            "inside, of 100", "range, ± %", "a rule: half of the time, %", "left out")  # fmt: skip
    top = TOP.format(races=f"{cases:,}")
    return "\n".join([top, table(head, rows), BELOW])


def _rows(folders: Folders) -> tuple[list[list[str]], int]:
    ours, held = another.errors(folders), coverage.kinds(folders)
    rows, cases = [], 0
    for what, kind, name in (
        ("a time on the same course (its GPX file)", "with tracks, the same course",
         "the same course again"),
        ("a time on another course (its GPX file)", "with tracks, another course",
         "a race from another race, with tracks"),
        ("a time on another course, by its length and climb", "by length and climb",
         "a race from another race, by length and climb"),
    ):  # fmt: skip
        best = min(
            pairs.figures(*another.by_rule(folders, rule)[kind])[0] for rule in pairs.RULES.values()
        )
        median, most, _ = pairs.figures(*ours[kind])
        left = "nothing is fitted" if "same" in kind else "people and events"
        rows.append([what, *_cells(median, most, held[name], best), left])
        cases += len(ours[kind][0])
    for what, name, mixed in (
        ("your recordings, for another outing like them",
         "an outing from a person's others, runs and hikes apart", False),
    ):  # fmt: skip
        told = persons.left_out(folders, mixed=mixed)
        median, most, _ = fitted.figures(fitted.errors(told))
        best = fitted.best_rule(folders, 0, mixed=mixed)[1]
        rows.append([what, *_cells(median, most, held[name], best), "the outing"])
        cases += len(told)
    rows.append(_level(folders, held["a level in a field, races with results"]))
    rows.append(_way(folders))
    return rows, cases + len(kinds.by_results(folders).event)


def _cells(median: float, most: float, held: ranges.Range, rule: float | None) -> list[str]:
    best = "" if rule is None else percent(rule)
    inside, wide = percent(held.coverage, 0), percent(held.half_width, 0)
    return [percent(median), percent(most), inside, wide, best]


def _level(folders: Folders, held: ranges.Range) -> list[str]:
    """A level against fields, by the races that have results."""
    each = kinds.by_results(folders)
    sets, told = (kinds.by_places(folders), each), np.empty(len(each.event))
    for event in np.unique(each.event):
        here = each.event == event
        told[here] = kinds.miss(each, kinds.fit(sets, learnt(), without=str(event)))[here]
    median, most, _ = pairs.figures(told, np.ones(len(told)))
    what = "nothing but a place in the field (a level)"
    return [what, *_cells(median, most, held, None), "the event"]


def _way(folders: Folders) -> list[str]:
    """Passages on the way with the finish known."""
    both = [passages.tor(folders), passages.utmb(folders)]
    error = np.concatenate([np.abs(passages.score(race)).ravel() for race in both])
    told = (
        np.concatenate([np.abs(passages.by_rule(race, rule)).ravel() for race in both])
        for rule in (rules.WITH_FADE | rules.CURVES).values()
    )
    best = min(float(np.median(each)) for each in told)
    cells = [percent(float(np.median(error))), percent(float(np.quantile(error, 0.8)))]
    return [
        "your finish, for times on the way",
        *cells,
        "",
        "",
        percent(best),
        "nothing: in sample",
    ]
