"""What can be wrong with a graph that is to be divided, as codes and values: sentences are made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["RegionsError"]

_TEXTS = {
    "graph.directed": "the graph is directed",
    "graph.multigraph": "the graph has parallel edges (a MultiGraph)",
    "graph.empty": "the graph has no nodes",
    "graph.self_loop": "an edge joins node {node!r} with itself",
    "parts.number": "parts must be a whole number, 1 or more, not {parts!r}",
    "parts.more_than_nodes": "{parts} parts of a graph with {nodes} nodes",
    "weight.unknown": "no node has the attribute {attribute!r}",
    "weight.missing": "node {node!r} has no attribute {attribute!r}",
    "weight.number": "attribute {attribute!r} of node {node!r} is no finite number: {value!r}",
    "weight.negative": "attribute {attribute!r} of node {node!r} is negative: {value!r}",
    "weight.too_fine": "the weights and bounds need more than {digits} digits to be exact",
    "bounds.number": "{name} is no finite number: {value!r}",
    "bounds.length": "{name} has {given} entries for {parts} parts",
    "bounds.order": "lower {lower} is above upper {upper} (part {part})",
    "fixed.node": "fixed names node {node!r}, which is not in the graph",
    "fixed.part": "node {node!r} is fixed to part {part!r}; the parts are 0 to {last}",
    "together.node": "together names node {node!r}, which is not in the graph",
    "apart.node": "apart names node {node!r}, which is not in the graph",
    "apart.same": "apart names node {node!r} twice",
    "apart.too_many": "apart keeps {nodes!r} in different parts, more than there are parts ({parts})",
    "contradiction": "{first!r} and {second!r} are to be together and apart, or fixed otherwise",
    "edge.unknown": "no edge has the attribute {attribute!r}",
    "edge.missing": "edge {first!r} - {second!r} has no attribute {attribute!r}",
    "edge.number": "attribute {attribute!r} of edge {first!r} - {second!r} is no finite number: {value!r}",
    "edge.negative": "attribute {attribute!r} of edge {first!r} - {second!r} is negative: {value!r}",
    "objective.unknown": "objective {objective!r} is not one of {known}",
    "option": "{name}: {value!r} is not one of {known}",
    "pieces.number": "pieces must be a whole number, not {pieces!r}",
    "links.node": "a link names node {node!r}, which is not in the graph",
    "costs.missing": "no cost of node {node!r} in part {part}",
    "costs.number": "the cost of node {node!r} in part {part} is no finite number: {value!r}",
    "centres.length": "{given} centres for {parts} parts",
    "centres.node": "centre {node!r} is not in the graph",
    "centres.twice": "centre {node!r} is named twice",
    "distance.missing": "no distance from node {first!r} to node {second!r}",
    "weight.whole": "attribute {attribute!r} of node {node!r} is no whole number: {value!r}",
    "centres.none": "no candidate centre is named",
    "centres.cost": "the cost of node {node!r} at centre {centre!r} is no number, zero or more: {value!r}",
    "price.number": "the price of change is no number, zero or more: {value!r}",
    "tolerance.number": "the tolerance on travel is no number, zero or more: {value!r}",
    "tolerance.price": "either a tolerance on travel or a price of change, not both",
    "old.node": "the old communities name node {node!r}, which is not in the graph",
    "old.number": "the old communities have {value!r} schools of node {node!r}, more than it has, or no whole number",
    "limit.number": "{name} must be a number above zero, not {value!r}",
    "start.node": "start does not give the part of node {node!r}",
    "divisions.too_large": "more than {states} states are needed to list the divisions of {nodes} nodes",
}


class RegionsError(ValueError):
    """A graph, or a wish about its parts, that cannot be worked with.

    Parameters
    ----------
    code : str
        What is wrong, e.g. ``weight.missing``.
    **values
        What the code speaks of: nodes as they were given, attributes by name.

    Attributes
    ----------
    code : str
    values : Mapping[str, object]
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values: Mapping[str, object] = MappingProxyType(values)
        super().__init__(f"{code}: {_TEXTS[code].format(**values)}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keyword arguments survive the road between processes."""
        return _rebuild, (self.code, dict(self.values))


def _rebuild(code: str, values: dict[str, object]) -> RegionsError:
    return RegionsError(code, **values)
