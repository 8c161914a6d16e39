"""Files given where a scenario is meant: a plan, a roster, a list, a web page; and what to do with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, N_, Message
from assigner.scenario.words import normal
from geodata.sheets import MOST_BYTES, SheetError, decode, read_sheets

__all__ = ["kind_of", "mistaken", "refuse_mistaken"]

_TABLES = (".csv", ".tsv", ".tab")
"""Ends of the names of text tables."""

_PLAN_HEADS = ({"item", "代號"}, {"workitem", "工作項目"}, {"school", "學校"})
_PLAN_KEYS = {"status", "hosts", "tiers", "scenario"}
_WEB = ("<!doctype html", "<html", "<table", "<head", "<meta")

_WHAT: Mapping[str, tuple[str, str]] = {
    "plan": (
        N_("This is a plan, not a form or a scenario."),
        N_("Check it with “assigner check”; to plan anew give the form or scenario that it was made from."),
    ),
    "plan_workbook": (
        N_("This is a plan, not a form or a scenario."),
        N_("Check it with “assigner check FILE --scenario FORM”; to plan anew give the form that it was made from."),
    ),
    "plan_table": (
        N_("This is a table of a plan, not a form or a scenario."),
        N_("Check it with “assigner check FILE --scenario FORM”; to plan anew give the form that it was made from."),
    ),
    "roster": (
        N_("This is a roster, not a form or a scenario."),
        N_("Make a form of some of its schools: assigner template --roster FILE --members LIST --out form.xlsx."),
    ),
    "table": (
        N_("This is a text table (CSV), not a form or a scenario."),
        N_(
            "A list of the ministry is for “assigner import-roster”; for a form start from what “assigner template” "
            "writes and copy the rows into it."
        ),
    ),
    "web": (
        N_("This is a web page, not a workbook, whatever its name says."),
        N_("Open it in Excel and save it as an Excel workbook (.xlsx)."),
    ),
    "yaml": (
        N_("This is a scenario as text (YAML), not a workbook, whatever its name says."),
        N_("Give it a name that ends in .yaml."),
    ),
}


def mistaken(kind: str, file: str) -> Problem:
    """Say what a file is that is no scenario, and what to do with it."""
    what, mend = _WHAT[kind]
    expected = M_("a form (an Excel workbook, .ods or .xls) or a scenario (.yaml)")
    return Problem(file, Place(), ABSENT, Message(what), expected, Message(mend))


def refuse_mistaken(path: Path, file: str) -> None:
    """Refuse a text file that is something else than a scenario.

    Raises
    ------
    InputError
        It is; the error says what it is and what to do with it.
    """
    kind = kind_of(path)
    if kind and kind != "yaml":
        raise InputError([mistaken(kind, file)])


def kind_of(path: Path) -> str:
    """What a text file is: "plan", "plan_table", "roster", "table", "web" or "yaml"; empty if it cannot be told."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return ""
        text, _encoding = decode(path.read_bytes())
    except (OSError, SheetError, ValueError):
        return ""
    start = text.lstrip().lower()
    if start.startswith(_WEB) or (start.startswith("<?xml") and "<html" in start[:1000]):
        return "web"
    if start.startswith("{"):
        return "plan" if _is_plan(text) else ""
    if any(line.startswith(("schema_version:", '"schema_version":')) for line in text.splitlines()):
        return "yaml"
    return _kind_of_table(path, text)


def _is_plan(text: str) -> bool:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and len(_PLAN_KEYS & content.keys()) >= len(_PLAN_KEYS) - 1


def _kind_of_table(path: Path, text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()][:3]
    marks = [mark for mark in ",\t;" if len(lines) > 1 and all(line.count(mark) >= 1 for line in lines)]
    named = path.suffix.lower() in _TABLES
    # Lines of YAML hold a colon or begin with a dash; those of a table need neither.
    if not named and (not marks or any(": " in line or line.lstrip().startswith(("-", "#")) for line in lines)):
        return ""
    try:
        rows = [cells for _index, cells in read_sheets(path).sheets[0].filled()]
    except (OSError, SheetError):
        return "table" if named else ""
    heads = {normal(cell).replace(" ", "") for row in rows[:3] for cell in row if isinstance(cell, str)}
    if all(heads & spellings for spellings in _PLAN_HEADS):
        return "plan_table"
    from assigner.roster.tidy import is_roster

    return "roster" if is_roster(path) else "table"
