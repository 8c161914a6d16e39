"""The answer to a split on a terminal: what is proposed, what it trades, why the line runs where it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding

from assigner.answer import REJECTED
from assigner.messages import _, join_list
from assigner.report import split_statements as sentences
from assigner.report import split_tables as content
from assigner.report import statements
from assigner.report.prose import Prose
from assigner.report.tables import Table, shown
from assigner.report.terminal import TONES, print_parts, section, table_of, why_parts
from assigner.words import violation_sentence

if TYPE_CHECKING:
    from assigner.splitting.solving import Split

__all__ = ["show_split", "verdict_line"]

#: So many pairs stand side by side; more go into a table of their own below.
_ACROSS = 3


def show_split(answer: Split, console: Console) -> None:
    """Print an answer."""
    print_parts(_parts(answer, console), console)


def verdict_line(answer: Split) -> Prose:
    """The answer in one sentence."""
    said = sentences.verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _parts(answer: Split, console: Console) -> Iterator[RenderableType]:
    first, *rest = sentences.heading(answer)
    yield Group(Prose(first, style="bold"), *map(Prose, rest))
    if answer.proposal is None:
        yield from _no_split(answer)
        return
    if answer.status == "disagrees":
        yield Prose(_(REJECTED), style="bold red")
        yield from _broken(answer)
    if stopped := sentences.stopped(answer):
        yield Group(*(Prose(line, style="yellow") for line in stopped))
    yield _lay_out(content.plan_figures(answer))
    yield Group(*map(Prose, sentences.how_conveners(answer)))
    yield _schools(answer)
    yield section(_("What a split costs, and what it gives"), *map(Prose, sentences.work(answer)))
    yield _lay_out(content.comparison(answer))
    if answer.moves is not None:
        yield _border(answer)
    if answer.alternatives is not None:
        yield from _alternatives(answer)
    courses = content.categories(answer)
    yield section(courses.title, _body(courses), *map(Prose, sentences.courses(answer)))
    yield _readings(answer)
    yield _lay_out(content.proof(answer, seconds=True), right=(4,))
    if how := sentences.how_found(answer):
        yield Prose(how)
    if answer.together is not None:
        sources = statements.sources(answer.together)
        yield section(_("Sources"), *(Prose(line, style="dim") for line in sources))
    yield verdict_line(answer)


def _no_split(answer: Split) -> Iterator[RenderableType]:
    yield verdict_line(answer)
    found = sentences.refusals(answer)
    if found:
        yield section(_("What is in the way"), *_refused(answer))
    helping = sentences.helping(answer)
    if helping:
        yield section(
            _("What would allow a split (each was solved; the least given up first)"),
            *(
                Padding(
                    Group(Prose(f"- {entry.told}"), Padding(Prose(entry.option, "\n", entry.gives), (0, 0, 0, 2))),
                    (0, 0, 0, 2),
                )
                for entry in helping
            ),
        )
    if (told := sentences.why(answer)) is not None:
        yield from why_parts(told)
    if dropping := sentences.to_drop(answer):
        yield section(_("Wishes to drop, the cheapest first (prices: our assumption)"), *map(Prose, dropping))
    if answer.status == "stopped":
        yield Prose(_("Give it more time or work, or leave the limits out."))


def _refused(answer: Split) -> Iterator[RenderableType]:
    for refusal, entry in zip(answer.found.refusals, sentences.refusals(answer), strict=True):
        yield Padding(Prose(f"- {entry.text}"), (0, 0, 0, 2))
        if entry.source:
            yield Padding(Prose(entry.source, style="dim"), (0, 0, 0, 4))
        for line in sentences.collisions(answer, refusal):
            yield Padding(Prose(line, style="dim"), (0, 0, 0, 4))


def _broken(answer: Split) -> Iterator[RenderableType]:
    assert answer.proposal is not None
    for side in answer.proposal.plans:
        for finding in side.audit.findings:
            for violation in finding.violations:
                yield Prose(violation_sentence(side.plan.problem, violation))
    for violation in answer.proposal.joint:
        yield Prose(violation_sentence(answer.problem, violation))


def _body(table: Table, right: tuple[int, ...] = ()) -> RenderableType:
    made = table_of(*(column.title for column in table.columns), right=right)
    for row in table.rows:
        made.row(*(shown(value, column) for value, column in zip(row, table.columns, strict=True)))
    return made


def _lay_out(table: Table, right: tuple[int, ...] = ()) -> RenderableType:
    notes = [Prose(table.note, style="dim")] if table.note else []
    return section(table.title, _body(table, right), *notes)


def _schools(answer: Split) -> RenderableType:
    parts: list[RenderableType] = []
    rows = list(content.division(answer).records())
    for plan in (1, 2):
        own = [row for row in rows if row["plan"] == plan]
        parts.append(Prose(_("Plan {number}", number=plan), style="bold"))
        towns: dict[str, list[str]] = {}
        for row in own:
            school = f"{row['code']} {row['school']}".strip()
            if row["role"]:
                school = _("{school} ({role})", school=school, role=join_list(row["role"]))
            towns.setdefault(row["township"], []).append(school)
        made = table_of("", "")
        for town, schools in towns.items():
            made.row(town, join_list(schools))
        parts.append(Padding(made, (0, 0, 0, 2)))
    return section(_("Schools of the two plans"), *parts)


def _border(answer: Split) -> RenderableType:
    made = table_of(_("Township at the border"), _("To plan"), _("What moving it would do"), right=(1,))
    for entry in sentences.border(answer):
        made.row(entry.name, str(entry.to), Prose(entry.told, style="" if entry.lawful else "dim"))
    return section(_("Why this line"), made)


def _alternatives(answer: Split) -> Iterator[RenderableType]:
    table = content.alternatives(answer)
    own, others = table.rows[0], table.rows[1:]
    if not others:
        yield section(table.title, Prose(sentences.no_others(answer)))
        return
    for start in range(0, len(others), _ACROSS):
        group = (own, *others[start : start + _ACROSS])
        made = table_of("", *(str(row[0]) for row in group))
        for position, column in enumerate(table.columns[1:], 1):
            made.row(column.title, *(shown(row[position], column, separator="\n") for row in group))
        yield section(table.title, made) if not start else made
    lines: list[RenderableType] = []
    for entry in sentences.trades(answer):
        lines.append(Prose(entry.name, style="bold"))
        lines += [Padding(Prose(line), (0, 0, 0, 2)) for line in (entry.changed, entry.told)]
    yield section(_("What the other pairs trade"), *lines, *map(Prose, sentences.warnings_of(answer)))


def _readings(answer: Split) -> RenderableType:
    table = content.readings(answer)
    made = table_of("", "", "")
    for record in table.records():
        changed = record["remark"] != _("default")
        line = f"{record['title']} → {record['reading']}"
        made.row(
            "*" if changed else "-",
            Prose(line, style="bold yellow" if changed else ""),
            Prose(record["source"], style="dim"),
        )
    return section(table.title, made)
