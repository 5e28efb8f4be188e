"""Write the generated pages and pictures, and the README's table, from the program itself.

    python scripts/make_docs.py            write every page and picture
    python scripts/make_docs.py --check    write nothing; exit 1 if a page on disk differs

A new page is one function that returns its text, and one row in PAGES. Pictures are not
compared: another version of matplotlib draws other bytes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]  # the pages show this checkout

from docs_pages import estimated, gallery_page, gallery_pictures, race_file_page, table  # noqa: E402

import gpxstage  # noqa: E402
from gpxstage import plot  # noqa: E402
from gpxstage.cli import COMMANDS, cli  # noqa: E402
from gpxstage.estimator.models import MODELS, Model, pace_s_per_m  # noqa: E402
from gpxstage.estimator.runner import LEVELS  # noqa: E402
from gpxstage.profile import by_altitude  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GRADES_PERCENT = (-40, -30, -20, -15, -10, -5, 0, 5, 10, 15, 20, 30, 40)

MODELS_TOP = """\
# Speed models

<!-- Written by scripts/make_docs.py: change gpxstage/estimator/models.py and run it again. -->

`--model NAME` takes one of these. `gait` is the engine; the others are plain curves, here to be
compared with, and give moving time alone. A grade steeper than a model's range is clipped to it,
and the share of the course where that happened becomes a note.
"""

FACTORS_TOP = """\
## Pace against grade

How many times longer a horizontal metre takes than on the flat, by the model's own flat pace.
"yours" is a model that has none and multiplies the runner's. `gait` has no row: its answer
depends on the runner and on the hours behind them. – is outside a model's range.
"""

NOTES = """\
## How they are read

- Every time is per horizontal metre. The energy of `minetti` and `minetti-walk` was measured per
  metre of treadmill belt, along the slope, and is carried over by √(1 + grade²). The other sources
  count distance on the map or do not say; then the map is taken.
- A rule for a whole leg is applied to each cell of about 50 m. `din33466` and `sac` compare the
  horizontal with the vertical time, and come out up to a third longer than over a leg that mixes
  flat and steep. `munter` picks its rate cell by cell.
- `naismith` jumps at −5° and −12°, `munter` at the level, `swiss` by 1.6 % at ±40 %, as the rules
  themselves do.
- The polynomial of `minetti` is 3 to 6 % above the points it was drawn through. That of
  `minetti-walk` is half as high again as its points on the flat, so its climbs are too cheap
  against the flat.
- A range of ±100 % means that the rule names no limit. That of `tobler` and `campbell` is our
  choice: the grades in their data are not known to us.
- Left out: Irmischer & Clarke 2018, because published code disagrees whether the slope enters with
  its sign, and the ACSM equations, which turn negative downhill.
"""


def percent(value: float) -> str:
    """A fraction as whole per cent, with the sign that print uses."""
    return f"{100.0 * value:+.0f}".replace("-", "−").replace("+0", "0")


def factors(model: Model) -> list[str]:
    """One row: the flat speed, then the pace at every grade of the axis over that on the flat."""
    axis = np.array(GRADES_PERCENT) / 100.0
    pace = pace_s_per_m(model, axis, 1.0) / pace_s_per_m(model, np.zeros(1), 1.0)
    low, high = model.grade_range
    cells = [
        f"{value:.2f}" if low <= grade <= high else "–"
        for grade, value in zip(axis, pace, strict=True)
    ]
    flat_mps = model.flat_speed_mps
    return [f"`{model.name}`", "yours" if flat_mps is None else f"{3.6 * flat_mps:.1f}", *cells]


def models_page() -> str:
    """docs/models.md: the table of models, and what each says on one axis of grades."""
    rows = []
    for m in MODELS.values():
        grades = " to ".join(map(percent, m.grade_range))
        rows.append([f"`{m.name}`", m.kind, grades, m.what_it_says, m.reference])
    sources = table(["name", "kind", "grades, %", "what it says", "reference"], rows)
    axis = [percent(grade / 100.0) for grade in GRADES_PERCENT]
    curves = [factors(model) for model in MODELS.values() if model.pace is not None]
    paces = table(["grade, %", "flat, km/h", *axis], curves)
    return "\n".join([MODELS_TOP, sources, FACTORS_TOP, paces, NOTES])


CLI_TOP = """\
# Commands

<!-- Written by scripts/make_docs.py: change gpxstage/cli/ and run it again. -->

## What you type

**Durations.** All options and the `[[results]]` of a race file read the same texts: `38:00` (hours
and minutes), `19:54:23` (hours, minutes and seconds), or numbers with their units: `38h`, `1h30`,
`1h 30min`, `1.5h`, `90min`, `90m`, `45s`, `4d 12h`. A number alone is refused, because it has no
unit. Only `--flat` reads two parts as minutes and seconds where hours would be slower than a walk:
`--flat 10km 38:00`.

**Names.** Points, stages, tracks, levels and models are found by any words of their names, or by
the beginnings of these words. Upper case, accents and signs do not count: `frassati` finds
"Rifugio Frassati", and `etape` finds "Étape". A whole name goes before a part of one. A name that
fits several is refused with a list of them, and a name that fits none with the nearest one. Put the
number of the stage before a name that several stages have: `2/Cogne`. Where a course passes a place
more than once, put the number of the pass behind its name: `Twin Lakes/2` is the second.

**Files.** An input must be a file, or `-` for GPX on standard input (256 MiB at most). An output is
written whole or not at all. It keeps the permissions of the file before it, and it never replaces
a device, a pipe, a link or one of the inputs. `report` removes the files that an earlier report
left in the folder, unless they have been changed since, and no other files.
"""


def cli_page() -> str:
    """docs/cli.md: what --help says, command by command."""
    parts = [CLI_TOP]
    top = click.Context(cli, info_name="gpxstage", terminal_width=80, **cli.context_settings)
    for name in ["", *COMMANDS]:
        command = cli.get_command(top, name) if name else cli
        assert command is not None
        context = click.Context(command, parent=top, info_name=name) if name else top
        title = f"gpxstage {name}".strip()
        parts.append(f"## {title}\n\n```\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


SAMPLE = "sample_courses/tor-des-geants"
FIELD_H = {"elite": 66.1, "strong": 103, "mid": 128, "back": 146}  # Tor 2025, 733 finishers
BEGIN, END = "<!-- numbers: written by scripts/make_docs.py -->\n", "<!-- end of numbers -->\n"
ACCURACY = ("<!-- accuracy: written by scripts/make_docs.py -->\n", "<!-- end of accuracy -->\n")
FROM_ACCURACY = (
    "what you know",
    "half of the time within, %",
    "inside, of 100",
    "a rule: half of the time, %",
)
COVERAGE = 0.8  # what a range promises to hold


def readme() -> str:
    """README.md: the Tor as the program estimates it now, and the table of docs/accuracy.md."""
    course = gpxstage.load(str(ROOT / SAMPLE))
    rows = []
    for name, runner in LEVELS.items():
        report = gpxstage.analyze(course, runner, draws=0)
        estimate = report.estimate
        assert estimate is not None
        slept_h = sum(stage.slept_s for stage in estimate.stages) / 3600.0
        high_h = sum(
            float(by_altitude(profile.cells, stage.cell_s, [2500.0])[-1])
            for profile, stage in zip(report.profiles, estimate.stages, strict=True)
        )
        rows.append(
            [
                f"`{name}`",
                f"{estimate.elapsed_s / 3600.0:.0f} h",
                f"{FIELD_H[name]:.0f} h",
                f"{100.0 * (estimate.hike_of_time or 0.0):.0f} %",
                f"{slept_h:.1f} h",
                f"{high_h / 3600.0:.0f} h",
            ]
        )
    head = ["place in the field", "estimated", "field of 2025", "hiked", "asleep", "above 2,500 m"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = between(text, BEGIN, END, table(head, rows))
    return between(text, *ACCURACY, accuracy((ROOT / "docs" / "accuracy.md").read_text("utf-8")))


def between(text: str, begin: str, end: str, inner: str) -> str:
    """The text with *inner* between two marks instead of what is there."""
    before, rest = text.split(begin)
    return before + begin + "\n" + inner + "\n" + end + rest.split(end)[1]


def accuracy(page: str) -> str:
    """The first table of docs/accuracy.md in short, and what is weak in each row."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    at = [cells[0].index(name) for name in FROM_ACCURACY]
    rows = [[row[k] for k in at] for row in cells[2:]]
    head = ["what you know", "half of the time within, %", "inside, of 100", "a rule, %", "weak"]
    return table(head, [[*row, weakness(*row[1:])] for row in rows])


def weakness(ours: str, inside: str, rule: str) -> str:
    """What a row of the accuracy page does not do well; empty cells are not measured."""
    found = []
    if rule and float(ours) >= float(rule):
        found.append("no better than the rule")
    if inside and float(inside) < 100.0 * COVERAGE:
        found.append("the range is too narrow")
    return "; ".join(found)


def pictures(folder: Path) -> None:
    """docs/tor-des-geants.png and docs/gallery/: sample courses for the middle of the field."""
    report = estimated(Path(SAMPLE).name)
    (folder / "docs" / "tor-des-geants.png").write_bytes(plot.save(gpxstage.draw(report)))
    gallery_pictures(folder / "docs" / "gallery")


PAGES: dict[str, Callable[[], str]] = {
    "docs/models.md": models_page,
    "docs/cli.md": cli_page,
    "docs/gallery.md": gallery_page,
    "docs/race-file.md": race_file_page,
    "README.md": readme,
}


def same(a: str, b: str) -> bool:
    """Do two pages say the same: click's versions set their columns differently."""
    return a.split() == b.split()


def main(arguments: Sequence[str] | None = None, folder: Path = ROOT) -> int:
    """Write or check the pages below *folder*; the exit code."""
    parser = argparse.ArgumentParser(description="Write the generated pages and pictures.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    check = parser.parse_args(arguments).check
    stale = 0
    for name, page in PAGES.items():
        path, text = folder / name, page()
        if path.is_file() and same(path.read_text(encoding="utf-8"), text):
            continue
        stale += 1
        if check:
            print(f"{path.name}: differs from what the program says now", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if not check:
        pictures(folder)
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
