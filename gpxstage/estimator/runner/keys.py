"""The numbers of a runner file: what each of them means, and within which bounds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """What a number of a file means, and between which values it makes sense."""

    meaning: str
    low: float
    high: float


KEYS = {  # in the order in which they are written
    "flat_speed_mps": Key("m/s that could be raced for one hour on a flat road", 0.3, 7.0),
    "ability_spread": Key("how far the next outing may be off, share of the ability", 0.0, 1.0),
    "descent_mph": Key("vertical metres an hour downhill, fresh, on smooth ground", 50.0, 2e4),
    "downhill_gain": Key("best descending speed over the flat speed", 0.5, 3.0),
    "hike_most_mps": Key("m/s, fastest hiking on the flat", 0.2, 4.0),
    "gait_shift_mps": Key("m/s: above 0 hikes where others run, below 0 the reverse", -2.0, 3.0),
    "gait_down_mps": Key("m/s: the same on descents, beside that", -2.0, 3.0),
    "habit": Key("exponent of speed against an outing's length; none when racing", -0.9, 0.9),
    "length_slope": Key("change of log ability an e-fold of km-effort", -1.0, 1.0),
    "steepness_slope": Key("change of log ability for 100 m more climb a km", -2.0, 2.0),
    "gait_weight": Key("changes gait at the preferred (0) or at the energetic speed (1)", 0.0, 1.0),
    "decay": Key("power lost to duration, the middle of a field is 1", 0.0, 3.0),
    "ease": Key("most of the one-hour power that is used", 0.1, 2.0),
    "front": Key("how much harder the start than the rest", 0.0, 1.0),
    "early": Key("how much harder the first hours, on runnable ground", 0.0, 3.0),
    "wear": Key("descending speed lost to earlier descents", 0.0, 0.9),
    "stops": Key("time standing still, the middle of a field is 1", 0.0, 20.0),
    "sleep": Key("time asleep, the middle of a field is 1", 0.0, 20.0),
    "night_up": Key("speed left in the dark", 0.2, 1.2),
    "night_down": Key("speed left in the dark downhill", 0.2, 1.2),
    "pack_kg": Key("carried", 0.0, 40.0),
    "body_kg": Key("of the runner", 30.0, 200.0),
}
