"""A team's estimate against those of its members -> who waits where, and what it costs each."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gpxstage.facts.figures import TeamMember, Wait
from gpxstage.facts.parts import points_of
from gpxstage.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpxstage.estimator.nouns import Estimate, StageEstimate
    from gpxstage.facts.parts import Part


def team_facts(parts: Sequence[Part], members: Sequence[Estimate]) -> tuple[TeamMember, ...] | None:
    """The members of a team in the order in which they were given; None for one runner."""
    if not members or any(part.estimate is None for part in parts):
        return None
    team_s = sum(part.estimate.on_clock_s for part in parts if part.estimate)
    found = []
    for member in members:
        alone_s = sum(stage.on_clock_s for stage in member.stages)
        waits = [
            wait
            for part, own in zip(parts, member.stages, strict=True)
            if part.estimate is not None
            for wait in _waits(part, part.estimate, own)
        ]
        name = member.runner.name
        found.append(
            TeamMember(name=name, alone_s=alone_s, costs_s=team_s - alone_s, waits=tuple(waits))
        )
    return tuple(found)


def _waits(part: Part, team: StageEstimate, own: StageEstimate) -> list[Wait]:
    """What a member waits on each leg of a stage; stops count at the point that they are before."""
    points = points_of(part)
    at_m = [0.0, *(point.distance_m or 0.0 for point in points)]
    at_m[-1] = max(at_m[-1], float(team.edge_m[-1]))
    found = []
    for point, (from_m, to_m) in zip(points, pairwise(at_m), strict=True):
        way_s = team.moving_between_s(from_m, to_m) - own.moving_between_s(from_m, to_m)
        stop_s = sum(
            mine.stop_s - alone.stop_s
            for mine, alone in zip(team.stops, own.stops, strict=True)
            if from_m < mine.distance_m <= to_m
        )
        found.append(
            Wait(
                stage=part.stage.number,
                point=point.name,
                way_s=seconds(way_s) or 0,
                stop_s=seconds(stop_s) or 0,
            )
        )
    return found
