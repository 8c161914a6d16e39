"""The page of the whole table: a heat map with words in every cell; one file that opens offline and needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assigner.messages import _, current_language, language_set
from assigner.report import page as plan_page
from assigner.report import statements, tables
from assigner.report import whatif_statements as sentences
from assigner.report import whatif_tables as content
from assigner.report.page import Explorer, rendered, words_of_pages
from assigner.report.whatif_heat import COLOURS, heat_of
from assigner.words import item_label, school_name

if TYPE_CHECKING:
    from assigner.explaining.table import TableAnswer

__all__ = ["explorer", "page_text"]


def page_text(answer: TableAnswer) -> str:
    """The page of a table in the current language; equal answers give equal bytes."""
    if answer.found is None:
        return plan_page.page_text(answer.ground.result)
    return rendered("whatif.html.j2", _content(answer))


def explorer(answer: TableAnswer, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    with language_set(lang or current_language()):
        community = answer.ground.plan.problem.community
        return Explorer(page_text(answer), community.name or community.id)


def _content(answer: TableAnswer) -> dict[str, Any]:
    assert answer.found is not None
    result, plan, found = answer.ground.result, answer.ground.plan, answer.found
    problem = plan.problem
    book, unit = problem.rules.rulebook, problem.distances.unit
    heat = heat_of(found)
    return {
        "lang": current_language(),
        "title": _("{community}: what if?", community=problem.community.name or problem.community.id),
        "lead": (*statements.heading(result), *sentences.base_notes(answer.ground)),
        "verdict": sentences.table_verdict(answer),
        "words": words_of_pages(),
        "titles": {
            "asked": _("What if"),
            "table": _("What it costs that a school hosts an item"),
            "hint": _("Each cell says what would be if the school of the column hosted the item of the row."),
            "legend": _("Legend"),
            "shade": _("The darker a cell, the dearer; its words say the same."),
            "cells": _("Every item and school"),
            "item": _("Work item"),
            "summary": _("All cells with their figures and the rules that exclude"),
        },
        "asked": sentences.asked(plan, answer.ground.changes),
        "schools": [{"code": code, "name": school_name(problem, code)} for code in found.schools],
        "rows": [
            {
                "label": item_label(book, row.id),
                "title": content.row_title(book, row),
                "cells": [
                    {
                        "words": sentences.cell_words(found.cells[row.id, code], unit),
                        "told": sentences.cell_sentence(plan, found.cells[row.id, code]),
                        "kind": found.cells[row.id, code].status,
                        "heat": heat[row.id, code],
                    }
                    for code in found.schools
                ],
            }
            for row in found.rows
        ],
        "colours": COLOURS,
        "legend": sentences.legend(answer),
        "cells": content.cells(answer).without("meaning"),
        "switches": tables.switches(result).without("changed", "line", "id"),
        "sources": statements.sources(result),
        "versions": statements.versions(result),
        "hashes": [
            (_("Rulebook"), book.hash),
            *([] if result.scenario is None else [(_("Scenario"), result.scenario.hash)]),
            (_("Seed of the solver"), str(result.seed)),
        ],
    }
