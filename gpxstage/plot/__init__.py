"""Profile and Estimate -> matplotlib artists -> PNG, SVG, PDF."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import matplotlib as mpl

from gpxstage.plot.fonts import lost, written_report
from gpxstage.plot.how import How
from gpxstage.plot.legs import ACROSS
from gpxstage.plot.page import quiet_fonts
from gpxstage.plot.picture import Drawing, picture
from gpxstage.plot.sheet import SHEETS
from gpxstage.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from gpxstage.facts.analysis import Report

__all__ = ["Drawing", "draw", "lost", "save"]

NO_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def draw(
    report: Report,
    stage: int | None = None,
    *,
    units: str = "metric",
    across: str = "distance",
    size: str = "screen",
    same_scale: bool = False,
) -> Drawing:
    """The picture of a race, or of its stage of that number, with the artists by role.

    All stages of a race are drawn on one vertical scale and, with *same_scale*, on one
    horizontal scale. *across* is distance, the hours on the way (time) or the local clock; *size* a
    screen's, a preview's (1200 x 630 pixels) or print's (A4, with panels). Raises ValueError for
    a stage that the race does not have, for hours or a clock that it does not have, and for a
    word that is none of these.
    """
    if not hasattr(report, "profiles"):
        kind = type(report).__name__
        raise TypeError(f"a picture is drawn of what gpxstage.analyze() gives, not of a {kind}")
    for name, word, known in (
        ("units", units, UNITS), ("across", across, ACROSS), ("size", size, SHEETS),
    ):  # fmt: skip
        if word not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {word!r}")
    index = None
    if stage is not None:
        numbers = [each.number for each in report.course.stages]
        if stage not in numbers:
            raise ValueError(f"no stage {stage}: the race has {numbers[0]} to {numbers[-1]}")
        index = numbers.index(stage)
    with _own_style(), quiet_fonts():
        return picture(
            written_report(report), index, How(UNITS[units], SHEETS[size], across, same_scale)
        )


def save(drawing: Drawing | Figure, kind: str = "png", stream: BinaryIO | None = None) -> bytes:
    """The picture as bytes, also written to *stream*; the same picture gives the same bytes."""
    if kind not in NO_DATE:
        raise ValueError(f"a picture is {', '.join(NO_DATE)}, not {kind!r}")
    figure = drawing.figure if isinstance(drawing, Drawing) else drawing
    out = io.BytesIO()
    with _own_style(), quiet_fonts():
        # three of nine: a third of the time of the default, and a few per cent more bytes
        squeeze: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
        figure.savefig(out, format=kind, metadata=NO_DATE[kind], **squeeze)
    if stream is not None:
        stream.write(out.getvalue())
    return out.getvalue()


@contextmanager
def _own_style() -> Iterator[None]:
    """The library as it is shipped, whatever the reader's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "gpxstage", "svg.fonttype": "path"})
        yield
