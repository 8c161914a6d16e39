"""Why this host, the price of each rule, what hangs on our numbers: in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from assigner.messages import N_, _, _n, join_list, number, percent
from assigner.report import statements
from assigner.report.statements import Statement
from assigner.report.whatif_statements import aim_sentence, clause_line
from assigner.words import TIER_NAMES, amount, item_label, school_label, school_list
from models.whatif import Lift as LiftedClause
from models.whatif import Unban, Unpin

if TYPE_CHECKING:
    from assigner.explaining.rules import PricesAnswer, SensitivityAnswer
    from assigner.explaining.whole import PlanWhy
    from assigner.explaining.why import DutyWhy, ItemWhy, Overview, SchoolWhy
    from models.community import Problem
    from models.fairness import Share
    from models.whatif import Duty, Price

__all__ = [
    "MARKS",
    "PRICED",
    "decided_by",
    "duty_sentence",
    "envies",
    "explain_summary",
    "explain_verdict",
    "forced",
    "gain",
    "load_sentences",
    "mark_of",
    "prices_verdict",
    "rule_kind",
    "sensitivity_verdict",
    "spared",
]

#: What giving up a rule does.
PRICED: Mapping[str, str] = {
    "gains": N_("the plan gains"),
    "differs": N_("an aim is measured otherwise"),
    "nothing": N_("nothing changes"),
    "loses": N_("the plan loses"),
    "no_plan": N_("no lawful plan is left"),
    "stopped": N_("not known: stopped before"),
}

#: How firmly a duty stands when our numbers move.
MARKS: Mapping[str, str] = {"firm": N_("firm"), "mostly": N_("mostly firm"), "loose": N_("hangs on our numbers")}

_CANNOT = "school.cannot"
"""The clause that keeps items from schools that say they cannot host them."""

_MOSTLY = Fraction(9, 10)
"""From this share of the changes on a duty stands mostly firm."""


# ------------------------------------------------------------------------------------------------------- why this host


def decided_by(duty: DutyWhy) -> str:
    """What decides a duty, in a word or two."""
    if duty.status == "obliged":
        return _("the rules")
    if duty.status == "costs" and duty.first is not None:
        return _(TIER_NAMES[duty.first.tier])
    return _("tie-break by school code") if duty.status == "equal" else _("not known: stopped before")


def duty_sentence(problem: Problem, duty: DutyWhy, *, of_school: bool = False) -> str:
    """Why a school hosts a duty: what would be if it did not; begins with the item, or with the school."""
    book, unit = problem.rules.rulebook, problem.distances.unit
    label = school_label(problem, duty.code) if of_school else item_label(book, duty.row.id)
    if duty.status == "obliged":
        rules = join_list(clause_line(book, clause) for clause in duty.clauses)
        return _("{item}: no lawful plan goes without it. {rules}", item=label, rules=rules)
    if duty.status == "stopped":
        return _("{item}: not known, stopped before.", item=label)
    instead = school_list(problem, duty.instead)
    if duty.first is None:
        if not duty.instead:
            return _(
                "{item}: it could do without this host and be as good in every aim; the tie-break decides.", item=label
            )
        return _(
            "{item}: only the tie-break by school code decides. {others} could host it in a plan that is as good in "
            "every aim.",
            item=label,
            others=instead,
        )
    told = aim_sentence(duty.first, unit)
    if not duty.instead:
        return _(
            "{item}: without it there would be a host less, and the first aim to get worse: {aim}.",
            item=label,
            aim=told,
        )
    return _(
        "{item}: if it did not host it, {others} would, and the first aim to get worse: {aim}.",
        item=label,
        others=instead,
        aim=told,
    )


def load_sentences(answer: SchoolWhy) -> tuple[str, ...]:
    """What a school carries, and how that compares."""
    ground, mine = answer.ground, answer.carried
    if mine is None:
        return ()
    plan = ground.plan
    lines = [
        _(
            "{points} of {capacity} points: ratio {ratio}, place {rank} of {n} from the heaviest ({alike} alike); the "
            "mean of all is {mean}.",
            points=amount(mine.points),
            capacity=amount(mine.capacity),
            ratio=str(mine.ratio),
            rank=mine.rank,
            n=mine.of,
            alike=mine.alike,
            mean=number(float(answer.mean), 2),
        )
    ]
    school = plan.problem.community.school_by_code.get(answer.code)
    history = Fraction(0) if school is None else school.history_points
    base = plan.fixed_points(answer.code) - history
    if base:
        lines.append(_("{points} of them are the base load of the convener.", points=amount(base)))
    if history:
        lines.append(_("{points} of them are carried over from before.", points=amount(history)))
    tier = next((tier for tier in ground.result.tiers if tier.name == "load"), None)
    if tier is not None and tier.status == "optimal" and isinstance(tier.value, tuple) and tier.value:
        lines.append(
            _(
                "The heaviest load of the plan is {level}; no plan that is as good in the aims before has a lower one "
                "(proven).",
                level=str(tier.value[0]),
            )
        )
    if answer.fair is not None and answer.fair.least.proven and answer.fair.least.levels:
        lines.append(
            _(
                "Under the rules alone, whatever the other aims, the least heaviest load is {level}.",
                level=str(answer.fair.least.levels[0]),
            )
        )
    return tuple(lines)


def _share(answer: SchoolWhy) -> Share | None:
    shares = () if answer.fair is None else answer.fair.shares
    return next((share for share in shares if share.code == answer.code), None)


def forced(answer: SchoolWhy) -> tuple[str, ...]:
    """The part of its load that nobody could take from it, and by which clause."""
    share = _share(answer)
    if share is None:
        return ()
    book = answer.ground.plan.rules.rulebook
    lines = []
    if share.least_lawful == 0:
        lines.append(_("None of it is forced: there are lawful plans in which it carries nothing."))
    elif share.least_lawful is not None:
        lines.append(_("In every lawful plan it carries at least {points} points.", points=amount(share.least_lawful)))
    for clause, points in share.forced_by.items():
        lines.append(
            _(
                "Without this rule it could be {points} points less: {rule}",
                points=amount(points),
                rule=clause_line(book, clause),
            )
        )
    if share.least_optimal is not None:
        lines.append(
            _(
                "In every plan that is best in all aims it carries at least {points} points.",
                points=amount(share.least_optimal),
            )
        )
    return tuple(lines)


def at_no_cost(answer: SchoolWhy) -> tuple[str, ...]:
    """What else a school could host in plans that are as good."""
    book = answer.ground.plan.problem.rules.rulebook
    free = [item_label(book, cell.row) for cell in answer.could if cell.status == "free"]
    return (_("In a plan that is as good in every aim: {items}.", items=join_list(free)),) if free else ()


def envies(answer: SchoolWhy) -> tuple[str, ...]:
    """Whose share it would lawfully rather have, and why the plan does not exchange them."""
    problem = answer.ground.plan.problem
    lines = []
    for envy in answer.envies:
        label = school_label(problem, envy.other)
        if envy.first is None:
            lines.append(
                _("It could exchange its share with {school}; the plan would be as good in every aim.", school=label)
            )
        else:
            told = aim_sentence(envy.first, problem.distances.unit)
            lines.append(_("It could exchange its share with {school}, but then: {aim}.", school=label, aim=told))
    return tuple(lines)


def spared(answer: SchoolWhy) -> tuple[str, ...]:
    """Who may not host what, and by which clause."""
    problem = answer.ground.plan.problem
    book = problem.rules.rulebook
    by_clause: dict[str, list[str]] = {}
    reasons: dict[str, list[str]] = {}
    for code, clauses in (answer.spared or {}).items():
        for clause, rows in clauses.items():
            items = join_list(item_label(book, row) for row in rows)
            said = _("{school} may not host {items}", school=school_label(problem, code), items=items)
            by_clause.setdefault(clause, []).append(said)
            if clause == _CANNOT:
                told = dict.fromkeys(statements.refusal(problem, row, code) for row in rows)
                reasons.setdefault(clause, []).extend(told)
    return tuple(
        "\n".join(
            [
                _("{schools}: {rule}", schools=join_list(said), rule=clause_line(book, clause)),
                *reasons.get(clause, ()),
            ]
        )
        for clause, said in by_clause.items()
    )


def excluded(answer: ItemWhy) -> Iterator[str]:
    """The schools that cannot host an item, each with its clauses."""
    if answer.found is None:
        return
    problem = answer.ground.plan.problem
    book = problem.rules.rulebook
    by_clauses: dict[tuple[str, ...], list[str]] = {}
    for code, clauses in answer.found.excluded.items():
        by_clauses.setdefault(clauses, []).append(code)
    for clauses, codes in by_clauses.items():
        schools = school_list(problem, codes)
        said = [statements.refusal(problem, answer.found.row.id, code) for code in codes] if _CANNOT in clauses else []
        if not clauses:
            yield _("{schools}: rules that hold together exclude them.", schools=schools)
        elif len(clauses) == 1:
            yield "\n".join([_("{schools}: {rule}", schools=schools, rule=clause_line(book, clauses[0])), *said])
        else:
            rules = join_list(clause_line(book, clause) for clause in clauses)
            yield _("{schools}: these rules together: {rules}", schools=schools, rules=rules)


def explain_summary(answer: Overview | SchoolWhy | ItemWhy) -> tuple[str, ...]:
    """The heart of an explanation: who hosts the item and why, what a school carries, what decides how many duties."""
    from assigner.explaining.why import ItemWhy, SchoolWhy

    if not answer.ground.has_plan:
        return ()
    if isinstance(answer, SchoolWhy):
        return load_sentences(answer)[:1]
    if isinstance(answer, ItemWhy):
        problem = answer.ground.plan.problem
        return tuple(duty_sentence(problem, duty, of_school=True) for duty in answer.duties)
    counts = Counter(decided_by(duty) for duty in answer.duties)
    told = _("; ").join(_("{what}: {n}", what=what, n=number(count)) for what, count in counts.items())
    return (_("What decides how many duties: {counts}.", counts=told),)


def explain_verdict(answer: Overview | SchoolWhy | ItemWhy | PlanWhy) -> Statement:
    """How far what is said is proven."""
    if not answer.ground.has_plan:
        return statements.verdict(answer.ground.result)
    if answer.proven:
        return Statement(_("Every figure is that of a plan solved again through all aims, and proven."), "good")
    return Statement(_("Stopped early: what was not reached says so."), "warning")


# -------------------------------------------------------------------------------------------------- prices of rules


def rule_kind(price: Price) -> str:
    """What is given up: a clause, a reading, a wish."""
    if isinstance(price.change, LiftedClause):
        return _("rule")
    if isinstance(price.change, Unpin):
        return _("wish to host")
    return _("wish not to host") if isinstance(price.change, Unban) else _("reading")


def gain(price: Price, unit: str) -> str:
    """What giving up a rule does to the first aim that changes."""
    if price.first is None:
        return _(PRICED[price.status])
    if price.status == "differs":
        return _("{aim}: measured otherwise", aim=_(TIER_NAMES[price.first.tier]))
    return aim_sentence(price.first, unit)


def prices_verdict(answer: PricesAnswer) -> Statement:
    """All prices in one sentence."""
    if answer.found is None:
        return statements.verdict(answer.ground.result)
    gains = sum(price.status == "gains" for price in answer.found.prices)
    said = _(
        "Of {all} rules and wishes the plan would gain without {gains}; the others cost it nothing.",
        all=number(len(answer.found.prices)),
        gains=number(gains),
    )
    if answer.found.proven:
        return Statement(_("{said} Every price is exact and proven.", said=said), "good")
    told = _(
        "Of {all} rules and wishes the plan would gain without {gains}, as far as is known; stopped early: {open} are "
        "not known.",
        all=number(len(answer.found.prices)),
        gains=number(gains),
        open=number(sum(price.status == "stopped" for price in answer.found.prices)),
    )
    return Statement(told, "warning")


# ------------------------------------------------------------------------------------------------------- sensitivity


def mark_of(duty: Duty) -> str:
    """How firmly a duty stands: a key of `MARKS`."""
    if duty.stays == duty.tried:
        return "firm"
    return "mostly" if duty.stability >= _MOSTLY else "loose"


def sensitivity_verdict(answer: SensitivityAnswer) -> Statement:
    """The whole answer in one sentence."""
    if answer.found is None:
        return statements.verdict(answer.ground.result)
    duties = answer.found.duties
    counts = {mark: sum(mark_of(duty) == mark for duty in duties) for mark in MARKS}
    said = _n(
        "{n} change of our numbers was tried: of {all} duties {firm} stay under all, {mostly} under at least "
        "{share}, {loose} under fewer.",
        "{n} changes of our numbers were tried: of {all} duties {firm} stay under all, {mostly} under at least "
        "{share}, {loose} under fewer.",
        len(answer.found.answers),
        all=number(len(duties)),
        share=percent(float(_MOSTLY), 0),
        **{mark: number(count) for mark, count in counts.items()},
    )
    if answer.status == "proven":
        return Statement(_("{said} All are proven.", said=said), "good")
    return Statement(
        _("{said} Stopped early: {open} are not known.", said=said, open=len(answer.found.open)), "warning"
    )
