"""A race folder, made beside its place and renamed into it; what a killed run left is cleared.

A folder's manifest says from which input, options and version of the program it was made. It is
inside the folder, so both appear together.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpxstage.course import CourseError
from gpxstage.folder import LIST, digest_of, list_of, listed_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MANIFEST = ".gpxstage-race"
PART, OLD = ".gpxstage-part-", ".gpxstage-old-"  # before the name of a race: new and former folder

Manifest = dict[str, Any]


def manifest(folder: Path) -> Manifest | None:
    """The manifest of a race folder; None where there is none that can be read."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def is_whole(folder: Path) -> bool:
    """Whether all files that were written into a folder are there, and as they were written."""
    wanted = listed_in(folder)
    return bool(wanted) and len(_unchanged(folder)) == len(wanted)


def put(output: Path, name: str, files: Mapping[str, bytes], made_from: Manifest) -> None:
    """Write a race folder whole; files of others in a former one of that name stay.

    Raises CourseError where a folder of that name was not written by a batch.
    """
    part, old, final = output / f"{PART}{name}", output / f"{OLD}{name}", output / name
    settle(output, name)
    if os.path.lexists(final) and not (is_ours(final) or _is_empty(final)):
        raise CourseError(f"{name}: is in the output folder already, and no batch wrote it")
    part.mkdir()
    for file, data in files.items():
        (part / file).write_bytes(data)
    (part / LIST).write_bytes(list_of({file: digest_of(data) for file, data in files.items()}))
    text = json.dumps(made_from, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    (part / MANIFEST).write_bytes(text.encode() + b"\n")
    if final.exists():
        final.rename(old)
    part.rename(final)
    if old.exists():
        _keep_others(old, final)


def remove(output: Path, name: str) -> None:
    """Remove what a batch wrote of a race that cannot be made any more; files of others stay."""
    settle(output, name)
    final = output / name
    if is_ours(final):
        for file in [*_unchanged(final), LIST, MANIFEST]:  # the manifest last: all else is ours
            (final / file).unlink(missing_ok=True)
    if _is_empty(final):
        final.rmdir()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())


def is_ours(folder: Path) -> bool:
    """Whether a batch wrote this folder."""
    return (folder / MANIFEST).is_file() and not folder.is_symlink()


def settle(output: Path, name: str) -> None:
    """Bring the folder of one race into order after a run that was killed."""
    part, old, final = output / f"{PART}{name}", output / f"{OLD}{name}", output / name
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part)
    else:
        part.unlink(missing_ok=True)
    if old.is_dir() and not old.is_symlink():
        if final.exists():
            _keep_others(old, final)
        else:
            old.rename(final)


def strangers(output: Path, names: Collection[str]) -> list[str]:
    """The race folders that a batch wrote and that have none of these names."""
    found = sorted(set(os.listdir(output)) - set(names))
    return [name for name in found if is_ours(output / name)]


def settle_all(output: Path) -> None:
    """Bring the output folder into order after a run that was killed."""
    for name in sorted(os.listdir(output)):
        for before in (PART, OLD):
            if name.startswith(before):
                settle(output, name.removeprefix(before))


def _keep_others(old: Path, final: Path) -> None:
    """Move what others wrote or changed from the former folder into the new one."""
    for name in _unchanged(old):  # before the list of them goes: a run may end at any line
        (old / name).unlink()
    for path in sorted(old.iterdir()):
        if path.name not in (LIST, MANIFEST) and not os.path.lexists(final / path.name):
            path.rename(final / path.name)
    shutil.rmtree(old)


def _unchanged(folder: Path) -> list[str]:
    """The files of the folder's list that are as they were written."""
    return [
        name
        for name, digest in listed_in(folder).items()
        if (folder / name).is_file() and digest_of((folder / name).read_bytes()) == digest
    ]
