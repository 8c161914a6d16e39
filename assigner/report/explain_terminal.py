"""Why this host, the price of each rule, what hangs on our numbers: on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.padding import Padding

from assigner.messages import _, _n, join_list
from assigner.report import explain_statements as sentences
from assigner.report import explain_tables as content
from assigner.report.prose import Prose
from assigner.report.statements import Statement
from assigner.report.tables import shown
from assigner.report.terminal import TONES, print_parts, section, show_result, table_of
from assigner.report.whatif_statements import SIGNS, changed_rule, clause_line, rule_name
from assigner.report.whatif_terminal import body_of, heading, lay_out
from assigner.words import item_label, school_label

if TYPE_CHECKING:
    from assigner.explaining.rules import PricesAnswer, SensitivityAnswer
    from assigner.explaining.why import ItemWhy, Overview, SchoolWhy

__all__ = [
    "explain_line",
    "prices_line",
    "sensitivity_line",
    "show_explanation",
    "show_prices",
    "show_sensitivity",
]


def _line(said: Statement) -> Prose:
    return Prose(said.text, style=TONES[said.tone])


def _points(lines: Any) -> list[RenderableType]:
    return [Padding(Prose(f"- {line}"), (0, 0, 0, 2)) for line in lines]


# ------------------------------------------------------------------------------------------------------- why this host


def show_explanation(answer: Overview | SchoolWhy | ItemWhy, console: Console) -> None:
    """Print why the plan is as it is."""
    if not answer.ground.has_plan:
        show_result(answer.ground.result, console)
        return
    from assigner.explaining.why import ItemWhy, SchoolWhy

    if isinstance(answer, SchoolWhy):
        print_parts(_school(answer), console)
    elif isinstance(answer, ItemWhy):
        print_parts(_item(answer), console)
    else:
        print_parts(_overview(answer), console)


def explain_line(answer: Overview | SchoolWhy | ItemWhy) -> Prose:
    """The answer in a sentence, and how far it is proven."""
    said = sentences.explain_verdict(answer)
    return Prose(" ".join([*sentences.explain_summary(answer), said.text]), style=TONES[said.tone])


def _overview(answer: Overview) -> Iterator[RenderableType]:
    yield heading(answer.ground)
    loads = content.loads(answer)
    made = table_of(_("School"), _("Points"), _("Ratio"), _("Rank"), loads.columns[-1].title, right=(1, 2, 3))
    for record in loads.records():
        school = f"{record['code']} {record['school']}".strip()
        points = f"{shown(record['points'])}/{shown(record['capacity'])}"
        made.row(school, points, str(record["ratio"]), str(record["rank"]), join_list(record["items"]) or "–")
    yield section(loads.title, made)
    duties = content.duties(answer)
    made = table_of(
        _("Item"), _("School"), _("What decides"), _("Who would host it otherwise, and what that would cost")
    )
    problem = answer.ground.plan.problem
    for duty, record in zip(answer.duties, duties.records(), strict=True):
        rest = [join_list(record["instead"]), record["change"], join_list(duty.clauses)]
        label = item_label(problem.rules.rulebook, duty.row.id)
        made.row(label, school_label(problem, duty.code), record["decides"], "\n".join(filter(None, rest)) or "–")
    yield section(duties.title, made)
    named = list(dict.fromkeys(clause for duty in answer.duties for clause in duty.clauses))
    if named:
        rules = [clause_line(problem.rules.rulebook, clause) for clause in named]
        yield section(_("The rules that decide"), *_points(rules))
    yield _line(sentences.explain_verdict(answer))


def _school(answer: SchoolWhy) -> Iterator[RenderableType]:
    problem = answer.ground.plan.problem
    yield heading(answer.ground)
    yield section(school_label(problem, answer.code), *map(Prose, sentences.load_sentences(answer)))
    why = [sentences.duty_sentence(problem, duty) for duty in answer.duties]
    yield section(_("Why it hosts each of its duties"), *_points(why or [_("It hosts nothing.")]))
    others = content.others(answer)
    if others.rows:
        yield lay_out(others)
        yield _signs()
    could = content.could(answer)
    at_no_cost = sentences.at_no_cost(answer)
    if could.rows or at_no_cost:
        yield section(could.title, *map(Prose, at_no_cost), *([body_of(could)] if could.rows else []))
    if fixed := sentences.forced(answer):
        yield section(_("What nobody could take from it"), *_points(fixed))
    if envies := sentences.envies(answer):
        yield section(_("Whose share it would rather have"), *_points(envies))
    if spared := sentences.spared(answer):
        yield section(_("Who is spared, and by which rule"), *_points(spared))
    yield _line(sentences.explain_verdict(answer))


def _signs() -> RenderableType:
    pairs = ((sign, meaning) for status, (sign, meaning) in SIGNS.items() if status in ("free", "excluded"))
    told = join_list(_("{sign} {meaning}", sign=sign, meaning=_(meaning)) for sign, meaning in pairs)
    return Prose(told, style="dim")


def _item(answer: ItemWhy) -> Iterator[RenderableType]:
    problem = answer.ground.plan.problem
    yield heading(answer.ground)
    if answer.found is None:
        return
    label = item_label(problem.rules.rulebook, answer.found.row.id)
    why = [sentences.duty_sentence(problem, duty, of_school=True) for duty in answer.duties]
    yield section(label, *map(Prose, why or [_("Nobody hosts it in this plan.")]))
    table = content.hosts(answer)
    aims = [column for column in table.columns[4:] if column.key != "change"]
    titles = (_("{title} ({unit})", title=c.title, unit=c.unit) if c.unit else c.title for c in aims)
    made = table_of(_("Rank"), _("School"), *titles, right=(0,))
    for record in table.records():
        school = f"{record['code']} {record['school']}".strip()
        if record["now"]:
            school = _("{school} (hosts it now)", school=school)
        rest = [str(record[column.key]) for column in aims]
        made.row(str(record["rank"]), school, *rest)
    yield section(table.title, made)
    if refused := list(sentences.excluded(answer)):
        yield section(_("Who cannot host it, and by which rule"), *_points(refused))
    yield _line(sentences.explain_verdict(answer))


# -------------------------------------------------------------------------------------------------- prices of rules


def show_prices(answer: PricesAnswer, console: Console) -> None:
    """Print what each rule costs."""
    if answer.found is None:
        show_result(answer.ground.result, console)
        return
    print_parts(_prices(answer), console)


def prices_line(answer: PricesAnswer) -> Prose:
    """All prices in one sentence."""
    return _line(sentences.prices_verdict(answer))


def _prices(answer: PricesAnswer) -> Iterator[RenderableType]:
    assert answer.found is not None
    yield heading(answer.ground)
    problem = answer.ground.plan.problem
    unit = problem.distances.unit
    groups: dict[str, list[Any]] = {}
    for price in answer.found.prices:
        groups.setdefault(price.status, []).append(price)
    for status, prices in groups.items():
        title = _(sentences.PRICED[status])
        if status in ("nothing", "no_plan", "stopped"):
            names = join_list(rule_name(problem, price.change) for price in prices)
            yield section(_("Without these: {what}", what=title), Padding(Prose(names), (0, 0, 0, 2)))
            continue
        lines: list[RenderableType] = []
        for price in prices:
            told = sentences.gain(price, unit)
            lines.append(Padding(Prose(f"- {rule_name(problem, price.change)}", (f"  {told}", "bold")), (0, 0, 0, 2)))
            if rule := changed_rule(problem, price.change):
                lines.append(Padding(Prose(rule, style="dim"), (0, 0, 0, 4)))
        yield section(_("Without these: {what}", what=title), *lines)
    yield prices_line(answer)


# ------------------------------------------------------------------------------------------------------- sensitivity


def show_sensitivity(answer: SensitivityAnswer, console: Console) -> None:
    """Print what hangs on our numbers."""
    if answer.found is None:
        show_result(answer.ground.result, console)
        return
    print_parts(_sensitivity(answer), console)


def sensitivity_line(answer: SensitivityAnswer) -> Prose:
    """The whole answer in one sentence."""
    return _line(sentences.sensitivity_verdict(answer))


def _sensitivity(answer: SensitivityAnswer) -> Iterator[RenderableType]:
    assert answer.found is not None
    yield heading(answer.ground)
    problem = answer.ground.plan.problem
    table = content.stability(answer)
    made = table_of(_("Work item"), _("School"), _("Stays under"), _("Mark"), right=(2,))
    for record in table.records():
        label = item_label(problem.rules.rulebook, record["row"])
        stays = f"{record['stays']}/{record['tried']}"
        made.row(label, school_label(problem, record["code"]), stays, record["mark"])
    note = _("A duty that does not stay under a change may still be in another plan that is as good.")
    yield section(table.title, made, Prose(note, style="dim"))
    tried = content.tried(answer)
    moving = [record for record in tried.records() if record["moves"]]
    made = table_of(_("What is changed"), _("Duties that move"), _("First aim that changes"))
    for record in moving:
        made.row(record["change"], join_list(record["items"]), record["aim"])
    rest = len(tried.rows) - len(moving)
    calm = _n("{n} other change moves no duty.", "{n} other changes move no duty.", rest)
    yield section(tried.title, made, Prose(calm, style="dim"))
    yield sensitivity_line(answer)
