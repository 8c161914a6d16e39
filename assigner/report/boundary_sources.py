"""Where the effects of an experiment come from: data, rulebook, program, each named so that it can be found again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assigner.messages import _, join_list
from assigner.report.boundary_map import credit

if TYPE_CHECKING:
    from assigner.boundary.values import Effects
    from assigner.planner import Result
    from models.rulebook import Rulebook

__all__ = ["results_of", "rulebooks_of", "school_year", "sources", "versions"]


def results_of(effects: Effects) -> Iterator[tuple[str, Result]]:
    """Community and plan of the touched communities: the new plan, where there is one, else that before."""
    for entry in effects.communities:
        for state in (entry.after, entry.before):
            if state is not None and state.result is not None:
                yield entry.id, state.result
                break


def rulebooks_of(effects: Effects) -> tuple[Rulebook, ...]:
    """The rulebooks of the touched communities, each once."""
    books = {}
    for entry in effects.communities:
        for state in (entry.after, entry.before):
            if state is not None and state.scenario is not None:
                books[state.scenario.rulebook.hash] = state.scenario.rulebook
    return tuple(books.values())


def school_year(effects: Effects) -> int:
    """Of the rulebook; where nothing is touched that of the one that is shipped."""
    books = rulebooks_of(effects)
    if books:
        return books[0].year
    from models.rulebook import load_rulebook

    return load_rulebook().year


def sources(effects: Effects) -> tuple[str, ...]:
    """What the base map names as its sources, and the townships."""
    base = effects.base
    file = [_("Base map: {file}", file=base.file)] if base.file else []
    return (*file, *base.sources, credit(effects))


def versions(effects: Effects) -> str:
    """Program, rulebook and base map, so that the effects can be found again."""
    import assigner
    from assigner.boundary.base import base_hash

    parts = [_("program {version}", version=assigner.__version__)]
    parts += [_("rulebook {year} ({hash})", year=book.year, hash=book.hash[:12]) for book in rulebooks_of(effects)]
    parts.append(_("base map {id} ({hash})", id=effects.base.id, hash=base_hash(effects.base)[:12]))
    return join_list(parts)
