"""Connected parts of a territory before and after: which part a change cuts off, and which came without adjoining."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from assigner.boundary.values import Outline

__all__ = ["cut_off"]

Piece = tuple[str, ...]


def cut_off(before: Outline, after: Outline, schools: Mapping[str, int]) -> tuple[Piece, ...]:
    """Parts of a territory that do not hang together with the rest because of a change.

    Parameters
    ----------
    before, after : Outline
    schools : Mapping[str, int]
        TOWNCODE -> members in it.

    Returns
    -------
    tuple of tuple of str
        Of what was one piece and is in several now, all but the one with most members (of equals, with most townships);
        and pieces of townships that came and adjoin nothing that was there.
    """
    loose: list[Piece] = []
    for piece in before.pieces:
        parts = [part for part in after.pieces if not set(part).isdisjoint(piece)]
        loose += sorted(parts, key=lambda part: _size(part, piece, schools))[:-1]
    old = {town for piece in before.pieces for town in piece}
    loose += [part for part in after.pieces if old.isdisjoint(part)]
    return tuple(part for part in after.pieces if part in _once(loose))


def _size(part: Piece, piece: Collection[str], schools: Mapping[str, int]) -> tuple[int, int, Piece]:
    """How much of a former piece a part holds; of equals the later in the order of codes is the main part."""
    stayed = set(part) & set(piece)
    return sum(schools.get(town, 0) for town in stayed), len(stayed), part


def _once(pieces: Iterable[Piece]) -> set[Piece]:
    return set(pieces)
