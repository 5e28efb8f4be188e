"""How a picture is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpxstage.plot.sheet import Sheet
    from gpxstage.units import Units


@dataclass(frozen=True)
class How:
    """Units, page, what is across, and whether all stages have one scale."""

    unit: Units
    sheet: Sheet
    across: str  # distance, time or clock
    same_scale: bool  # a kilometre, or an hour, is as wide in every stage
