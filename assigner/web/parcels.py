"""Bases and answers as bytes, to be sent between the processes of one server."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["base_parcel", "packed", "unpacked"]


class _Packer(pickle.Pickler):
    """Packs mappings that cannot be changed, which pickle does not know, and the shipped townships by name alone."""

    def persistent_id(self, thing: Any) -> str | None:
        from geodata.geography import embedded

        return "embedded" if thing is embedded() else None

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, MappingProxyType):
            return _frozen, (dict(thing),)
        return NotImplemented


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, name: Any) -> Any:
        from geodata.geography import embedded

        if name != "embedded":
            raise pickle.UnpicklingError(name)
        return embedded()


def _frozen(content: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(content)


def packed(thing: object) -> bytes:
    """A value as bytes."""
    stream = io.BytesIO()
    _Packer(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(thing)
    return stream.getvalue()


def unpacked(parcel: bytes) -> Any:
    """The value back; only of bytes that a process of this server packed."""
    return _Unpacker(io.BytesIO(parcel)).load()


def base_parcel(base: Base) -> bytes:
    """A base without what it has worked out and keeps."""
    return packed(replace(base))
