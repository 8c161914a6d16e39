"""YAML documents whose every value knows its line: the ground on which rulebooks and scenarios are read.

A fault found later (a wrong type, an unknown school, bands that overlap) names the line and column of the value.
Integers written with leading zeros stay text, so that the school code ``063404`` is not turned into 63404.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from ruamel.yaml.nodes import Node

Path = tuple[str | int, ...]

#: More values than any scenario or rulebook has; references can unfold to billions.
MOST_VALUES = 200_000

__all__ = ["Document", "DocumentError", "Fault", "Path", "canonical_json", "content_hash", "faults_of", "read_yaml"]


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a document.

    Parameters
    ----------
    code : str
        What is wrong, as an id that the message catalogue knows, e.g. ``"yaml.duplicate_key"``.
    path : tuple of str or int
        Keys and positions that lead to the value.
    line, column : int or None
        1-based place of the value in the file; None when the document did not come from a text.
    value : Any
        What stands there.
    details : Mapping
        Named pieces of the sentence (expected choices, limits ...).
    cell : str
        Cell of the value where the document is a workbook.
    """

    code: str
    path: Path = ()
    line: int | None = None
    column: int | None = None
    value: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)
    cell: str = ""


class DocumentError(ValueError):
    """A document that cannot be used, with everything that is wrong in it.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    faults : iterable of Fault
    """

    def __init__(self, name: str, faults: Iterable[Fault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(f"{name}: {len(self.faults)} fault(s), first: {first.code} at {first.path}")


@dataclass(frozen=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) and where each value stands.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    data : Any
    places : Mapping[Path, tuple[int, int]]
        1-based (line, column) of each value; empty for documents that were not read from a text.
    cells : Mapping[Path, str]
        Cell of each value, such as ``學校!B7``; empty for documents that were not read from a workbook.
    """

    name: str
    data: Any
    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    cells: Mapping[Path, str] = field(default_factory=dict)

    def place(self, path: Path) -> tuple[int | None, int | None]:
        """Line and column of the value at `path`, or of the nearest enclosing value that has one."""
        at = tuple(path)
        while True:
            if at in self.places:
                return self.places[at]
            if not at:
                return None, None
            at = at[:-1]

    def cell(self, path: Path) -> str:
        """Cell of the value at `path`, or of the nearest enclosing value that has one; empty if none has."""
        at = tuple(path)
        while at and at not in self.cells:
            at = at[:-1]
        return self.cells.get(at, "")

    def at(self, path: Path) -> Any:
        """Value at `path`, or None when nothing stands there."""
        value = self.data
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def fault(self, code: str, path: Path, value: Any = None, **details: Any) -> Fault:
        """A `Fault` of this document, with the place of `path` filled in."""
        line, column = self.place(path)
        found = self.at(path) if value is None else value
        return Fault(code, tuple(path), line, column, found, details, self.cell(path))


def read_yaml(text: str, name: str) -> Document:
    """Read one YAML 1.2 document.

    Parameters
    ----------
    text : str
    name : str
        File name used in faults.

    Raises
    ------
    DocumentError
        On a syntax error, an empty document, a duplicate or non-scalar key, a reference that contains itself, nesting
        too deep to read, or references that unfold to very much.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        found = text.splitlines()[mark.line].strip()[:60] if mark and mark.line < len(text.splitlines()) else ""
        fault = Fault("yaml.syntax", (), line, column, found, {"problem": str(error.problem or "")})
        raise DocumentError(name, [fault]) from None
    except YAMLError as error:
        reason = str(error).splitlines()[0]
        raise DocumentError(name, [Fault("yaml.syntax", (), 1, 1, None, {"problem": reason})]) from None
    except RecursionError:
        raise DocumentError(name, [Fault("yaml.too_deep", (), 1, 1)]) from None
    if root is None:
        raise DocumentError(name, [Fault("yaml.empty", (), 1, 1)])
    if _unfolded(root) > MOST_VALUES:
        raise DocumentError(name, [Fault("yaml.too_large", (), 1, 1, None, {"most": MOST_VALUES})])
    places: dict[Path, tuple[int, int]] = {}
    faults: list[Fault] = []
    data = _construct(root, (), places, faults, ())
    if faults:
        raise DocumentError(name, faults)
    return Document(name, data, places)


def _unfolded(root: Node) -> int:
    """Number of values once references are unfolded (a reference inside itself counts once; it is refused later)."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    sizes: dict[int, int] = {}

    def size(node: Any) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 1
            children: list[Any] = []
            if isinstance(node, SequenceNode):
                children = node.value
            elif isinstance(node, MappingNode):
                children = [part for pair in node.value for part in pair]
            sizes[id(node)] = 1 + sum(map(size, children))
        return sizes[id(node)]

    return size(root)


def _construct(
    node: Node, path: Path, places: dict[Path, tuple[int, int]], faults: list[Fault], open_nodes: tuple[int, ...]
) -> Any:
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    places[path] = (line, column)
    if id(node) in open_nodes:
        faults.append(Fault("yaml.recursive", path, line, column))
        return None
    if isinstance(node, ScalarNode):
        return _scalar(node)
    inside = (*open_nodes, id(node))
    if isinstance(node, SequenceNode):
        return [_construct(child, (*path, i), places, faults, inside) for i, child in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        at_line, at_column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        if not isinstance(key_node, ScalarNode):
            faults.append(Fault("yaml.key", path, at_line, at_column))
            continue
        key = str(key_node.value)
        if key in result:
            faults.append(Fault("yaml.duplicate_key", (*path, key), at_line, at_column, key))
            continue
        result[key] = _construct(value_node, (*path, key), places, faults, inside)
    return result


def _scalar(node: Any) -> str | int | float | bool | None:
    text, tag = str(node.value), str(node.tag).rsplit(":", 1)[-1]
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "int" and not (len(text.lstrip("+-")) > 1 and text.lstrip("+-").startswith("0")):
        try:
            return int(text.replace("_", ""))
        except ValueError:
            return text
    if tag == "float":
        try:
            return float(text.replace("_", ""))
        except ValueError:
            return text
    return text


def faults_of(error: ValidationError, document: Document) -> list[Fault]:
    """Turn what pydantic found into faults of `document`, each at its line.

    A discriminated union puts the name of the chosen member into the path; it is left out, since the document does
    not have it.
    """
    faults = []
    for item in error.errors(include_url=False, include_context=True):
        path: list[str | int] = []
        for key in item["loc"]:
            here = document.at(tuple(path))
            if isinstance(key, int) or (isinstance(here, dict) and key in here):
                path.append(key)
            elif item["type"] == "missing" and key == item["loc"][-1]:
                continue
        details = {k: v for k, v in (item.get("ctx") or {}).items() if isinstance(v, str | int | float | bool)}
        code = item["type"]
        if code in ("missing", "extra_forbidden"):
            details["key"] = str(item["loc"][-1])
        line, column = document.place(tuple(path))
        value = document.at(tuple(path))
        known = code if "." in code else f"schema.{code}"
        faults.append(Fault(known, tuple(path), line, column, value, details, document.cell(tuple(path))))
    return faults


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """JSON text that is the same for equal values: sorted keys, no blanks, Chinese as it is."""
    return _CANONICAL.encode(value)


def content_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, as hexadecimal text."""
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()
