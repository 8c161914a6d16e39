"""The page of a front: the picture, the points as a table, what each of them changes.

One file that opens offline, prints on A4 and needs no script; laid out as that of one plan (`assigner.report.page`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.messages import _, _n, current_language, language_set
from assigner.report import choices_statements as sentences
from assigner.report import choices_tables as content
from assigner.report import statements, tables
from assigner.report.page import Explorer, rendered, words_of_pages
from assigner.report.page import page_text as plan_page

if TYPE_CHECKING:
    from assigner.choosing.front import Front, Point

__all__ = ["explorer", "page_text"]


def page_text(answer: Front) -> str:
    """The page in the current language; equal answers give equal bytes. Without a plan it says why there is none."""
    return plan_page(answer.ground.result) if answer.found is None else rendered("front.html.j2", _content(answer))


def explorer(answer: Front, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    community = answer.ground.plan.problem.community
    with language_set(lang or current_language()):
        return Explorer(page_text(answer), community.name or community.id)


def _content(answer: Front) -> dict[str, Any]:
    from xml.etree import ElementTree as ET

    from markupsafe import Markup

    from assigner.report.choices_plot import svg_tree

    result = answer.ground.result
    community = result.problem.community
    root = svg_tree(answer)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    scenario = result.scenario
    return {
        "lang": current_language(),
        "title": _("{community}: largest load against travel", community=community.name or community.id),
        "lead": (*statements.heading(result), *(str(note) for note in answer.ground.notes)),
        "verdict": sentences.verdict(answer),
        "words": words_of_pages(),
        "titles": {
            "front": _("Largest load against travel"),
            "hint": _("The table below says the same as the picture."),
            "points": _("The points"),
            "against": _("What each point changes against the chosen plan"),
            "take": _("To take a point: “assigner front SCENARIO --take K --out DIR”."),
        },
        "about": sentences.about_front(answer),
        "chosen": sentences.about_chosen(answer),
        "picture": Markup(ET.tostring(root, encoding="unicode")),
        "points": content.front_points(answer),
        "others": [_other(answer, point) for point in answer.points if point.moves],
        "switches": tables.switches(result).without("changed", "line", "id"),
        "sources": statements.sources(result),
        "versions": statements.versions(result),
        "hashes": [
            (_("Rulebook"), result.problem.rules.rulebook.hash),
            *([] if scenario is None else [(_("Scenario"), scenario.hash)]),
            (_("Seed of the solver"), str(result.seed)),
        ],
    }


def _other(answer: Front, point: Point) -> dict[str, Any]:
    title = _("Point {number}", number=point.number)
    changes = _n("{n} duty in other hands", "{n} duties in other hands", len(point.moves))
    return {"title": title, "changes": changes, "moves": content.moves(answer.ground.plan, point.moves)}
