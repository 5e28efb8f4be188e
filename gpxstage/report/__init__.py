"""Course + Estimate -> what people and programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpxstage.profile import measure

if TYPE_CHECKING:
    from gpxstage.course import Course
    from gpxstage.estimator.result import Estimate
    from gpxstage.profile import Profile


@dataclass(frozen=True, eq=False)
class Report:
    """A course, what was measured on it, and, where a runner was asked for, an estimate.

    ``profiles`` and ``estimate.stages`` are in the order of ``course.stages``. The estimate
    is None for ``info``, and for a course without elevation.
    """

    course: Course
    profiles: tuple[Profile, ...]
    estimate: Estimate | None = None
