"""Which colour and pattern each community has on a map: seen with any colour vision, and kept when a border moves.

Colours are the light ones of Paul Tol's qualitative scheme, made to be told apart with colour-blind eyes and to be
written on. Up to seven communities have one each; more share them, by a colouring of the graph of adjoining
communities, and those that share one differ in their pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    import networkx as nx

    from assigner.boundary.values import Base
    from geodata.base_map import BaseMap

__all__ = ["COLOURS", "NO_COMMUNITY", "PATTERNS", "Style", "adjoining", "community_colours"]

COLOURS: tuple[tuple[str, str], ...] = (
    ("#77AADD", "#1F4E79"),
    ("#EEDD88", "#6B5900"),
    ("#EE8866", "#8A2F10"),
    ("#44BB99", "#0B5A45"),
    ("#FFAABB", "#8E2A45"),
    ("#BBCC33", "#525C00"),
    ("#99DDFF", "#12607F"),
)
"""Land, and the dark shade of it for lines and words on white."""

PATTERNS: tuple[str, ...] = ("", "lines", "dots", "cross", "bars", "slants")
"""What tells communities of one colour apart; the first is none."""


@dataclass(frozen=True)
class Style:
    """How a community looks.

    Parameters
    ----------
    colour : int
        Position in `COLOURS`; -1 for what belongs to none.
    pattern : str
        One of `PATTERNS`.
    """

    colour: int
    pattern: str = ""

    @property
    def fill(self) -> str:
        """Colour of its land."""
        return "#E9E9E9" if self.colour < 0 else COLOURS[self.colour][0]

    @property
    def ink(self) -> str:
        """The same, dark: lines of its pattern, words on white."""
        return "#4A4A4A" if self.colour < 0 else COLOURS[self.colour][1]

    @property
    def key(self) -> str:
        """Short name, fit for a class or an id: ``c0``, ``c3-dots``."""
        name = "none" if self.colour < 0 else f"c{self.colour}"
        return f"{name}-{self.pattern}" if self.pattern else name

    @property
    def paint(self) -> str:
        """Value of the attribute ``fill`` of an SVG that has the patterns of `assigner.report.community_map`."""
        return f"url(#pattern-{self.key})" if self.pattern else self.fill


NO_COMMUNITY = Style(-1)
"""Of townships and schools that belong to none."""


def adjoining(base: Base, own: BaseMap) -> nx.Graph[str]:
    """The communities of a map; an edge where townships of theirs share a border or are one and the same."""
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(own.names)
    in_town: dict[str, list[str]] = {}
    for community in own.names:
        for town in own.territory(community):
            in_town.setdefault(town, []).append(community)
    for town, communities in in_town.items():
        near = {town, *(base.graph.neighbors(town) if town in base.graph else ())}
        for other in near:
            graph.add_edges_from((a, b) for a in communities for b in in_town.get(other, ()) if a < b)
    return graph


def community_colours(base: Base, own: BaseMap | None = None) -> Mapping[str, Style]:
    """Community -> how it looks; `NOWHERE` is in it too.

    Parameters
    ----------
    base : Base
    own : BaseMap, optional
        A map after flips. The communities of the base keep their looks, whatever the map; only new ones get one.
    """
    styles = _coloured(adjoining(base, base.map), list(base.map.names), {})
    if own is not None:
        new = [community for community in own.names if community not in styles]
        if new:
            styles = _coloured(adjoining(base, own), new, styles)
        styles = {community: styles[community] for community in own.names}
    return {NOWHERE: NO_COMMUNITY} | styles


def _coloured(graph: nx.Graph[str], wanted: Sequence[str], known: Mapping[str, Style]) -> dict[str, Style]:
    styles = dict(known)
    if len(known) + len(wanted) <= len(COLOURS):
        free = [k for k in range(len(COLOURS)) if k not in {style.colour for style in styles.values()}]
        return styles | {community: Style(k) for community, k in zip(wanted, free, strict=False)}
    # Whoever has many neighbours comes first. Taken in this order, a planar graph needs six of the seven colours.
    for community in _order(graph, wanted):
        near = {styles[other].colour for other in graph[community] if other in styles}
        used = [style.colour for style in styles.values()]
        colour = min(range(len(COLOURS)), key=lambda k: (k in near, used.count(k), k))
        patterns = [style.pattern for style in styles.values() if style.colour == colour]
        styles[community] = Style(colour, min(PATTERNS, key=lambda p: (patterns.count(p), PATTERNS.index(p))))
    return styles


def _order(graph: nx.Graph[str], wanted: Iterable[str]) -> list[str]:
    from networkx.algorithms.coloring import strategy_smallest_last

    position = {community: k for k, community in enumerate(graph)}
    ordered = sorted(graph.nodes, key=position.__getitem__)
    chosen = set(wanted)
    return [community for community in strategy_smallest_last(graph.subgraph(ordered), {}) if community in chosen]
