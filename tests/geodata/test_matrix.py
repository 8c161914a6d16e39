from __future__ import annotations

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.matrix import MatrixProblems, read_matrix

A, B, C = "010301", "011301", "190406"


@pytest.fixture
def matrix(tmp_path):
    def write(text: str, encoding: str = "utf-8"):
        path = tmp_path / "矩陣.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def problems_of(path, origins, destinations, **options) -> list[tuple[int | None, int | None, str, str]]:
    with pytest.raises(MatrixProblems) as caught:
        read_matrix(path, origins, destinations, unit="km", **options)
    assert str(caught.value)
    return [(p.row, p.column, p.value, p.problem) for p in caught.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_matrix_is_read_in_any_order_and_need_not_be_symmetric(matrix, encoding, end):
    path = matrix(end.join([f"校,{B},{A}", f"{A},1.5,0", f"{B},0,2", ""]), encoding)
    table = read_matrix(path, [A, B], [A, B], unit="minutes")
    assert table.values.tolist() == [[0, 1.5], [2, 0]]
    assert (table.origins, table.unit, table.how) == ((A, B), "minutes", "matrix")


def test_the_way_to_itself_may_be_left_blank_and_blank_rows_and_columns_are_nothing(matrix):
    path = matrix(f",{A},{B},\n{A},,3,\n,,,\n{B},4\n")
    assert read_matrix(path, [A, B], [A, B], unit="km").values.tolist() == [[0, 3], [4, 0]]


def test_full_width_digits_blanks_and_quoted_cells_are_read(matrix):
    path = matrix(f'id,\'{B}\n"{A}", １２.５ \n')
    assert read_matrix(path, [A], [B], unit="km").values.tolist() == [[12.5]]


def test_everything_wrong_is_reported_at_once_with_its_cell(matrix):
    path = matrix(f"id,{A},{B},999999\n{A},0,,1\n{B},-3,x,1\n888888,1,1,1,7\n")
    assert problems_of(path, [A, B, C], [A, B, C]) == [
        (1, 4, "999999", "unknown_destination"),
        (2, 3, "", "hole"),
        (3, 2, "-3", "negative"),
        (3, 3, "x", "not_a_number"),
        (4, 1, "888888", "unknown_origin"),
        (4, 5, "7", "outside"),
        (None, None, C, "missing_destination"),
        (None, None, C, "missing_origin"),
    ]


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "1_000", "0x10", "一", "1,5", "--1", "1 2"])
def test_only_plain_numbers_are_numbers(matrix, cell):
    assert problems_of(matrix(f'id,{B}\n{A},"{cell}"\n'), [A], [B])[0][3] == "not_a_number"


def test_a_code_that_lost_its_one_zero_is_the_code(matrix):
    path = matrix("id,11301\n10301,1\n")
    assert read_matrix(path, [A], [B], unit="km").values.tolist() == [[1]]
    path = matrix(f"id,11301,{B}\n{A},1,2\n")
    assert problems_of(path, [A], [B]) == [(1, 3, B, "repeated_destination")]


def test_ids_that_lost_more_zeros_are_told_from_unknown_ones(matrix):
    path = matrix("id,1301\n301,1\n")
    assert problems_of(path, ["000301"], ["001301"]) == [(1, 2, "1301", "lost_zeros"), (2, 1, "301", "lost_zeros")]


def test_repeated_ids_are_reported(matrix):
    path = matrix(f"id,{B},{B}\n{A},1,2\n{A},1,2\n")
    assert problems_of(path, [A], [B]) == [(1, 3, B, "repeated_destination"), (3, 1, A, "repeated_origin")]


def test_more_ids_than_wanted_pass_only_when_allowed(matrix):
    path = matrix(f"id,{B},{C}\n{A},1,x\n{C},,\n")
    assert problems_of(path, [A], [B]) == [(1, 3, C, "unknown_destination"), (3, 1, C, "unknown_origin")]
    assert read_matrix(path, [A], [B], unit="km", allow_extra=True).values.tolist() == [[1]]


def test_values_without_an_id_are_never_passed_over(matrix):
    path = matrix(f"id,{B},\n{A},1,5\n,2,\n")
    assert problems_of(path, [A], [B], allow_extra=True) == [
        (1, 3, "", "unknown_destination"),
        (3, 1, "", "unknown_origin"),
    ]


@pytest.mark.parametrize("encoding", ["cp950", "utf-16"])
def test_a_matrix_in_another_encoding_is_read(matrix, encoding):
    table = read_matrix(matrix(f"學校,{B}\n{A},1.5\n", encoding), [A], [B], unit="km")
    assert table.values.tolist() == [[1.5]]


def test_a_matrix_in_a_workbook_is_read_and_its_lost_zeros_are_put_back(tmp_path):
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("公里")
    for row in (["學校", A, B], [A, None, 1.5], [C, 2, 3.25]):
        sheet.append(row)
    path = tmp_path / "矩陣.xlsx"
    book.save(path)
    assert read_matrix(path, [A, C], [A, B], unit="km").values.tolist() == [[0, 1.5], [2, 3.25]]
    sheet["B1"] = int(A)
    book.save(path)
    assert read_matrix(path, [A, C], [A, B], unit="km").values.tolist() == [[0, 1.5], [2, 3.25]]


def test_a_file_that_is_no_table_and_an_empty_file_are_told(matrix, tmp_path):
    path = tmp_path / "m.xlsx"
    for content, problem in (
        (b"a,b\n\xff\xfe\xff,\x80", "encoding"),
        (b"PK\x03\x04", "damaged"),
        (b"\x00\x01", "binary"),
    ):
        path.write_bytes(content)
        assert problems_of(path, [A], [B]) == [(None, None, "", problem)]
    for text in ("", "\n\n", ",,\n,,\n"):
        assert problems_of(matrix(text), [A], [B]) == [(None, None, "", "empty")]


def test_the_unit_must_be_declared_and_ids_must_not_repeat(matrix):
    path = matrix(f"id,{B}\n{A},1\n")
    with pytest.raises(ValueError, match="the unit is"):
        read_matrix(path, [A], [B], unit="miles")
    with pytest.raises(ValueError, match="repeated among the destinations"):
        read_matrix(path, [A], [B, B], unit="km")
    with pytest.raises(OSError):
        read_matrix(path.with_name("none.csv"), [A], [B], unit="km")


ids = st.lists(st.from_regex(r"[0-9]{6}", fullmatch=True), min_size=1, max_size=4, unique=True)


@given(ids, ids, st.randoms(use_true_random=False))
def test_what_is_written_is_read_back(tmp_path_factory, origins, destinations, rng):
    values = {(o, d): round(rng.uniform(0, 99), 3) for o in origins for d in destinations}
    rows, columns = rng.sample(origins, len(origins)), rng.sample(destinations, len(destinations))
    lines = [",".join(["", *columns]), *(",".join([o, *(str(values[o, d]) for d in columns)]) for o in rows)]
    path = tmp_path_factory.mktemp("matrix") / "m.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    table = read_matrix(path, origins, destinations, unit="km")
    assert all(table.between(o, d) == values[o, d] for o in origins for d in destinations)
