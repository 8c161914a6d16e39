"""A scenario changed: what the mathematics changed in its problem, or entries put into its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assigner.scenario.canonical import file_of
from assigner.scenario.scenario import Scenario, _assembled
from models.documents import Document

if TYPE_CHECKING:
    from models.community import Problem as Task

__all__ = ["changed_scenario", "distances_are_given", "with_document"]


def distances_are_given(scenario: Scenario) -> bool:
    """Whether its distances cannot be computed anew: a matrix, or a map of one's own."""
    return scenario.entries.travel.mode == "matrix" or not scenario.geography.is_embedded


def changed_scenario(
    scenario: Scenario,
    task: Task,
    *,
    relaxations: Sequence[str] | None = None,
    entries: Mapping[str, Any] | None = None,
) -> Scenario:
    """A scenario that poses another problem of the same community.

    Parameters
    ----------
    scenario : Scenario
        Where rulebook, map and distances come from.
    task : Problem
        Schools and wishes as they are to be; readings as in `scenario`.
    relaxations : sequence of str, optional
        Ids that hold in any case; as in `scenario` by default.
    entries : Mapping, optional
        Other keys of the file, such as ``id`` and ``note``.
    """
    own = task.with_rules(scenario.problem().rules)
    document: dict[str, Any] = file_of(replace(scenario, _problem=own))
    if relaxations is not None:
        document["relaxations"] = list(relaxations)
    return with_document(scenario, document | dict(entries or {}))


def with_document(scenario: Scenario, document: Mapping[str, Any], *, files: Sequence[str] = ()) -> Scenario:
    """A scenario of another document under the rulebook, the map and the files of this one; it stands in no file.

    Parameters
    ----------
    scenario : Scenario
    document : Mapping
        As `assigner.scenario.canonical.file_of` gives it.
    files : sequence of str
        Files from which something was added, for errors.
    """
    kept = scenario.problem().distances if distances_are_given(scenario) else None
    name = " + ".join(filter(None, (scenario.source.file, *files)))
    # A map of one's own is handed on as it is, with its polygons where it has them.
    geography = None if scenario.geography.is_embedded else scenario.geography
    made = _assembled(
        Document(name, dict(document)),
        name,
        None,
        scenario.rulebook,
        kept,
        geography,
    )
    old: Any = scenario.entries
    named = {"rulebook": old.rulebook, "geography": old.geography}
    named["travel"] = made.entries.travel.model_copy(update={"matrix": old.travel.matrix})
    return replace(made, entries=made.entries.model_copy(update=named), source=replace(made.source, file=""))
