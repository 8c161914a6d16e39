"""What the parts of a workbook say beside its values."""

from __future__ import annotations

import openpyxl
import pytest

from geodata.sheets import FailedFormula, read_sheets
from geodata.worksheets import worksheets
from tests.tools import convert


@pytest.fixture
def book(tmp_path):
    """A workbook as a program writes it that works out no formula."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append([1, "=A1+1", "甲", '=""'])
    for column in "C":
        sheet.column_dimensions[column].hidden = True
    made.save(tmp_path / "x.xlsx")
    return tmp_path / "x.xlsx"


def test_a_formula_that_was_never_worked_out_is_told(book):
    (found,) = worksheets(book.read_bytes()).values()
    assert found.errors == {(0, 1): "=A1+1", (0, 3): '=""'}
    (row,) = read_sheets(book).sheets[0].rows
    assert row == (1, "=A1+1", "甲", '=""')
    assert [isinstance(cell, FailedFormula) for cell in row] == [False, True, False, True]


def test_hidden_columns_are_seen(book):
    (found,) = worksheets(book.read_bytes()).values()
    assert found.hidden_columns == {2}


@pytest.mark.parametrize("ending", ["ods", pytest.param("xlsx", marks=pytest.mark.campaign)])
def test_formulas_that_were_worked_out_are_values_even_those_that_give_an_empty_text(book, ending):
    other = convert(book, ending, book.parent / "out")
    (found,) = worksheets(other.read_bytes()).values()
    assert found.errors == {}
    assert found.hidden_columns == {2}
    assert read_sheets(other).sheets[0].rows[0][:3] == (1, 2, "甲")
