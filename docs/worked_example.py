"""A race from Python, cell by cell: run it as it is, or paste its cells into a notebook.

Run it in the checkout, where sample_courses/ is, or give it a race of your own. In a notebook,
the last line of a cell shows itself: a report its tables, a drawing its picture.
"""

# %% Read a race: a folder with a race.toml, one GPX file, or several of them, a stage each
from dataclasses import replace

import numpy as np

import gpxstage as gs
from gpxstage.estimator.runner import LEVELS

course = gs.load("sample_courses/tor-des-geants")
print(course.name, len(course.stages), "stages,", f"track: {course.survey}")

# %% Measure it: what the course is, whoever runs it
measured = gs.analyze(course, estimated=False)
steepest = max(measured.profiles, key=lambda profile: profile.gain_m / profile.length_m)
number = measured.profiles.index(steepest) + 1
print(f"stage {number} climbs most for its length: {steepest.gain_m:,.0f} m")
measured  # noqa: B018 - a notebook shows the tables

# %% Estimate it for the middle of the field, with the range that 200 draws give
report = gs.analyze(course, LEVELS["mid"], draws=200)
estimate = report.estimate
hiked_percent = 100.0 * estimate.hike_of_time
print(f"{estimate.elapsed_s / 3600:.0f} h, {hiked_percent:.0f} % of the moving time hiked")

# %% Ask another question: the same runner with twelve kilos
loaded = gs.estimate(course, report.profiles, replace(LEVELS["mid"], pack_kg=12.0))
print(f"with 12 kg: {(loaded.elapsed_s - estimate.elapsed_s) / 3600:+.0f} h")

# %% A whole field: when each place opens and closes
field = gs.analyze(course, LEVELS["elite"], others=(LEVELS["mid"], LEVELS["back"]))
for name, one in field.levels:
    print(f"{name:6} {one.elapsed_s / 3600:4.0f} h")
field  # noqa: B018

# %% The picture of the race, and of one stage of it
gs.draw(report)
gs.draw(report, 2)

# %% Any array is at hand: when is the runner 20 km into stage 2, and how much of that is hiked?
stage = estimate.stages[1]
hiked_until_m = np.concatenate([[0.0], np.cumsum(stage.hiked_m)])  # at the edges of the cells
hiked_m = np.interp(20_000.0, stage.edge_m, hiked_until_m)
print(f"after {stage.arrival_s(20_000.0) / 3600:.1f} h, {hiked_m / 1000:.0f} of 20 km hiked")
