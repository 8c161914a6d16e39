"""Bases and answers as bytes, to be sent between the processes of one server."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.boundary.values import Base
    from assigner.scenario.scenario import Scenario

__all__ = ["base_parcel", "packed", "parts_of", "unpacked"]


class _Packer(pickle.Pickler):
    """Packs mappings that cannot be changed, which pickle does not know; what the other side has by its name alone."""

    def __init__(self, stream: io.BytesIO, known: Mapping[str, object]) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = {id(thing): name for name, thing in known.items()}

    def persistent_id(self, thing: Any) -> str | None:
        return self._names.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, MappingProxyType):
            return _frozen, (dict(thing),)
        return NotImplemented


class _Unpacker(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, known: Mapping[str, object]) -> None:
        super().__init__(stream)
        self._known = known

    def persistent_load(self, name: Any) -> Any:
        if name not in self._known:
            raise pickle.UnpicklingError(name)
        return self._known[name]


def _frozen(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


def _both_have() -> dict[str, object]:
    from geodata.geography import embedded

    return {"embedded": embedded()}


def packed(thing: object, known: Mapping[str, object] | None = None) -> bytes:
    """A value as bytes.

    Parameters
    ----------
    thing : object
    known : Mapping[str, object], optional
        What whoever unpacks it has, too: parts of the value that are one of these are sent as a name. They stay alive
        until this returns.
    """
    stream = io.BytesIO()
    _Packer(stream, _both_have() | dict(known or {})).dump(thing)
    return stream.getvalue()


def unpacked(parcel: bytes, known: Mapping[str, object] | None = None) -> Any:
    """The value back; only of bytes that a process of this server packed (parameters as `packed`)."""
    return _Unpacker(io.BytesIO(parcel), _both_have() | dict(known or {})).load()


def parts_of(scenario: Scenario) -> Mapping[str, object]:
    """What two processes have alike of an answer when they have the same scenario."""
    problem = scenario.problem()
    return {
        "problem": problem,
        "rules": problem.rules,
        "rulebook": problem.rules.rulebook,
        "community": problem.community,
        "wishes": problem.wishes,
        "distances": problem.distances,
        "scenario": scenario,
    }


def base_parcel(base: Base) -> bytes:
    """A base without what it has worked out and keeps."""
    return packed(replace(base))
