"""JSON Schemas of the answers about a plan that stands, with that of ``plan.json`` inside."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from assigner.answer import plan_schema

__all__ = ["STEERING", "steering_schema"]

STEERING = ("diff", "repair", "next_year", "fairness")
"""The answers that have one."""


def steering_schema(name: str) -> dict[str, Any]:
    """JSON Schema of one of `STEERING`."""
    content = (resources.files("assigner") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(content)
    schema["$defs"]["plan"] = {"$id": "plan.schema.json", **plan_schema()}
    return schema
