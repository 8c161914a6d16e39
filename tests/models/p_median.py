"""Uncapacitated p-median instances of OR-Library (J. E. Beasley, 1985): files that are no part of the project."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

OPTIMA = {1: 5819, 2: 4093, 3: 4250, 4: 3034, 5: 1355, 6: 7824, 7: 5631, 8: 4445, 9: 2734, 10: 1255}
"""Number of the instance -> its published optimum."""


def p_median(file: Path) -> tuple[nx.Graph, int]:
    """Give the graph of an instance, with `length` on its edges, and the number of medians."""
    text = file.read_text(encoding="ascii")
    (nodes, _, medians), *edges = ([int(word) for word in line.split()] for line in text.splitlines() if line.strip())
    graph = nx.Graph()
    graph.add_nodes_from(range(1, nodes + 1))
    for a, b, length in edges:  # a repeated edge: the last one counts
        graph.add_edge(a, b, length=length)
    return graph, medians
