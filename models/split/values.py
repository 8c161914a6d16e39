"""The values of a split: where everybody lies, what the planner asks for, a proposal, an answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from models.audit import Audit
from models.clauses._door import Violation
from models.community import Assignment, Plan
from models.tiers import Tier, TierValue

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "SPLIT_TIERS",
    "Division",
    "Move",
    "PlanOfSide",
    "Proposal",
    "Refusal",
    "Remedy",
    "SplitResult",
    "SplitStatus",
    "SplitWishes",
    "Territory",
]

SplitStatus = Literal["optimal", "feasible", "infeasible", "stopped", "refused", "disagrees"]

#: What a split adds to the tiers of one plan, after them and before the tie-break: travel of all members to their
#: convener (tenths of the distance unit, one way, once), course categories missing in one of the plans though the
#: community has them, difference of the two sizes, schools that change sides against a given old division.
SPLIT_TIERS = ("convener_travel", "categories", "balance", "closeness")


def _frozen(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(dict(mapping))


@dataclass(frozen=True)
class Territory:
    """Where schools and demand points lie on the graph that is divided.

    A node goes to one plan whole. It is a township, or one school of a township that was declared divisible: such a
    township is a clique of one node a school, each joined to whatever the township adjoins.

    Parameters
    ----------
    graph : networkx.Graph
        All townships of the community, those without schools too; borders and declared links are edges.
    school_node : Mapping[str, Hashable]
        School code -> its node; every school of the community, participant or not.
    demand_nodes : Mapping[str, tuple of Hashable]
        Demand point -> its node; of a divisible township with schools: the nodes of all of them. A demand point counts
        for each plan that has one of its nodes, by equal shares: never twice.
    """

    graph: nx.Graph[Any]
    school_node: Mapping[str, Hashable]
    demand_nodes: Mapping[str, tuple[Hashable, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("school_node", "demand_nodes"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        nodes = {*self.school_node.values(), *(node for own in self.demand_nodes.values() for node in own)}
        if missing := sorted(map(str, nodes - set(self.graph))):
            raise ValueError(f"nodes that the graph does not have: {', '.join(missing)}")


@dataclass(frozen=True)
class SplitWishes:
    """What the planner asks of a split.

    Parameters
    ----------
    together, apart : tuple of tuple of str
        Groups of school codes that share a plan; pairs that do not.
    conveners : tuple of str
        None, one or two schools that convene.
    convening : {"ranked", "free"}
        A convener that is not stated: the first by benchmark, willingness, travel of the others to it and code, as in
        one plan (rules.md); or whichever makes the aims best.
    kept : frozenset of str or None
        Codes of the schools that are one of the two plans, exactly.
    old : Mapping[str, int] or None
        School -> side (0 or 1) of an earlier division that the new one should be close to.
    """

    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    conveners: tuple[str, ...] = ()
    convening: Literal["ranked", "free"] = "ranked"
    kept: frozenset[str] | None = None
    old: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Division:
    """Nodes on either side; the first has the participant with the smallest code (`models.split.problems.divided`)."""

    first: frozenset[Hashable]
    second: frozenset[Hashable]

    @property
    def sides(self) -> tuple[frozenset[Hashable], frozenset[Hashable]]:
        """Both sides, in order."""
        return self.first, self.second


@dataclass(frozen=True)
class PlanOfSide:
    """One of the two plans, whole in itself: its own problem, convener, assignment and audit."""

    plan: Plan
    assignment: Assignment
    audit: Audit
    nodes: frozenset[Hashable]

    @property
    def convener(self) -> str:
        """Code of its convening school."""
        return self.plan.convener


@dataclass(frozen=True)
class Proposal:
    """A division with the best two plans for it.

    Parameters
    ----------
    division : Division
    plans : (PlanOfSide, PlanOfSide)
        In the order of the division's sides.
    values : Mapping[str, TierValue]
        Tier -> value over the schools of both plans, `SPLIT_TIERS` included, in the order of the tiers.
    proven : bool
        Whether the two plans are proven best for this division, in every tier.
    pieces : int
        Connected parts of both territories together.
    joint : tuple of Violation
        Clauses that both plans keep together and do not (docs/split.md); none in a proposal that may be used.
    """

    division: Division
    plans: tuple[PlanOfSide, PlanOfSide]
    values: Mapping[str, TierValue]
    proven: bool
    pieces: int
    joint: tuple[Violation, ...] = ()

    @cached_property
    def sizes(self) -> tuple[int, int]:
        """Participants of each plan."""
        first, second = (len(side.plan.participants) for side in self.plans)
        return first, second

    @property
    def lawful(self) -> bool:
        """Whether both plans pass the audit, each alone, and keep together what they share."""
        return all(side.audit.ok for side in self.plans) and not self.joint


@dataclass(frozen=True)
class Refusal:
    """Why no split is allowed, or none is possible.

    Parameters
    ----------
    code : str
        What is in the way, as an id that the message catalogue knows (docs/split.md lists them).
    clause : str
        Clause or switch that says so; empty where it is a wish of the planner or geometry alone.
    schools : tuple of str
    nodes : tuple of Hashable
    details : Mapping
        Numbers of the sentence.
    """

    code: str
    clause: str = ""
    schools: tuple[str, ...] = ()
    nodes: tuple[Hashable, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Remedy:
    """What would allow a split, solved before it is named.

    Parameters
    ----------
    code : str
        "switch" (details: switch, option, instead_of), "wish" (wish, schools), "relaxation" (relaxations); the
        caller may add its own, such as a township that is declared divisible.
    details : Mapping
    proposal : Proposal
        The best split under it.
    """

    code: str
    details: Mapping[str, Any]
    proposal: Proposal


@dataclass(frozen=True)
class Move:
    """What moving one node across the line would do.

    Parameters
    ----------
    node : Hashable
    to : int
        Side it would go to.
    proposal : Proposal or None
        The best plans after the move; None when it is not lawful.
    refusals : tuple of Refusal
        Why not.
    """

    node: Hashable
    to: int
    proposal: Proposal | None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class SplitResult:
    """The best split.

    Parameters
    ----------
    status : {"optimal", "feasible", "infeasible", "stopped", "refused", "disagrees"}
        Proven best; a lawful pair, not proven; proven that there is none; stopped before one was found; not allowed; a
        pair that the solver-free doors judge otherwise than the solver, which is our fault and never to be used.
    proposal : Proposal or None
    tiers : tuple of Tier
        Value, bound and status of every joint tier, in the order solved.
    divisions : int or None
        Number of lawful divisions of the territory where they were counted; duties may rule out some.
    engine : str
        How it was solved ("table", "windows", "one_by_one").
    seconds, solver_seconds : float
    refusals : tuple of Refusal
    remedies : tuple of Remedy
    disagreements : tuple of str
        Tiers whose value the solver-free doors find to be another.
    """

    status: SplitStatus
    proposal: Proposal | None = None
    tiers: tuple[Tier, ...] = ()
    divisions: int | None = None
    engine: str = ""
    seconds: float = 0.0
    solver_seconds: float = 0.0
    refusals: tuple[Refusal, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    disagreements: tuple[str, ...] = ()
