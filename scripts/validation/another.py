"""A race from another race of the same person, beside the rules that people use."""

from __future__ import annotations

import itertools

import numpy as np

from gpxstage.estimator.learnt import learnt
from validation import pairs, ranges
from validation.folders import Folders
from validation.page import percent, signed, table

TOP = """\
## A race from another race of the same person

*By length and climb*: {n} pairs of races that one person finished within two years, the earlier one
telling the later; both courses are known by kilometres and climb alone, as `--past "106km 6100m"`
takes them. Each row counts for what it stands for in a pool of 201,203 pairs. *With tracks*: {m}
pairs on nine courses, as GPX files at terrain 0.4; {same} of them are one course twice, where the
first time is given back as it is.

**Fitted:** how far one result is drawn towards the middle of those who race, and what a race's
length and steepness change besides: four numbers of gpxstage/estimator/learnt.tsv.
**Left out:** each pair is told by numbers that were fitted to pairs of other people at other
events (twelve parts; those with tracks by pairs at none of their events). **Not fitted:** the
rules. Finishers only: who gave up the later race is not here.
"""

NO_HELP = """\
*What did not help*, people and events left out, by length and climb: in the estimate itself (now
9.5 and 18.5 %) the ratio of lengths times ability 9.5 and 18.4, longer and shorter races apart 9.7
and 18.5, the later race's length 9.4 and 18.5, the square of ability 9.5 and 18.5, a result drawn
to the middle by its length 9.5 and 18.6, days between the races 9.8 and 18.8. In the width of the
range, fitted to the other people and events for 78 of 100: one width for all gives a half-width of
17.6 %, one that grows with the ratio of lengths 17.3, with ability as well 17.6, with the later
length 17.3, with days or steepness 17.2. So about 17 % is what one result can tell. By bands of how
much steeper or flatter the later course is, the width that holds 78 of 100 goes neither up nor down
(under 5 m/km 18, 5 to 10 20, 10 to 20 21, over 20 19 %; with tracks 21, 19, 15, 15). By number of
results there is too little to fit: of 25 later races told by two earlier ones it falls from 26 %
by one to 22 % by the mean of both, with tracks of 13 from 14.4 to 13.8: too few to weigh them by
how much they are like the later race. The place in the first field, where it is known (6 pairs of
10): 9.6 and 18.6 in place of 9.5 and 18.7, with the field's size and the length 9.3 and 18.0, which
is too little for two more numbers to type.
"""

BANDS = (0.0, 1 / 3.5, 1 / 2.0, 0.9, 1 / 0.9, 2.0, 3.5, np.inf)


def errors(folders: Folders) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By kind of pair: log errors of left-out races, and weights."""
    figures, tracks, known = pairs.by_figures(folders), pairs.by_tracks(folders), learnt()
    told = figures.hours(pairs.left_out(folders, known)) - figures.log_h[:, 1]
    on = tracks.hours(pairs.tracks_left_out(folders, known)) - tracks.log_h[:, 1]
    return {
        "by length and climb": (told, figures.weight),
        "with tracks, another course": (on[~tracks.same], tracks.weight[~tracks.same]),
        "with tracks, the same course": (on[tracks.same], tracks.weight[tracks.same]),
        "with tracks, all": (on, tracks.weight),
    }


def by_rule(folders: Folders, rule: pairs.Rule) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The same by a rule."""
    figures, tracks = pairs.by_figures(folders), pairs.by_tracks(folders)
    told, on = (rule(each) - each.log_h[:, 1] for each in (figures, tracks))
    other = ~tracks.same
    return {
        "by length and climb": (told, figures.weight),
        "with tracks, another course": (on[other], tracks.weight[other]),
        "with tracks, the same course": (on[tracks.same], tracks.weight[tracks.same]),
        "with tracks, all": (on, tracks.weight),
    }


def unshrunk(each: pairs.Pairs) -> np.ndarray:
    """The estimator without anything learnt from pairs."""
    return each.hours(each.logs[:, 0])


def section(folders: Folders) -> str:
    """The whole section."""
    figures, tracks = pairs.by_figures(folders), pairs.by_tracks(folders)
    top = TOP.format(n=len(figures.person), m=len(tracks.person), same=int(tracks.same.sum()))
    return "\n".join([top, _rules(folders), _by_length(folders), _several()])


def _rules(folders: Folders) -> str:
    rows = [["**ours**, left out", *_figures(errors(folders))]]
    rows.append(["ours, nothing learnt from pairs", *_figures(by_rule(folders, unshrunk))])
    rows += [[name, *_figures(by_rule(folders, rule))] for name, rule in pairs.RULES.items()]
    head = ["rule"]
    for name in errors(folders):
        head += [f"{name}: median error, %", "80 in 100 within"]
    return table(head, rows)


def _figures(kinds: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[str]:
    cells = []
    for error, weight in kinds.values():
        median, most, _ = pairs.figures(error, weight)
        cells += [percent(median), percent(most)]
    return cells


def _by_length(folders: Folders) -> str:
    """Where the error lies, by how much longer the later race is."""
    figures = pairs.by_figures(folders)
    told, weight = errors(folders)["by length and climb"]
    held = ranges.by_figures(folders, learnt())
    plain = unshrunk(figures) - figures.log_h[:, 1]
    times, rows = figures.effort_km[:, 1] / figures.effort_km[:, 0], []
    for low, high in itertools.pairwise(BANDS):
        here = (times >= low) & (times < high)
        median, most, bias = pairs.figures(told[here], weight[here])
        before = pairs.figures(plain[here], weight[here])[2]
        inside = np.average(held.held[here], weights=weight[here])
        name = f"{low:.1f} to {high:.1f}" if high < np.inf else f"over {low:.1f}"
        figures_ = (percent(median), percent(most), signed(bias), signed(before))
        rows.append([name, int(here.sum()), *figures_, percent(float(inside), 0)])
    head = ("later km-effort over earlier", "pairs", "median error, %", "80 in 100 within",
            "bias, %", "bias with nothing learnt", "inside the range, %")  # fmt: skip
    return "### By length and climb: by how much longer the later race is\n\n" + table(head, rows)


def _several() -> str:
    known = learnt()
    return (
        f"One result keeps {percent(known.race_kept, 0)} % of its distance from a one-hour flat"
        f" speed of {known.race_middle_mps:.2f} m/s, two keep"
        f" {percent(_kept(2), 0)} %, three {percent(_kept(3), 0)} %; 196 people of the pairs with"
        " three races or four (not weighted) ask for 62, 78 and 86 %.\n"
        f"\n{NO_HELP}"
    )


def _kept(count: int) -> float:
    """Of the mean of some results (Spearman and Brown)."""
    one = learnt().race_kept
    return count * one / (1.0 + (count - 1) * one)
