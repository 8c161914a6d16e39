from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.codes import CODE_LENGTH, CodeError, read_code
from geodata.rosters.cells import read_school_code


@pytest.mark.parametrize(
    "value", ["063404", 63404, 63404.0, "63404", "'063404", "’063404", " 063404 ", "０６３４０４", "\u3000063404"]
)
def test_one_code_in_every_form(value):
    assert read_code(value) == "063404"


@pytest.mark.parametrize(("value", "code"), [("03c301", "03C301"), ("SYN001", "SYN001"), (191301, "191301")])
def test_letters_and_whole_codes_stay(value, code):
    assert read_code(value) == code


@pytest.mark.parametrize("value", [3404, "3404", 0, "", "  ", "0634041", "六三四〇四", "06-3404", 10**6, None, [], {}])
def test_what_is_no_code_is_refused(value):
    with pytest.raises(CodeError) as caught:
        read_code(value)
    assert caught.value.reason == "form"
    assert caught.value.value == value


@pytest.mark.parametrize("value", [True, False, 63404.5, float("nan"), float("inf"), -63404.0])
def test_numbers_that_lost_what_they_were_are_told_apart(value):
    with pytest.raises(CodeError) as caught:
        read_code(value)
    assert caught.value.reason == "number"


def test_dates_are_no_codes():
    for value in (datetime.date(2020, 6, 3), datetime.datetime(2020, 6, 3, 4), datetime.time(6, 34)):
        with pytest.raises(CodeError):
            read_code(value)


@given(st.integers(0, 999_999))
def test_one_lost_zero_comes_back_and_more_do_not(number):
    code = f"{number:06}"
    assert read_code(code) == code
    if number >= 10_000:
        assert read_code(number) == read_code(str(number)) == read_code(float(number)) == code
    else:
        with pytest.raises(CodeError):
            read_code(number)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.dates()))
def test_any_value_is_a_code_or_refused(value):
    try:
        code = read_code(value)
    except CodeError:
        return
    assert len(code) == CODE_LENGTH
    assert read_code(code) == code


@pytest.mark.parametrize(
    ("value", "code", "mended"),
    [("0001", "0001", False), (1, "0001", True), ("1283", "1283", False), (144.0, "0144", True)],
)
def test_codes_of_universities_have_four_characters(value, code, mended):
    found = read_school_code(value, university=True)
    assert (found.code, found.mended) == (code, mended)


@pytest.mark.parametrize("value", ["063404", "0", 0, "", True, 1.5, "大學"])
def test_no_code_of_a_university(value):
    with pytest.raises(CodeError):
        read_school_code(value, university=True)
