"""What to give up at the least price: models in which everything for sale has its price, and the search over them.

One model (`PricedModel`) stands for one choice of conveners and relaxations. The cheapest thing to give up under it is
proven by the solver, supersets of what was found are forbidden, and the next cheapest is asked for (as implicit hitting
sets do, Davies and Bacchus 2011, with the oracle inside the model). All choices wait in one queue (`Search`), so that
the order by price holds over all of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, combinations
from math import lcm
from typing import Any, Literal

from ortools.sat.python import cp_model

from models.clauses.host_number import asked_by_law, limited_by_law
from models.community import Plan
from models.concessions import Concession, for_sale, relaxation_for_sale
from models.duties import Duties
from models.engine import Engine
from models.rulebook import Relaxation, Rules

__all__ = ["Choice", "GivenUp", "PricedModel", "Search", "sets_of_relaxations"]

ConcessionId = tuple[str, str, str]

#: What is given up, in order.
GivenUp = tuple[Concession, ...]


def sets_of_relaxations(rules: Rules, offered: Sequence[Relaxation] | None = None) -> tuple[GivenUp, ...]:
    """All sets of relaxations that would change a switch, the empty one first; of those offered, or of all."""
    useful = [
        relaxation_for_sale(relaxation)
        for relaxation in (rules.rulebook.relaxations if offered is None else offered)
        if any(rules.option(name) != option for name, option in relaxation.set_.items())
    ]
    return tuple(chain.from_iterable(combinations(useful, size) for size in range(len(useful) + 1)))


class Choice:
    """One choice of conveners and relaxations; its model is built when it is first asked.

    Parameters
    ----------
    plans : sequence of Plan
        One plan, or the two of a split, as this choice leaves them.
    taken : tuple of Concession
        What the choice itself gives up.
    """

    def __init__(self, plans: Sequence[Plan], taken: GivenUp) -> None:
        self.plans, self.taken = tuple(plans), taken
        self.price = _sum(taken)
        self._model: PricedModel | None = None

    def model(self) -> PricedModel:
        """A new model of this choice."""
        return PricedModel(self.plans)

    def cheapest(self, engine: Engine, found: Sequence[frozenset[ConcessionId]]) -> GivenUp | Literal["stopped"] | None:
        """The cheapest to give up under this choice, itself included, that is no superset of those found."""
        own = {gone.id for gone in self.taken}
        if any(smaller <= own for smaller in found):
            return None
        if self._model is None:
            self._model = self.model()
        answer = self._model.cheapest(engine, [smaller - own for smaller in found])
        return (*answer, *self.taken) if isinstance(answer, tuple) else answer


class Search:
    """The next cheapest to give up over all choices; nothing is told that could be done with less.

    Parameters
    ----------
    choices : iterable of Choice
        Of several that would give up the same, the first is told.
    engine : Engine

    Attributes
    ----------
    stopped : bool
        A limit or a stop ended the search.
    """

    def __init__(self, choices: Iterable[Choice], engine: Engine) -> None:
        self.engine, self.stopped = engine, False
        self._found: list[frozenset[ConcessionId]] = []
        self._queue: list[tuple[Fraction, int, int, GivenUp | None, Choice]] = [
            (choice.price, 0, rank, None, choice) for rank, choice in enumerate(choices)
        ]
        heapq.heapify(self._queue)

    def next(self) -> tuple[GivenUp, Choice] | None:
        """The next one; None when there is none or a limit came first."""
        if not self._advance():
            return None
        price, _, rank, answer, choice = heapq.heappop(self._queue)
        assert answer is not None
        self._found.append(frozenset(gone.id for gone in answer))
        heapq.heappush(self._queue, (price, 0, rank, None, choice))
        return answer, choice

    def least(self) -> Fraction | None:
        """Price of the next one; None when there is none or a limit came first."""
        return self._queue[0][0] if self._advance() else None

    def _advance(self) -> bool:
        """Ask until an answer that is no superset stands at the head of the queue."""
        while self._queue and not self.stopped:
            _, _, rank, answer, choice = self._queue[0]
            if answer is not None and not self._is_superset(answer):
                return True
            if self.engine.exhausted():
                self.stopped = True
                break
            heapq.heappop(self._queue)
            new = choice.cheapest(self.engine, self._found)
            if new == "stopped":
                self.stopped = True
            elif new is not None:
                # The order among equal prices: fewest given up, then the order of the choices.
                heapq.heappush(self._queue, (_sum(new), len(new), rank, new, choice))
        return False

    def _is_superset(self, answer: GivenUp) -> bool:
        ids = {gone.id for gone in answer}
        return any(smaller <= ids for smaller in self._found)


def _sum(given_up: Iterable[Concession]) -> Fraction:
    return sum((gone.price for gone in given_up), Fraction(0))


class PricedModel:
    """The duties of a plan (or of two at once) in which everything for sale may be given up, at its price.

    What follows from giving up is in the model as `models.concessions.conceded` has it, so that the plan that is left
    is lawful by itself: to free a pin takes away the room that the pin made for another host of its item, and a host
    number becomes the nearest number that allows a plan. What is given up is given up for both plans.

    Attributes
    ----------
    duties : list of Duties
        One for each plan.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.model = cp_model.CpModel()
        self.duties: list[Duties] = []
        #: by id: what is for sale, and the literal "it is kept"
        self._sold: dict[ConcessionId, tuple[Concession, Any]] = {}
        self._numbers: dict[ConcessionId, tuple[Any, Any]] = {}
        self._most = max(len(plan.candidates) for plan in plans)
        self._most_distance = 0
        self._blocked = 0
        for plan in plans:
            self._add(plan)

    def _add(self, plan: Plan) -> None:
        duties = Duties(plan, guarded=True, model=self.model)
        self.duties.append(duties)
        guards, offered, limited = dict(duties.guards), for_sale(plan), limited_by_law(plan)
        for part, concession in offered.items():
            item = concession.key
            if concession.kind == "host_number" and not (item in limited and concession.instead_of == 1):
                # Pins of everybody leave nothing to limit; freed, they do.
                if part not in guards:
                    guards[part] = duties.new(f"guard[{part}]")
            elif part not in guards:
                continue
            _, kept = self._sold.setdefault(concession.id, (concession, guards[part]))
            if kept.index != guards[part].index:
                self.model.add(kept == guards[part])
        for part, guard in guards.items():
            if part not in offered:
                guard.proto.domain[0] = 1
        for part, concession in offered.items():
            if concession.kind == "host_number" and part in guards:
                self._state_host_number(plan, duties, concession, concession.key in limited)

    def cheapest(
        self, engine: Engine, forbidden: Sequence[frozenset[ConcessionId]]
    ) -> GivenUp | Literal["stopped"] | None:
        """What to give up at the least price.

        Parameters
        ----------
        engine : Engine
        forbidden : sequence of frozenset
            Sets of which no superset is wanted; every call has those of the calls before at its beginning.

        Returns
        -------
        tuple of Concession, "stopped" or None
            None: nothing (else) helps. ``"stopped"``: a limit came before the proof.
        """
        for smaller in forbidden[self._blocked :]:
            if all(id_ in self._sold for id_ in smaller):
                self.model.add_bool_or([self._sold[id_][1] for id_ in smaller])
        self._blocked = len(forbidden)
        objective = self._objective()
        outcome = engine.solve(self.model, objective)
        if outcome.status == "infeasible":
            # Told to people only when it holds without presolve too.
            outcome = engine.solve(self.model, objective, presolve=False)
        if outcome.status == "infeasible":
            return None
        if outcome.status != "optimal":
            return "stopped"
        given_up = []
        for id_, (concession, kept) in self._sold.items():
            if not outcome.true(kept):
                if id_ in self._numbers:
                    concession = replace(concession, number=outcome.solution[self._numbers[id_][0].index])
                given_up.append(concession)
        return tuple(given_up)

    def _objective(self) -> tuple[list[Any], list[int]]:
        """Prices; at equal prices how much is given up; then how far host numbers are from those asked for."""
        scale = lcm(1, *(concession.price.denominator for concession, _ in self._sold.values()))
        many, far = len(self._sold) + 1, self._most_distance + 1
        literals = [kept for _, kept in self._sold.values()]
        weights = [-(int(concession.price * scale) * many + 1) * far for concession, _ in self._sold.values()]
        distances = [distance for _, distance in self._numbers.values()]
        return [*literals, *distances], [*weights, *([1] * len(distances))]

    def _number(self, concession: Concession) -> Any:
        """The number of hosts then asked for: that of now while it is kept."""
        now = concession.instead_of
        assert now is not None
        if concession.id not in self._numbers:
            most = max(self._most, now)
            number = self.model.new_int_var(0, most, f"number[{concession.key}]")
            distance = self.model.new_int_var(0, most, f"distance[{concession.key}]")
            self.model.add(distance >= number - now)
            self.model.add(distance >= now - number)
            self._numbers[concession.id] = number, distance
            self._most_distance += most
        number = self._numbers[concession.id][0]
        self.model.add(number == now).only_enforce_if(self._sold[concession.id][1])
        return number

    def _state_host_number(self, plan: Plan, duties: Duties, concession: Concession, limited: bool) -> None:
        """The clause on host numbers for a number that is open, and for pins that may be freed."""
        model, item = self.model, concession.key
        number = self._number(concession)
        role, law, obliged = asked_by_law(plan, item)
        forced = plan.forced_hosts.get(item, frozenset())
        free = [duties.host(item, code) for code in plan.candidates if code not in forced]
        counted = [duties.host(item, code) for code in plan.role_for_item(role, item)]
        hosts, pinned = cp_model.LinearExpr.sum(free), cp_model.LinearExpr.sum(list(self._pins(plan, item, forced)))
        by_pins, is_more = duties.new(f"by_pins[{item}]"), duties.new(f"is_more[{item}]")
        conditions = []
        if limited:  # one host is what the law says, not we
            is_one = duties.new(f"is_one[{item}]")
            model.add(number == 1).only_enforce_if(is_one)
            model.add(number != 1).only_enforce_if(~is_one)
            conditions = [~is_one]
        model.add(hosts <= pinned).only_enforce_if([by_pins, *conditions])
        model.add(hosts <= number - obliged).only_enforce_if([~by_pins, *conditions])
        model.add(number <= law).only_enforce_if([~is_more, *conditions])
        model.add(cp_model.LinearExpr.sum(counted) >= number).only_enforce_if([is_more, *conditions])

    def _pins(self, plan: Plan, item: str, forced: frozenset[str]) -> Iterator[Any]:
        """Pins of an item that make room for their school: literals of those for sale."""
        for pinned, code in sorted(plan.wishes.pins):
            if pinned == item and code in plan.candidates and code not in forced:
                sold = self._sold.get(("pin", item, code))
                yield 1 if sold is None else sold[1]
