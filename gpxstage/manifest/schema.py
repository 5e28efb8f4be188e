"""JSON Schema of race.toml, for editors that complete it."""

from __future__ import annotations

from typing import Any

import msgspec

from gpxstage.manifest.tables import RaceTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of a race file: every key with its type, its range and what it means.

    TOML has no null: a key that may be absent is simply not required.
    """
    found = _without_null(msgspec.json.schema(RaceTable))
    race = found["$defs"]["RaceTable"]
    race["required"] = ["stage"]
    race["properties"]["stage"] = {**race["properties"]["stage"], "minItems": 1}
    race["properties"]["stage"].pop("default")
    return {"$schema": DIALECT, "title": "race.toml", **found}


def _without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_null(value) for value in node if value != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _without_null(value)
        for key, value in node.items()
        if not (key == "default" and value is None)
    }
    choices = kept.get("anyOf", ())
    if len(choices) == 1:
        del kept["anyOf"]
        kept = {**choices[0], **kept}
    return kept
