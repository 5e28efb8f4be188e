"""The sun along the way: dusk and dawn by the hour angle, not by the elevations in use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from astral.julian import julianday, julianday_to_juliancentury
from astral.sun import eq_of_time, sun_declination
from hypothesis import given, settings
from hypothesis import strategies as st

from gpxstage.estimator import daylight
from gpxstage.estimator.daylight import Darkness

DAY_S = 86_400.0

days = st.dates(date(2000, 1, 1), date(2050, 12, 31))
latitudes = st.floats(-60.0, 60.0)
longitudes = st.floats(-180.0, 180.0)


def nights(start: datetime, hours: float, lat_deg: object, lon_deg: object) -> Darkness:
    """Darkness on the way: one place, or a straight change from one to another."""
    clock_s = np.linspace(0.0, 3600.0 * hours, 201)
    lat, lon = (
        np.linspace(*place, 201) if isinstance(place, tuple) else np.full(201, place)
        for place in (lat_deg, lon_deg)
    )
    return daylight.darkness(start, clock_s, lat, np.asarray((lon + 180.0) % 360.0 - 180.0))


def dark_h(start: datetime, hours: float, lat_deg: object, lon_deg: object) -> float:
    dark = nights(start, hours, lat_deg, lon_deg)
    return float(dark.between_s(np.zeros(1), np.full(1, 3600.0 * hours))[0]) / 3600.0


def noon_at(day: date, lon_deg: float) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(hours=lon_deg / 15.0)


def crossing_s(noon: datetime, lat_deg: float, side: int) -> float:
    """Seconds after mean noon at which the sun's centre is 6 degrees down: dusk +1, dawn -1."""
    lat, found_s = np.radians(lat_deg), DAY_S / 2.0 - side * DAY_S / 4.0
    for _ in range(8):
        century = julianday_to_juliancentury(julianday(noon + timedelta(seconds=found_s)))
        sun = np.radians(sun_declination(century))
        cosine = (np.sin(np.radians(-6.0)) - np.sin(lat) * np.sin(sun)) / np.cos(lat) / np.cos(sun)
        hour_angle_s = side * np.degrees(np.arccos(cosine)) / 360.0 * DAY_S % DAY_S
        found_s = float(hour_angle_s) - 60.0 * eq_of_time(century)
    return found_s


@given(day=days, lat_deg=latitudes, lon_deg=longitudes)
@settings(max_examples=60, deadline=None)
def test_dusk_and_dawn(day: date, lat_deg: float, lon_deg: float) -> None:
    noon = noon_at(day, lon_deg)
    dusk_s, dawn_s = crossing_s(noon, lat_deg, 1), crossing_s(noon, lat_deg, -1)
    dark = nights(noon, 24.0, lat_deg, lon_deg)
    probe_s = np.array([dusk_s - 10.0, dusk_s + 10.0, dawn_s - 10.0, dawn_s + 10.0])
    since_noon_s = dark.between_s(np.zeros(4), probe_s)
    assert since_noon_s[0] == 0.0
    assert 0.0 < since_noon_s[1] < 20.0
    assert since_noon_s[3] - since_noon_s[2] < 20.0
    assert since_noon_s[3] == pytest.approx(dawn_s - dusk_s, abs=20.0)


@given(day=days, lat_deg=st.floats(-90.0, 90.0), lon_deg=longitudes, hour=st.floats(0.0, 24.0))
@settings(max_examples=40, deadline=None)
def test_darkness_adds_up_and_is_never_longer_than_the_time(
    day: date, lat_deg: float, lon_deg: float, hour: float
) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
    edge_s = np.linspace(0.0, 2.0 * DAY_S, 97)
    dark_s = nights(start, 48.0, lat_deg, lon_deg).between_s(edge_s[:-1], edge_s[1:])
    assert (dark_s >= 0.0).all()
    assert (dark_s <= 1800.0 + 1e-6).all()
    assert dark_s.sum() / 3600.0 == pytest.approx(dark_h(start, 48.0, lat_deg, lon_deg))


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["north", "south"])
def test_midnight_sun_and_polar_night(sign: float) -> None:
    june, december = datetime(2025, 6, 21, 7, tzinfo=UTC), datetime(2025, 12, 21, 7, tzinfo=UTC)
    light, dark = (june, december) if sign > 0 else (december, june)
    assert dark_h(light, 72.0, sign * 69.0, 20.0) == 0.0
    assert dark_h(dark, 72.0, sign * 80.0, 20.0) == pytest.approx(72.0, abs=1e-6)
    assert dark_h(light, 72.0, sign * 89.99, 20.0) == 0.0


def test_white_nights_are_civil_twilight() -> None:
    """At 63 degrees the midsummer sun sets, but not by six degrees."""
    assert dark_h(datetime(2025, 6, 21, 12, tzinfo=UTC), 24.0, 63.0, 10.0) == 0.0
    assert 0.5 < dark_h(datetime(2025, 6, 21, 12, tzinfo=UTC), 24.0, 59.9, 10.0) < 3.0


def test_a_start_in_the_night_is_dark_from_the_first_second() -> None:
    start = datetime(2025, 12, 21, 1, tzinfo=UTC)
    dark = nights(start, 12.0, 46.0, 7.0)
    assert dark.between_s(np.zeros(1), np.full(1, 60.0)) == pytest.approx([60.0])


@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_the_date_line_is_no_border(hour: int) -> None:
    start = datetime(2025, 9, 10, hour, 30, tzinfo=UTC)
    west, east = (dark_h(start, 96.0, -40.0, lon_deg) for lon_deg in (179.99, -179.99))
    across = dark_h(start, 96.0, -40.0, (179.99, 180.01))
    assert west == pytest.approx(east, abs=0.01)
    assert across == pytest.approx(west, abs=0.01)


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("drift_deg", [-3.0, 3.0], ids=["westward", "eastward"])
def test_a_journey_meets_every_night_of_its_way(hour: int, drift_deg: float) -> None:
    start = datetime(2025, 7, 1, hour, tzinfo=UTC)
    still, moved = (dark_h(start, 72.0, 46.0, lon) for lon in (7.0, (7.0, 7.0 + drift_deg)))
    assert moved == pytest.approx(still, abs=0.25)  # 3 degrees shift the sun by 12 minutes


@pytest.mark.parametrize("minute", [28, 31, 33, 36])
@pytest.mark.parametrize("drift_deg", [-3.0, 3.0], ids=["westward", "eastward"])
def test_a_start_at_solar_midnight_meets_every_night(minute: int, drift_deg: float) -> None:
    start = datetime(2025, 7, 1, 23, minute, tzinfo=UTC)  # mean midnight of 7 E is at 23:32
    still, moved = (dark_h(start, 72.0, 46.0, lon) for lon in (7.0, (7.0, 7.0 + drift_deg)))
    assert moved == pytest.approx(still, abs=0.25)
