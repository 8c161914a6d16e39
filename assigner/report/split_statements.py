"""What the answer to a split says in sentences: verdict, refusals, what is traded, why the line runs where it does.

The one place where these sentences are made, in the current language; terminal, page and workbook lay them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assigner.answer import REJECTED
from assigner.messages import N_, _, _n, join_list, percent
from assigner.report import split_tables as tables
from assigner.report import statements
from assigner.report.statements import Statement
from assigner.report.steering_statements import Way, Why, tail_of
from assigner.splitting.territory import node_label, node_list, town_of_node
from assigner.steering.conceding import concession_entry, concession_text
from assigner.words import TIER_NAMES, amount, gap, part_label, school_label, school_list, source, text

if TYPE_CHECKING:
    from assigner.splitting.solving import Split
    from models.split.explain import PairWayOut
    from models.split.values import Move, Proposal, Refusal, Remedy
    from models.split.wishes import SplitWish

__all__ = [
    "REFUSALS",
    "Helping",
    "Refused",
    "border",
    "courses",
    "heading",
    "helping",
    "helping_by",
    "how_conveners",
    "how_found",
    "moved",
    "refusals",
    "refused",
    "stopped",
    "to_drop",
    "trades",
    "verdict",
    "why",
    "work",
]

#: What is in the way -> the sentence. {schools}, {first} and {rest} are schools, {nodes} townships, {side} a plan.
REFUSALS: Mapping[str, str] = {
    # -------------------------------------------------------------------------------------------- whatever the division
    "learning_area": N_(
        "The community is an approved learning area (學習區): it forms one alliance with one convener and one plan, "
        "and is not split."
    ),
    "plans_number": N_("The rulebook speaks of {plans} plans; the program divides into two."),
    "too_few_schools": N_("{count} schools take part; two plans are allowed only for more than {above}."),
    "too_few_schools.others": N_(
        "{count} schools take part besides the convener; two plans are allowed only for more than {above}."
    ),
    "too_few_for_two": N_("{n} schools are too few for two plans of at least {least} schools each."),
    "three_conveners": N_("{count} schools are named to convene ({schools}), but there are {most} plans."),
    "convener_barred": N_("{schools} is to convene, but is barred from the funding."),
    "convener_no_participant": N_("{schools} is to convene, but takes no part."),
    "convener_cannot": N_("{schools} is to convene, but says that it cannot."),
    "conveners_no_benchmark": N_(
        "{schools} cannot convene: a plan with a benchmark school is convened by a benchmark school ({benchmarks})."
    ),
    "school_unknown": N_("These schools lie nowhere in the community: {schools}."),
    "kept_size": N_(
        "The plan that is to be kept has {count} schools and leaves {rest}; each plan needs at least {least}."
    ),
    "kept_node_cut": N_(
        "The plan that is to be kept cuts townships in two ({nodes}). A township goes to one plan whole unless it may "
        "be divided."
    ),
    "apart_same_node": N_(
        "{schools} are to be kept apart, but lie in one township ({nodes}), which goes to one plan whole."
    ),
    "kept_same_node": N_("The plan that is to be kept cuts the township {nodes}, which goes to one plan whole."),
    "conveners_together_same_node": N_(
        "{schools} are to convene one plan each, but lie in one township ({nodes}), which goes to one plan whole."
    ),
    "benchmarks_together_same_node": N_(
        "The benchmark schools {schools} convene one plan each, but lie in one township ({nodes}), which goes to one "
        "plan whole."
    ),
    "convener_beside_benchmark_same_node": N_(
        "{first} is to convene, but lies in one township ({nodes}) with the benchmark school {rest}, which convenes as "
        "of right."
    ),
    "contradiction": N_("These conditions cannot hold together: {ties}. They are about {schools}."),
    # ---------------------------------------------------------------------------------------------------- of a division
    "size": N_("Plan {side} would have {count} schools; each needs at least {least}."),
    "pieces": N_("{nodes} would be cut off: both plans together would lie in {pieces} pieces, and {most} are allowed."),
    "conveners_together": N_("{schools} convene one plan each, but would lie in the same plan."),
    "convener_beside_benchmark": N_(
        "{first} is to convene, but would lie in one plan with the benchmark school {rest}, which convenes as of right."
    ),
    "benchmarks_apart": N_("The benchmark schools {schools} would lie in different plans."),
    "benchmarks_together": N_("The benchmark schools {schools} would lie in the same plan; one convenes each."),
    "together": N_("{schools} are to share a plan, and would not."),
    "apart": N_("{schools} are to be kept apart, and would share a plan."),
    "kept": N_("The plan that is to be kept would change."),
    "no_convener": N_("No school of plan {side} can convene."),
    "duties": N_("In plan {side} ({nodes}) these rules cannot all hold: {clauses}."),
    "duties_together": N_("Both plans together cannot keep these rules: {clauses}."),
    "stopped": N_("Stopped before it was found out."),
    # ------------------------------------------------------------------------------------------------ of all divisions
    "node_too_heavy": N_(
        "{nodes} has {count} of the {n} schools and goes to one plan whole; the other {rest} are fewer than the "
        "{least} that a plan needs."
    ),
    "sizes_unreachable": N_(
        "No set of whole townships makes a plan of the right size: each of the two needs at least {least} of the {n} "
        "schools, and the nearest is {nearest} and {rest}."
    ),
    "too_many_pieces": N_(
        "The community lies in {pieces} pieces that nothing joins ({parts}), and both plans together may have {most}."
    ),
    "pieces_and_sizes": N_(
        "However the line is drawn, a plan has fewer than {least} schools or something is cut off: both plans together "
        "may lie in {most} pieces. The territory: {parts}."
    ),
    "ties_without_division": N_(
        "No division with at least {least} schools in each plan, and nothing cut off, keeps all of these: {ties}."
    ),
    "duties_everywhere": N_(
        "Each of the {divisions} lawful divisions has a plan whose duties cannot be given out. In the most even one:"
    ),
}

#: What no wish has a part in.
_BY_LAW = frozenset(("learning_area", "plans_number", "too_few_schools", "too_few_for_two"))

_TIES: Mapping[str, str] = {
    "together": N_("schools that share a plan"),
    "apart": N_("schools that are kept apart"),
    "kept": N_("the plan that is kept"),
    "conveners_together": N_("two conveners, one for each plan"),
    "convener_beside_benchmark": N_("a benchmark school convenes its plan"),
    "benchmarks_apart": N_("all benchmark schools in one plan"),
    "benchmarks_together": N_("one benchmark school in each plan"),
}


@dataclass(frozen=True)
class Refused:
    """Why a split is not allowed or not possible: a sentence, and the words of the programme behind it (or nothing)."""

    text: str
    source: str = ""


def refused(answer: Split, refusal: Refusal) -> Refused:
    """A refusal in words."""
    return Refused(_(REFUSALS[_key(refusal)], **_values(answer, refusal)), clause_source(answer, refusal.clause))


def _key(refusal: Refusal) -> str:
    special = f"{refusal.code}.{refusal.details.get('counts', '')}"
    return special if special in REFUSALS else refusal.code


def _values(answer: Split, refusal: Refusal) -> dict[str, Any]:
    task = answer.problem
    values: dict[str, Any] = {
        "schools": school_list(task, refusal.schools),
        "first": school_list(task, refusal.schools[:1]),
        "rest": school_list(task, refusal.schools[1:]),
        "nodes": join_list(node_label(answer.scenario, node) for node in refusal.nodes) or "–",
    }
    values |= refusal.details
    if "side" in values:
        values["side"] = int(values["side"]) + 1
    if "benchmarks" in values:
        values["benchmarks"] = school_list(task, str(values["benchmarks"]).split(", "))
    if "ties" in values:
        values["ties"] = _("; ").join(_tie(answer, tie) for tie in values["ties"])
    if "parts" in values and values["parts"] and isinstance(values["parts"][0], tuple):
        values["parts"] = _(" | ").join(node_list(answer.scenario, part) for part in values["parts"])
    if "clauses" in values:
        values["clauses"] = join_list(clause_title(answer, clause) for clause in values["clauses"]) or "–"
    return values


def _tie(answer: Split, tie: Any) -> str:
    """What holds schools together or apart: a kind, or kind, code, clause and schools."""
    if isinstance(tie, str):
        return _(_TIES[tie])
    _kind, code, _clause, schools = tie
    return _("{condition} ({schools})", condition=_(_TIES[code]), schools=school_list(answer.problem, schools))


def _entry(answer: Split, identity: str) -> Any:
    """The clause or switch of an id; None when the rulebook has none."""
    book = answer.problem.rules.rulebook
    if identity == book.split.id:
        return book.split
    if identity in book.switch_by_id:
        return book.switch_by_id[identity]
    return next((clause for clause in book.clauses if clause.id == identity), None)


def clause_title(answer: Split, identity: str) -> str:
    """Title of a clause or switch."""
    entry = _entry(answer, identity)
    return identity if entry is None else text(entry.title)


def clause_source(answer: Split, identity: str) -> str:
    """Place and words of a clause or switch; empty when there is none."""
    entry = _entry(answer, identity) if identity else None
    return "" if entry is None else source(entry)


def refusals(answer: Split) -> tuple[Refused, ...]:
    """Everything that is in the way of a split."""
    return tuple(refused(answer, refusal) for refusal in answer.found.refusals)


# ------------------------------------------------------------------------------------------------------------ verdict


def verdict(answer: Split) -> Statement:
    """The answer in one sentence."""
    if answer.status == "optimal":
        return Statement(
            _(
                "Proven: no lawful pair of plans is better in the order of the aims. Both plans pass the audit, each "
                "alone."
            ),
            "good",
        )
    if answer.status == "feasible":
        return Statement(
            _(
                "A lawful pair of plans, both audited, but not proven best: stopped early ({reason}).",
                reason=_why(answer),
            ),
            "warning",
        )
    if answer.status == "stopped":
        return Statement(
            _(
                "Stopped before a pair of plans was found ({reason}). Whether there is one is not known.",
                reason=_why(answer),
            ),
            "warning",
        )
    if answer.status == "refused":
        by_law = any(refusal.code in _BY_LAW for refusal in answer.found.refusals)
        return Statement(
            _("No split: it is not allowed here.") if by_law else _("No split keeps all that is asked for."), "bad"
        )
    if answer.status == "infeasible":
        return Statement(_("Proven: there is no lawful pair of plans."), "bad")
    return Statement(_(REJECTED), "bad")


def _why(answer: Split) -> str:
    from assigner.report.statements import STOPPED_BY

    return "" if answer.stopped_by is None else _(STOPPED_BY[answer.stopped_by])


def heading(answer: Split) -> tuple[str, ...]:
    """Community and size, rulebook, what the scenario says of itself; then that it may hand in two plans."""
    from assigner.planner import Result
    from models.community import Plan

    whole = answer.together or Result("stopped", Plan(answer.problem, ""), scenario=answer.scenario)
    return statements.heading(whole)


def stopped(answer: Split) -> tuple[str, ...]:
    """Of a pair that is not proven: how far it is proven, how far off it can be."""
    if answer.status != "feasible":
        return ()
    lines = [_("Stopped early: {reason}. This is the best pair found so far.", reason=_why(answer))]
    if answer.moves_left_out:
        lines.append(_("What moving a township at the border would do was not found out: no time was left."))
    first = next((tier for tier in answer.found.tiers if tier.status != "optimal"), None)
    if first is None:
        return tuple(lines)
    lines.append(_("Proven up to here; open from this aim on: {tier}.", tier=_(TIER_NAMES[first.name])))
    share = gap(first)
    value, bound = (tables.shown_value(answer, first.name, v) for v in (first.value, first.bound))
    if share is not None and first.name != "exploration":
        lines.append(
            _(
                "Its value is {value}, and no pair can have less than {bound}: at most {gap} away from the best.",
                value=value,
                bound=bound,
                gap=percent(float(share)),
            )
        )
    elif first.bound is not None and first.name != "tie_break":
        lines.append(_("Its value is {value}, and its proven bound {bound}.", value=value, bound=bound))
    return tuple(lines)


# --------------------------------------------------------------------------------------------------- of the proposal


def how_found(answer: Split) -> str:
    """Over how many divisions it is proven, and how."""
    count = answer.found.divisions
    if answer.status != "optimal":
        return ""
    if count is None:
        return _("Proven over all lawful divisions, conveners and duties together; the divisions were not listed.")
    return _n(
        "There is {n} lawful division; proven over all its conveners and duties.",
        "Proven over all {n} lawful divisions, their conveners and duties together.",
        count,
    )


def how_conveners(answer: Split) -> tuple[str, ...]:
    """Who convenes each plan, and how that came to be."""
    if answer.proposal is None:
        return ()
    lines = []
    stated = answer.asked.wishes.conveners
    for number, side in enumerate(answer.proposal.plans, 1):
        benchmarks = side.plan.problem.benchmarks
        words = {"number": number, "school": school_label(answer.problem, side.convener)}
        if side.convener in stated:
            lines.append(_("Plan {number} is convened by {school}, as stated.", **words))
        elif side.convener in benchmarks:
            lines.append(_("Plan {number} is convened by {school}, its benchmark school.", **words))
        elif answer.asked.wishes.convening == "free":
            lines.append(_("Plan {number} is convened by {school}, chosen by the aims.", **words))
        else:
            lines.append(
                _(
                    "Plan {number} is convened by {school}, chosen by willingness, distance of the others, code.",
                    **words,
                )
            )
    return tuple(lines)


def work(answer: Split) -> tuple[str, ...]:
    """That two plans are more work than one, in figures."""
    if answer.proposal is None:
        return ()
    whole = answer.together
    pair = sum(tables.units_hosted(side.plan, side.assignment) for side in answer.proposal.plans)
    if whole is None or whole.assignment is None:
        return (_("Both plans together have {n} duties in the load.", n=pair),)
    one = tables.units_hosted(whole.plan, whole.assignment)
    lines = [
        _(
            "Two plans are more work than one: {pair} duties in the load instead of {one}, and two conveners with plan "
            "book, meetings and reports instead of one. No aim of load would ever ask for a split; it is proposed and "
            "compared, and whether it is worth it is for the community to say.",
            pair=pair,
            one=one,
        )
        if pair > one
        else _("Both plans together have {pair} duties in the load; not splitting has {one}.", pair=pair, one=one)
    ]
    mine, theirs = answer.proposal.values, tables.together_values(answer)
    gained = [
        name for name in ("travel", "convener_travel") if tables.better(answer, name, mine[name], theirs[name]) < 0
    ]
    for name in gained:
        saved = theirs[name] - mine[name]
        lines.append(
            _(
                "In return: {aim} falls from {one} to {pair} ({share} less).",
                aim=_(TIER_NAMES[name]),
                one=tables.shown_value(answer, name, theirs[name]),
                pair=tables.shown_value(answer, name, mine[name]),
                share=percent(float(saved / theirs[name])),
            )
        )
    return tuple(lines)


def courses(answer: Split) -> tuple[str, ...]:
    """Kinds of courses that the community has and a plan lacks: notes, never violations."""
    from models.split.measures import categories_missing

    if answer.proposal is None:
        return ()
    rule = answer.problem.rules.rulebook.categories
    titles = {entry.id: text(entry.title) for entry in rule.list_}
    lines = []
    for number, side in enumerate(answer.proposal.plans, 1):
        if lacking := categories_missing(answer.problem, side.plan.participants):
            lines.append(
                _(
                    "Plan {number} lacks kinds of courses that the community has: {kinds} ({source}).",
                    number=number,
                    kinds=join_list(titles[kind] for kind in lacking),
                    source=source(rule),
                )
            )
    return tuple(lines)


# ---------------------------------------------------------------------------------------------------------- the trades


def trade(answer: Split, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """What another pair trades against the proposal: the first aims in which it is worse, and those it is better in."""
    worse, gains = [], []
    for name in tables.aims_of(answer):
        if name not in ours or name not in theirs:
            continue
        sign = tables.better(answer, name, ours[name], theirs[name])
        told = _(
            "{aim} {theirs} instead of {ours}",
            aim=_(TIER_NAMES[name]),
            theirs=tables.shown_value(answer, name, theirs[name]),
            ours=tables.shown_value(answer, name, ours[name]),
        )
        if sign < 0:
            worse.append(told)
        elif sign > 0:
            gains.append(told)
    if not worse and not gains:
        return _("The same in every aim; only the order of the codes decides.")
    if not gains:
        return _("Worse: {worse}. Better in nothing.", worse=_("; ").join(worse))
    if not worse:
        return _("Better: {gains}.", gains=_("; ").join(gains))
    return _("Worse: {worse}. Better: {gains}.", worse=_("; ").join(worse), gains=_("; ").join(gains))


@dataclass(frozen=True)
class Trade:
    """Another pair: its name, which schools lie otherwise, what it trades."""

    name: str
    changed: str
    told: str
    proposal: Any = field(repr=False)


def trades(answer: Split) -> tuple[Trade, ...]:
    """Every other pair that was asked for, in words."""
    found = []
    pairs = tables.named_alternatives(answer)
    own = pairs[0][1]
    for name, other in pairs[1:]:
        changed = tables.moved_schools(answer, own, other)
        told = _n(
            "{n} school in another plan: {schools}",
            "{n} schools in another plan: {schools}",
            len(changed),
            schools=school_list(answer.problem, changed),
        )
        found.append(Trade(name, told, trade(answer, own.values, other.values), other))
    return tuple(found)


@dataclass(frozen=True)
class Moved:
    """One township (or school) at the border: where it would go and what that would do."""

    node: object
    name: str
    to: int
    lawful: bool
    told: str


def border(answer: Split) -> tuple[Moved, ...]:
    """Why the line runs where it does: what moving each township at the border would cost."""
    return tuple(moved(answer, move) for move in answer.moves or ())


def moved(answer: Split, move: Move) -> Moved:
    """What moving one township (or school) across the line would do."""
    name = node_label(answer.scenario, move.node)
    if move.proposal is None:
        why = " ".join(refused(answer, refusal).text for refusal in move.refusals)
        return Moved(move.node, name, move.to + 1, False, _("Not allowed: {why}", why=why))
    assert answer.proposal is not None
    return Moved(move.node, name, move.to + 1, True, first_loss(answer, answer.proposal, move.proposal))


def first_loss(answer: Split, ours: Proposal, theirs: Proposal) -> str:
    """The first aim in which another pair differs, and by how much."""
    for name in tables.aims_of(answer):
        sign = tables.better(answer, name, ours.values[name], theirs.values[name])
        if sign:
            words = {
                "aim": _(TIER_NAMES[name]),
                "theirs": tables.shown_value(answer, name, theirs.values[name]),
                "ours": tables.shown_value(answer, name, ours.values[name]),
            }
            if sign < 0:
                return _("Worse first in: {aim}, {theirs} instead of {ours}.", **words)
            return _("Better first in: {aim}, {theirs} instead of {ours}.", **words)
    return _("The same in every aim; only the order of the codes decides.")


# ----------------------------------------------------------------------------------------------------- what would help


@dataclass(frozen=True)
class Helping:
    """What would allow a split, solved before it is named: what to change, and the pair it gives."""

    told: str
    option: str
    gives: str


def helping(answer: Split) -> tuple[Helping, ...]:
    """Everything that would allow a split, the least given up first."""
    return tuple(helping_by(answer, remedy) for remedy in answer.found.remedies)


def helping_by(answer: Split, remedy: Remedy) -> Helping:
    """What would allow a split, in words."""
    proposal = remedy.proposal
    gives = _(
        "It gives plans of {first} and {second} schools, convened by {conveners}.",
        first=proposal.sizes[0],
        second=proposal.sizes[1],
        conveners=join_list(school_label(answer.problem, side.convener) for side in proposal.plans),
    )
    told, option = _remedy(answer, remedy)
    return Helping(told, option, gives)


def _remedy(answer: Split, remedy: Remedy) -> tuple[str, str]:
    details = remedy.details
    book = answer.problem.rules.rulebook
    if remedy.code == "switch":
        switch = book.switch_by_id[str(details["switch"])]
        chosen = next(text(option.title) for option in switch.options if option.id == details["option"])
        return (
            _(
                "Read the text otherwise: {question} → {reading} ({source})",
                question=text(switch.title),
                reading=chosen,
                source=source(switch),
            ),
            _("In the scenario: “switches: {{{switch}: {option}}}”", switch=switch.id, option=details["option"]),
        )
    if remedy.code == "relaxation":
        chosen_ones = [entry for entry in book.relaxations if entry.id in details["relaxations"]]
        return (
            _("Relax rules: {relaxations}", relaxations=join_list(map(statements.relaxation_line, chosen_ones))),
            _("In the scenario: “relaxations: [{ids}]”", ids=", ".join(entry.id for entry in chosen_ones)),
        )
    if remedy.code == "divisible":
        towns = tuple(dict.fromkeys(town_of_node(node) for node in details["nodes"]))
        known = answer.scenario.geography.townships
        names = [known[town].name if town in known else town for town in towns]
        return (
            _("Let the schools of {townships} go to different plans.", townships=join_list(names)),
            " ".join(f"--divisible {name}" for name in names),
        )
    return _wish(answer, details)


_WISHES: Mapping[str, tuple[str, str]] = {
    "together": (N_("Give up that these schools share a plan: {schools}."), "--together"),
    "apart": (N_("Give up that these schools are kept apart: {schools}."), "--apart"),
    "kept": (N_("Give up the plan that is to be kept."), "--keep-plan"),
    "convener": (N_("Give up {schools} as convener."), "--convener"),
    "all": (N_("Give up everything that is asked of the split, conveners included."), ""),
}


def _wish(answer: Split, details: Mapping[str, Any]) -> tuple[str, str]:
    sentence, option = _WISHES[str(details["wish"])]
    schools = details.get("schools", ())
    told = _(sentence, schools=school_list(answer.problem, schools))
    if option == "--convener" and answer.scenario.problem().wishes.convener in schools:
        return told, _("In the scenario: “convener: choose”, or name two conveners with --convener.")
    return told, _("Leave out {option}.", option=option) if option else _("Leave out all these options.")


def collisions(answer: Split, refusal: Refusal) -> tuple[str, ...]:
    """Of rules that collide in a plan: what each is about."""
    if answer.explanation is not None:
        return ()  # all of it is told there
    lines = []
    for clause, part in refusal.details.get("parts", ()) if refusal.code == "duties" else ():
        label = part_label(answer.problem, part)
        lines.append(f"{clause_title(answer, clause)}{': ' + label if label else ''}")
    return tuple(dict.fromkeys(lines))


def lines_of(found: Iterable[Refused]) -> Iterator[str]:
    """Refusals as lines, each with its source."""
    for entry in found:
        yield entry.text if not entry.source else f"{entry.text} ({entry.source})"


def warnings_of(answer: Split) -> Sequence[str]:
    """What was not compared, and why."""
    if answer.proposal is None or answer.alternatives is None or answer.alternatives.complete:
        return ()
    return (_("The search for other pairs was stopped early: there may be better ones, or more."),)


def no_others(answer: Split) -> str:
    """What is said where no other pair is shown."""
    return next(iter(warnings_of(answer)), "") or _("There is no other lawful pair.")


# ------------------------------------------------------------------------------------------------------------ ways out


def why(answer: Split) -> Why | None:
    """Every collision of duties on one division, and the cheapest ways out; None where none were looked for."""
    found = answer.explanation
    if found is None:
        return None
    shown = []
    for number, (plan, own) in enumerate(zip(found.plans, found.collisions, strict=True), 1):
        for place, one in enumerate(own, 1):
            head = _("Plan {number}, collision {place}", number=number, place=place)
            shown.append((head, statements.collision(plan, one)))
    parts = join_list(_n("{n} school", "{n} schools", len(plan.participants)) for plan in found.plans)
    head = _("On the most even division ({parts}) these collide; in each something has to give:", parts=parts)
    ways = tuple(_way_out(answer, number, way) for number, way in enumerate(found.ways, 1))
    ways_head = _("Ways out on it, the cheapest first, each solved and audited (prices: our assumption):")
    if any(way.proposal is None for way in found.ways):
        ways_head = _("Ways out on it, the cheapest first (prices: our assumption):")
    tail = tail_of(bool(ways), found.complete, found.cheapest_complete, found.stopped_by)
    return Why(head if shown else "", tuple(shown), ways_head if ways else "", ways, tail, "")


def _way_out(answer: Split, number: int, way: PairWayOut) -> Way:
    told = tuple(
        _("{what} (costs {price})", what=concession_text(answer.problem, gone), price=amount(gone.price))
        for gone in way.gives_up
    )
    title = _("{number}. Costs {price}.", number=number, price=amount(way.price))
    plan = _("The two plans then were not solved: stopped early.")
    if way.proposal is not None:
        plan = _(
            "It gives plans of {first} and {second} schools, convened by {conveners}.",
            first=way.proposal.sizes[0],
            second=way.proposal.sizes[1],
            conveners=join_list(school_label(answer.problem, side.convener) for side in way.proposal.plans),
        )
    entries = join_list(concession_entry(answer.problem, gone) for gone in way.gives_up)
    return Way(title, told, plan, _("In the scenario: {entries}.", entries=entries) if entries else "")


def to_drop(answer: Split) -> tuple[str, ...]:
    """Sets of wishes about the split to drop, the cheapest first; empty where none were looked for."""
    found = answer.to_drop
    if found is None:
        return ()
    lines = []
    for number, way in enumerate(found.ways, 1):
        price = amount(sum((wish.price for wish in way), Fraction(0)))
        pieces = join_list(_dropped(answer, wish) for wish in way)
        lines.append(_("{number}. Costs {price}: {what}", number=number, price=price, what=pieces))
    if found.ways:
        lines.append(_("There is no other set.") if found.complete else _("There are others, none cheaper than these."))
    return tuple(lines)


def _dropped(answer: Split, wish: SplitWish) -> str:
    kind = "convener" if wish.kind == "scenario_convener" else wish.kind
    return _(_WISHES[kind][0], schools=school_list(answer.problem, wish.schools))
