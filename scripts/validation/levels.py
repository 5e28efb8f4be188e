"""The levels' finishes and hiking shares, and the table of UTMB indices."""

from __future__ import annotations

from functools import cache

import numpy as np

from gpxstage.estimator import fit
from gpxstage.estimator.engine import run
from gpxstage.estimator.judgement import JUDGEMENT
from gpxstage.estimator.nouns import Policy, Push, Run
from gpxstage.estimator.runner import LEVELS, Runner
from validation import passages, races
from validation.folders import ROOT, Folders
from validation.page import percent, signed, table
from validation.refit import TOR_LEVELS_H, UTMB_LEVELS_H

PLACES = ("winner", "10th percentile", "50th percentile", "90th percentile")
INDEX_TABLE = ROOT / "gpxstage" / "estimator" / "index.tsv"
INDEX_1000_H = 18.8  # on the UTMB (judgement)
INDEX_TOP = (
    "# written by scripts/validate.py: a UTMB index as a one-hour flat speed; 1000 is taken as"
    f" {INDEX_1000_H} h\n"
    f"# on the UTMB (judgement), index i as {INDEX_1000_H} h times 1000/i, solved on the UTMB 2025"
    " course\n"
    "index\tflat_speed_mps\n"
)
GOAL_H = 97.0

LEVELS_TOP = """\
## The levels in two fields

`elite`, `strong`, `mid` and `back` stand for the winner, the 10th, 50th and 90th percentile.
**Fitted:** their four abilities, to these eight times. **Not fitted:** that one ability serves
both races, which is what the errors show. Start, darkness and terrain as for the passages.
"""

SHARES_TOP = """\
### Sanity of the shares

Share of the moving time hiked. None of these is a measurement, and the gait's constants were
chosen with two stories of the Tor in view: a finisher of 97 h (2019) prepared for hiking about
70 % of the time, and one of 140 h tells of some six hours of jogging in 24, a quarter.
"""


def solve(push: Push, runner: Runner) -> Run:
    """A runner on a push, by the shipped constants."""
    return run(push, runner, JUDGEMENT, Policy())


def goal(push: Push, hours: float) -> tuple[Runner, Run]:
    """The runner who finishes in a time, and the race."""
    runner, _ = fit.for_goal(
        lambda candidate: 3600.0 * races.elapsed_h(solve(push, candidate)),
        3600.0 * hours,
        f"goal {hours:g} h",
    )
    return runner, solve(push, runner)


def hiked(done: Run) -> float:
    """Share of the moving time."""
    return float(done.hiked_s.sum() / done.moving_s[-1])


@cache
def level_errors(folders: Folders) -> np.ndarray:
    """(4, 2) levels at the Tor and at the UTMB, over the field's times: minus 1."""
    pushes = (passages.tor(folders).pushes[0], passages.utmb(folders).pushes[0])
    hours = [
        [races.elapsed_h(solve(push, runner)) for push in pushes] for runner in LEVELS.values()
    ]
    return np.array(hours) / np.array([TOR_LEVELS_H, UTMB_LEVELS_H]).T - 1.0


def section(folders: Folders) -> str:
    """Levels against the fields."""
    error, rows = level_errors(folders), []
    for k, (name, runner) in enumerate(LEVELS.items()):
        row = [f"{name} ({PLACES[k]})", f"{runner.flat_speed_mps:.2f}"]
        for j, hours in enumerate((TOR_LEVELS_H[k], UTMB_LEVELS_H[k])):
            row += [f"{hours:.1f}", f"{hours * (1 + error[k, j]):.1f}", signed(error[k, j])]
        rows.append(row)
    head = ("level", "m/s", "Tor 2025, h", "ours", "error, %", "UTMB 2024, h", "ours", "error, %")
    return "\n".join([LEVELS_TOP, table(head, rows)])


def shares(folders: Folders) -> str:
    """The sanity rows of hiking shares, and the 97 h goal."""
    first, second = passages.tor(folders), passages.utmb(folders)
    rows = []
    for race, hours in ((first, sorted((97.0, 140.0, *TOR_LEVELS_H))), (second, UTMB_LEVELS_H)):
        for finish_h in hours:
            field = races.fields(race)[0]
            share = float(field.at_finish(field.hiked, finish_h))
            rows.append([f"{race.name}, {finish_h:.0f} h", percent(share, 0)])
    push = first.pushes[0]
    _, done = goal(push, GOAL_H)
    at_h = races.passage_h(first, push, done)[first.places.index("Ollomont")]
    rows.append([f"Tor 2025, goal of {GOAL_H:.0f} h: reaches Ollomont after", f"{at_h:.1f} h"])
    return "\n".join([SHARES_TOP, table(("runner", "hiked, %"), rows)])


def write_index(folders: Folders) -> None:
    """gpxstage/estimator/index.tsv: abilities of UTMB indices."""
    push = races.utmb_push(folders, races.utmb_start(2024, 30), of_2024=False)
    lines = []
    for index in range(250, 1001, 50):
        runner, _ = goal(push, INDEX_1000_H * 1000.0 / index)
        lines.append(f"{index}\t{runner.flat_speed_mps:.3f}\n")
    INDEX_TABLE.write_text(INDEX_TOP + "".join(lines), encoding="utf-8", newline="\n")
