"""Where everybody lies when a community is divided: its townships as a graph, and what goes whole.

A township goes to one plan whole. One that the planner lets be divided is a clique of one node a school instead, each
joined to whatever the township adjoins. What has no township of the community (a junior high outside it, or one without
a place) goes with the school nearest to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, _, join_list
from assigner.words import school_name
from models.split.values import Territory

if TYPE_CHECKING:
    import networkx as nx

    from assigner.scenario import Scenario
    from models.community import Problem as Task

__all__ = ["BETWEEN", "node_label", "node_list", "school_of_node", "territory_of", "town_of_node", "towns_of"]

BETWEEN = ":"
"""Between the TOWNCODE and the school of a node of a divided township."""


def territory_of(scenario: Scenario, task: Task, divisible: Iterable[str] = (), *, every: bool = False) -> Territory:
    """Build the graph that is divided.

    Parameters
    ----------
    scenario : Scenario
    task : Problem
        Its problem, relaxations in force.
    divisible : iterable of str
        TOWNCODEs of the townships whose schools may go to different plans.
    every : bool
        Every township may.

    Raises
    ------
    InputError
        It is not said where a school is, or the map that says who adjoins is not there.
    """
    import networkx as nx

    known = scenario.geography
    if not known.has_polygons:
        what = M_("Which townships adjoin is not known: the scenario was read back from a plan, without its map.")
        mend = M_("Use the scenario file itself.")
        raise InputError([Problem(scenario.source.file, Place(), ABSENT, what, None, mend)])
    members = set(task.participants)
    placed = {
        school.code: scenario.places[school.code].towncode
        for school in task.community.schools
        if school.code in scenario.places
    }
    if missing := sorted(members - placed.keys()):
        raise InputError(_unplaced(scenario, task, missing))
    everything = known.graph(scenario.links, links=scenario.entries.travel.shipped_links)
    towns = sorted({*scenario.territory, *placed.values()} & set(everything))
    schools: dict[str, list[str]] = {}
    for code in sorted(placed):
        schools.setdefault(placed[code], []).append(code)
    wanted = set(towns) if every else set(divisible)
    nodes: dict[str, tuple[str, ...]] = {}
    for town in towns:
        here = [code for code in schools.get(town, ()) if code in members]
        nodes[town] = tuple(f"{town}{BETWEEN}{c}" for c in here) if town in wanted and len(here) > 1 else (town,)
    graph: nx.Graph[Any] = nx.Graph()
    for town in towns:
        graph.add_nodes_from(nodes[town], town=town)
        for k, one in enumerate(nodes[town]):
            graph.add_edges_from(((one, other) for other in nodes[town][k + 1 :]), kind="township", shared_km=0.0)
    for a, b, attributes in everything.subgraph(towns).edges(data=True):
        graph.add_edges_from(((one, other) for one in nodes[a] for other in nodes[b]), **attributes)
    school_node = {}
    for code, town in placed.items():
        own = f"{town}{BETWEEN}{code}"
        # A school that takes no part has no node of its own: it goes with the first of its township.
        school_node[code] = own if own in nodes[town] else nodes[town][0]
    return Territory(nx.freeze(graph), school_node, _demand(scenario, task, nodes, school_node))


def _unplaced(scenario: Scenario, task: Task, codes: Iterable[str]) -> list[Problem]:
    what = M_("It is not said in which township this school lies, so it is not known to which plan it can go.")
    mend = M_("Write the township or the coordinates of the school into the scenario.")
    expected = M_("a township such as 臺中市東勢區")
    place = Place("schools")
    file = scenario.source.file
    return [Problem(file, place, f"{code} {school_name(task, code)}".strip(), what, expected, mend) for code in codes]


def _demand(
    scenario: Scenario, task: Task, nodes: Mapping[str, tuple[str, ...]], school_node: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Demand point -> its nodes: those of its township, else that of the school nearest to it."""
    distances = task.distances
    columns = [code for code in task.participants if code in distances.column and code in school_node]
    found: dict[str, tuple[str, ...]] = {}
    for point in task.community.demand_points:
        place = scenario.places.get(point.id)
        if place is not None and place.towncode in nodes:
            found[point.id] = nodes[place.towncode]
        elif columns:
            row = distances.from_demand[distances.row[point.id], [distances.column[code] for code in columns]]
            found[point.id] = (school_node[columns[int(row.argmin())]],)
    return found


# ---------------------------------------------------------------------------------------------------------- in words


def town_of_node(node: object) -> str:
    """TOWNCODE of a node."""
    return str(node).partition(BETWEEN)[0]


def school_of_node(node: object) -> str:
    """Code of the one school of a node of a divided township; empty of a whole township."""
    return str(node).partition(BETWEEN)[2]


def node_label(scenario: Scenario, node: object) -> str:
    """A node as people name it: the township, and of a divided one the school."""
    town, code = town_of_node(node), school_of_node(node)
    known = scenario.geography.townships.get(town)
    name = town if known is None else known.name
    if not code:
        return name
    school = school_name(scenario.problem(), code)
    return _("{school} ({township})", school=f"{code} {school}".strip(), township=name)


def towns_of(scenario: Scenario, nodes: Iterable[object]) -> tuple[str, ...]:
    """TOWNCODEs of nodes, sorted; a divided township counts for each side that has a school of it."""
    return tuple(sorted({town_of_node(node) for node in nodes}))


def node_list(scenario: Scenario, nodes: Iterable[object]) -> str:
    """Nodes as a list in a sentence."""
    return join_list(node_label(scenario, node) for node in sorted(map(str, nodes))) or "–"
