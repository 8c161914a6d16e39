"""When a split is allowed, and which divisions are: clauses and wishes judged without a solver.

Codes of refusals are listed in docs/split.md; sentences for them are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import networkx as nx

from models.community import CONVENER_KEY, Plan, Problem
from models.split.problems import divided, groups_of, in_order, stated_conveners
from models.split.values import Division, Refusal, SplitWishes, Territory

__all__ = ["Conditions", "LawfulDivisions", "Tie", "division_refusals", "lawful_divisions", "may_split"]

#: Where the law on benchmark schools as conveners stands.
BENCHMARK_CLAUSE = "benchmark_convenes"


@dataclass(frozen=True)
class Tie:
    """Schools that share a plan, or do not.

    Parameters
    ----------
    kind : {"together", "apart", "spread"}
        All in one plan; two schools in different plans; not all of them in one plan.
    schools : tuple of str
    code : str
        Code of the refusal of a division that breaks it.
    clause : str
        Clause or switch behind it; empty for a wish.
    """

    kind: Literal["together", "apart", "spread"]
    schools: tuple[str, ...]
    code: str
    clause: str = ""

    def kept(self, sides: Iterable[int | None]) -> bool:
        """Whether schools on these sides keep it."""
        placed = [side for side in sides if side is not None]
        one_side = len(set(placed)) <= 1
        return one_side if self.kind == "together" else len(placed) < 2 or not one_side


@dataclass(frozen=True)
class LawfulDivisions:
    """Divisions that keep everything but the duties.

    Parameters
    ----------
    items : tuple of Division
        In the order of the tie-break. Of divisions that differ only in nodes without participants and demand points
        (which change nothing) the first.
    complete : bool
        False when there are more than were asked for.
    """

    items: tuple[Division, ...]
    complete: bool

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Division]:
        return iter(self.items)


@dataclass(frozen=True)
class Conditions:
    """What a division has to keep, gathered from the law, the switches and the wishes.

    Parameters
    ----------
    problem : Problem
    territory : Territory
    wishes : SplitWishes
    """

    problem: Problem
    territory: Territory
    wishes: SplitWishes

    @cached_property
    def participants(self) -> tuple[str, ...]:
        """Participants of the community."""
        return self.problem.participants

    @cached_property
    def least(self) -> int:
        """Fewest participants of a plan, its convener included."""
        rule = self.problem.rules.split
        return rule.least_schools_a_plan + (1 if rule.size_counts == "others" else 0)

    @cached_property
    def components(self) -> tuple[frozenset[Hashable], ...]:
        """Connected parts of the territory, in order."""
        parts = [frozenset(part) for part in nx.connected_components(self.territory.graph)]
        return tuple(sorted(parts, key=lambda part: str(in_order(part)[0])))

    @cached_property
    def most_pieces(self) -> int | None:
        """Most connected parts of both plans together; None where nothing is asked (2: every plan connected)."""
        asked = self.problem.rules.split.connectedness
        if asked == "free":
            return None
        return 2 if asked == "every_plan" else len(self.components) + 1

    @cached_property
    def heads(self) -> dict[Hashable, int]:
        """Node -> participants in it."""
        heads: dict[Hashable, int] = dict.fromkeys(in_order(self.territory.graph), 0)
        for code in self.participants:
            heads[self.territory.school_node[code]] += 1
        return heads

    @cached_property
    def idle(self) -> frozenset[Hashable]:
        """Nodes without participants and without demand points: they change nothing but the territory."""
        served = {node for nodes in self.territory.demand_nodes.values() for node in nodes}
        return frozenset(node for node, heads in self.heads.items() if not heads and node not in served)

    @cached_property
    def conveners(self) -> tuple[str, ...]:
        """Conveners that the planner stated."""
        return stated_conveners(self.problem, self.wishes)

    @cached_property
    def benchmark_clause(self) -> str:
        """Id of the clause by which a benchmark school convenes."""
        return next((clause.id for clause in self.problem.rules.of_kind(BENCHMARK_CLAUSE)), "")

    @cached_property
    def ties(self) -> tuple[Tie, ...]:
        """All that holds schools together or apart."""
        rules, benchmarks = self.problem.rules, self.problem.benchmarks
        ties: list[Tie] = []
        stated = self.conveners
        ties += [
            Tie("apart", (one, other), "conveners_together", rules.split.id)
            for k, one in enumerate(stated)
            for other in stated[k + 1 :]
        ]
        if self.benchmark_clause:
            ties += [
                Tie("apart", (code, benchmark), "convener_beside_benchmark", self.benchmark_clause)
                for code in stated
                if code not in benchmarks
                for benchmark in benchmarks
            ]
        if len(benchmarks) > 1 and self.both_in_one:
            ties.append(Tie("together", benchmarks, "benchmarks_apart", "benchmark_split"))
        elif len(benchmarks) > 1:
            kind: Literal["apart", "spread"] = "apart" if len(benchmarks) == 2 else "spread"
            ties.append(Tie(kind, benchmarks, "benchmarks_together", "benchmark_split"))
        ties += [Tie("together", tuple(group), "together") for group in self.wishes.together if len(group) > 1]
        ties += [Tie("apart", pair, "apart") for pair in self.wishes.apart]
        if self.wishes.kept is not None:
            inside = tuple(code for code in self.participants if code in self.wishes.kept)
            outside = tuple(code for code in self.participants if code not in self.wishes.kept)
            ties += [Tie("together", group, "kept") for group in (inside, outside) if len(group) > 1]
            if inside and outside:
                ties.append(Tie("apart", (inside[0], outside[0]), "kept"))
        return tuple(ties)

    @cached_property
    def both_in_one(self) -> bool:
        """Whether all benchmark schools go to one plan."""
        return self.problem.rules.split.benchmark_schools == "both_in_one"

    def nodes_of(self, schools: Iterable[str]) -> tuple[Hashable, ...]:
        """Nodes of schools, each once, in order."""
        return tuple(in_order({self.territory.school_node[c] for c in schools if c in self.territory.school_node}))

    def side_of(self, code: str, division: Division) -> int | None:
        """Side of a school; None when it lies nowhere."""
        node = self.territory.school_node.get(code)
        return 0 if node in division.first else 1 if node in division.second else None


# ------------------------------------------------------------------------------------------------ before any division


def may_split(problem: Problem, territory: Territory, wishes: SplitWishes | None = None) -> tuple[Refusal, ...]:
    """Why no split is allowed at all, whatever the division: the law, and wishes that cannot be kept.

    Parameters
    ----------
    problem : Problem
        Of the whole community.
    territory : Territory
    wishes : SplitWishes, optional

    Returns
    -------
    tuple of Refusal
        Empty when divisions may be looked for.
    """
    given = Conditions(problem, territory, wishes or SplitWishes())
    # One kind after the other: what is wrong with conveners would be told again as ties that contradict each other.
    return tuple([*_law(given)] or [*_convener_refusals(given)] or [*_wish_refusals(given)])


def _law(given: Conditions) -> Iterator[Refusal]:
    rule, n = given.problem.rules.split, len(given.participants)
    if given.problem.community.learning_area:
        yield Refusal("learning_area", rule.id)
        return
    if rule.plans != 2:
        yield Refusal("plans_number", rule.id, details={"plans": rule.plans})
        return
    counted = n - (1 if rule.threshold_counts == "others" else 0)
    details = {"count": counted, "above": rule.above_schools, "counts": rule.threshold_counts, "n": n}
    if not rule.allowed(n):
        yield Refusal("too_few_schools", rule.id, details=details)
    elif not rule.sizes(n):
        least = {"n": n, "least": given.least, "counts": rule.size_counts}
        yield Refusal("too_few_for_two", rule.id, details=least)


def _convener_refusals(given: Conditions) -> Iterator[Refusal]:
    problem, stated = given.problem, given.conveners
    rule = problem.rules.split
    if len(stated) > rule.plans:
        yield Refusal("three_conveners", rule.id, stated, details={"count": len(stated), "most": rule.plans})
        return
    for code in stated:
        school = problem.community.school_by_code.get(code)
        if school is not None and school.barred:
            clause = next((c.id for c in problem.rules.of_kind("barred")), "")
            yield Refusal("convener_barred", clause, (code,), given.nodes_of((code,)))
        elif code not in given.participants:
            clause = next((c.id for c in problem.rules.of_kind("convener")), "")
            yield Refusal("convener_no_participant", clause, (code,))
        elif problem.rules.of_kind("cannot") and Plan(problem, code).willingness(CONVENER_KEY, code) == "cannot":
            yield Refusal("convener_cannot", problem.rules.of_kind("cannot")[0].id, (code,), given.nodes_of((code,)))
    benchmarks = problem.benchmarks
    others = [code for code in stated if code in given.participants and code not in benchmarks]
    if not given.benchmark_clause or not benchmarks or not others:
        return
    # Every plan with a benchmark school is convened by one; with one each, both plans have one.
    plans_with_one = 1 if len(benchmarks) == 1 or given.both_in_one else 2
    if len(others) > rule.plans - plans_with_one:
        yield Refusal(
            "conveners_no_benchmark",
            given.benchmark_clause,
            tuple(others),
            details={"benchmarks": ", ".join(benchmarks), "plans": plans_with_one},
        )


def _wish_refusals(given: Conditions) -> Iterator[Refusal]:
    territory, wishes, n = given.territory, given.wishes, len(given.participants)
    named = [*(code for group in (*wishes.together, *wishes.apart) for code in group), *(wishes.kept or ())]
    unknown = tuple(sorted({code for code in named if code not in territory.school_node}))
    if unknown:
        yield Refusal("school_unknown", schools=unknown)
        return
    if wishes.kept is not None:
        kept = tuple(code for code in given.participants if code in wishes.kept)
        least = {"count": len(kept), "rest": n - len(kept), "least": given.least, "n": n}
        if min(len(kept), n - len(kept)) < given.least:
            yield Refusal("kept_size", given.problem.rules.split.id, kept, details=least)
        cut = [
            node
            for node in given.heads
            if 0 < sum(territory.school_node[code] == node for code in kept) < given.heads[node]
        ]
        if cut:
            yield Refusal("kept_node_cut", schools=kept, nodes=tuple(cut))
            return
    for tie in given.ties:
        nodes = given.nodes_of(tie.schools)
        if tie.kind != "together" and len(nodes) == 1 and len(tie.schools) > 1:
            yield Refusal(f"{tie.code}_same_node", tie.clause, tie.schools, nodes)
            return
    if contradiction := _contradiction(given):
        yield contradiction


def _contradiction(given: Conditions) -> Refusal | None:
    """Ties that cannot hold together: a walk that comes back to its start on the other side."""
    links: nx.Graph[Any] = nx.Graph()
    links.add_nodes_from(given.heads, side=None)
    for tie in given.ties:
        if tie.kind == "spread":
            continue
        nodes = given.nodes_of(tie.schools)
        for one, other in pairwise(nodes):
            parity = 1 if tie.kind == "apart" else 0
            if links.has_edge(one, other) and links.edges[one, other]["parity"] != parity:
                ties = (links.edges[one, other]["tie"], tie)
                return _collision(given, ties)
            links.add_edge(one, other, parity=parity, tie=tie)
    for start in given.heads:
        if links.nodes[start]["side"] is not None:
            continue
        links.nodes[start]["side"] = 0
        tree: dict[Hashable, Hashable] = {start: start}
        reached = [start]
        for here in reached:
            for other in in_order(links[here]):
                side = links.nodes[here]["side"] ^ links.edges[here, other]["parity"]
                if links.nodes[other]["side"] is None:
                    links.nodes[other]["side"] = side
                    tree[other] = here
                    reached.append(other)
                elif links.nodes[other]["side"] != side:
                    walk = [links.edges[here, other]["tie"]]
                    for node in (here, other):
                        while tree[node] != node:
                            walk.append(links.edges[node, tree[node]]["tie"])
                            node = tree[node]
                    return _collision(given, walk)
    return None


def _collision(given: Conditions, ties: Sequence[Tie]) -> Refusal:
    schools = tuple(sorted({code for tie in ties for code in tie.schools}))
    codes = tuple(dict.fromkeys(tie.code for tie in ties))
    clause = next((tie.clause for tie in ties if tie.clause), "")
    return Refusal("contradiction", clause, schools, given.nodes_of(schools), {"ties": codes})


# ----------------------------------------------------------------------------------------------------- of a division


def division_refusals(
    problem: Problem, territory: Territory, wishes: SplitWishes, division: Division
) -> tuple[Refusal, ...]:
    """Why a division is not allowed: sizes, pieces, benchmark schools, conveners, wishes; empty when it is."""
    return tuple(refused(Conditions(problem, territory, wishes), division))


def refused(given: Conditions, division: Division) -> Iterator[Refusal]:
    """As `division_refusals`, for conditions that are at hand already."""
    sizes = [len(group) for group in groups_of(given.problem, given.territory, division)]
    for side, size in enumerate(sizes):
        if size < given.least:
            details = {"side": side, "count": size, "least": given.least, "sizes": tuple(sizes)}
            yield Refusal("size", given.problem.rules.split.id, details=details)
    yield from _pieces(given, division)
    for tie in given.ties:
        if not tie.kept(given.side_of(code, division) for code in tie.schools):
            yield Refusal(tie.code, tie.clause, tie.schools, given.nodes_of(tie.schools))


def _pieces(given: Conditions, division: Division) -> Iterator[Refusal]:
    if given.most_pieces is None:
        return
    parts = pieces_of(given.territory, division)
    count = len(parts[0]) + len(parts[1])
    if count <= given.most_pieces:
        return
    loose: list[frozenset[Hashable]] = []
    if given.problem.rules.split.connectedness == "every_plan":
        for own in parts:
            loose += sorted(own, key=lambda part: _weight(given, part))[:-1]
    else:
        for component in given.components:
            for own in parts:
                inside = sorted((part for part in own if part <= component), key=lambda part: _weight(given, part))
                loose += inside[:-1]
        if not loose:  # several parts of the territory are cut, each once
            for component in given.components:
                halves = [part for own in parts for part in own if part <= component]
                if len(halves) > 1:
                    loose.append(min(halves, key=lambda part: _weight(given, part)))
    nodes = tuple(in_order(node for part in loose for node in part))
    details = {"pieces": count, "most": given.most_pieces, "parts": tuple(tuple(in_order(part)) for part in loose)}
    yield Refusal("pieces", "plan_connectedness", nodes=nodes, details=details)


def _weight(given: Conditions, part: Collection[Hashable]) -> tuple[int, int, str]:
    return sum(given.heads[node] for node in part), len(part), str(in_order(part)[0])


def pieces_of(
    territory: Territory, division: Division
) -> tuple[tuple[frozenset[Hashable], ...], tuple[frozenset[Hashable], ...]]:
    """Connected parts of either side."""
    first, second = (
        tuple(frozenset(part) for part in nx.connected_components(territory.graph.subgraph(side)))
        for side in division.sides
    )
    return first, second


def lawful_divisions(
    problem: Problem, territory: Territory, wishes: SplitWishes | None = None, limit: int | None = None
) -> LawfulDivisions:
    """All divisions that keep sizes, pieces, benchmark schools, conveners and wishes; duties may rule out some.

    Parameters
    ----------
    problem : Problem
    territory : Territory
    wishes : SplitWishes, optional
    limit : int, optional
        Stop listing after so many.

    Returns
    -------
    LawfulDivisions
    """
    given = Conditions(problem, territory, wishes or SplitWishes())
    listed = list_sides(given, given.ties, limit=limit)
    order = in_order(territory.graph)
    best: dict[frozenset[Hashable], tuple[tuple[bool, ...], Division]] = {}
    for first in listed.sides:
        division = divided(problem, territory, first)
        pattern = division.second - given.idle
        rank = tuple(node in division.second for node in order)
        if pattern not in best or rank < best[pattern][0]:
            best[pattern] = (rank, division)
    chosen = sorted(best.values(), key=lambda entry: entry[0])
    return LawfulDivisions(tuple(division for _, division in chosen), listed.complete)


@dataclass(frozen=True)
class Listed:
    """Sides of divisions, as listed."""

    sides: tuple[frozenset[Hashable], ...]
    complete: bool


def list_sides(given: Conditions, ties: Sequence[Tie], *, limit: int | None = None, any_pieces: bool = False) -> Listed:
    """Sides with the first participant of all divisions that keep sizes, pieces and these ties.

    Parameters
    ----------
    given : Conditions
    ties : sequence of Tie
    limit : int, optional
    any_pieces : bool
        Leave connectedness out, whatever the switch says.
    """
    found = list_masks(given, ties, limit=limit, any_pieces=any_pieces)
    sides = (frozenset(node for k, node in enumerate(found.nodes) if not mask >> k & 1) for mask in found.masks)
    return Listed(tuple(sides), found.complete)


@dataclass(frozen=True)
class Masks:
    """Divisions as listed: bit k of a mask says that node k is on the second side, without the first participant."""

    nodes: tuple[Hashable, ...]
    masks: tuple[int, ...]
    complete: bool


def list_masks(
    given: Conditions,
    ties: Sequence[Tie],
    *,
    limit: int | None = None,
    any_pieces: bool = False,
    held: Mapping[Hashable, int] | None = None,
) -> Masks:
    """What `list_sides` lists, in little room; `held`: only those with these nodes on these sides."""
    from models.regions import RegionsError, divisions

    participants, territory = given.participants, given.territory
    if len(participants) < 2 * given.least:
        return Masks((), (), complete=True)
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from((node, {"schools": heads}) for node, heads in given.heads.items())
    graph.add_edges_from(territory.graph.edges)
    fixed = {**(held or {}), territory.school_node[participants[0]]: 0}
    pieces = None if any_pieces else given.most_pieces
    if pieces is None:
        pieces = len(graph)
        fixed.update(dict.fromkeys(given.idle, 0))
    together: list[tuple[Hashable, ...]] = []
    apart: list[tuple[Hashable, ...]] = []
    spread: list[tuple[Hashable, ...]] = []
    for tie in ties:
        nodes = given.nodes_of(tie.schools)
        if tie.kind == "together" and len(nodes) > 1:
            together.append(nodes)
        elif tie.kind != "together" and len(tie.schools) > 1:
            if len(nodes) < 2:
                return Masks((), (), complete=True)
            (apart if len(nodes) == 2 else spread).append(nodes)
    try:
        found = divisions(
            graph,
            "schools",
            given.least,
            len(participants) - given.least,
            together=together,
            apart=apart,
            fixed=fixed,
            pieces=pieces,
            # Those that keep a "spread" are chosen from the list.
            limit=None if spread else limit,
        )
    except RegionsError as error:
        if error.code == "contradiction":
            return Masks((), (), complete=True)
        if error.code == "divisions.too_large":
            return Masks((), (), complete=False)
        raise
    bits = {node: 1 << k for k, node in enumerate(found.nodes)}
    groups = [sum(bits[node] for node in nodes) for nodes in spread]
    masks = tuple(mask for mask in found.masks if all(mask & group not in (0, group) for group in groups))
    cut = limit is not None and len(masks) > limit
    return Masks(found.nodes, masks[:limit] if cut else masks, found.complete and not cut)
