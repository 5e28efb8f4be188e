"""A plain model and the options that it cannot use: applied, or said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpxstage import load
from gpxstage.estimator import Policy, estimate
from gpxstage.estimator.models import MODELS
from gpxstage.profile import measure

Call = Callable[..., tuple[int, str, str]]
PLAIN = [name for name in MODELS if name != "gait"]


@pytest.fixture
def hills(tmp_path: Path) -> Path:
    rows = "".join(
        f'<trkpt lat="{46 + k / 2223:.6f}" lon="7"><ele>{1000 + 8 * abs(k % 80 - 40)}</ele></trkpt>'
        for k in range(401)
    )
    path = tmp_path / "hills.gpx"
    text = f'<gpx version="1.1" creator="test"><trk><trkseg>{rows}</trkseg></trk></gpx>'
    path.write_text(text, "utf-8")
    return path


def estimated(call: Call, *arguments: object) -> tuple[dict[str, Any], str]:
    code, out, err = call("estimate", "--json", *arguments)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found, " ".join(err.split())


@pytest.mark.parametrize("model", PLAIN)
def test_conditions_multiply_the_moving_time_of_every_model(
    call: Call, hills: Path, model: str
) -> None:
    plain, _ = estimated(call, hills, "--model", model)
    hot, err = estimated(call, hills, "--model", model, "--conditions", "1.2")
    longer = hot["moving_s"]["p50"] / plain["moving_s"]["p50"]
    least = 1.2 - 1e-3
    # who runs at their own pace holds less of it for longer
    assert least <= longer <= (1.24 if MODELS[model].knows_runner else 1.2 + 1e-3)
    assert "--conditions" not in err


OPTIONS = {
    "--terrain": ("--terrain", "0.7"),
    "--pack": ("--pack", "9"),
    "--body": ("--body", "55"),
    "--draws": ("--draws", "50"),
    "--seed": ("--seed", "3"),
    "--why": ("--why",),
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("model", ["naismith", "km-effort"])
def test_an_option_that_changes_nothing_is_said_to(
    call: Call, hills: Path, model: str, option: str
) -> None:
    plain, before = estimated(call, hills, "--model", model)
    given, err = estimated(call, hills, "--model", model, *OPTIONS[option])
    said = f"note: --model {model} goes by distance and grade alone: {option} changes nothing"
    assert said in err
    assert said not in before
    assert given["moving_s"] == plain["moving_s"]
    assert "changes nothing" not in estimated(call, hills, *OPTIONS[option])[1]  # by the engine


def test_several_are_named_together(call: Call, hills: Path) -> None:
    _, err = estimated(call, hills, "--model", "tobler", "--terrain", "0.7", "--pack", "9")
    assert "grade alone: --terrain, --pack change nothing" in err


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--level", ("--level", "back")),
        ("--index", ("--index", "600")),
        ("--flat", ("--flat", "10km", "40:00")),
    ],
)
def test_who_runs_is_no_matter_to_a_model_of_walking(
    call: Call, hills: Path, option: str, words: tuple[str, ...]
) -> None:
    plain, _ = estimated(call, hills, "--model", "swiss")
    other, err = estimated(call, hills, "--model", "swiss", *words)
    said = "gives all runners the same moving time: beside stops and sleep, "
    assert f"{said}{option} changes nothing" in err
    assert other["moving_s"] == plain["moving_s"]
    known, err = estimated(call, hills, "--model", "km-effort", *words)
    assert "the same moving time" not in err
    assert known["moving_s"] != estimated(call, hills, "--model", "km-effort")[0]["moving_s"]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(hike_above=0.1), "hiking above a grade"),
        (Policy(home_altitude_m=1500.0), "the altitude of home"),
        (Policy(acclimatised=False), "acclimatisation"),
        (Policy(hike_above=0.1, acclimatised=False), "hiking above a grade and acclimatisation"),
    ],
)
def test_a_policy_that_a_model_does_not_know_is_noted(
    hills: Path, policy: Policy, said: str
) -> None:
    course = load(hills)
    profiles = [measure(stage.track) for stage in course.stages]
    note = f"the model swiss does not know {said}: not used"
    assert note in estimate(course, profiles, model="swiss", policy=policy).notes
    assert not any("not used" in note for note in estimate(course, profiles, policy=policy).notes)
    slow = estimate(course, profiles, model="swiss", policy=Policy(slowdown=1.3))
    assert not any("not used" in note for note in slow.notes)
