"""Two plans as one: vectors and sums merged, distances between groupings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from models.objectives._terms import Terms
from models.objectives.leximin import Rungs
from models.split.measures import merged
from models.split.pair import merged_rungs, summed
from models.split.solving import distance

_LEVEL = st.fractions(0, 4, max_denominator=6)
_LADDER = st.lists(_LEVEL, min_size=1, max_size=4, unique=True).map(sorted)
_VECTOR = st.lists(st.integers(0, 5), min_size=3, max_size=3)


@dataclass(frozen=True)
class _Literal:
    """Rung k of a school."""

    school: int
    rung: int


def _ladders(levels: list[list[Fraction]], first: int) -> list[tuple[list[Fraction], list[_Literal]]]:
    return [(own, [_Literal(first + school, rung) for rung in range(1, len(own))]) for school, own in enumerate(levels)]


@given(st.lists(_LADDER, min_size=1, max_size=4), st.lists(_LADDER, min_size=1, max_size=4), st.data())
def test_rungs_of_two_plans_count_as_those_of_all_schools(
    one: list[list[Fraction]], other: list[list[Fraction]], data: st.DataObject
) -> None:
    parts = [_ladders(one, 0), _ladders(other, len(one))]
    ours, whole = merged_rungs([Rungs.of(part) for part in parts]), Rungs.of([*parts[0], *parts[1]])
    assert (ours.levels, ours.schools) == (whole.levels, whole.schools)
    reached = {
        school: data.draw(st.integers(0, len(own) - 1), label=f"rung of {school}")
        for school, own in enumerate([*one, *other])
    }

    def true(literal: _Literal) -> bool:
        return literal.rung <= reached[literal.school]

    levels = sorted((own[reached[school]] for school, own in enumerate([*one, *other])), reverse=True)
    assert ours.counts(true) == whole.counts(true) == whole.counts_of(levels)
    assert ours.vector(ours.counts(true)) == tuple(levels)


@given(_VECTOR, _VECTOR, _VECTOR, _VECTOR)
def test_merging_two_leximin_optima_is_leximin_optimal(a: list[int], b: list[int], c: list[int], d: list[int]) -> None:
    """What lets the two sides of a division be solved apart."""
    better, worse = sorted(map(_descending, (a, b)))
    first, second = sorted(map(_descending, (c, d)))
    assert merged("load", better, first) <= merged("load", worse, second)  # type: ignore[operator]


def _descending(levels: list[int]) -> tuple[Fraction, ...]:
    return tuple(sorted(map(Fraction, levels), reverse=True))


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.booleans()), max_size=6),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(-5, 5),
)
def test_sums_over_two_plans_add_up(pairs: list[tuple[int, bool]], scale: int, other_scale: int, constant: int) -> None:
    literals = tuple(range(len(pairs)))
    weights = tuple(weight for weight, _ in pairs)
    parts = [
        Terms(literals, weights, constant, scale),
        Terms(tuple(k + 10 for k in literals), weights, -constant, other_scale),
    ]
    total = summed(parts)

    def true(literal: int) -> bool:
        return pairs[literal % 10][1]

    assert total.value(total.total(true)) == sum(part.value(part.total(true)) for part in parts)


@given(st.frozensets(st.integers(0, 7)), st.frozensets(st.integers(0, 7)), st.frozensets(st.integers(0, 7)))
def test_distance_between_groupings_is_the_same_from_either_plan_and_either_way(
    one: frozenset[int], other: frozenset[int], third: frozenset[int]
) -> None:
    everybody = frozenset(range(8))
    names = [frozenset(map(str, group)) for group in (one, everybody - one, other, everybody - other, third)]
    apart = distance(names[0], names[2], 8)
    assert (
        apart == distance(names[1], names[2], 8) == distance(names[0], names[3], 8) == distance(names[2], names[0], 8)
    )
    assert (apart == 0) == (names[0] in names[2:4])
    assert apart <= distance(names[0], names[4], 8) + distance(names[4], names[2], 8)
