"""All divisions of a graph into two sides as one decision diagram.

Nodes are decided one after the other. What later decisions need to know of earlier ones is little: the sides of the
nodes on the frontier (those with neighbours still to come), which of them hang together already, and how many pieces
are finished. Partial divisions that agree in this share a state, so millions of divisions fit into a few thousand
states. The weights that partial divisions of a state have reached are the bits of one integer; a step shifts it.

References
----------
K. Sekine, H. Imai, S. Tani, "Computing the Tutte polynomial of a graph of moderate size", ISAAC 1995 (frontier);
J. Kawahara et al., "Frontier-based search for enumerating all constrained subgraphs", IEICE 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.regions.errors import RegionsError

__all__ = ["Diagram", "TwoSides", "build_diagram", "in_units"]

MOST_STATES = 3_000_000
"""States in all layers together; beyond it memory would go into gigabytes."""

_MOST_PACKED = 4096

_MOST_BITS = 1 << 16
"""Heavier graphs are counted in coarser units; who lists must weigh again."""


@dataclass(frozen=True)
class TwoSides:
    """What a diagram is made from; all in numbers of nodes.

    Attributes
    ----------
    neighbours : sequence of sequence of int
    order : sequence of int
        The order in which nodes are decided.
    weights : sequence of int
    least, most : int
        Bounds of the weight of side 1.
    pieces : int
        Most connected pieces of both sides together.
    classes : sequence of (int, int)
        Node -> (class, parity): nodes of one class are on the same side if their parity is equal, else on two.
    known : dict of int to int
        Class -> side of its nodes of parity 0.
    """

    neighbours: Sequence[Sequence[int]]
    order: Sequence[int]
    weights: Sequence[int]
    least: int
    most: int
    pieces: int
    classes: Sequence[tuple[int, int]]
    known: dict[int, int]


def in_units(weights: Sequence[int], least: int, most: int) -> tuple[list[int], int, int, bool]:
    """Bring weights and bounds of side 1 into units that fit a state's bits.

    Returns
    -------
    weights, least, most, rounded
        With `rounded`, every division within the bounds is within the new ones, but not the other way round.
    """
    total = sum(weights)
    if most < least:
        return list(weights) if total <= _MOST_BITS else [0] * len(weights), 1, 0, False
    if total <= _MOST_BITS:
        return list(weights), least, most, False
    # Rounded down: in units a side weighs at most its share, and less than one unit a node below it.
    units = [own * _MOST_BITS // total for own in weights]
    fewest = max(0, least * _MOST_BITS // total - len(units))
    return units, fewest, min(sum(units), most * _MOST_BITS // total), True


@dataclass
class Diagram:
    """Layers of states; layer k stands before the k-th decision.

    Attributes
    ----------
    children : list of (list of int, list of int)
        Per layer, for each state the state of the next layer when the node goes to side 0 and to side 1; -1: none.
    alive : list of list of int
        Per layer and state: bit t is set if a division exists that reaches the state with weight t on side 1.
    weights : list of int
        Weight of the node decided in each layer.
    least, most : int
        Bounds of the weight of side 1.
    """

    order: Sequence[int]
    weights: list[int]
    least: int
    most: int
    children: list[tuple[list[int], list[int]]] = field(default_factory=list)
    alive: list[list[int]] = field(default_factory=list)

    @property
    def states(self) -> int:
        """Number of states in all layers."""
        return sum(map(len, self.alive))

    def exists(self) -> bool:
        """Whether there is any division."""
        return bool(self.alive[0][0] & 1)

    def holds(self, side: int) -> bool:
        """Whether the division that puts every node on one side is among them."""
        state, weight = 0, 0
        for layer, children in enumerate(self.children):
            state = children[side][state]
            weight += self.weights[layer] * side
            if state < 0 or not self.alive[layer + 1][state] >> weight & 1:
                return False
        return True

    def count(self) -> int | None:
        """Count the divisions without listing them; None when the weights are too large for it."""
        if sum(self.weights) > _MOST_PACKED:
            return None
        # Digit t of a state's number: in how many ways weight t can be added on side 1 from here on.
        digit = len(self.weights) + 1
        below: list[int] = [1 if bits else 0 for bits in self.alive[-1]]
        for layer in range(len(self.children) - 1, -1, -1):
            shift = digit * self.weights[layer]
            zero, one = self.children[layer]
            below = [
                (below[a] if a >= 0 else 0) + (below[b] << shift if b >= 0 else 0)
                for a, b in zip(zero, one, strict=True)
            ]
        mask = (1 << digit) - 1
        return sum(below[0] >> digit * weight & mask for weight in range(self.least, self.most + 1))

    def masks(self) -> Iterator[int]:
        """List the divisions, each as the bits of the nodes on side 1."""
        if not self.exists():
            return
        last = len(self.children)
        bits = [1 << node for node in self.order]
        children, alive, weights = self.children, self.alive, self.weights
        stack = [(0, 0, 0, 0)]
        pop, push = stack.pop, stack.append
        while stack:
            layer, state, weight, mask = pop()
            while layer < last:
                zero, one = children[layer]
                a, b = zero[state], one[state]
                heavier = weight + weights[layer]
                following = alive[layer + 1]
                left = a >= 0 and following[a] >> weight & 1
                if b >= 0 and following[b] >> heavier & 1:
                    if left:
                        push((layer + 1, b, heavier, mask | bits[layer]))
                        state = a
                    else:
                        state, weight, mask = b, heavier, mask | bits[layer]
                else:
                    state = a
                layer += 1
            yield mask

    def distinct_masks(self) -> Iterator[int]:
        """List one division for each way in which the nodes that weigh something can lie.

        All states that the same decisions about weighing nodes can lead to are followed at once.
        """
        if not self.exists():
            return
        last = len(self.children)
        bits = [1 << node for node in self.order]
        stack: list[tuple[int, int, dict[int, int]]] = [(0, 0, {0: 0})]
        while stack:
            layer, weight, masks = stack.pop()
            if layer == last:
                yield min(masks.values())
                continue
            zero, one = self.children[layer]
            following, own, bit = self.alive[layer + 1], self.weights[layer], bits[layer]
            left: dict[int, int] = {}
            right = left if not own else {}
            for state, mask in masks.items():
                child = zero[state]
                if child >= 0 and following[child] >> weight & 1:
                    left.setdefault(child, mask)
            for state, mask in masks.items():
                child = one[state]
                if child >= 0 and following[child] >> weight + own & 1:
                    right.setdefault(child, mask | bit)
            if own and right:
                stack.append((layer + 1, weight + own, right))
            if left:
                stack.append((layer + 1, weight, left))


def build_diagram(sides: TwoSides) -> Diagram:
    """Build the diagram of all divisions.

    Raises
    ------
    RegionsError
        It would need more than `MOST_STATES` states.
    """
    order, weights = sides.order, [sides.weights[node] for node in sides.order]
    diagram = Diagram(order, weights, sides.least, sides.most)
    layers = _forward(sides, diagram)
    # Backward: from which weights can the end be reached within the bounds?
    alive = layers[-1]
    diagram.alive = [alive]
    for layer in range(len(order) - 1, -1, -1):
        zero, one = diagram.children[layer]
        own = weights[layer]
        alive = [
            reached & ((alive[a] if a >= 0 else 0) | (alive[b] >> own if b >= 0 else 0))
            for reached, a, b in zip(layers[layer], zero, one, strict=True)
        ]
        diagram.alive.append(alive)
    diagram.alive.reverse()
    return diagram


def _forward(sides: TwoSides, diagram: Diagram) -> list[list[int]]:
    """Make the states layer by layer, and say which weights each is reached with."""
    order, pieces = sides.order, sides.pieces
    rest = sum(sides.weights)
    place = {node: step for step, node in enumerate(order)}
    ends = [max((place[other] for other in sides.neighbours[node]), default=-1) for node in range(len(order))]
    last_of_class: dict[int, int] = {}
    for node, (group, _) in enumerate(sides.classes):
        last_of_class[group] = max(last_of_class.get(group, -1), place[node])
    frontier: list[int] = []
    held: list[int] = []  # classes decided that have nodes to come
    # A state: pieces finished; for each node of the frontier twice its piece plus its side; sides of the classes held.
    states: dict[tuple[int, ...], int] = {(0,): 0}
    reached = [1 if sides.least <= sides.most else 0]
    layers = [reached]
    made = 1
    for step, node in enumerate(order):
        touching = [slot for slot, other in enumerate(frontier) if other in set(sides.neighbours[node])]
        stays = [slot for slot, other in enumerate(frontier) if ends[other] > step]
        opens = ends[node] > step
        group, parity = sides.classes[node]
        width = len(frontier)
        where = held.index(group) + 1 + width if group in held else None
        keeps = [slot + 1 + width for slot, other in enumerate(held) if last_of_class[other] > step]
        holds = where is None and last_of_class[group] > step and group not in sides.known
        own = sides.weights[node]
        rest -= own
        # Weights from which the bounds can still be met.
        window = ((1 << sides.most + 1) - 1) & ~((1 << max(0, sides.least - rest)) - 1)
        following: dict[tuple[int, ...], int] = {}
        grown: list[int] = []
        children: tuple[list[int], list[int]] = ([], [])
        known = sides.known.get(group)
        for state, bits in zip(states, reached, strict=True):
            codes = state[1 : 1 + width]
            tail = tuple([state[slot] for slot in keeps])
            if known is not None:
                options: tuple[int, ...] = (known ^ parity,)
            elif where is not None:
                options = (state[where] ^ parity,)
            else:
                options = (0, 1)
            for side in (0, 1):
                child = -1
                if side in options:
                    after = (bits << own if side else bits) & window
                    if after:
                        key = _step(codes, touching, stays, opens, side, state[0], pieces)
                        if key is not None:
                            key += tail
                            if holds:
                                key += (side ^ parity,)
                            child = following.setdefault(key, len(grown))
                            if child == len(grown):
                                grown.append(after)
                            else:
                                grown[child] |= after
                children[side].append(child)
        diagram.children.append(children)
        frontier = [frontier[slot] for slot in stays] + ([node] if opens else [])
        held = [other for other in held if last_of_class[other] > step] + ([group] if holds else [])
        states, reached = following, grown
        layers.append(reached)
        made += len(reached)
        if made > MOST_STATES:
            raise RegionsError("divisions.too_large", states=MOST_STATES, nodes=len(order))
    return layers


def _step(
    codes: tuple[int, ...],
    touching: list[int],
    stays: list[int],
    opens: bool,
    side: int,
    finished: int,
    pieces: int,
) -> tuple[int, ...] | None:
    """State after a node joins a side; None when there would be too many pieces."""
    merged = {codes[slot] for slot in touching if codes[slot] & 1 == side}
    # Pieces that lose their last node on the frontier are finished; the new node's piece lives if anything of it stays.
    key = [0]
    numbers: dict[int, int] = {}
    for slot in stays:
        code = codes[slot]
        if code in merged:
            code = -1
        number = numbers.get(code)
        if number is None:
            number = numbers[code] = 2 * len(numbers) + (side if code == -1 else code & 1)
        key.append(number)
    if opens:
        number = numbers.get(-1)
        if number is None:
            number = numbers[-1] = 2 * len(numbers) + side
        key.append(number)
    finished += len(set(codes)) - len(merged) + 1 - len(numbers)
    # Each side that is open ends in one piece at least.
    open_sides = {number & 1 for number in numbers.values()}
    if finished + len(open_sides) > pieces:
        return None
    key[0] = finished
    return tuple(key)
