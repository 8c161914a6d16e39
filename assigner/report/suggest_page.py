"""The page of suggestions: the best change before and after with its proof, and the map of what every move would do.

One file that opens offline, prints on A4 and needs no script, laid out as that of an experiment
(`assigner.report.boundary_page`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.boundary.suggest_effects import standing_effects
from assigner.messages import _, current_language, language_set
from assigner.report import boundary_map as maps
from assigner.report import boundary_tables
from assigner.report import suggest_map as moves
from assigner.report import suggest_statements as sentences
from assigner.report import suggest_tables as content
from assigner.report.boundary_page import findings_on_page, folded, markup, switches_on_page
from assigner.report.boundary_sources import rulebooks_of, sources, versions
from assigner.report.cells import one_line
from assigner.report.page import Explorer, rendered, words_of_pages

if TYPE_CHECKING:
    from assigner.boundary.suggesting import Suggestions

__all__ = ["explorer", "suggestions_page"]


def suggestions_page(answer: Suggestions) -> str:
    """The page of suggestions in the current language; equal answers give equal bytes."""
    return rendered("suggestions.html.j2", _content(answer))


def explorer(answer: Suggestions, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    with language_set(lang or current_language()):
        return Explorer(suggestions_page(answer), one_line(answer.base.name) or answer.base.id)


def _content(answer: Suggestions) -> dict[str, Any]:
    from assigner.boundary.base import base_hash

    base, standing = answer.base, standing_effects(answer)
    return {
        "lang": current_language(),
        "title": _("{name}: the best change of boundaries", name=base.name or base.id),
        "lead": sentences.heading(answer),
        "verdict": sentences.verdict(answer),
        "words": words_of_pages(),
        "titles": _titles(),
        "asked": sentences.asked(answer),
        "best": _best(answer),
        "aims": content.aims(answer),
        "better": content.better(answer) if len(answer.better) > 1 else None,
        "keys": [
            {"sign": markup(moves.key_element(sign, f"key{k}-")), "words": words}
            for k, (sign, words) in enumerate(moves.keys(answer))
        ],
        "map": markup(moves.map_tree(answer, prefix="moves-")),
        "notes": (*moves.notes(answer), moves.credit(answer)),
        "by_township": folded(content.by_township(answer)),
        "ranking": folded(content.ranking(answer)),
        "how_found": sentences.how_found(answer),
        "switches": switches_on_page(standing),
        "sources": sources(standing),
        "versions": versions(standing),
        "hashes": [
            *((_("Rulebook"), book.hash) for book in rulebooks_of(standing)),
            (_("Base map"), base_hash(base)),
        ],
    }


def _titles() -> dict[str, str]:
    return {
        "asked": _("What was asked"),
        "best": _("The best change"),
        "none": _("No change is better than the map as it is."),
        "proof": _("Aim by aim, with proof"),
        "communities": _("Communities that are touched"),
        "after": maps.titles()[1],
        "findings": _("What is to be known of it"),
        "map": moves.title(),
        "hint": _("The table below says the same as the map."),
        "by_township": _("The map as a table"),
        "ranking": _("Every single move"),
        "no_moves": _("No single move was looked at."),
    }


def _best(answer: Suggestions) -> dict[str, Any] | None:
    """The best change, and what it does to the communities that it touches."""
    best, effects = answer.best, answer.best_effects
    if best is None or effects is None:
        return None
    return {
        "moves": [sentences.flip_text(answer, flip) for flip in best.flips],
        "communities": boundary_tables.communities(effects),
        "findings": findings_on_page(effects),
        "map": markup(maps.map_tree(effects, after=True, prefix="after-")),
    }
