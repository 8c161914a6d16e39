"""The page of a split: one file that opens offline, prints on A4 and needs no script.

What it says comes from `split_statements` and `split_tables`, its maps from `split_map`; the templates are laid out as
those of one plan (`assigner.report.page`) and escape everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import _, _n, current_language, language_set
from assigner.report import split_statements as sentences
from assigner.report import split_tables as content
from assigner.report import statements, tables
from assigner.report.map_style import SIDES
from assigner.report.page import Explorer, bars_of, groups_of, rendered, words_of_pages
from assigner.words import school_label, violation_sentence

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["explorer", "page_text"]


def page_text(answer: Split) -> str:
    """The page of an answer in the current language; equal answers give equal bytes."""
    common = _common(answer)
    if answer.proposal is None:
        return rendered("no_split.html.j2", common | _without(answer))
    return rendered("split.html.j2", common | _pair(answer))


def explorer(answer: Split, lang: str | None = None) -> Explorer:
    """The page in a notebook or a browser, in the current language unless another is named."""
    with language_set(lang or current_language()):
        return Explorer(page_text(answer), answer.problem.community.name or answer.problem.community.id)


def _common(answer: Split) -> dict[str, Any]:
    from assigner.report.split_map import whole_of

    whole = whole_of(answer)
    book = answer.problem.rules.rulebook
    return {
        "lang": current_language(),
        "title": _("{community}: two plans", community=answer.problem.community.name or answer.problem.community.id),
        "lead": sentences.heading(answer),
        "verdict": sentences.verdict(answer),
        "words": words_of_pages(),
        "titles": _titles(),
        "sides": SIDES,
        "switches": tables.switches(whole).without("changed", "line", "id"),
        "readings": content.readings(answer),
        "sources": statements.sources(whole),
        "versions": statements.versions(whole),
        "hashes": [
            (_("Rulebook"), book.hash),
            (_("Scenario"), answer.scenario.hash),
            (_("Seed of the solver"), str(answer.seed)),
        ],
    }


def _titles() -> dict[str, str]:
    return {
        "answer": _("The two plans"),
        "maps": _("Maps"),
        "map": _("Map"),
        "cost": _("What a split costs, and what it gives"),
        "comparison": _("Side by side, aim by aim in their order"),
        "line": _("Why this line"),
        "line_hint": _(
            "For each township at the border: what the best pair of plans would be if it went to the other plan."
        ),
        "township": _("Township at the border"),
        "to": _("To plan"),
        "effect": _("What moving it would do"),
        "others": _("Other pairs, every measure side by side"),
        "measure": _("Measure"),
        "trades": _("What the other pairs trade"),
        "readings": _("How the text on two plans was read"),
        "why": _("What is in the way"),
        "to_drop": _("Wishes to drop, the cheapest first (prices: our assumption)"),
        "helping": _("What would allow a split (each was solved; the least given up first)"),
    }


# ---------------------------------------------------------------------------------------------------------- two plans


def _pair(answer: Split) -> dict[str, Any]:
    from assigner.report.split_map import cut_note, is_cut, is_large

    proposal = answer.proposal
    assert proposal is not None
    return {
        "broken": _broken(answer),
        "stopped": sentences.stopped(answer),
        "figures": content.plan_figures(answer),
        "conveners": sentences.how_conveners(answer),
        "maps": _maps(answer),
        "large": is_large(answer),
        "map_note": cut_note() if is_cut(answer) else "",
        "division": content.division(answer),
        "plans": [_plan(answer, number) for number in (1, 2)],
        "cost": sentences.work(answer),
        "comparison": content.comparison(answer),
        "border": None if answer.moves is None else sentences.border(answer),
        "others": None if answer.alternatives is None else _others(answer),
        "categories": content.categories(answer),
        "courses": sentences.courses(answer),
        "proof": content.proof(answer),
        "how": sentences.how_found(answer),
    }


def _broken(answer: Split) -> list[str]:
    assert answer.proposal is not None
    lines = [
        violation_sentence(side.plan.problem, violation)
        for side in answer.proposal.plans
        for finding in side.audit.findings
        for violation in finding.violations
    ]
    return [*lines, *(violation_sentence(answer.problem, violation) for violation in answer.proposal.joint)]


def _markup(root: ET.Element) -> Any:
    from markupsafe import Markup

    for size in ("width", "height"):
        root.attrib.pop(size, None)
    return Markup(ET.tostring(root, encoding="unicode"))


def _maps(answer: Split) -> list[dict[str, Any]]:
    """Not splitting and the proposal, side by side."""
    from assigner.report.split_map import map_tree

    assert answer.proposal is not None
    return [
        {"title": _("Not splitting"), "svg": _markup(map_tree(answer, None, "one"))},
        {"title": _("Two plans"), "svg": _markup(map_tree(answer, answer.proposal, "two"))},
    ]


def _plan(answer: Split, number: int) -> dict[str, Any]:
    assert answer.proposal is not None
    result, side = answer.plans[number - 1], answer.proposal.plans[number - 1]
    numbers = {code: k for k, code in enumerate(_on_the_map(answer), 1)}
    schools = [
        record | {"number": numbers[record["code"]]}
        for record in content.division(answer).records()
        if record["plan"] == number
    ]
    loads = tables.loads(result)
    kept = sum(finding.ok for finding in side.audit.findings)
    return {
        "title": _("Plan {number}", number=number),
        "count": _n("{n} school", "{n} schools", len(schools)),
        "convener": school_label(answer.problem, side.convener),
        "schools": schools,
        "kept": _("Audit: {kept} of {all} clauses in force are kept.", kept=kept, all=len(side.audit.findings)),
        "duties": groups_of(tables.duties(result)),
        "ways": statements.ways(result),
        "unwilling": statements.unwilling(result),
        "loads": bars_of(loads),
        "note": loads.note,
    }


def _on_the_map(answer: Split) -> list[str]:
    """Codes in the order of their numbers on the map."""
    community = answer.problem.community
    return sorted({*community.school_by_code, *(partner.code for partner in community.outside_partners)})


def _others(answer: Split) -> dict[str, Any]:
    from assigner.report.split_map import small_tree

    table = content.alternatives(answer)
    if len(table.rows) < 2:
        return {"names": (), "rows": (), "maps": (), "trades": (), "notes": (sentences.no_others(answer),)}
    pairs = content.named_alternatives(answer)
    rows = [
        {
            "title": column.title,
            "cells": [tables.shown(row[position], column, separator="\n") for row in table.rows],
        }
        for position, column in enumerate(table.columns[1:], 1)
    ]
    maps = [
        {
            "title": name,
            "note": " + ".join(map(str, pair.sizes)),
            "svg": _markup(small_tree(answer, pair, name, f"other{k}")),
        }
        for k, (name, pair) in enumerate(pairs)
    ]
    return {
        "names": [str(row[0]) for row in table.rows],
        "rows": rows,
        "maps": maps,
        "trades": sentences.trades(answer),
        "notes": sentences.warnings_of(answer),
    }


# ----------------------------------------------------------------------------------------------------------- no split


def _without(answer: Split) -> dict[str, Any]:
    from assigner.report.split_map import map_tree, whole_of

    found = [
        {"text": entry.text, "source": entry.source, "lines": sentences.collisions(answer, refusal)}
        for refusal, entry in zip(answer.found.refusals, sentences.refusals(answer), strict=True)
    ]
    lines = [_("Give it more time or work, or leave the limits out.")] if answer.status == "stopped" else []
    return {
        "refusals": found,
        "lines": lines,
        "helping": sentences.helping(answer),
        "why": sentences.why(answer),
        "to_drop": sentences.to_drop(answer),
        "schools": tables.schools(whole_of(answer)).without("items"),
        "map": _markup(map_tree(answer, None, "one")),
    }
