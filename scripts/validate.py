#!/usr/bin/env python3
"""Score the estimator on real results and recordings; write docs/accuracy.md and its tables.

    python scripts/validate.py                 a few minutes
    python scripts/validate.py --refit         fit the constants anew without each race first
    python scripts/validate.py --learn         learn anew what is said of people; write that alone
    python scripts/validate.py --only fitted   print one section, write nothing

Reads GPX files from --data (GPXSTAGE_DATA; scripts/fetch_cases.py gets the public ones) and
published figures from --facts (GPXSTAGE_FACTS; scripts/validation/facts). Writes as well
gpxstage/estimator/index.tsv and fields.tsv and, where the data has an INDEX.tsv, docs/cases.tsv.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]  # this checkout, installed or not

from validation import (  # noqa: E402
    another,
    cases,
    clocks,
    coverage,
    events,
    fields,
    finishes,
    fitted,
    front,
    gain,
    halves,
    held,
    hiking,
    learn,
    levels,
    passages,
    refit,
    stages,
    summary,
    underway,
)
from validation.folders import Folders  # noqa: E402
from validation.page import fill  # noqa: E402

PAGE = ROOT / "docs" / "accuracy.md"
TABLES = ROOT / "docs" / "accuracy-tables.md"
SECTIONS: dict[str, Callable[[Folders], str]] = {
    "front": front.section,
    "summary": summary.section,
    "gain": gain.section,
    "passages": passages.section,
    "halves": halves.section,
    "finishes": finishes.section,
    "another": another.section,
    "fitted": fitted.section,
    "clocks": clocks.section,
    "hiking": lambda folders: hiking.section(folders) + "\n" + levels.shares(folders),
    "levels": levels.section,
    "coverage": coverage.section,
    "underway": underway.section,
    "held": held.section,
    "stages": stages.section,
}


def say(what: str, begin: float) -> None:
    """Progress."""
    print(f"{time.monotonic() - begin:6.1f} s  {what}", file=sys.stderr, flush=True)


def refitted(folders: Folders, begin: float) -> None:
    """Fit the constants to all races and to all but each, and keep the values."""
    fits, found = {}, passages.families(folders)
    for name in (refit.ALL, *found):
        say(f"fitting without {name}", begin)
        fits[name] = refit.fit(found, name)
    refit.store(fits)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the validation; the exit code."""
    default = Folders.default()
    parser = argparse.ArgumentParser(description="Score the estimator; write docs/accuracy.md.")
    parser.add_argument("--data", type=Path, default=default.data, help="folder of GPX files")
    parser.add_argument("--facts", type=Path, default=default.facts, help="folder of figures")
    parser.add_argument("--refit", action="store_true", help="fit anew without each race first")
    parser.add_argument("--learn", action="store_true", help="write estimator/learnt.tsv alone")
    parser.add_argument("--only", choices=SECTIONS, help="print one section and write nothing")
    wish = parser.parse_args(arguments)
    folders, begin = Folders(wish.data, wish.facts), time.monotonic()
    if gone := folders.missing():
        print(f"{gone}: see scripts/fetch_cases.py, or give --data and --facts", file=sys.stderr)
        return 1
    if wish.refit:
        refitted(folders, begin)
    if wish.learn:
        say("learning from people", begin)
        learn.write(folders)
        say(f"wrote {learn.TABLE.relative_to(ROOT)}", begin)
        return 0
    parts = []
    for name, section in SECTIONS.items():
        if wish.only in (None, name):
            say(name, begin)
            parts.append(fill(section(folders)))
    if wish.only:
        print(parts[0])
        return 0
    first, *rest = (part.strip() for part in parts)
    PAGE.write_text(f"{first}\n", encoding="utf-8", newline="\n")
    TABLES.write_text("\n\n".join(rest) + "\n", encoding="utf-8", newline="\n")
    levels.write_index(folders)
    fields.write(events.editions(folders))
    cases.write(folders)
    say(f"wrote {PAGE.relative_to(ROOT)} and {TABLES.relative_to(ROOT)}", begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
