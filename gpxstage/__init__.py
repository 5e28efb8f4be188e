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

    __version__: str

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


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("gpxstage")
    except PackageNotFoundError:  # run from a folder that is not installed
        return "0+unknown"


if not TYPE_CHECKING:  # a type checker reads the imports above, and so still sees a misspelt name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            value = _version()
        elif name in _HOMES:
            from importlib import import_module

            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
