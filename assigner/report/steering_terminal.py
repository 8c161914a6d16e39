"""Two plans side by side, a repair, the next year and fairness on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.padding import Padding

from assigner.messages import _
from assigner.report import statements
from assigner.report import steering_statements as sentences
from assigner.report.prose import Prose
from assigner.report.terminal import TONES, print_parts, section, show_result, table_of, verdict_line
from assigner.words import amount, school_label

if TYPE_CHECKING:
    from assigner.steering.comparing import PlanDiff
    from assigner.steering.fair import FairShares
    from assigner.steering.repairing import Repaired
    from assigner.steering.yearly import YearOn

__all__ = [
    "diff_line",
    "fair_line",
    "repair_line",
    "show_diff",
    "show_fairness",
    "show_repair",
    "show_year",
    "year_line",
]


def _part(lines: sentences.Lines) -> RenderableType:
    rows = [Padding(Prose(line), (0, 0, 0, 2)) for line in lines.lines]
    return section(lines.head, *rows)


# --------------------------------------------------------------------------------------------------------------- diff


def show_diff(answer: PlanDiff, console: Console) -> None:
    """Print what differs between two plans."""
    print_parts(_diff_parts(answer), console)


def diff_line(answer: PlanDiff) -> Prose:
    """The answer in one sentence."""
    return Prose(sentences.diff_lines(answer)[-1].lines[0], style="bold")


def _diff_parts(answer: PlanDiff) -> Iterator[RenderableType]:
    name = answer.second.scenario.name or answer.second.scenario.id
    yield Prose(
        _("{community}: {first}, then {second}", community=name, first=answer.first.name, second=answer.second.name)
    )
    *parts, last = sentences.diff_lines(answer)
    yield from map(_part, parts)
    if loads := _loads(answer):
        yield loads
    yield Prose(last.lines[0], style="bold")


def _loads(answer: PlanDiff) -> RenderableType | None:
    changed = [load for load in answer.found.loads if load.points_before != load.points_after]
    if not changed:
        return None

    def shown(value: Fraction | None, *, exact: bool = False) -> str:
        return "–" if value is None else str(value) if exact else amount(value)

    table = table_of(
        _("School"), _("Points before"), _("Points now"), _("Ratio before"), _("Ratio now"), right=(1, 2, 3, 4)
    )
    for load in changed:
        tasks = (answer.second.problem, answer.first.problem)
        label = next((s for task in tasks if (s := school_label(task, load.code)) != load.code), load.code)
        table.row(
            label,
            shown(load.points_before),
            shown(load.points_after),
            shown(load.ratio_before, exact=True),
            shown(load.ratio_after, exact=True),
        )
    return section(_("Loads that change"), table)


# ------------------------------------------------------------------------------------------------------------- repair


def show_repair(answer: Repaired, console: Console) -> None:
    """Print what changes, what it costs, and the mended plan in one line; or why there is none."""
    if sentences.repair_head(answer) is None:
        show_result(answer.result, console)
        return
    print_parts(_repair_parts(answer), console)


def repair_line(answer: Repaired) -> Prose:
    """The answer in one sentence."""
    return verdict_line(answer.result)


def _repair_parts(answer: Repaired) -> Iterator[RenderableType]:
    yield Prose(statements.heading(answer.result)[0], style="bold")
    for part in (sentences.repair_head(answer), sentences.free_plan(answer)):
        if part is not None:
            yield _part(part)
    yield verdict_line(answer.result)


# ------------------------------------------------------------------------------------------------------ the next year


def show_year(answer: YearOn, console: Console) -> None:
    """Print what is carried over, and what rotation leaves."""
    print_parts(_year_parts(answer), console)


def year_line(answer: YearOn) -> Prose:
    """The answer in one sentence."""
    if answer.result is not None:
        return verdict_line(answer.result)
    return Prose(_("The scenario of the next year is made."), style="bold")


def _year_parts(answer: YearOn) -> Iterator[RenderableType]:
    problem = answer.scenario.problem()
    table = table_of(_("School"), _("Points carried over"), _("Items hosted last year"), right=(1,))
    table.columns[2].ratio = 1
    for school in problem.community.schools:
        if school.participates:
            items = ", ".join(sorted(school.last_year)) or "–"
            table.row(school_label(problem, school.code), amount(school.history_points), items)
    yield section(_("What the next year begins with"), table)
    if (part := sentences.rotation(answer)) is not None:
        yield _part(part)
    yield year_line(answer)


# ----------------------------------------------------------------------------------------------------------- fairness


def show_fairness(answer: FairShares, console: Console) -> None:
    """Print how a plan shares the load."""
    print_parts(_fair_parts(answer), console)


def fair_line(answer: FairShares) -> Prose:
    """The answer in one sentence."""
    said = sentences.fair_verdict(answer)
    return Prose(said.text, style=TONES[said.tone])


def _fair_parts(answer: FairShares) -> Iterator[RenderableType]:
    problem = answer.standing.problem
    yield Prose(problem.community.name or problem.community.id, style="bold")
    yield _part(sentences.fairest(answer))
    heads = (
        _("School"),
        _("Ratio"),
        _("Points"),
        _("Carried over"),
        _("Base"),
        _("At least, lawfully"),
        _("At least, best plans"),
    )
    table = table_of(*heads, right=(1, 2, 3, 4, 5, 6))
    for share in sorted(answer.found.shares, key=lambda share: (-share.ratio, share.code)):
        least = ("–" if value is None else amount(value) for value in (share.least_lawful, share.least_optimal))
        table.row(
            school_label(problem, share.code),
            str(share.ratio),
            amount(share.points),
            amount(share.carried_over),
            amount(share.base),
            *least,
        )
    yield section(_("Shares, and what nobody could take from them (points)"), table)
    if (part := sentences.forced(answer)) is not None:
        yield _part(part)
    yield _wishes(answer)
    yield fair_line(answer)


def _wishes(answer: FairShares) -> RenderableType:
    title = _("Who could lawfully have another's share and carry less")
    wishes, note = sentences.envies(answer), sentences.envy_note(answer)
    notes = [Padding(Prose(note), (0, 0, 0, 2))] if note else []
    if not wishes:
        return section(title, *notes)
    heads = (_("School"), _("The share of"), _("Then"), _("The other"), _("The first aim that changes"))
    table = table_of(*heads, right=(2, 3))
    table.columns[4].ratio = 1
    for wish in wishes:
        table.row(wish.school, wish.other, wish.after, wish.after_other, wish.why_not)
    return section(title, table, *notes)
