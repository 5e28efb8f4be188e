"""docs/accuracy.md: what a runner wants to know, on one page."""

from __future__ import annotations

import numpy as np

from gpxstage.estimator.learnt import learnt
from validation import (
    another,
    bands,
    clocks,
    coverage,
    fitted,
    held,
    kinds,
    pairs,
    passages,
    persons,
    ranges,
    rules,
)
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
    ours, inside = another.errors(folders), coverage.kinds(folders)
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
        rows.append([what, *_cells(median, most, inside[name], best), left])
        cases += len(ours[kind][0])
    for what, name, mixed in (
        ("your recordings, for the moving time of another outing",
         "an outing from a person's others, runs and hikes apart", False),
    ):  # fmt: skip
        told = persons.left_out(folders, mixed=mixed)
        median, most, _ = fitted.figures(fitted.errors(told))
        best = fitted.best_rule(folders, 0, mixed=mixed)[1]
        rows.append([what, *_cells(median, most, inside[name], best), "the outing"])
        cases += len(told)
    rows.append(_clock(folders))
    rows.append(_level(folders, inside["a level in a field, races with results"]))
    rows.append(_way(folders))
    return rows, cases + len(kinds.by_results(folders).event)


def _cells(median: float, most: float, range_: ranges.Range, rule: float | None) -> list[str]:
    best = "" if rule is None else percent(rule)
    inside, wide = percent(range_.coverage, 0), percent(range_.half_width, 0)
    return [percent(median), percent(most), inside, wide, best]


def _clock(folders: Folders) -> list[str]:
    """The same outings by the clock, with the person's habit of standing on the way."""
    found = clocks.both_ways(folders)[1]
    inside = np.array([each.off == 0 for each in found])
    width = bands.half_width(np.array([each.band for each in found]))
    range_ = ranges.Range(inside, width, np.ones(len(found)))
    median, most = np.quantile(np.abs([each.error for each in found]), (0.5, 0.8)).tolist()
    what = "your recordings, for the clock of another outing, breaks included"
    return [what, *_cells(median, most, range_, None), "the outing"]


def _level(folders: Folders, range_: ranges.Range) -> list[str]:
    """A level against fields, by the races that have results."""
    each = kinds.by_results(folders)
    sets, told = (kinds.by_places(folders), each), np.empty(len(each.event))
    for event in np.unique(each.event):
        here = each.event == event
        told[here] = kinds.miss(each, kinds.fit(sets, learnt(), without=str(event)))[here]
    median, most, _ = pairs.figures(told, np.ones(len(told)))
    what = "nothing but a place in the field (a level)"
    return [what, *_cells(median, most, range_, None), "the event"]


def _way(folders: Folders) -> list[str]:
    """Passages on the way with the finish known: each race by the fit without it, all alike."""
    left_out = passages.left_out(folders)
    median, most = _of_races([error for _, error in left_out])
    best = min(
        _of_races([passages.by_rule(race, rule) for race, _ in left_out])[0]
        for rule in (rules.WITH_FADE | rules.CURVES).values()
    )
    cells = _cells(median, most, held.all_given_finish(folders), best)
    return ["your finish, for times on the way", *cells, "the race"]


def _of_races(errors: list[np.ndarray]) -> tuple[float, float]:
    """Median and 80th percentile of the sizes of errors, each race counted the same."""
    known = [np.abs(error[np.isfinite(error)]) for error in errors]
    weight = np.concatenate([np.full(len(each), 1.0 / len(each)) for each in known])
    size = np.concatenate(known)
    return pairs.quantile(size, weight, 0.5), pairs.quantile(size, weight, 0.8)
