"""Weeks of training that runners have published: their own figures, not measured here.

They are shown beside recorded weeks, so that these can be compared with more than the race. None
of them is advice.
"""

from __future__ import annotations

from datetime import date

from gpxstage.facts.workload import Reported
from gpxstage.units import FOOT_M, MILE_M

REPORTED = (
    Reported(
        what="week",
        start=date(2018, 8, 20),  # its Tuesday is day 35 of a record that began on 18 July 2018
        race="not named",
        length_m=70.0 * MILE_M,
        gain_m=30_100.0 * FOOT_M,
        moving_s=None,
        source="Back in the Mountains (Whites and Alps!), August 2018,"
        " http://blog.skithewhites.com/reports-all",
    ),
    Reported(
        what="week",
        start=date(2017, 5, 22),
        race="Bighorn 100",
        length_m=104.9 * MILE_M,
        gain_m=20_594.0 * FOOT_M,
        moving_s=23 * 3600 + 23 * 60,
        source="Training Week: 05/22/17 – 05/28/17, 31 May 2017,"
        " https://trailto50.com/2017/05/31/training-week-052217-052817/",
    ),
    Reported(
        what="mean of 36",
        start=date(2024, 1, 1),  # to the race on 8 September: 560,000 ft in all
        race="Tor, in 98:18",
        length_m=None,
        gain_m=560_000.0 * FOOT_M / 36.0,
        moving_s=None,
        source="2024 Tor des Geants Race Report, 2024, https://willtorun.com/racereports/2024tor",
    ),
)
