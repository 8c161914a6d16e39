"""The answer on a terminal: tables that a school can read, at 80 columns and wider, plain in a pipe.

Every figure that is drawn is also written; colour never says anything alone. On a terminal that cannot show Chinese or
drawing characters, what it cannot show becomes a question mark or a plain sign, and nothing fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any, TextIO

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assigner.answer import REJECTED
from assigner.messages import _, join_list
from assigner.report import statements, tables
from assigner.report import steering_statements as steering
from assigner.report.prose import Prose
from assigner.words import TIER_NAMES, amount, category_notes, source, text, tier_value, violation_sentence

if TYPE_CHECKING:
    from assigner.checking import Comparison, Verdict
    from assigner.planner import Result
    from models.audit import Audit, Finding
    from models.community import Problem

__all__ = [
    "TONES",
    "console_for",
    "print_parts",
    "section",
    "show_result",
    "show_verdict",
    "table_of",
    "verdict_line",
    "why_parts",
]

#: Width of the bar of a load that is as large as the capacity or the heaviest load; on a narrow terminal.
_BAR, _SHORT_BAR = 20, 10

#: From so many columns on there is room for long bars.
_WIDE = 100

TONES = {"good": "bold green", "warning": "bold yellow", "bad": "bold red"}


def console_for(stream: TextIO | None = None) -> Console:
    """A console that never fails on a character and writes plain text into pipes and files.

    Parameters
    ----------
    stream : TextIO, optional
        The standard output by default.
    """
    stream = sys.stdout if stream is None else stream
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 100
    return Console(file=stream, highlight=False, emoji=False, markup=False, width=width, soft_wrap=False)


# ----------------------------------------------------------------------------------------------------- a whole answer


def show_result(result: Result, console: Console) -> None:
    """Print an answer."""
    print_parts(_result_parts(result, console), console)


def print_parts(parts: Iterable[RenderableType], console: Console) -> None:
    """Print parts with a blank line between them; in a pipe without the blanks that fill up a table."""
    whole = Group(*_spaced(parts))
    if console.is_terminal:
        console.print(whole)
        return
    with console.capture() as captured:
        console.print(whole)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


def _result_parts(result: Result, console: Console) -> Iterator[RenderableType]:
    yield _heading(result)
    if result.assignment is None or result.audit is None:
        yield from _no_plan(result)
        return
    if result.status == "disagrees":
        yield _warning(_(REJECTED))
        yield from _broken(result.problem, result.audit, console)
    if result.relaxations:
        yield _relaxations(result)
    yield from _ways_out(result)
    if continued := steering.continued(result):
        yield section(continued.head, *map(Prose, continued.lines))
    if result.status == "feasible":
        yield Group(*(Prose(line, style="yellow") for line in statements.stopped(result)))
    yield _convener(result)
    yield _duties(result)
    if against := statements.unwilling(result):
        yield section(_("Hosts that are unwilling"), *map(Prose, against))
    yield _loads(result, console)
    yield _travel(result)
    yield _obligations(result)
    if notes := statements.categories(result):
        yield section(_("Course categories"), *map(Prose, notes))
    yield _switches(result)
    yield _proof(result)
    if result.price is not None:
        yield section(_("The price of the order"), *map(Prose, statements.price(result)))
    yield section(_("Sources"), *(Prose(line, style="dim") for line in statements.sources(result)))
    yield verdict_line(result)


def _spaced(parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    for position, part in enumerate(parts):
        if position:
            yield Text()
        yield part


def _heading(result: Result) -> RenderableType:
    first, *rest = statements.heading(result)
    return Group(Prose(first, style="bold"), *map(Prose, rest))


def verdict_line(result: Result) -> Prose:
    """The answer in one sentence."""
    said = statements.verdict(result)
    return Prose(said.text, style=TONES[said.tone])


def _warning(sentence: str) -> Prose:
    return Prose(sentence, style="bold red")


def section(title: str, *parts: RenderableType) -> RenderableType:
    """Parts under a title."""
    return Group(Prose(title, style="bold"), *parts)


class _Table(Table):
    """A table without lines whose cells wrap as Chinese does."""

    def row(self, *cells: str | RenderableType) -> None:
        """Add a row; columns to the right hold figures, which never wrap."""
        shown: list[RenderableType] = []
        for column, cell in zip(self.columns, cells, strict=True):
            shown.append(Prose(cell) if isinstance(cell, str) and column.justify == "left" else cell)
        self.add_row(*shown)


def table_of(*heads: str, right: Sequence[int] = ()) -> _Table:
    """An empty table without lines; columns to the right hold figures."""
    table = _Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(heads), header_style="dim")
    for position, head in enumerate(heads):
        justify: Any = "right" if position in right else "left"
        table.add_column(head, justify=justify, overflow="fold", no_wrap=position in right)
    return table


# -------------------------------------------------------------------------------------------------------- no plan


def _no_plan(result: Result) -> Iterator[RenderableType]:
    yield verdict_line(result)
    said = statements.no_plan(result)
    yield from map(Prose, said.lines)
    if said.clashes:
        yield section(said.clash_head, *_clashes(said.clashes))
    if said.helping:
        yield section(
            said.help_head, *(Padding(Prose(line), (0, 0, 0, 2)) for line in said.helping), Prose(said.help_tail)
        )
    elif said.help_tail:
        yield Prose(said.help_tail)
    if said.advice:
        yield section(said.advice_head, *(Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in said.advice))
    yield from _ways_out(result)


def _ways_out(result: Result) -> Iterator[RenderableType]:
    told = steering.why(result)
    if told is not None:
        yield from why_parts(told)


def why_parts(told: steering.Why) -> Iterator[RenderableType]:
    """Collisions and ways out."""
    if told.collisions:
        parts: list[RenderableType] = []
        for head, clashes in told.collisions:
            parts.append(Padding(Prose(head, style="bold"), (0, 0, 0, 2)))
            parts += [Padding(part, (0, 0, 0, 2)) for part in _clashes(clashes)]
        yield section(told.collisions_head, *parts)
    rows: list[RenderableType] = []
    for way in told.ways:
        rows.append(Padding(Prose(way.title, style="bold"), (0, 0, 0, 2)))
        rows += [Padding(Prose(f"- {line}"), (0, 0, 0, 4)) for line in way.gives_up]
        rows += [Padding(Prose(line, style="dim"), (0, 0, 0, 4)) for line in (way.plan, way.entries) if line]
    lines = [Prose(line) for line in (told.tail, told.take) if line]
    yield section(told.head, *rows, *lines) if told.head else Group(*lines)


def _clashes(clashes: Iterable[statements.Clash]) -> Iterator[RenderableType]:
    for clash in clashes:
        yield Padding(Prose(f"- {clash.title}"), (0, 0, 0, 2))
        yield Padding(Prose("\n".join([*clash.details, clash.source]), style="dim"), (0, 0, 0, 4))


def _relaxations(result: Result) -> RenderableType:
    parts: list[RenderableType] = []
    for entry in statements.relaxations(result):
        parts.append(Padding(Prose(f"{entry.id}  {entry.title}", style="bold yellow"), (0, 0, 0, 2)))
        parts += [Padding(Prose(reason), (0, 0, 0, 4)) for reason in entry.reasons]
        parts += [Padding(part, (0, 0, 0, 2)) for part in _clashes(entry.clashes)]
    return section(_("Rules that were relaxed"), *parts)


# ------------------------------------------------------------------------------------------------------ the tables


def _convener(result: Result) -> RenderableType:
    said = statements.convener(result)
    lines: list[RenderableType] = [Prose(said.line, style="bold")]
    if said.how:
        lines.append(Prose(said.how, style="" if said.first else "dim"))
    if said.first:
        table = table_of("", "", "", right=(2,))
        for entry in said.first:
            table.row(entry.school, entry.standing, entry.distance)
        lines.append(Padding(table, (0, 0, 0, 2)))
    if said.remark:
        lines.append(Prose(said.remark))
    return Group(*lines)


def _label(record: Mapping[str, Any]) -> str:
    """Code and name of the school of a row."""
    return f"{record['code']} {record['school']}" if record["school"] else str(record["code"])


def _duties(result: Result) -> RenderableType:
    content = tables.duties(result)
    table = table_of(_("Item"), _("Work item"), _("Hosts"))
    table.columns[1].ratio, table.columns[2].ratio = 3, 2
    table.expand = True
    for title, entries in groupby(content.records(), lambda record: record["group"]):
        records = list(entries)
        if any(record["separate"] for record in records):
            title = _("{title} (own plan and budget, not in the load)", title=title)
        table.row("", Prose(title, style="bold"), "")
        for record in records:
            table.row(record["item"], record["title"], "\n".join(record["hosts"]) or "–")
    return section(content.title, table, *map(Prose, statements.ways(result)))


def _loads(result: Result, console: Console) -> RenderableType:
    content = tables.loads(result)
    records = list(content.records())
    most = max([Fraction(1), *(record["ratio"] for record in records)])
    bar = _BAR if console.width >= _WIDE else _SHORT_BAR
    full, empty = ("█", "·") if console.encoding.lower().startswith("utf") else ("#", ".")
    table = table_of(
        _("School"), _("Load"), _("Ratio"), _("Points"), _("Items it hosts in the load"), _("Others"), right=(2, 3, 5)
    )
    for record in records:
        filled = round(float(record["ratio"] / most) * bar)
        marks = [_("convener")] if record["code"] == result.plan.convener else []
        marks += [_("above capacity")] if record["above"] else []
        table.row(
            _label(record) + (f"\n({join_list(marks)})" if marks else ""),
            Prose((full * filled, "red" if record["above"] else "green"), (empty * (bar - filled), "dim")),
            str(record["ratio"]),
            f"{amount(record['points'])}/{amount(record['capacity'])}",
            ", ".join(record["items"]) or "–",
            amount(record["separate"]),
        )
    return section(content.title, table, Prose(content.note, style="dim"))


def _travel(result: Result) -> RenderableType:
    content = tables.travel(result)
    figure = content.columns[-1]
    records = content.records()
    pieces = [f"{r['label']} {tables.shown(r['travel'], figure)}" for r in records if r["travel"]]
    return section(content.title, _columns(pieces))


def _columns(pieces: Sequence[str]) -> RenderableType:
    """Short texts side by side, as many as fit."""
    from rich.columns import Columns

    return Columns([Prose(piece) for piece in pieces], padding=(0, 3), column_first=True, equal=True)


def _obligations(result: Result) -> RenderableType:
    content = tables.obligation_summary(result)
    table = table_of("", "", "")
    table.columns[2].ratio, table.expand = 1, True
    for who, entries in groupby(content.records(), lambda record: record["schools"]):
        for position, record in enumerate(entries):
            table.row("" if position else "\n".join(who), record["kind"], "\n".join(record["lines"]))
    return section(content.title, table)


def _switches(result: Result) -> RenderableType:
    content = tables.switches(result)
    table = table_of("", "", "")
    table.columns[1].ratio, table.columns[2].ratio, table.expand = 3, 2, True
    for record in content.records():
        if record["changed"]:
            table.row("*", Prose(record["line"], style="bold yellow"), record["source"])
        else:
            table.row("-", record["line"], Prose(record["source"], style="dim"))
    return section(content.title, table)


def _proof(result: Result) -> RenderableType:
    content = tables.proof(result, seconds=True)
    table = table_of(*(column.title for column in content.columns), right=(4,))
    for row in content.rows:
        table.row(*(tables.shown(value, column) for value, column in zip(row, content.columns, strict=True)))
    notes = [Prose(content.note, style="dim")] if content.note else []
    return section(content.title, table, *notes)


# ----------------------------------------------------------------------------------------------------------- a verdict


def show_verdict(verdict: Verdict, console: Console, *, only_broken: bool = False) -> None:
    """Print what was found about a plan from anyone; all of it, or only what is broken or not true."""
    print_parts(_verdict_parts(verdict, console, only_broken), console)


def _verdict_parts(verdict: Verdict, console: Console, only_broken: bool) -> Iterator[RenderableType]:
    problem = verdict.plan.problem
    book = problem.rules.rulebook
    yield Group(
        Prose(problem.community.name or problem.community.id, style="bold"),
        Prose(_("Judged under the rulebook of school year {year}: {title}", year=book.year, title=text(book.title))),
        *(Prose(str(note)) for note in verdict.notes),
    )
    offered = {relaxation.id: relaxation for relaxation in book.relaxations}
    if verdict.relaxations:
        yield section(
            _("Judged with these relaxations, as the plan states:"),
            *(Prose(f"  {statements.relaxation_line(offered[name])}") for name in verdict.relaxations),
        )
    findings = tuple(f for f in verdict.audit.findings if not (only_broken and f.ok))
    if findings:
        yield section(_("Clauses"), *_findings(problem, findings, console))
    comparisons = tuple(c for c in verdict.comparisons if not (only_broken and c.ok))
    if comparisons:
        yield section(_("What the plan claims, and what was found"), _comparison_rows(comparisons, console))
    elif not only_broken:
        table = table_of("", "")
        for name, value in verdict.audit.values.items():
            shown = str(value) if name == "tie_break" else tier_value(name, value, problem.distances.unit)
            table.row(_(TIER_NAMES[name]), shown)
        yield section(_("What the plan is worth"), table)
    notes = category_notes(problem.rules, verdict.audit.missing_categories, verdict.audit.unknown_categories)
    if notes:
        yield section(_("Course categories"), *(Prose(note) for note in notes))
    broken = sum(not finding.ok for finding in verdict.audit.findings)
    wrong = sum(not comparison.ok for comparison in verdict.comparisons)
    if verdict.ok:
        yield Prose(_kept_and_true(verdict), style="bold green")
    else:
        yield _warning(_("Clauses broken: {broken}. Claims that are not true: {wrong}.", broken=broken, wrong=wrong))


def _kept_and_true(verdict: Verdict) -> str:
    """What a good verdict says, and what it does not."""
    if not verdict.comparisons:
        return _("Every clause is kept.")
    sentence = _("Every clause is kept, and every claim that can be checked without solving again is true.")
    if not verdict.unchecked:
        return sentence
    return sentence + _(" Not checked: {things}.", things=join_list(verdict.unchecked))


def _signs(console: Console) -> tuple[str, str]:
    """Kept and broken: signs where they can be shown, always with a word."""
    try:
        "✓✗".encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return _("kept"), _("BROKEN")
    return f"✓ {_('kept')}", f"✗ {_('BROKEN')}"


def _findings(problem: Problem, findings: Iterable[Finding], console: Console) -> Iterator[RenderableType]:
    kept, broken = _signs(console)
    for finding in findings:
        sign = (kept, "green") if finding.ok else (broken, "bold red")
        yield Prose(sign, f"  {finding.clause.id}  {text(finding.clause.title)}", style="" if finding.ok else "bold")
        yield Padding(Prose(source(finding.clause), style="dim"), (0, 0, 0, 4))
        for violation in finding.violations:
            yield Padding(Prose(violation_sentence(problem, violation)), (0, 0, 0, 4))


def _broken(problem: Problem, audit: Audit, console: Console) -> Iterator[RenderableType]:
    bad = [finding for finding in audit.findings if not finding.ok]
    if bad:
        yield Group(*_findings(problem, bad, console))


def _comparison_rows(comparisons: Iterable[Comparison], console: Console) -> _Table:
    good, bad = _signs(console)
    table = table_of("", _("Claim"), _("Claimed"), _("Found"))
    for comparison in comparisons:
        true = comparison.ok
        sign = Prose(
            good.replace(_("kept"), _("true")) if true else bad.replace(_("BROKEN"), _("NOT TRUE")),
            style="green" if true else "bold red",
        )
        found = _("the same") if true else _short(comparison.found)
        table.row(sign, comparison.name, _short(comparison.claimed), found)
    return table


def _short(value: object) -> str:
    """A claim in a cell: hashes cut, lists joined."""
    if isinstance(value, list):
        return join_list(value) or "–"
    shown = "–" if value is None else str(value)
    return shown if cell_len(shown) <= 44 else f"{shown[:20]}…{shown[-20:]}"
