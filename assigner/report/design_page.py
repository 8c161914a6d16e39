"""The page of a design: how good it is, its communities, the map and the same as tables.

One file that opens offline, prints on A4 and needs no script. What it says comes from `design_statements` and
`design_tables`, its maps from `design_map`; the templates are laid out as those of one plan (`assigner.report.page`)
and escape everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import _, current_language, join_list, language_set
from assigner.report import design_map as maps
from assigner.report import design_statements as sentences
from assigner.report import design_tables as content
from assigner.report.community_colours import Style
from assigner.report.community_svg import sign_element, swatch_element
from assigner.report.page import Explorer, rendered, words_of_pages

if TYPE_CHECKING:
    from assigner.boundary.designing import DesignedMap

__all__ = ["explorer", "page_text", "sources", "versions"]


def page_text(answer: DesignedMap) -> str:
    """The page of a design in the current language; equal answers give equal bytes."""
    return rendered("design.html.j2", _content(answer))


def explorer(answer: DesignedMap, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    with language_set(lang or current_language()):
        return Explorer(page_text(answer), answer.question.base.name or answer.question.base.id)


def sources(answer: DesignedMap) -> tuple[str, ...]:
    """What the base names as its sources, and the townships."""
    base, old = answer.question.base, answer.question.old
    found = [*base.sources]
    if old is not None and old.file:
        found.insert(0, _("Base map: {file}", file=old.file))
    return tuple(dict.fromkeys((*found, maps.credit(answer))))


def versions(answer: DesignedMap) -> str:
    """Program, rulebook and base map, so that the design can be found again."""
    import assigner
    from assigner.boundary.base import base_hash

    base, book = answer.question.base, answer.question.rules.rulebook
    return join_list(
        (
            _("program {version}", version=assigner.__version__),
            _("rulebook {year} ({hash})", year=book.year, hash=book.hash[:12]),
            _("base map {id} ({hash})", id=base.id, hash=base_hash(base)[:12]),
        )
    )


def _content(answer: DesignedMap) -> dict[str, Any]:
    from assigner.boundary.base import base_hash

    found = answer.base is not None
    return {
        "lang": current_language(),
        "title": sentences.title(answer),
        "lead": (*sentences.heading(answer), *((sentences.made_up(answer),) if found else ())),
        "verdict": sentences.verdict(answer),
        "words": words_of_pages(),
        "titles": {
            "sums": _("What was minimised"),
            "why_not": _("Why there are none"),
            "maps": _("Map"),
            "hint": _("The table below says the same as the map."),
            "communities": _("The communities"),
            "members": _("The map as a table"),
        },
        "sums": tuple(sentences.sums(answer)) if found else (),
        "why_not": () if found else tuple(sentences.why_not(answer)),
        "communities": content.communities(answer),
        "members": content.members(answer),
        "maps": [{"title": panel.title, "svg": _markup(panel.tree())} for panel in maps.panels(answer)],
        "wide": maps.is_wide(answer),
        "keys": _keys(answer) if found else (),
        "notes": (*maps.notes(answer), maps.credit(answer)) if found else (),
        "sources": sources(answer),
        "versions": versions(answer),
        "hashes": [
            (_("Rulebook"), answer.question.rules.rulebook.hash),
            (_("Base map"), base_hash(answer.question.base)),
        ],
    }


def _markup(root: ET.Element) -> Any:
    from markupsafe import Markup

    return Markup(ET.tostring(root, encoding="unicode"))


def _keys(answer: DesignedMap) -> list[dict[str, Any]]:
    """The signs of the maps with their words, the communities first."""
    return [
        {
            "sign": _markup(swatch_element(look, f"key{k}-") if isinstance(look, Style) else sign_element(look)),
            "words": words,
        }
        for k, (_id, look, words) in enumerate(maps.keys(answer))
    ]
