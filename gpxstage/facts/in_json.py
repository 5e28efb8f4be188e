"""Facts -> report.json and its schema: a contract that programs depend on."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gpxstage.facts import RaceFacts, to_builtins
from gpxstage.facts import schema as schema_of

if TYPE_CHECKING:
    from collections.abc import Collection

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# keys that need a runner, wherever they are: absent where no estimate was wanted
NEED_RUNNER = {
    *("runner", "moving_s", "elapsed_s", "stopped_s", "slept_s", "hike_fraction", "energy_kcal"),
    *("intake_kcal_per_h", "finish_probability", "tightest", "alertness", "earlier_days_s"),
    *("night", "arrival_s", "arrival", "day", "stop_s", "sleep_s", "margin_s"),
    *("miss_probability", "leave_by_s", "passed"),
}
WANTED = ("usual", "why", "plans", "levels")  # keys that are there only where they were wanted


def as_json(race: RaceFacts) -> dict[str, Any]:
    """The facts as plain dictionaries and lists in the order of report.json.

    Keys that need a runner are absent where no estimate was wanted, and null where one was
    wanted and cannot be made.
    """
    found: dict[str, Any] = to_builtins(race, builtin_types=(datetime,))
    found = {key: value for key, value in found.items() if key not in WANTED or value is not None}
    plain: dict[str, Any] = _plain(found, set() if race.estimated else NEED_RUNNER)
    return plain


def _plain(node: Any, left_out: Collection[str]) -> Any:
    """Moments as ISO text to the second; without some keys."""
    if isinstance(node, dict):
        return {key: _plain(v, left_out) for key, v in node.items() if key not in left_out}
    if isinstance(node, list | tuple):
        return [_plain(value, left_out) for value in node]
    return node.isoformat(timespec="seconds") if isinstance(node, datetime) else node


def json_text(race: RaceFacts) -> str:
    """report.json: UTF-8, two spaces, no NaN; the same facts give the same bytes."""
    return json.dumps(as_json(race), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema of report.json: every key, its type, and what it means."""
    return {"$schema": DIALECT, "title": "report.json", **schema_of(RaceFacts)}
