"""A way on the map that has a given length: bends between two places, as wide as it takes.

A way is a row of points as complex numbers, metres east + i north of where it starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from gpxstage.course import Array

    Way: TypeAlias = NDArray[np.complex128]

# the bends: wavelength in metres (0: the whole way) and share of the heading's swing
BENDS = ((0.0, 0.5), (7000.0, 0.55), (2600.0, 0.55), (1150.0, 0.6), (520.0, 0.4))
LOOP_SWING_RAD = 0.8  # how far a round course swings off its circle
LOOP_WAVES = ((2, 0.75), (3, 0.45))  # what makes it no circle: times round, share of the swing
BOW_SHARE = 0.35  # of a detour is one wide bow, the rest are bends
ATTEMPTS = 48
CLEAR_M, NEAR_STEPS = 160.0, 8  # an end is passed once: no nearer than this, but for the last steps
SIDE_DIGITS = 3  # of the square metres that say on which side of a step a point lies
GOLDEN = 0.618_033_988_749_895  # its multiples are spread evenly: chosen, not thrown


def spread(k: int) -> float:
    """The k-th of numbers in [0, 1) that neither repeat nor cluster."""
    return (k * GOLDEN) % 1.0


def meander(step_m: Array, chord: complex, past: Way, seed: int) -> Way:
    """Points from 0 to *chord* in steps of the given lengths.

    Of a few ways that fit, the first that crosses neither itself nor the way that led here, and
    passes its two ends once.
    Where the straight line is longer than the steps together, it is the straight line.
    """
    length_m = float(step_m.sum())
    if abs(chord) >= length_m:
        return _walk(step_m * abs(chord) / length_m, np.full(len(step_m), np.angle(chord)))
    for attempt in range(ATTEMPTS):
        way = _bent(step_m, chord, seed + 101 * attempt)
        if not (crosses(np.concatenate([past, way])) or _comes_back(way)):
            break
    return way


def _bent(step_m: Array, chord: complex, seed: int) -> Way:
    """One way: a bow to one side with bends on it, wide enough to end at *chord*."""
    length_m = float(step_m.sum())
    s = np.cumsum(step_m) - 0.5 * step_m
    swing = _swing(s, length_m, seed)
    side = 1.0 if spread(seed) < 0.5 else -1.0
    reach = abs(chord) / length_m
    bow = side * _turn_rad(reach**BOW_SHARE) * (s / length_m - 0.5)

    if reach < 1e-6:
        for times, share in LOOP_WAVES:
            phase = spread(seed + 11 * times)
            swing += share * np.sin(2.0 * np.pi * (times * s / length_m + phase))
        return _closed(step_m, s / length_m, bow + LOOP_SWING_RAD * swing)

    def walk(amplitude: float) -> Way:
        return _walk(step_m, bow + amplitude * swing)

    low = 0.0
    while abs(walk(low + 0.05)[-1]) > abs(chord):
        low += 0.05
    high = low + 0.05
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if abs(walk(middle)[-1]) > abs(chord) else (low, middle)
    way = walk(high)
    return way * complex(chord / way[-1])


def _closed(step_m: Array, share: Array, heading: Array) -> Way:
    """A way round, back to where it starts: two slow waves of the heading close it (Newton)."""
    waves = np.stack([np.cos(2.0 * np.pi * share), np.sin(2.0 * np.pi * share)])
    for _ in range(30):
        end = _walk(step_m, heading)[-1]
        pull = (waves * (1j * step_m * np.exp(1j * heading))).sum(axis=1)
        heading = heading - np.linalg.solve([pull.real, pull.imag], [end.real, end.imag]) @ waves
    return _walk(step_m, heading)


def _walk(step_m: Array, heading: Array) -> Way:
    return np.concatenate([[0.0], np.cumsum(step_m * np.exp(1j * heading))])


def _swing(s: Array, length_m: float, seed: int) -> Array:
    """The heading's swing along the way: waves of several lengths, each a whole number of times."""
    total = np.zeros(len(s))
    for k, (wave_m, share) in enumerate(BENDS):
        times = round(length_m / wave_m) if wave_m else 1
        if wave_m and times < 2:
            continue
        phase = 2.0 * np.pi * spread(13 * seed + 5 * k + 1)
        # a drift of the phase, so that no bend is like the one before
        drift = 0.9 * np.sin(2.0 * np.pi * s / length_m + 3.0 * phase) if times > 2 else 0.0
        # calm stretches and busy ones, where there are enough bends for both
        calm = 0.6 + 0.4 * np.sin(6.0 * np.pi * s / length_m + 2.0 * phase) if times > 6 else 1.0
        total += share * calm * np.sin(2.0 * np.pi * times * s / length_m + phase + drift)
    return total


def _turn_rad(reach: float) -> float:
    """The angle by which an arc turns whose chord is *reach* of its length."""
    low, high = 0.0, 2.0 * np.pi
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if np.sinc(middle / (2.0 * np.pi)) > reach else (low, middle)
    return high


def _comes_back(way: Way) -> bool:
    """Whether a way passes one of its ends again."""
    after, before = way[NEAR_STEPS:-NEAR_STEPS] - way[0], way[NEAR_STEPS:-NEAR_STEPS] - way[-1]
    return bool((np.abs(np.concatenate([after, before])) < CLEAR_M).any())


def crosses(way: Way) -> bool:
    """Whether a way crosses itself."""
    a, b = way[:-1], way[1:]
    first, second = (a[:, None], b[:, None]), (a[None, :], b[None, :])

    def parted(line: tuple[Way, Way], ends: tuple[Way, Way]) -> NDArray[np.bool_]:
        off = [((line[1] - line[0]).conjugate() * (end - line[0])).imag for end in ends]
        side = np.round(off, SIDE_DIGITS)  # on the line is on neither side, on every processor
        return np.asarray(side[0] * side[1] < 0.0)

    return bool(np.triu(parted(first, second) & parted(second, first), 2).any())
