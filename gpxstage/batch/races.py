"""Paths -> the races below them, each with a name of its own, and which of them are doubles."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpxstage.course import CourseError
from gpxstage.folder import LIST
from gpxstage.parser.inputs import opened
from gpxstage.racefile import files
from gpxstage.racefile.sources import RACE_FILE, natural
from gpxstage.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

GPX = re.compile(r"(.+)(\.gpx|\.gpx\.gz)", re.IGNORECASE | re.DOTALL)
LONGEST_NAME = 60  # letters of a folder's name: at most 240 bytes, of the 255 of most file systems
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Race:
    """A race of a batch: where it is read from, and what its folder is called.

    *source* is its path below the path that was given, with "/", as the summary shows it;
    *name* is the name of its folder. *same_as* is the name of an earlier race with the same
    bytes, which represents both.
    """

    source: str
    path: str
    name: str = ""
    same_as: str = ""


@dataclass(frozen=True)
class Found:
    """Races in natural order, and notes of what was left out."""

    races: tuple[Race, ...]
    notes: tuple[str, ...]


def find(given: Sequence[str], output: str) -> Found:
    """The races below the paths that are given; the *output* folder is never looked into.

    A folder with a race.toml is a race. Every other GPX file is one, but for those that a race
    reads, and for those that an earlier report wrote. Links are not followed.
    Raises FileNotFoundError for a path that is not there.
    """
    found: dict[str, Race] = {}
    links: list[str] = []
    for path in given:
        above = os.path.basename(os.path.abspath(path)) if len(given) > 1 else ""
        for race in _below(path, above, os.path.realpath(output), links):
            found.setdefault(os.path.realpath(race.path), race)
    notes = [f"{counted(len(links), 'link')} left out: links are not followed"] if links else []
    return Found(_doubled(_named(list(found.values()))), tuple(notes))


def _below(path: str, above: str, output: str, links: list[str]) -> Iterator[Race]:
    if not os.path.isdir(path):
        os.stat(path)  # raises where nothing is there
        yield Race(os.path.basename(path), path)
        return
    if os.path.realpath(path) == output:
        return
    if os.path.lexists(os.path.join(path, RACE_FILE)):
        yield Race(above or os.path.basename(os.path.abspath(path)), path)
    read = _own(path)
    for entry in sorted(os.scandir(path), key=lambda entry: natural(Path(entry.name))):
        if entry.name.startswith("."):
            continue
        label = f"{above}/{entry.name}" if above else entry.name
        if entry.is_symlink():
            links += [label] if entry.is_dir() or GPX.fullmatch(entry.name) else []
        elif entry.is_dir():
            yield from (
                race
                for race in _below(entry.path, label, output, links)
                if os.path.realpath(race.path) not in read
            )
        elif GPX.fullmatch(entry.name) and os.path.realpath(entry.path) not in read:
            yield Race(label, entry.path)


def _own(path: str) -> set[str]:
    """The GPX files in a folder that are no races of their own: a race or a report has them."""
    own: set[str] = set()
    if os.path.lexists(os.path.join(path, LIST)):
        names = [name for name in os.listdir(path) if re.fullmatch(r"(race|stage-\d+)\.gpx", name)]
        own = {os.path.realpath(os.path.join(path, name)) for name in names}
    if os.path.lexists(os.path.join(path, RACE_FILE)):
        own |= {os.path.realpath(one) for one in read_by(path) or _gpx_in(path)}
    return own


def _gpx_in(path: str) -> list[str]:
    """All GPX files of a folder whose race file cannot be read: they belong to that race."""
    return [os.path.join(path, name) for name in os.listdir(path) if GPX.fullmatch(name)]


def read_by(path: str) -> list[Path]:
    """The files that a race is read from; none where its race file is unreadable."""
    try:
        return files(path)
    except (CourseError, OSError):
        return []


def _named(races: list[Race]) -> list[Race]:
    """The races with names for their folders, no two of which are the same anywhere."""
    slugs = [_slug(race.source) for race in races]
    count = Counter(slugs)
    named, seen = [], Counter[str]()
    for race, slug in zip(races, slugs, strict=True):
        name = slug
        if count[slug] > 1 or len(slug) > LONGEST_NAME:
            digest = hashlib.sha256(os.fsencode(race.source)).hexdigest()[:8]
            name = f"{slug[: LONGEST_NAME - 12]}-{digest}"
        seen[name] += 1
        more = f"-{seen[name]}" if seen[name] > 1 else ""
        named.append(replace(race, name=f"{name}{more}"))
    return named


def _slug(source: str) -> str:
    """A path as one small name that every file system takes: letters, digits, hyphens."""
    match = GPX.fullmatch(source)
    text = unicodedata.normalize("NFC", (match[1] if match else source).casefold())
    return re.sub(r"[\W_]+", "-", text).strip("-") or "race"


def _doubled(races: list[Race]) -> tuple[Race, ...]:
    """The races, those with the bytes of an earlier one marked; equal sizes alone are read."""
    sizes: dict[int, list[int]] = defaultdict(list)
    for k, race in enumerate(races):
        sizes[_size(race)].append(k)
    for size, alike in sizes.items():
        first: dict[str, int] = {}
        for k in alike if size and len(alike) > 1 else ():
            try:
                digest = content(races[k])
            except (CourseError, OSError):
                continue  # the race's own row will say so
            first.setdefault(digest, k)
            if first[digest] != k:
                races[k] = replace(races[k], same_as=races[first[digest]].name)
    return tuple(races)


def _size(race: Race) -> int:
    try:
        return sum(os.stat(path).st_size for path in read_by(race.path))
    except OSError:
        return 0


def content(race: Race) -> str:
    """The SHA-256 of all bytes that a race is read from, in their order."""
    return digest_of(files(race.path))


def digest_of(paths: Iterable[Path]) -> str:
    """The SHA-256 of the digests of some files. Raises what `opened` does."""
    total = hashlib.sha256()
    for path in paths:
        one = hashlib.sha256()
        with opened(path, path.name) as stream:
            while chunk := stream.read(CHUNK):
                one.update(chunk)
        total.update(one.digest())
    return total.hexdigest()
