"""Better designs from a known one: a few communities at a time are designed anew by the exact engine.

A neighbourhood is two to four communities that hang together. It is solved once for each set of communities: what is
proven to be best stays so until one of them changes. Where the number of communities in one place is what should
change, one is given up here (two become one, three become two) and won there (one becomes two, two become three). At
last all communities that were ever met are put together anew at their best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from models.design.bounds import Priced
from models.design.exact import lower_bound, solve_exactly
from models.design.task import Task
from models.engine import Engine
from models.stopping import Limits

__all__ = ["Search"]

Communities = list[frozenset[int]]

_WORK_EACH = 6.0
"""Deterministic work granted to one neighbourhood."""
_WORK_RECOMBINED = 20.0
_ROUNDS = 25
"""Of prices in a neighbourhood; the exact model does the rest."""


class Search:
    """Improves a design until no neighbourhood has a better one, or a limit is reached.

    Parameters
    ----------
    task : Task
    engine : Engine
    known : Priced, optional
        What a relaxation of the whole found.
    told : callable
        Hears the value of each better design.
    """

    def __init__(self, task: Task, engine: Engine, known: Priced | None, told: Callable[[int], None]) -> None:
        self.task, self.engine, self.known, self.told = task, engine, known, told
        self.closed: set[tuple[frozenset[frozenset[int]], int]] = set()
        self.solved = 0
        self._met: dict[frozenset[int], None] = {}
        self._memory: dict[tuple[frozenset[frozenset[int]], int], tuple[int, Communities | None]] = {}
        self._bounds: dict[tuple[frozenset[frozenset[int]], int], tuple[int | None, int]] = {}

    def run(self, communities: Communities, goal: int, widest: int = 4) -> Communities:
        """Improve a lawful design; stop when its cost is down to the goal, or no neighbourhood of so many does it."""
        best = list(communities)
        self._remember(best)
        size = 2
        while size <= widest and not self.engine.exhausted() and self.task.value(best) > goal:
            better = self._round(best, size)
            if better is None and size >= 3:
                better = self._exchange(best, size)
            if better is None and size >= 4:
                better = self.recombined(best)
            if better is None:
                size += 1
            else:
                best, size = better, 2
        return best

    def recombined(self, best: Communities) -> Communities | None:
        """The best design out of all communities that were ever met, if it is better."""
        from ortools.sat.python import cp_model

        task = self.task
        model: Any = cp_model.CpModel()
        literals = {members: model.new_bool_var("") for members in self._met}
        by_node: list[list[Any]] = [[] for _ in task.instance.nodes]
        for members, literal in literals.items():
            for node in sorted(members):
                by_node[node].append(literal)
        for covering in by_node:
            model.add_exactly_one(covering)
        model.add_linear_constraint(sum(literals.values()), task.parts, task.parts)
        costs = [task.value([members]) for members in literals]
        total = sum(cost * literal for cost, literal in zip(costs, literals.values(), strict=True))
        model.add_linear_constraint(total, 0, task.value(best) - 1)
        engine = self._engine(_WORK_RECOMBINED)
        outcome = engine.solve(model, (list(literals.values()), costs))
        self._charge(engine)
        if not outcome.solution:
            return None
        found = sorted((members for members, literal in literals.items() if outcome.true(literal)), key=min)
        self.told(task.value(found))
        return found

    def _remember(self, communities: Iterable[frozenset[int]]) -> None:
        for members in communities:
            if self._lawful(members):
                self._met.setdefault(members)

    def mend(self, communities: Communities) -> Communities | None:
        """Make a design lawful: neighbourhoods of communities that are not, ever larger; None if that fails."""
        task, current = self.task, list(communities)
        while not self.engine.exhausted():
            wrong = [k for k, members in enumerate(current) if not self._lawful(members)]
            if not wrong:
                return current
            for group in self._around(current, wrong):
                nodes = sorted(node for k in group for node in current[k])
                if not len(group) * task.least <= task.size(nodes) <= len(group) * task.most:
                    continue
                found = self._solve(nodes, len(group), None)
                if found is not None:
                    current = _replaced(current, [current[k] for k in group], found)
                    break
            else:
                return None
        return None

    def _lawful(self, members: frozenset[int]) -> bool:
        return not self.task.excess(members) and self.task.is_able(members)

    # ------------------------------------------------------------------------------------------------ neighbourhoods

    def _round(self, current: Communities, size: int) -> Communities | None:
        """Try every neighbourhood of a size; the design after all of them, or None if none was better."""
        changed = False
        groups = [[current[k] for k in group] for group in self._groups(current, size)]
        for own in groups:
            if self.engine.exhausted():
                break
            key = frozenset(own), len(own)
            # A neighbourhood one of whose communities has changed in this round comes in the next.
            if key in self.closed or not set(own) <= set(current):
                continue
            nodes = sorted(node for members in own for node in members)
            self.closed.add(key)
            found = self._solve(nodes, len(own), self.task.value(own) - 1)
            if found is not None:
                self.closed.add((frozenset(found), len(found)))
                current = _replaced(current, own, found)
                changed = True
                self.told(self.task.value(current))
        return current if changed else None

    def _solve(self, nodes: Sequence[int], parts: int, ceiling: int | None) -> Communities | None:
        self.solved += 1
        engine = self._engine(_WORK_EACH)
        found = solve_exactly(self.task, engine, nodes, parts, ceiling=ceiling, known=self.known, rounds=_ROUNDS)
        self._charge(engine)
        if found.communities is None:
            return None
        self._remember(found.communities)
        return list(found.communities)

    def _engine(self, work: float) -> Engine:
        """An engine that may do so much of the work that is left."""
        whole = self.engine
        if whole.limits.work is not None:
            work = max(1e-6, min(work, whole.limits.work - whole.work))
        return Engine(Limits(work, whole.limits.seconds), whole.stop, whole.seed, started=whole.started)

    def _charge(self, engine: Engine) -> None:
        self.engine.work += engine.work
        self.engine.solves += engine.solves
        self.engine.solver_seconds += engine.solver_seconds

    def _adjoining(self, current: Communities) -> list[set[int]]:
        place = {node: k for k, members in enumerate(current) for node in members}
        beside: list[set[int]] = [set() for _ in current]
        for a, b in self.task.instance.edges:
            if place[a] != place[b]:
                beside[place[a]].add(place[b])
                beside[place[b]].add(place[a])
        return beside

    def _groups(self, current: Communities, size: int) -> Iterator[tuple[int, ...]]:
        """Sets of communities that hang together, each once."""
        beside = self._adjoining(current)

        def grown(group: tuple[int, ...], near: frozenset[int], barred: frozenset[int]) -> Iterator[tuple[int, ...]]:
            if len(group) == size:
                yield group
                return
            for other in sorted(near):
                barred = barred | {other}
                yield from grown((*group, other), (near | frozenset(beside[other])) - barred, barred)

        for first in range(len(current)):
            lower = frozenset(range(first + 1))
            yield from grown((first,), frozenset(beside[first]) - lower, lower)

    def _around(self, current: Communities, wrong: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """Neighbourhoods of communities that are not lawful, the smallest first, at last all of a piece."""
        beside = self._adjoining(current)
        for size in range(1, 6):
            for group in self._groups(current, size):
                if set(group) & set(wrong):
                    yield group
        for first in wrong:
            # Wider and wider rings.
            ring = {first}
            while True:
                wider = ring | {other for k in ring for other in beside[k]}
                if wider == ring:
                    break
                ring = wider
                yield tuple(sorted(ring))

    # --------------------------------------------------------------------------------- one less here, one more there

    def _exchange(self, current: Communities, widest: int) -> Communities | None:
        """Give up a community in one place and win one in another.

        Prices bound what each costs or gains; the most promising pairs are solved until none can be better.
        """
        more = self._candidates(current, range(1, widest), 1, 0)
        if not more:
            return None
        least_won = min(change for change, _own in more)
        fewer = self._candidates(current, range(2, widest + 1), -1, -least_won)
        if not fewer:
            return None
        least_lost = min(change for change, _own in fewer)
        pairs = sorted(
            (lost + won, a, b)
            for a, (lost, one) in enumerate(fewer)
            for b, (won, two) in enumerate(more)
            if lost + won < 0 and not set(one) & set(two)
        )
        best: tuple[int, list[frozenset[int]], Communities] | None = None
        for least, a, b in pairs:
            if self.engine.exhausted() or (best is not None and least >= best[0]):
                break
            one, two = fewer[a][1], more[b][1]
            first = self._remembered(one, len(one) - 1, self.task.value(one) - least_won - 1)
            if first is None:
                continue
            second = self._remembered(two, len(two) + 1, self.task.value(two) - least_lost - 1)
            if second is None:
                continue
            made = [*first, *second]
            change = self.task.value(made) - self.task.value([*one, *two])
            if change < (0 if best is None else best[0]):
                best = change, [*one, *two], made
        if best is None:
            return None
        after = _replaced(current, best[1], best[2])
        self.told(self.task.value(after))
        return after

    def _candidates(
        self, current: Communities, sizes: Iterable[int], more: int, worth: int
    ) -> list[tuple[int, list[frozenset[int]]]]:
        """Groups that can have one community more (or less), each with a lower bound of what that costs.

        Those that cost at least what it is `worth` are left out.
        """
        found: list[tuple[int, list[frozenset[int]]]] = []
        for size in sizes:
            for group in self._groups(current, size):
                if self.engine.exhausted():
                    return found
                own = [current[k] for k in group]
                total, parts = sum(map(self.task.size, own)), size + more
                if not parts * self.task.least <= total <= parts * self.task.most:
                    continue
                enough = self.task.value(own) + worth
                bound = self._bound(own, parts, enough)
                if bound is not None and bound < enough:
                    found.append((bound - self.task.value(own), sorted(own, key=min)))
        return found

    def _bound(self, own: Communities, parts: int, enough: int) -> int | None:
        """Lower bound of other communities in place of some: remembered, or raised until it is enough."""
        key = frozenset(own), parts
        if key in self._bounds:
            bound, sought = self._bounds[key]
            if bound is None or bound >= enough or enough <= sought:
                return bound
        nodes = sorted(node for members in own for node in members)
        bound = lower_bound(self.task, self.engine, nodes, parts, self.known, enough)
        self._bounds[key] = bound, enough
        return bound

    def _remembered(self, own: Communities, parts: int, ceiling: int) -> Communities | None:
        """Solve a neighbourhood with another number of communities, once for each ceiling."""
        key = frozenset(own), parts
        before, made = self._memory.get(key, (-1, None))
        if made is None and ceiling > before:
            nodes = sorted(node for members in own for node in members)
            made = self._solve(nodes, parts, ceiling)
            self._memory[key] = ceiling, made
            self._bounds[key] = ceiling + 1 if made is None else self.task.value(made), ceiling + 1
        return made


def _replaced(current: Communities, old: Sequence[frozenset[int]], new: Sequence[frozenset[int]]) -> Communities:
    """The design with some communities in place of others."""
    gone = set(old)
    return sorted([*(members for members in current if members not in gone), *new], key=min)
