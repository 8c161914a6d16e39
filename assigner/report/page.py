"""The page for a meeting: one file that opens offline, prints on A4 and needs no script.

What it says comes from `statements` and `tables`, the picture from `map`, all beside this module; the
templates lay it out. Names are data: the templates escape everything, and a policy in the page forbids whatever would
reach outside or run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.files import write_whole
from assigner.messages import _, _n, current_language, join_list, language_set, number
from assigner.report import statements, tables
from assigner.report import steering_statements as steering
from assigner.report.cells import plain
from assigner.report.scene import Scene, unit_name

if TYPE_CHECKING:
    from jinja2 import Environment

    from assigner.planner import Result

__all__ = [
    "Explorer",
    "bars_of",
    "compile_templates",
    "environment",
    "groups_of",
    "page_text",
    "rendered",
    "words_of_pages",
]

_OPEN_UP_TO = 12
"""So many schools are shown unfolded; more are folded on the screen and unfolded in print."""


def page_text(result: Result) -> str:
    """The page of an answer in the current language; equal answers give equal bytes."""
    name = "page.html.j2" if result.assignment is not None and result.audit is not None else "no_plan.html.j2"
    return rendered(name, _content(result))


def rendered(template: str, content: dict[str, Any]) -> str:
    """A page from its template, without empty lines."""
    text: str = environment().get_template(template).render(**content)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def compile_templates() -> None:
    """Make the templates ready; a page that is made later finds them so."""
    for name in ("page.html.j2", "base.html.j2", "parts.html.j2", "page.css.j2"):
        environment().get_template(name)


@cache
def environment(package: str = "assigner.report") -> Environment:
    """The templates of a package; they escape everything."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    made.filters["shown"] = tables.shown
    return made


def _clean(value: Any) -> Any:
    """Without characters that no page may hold, or that turn the text around them."""
    return plain(value) if type(value) is str else value


# ------------------------------------------------------------------------------------------------------- the content


def _content(result: Result) -> dict[str, Any]:
    """Everything the templates lay out, in words of the current language."""
    problem = result.problem
    book = problem.rules.rulebook
    scenario = result.scenario
    from assigner.report.map import known_of

    scene = known_of(result).scene
    content: dict[str, Any] = {
        "lang": current_language(),
        "title": problem.community.name or problem.community.id,
        "lead": statements.heading(result),
        "verdict": statements.verdict(result),
        "words": words_of_pages(),
        "convener": statements.convener(result),
        "ranking": tables.convener_ranking(result),
        "switches": tables.switches(result).without("changed", "line", "id"),
        "schools": tables.schools(result),
        "sources": statements.sources(result),
        "versions": statements.versions(result),
        "hashes": [
            (_("Rulebook"), book.hash),
            *([] if scenario is None else [(_("Scenario"), scenario.hash)]),
            (_("Seed of the solver"), str(result.seed)),
        ],
    }
    if result.assignment is None or result.audit is None:
        content["no_plan"] = statements.no_plan(result)
        content["why"] = steering.why(result)
        return content
    content |= {
        "stopped": statements.stopped(result) if result.status == "feasible" else (),
        "broken": [row for row in tables.audit_table(result).records() if not row["ok"]],
        "relaxations": statements.relaxations(result),
        "why": steering.why(result),
        "continued": steering.continued(result),
        "duties": groups_of(tables.duties(result)),
        "ways": statements.ways(result),
        "unwilling": statements.unwilling(result),
        "loads": bars_of(tables.loads(result)),
        "load_note": tables.loads(result).note,
        "travel": tables.travel(result).without("group", "unit"),
        "sheets": [
            (sheet, _named(f"{sheet.code} {sheet.name}", sheet.roles)) for sheet in tables.school_sheets(result)
        ],
        "unfolded": len(problem.participants) <= _OPEN_UP_TO,
        "summary": tables.obligation_summary(result),
        "audit": tables.audit_table(result).without("ok", *(("message",) if result.audit.ok else ())),
        "kept": _kept(result),
        "proof": tables.proof(result),
        "price": statements.price(result),
        "categories": tables.course_categories(result),
        "category_notes": statements.categories(result),
        "map": _map(result, scene),
        "towns": _towns(result, scene),
        "line_names": [unit_name(result, unit) for unit in scene.lines],
        "reasons": _reasons(result),
    }
    return content


def _reasons(result: Result) -> dict[str, Any] | None:
    """What opens at a click, where it was asked for."""
    if result.why is None:
        return None
    from assigner.report.choices_why import why_section

    return why_section(result.why)


def words_of_pages() -> dict[str, str]:
    """Headings and small words of the page."""
    return {
        "skip": _("To the content"),
        "contents": _("Contents"),
        "answer": _("The answer"),
        "convener": _("Convening school"),
        "ranking_all": _("All schools that could convene"),
        "relaxations": _("Rules that were relaxed"),
        "duties": _("Who hosts what"),
        "unwilling": _("Hosts that are unwilling"),
        "map": _("Map"),
        "lines": _("Lines from each junior high to the nearest host"),
        "none": _("no lines"),
        "map_hint": _("The table below says the same as the map."),
        "by_town": _("The map as a table: schools by township"),
        "jh_by_town": _("The map as a table: junior highs by township, with their nearest hosts"),
        "loads": _("Loads"),
        "travel": _("Travel"),
        "obligations": _("What comes with it, school by school"),
        "common": _("In short: what several schools owe alike is said once"),
        "each": _("Each school for itself"),
        "audit": _("Audit, clause by clause"),
        "switches": _("How the text was read"),
        "proof": _("Proof"),
        "price": _("The price of the order"),
        "categories": _("Course categories"),
        "sources": _("Sources"),
        "versions": _("Versions"),
        "collision": _("Rules that collide"),
        "collisions": _("All collisions"),
        "ways_out": _("Ways out"),
        "help": _("What would help"),
        "advice": _("What has to give"),
        "schools": _("Schools"),
        "rejected": _("Broken clauses"),
        "hosts": _("Items it hosts"),
        "owes": _("What it owes"),
        "township": _("Township"),
        "number": _("Number on the map"),
        "code": _("Code"),
        "school": _("School"),
        "role": _("Role"),
        "hosts_of": _("Hosts of"),
        "junior_high": _("Junior high"),
        "item": _("Item"),
        "work_item": _("Work item"),
        "host_schools": _("Hosts"),
        "load": _("Load"),
        "ratio": _("Ratio"),
        "points": _("Points / capacity"),
        "load_items": _("Items in the load"),
        "above": _("above capacity"),
        "ways": _("Ways of promotion"),
        "nobody": _("nobody"),
        "good": _("In order"),
        "warning": _("Note"),
        "bad": _("Attention"),
    }


@dataclass(frozen=True)
class _Group:
    """Items under one heading."""

    title: str
    items: tuple[dict[str, Any], ...]


def groups_of(table: tables.Table) -> list[_Group]:
    """Duties by the groups of the programme."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in table.records():
        groups.setdefault(record["group"], []).append(record)
    return [
        _Group(
            _("{title} (own plan and budget, not in the load)", title=title) if rows[0]["separate"] else title,
            tuple(rows),
        )
        for title, rows in groups.items()
    ]


def _named(school: str, roles: Sequence[str]) -> str:
    """A school and, in brackets, what it is."""
    return _("{school} ({role})", school=school, role=join_list(roles)) if roles else school


def bars_of(table: tables.Table) -> list[dict[str, Any]]:
    """Loads with the lengths of their bars, in percent of the longest that has to fit."""
    records = list(table.records())
    longest = max([1.0, *(float(record["ratio"]) for record in records)])
    return [
        record
        | {
            "length": f"{float(record['ratio']) / longest * 100:.1f}",
            "full": f"{100 / longest:.1f}",
            "shown": str(record["ratio"]),
            "label": _named(f"{record['code']} {record['school']}", record["roles"]),
        }
        for record in records
    ]


def _kept(result: Result) -> str:
    assert result.audit is not None
    total = len(result.audit.findings)
    kept = sum(finding.ok for finding in result.audit.findings)
    if kept == total:
        return _n("The clause in force is kept.", "All {n} clauses in force are kept.", total)
    return _("Of {total} clauses in force {broken} are broken.", total=total, broken=total - kept)


# ------------------------------------------------------------------------------------------------------------ the map


@dataclass(frozen=True)
class _Choice:
    """Lines of one kind that can be shown."""

    id: str
    label: str
    checked: bool


@dataclass(frozen=True)
class _Map:
    """The picture and its controls."""

    svg: Any
    choices: tuple[_Choice, ...]


def _map(result: Result, scene: Scene) -> _Map | None:
    """The map with the lines of every unit; none where it is not known where anything is."""
    if not any(spot.lonlat for spot in scene.schools):
        return None
    from markupsafe import Markup

    from assigner.report.map import svg_tree

    root = svg_tree(result)
    order = {unit: k for k, unit in enumerate(scene.lines)}
    for element in root.iter():
        unit = element.attrib.pop("data-unit", None)
        if unit is not None:
            element.set("class", f"unit unit-{order[unit]}")
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    first = scene.default_units[:1]
    choices = [_Choice(f"unit-{k}", unit_name(result, unit), unit in first) for unit, k in order.items()]
    return _Map(Markup(ET.tostring(root, encoding="unicode")), tuple(choices))


@dataclass(frozen=True)
class _Town:
    """A township as the table beside the map has it."""

    name: str
    schools: tuple[dict[str, Any], ...]
    junior_highs: tuple[dict[str, Any], ...]


def _towns(result: Result, scene: Scene) -> list[_Town]:
    """Townships with their schools and junior highs; last what has no place."""
    unit = _("min") if scene.unit == "minutes" else _("km")
    nearest = {name: {line.demand: line for line in lines} for name, lines in scene.lines.items()}

    def way(name: str, demand: str) -> str:
        line = nearest[name].get(demand)
        if line is None:
            return "–"
        host = scene.school_by_code[line.host]
        return f"{host.number} {host.name} {number(line.distance, 1)} {unit}"

    found = []
    listed = [*scene.territory, *sorted(set(scene.town_names) - set(scene.territory)), ""]
    for code in listed:
        schools = tuple(
            {
                "number": spot.number,
                "code": spot.code,
                "name": spot.name,
                "roles": tables.roles(result, spot.code),
                "items": [unit_name(result, name) for name in spot.units],
            }
            for spot in scene.schools
            if spot.towncode == code
        )
        junior_highs = tuple(
            {"code": spot.code, "name": spot.name, "hosts": [way(name, spot.id) for name in scene.lines]}
            for spot in scene.demand
            if spot.towncode == code
        )
        if code or schools or junior_highs:
            name = "".join(scene.town_names.get(code, ("", code))) if code else _("not known")
            found.append(_Town(name, schools, junior_highs))
    return found


# ------------------------------------------------------------------------------------------------------- in notebooks


class Explorer:
    """The page of an answer in a notebook or a browser, offline.

    Parameters
    ----------
    text : str
        The page.
    name : str
        Of the file that `open` writes.
    """

    def __init__(self, text: str, name: str = "plan") -> None:
        self.text, self.name = text, name

    def _repr_html_(self) -> str:
        """The page in a frame that may do nothing but show it."""
        from markupsafe import escape

        return (
            f'<iframe sandbox="" srcdoc="{escape(self.text)}" title="{escape(self.name)}" '
            'style="width: 100%; height: 800px; border: 1px solid #767676"></iframe>'
        )

    def save(self, path: str | Path) -> Path:
        """Write the page, whole or not at all; the path is given back."""
        write_whole(Path(path), self.text)
        return Path(path)

    def open(self) -> Path:
        """Show the page in the browser; it is written into a new folder for temporary files."""
        import tempfile
        import webbrowser

        path = self.save(Path(tempfile.mkdtemp(prefix="assigner-")) / "plan.html")
        webbrowser.open(path.as_uri())
        return path

    @classmethod
    def of(cls, result: Result, lang: str | None = None) -> Explorer:
        """The page of an answer, in the current language unless another is named."""
        with language_set(lang or current_language()):
            return cls(page_text(result), result.problem.community.name or result.problem.community.id)
