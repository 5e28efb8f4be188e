"""The nouns: Track, Point, Stage, Course, and the one error a person can fix."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gpxstage import geo, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from gpxstage.geo import Array as Array
    from gpxstage.geo import Indices as Indices

    Places = list[tuple["Stage", "Point"]]

Format = Literal["continuous", "staged"]
CutoffAt = Literal["leave", "arrive"]  # what has to be done before a cutoff

LEAST_LENGTH_M = 1.0  # a track shorter than this is one place (judgement)
DEFAULT_TERRAIN = 0.4  # mountain trail; judgement, used when a race says nothing

# what is typed for a place: a stage's number, a name, which pass of it
PLACE = re.compile(r"\A(?:(\d+)/)?(.*?)(?:/(\d{1,4}))?\Z", re.DOTALL)

MISSING = np.full(1, np.nan)
MISSING.setflags(write=False)


class CourseError(ValueError):
    """Input that a person can fix: the message says where, what, and the rule."""


class WishError(CourseError):
    """What was asked of a course, not the course, is what cannot be used."""


def handed_over(values: Array) -> Array:
    """The same array, read-only: nobody else keeps it, so that a track needs no copy."""
    values.setflags(write=False)
    return values


def missing(count: int) -> Array:
    """NaN at *count* places, in the memory of one."""
    return np.broadcast_to(MISSING, count)


def frozen(values: ArrayLike) -> Array:
    """A read-only float64 array of *values*, one-dimensional: a copy where they might change."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and values.ndim == 1:
        owner = values.base
        is_safe = not isinstance(owner, np.ndarray) or not owner.flags.writeable
        if is_safe and not values.flags.writeable:
            return values
    array = np.array(values, dtype=np.float64, ndmin=1)
    if array.ndim != 1:
        raise ValueError(f"expected one dimension, got {array.ndim}")
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Track:
    """Points in the order they are walked; n of them, arrays read-only.

    Elevation and time are NaN where the file has none: missing is never zero.
    ``segment_starts`` holds the index of each segment's first point: the step
    that leads to it is a gap, not distance.
    """

    lat_deg: Array
    lon_deg: Array
    elevation_m: Array
    time_s: Array  # seconds since 1970 UTC
    segment_starts: Indices
    name: str = ""
    is_route: bool = False
    heart_rate_bpm: Array | None = None
    cadence_spm: Array | None = None  # as recorded: steps of one leg on most watches
    power_w: Array | None = None

    def __post_init__(self) -> None:
        for name in ("lat_deg", "lon_deg", "elevation_m", "time_s"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("heart_rate_bpm", "cadence_spm", "power_w"):
            if (values := getattr(self, name)) is not None:
                object.__setattr__(self, name, frozen(values))
        starts = np.array(self.segment_starts, dtype=np.int64, ndmin=1)
        starts.setflags(write=False)
        object.__setattr__(self, "segment_starts", starts)
        sizes = {len(self.lat_deg), len(self.lon_deg), len(self.elevation_m), len(self.time_s)}
        if len(sizes) != 1:
            raise ValueError("a track's arrays must have one length")

    def __len__(self) -> int:
        return len(self.lat_deg)

    @cached_property
    def steps_m(self) -> Array:
        """(n-1,) lengths of the steps, those over gaps between segments among them."""
        return handed_over(geo.steps_m(self.lat_deg, self.lon_deg))

    def part(self, first: int, last: int) -> Track:
        """The points from index *first* to before *last* as a track."""
        cut = {name: getattr(self, name)[first:last] for name in self.columns}  # no copies
        inside = (self.segment_starts > first) & (self.segment_starts < last)
        return self.with_columns(cut, np.append(0, self.segment_starts[inside] - first))

    def with_columns(self, columns: Mapping[str, Any], segment_starts: Indices) -> Track:
        """The same track with other points; arrays by the names of `Track.columns`."""
        return replace(self, segment_starts=segment_starts, **columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the arrays that have a value at every point, sensors where they are recorded."""
        sensors = ("heart_rate_bpm", "cadence_spm", "power_w")
        recorded = (name for name in sensors if getattr(self, name) is not None)
        return ("lat_deg", "lon_deg", "elevation_m", "time_s", *recorded)

    def __repr__(self) -> str:
        """Name and size; the arrays are in the fields."""
        return f"<Track {self.name or 'without a name'}: {len(self):,} points>"


def track_distance_m(track: Track) -> Array:
    """Cumulative distance at each point of a track; the gap between segments counts nothing."""
    along_m = np.append(0.0, track.steps_m)
    along_m[track.segment_starts[1:]] = 0.0
    return np.asarray(np.cumsum(along_m, out=along_m))


def gap_heights_m(track: Track, along_m: Array) -> Array:
    """Cumulative height of the gaps at each point of a track; nobody walked it.

    *along_m* is the distance at each point. Where elevations are missing beside a gap, the
    height between the points that have one is shared out by distance: the gap's part counts.
    """
    heights_m = np.zeros(len(track))
    starts = track.segment_starts[1:]
    known = np.flatnonzero(np.isfinite(track.elevation_m))
    if len(starts) == 0 or len(known) == 0:
        return heights_m
    ends = np.sort(np.concatenate([starts - 1, starts]))
    gap_m = geo.so_far(geo.steps_m(track.lat_deg[ends], track.lon_deg[ends])[::2])
    before = np.searchsorted(starts, known, side="right")  # gaps before each known point
    missed_m, walked_m = np.diff(gap_m[before]), np.diff(along_m[known])
    share = np.ones(len(walked_m))
    np.divide(missed_m, missed_m + walked_m, out=share, where=walked_m > 0.0)
    share[np.diff(before) == 0] = 0.0
    lift = geo.so_far(share * np.diff(track.elevation_m[known]))
    last_known = np.searchsorted(known, np.arange(len(track)), side="right") - 1
    return lift[np.maximum(last_known, 0)]


@dataclass(frozen=True)
class Point:
    """A named place of a course.

    ``distance_m`` counts from the stage's start along the measured track, and is
    None until the point has been matched. ``cutoff_s`` counts from the race start
    in a continuous race and from the stage start in a staged one. ``max_stay_s`` is the longest
    stay that the race allows there, sleep included; ``drive_s`` is the crew's way from the crew
    place before.
    """

    name: str
    kind: str = "waypoint"  # start col aid water crew life-base finish waypoint
    lat_deg: float | None = None
    lon_deg: float | None = None
    elevation_m: float | None = None
    distance_m: float | None = None
    crew: bool = False
    services: tuple[str, ...] = ()
    stop_s: float | None = None
    cutoff_s: float | None = None
    symbol: str = ""  # the symbol, the type and the description that a GPX waypoint has
    category: str = ""
    description: str = ""
    cutoff_at: CutoffAt = "leave"
    max_stay_s: float | None = None
    no_sleep: bool = False  # the race forbids to sleep there
    drop_bag: bool = False  # a bag of the runner waits there
    drive_s: float | None = None


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage: a cleaned track, its points in order, and the rules of the race for it."""

    number: int  # from 1
    name: str
    track: Track
    points: tuple[Point, ...] = ()
    start: datetime | None = None  # aware; staged races
    limit_s: float | None = None
    terrain: float = DEFAULT_TERRAIN  # 0 road ... 1 hands on rock; the mean where it changes
    # (to_m, terrain) in order, from the start as measured; the last goes on to the end
    terrain_along: tuple[tuple[float, float], ...] = ()
    sand: float = 0.0  # share of the way in soft sand
    pack_kg: float | None = None  # what the rules make everyone carry
    official_length_m: float | None = None
    official_gain_m: float | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Name and size; the rest is in the fields."""
        length_km = track_distance_m(self.track)[-1] / 1000.0
        return f"<Stage {self.number} {self.name}: {length_km:.1f} km, {len(self.points)} points>"

    def terrain_at(self, distance_m: Array) -> Array:
        """The terrain at distances from the start."""
        if not self.terrain_along:
            return np.full(len(distance_m), self.terrain)
        to_m, values = np.array(self.terrain_along).T
        return np.asarray(values[np.searchsorted(to_m[:-1], distance_m, side="right")])

    def terrain_moved(self, shift: float) -> Stage:
        """The same on other ground, between 0 and 1 everywhere."""
        return replace(
            self,
            terrain=min(max(self.terrain + shift, 0.0), 1.0),
            terrain_along=tuple(
                (to_m, min(max(value + shift, 0.0), 1.0)) for to_m, value in self.terrain_along
            ),
        )


@dataclass(frozen=True)
class Result:
    """What an earlier field needed on this course: elapsed times; None where not known."""

    year: int | None = None
    finishers: int | None = None
    winner_s: float | None = None
    p10_s: float | None = None
    p25_s: float | None = None
    median_s: float | None = None
    p75_s: float | None = None
    p90_s: float | None = None
    source: str = ""


@dataclass(frozen=True)
class Weather:
    """What a thermometer shows at a moment: forecast, measured, or what is usual."""

    at: datetime  # aware
    temperature_c: float
    humidity: float  # relative, share
    height_m: float | None = None  # of the thermometer; None: as high as the runner


@dataclass(frozen=True, eq=False)
class Course:
    """A whole race: its stages in order and the facts that hold for all of them."""

    name: str
    stages: tuple[Stage, ...]
    format: Format = "continuous"
    timezone: str | None = None  # IANA
    start: datetime | None = None  # aware
    waves: tuple[datetime, ...] = ()
    limit_s: float | None = None
    official_length_m: float | None = None
    official_gain_m: float | None = None
    survey: str | None = None
    notes: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    terrain_spread: float | None = None  # of a terrain set from results; None: judged or assumed
    terrain_assumed: bool = False  # not given for one stage at least
    conditions: float = 1.0  # on all moving time: mud, snow
    weather: tuple[Weather, ...] = ()

    def __post_init__(self) -> None:
        if not self.stages:
            raise CourseError(f"{self.name}: a race needs at least one stage")

    def __repr__(self) -> str:
        """Name and format; the rest is in the fields."""
        return f"<Course {self.name}: {text.counted(len(self.stages), 'stage')}, {self.format}>"

    @property
    def pack_kg(self) -> float | None:
        """What the rules make everyone carry at the start; None where they say nothing."""
        return self.stages[0].pack_kg

    def index(self, number: int) -> int:
        """The place of a stage among the stages, by its number. Raises ValueError for none."""
        return [stage.number for stage in self.stages].index(number)

    def point(self, name: str) -> tuple[Stage, Point]:
        """The point on the track that is meant by any of the words of its name, or their beginning.

        Case and accents do not count, and a whole name goes before a part (`text.fits`). A name
        that is in several stages needs its stage: "2/Aid". A place that is passed more than once
        needs the number of the pass, counted along the race or along that stage: "Twin Lakes/2",
        "2/Aid/1". A place on both sides of a border between stages is one, at the end of the stage
        before. Raises WishError for a name that means none or several.
        """
        found = self.meant(name)
        if len(found) == 1:
            return found[0]
        raise WishError(f'"{name}" {self._unclear(name, found)}')

    def meant(self, name: str) -> Places:
        """All places that a name may mean, in order: `point` wants one."""
        wanted, nth, places, passes = self._parted(name)
        whole = f"{wanted}/{nth}" if nth else wanted
        same = any(point.name == whole for _, point in places)
        if not same and _is_one(passes) and 0 < int(nth) <= len(passes):
            return [passes[int(nth) - 1]]
        return _called(whole, places)

    def name_of(self, stage: Stage, point: Point) -> str:
        """What `point` takes for this place alone: "2/Aid", "Twin Lakes/2", "2/Aid/1"."""
        alike = [
            p for s, p in self._places(str(stage.number)) if s is stage and p.name == point.name
        ]
        one = len(self.stages) == 1 and not re.match(r"\d+/", point.name)
        at = next((k for k, p in enumerate(alike, 1) if p is point), 0)
        nth = f"/{at}" if at and len(alike) > 1 else ""
        return f"{point.name}{nth}" if one else f"{stage.number}/{point.name}{nth}"

    def _unclear(self, name: str, found: Places) -> str:
        """What is wrong with a name that means no place, or several."""
        wanted, _, places, passes = self._parted(name)
        if not found and _is_one(passes):
            return f"is no pass: {passes[0][1].name} is passed {text.counted(len(passes), 'time')}"
        if several := found or passes:
            some = [f"{self.name_of(*each)} (km {_km(each[1])})" for each in several[:4]]
            return f"may be {', '.join(some)}{', ...' if len(several) > 4 else ''}"
        hint = text.suggestion(wanted, [point.name for _, point in places], "the points are")
        return f"is no point on the track{hint}"

    def _parted(self, name: str) -> tuple[str, str, Places, Places]:
        """What is typed for a place: name and pass; all places, and those with that name."""
        number, wanted, nth = PLACE.findall(name)[0]
        places = self._places(number)
        return wanted, nth, places, _called(wanted, places) if nth else []

    def _places(self, number: str = "") -> Places:
        """The points on the track, of a stage or of all; a place on both sides of a border once.

        A start is none where its name is passed again: nothing is planned at a start.
        """
        found: Places = []
        for stage in self.stages:
            for point in stage.points:
                starts = bool(found) and found[-1][0] is not stage
                if point.distance_m is None:
                    continue
                if starts and point.distance_m < 1.0 and point.name == found[-1][1].name:
                    continue
                found.append((stage, point))
        found = [each for each in found if number in ("", str(each[0].number))]
        count = Counter(point.name for _, point in found)
        return [each for each in found if not (_is_start(each[1]) and count[each[1].name] > 1)]


def _called(wanted: str, places: Places) -> Places:
    return [places[k] for k in text.fits(wanted, [point.name for _, point in places])]


def _is_one(passes: Places) -> bool:
    return len({point.name for _, point in passes}) == 1


def _is_start(point: Point) -> bool:
    return point.kind == "start" and (point.distance_m or 0.0) < 1.0


def _km(point: Point) -> str:
    return f"{(point.distance_m or 0.0) / 1000.0:.1f}"
