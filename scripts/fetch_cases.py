#!/usr/bin/env python3
"""Download the public GPX files of docs/cases.tsv and check their SHA-256.

    python scripts/fetch_cases.py FOLDER
    python scripts/validate.py --data FOLDER

Files lie in FOLDER as the validation and the tests (GPXSTAGE_DATA) expect them; one that is
already there with the right hash is not asked for again. Exit code 1 if any is missing or is
not what it was: such a file is not kept.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

CASES = Path(__file__).resolve().parents[1] / "docs" / "cases.tsv"
# where the public code host that holds these repositories serves raw files
BASE_URL = "https://raw.githubusercontent.com/{repository}/{commit}/{path}"
TIMEOUT_S = 60.0


def cases(path: Path) -> list[dict[str, str]]:
    """The rows of the table. Raises ValueError for a file that would lie outside the folder."""
    with open(path, encoding="utf-8", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        rows = list(csv.DictReader(lines, delimiter="\t"))
    for row in rows:
        place = PurePosixPath(row["file"])
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"{path.name}: {row['file']} would lie outside the folder")
    return rows


def url_of(row: dict[str, str], base_url: str) -> str:
    """The address of a file's raw bytes."""
    quoted = {key: urllib.parse.quote(row[key]) for key in ("repository", "commit", "path")}
    return base_url.format(**quoted)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch(row: dict[str, str], folder: Path, base_url: str) -> str | None:
    """Get one file; what went wrong, None if nothing did."""
    target = folder / row["file"]
    if target.is_file() and digest(target) == row["sha256"]:
        return None
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        with urllib.request.urlopen(url_of(row, base_url), timeout=TIMEOUT_S) as answer:
            part.write_bytes(answer.read())
        if digest(part) != row["sha256"]:
            return "its SHA-256 is another: the file has changed, not kept"
        part.replace(target)
    except (OSError, urllib.error.URLError) as error:
        return f"cannot be downloaded: {error}"
    finally:
        part.unlink(missing_ok=True)
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch all; the exit code."""
    parser = argparse.ArgumentParser(description="Download and check the files of docs/cases.tsv.")
    parser.add_argument("folder", type=Path, help="where they go")
    parser.add_argument("--cases", type=Path, default=CASES, help="the table (default: docs/)")
    parser.add_argument(
        "--base-url",
        default=BASE_URL,
        help="address with {repository}, {commit} and {path} (default: %(default)s)",
    )
    wish = parser.parse_args(arguments)
    rows, failed = cases(wish.cases), 0
    for number, row in enumerate(rows, 1):
        problem = fetch(row, wish.folder, wish.base_url)
        failed += problem is not None
        print(f"{number}/{len(rows)} {row['file']}: {problem or 'good'}", file=sys.stderr)
    if failed:
        print(f"{failed} of {len(rows)} files are missing", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
