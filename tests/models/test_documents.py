"""YAML documents: every value knows its place, and whatever is wrong is a `DocumentError` with a line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from models.documents import (
    Document,
    DocumentError,
    Fault,
    canonical_json,
    content_hash,
    faults_of,
    read_yaml,
)

TEXT = """\
# a comment
name: 東勢
schools:
  - {code: 063404, points: 1.5}
  - code: "070"
    takes part: yes
    barred: true
    note: ~
deep:
  - - first
    - second
"""


def faults(text: str) -> list[tuple[str, int | None, int | None]]:
    with pytest.raises(DocumentError) as error:
        read_yaml(text, "x.yaml")
    assert error.value.name == "x.yaml"
    return [(fault.code, fault.line, fault.column) for fault in error.value.faults]


def test_plain_data() -> None:
    assert read_yaml(TEXT, "x.yaml").data == {
        "name": "東勢",
        "schools": [
            {"code": "063404", "points": 1.5},
            {"code": "070", "takes part": "yes", "barred": True, "note": None},
        ],
        "deep": [["first", "second"]],
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("name",), (2, 7)),
        (("schools",), (4, 3)),
        (("schools", 0), (4, 5)),
        (("schools", 0, "code"), (4, 12)),
        (("schools", 0, "points"), (4, 28)),
        (("schools", 1), (5, 5)),
        (("schools", 1, "barred"), (7, 13)),
        (("deep", 0, 1), (11, 7)),
        # what is not there has the place of what encloses it
        (("schools", 1, "name"), (5, 5)),
        (("schools", 9, "code"), (4, 3)),
        (("nothing",), (2, 1)),
    ],
)
def test_places(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert read_yaml(TEXT, "x.yaml").place(path) == place


def test_a_fault_carries_place_and_value() -> None:
    document = read_yaml(TEXT, "x.yaml")
    assert document.fault("some.code", ("schools", 0, "points"), limit=1) == Fault(
        "some.code", ("schools", 0, "points"), 4, 28, 1.5, {"limit": 1}
    )
    assert document.at(("schools", 5)) is None
    assert document.at(("name", "first")) is None


def test_a_document_that_was_not_read_from_a_text_has_no_places() -> None:
    assert Document("data", {"a": 1}).fault("some.code", ("a",)) == Fault("some.code", ("a",), None, None, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("063404", "063404"),
        ("000", "000"),
        ("-007", "-007"),
        ("0", 0),
        ("-12", -12),
        ("1_000", 1000),
        ("10", 10),
        ("1.50", 1.5),
        ("1/10", "1/10"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ('""', ""),
        ("'063404'", "063404"),
        ("2022-08-01", "2022-08-01"),
        ("12:30", "12:30"),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    found = read_yaml(f"v: {text}", "x.yaml").data["v"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text() -> None:
    assert read_yaml("{7: a, 063404: b, 4.1: c, true: d}", "x").data == {
        "7": "a",
        "063404": "b",
        "4.1": "c",
        "true": "d",
    }


def test_references_are_unfolded() -> None:
    assert read_yaml("a: &x [1, 2]\nb: *x\n", "x").data == {"a": [1, 2], "b": [1, 2]}


def test_duplicate_key() -> None:
    assert faults("a: 1\nb:\n  c: 1\n  c: 2\n") == [("yaml.duplicate_key", 4, 3)]


def test_every_duplicate_is_told() -> None:
    assert faults("a: 1\na: 2\nb: 1\nb: 2\n") == [("yaml.duplicate_key", 2, 1), ("yaml.duplicate_key", 4, 1)]


def test_a_key_that_is_no_word() -> None:
    assert faults("a: 1\n? [b, c]\n: 2\n") == [("yaml.key", 2, 3)]


def test_a_reference_that_contains_itself() -> None:
    (fault,) = faults("a: &x\n  b: *x\n")
    assert fault[0] == "yaml.recursive"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_empty(text: str) -> None:
    assert faults(text) == [("yaml.empty", 1, 1)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3\n", 2),
        ("a: 'open\n", 2),
        ("a: 1\n  b: 2\n", 2),
        ("a: *nowhere\n", 1),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
    ],
)
def test_syntax(text: str, line: int) -> None:
    (fault,) = faults(text)
    assert fault[0] == "yaml.syntax"
    assert fault[1] == line


def test_a_control_character_is_a_fault_too() -> None:
    (fault,) = faults("a: \x00")
    assert fault[0] == "yaml.syntax"


@pytest.mark.parametrize("depth", [600, pytest.param(4_000, marks=pytest.mark.campaign)])
def test_nesting_without_end(depth: int) -> None:
    (fault,) = faults("[" * depth)
    assert fault[0] in ("yaml.too_deep", "yaml.syntax")
    (fault,) = faults("[" * depth + "]" * depth)
    assert fault[0] == "yaml.too_deep"


def test_references_that_unfold_to_billions() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    (fault,) = faults("\n".join(lines))
    assert fault[0] == "yaml.too_large"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = read_yaml(text, "any.yaml")
    except DocumentError as error:
        assert error.faults
    else:
        assert () in document.places


@given(st.text(alphabet=st.sampled_from(list("ab01:-?[]{},&*!|>'\"#% \n\t~.<=\\@`_+"))))
def test_any_mixture_of_marks_is_read_or_refused(text: str) -> None:
    try:
        document = read_yaml(text, "any.yaml")
    except DocumentError as error:
        assert error.faults
    else:
        assert () in document.places


class School(BaseModel):
    code: str
    points: int = 0


class Table(BaseModel, extra="forbid"):
    schools: list[School]


@pytest.mark.parametrize(
    ("text", "code", "path", "line", "details"),
    [
        ("schools:\n  - {code: a}\n  - {points: 1}\n", "schema.missing", ("schools", 1), 3, {"key": "code"}),
        ("schools:\n  - {code: a, points: x}\n", "schema.int_parsing", ("schools", 0, "points"), 2, {}),
        ("schools: []\nothers: 1\n", "schema.extra_forbidden", ("others",), 2, {"key": "others"}),
        ("schools: 7\n", "schema.list_type", ("schools",), 1, {}),
    ],
)
def test_faults_of_a_schema_have_their_lines(
    text: str, code: str, path: tuple[str | int, ...], line: int, details: dict[str, Any]
) -> None:
    document = read_yaml(text, "x.yaml")
    with pytest.raises(ValidationError) as error:
        Table.model_validate(document.data)
    (fault,) = faults_of(error.value, document)
    assert (fault.code, fault.path, fault.line) == (code, path, line)
    assert details.items() <= fault.details.items()


def test_canonical_json_and_hash() -> None:
    assert canonical_json({"b": [1, "學"], "a": None}) == '{"a":null,"b":[1,"學"]}'
    assert content_hash({"b": 1, "a": 2}) == content_hash({"a": 2, "b": 1})
    assert content_hash({"a": 1}) != content_hash({"a": "1"})
    assert len(content_hash([])) == 64
