"""Every constant that is judgement and not a paper's: value, unit, and what it was fitted to.

One frozen dataclass, so that a script can replace a value and see what it does, and a draw
can hold an array of them. Values that come from a paper are beside their equation instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _judged(value: float, unit: str, basis: str) -> Any:
    return field(default=value, metadata={"unit": unit, "basis": basis})


@dataclass(frozen=True)
class Judgement:
    """The engine's own constants; ``dataclasses.fields`` gives unit and basis of each."""

    # endurance: power against duration
    decay_short: float = _judged(0.065, "per ln h", "flat road races up to 2.5 h")
    decay_long: float = _judged(0.1145, "per ln h", "flat records 6 to 24 h and mountain races")
    # fatigue within a push, local in time
    fatigue_loss: float = _judged(0.496, "share of squared power", "UTMB and Tor passages")
    fatigue_after_h: float = _judged(13.4, "h", "UTMB and Tor passages")
    fatigue_time_h: float = _judged(8.0, "h", "UTMB and Tor passages")
    fatigue_slept_h: float = _judged(0.0, "h of fatigue an hour slept", "no data")
    # the first hours: harder on runnable ground
    early_time_h: float = _judged(1.5, "h", "passages of eight race-years")
    early_full_grade: float = _judged(0.08, "grade", "passages of eight race-years")
    early_none_grade: float = _judged(0.24, "grade", "passages of eight race-years")
    # pushing uphill, easing downhill
    uphill_push: float = _judged(0.06, "share", "Townshend 2010 gives up to 0.12 on short climbs")
    downhill_ease: float = _judged(
        0.03, "share", "times by grade of recordings; Townshend 2010 gives 0.12 on short slopes"
    )
    # gait
    walk_cost: float = _judged(1.06, "factor", "Giovanelli 2022: steep ground outdoors +8 %")
    gait_width_mps: float = _judged(0.25, "m/s", "road: nobody walks a marathon at 11 km/h")
    gait_width_terrain_mps: float = _judged(
        0.40,
        "m/s",
        "with the next four: cadence of 58 runs of six people, by grade and speed, and less"
        " so finishers' reports of the Tor at 97 h (70 % hiked) and 140 h (jogs a quarter)",
    )
    gait_width_down: float = _judged(1.0, "share more on descents", "see gait_width_terrain_mps")
    gait_shift_mps: float = _judged(0.09, "m/s", "see gait_width_terrain_mps")
    gait_uphill_mps: float = _judged(2.4, "m/s per unit of grade", "see gait_width_terrain_mps")
    gait_downhill: float = _judged(0.3, "per unit of grade", "see gait_width_terrain_mps")
    hike_down: float = _judged(
        1.1, "per unit of grade", "speed of hiked descents in the same 58 runs"
    )
    # descents
    descent_walk: float = _judged(0.8, "share of the runner's limit", "no data")
    descent_wear_m: float = _judged(3228.0, "m of descent", "Bontemps 2020 for the size")
    # terrain: what roughness 1 takes from the speed of each gait
    terrain_run: float = _judged(0.25, "share", "Gast 2019: -14 % on rock")
    terrain_up: float = _judged(0.10, "share", "no data")
    terrain_down: float = _judged(0.45, "share", "no data")
    terrain_walk: float = _judged(0.15, "share", "no data")
    # sand: what it adds to the cost of each gait where all of it is soft
    sand_run: float = _judged(
        0.43, "share", "Zamparo 1992 +20 %, Pinnington 2001 +50 %, Lejeune 1998 +60 %: the mean"
    )
    sand_walk: float = _judged(
        0.95, "share", "Zamparo 1992 +80 %, Lejeune 1998 +110 to 170 %, 2016 +63 %: the mean"
    )
    # altitude: how much of the acute loss a visitor used to height still feels
    altitude_acclimatised: float = _judged(0.67, "share", "mountain races, with the decays")
    # heat: speed lost for a degree of WBGT above 15
    heat_loss: float = _judged(0.0035, "share a degree", "the best: Mantzios 2022; Ely 2007")
    heat_slower: float = _judged(2.5, "times that", "who runs 3.3 m/s for an hour; Ely 2007: more")
    heat_floor: float = _judged(0.5, "share", "no data")
    # clock
    stop_base: float = _judged(0.005, "share of moving time", "107 km: 4.7 %; Hardrock 1.3-3.7 %")
    stop_growth: float = _judged(0.014, "share per ln h", "the same")
    stop_most: float = _judged(0.12, "share of moving time", "the same")
    sleep_after_h: float = _judged(28.0, "h", "Martin 2018: 1.4 h at 36-60 h, 8.2 h above")
    sleep_share: float = _judged(0.12, "h an hour", "the same")
    sleep_peak: float = _judged(0.25, "share of the race", "Tor 2025 passages")
    # sleepiness
    usual_waking_h: float = _judged(7.0, "h of the clock", "no data")
    up_before_h: float = _judged(2.0, "h before an early start", "no data")
    sleepy_above_kss: float = _judged(7.0, "Karolinska scale", "its word is sleepy")
    sleepy_loss: float = _judged(
        0.03,
        "share of speed a point of the scale",
        "a night without sleep, some 7.8 at its end: Oliver 2009 -3 %, Craven 2022 -5.5 %;"
        " only what differs from usual sleep counts, the rest is in fatigue_loss",
    )
    # stages
    stage_loss: float = _judged(0.038, "share an hour beyond", "two races on one weekend")
    stage_free_h: float = _judged(3.0, "h of a stage that cost nothing", "two races on one weekend")
    stage_night_h: float = _judged(16.0, "h from a stage to the next", "no data")
    stage_rest_h: float = _judged(40.0, "h that leave 1/e of the loss", "two races on one weekend")
    stage_floor: float = _judged(0.7, "share", "no data")
    # collapse: a runner has to lie down by the trail
    collapse_per_h: float = _judged(
        0.010,
        "an hour on the way, of a field's middle, at 9 of the Karolinska scale, 72 h awake that no"
        " sleep made good",
        "the finisher of the Tor 2019 is no exception (two in five with his sleep), and the middle"
        " of its field without any sleep loses more than the sleep would take",
    )
    collapse_differs: float = _judged(
        0.3, "log sd between people", "Ingre 2006: large differences between subjects"
    )
    collapse_least_h: float = _judged(1.0, "h asleep by the trail", "reports of finishers")
    collapse_most_h: float = _judged(
        5.0, "h, rarely", "a finisher of the Tor 2019: five hours for 2 to 3 km"
    )
    collapse_rest: float = _judged(0.5, "h of sleep an hour by the trail", "no data")
    collapse_ends: float = _judged(
        0.10, "share of collapses that end the race", "no data: results hold finishers alone"
    )
    collapse_slow_m: float = _judged(3000.0, "m before it", "the same finisher")
    collapse_slower: float = _judged(1.0, "of their usual time more", "no data")


JUDGEMENT = Judgement()
