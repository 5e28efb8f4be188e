"""From a race's GPX files to distance, climb, grades, hours and hiking share.

The names below are the public ones. Each is imported when it is first used, so that
``import gpxstage`` loads no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpxstage.course import Course, CourseError, Point, Stage, Track
    from gpxstage.estimator import estimate
    from gpxstage.estimator.runner import Runner
    from gpxstage.estimator.runner_file import read_runner
    from gpxstage.facts.analysis import Report, analyze
    from gpxstage.plot import draw
    from gpxstage.profile import Profile, measure
    from gpxstage.racefile import load

__version__ = "0.1.0"

__all__ = [
    "Course",
    "CourseError",
    "Point",
    "Profile",
    "Report",
    "Runner",
    "Stage",
    "Track",
    "__version__",
    "analyze",
    "draw",
    "estimate",
    "load",
    "measure",
    "read_runner",
]

_HOMES = {
    "Course": "gpxstage.course",
    "CourseError": "gpxstage.course",
    "Point": "gpxstage.course",
    "Profile": "gpxstage.profile",
    "Report": "gpxstage.facts.analysis",
    "Runner": "gpxstage.estimator.runner",
    "Stage": "gpxstage.course",
    "Track": "gpxstage.course",
    "analyze": "gpxstage.facts.analysis",
    "draw": "gpxstage.plot",
    "estimate": "gpxstage.estimator",
    "load": "gpxstage.racefile",
    "measure": "gpxstage.profile",
    "read_runner": "gpxstage.estimator.runner_file",
}


if not TYPE_CHECKING:  # a type checker reads the imports above, and so still sees a misspelt name

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
