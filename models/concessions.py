"""What could be given up where rules and wishes collide, and the problem that is left then.

Only wishes of the planner, answers of schools, and readings that the rulebook offers as relaxations are for sale, each
at the rulebook's price (`models.rulebook.Prices`); the programme itself never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from models.clauses.host_number import asked_by_law
from models.community import CONVENER_KEY, Plan, Problem, School
from models.rulebook import Relaxation

__all__ = ["Concession", "Part", "conceded", "for_sale", "relaxation_for_sale"]

#: Clause id and part of it: the name of a constraint in a guarded model.
Part = tuple[str, str]

Kind = Literal["pin", "host_number", "exploration_number", "convener", "ban", "cannot", "load_limit", "relaxation"]


@dataclass(frozen=True)
class Concession:
    """One thing given up.

    Parameters
    ----------
    kind : {"pin", "host_number", "exploration_number", "convener", "ban", "cannot", "load_limit", "relaxation"}
    key : str
        Item; of ``cannot`` the unit or ``"convener"``; of ``relaxation`` its id; of ``convener`` the school stated.
    school : str
        Code, of ``convener`` that of the school instead; empty where it is not about one school.
    price : Fraction
    part : Part
        The constraint it lifts; of a relaxation or a convener ``("", "")``.
    number, instead_of : int or None
        Of ``host_number``: the number of hosts then asked for, and the one asked for or needed now.
    """

    kind: Kind
    key: str
    school: str
    price: Fraction
    part: Part = ("", "")
    number: int | None = None
    instead_of: int | None = None

    @property
    def id(self) -> tuple[str, str, str]:
        """What makes two concessions the same: kind, key and school, whatever the number or convener instead."""
        return self.kind, self.key, "" if self.kind == "convener" else self.school


def for_sale(plan: Plan) -> Mapping[Part, Concession]:
    """Constraints of a plan that could be given up, by their name; in the order of the rulebook's clauses."""
    return {concession.part: concession for clause in plan.rules.clauses for concession in _of_clause(clause, plan)}


def _of_clause(clause: object, plan: Plan) -> Iterator[Concession]:
    rules, wishes = plan.rules, plan.wishes
    id_, kind = clause.id, clause.kind  # type: ignore[attr-defined]
    prices = rules.rulebook.prices
    match kind:
        case "pins":
            for item, code in sorted(wishes.pins):
                yield Concession("pin", item, code, prices.pin.value, (id_, f"{item}:{code}"))
        case "bans":
            for item, code in sorted(wishes.bans):
                yield Concession("ban", item, code, prices.ban.value, (id_, f"{item}:{code}"))
        case "cannot":
            if plan.willingness(CONVENER_KEY, plan.convener) == "cannot":
                yield Concession("cannot", CONVENER_KEY, plan.convener, prices.cannot.value, (id_, CONVENER_KEY))
            for unit in rules.units:
                for code in plan.candidates:
                    if plan.willingness(unit, code) == "cannot":
                        yield Concession("cannot", unit, code, prices.cannot.value, (id_, f"{unit}:{code}"))
        case "load_limit":
            for code in plan.participants:
                if plan.problem.community.school_by_code[code].load_limit_hard:
                    yield Concession("load_limit", "", code, prices.load_limit.value, (id_, code))
        case "host_number":
            for item in rules.item_by_id:
                if item not in rules.tracks:
                    number = wishes.host_numbers.get(item, asked_by_law(plan, item)[1])
                    price = prices.host_number.value
                    yield Concession("host_number", item, "", price, (id_, item), instead_of=number)
        case "exploration_number":
            for item in clause.items:  # type: ignore[attr-defined]
                if item in wishes.exploration_numbers:
                    price = prices.exploration_number.value
                    yield Concession("exploration_number", item, "", price, (id_, item))


def relaxation_for_sale(relaxation: Relaxation) -> Concession:
    """Another reading of the rules as something to give up."""
    return Concession("relaxation", relaxation.id, "", relaxation.price)


def conceded(problem: Problem, given_up: Iterable[Concession]) -> Problem:
    """The problem that is left when these are given up.

    A pin, a ban or the number of a track is taken out of the wishes; a host number becomes another; a school that said
    it cannot is taken to host unwillingly; a hard limit becomes soft; another school convenes than the one stated; a
    relaxation sets its switches.
    """
    wishes, rules = problem.wishes, problem.rules
    host_numbers, exploration = dict(wishes.host_numbers), dict(wishes.exploration_numbers)
    pins, bans, convener = set(wishes.pins), set(wishes.bans), wishes.convener
    schools = dict(problem.community.school_by_code)
    by_id = {relaxation.id: relaxation for relaxation in rules.rulebook.relaxations}
    for gone in given_up:
        match gone.kind:
            case "pin":
                pins.discard((gone.key, gone.school))
            case "ban":
                bans.discard((gone.key, gone.school))
            case "host_number":
                if gone.number is None:
                    raise ValueError(f"{gone.key}: a host number is given up for another number")
                host_numbers[gone.key] = gone.number
            case "exploration_number":
                exploration.pop(gone.key, None)
            case "cannot":
                schools[gone.school] = _asked_again(schools[gone.school], gone.key, problem)
            case "load_limit":
                schools[gone.school] = replace(schools[gone.school], load_limit_hard=False)
            case "convener":
                convener = gone.school
            case "relaxation":
                rules = rules.with_options(by_id[gone.key].set_)
    changed = replace(
        wishes,
        convener=convener,
        pins=frozenset(pins),
        bans=frozenset(bans),
        host_numbers=host_numbers,
        exploration_numbers=exploration,
    )
    community = replace(problem.community, schools=tuple(schools.values()))
    return replace(problem, rules=rules, wishes=changed, community=community)


def _asked_again(school: School, unit: str, problem: Problem) -> School:
    unit_of = problem.rules.unit_of
    said = {
        key: "unwilling" if value == "cannot" and unit_of.get(key, key) == unit else value
        for key, value in school.willingness.items()
    }
    return replace(school, willingness=said)
