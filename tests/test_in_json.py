"""report.json: its schema comes from the typed facts, and what is written reads back as them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import gpxstage as gs
from gpxstage.facts import RaceFacts
from gpxstage.facts.whole import as_json, json_text, schema

COURSES = Path(__file__).resolve().parents[1] / "sample_courses"
WANTED = [
    ("tor-des-geants", {"draws": 10, "why": True}),
    ("marathon-des-sables-2024", {"runner": "strong", "others": ("back",)}),
    ("chattanooga-mountains", {"model": "naismith"}),
    ("transrockies-run-2016", {"estimated": False}),
]


@pytest.fixture(scope="module", params=WANTED, ids=lambda each: each[0])
def facts(request: pytest.FixtureRequest) -> RaceFacts:
    race, options = request.param
    return gs.analyze(gs.load(COURSES / race), **options).facts


def test_what_is_written_reads_back(facts: RaceFacts) -> None:
    """Moments are compared as moments: JSON keeps the offset, not the name of a zone."""
    assert msgspec.json.decode(json_text(facts), type=RaceFacts) == facts


def test_every_moment_has_an_offset(facts: RaceFacts) -> None:
    moments = [point.arrival for _, point in facts.every_point() if point.arrival is not None]
    assert all(isinstance(each, datetime) and each.tzinfo is not None for each in moments)
    assert bool(moments) == (facts.runner is not None and facts.start is not None)


def _keys(node: Any, into: set[str]) -> set[str]:
    """All keys of JSON, but those of the table of models, which are names."""
    if isinstance(node, dict):
        for key, value in node.items():
            into.add(key)
            if key != "models":
                _keys(value, into)
    if isinstance(node, list):
        for value in node:
            _keys(value, into)
    return into


def test_the_schema_names_every_key(facts: RaceFacts) -> None:
    known = {key for each in schema()["$defs"].values() for key in each["properties"]}
    assert _keys(as_json(facts), set()) <= known
    assert {"from", "to", "arrival_s", "schema"} <= known
    assert "date-time" in json.dumps(schema())


def test_a_value_of_the_wrong_kind_is_refused(facts: RaceFacts) -> None:
    row = as_json(facts) | {"limit_s": "60 hours"}
    with pytest.raises(msgspec.ValidationError, match="limit_s"):
        msgspec.convert(row, RaceFacts)
