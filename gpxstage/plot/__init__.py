"""Profile and Estimate -> matplotlib artists -> PNG, SVG, PDF."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gpxstage.plot.picture import Drawing, picture
from gpxstage.plot.scene import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gpxstage.report import Report

__all__ = ["Drawing", "draw", "save"]

NO_DATE = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def draw(report: Report, stage: int | None = None, *, units: str = "metric") -> Drawing:
    """The picture of a race, or of its stage of that number, with the artists by role.

    All stages of a race are drawn on one vertical scale. Raises ValueError for a stage that
    the race does not have.
    """
    index = None
    if stage is not None:
        numbers = [each.number for each in report.course.stages]
        if stage not in numbers:
            raise ValueError(f"no stage {stage}: the race has {numbers[0]} to {numbers[-1]}")
        index = numbers.index(stage)
    with _quiet_fonts():
        return picture(report, compose(report, index), index, units)


def save(drawing: Drawing, kind: str = "png") -> bytes:
    """The picture as bytes; the same picture gives the same bytes."""
    out = io.BytesIO()
    if kind == "png":
        FigureCanvasAgg(drawing.figure)
    with _quiet_fonts(), mpl.rc_context({"svg.hashsalt": "gpxstage", "svg.fonttype": "path"}):
        # three of nine: a third of the time of the default, and a few per cent more bytes
        squeeze: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if kind == "png" else {}
        drawing.figure.savefig(out, format=kind, metadata=NO_DATE[kind], **squeeze)
    return out.getvalue()


@contextmanager
def _quiet_fonts() -> Iterator[None]:
    """Letters that the font lacks are drawn as boxes, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        yield
