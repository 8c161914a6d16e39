"""Whether a marked copy is still what the program wrote, or holds somebody's work: a digest inside it tells."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from assigner.workbook.looking import UNREADABLE

if TYPE_CHECKING:
    from openpyxl import Workbook

__all__ = ["sealed", "source_of_untouched"]

_SOURCE, _DIGEST = "assigner-source", "assigner-digest"
_PART = "docProps/custom.xml"
_MOST_BYTES = 300_000_000
"""Unpacked; no copy of ours is so large."""

_OPEN = "0" * 64
"""Stands for the digest until the rest is known."""


def sealed(book: Workbook, source: str) -> bytes:
    """The bytes of a workbook, with the name of the form that it was made of and a digest of all its parts."""
    from openpyxl.packaging.custom import StringProperty

    properties: Any = book.custom_doc_props  # type: ignore[attr-defined]  # the stubs do not know it
    for name, value in ((_SOURCE, source), (_DIGEST, _OPEN)):
        if name in properties.names:
            del properties[name]
        properties.append(StringProperty(name=name, value=value))
    stream = io.BytesIO()
    book.save(stream)
    sealed_stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream) as archive,
        zipfile.ZipFile(sealed_stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        digest = _digest(archive)
        for entry in archive.infolist():
            content = archive.read(entry)
            copy.writestr(
                entry, content.replace(_OPEN.encode(), digest.encode()) if entry.filename == _PART else content
            )
    return sealed_stream.getvalue()


def source_of_untouched(path: Path) -> str | None:
    """The name of the form that a marked copy was made of; None if anything was changed since, or it is no copy."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            if _PART not in sizes or sizes[_PART] > _MOST_BYTES // 1000 or sum(sizes.values()) > _MOST_BYTES:
                return None
            found = ElementTree.fromstring(archive.read(_PART))
            values = {entry.get("name"): "".join(entry.itertext()) for entry in found}
            return values.get(_SOURCE) if values.get(_DIGEST) == _digest(archive) else None
    except UNREADABLE:
        return None


def _digest(archive: zipfile.ZipFile) -> str:
    """Of the names and contents of all parts but the one that holds the digest."""
    digest = hashlib.sha256()
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        if entry.filename != _PART:
            digest.update(f"{entry.filename}\0{entry.file_size}\0".encode())
            digest.update(archive.read(entry))
    return digest.hexdigest()
