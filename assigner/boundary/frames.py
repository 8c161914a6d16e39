"""The effects of an experiment as tidy frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.boundary.answer import plain_value
from assigner.boundary.criteria import moved_things
from assigner.boundary.measures import measures

if TYPE_CHECKING:
    import pandas as pd

    from assigner.boundary.values import Effects

__all__ = ["frames_of"]


def frames_of(effects: Effects) -> dict[str, pd.DataFrame]:
    """Frames by name (see `assigner.boundary.values.Effects.frames`)."""
    import pandas as pd

    from assigner.report.boundary_statements import community_label, duty_label, finding_text, measure_name

    communities = [
        (
            entry.id,
            entry.name,
            entry.before is not None,
            entry.after is not None,
            _text(entry.before and entry.before.result and entry.before.result.status),
            _text(entry.after and entry.after.result and entry.after.result.status),
        )
        for entry in effects.communities
    ]
    rows = [
        (
            m.community,
            m.code,
            m.part,
            measure_name(m, effects),
            plain_value(m, m.before),
            plain_value(m, m.kept),
            plain_value(m, m.after),
            None if m.change is None else float(m.change),
            m.unit,
        )
        for m in measures(effects)
    ]
    duties = [(c.school, c.item, duty_label(effects, c.item), c.before, c.after) for c in effects.duties]
    nearest = [
        (c.demand, c.community, c.unit, *(c.before or (None, None)), *(c.after or (None, None)))
        for c in effects.nearest
    ]
    findings = [(f.severity, f.code, f.community, finding_text(f, effects)) for f in effects.findings]
    moved = [
        (t.kind, t.id, t.before, t.after, t.adjoined, t.adjoins, t.border_km_before, t.border_km_after)
        for t in moved_things(effects.base, effects.map)
    ]
    members = [
        (community, community_label(effects, community), side, code)
        for entry in effects.communities
        for community in (entry.id,)
        for side, state in (("before", entry.before), ("after", entry.after))
        for code in (() if state is None else state.outline.members)
    ]
    made: dict[str, tuple[list[Any], tuple[str, ...]]] = {
        "communities": (communities, ("community", "name", "before", "after", "status_before", "status_after")),
        "members": (members, ("community", "name", "side", "school")),
        "measures": (
            rows,
            ("community", "measure", "item", "title", "before", "kept", "after", "change", "unit"),
        ),
        "duties": (duties, ("school", "item", "title", "before", "after")),
        "nearest": (
            nearest,
            ("point", "community", "item", "host_before", "distance_before", "host_after", "distance_after"),
        ),
        "moved": (
            moved,
            ("kind", "id", "before", "after", "adjoined", "adjoins", "border_km_before", "border_km_after"),
        ),
        "findings": (findings, ("severity", "code", "community", "message")),
    }
    return {name: pd.DataFrame(content, columns=list(columns)) for name, (content, columns) in made.items()}


def _text(value: object) -> str:
    return str(value) if value else ""
