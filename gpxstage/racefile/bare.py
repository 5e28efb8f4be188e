"""GPX without a race file -> Course: nothing is known but the tracks and their waypoints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from gpxstage.clean import repair
from gpxstage.course import DEFAULT_TERRAIN, Course, CourseError, Stage, WishError
from gpxstage.parser.inputs import LIMITS, Limits
from gpxstage.racefile import doubled, places, sources
from gpxstage.text import counted, fits, listed, nearest
from gpxstage.walltime import on_the_wall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.course import Format, Point, Track
    from gpxstage.racefile.places import Way
    from gpxstage.racefile.sources import Source


MOST_STAGES = 5_000  # judgement: a track of each day of thirteen years


@dataclass(frozen=True)
class Wishes:
    """What the command line says about a course; None where it says nothing."""

    format: Format | None = None
    start: str | datetime | None = None
    wave: int | None = None
    terrain: float | None = None
    repair: bool = True
    tracks: tuple[str, ...] = ()  # numbers or names; none: all of them
    limits: Limits = LIMITS  # of every file


def build(found: Sequence[Source], name: str, wishes: Wishes) -> Course:
    """Tracks are stages, in the order of the files and in each file's own order."""
    if wishes.wave is not None:
        raise WishError(f"{name}: wave {wishes.wave}: only a race file has waves")
    tracks, notes = _tracks(found, wishes.tracks)
    waypoints = [point for source in found for point in sources.waypoints(source)]
    start = None if wishes.start is None else wished_start(wishes.start, None)[0]
    default: Format = "staged" if len(tracks) > 1 else "continuous"
    format_ = wishes.format or default
    ways, stage_notes = _prepared(tracks, repairs=wishes.repair)
    points, off_track = places.spread(places.named(waypoints), ways)
    notes += [
        *off_track,
        *doubled.notes([w.track for w in ways], [t for _, t in tracks], _names(tracks)),
        *places.gaps(ways),
        *(sources.order_of([track for _, track in tracks]) if len(found) == 1 else ()),
        *_unknown(tracks, waypoints, wishes),
    ]
    stages = []
    for number, way in enumerate(ways, 1):
        title = way.track.name or f"Stage {number}"
        end = places.end_of(number, title, last=number == len(ways), format_=format_)
        stages.append(
            Stage(
                number,
                title,
                way.track,
                points=places.close(points[number - 1], way.length_m, end),
                start=start if format_ == "staged" and number == 1 else None,
                terrain=DEFAULT_TERRAIN if wishes.terrain is None else wishes.terrain,
                notes=stage_notes[number - 1],
            )
        )
    return Course(
        name,
        tuple(stages),
        format=format_,
        start=start,
        notes=tuple(notes),
        terrain_assumed=wishes.terrain is None,
    )


def _prepared(
    tracks: Sequence[tuple[str, Track]], *, repairs: bool
) -> tuple[list[Way], list[tuple[str, ...]]]:
    """All tracks cleaned, and the notes of each."""
    ways, notes = [], []
    for number, (where, track) in enumerate(tracks, 1):
        label = f"stage {number}" if len(tracks) > 1 else where
        way, repaired = prepare(track, label, repairs=repairs)
        ways.append(way)
        again = doubled.segments(track, label)
        if len(way.track.segment_starts) > len(track.segment_starts):
            again = again or doubled.segments(way.track, label)  # the parts that a jump makes
        notes.append((*repaired, *again))
    return ways, notes


def prepare(track: Track, where: str, *, repairs: bool) -> tuple[Way, tuple[str, ...]]:
    """A track cleaned and measured along, and the notes of its repairs."""
    cleaned, notes = repair(track, where, repairs=repairs)
    return places.way(cleaned, where), tuple(notes)


def _tracks(
    found: Sequence[Source], wanted: Sequence[str]
) -> tuple[list[tuple[str, Track]], list[str]]:
    """The tracks of all files, or those that are wanted, and what to say about them."""
    tracks, notes = [], []
    for source in found:
        lines, doubts = sources.lines(source)
        tracks += [(source.where, track) for track in lines]
        notes += doubts
    if wanted:
        tracks = [tracks[k] for k in dict.fromkeys(_index(tracks, name) for name in wanted)]
    if len(tracks) > MOST_STAGES:
        raise CourseError(
            f"{found[0].where}: {len(tracks):,} tracks: a course has {MOST_STAGES:,} stages at"
            " most; --track takes some of them"
        )
    return tracks, notes


def _index(found: Sequence[tuple[str, Track]], wanted: str) -> int:
    """The place of the track that a number or a name means; WishError for none and for several."""
    if wanted.strip().isdecimal() and 1 <= int(wanted) <= len(found):
        return int(wanted) - 1
    names = [
        (k, n)
        for k, (where, t) in enumerate(found)
        for n in (t.name, where, sources.stem_of(where))
    ]
    meant = list(dict.fromkeys(names[j][0] for j in fits(wanted, [n for _, n in names])))
    if len(meant) == 1:
        return meant[0]
    some = meant or range(len(found))
    known = listed([f'{k + 1} "{found[k][1].name or found[k][0]}"' for k in some])
    if meant:
        raise WishError(f'track "{wanted}" may be {known}: its number says which')
    raise WishError(f'there is no track "{wanted}": there are {known}')


def _names(tracks: Sequence[tuple[str, Track]]) -> list[str]:
    """What tracks are called: by their files where each has its own."""
    files = [where for where, _ in tracks]
    if len(set(files)) == len(files):
        return [sources.stem_of(where) for where in files]
    return [track.name for _, track in tracks]


def _unknown(
    tracks: Sequence[tuple[str, Track]], waypoints: Sequence[Point], wishes: Wishes
) -> list[str]:
    """What a bare GPX leaves open: one note, and one for the format of several stages."""
    notes, open_ = [], []
    if wishes.terrain is None:
        open_.append(f"terrain {DEFAULT_TERRAIN} (mountain trail) unless --terrain says otherwise")
    if wishes.start is None:
        open_.append("no clock without --start")
    if turns := sum(places.is_turn(point) for point in waypoints):
        notes.append(f"{turns} of {len(waypoints)} waypoints are turns or segments: left out")
    if nameless := sum(not point.name for point in waypoints):
        notes.append(f"{nameless} of {len(waypoints)} waypoints have no name: left out")
    if known := len(places.named(waypoints)):
        open_.append(
            f"{counted(known, 'waypoint')}, their kinds guessed:"
            " `gpxstage init` makes a race file of them"
        )
    if open_:
        notes.append(f"no race file: {'; '.join(open_)}")
    if len(tracks) > 1 and wishes.format is None:
        files = len({where for where, _ in tracks})
        what = f"{files} files" if files == len(tracks) else f"{len(tracks)} tracks"
        notes.append(
            f"{what} without a race file are taken as staged, each with a start of its own:"
            " --format continuous lets the clock run through"
        )
    if len(tracks) > 1 and wishes.start is not None and wishes.format != "continuous":
        notes.append("only stage 1 has a start: a race file gives the others theirs")
    return notes


FIRST_YEAR, LAST_YEAR = 1900, 2100  # judgement: races, well inside what the calendar can count


def zone(name: str, where: str) -> ZoneInfo:
    """The time zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(name, sorted(available_timezones()))
        hint = f": did you mean {close}?" if close else ', such as "Europe/Rome"'
        raise CourseError(
            f'{where}: timezone "{name}" is not a name of the IANA list{hint}'
        ) from None


def wished(when: str | datetime) -> datetime:
    """The start that a user gives, local or with an offset.

    Raises WishError for what is no such thing.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError:
            raise WishError(
                f'start "{when}" is no date and time such as 2026-09-04T10:00'
            ) from None
    if problem := out_of_range(when):
        raise WishError(f"start {when.isoformat()}: {problem}")
    return when


def out_of_range(when: datetime) -> str:
    """What is wrong with the year of a date; nothing where nothing is."""
    if FIRST_YEAR <= when.year <= LAST_YEAR:
        return ""
    return f"the year {when.year} is out of range: {FIRST_YEAR} ... {LAST_YEAR}"


def wished_start(when: str | datetime, tz: ZoneInfo | None) -> tuple[datetime, str]:
    """An aware start from what a user gives, and notes about it.

    A time zone is where local is.
    """
    when = wished(when)
    if when.tzinfo is not None:
        return (when.astimezone(tz) if tz else when), ""
    if tz is None:
        raise WishError(
            f"start {when:%Y-%m-%dT%H:%M} needs an offset, as in"
            f" {when:%Y-%m-%dT%H:%M}+02:00: the course has no timezone"
        )
    return on_the_wall(when, tz)
