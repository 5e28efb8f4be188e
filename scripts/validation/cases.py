"""docs/cases.tsv: the public files that the validation and the tests use, and where they are."""

from __future__ import annotations

import csv
import hashlib
import re

from validation.folders import ROOT, Folders

CASES = ROOT / "docs" / "cases.tsv"
TOP = (
    "# public GPX files that the figures of docs/accuracy.md and some tests use, with their\n"
    "# SHA-256; scripts/fetch_cases.py downloads them. Files that were altered, derived or made\n"
    "# for a test are not here.\n"
    "file\trepository\tpath\tcommit\tsha256\n"
)


def write(folders: Folders) -> None:
    """From the folder's INDEX.tsv; without one the table stays as it is."""
    index = folders.data / "INDEX.tsv"
    if not index.is_file():
        return
    with open(index, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    lines = [
        "\t".join(
            [
                row["file"],
                row["source_repo"],
                row["source_path"],
                row["commit"],
                row["sha256_at_source"],
            ]
        )
        for row in sorted(rows, key=lambda row: row["file"])
        if _is_public(folders, row)
    ]
    CASES.write_text(TOP + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _is_public(folders: Folders, row: dict[str, str]) -> bool:
    """Whether a file is byte for byte one of a public repository."""
    named = re.fullmatch(r"[\w.-]+/[\w.-]+", row["source_repo"] or "")
    stated = re.fullmatch(r"[0-9a-f]{40}", row["commit"] or "") and row["sha256_at_source"]
    path = folders.data / row["file"]
    if not named or not stated or row["changed_here"] or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256_at_source"]
