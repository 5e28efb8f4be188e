"""Facts that help to prepare: what is eaten, drunk and carried on each leg, a partner, altitude."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Collection


class LegEaten(Struct, frozen=True, kw_only=True):
    """What a leg takes: the way from the point before to this one, and the stop here.

    ``spent_kcal`` is spent while moving, None where a model knows no energy. ``there_kcal`` is
    the part of ``eaten_kcal`` that is eaten during the stop. ``water_l`` is drunk on the way.
    """

    stage: int
    point: str
    spent_kcal: int | None
    eaten_kcal: int
    there_kcal: int
    deficit_kcal: int | None
    water_l: float

    @property
    def way_kcal(self) -> int:
        """What is eaten on the way."""
        return self.eaten_kcal - self.there_kcal


class Carried(Struct, frozen=True, kw_only=True):
    """What a runner carries when leaving a place that has food or water.

    ``food_kcal`` lasts until ``food_until``, the next place with food, and ``water_l`` until
    ``water_until``, the next place with water; both are None where this place has none.
    """

    stage: int
    point: str
    food_kcal: int | None
    food_until: str | None
    water_l: float | None
    water_until: str | None


class EatingFacts(Struct, frozen=True, kw_only=True):
    """What is spent, eaten and drunk; the legs are in the order of the points.

    A runner has a meal of ``base_meal_kcal`` at each base with a stop, nothing until ``pause_s``
    after leaving it, and a portion of ``portion_kcal`` every ``portion_every_s`` else, as long as
    they are awake. ``eaten_kcal_per_h`` is the result for each hour awake: the intake that
    was wanted, unless the meals are more than that, or leave too little time for the rest.
    """

    intake_kcal_per_h: float
    base_meal_kcal: float
    meal_stops: int
    pause_s: int
    portion_kcal: int
    portion_every_s: int
    eaten_kcal_per_h: float | None
    spent_kcal: int | None
    eaten_kcal: int
    deficit_kcal: int | None
    water_l: float
    legs: tuple[LegEaten, ...]
    carried: tuple[Carried, ...]

    def shown(self, stages: Collection[int]) -> EatingFacts:
        """The same with the legs and the places of some stages alone."""
        legs = tuple(leg for leg in self.legs if leg.stage in stages)
        carried = tuple(one for one in self.carried if one.stage in stages)
        return replace(self, legs=legs, carried=carried)


class Wait(Struct, frozen=True, kw_only=True):
    """How long a member of a team waits on the way to a point, and how long during the stop."""

    stage: int
    point: str
    way_s: int
    stop_s: int


class TeamMember(Struct, frozen=True, kw_only=True):
    """One of a team: the time alone, what the team adds to it, and where that is waited.

    The waits add up to ``costs_s``, to the seconds of rounding.
    """

    name: str
    alone_s: int
    costs_s: int
    waits: tuple[Wait, ...]


class LossRange(Struct, frozen=True, kw_only=True):
    """Moving time that altitude adds: by the middle of the published loss, and by its ends."""

    low_s: int
    middle_s: int
    high_s: int


class AltitudeCost(Struct, frozen=True, kw_only=True):
    """What altitude adds to a stage, for a runner who is used to it and for one who is not."""

    stage: int
    acclimatised: LossRange
    unacclimatised: LossRange
