"""Does the range from p10 to p90 hold? By what is known, and how wide it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpxstage import geo
from gpxstage.estimator import draws
from gpxstage.estimator.learnt import learnt
from gpxstage.estimator.nouns import Push
from gpxstage.estimator.runner import at_ability
from validation import bands, passages, races, ranges
from validation.folders import Folders
from validation.page import percent, table
from validation.ranges import Range

TOP = """\
## Does the range hold?

p10 to p90 should hold the truth in 80 of 100 cases, and a range that is right because it is wide is
no use. *Half-width* is half the way from p10 to p90 over p50, the median case. The ranges are the
program's own draws. **Fitted:** how wide each is, on all of its cases, so that 78 to 80 of 100
hold; **left out:** all that p50 is told by, as in the sections above, and for levels the width.

- *A race from another race*: the pairs of races above.
- *An outing*: each recording from the same person's others.
- *A level*: `elite`, `strong`, `mid` and `back` against the winner, the 10th, 50th and 90th
  percentile of fields whose own results are not used, each event told by the others: by single
  finishers near those places, courses known by kilometres and climb; and by the results of 30
  race-years of 12 races, most of them with tracks. On La Réunion fields are slower by a quarter to
  a half than a track at terrain 0.4 says, and no range that is of use elsewhere holds them.
"""

PASSAGES = """\
### Passages on the way, when the finish is known

For information: no width was set by these. A runner is solved from each finish; *given the finish*
scales every draw to it, so that only the way there is uncertain.
"""


def kinds(folders: Folders) -> dict[str, Range]:
    """All kinds of cases."""
    known = learnt()
    another, again = ranges.by_tracks(folders, known)
    by_places, by_results = ranges.of_levels(folders)
    return {
        "a race from another race, by length and climb": ranges.by_figures(folders, known),
        "a race from another race, with tracks": another,
        "the same course again": again,
        "an outing from a person's others, runs and hikes apart": ranges.of_outings(folders),
        "the same, a mixed folder": ranges.of_outings(folders, mixed=True),
        "a level in a field, by length and climb": by_places,
        "a level in a field, races with results": by_results,
    }


def section(folders: Folders) -> str:
    """The whole section."""
    rows = [
        [name, len(each.held), percent(each.coverage, 0), percent(each.half_width, 0)]
        for name, each in kinds(folders).items()
    ]
    head = ("cases", "number", "coverage, %", "half-width, %")
    return "\n".join([TOP, table(head, rows), PASSAGES, _passages(folders)])


def _passages(folders: Folders) -> str:
    rows = []
    for race in (passages.tor(folders), passages.utmb(folders)):
        for what, given in (("as printed", False), ("given the finish", True)):
            held, half = _way(race, given=given)
            rows.append([f"{race.name}, {what}", held.size, percent(held.mean(), 0), percent(half)])
    return table(("passages", "number", "coverage, %", "half-width, %"), rows)


def _way(race: races.Race, *, given: bool) -> tuple[np.ndarray, float]:
    """Whether each passage's interval held; the median half-width."""
    held, half = [], []
    for wave, push in enumerate(race.pushes):
        who = np.flatnonzero(race.wave == wave)
        finish_h, table_ = _passage_bands(race, push, given=given)
        for k in range(len(race.at_m)):
            low, middle, high = (
                np.exp(np.interp(np.log(race.finish_h[who]), finish_h[::-1], row[::-1]))
                for row in table_[:, k].T
            )
            real = race.observed_h[who, k]
            held.append((low <= real) & (real <= high))
            half.append((high - low) / 2.0 / middle)
    return np.concatenate(held), float(np.median(np.concatenate(half)))


def _passage_bands(race: races.Race, push: Push, *, given: bool) -> tuple[np.ndarray, np.ndarray]:
    """(g,) log finishes and (g, k, 3) logs of p10, p50 and p90 at each place."""
    finishes_h, found = [], []
    own = 0.0 if given else learnt().race_again
    for ability in (3.0, 3.5, 4.2, 6.2):
        runner = replace(at_ability(ability), ability_spread=own)
        plain, coarse, many = bands.drawn(push, runner, draws.SPREADS)
        at_s = geo.at_distance(race.at_m, coarse.edge_m, many.moving_s)
        last_m = race.at_m + np.where(race.leaving, 1.0, -1.0)
        at_s += many.stop_s @ (push.sites.distance_m[:, None] < last_m)
        elapsed_s = many.moving_s[:, -1] + many.stop_s.sum(axis=1)
        finish_s = 3600.0 * races.elapsed_h(plain)
        if given:
            at_s *= finish_s / elapsed_s[:, None]
        low, high = np.quantile(at_s / 3600.0, (0.1, 0.9), axis=0)
        middle = races.passage_h(race, push, plain)
        finishes_h.append(np.log(finish_s / 3600.0))
        found.append(np.log([low, middle, high]).T)
    return np.array(finishes_h), np.array(found)
