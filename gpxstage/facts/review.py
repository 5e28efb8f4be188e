"""The facts of a review: what a recording shows against the plan, an even plan and the field.

Seconds count on the recording's own clock. ``even`` is the plan of a runner who takes the
recorded time and spreads it as the model does; ``planned`` is the plan of the runner that was
chosen. The seconds of all legs add up to the clock. None means unknown.
"""

from __future__ import annotations

from typing import Literal

from gpxstage.facts.figures import Moment, Struct


class Compared(Struct, frozen=True, kw_only=True):
    """The time on the clock of a part of the course, recorded and by three kinds of plan."""

    elapsed_s: int
    moving_s: int | None = None
    standing_s: int | None = None
    hike_fraction: float | None = None
    dark_s: int | None = None
    planned_s: int | None = None
    planned_moving_s: int | None = None
    even_s: int | None = None
    even_moving_s: int | None = None

    @property
    def against_plan_s(self) -> int | None:
        """How much longer it took than planned."""
        return None if self.planned_s is None else self.elapsed_s - self.planned_s

    @property
    def against_even_s(self) -> int | None:
        """How much longer it took than in the even plan."""
        return None if self.even_s is None else self.elapsed_s - self.even_s


class LegReview(Compared, frozen=True, kw_only=True):
    """From one point to the next; ``arrival_s`` and ``arrival`` are those at its end.

    Before the start and after the finish there is no course: then ``from_m`` is None.
    """

    stage: int | None
    name: str
    from_m: float | None
    to_m: float | None
    gain_m: float | None = None
    arrival_s: int
    arrival: Moment | None = None
    levels: dict[str, int]


class ClimbReview(Compared, frozen=True, kw_only=True):
    """A climb or a descent."""

    name: str | None
    from_m: float
    to_m: float
    height_m: float
    height_m_per_h: float | None = None


class GroundReview(Struct, frozen=True, kw_only=True):
    """Moving time on one kind of ground, or by day, or in a third of the way."""

    name: str
    distance_m: float
    moving_s: int
    even_s: int
    of_even: float | None
    hike_fraction: float | None


class OffCourse(Struct, frozen=True, kw_only=True):
    """A part of the course that the recording does not follow."""

    from_m: float
    to_m: float
    recorded_m: float
    elapsed_s: int


About = Literal["flat speed", "climbing", "descending", "gait", "endurance", "stops"]
Measure = Literal["speed_mps", "height_m_per_h", "hike_fraction", "fade", "standing_s"]


class Advice(Struct, frozen=True, kw_only=True):
    """One thing that the recording contradicts: the evidence, and a line for the runner file.

    ``moving_s`` and ``distance_m`` are the recorded ground that shows it; ``recorded`` and
    ``planned`` are the same figure (``measure``) of it, planned with all other advice taken.
    ``now`` is the number of the runner file, ``advised`` the one to try, ``error`` its standard
    error. They and ``line`` are None where no number of the file is about it, or none fits.
    """

    about: About
    measure: Measure
    recorded: float
    planned: float
    moving_s: int
    distance_m: float
    key: str | None
    now: float | None
    advised: float | None
    error: float | None
    line: str | None


class ReviewFacts(Struct, frozen=True, kw_only=True):
    """A recording on a course."""

    name: str
    recording: str
    runner: str | None
    start: Moment | None
    zoned: bool
    begin_m: float
    reached_m: float
    length_m: float
    finished: bool
    gait_from: str | None
    fade: float | None
    whole: Compared
    clock_s: int
    legs: tuple[LegReview, ...]
    climbs: tuple[ClimbReview, ...]
    ground: tuple[GroundReview, ...]
    daylight: tuple[GroundReview, ...]
    thirds: tuple[GroundReview, ...]
    levels: dict[str, int]
    off_course: tuple[OffCourse, ...]
    advice: tuple[Advice, ...]
    notes: tuple[str, ...]
