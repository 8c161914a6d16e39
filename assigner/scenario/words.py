"""How values are written in a scenario file: codes, words in two languages, numbers.

Each type here reads every usual spelling and gives one value, and has a JSON Schema that lets an editor offer
the spellings. What cannot be read raises a coded error; its sentence is in `assigner.faults`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from geodata.codes import CodeError, read_code

__all__ = [
    "CHOOSE",
    "Capacity",
    "Code",
    "Codes",
    "Convener",
    "Count",
    "Degrees",
    "FileName",
    "Flag",
    "Grade",
    "Id",
    "Key",
    "NotNegative",
    "OneOf",
    "Part",
    "Points",
    "Positive",
    "Relaxations",
    "Share",
    "Text",
    "is_id",
    "normal",
    "on_network",
    "school_code",
]

CHOOSE = "choose"
"""What stands for the convener when the program is to choose one."""

MOST_POINTS = 100
"""More points than any school can carry: all items of a programme together are worth far less."""

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,79}")


def normal(value: object) -> str:
    """Bring a word into one form: half-width characters, no blanks at its ends, lower case."""
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def on_network(name: str) -> bool:
    """Whether a name leads to another computer (or past the file system): such a file is never opened."""
    return name.strip().replace("\\", "/").startswith("//")


def is_id(text: str) -> bool:
    """Whether a text can be the id of a scenario: letters, digits, -, _ and ., at most 80 in all."""
    return bool(_ID.fullmatch(text))


def school_code(value: object) -> str:
    """Read a school code in any form that a file or a spreadsheet gives it.

    ``063404``, ``'063404'``, ``63404`` (its leading zero lost) and full-width digits are the same.

    Raises
    ------
    PydanticCustomError
        It is no code.
    """
    try:
        return read_code(value)
    except CodeError as error:
        code = "scenario.code_number" if error.reason == "number" else "scenario.code"
        raise PydanticCustomError(code, "not a school code") from None


class OneOf:
    """Makes a text type (with `typing.Annotated`) whose values are words, each with other spellings.

    Parameters
    ----------
    choices
        Value -> its other spellings.
    description
        What an editor shows.
    """

    def __init__(self, choices: Mapping[str, tuple[str, ...]], description: str) -> None:
        self.spellings = [word for value, others in choices.items() for word in (value, *others)]
        self.meant = {normal(w): value for value, others in choices.items() for w in (value, *others)}
        self.shown = ", ".join(f"{v} ({', '.join(o)})" if o else v for v, o in choices.items())
        self.description = description

    def read(self, value: object) -> str:
        """Give the value that a word means."""
        found = self.meant.get(normal(value)) if isinstance(value, str) else None
        if found is None:
            raise PydanticCustomError("scenario.word", "unknown word", {"choices": self.shown})
        return found

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "enum": self.spellings, "description": self.description}


_TRUE = ("true", "yes", "是", "有", "公立", "public", "參與", "參加")
_FALSE = ("false", "no", "否", "無", "私立", "private", "不參與", "不參加", "未參與")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = normal(value) if isinstance(value, str) else ""
    if word not in _TRUE and word not in _FALSE:
        raise PydanticCustomError("scenario.yes_or_no", "yes or no")
    return word in _TRUE


def _text(value: object) -> str:
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        raise PydanticCustomError("scenario.text", "a text")
    return unicodedata.normalize("NFC", str(value)).strip()


def _file_name(value: object) -> str:
    text = _text(value)
    if on_network(text):
        raise PydanticCustomError("scenario.network_name", "on another computer")
    return text


def _key(value: object) -> str:
    """Read an id of the rulebook (4.1 is a number to YAML) or an option (true stands for yes)."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("scenario.text", "a text")
    return str(value).strip()


def _id(value: object) -> str:
    text = _text(value)
    if not is_id(text):
        raise PydanticCustomError("scenario.id", "not an id")
    return text


def _fraction(value: object) -> Fraction:
    text = normal(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    percent = text.endswith("%")
    try:
        # Limits keep 1e999999999 from becoming a number of a billion digits.
        if len(text) > 20 or not re.fullmatch(r"[-+]?[0-9.]+(/[0-9]+|e[-+]?[0-9]{1,2})?", text.removesuffix("%")):
            raise ValueError(text)
        number = Fraction(text.removesuffix("%"))
    except (ValueError, ZeroDivisionError):
        raise PydanticCustomError("scenario.number", "a number") from None
    return number / 100 if percent else number


def _not_negative(value: object) -> Fraction:
    number = _fraction(value)
    if number < 0:
        raise PydanticCustomError("scenario.not_negative", "0 or more")
    return number


def _positive(value: object) -> Fraction:
    number = _fraction(value)
    if number <= 0:
        raise PydanticCustomError("scenario.positive", "above 0")
    return number


def _part(value: object) -> Fraction:
    return _at_most_all(_positive(value))


def _share(value: object) -> Fraction:
    return _at_most_all(_not_negative(value))


def _at_most_all(number: Fraction) -> Fraction:
    if number > 1:
        raise PydanticCustomError("scenario.share", "all at most")
    return number


def _points(value: object) -> Fraction:
    return _within_points(_not_negative(value))


def _capacity(value: object) -> Fraction:
    return _within_points(_positive(value))


def _within_points(number: Fraction) -> Fraction:
    if number > MOST_POINTS:
        raise PydanticCustomError("scenario.points", "too many points", {"most": MOST_POINTS})
    return number


def _count(value: object) -> int:
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"-?[0-9]{1,7}", text, re.ASCII):
        raise PydanticCustomError("scenario.count", "a whole number")
    if int(text) < 0:
        raise PydanticCustomError("scenario.not_negative", "0 or more")
    return int(text)


def _degrees(value: object) -> float:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(value)
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise PydanticCustomError("scenario.degrees", "degrees")
    return number


_GRADES = {spelling: grade for grade in (7, 8, 9) for spelling in (f"{grade}", f"g{grade}", f"{grade}年級")} | {
    "七年級": 7,
    "八年級": 8,
    "九年級": 9,
    "國一": 7,
    "國二": 8,
    "國三": 9,
}


def _grade(value: object) -> int:
    grade = _GRADES.get(normal(value))
    if grade is None:
        raise PydanticCustomError("scenario.grade", "a grade")
    return grade


def _codes(value: object) -> object:
    if isinstance(value, dict):
        raise PydanticCustomError("scenario.host_form", "codes")
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _convener(value: object) -> str:
    if isinstance(value, str) and normal(value) in (CHOOSE, "推選", "選擇", "由程式選擇"):
        return CHOOSE
    return school_code(value)


def _relaxations(value: object) -> str | tuple[str, ...]:
    if isinstance(value, list | tuple) and all(isinstance(member, str) for member in value):
        named = dict.fromkeys(unicodedata.normalize("NFKC", member).strip() for member in value)
        return tuple(named) or "none"
    if isinstance(value, str):
        word = normal(value)
        if word in ("auto", "自動"):
            return "auto"
        if word in ("none", "不放寬"):
            return "none"
    raise PydanticCustomError("scenario.relaxations_form", "auto, none or a list")


_CODE_SCHEMA: dict[str, Any] = {
    "type": ["string", "integer"],
    "pattern": "^'?[0-9A-Za-z]{5,6}$",
    "description": "The ministry's 6-character school code (代碼). 063404, '063404' and 63404 read the same.",
}
_NUMBER_SCHEMA: dict[str, Any] = {"type": ["number", "string"], "description": "5, 0.5, 1/2 or 10%."}

Capacity = Annotated[Fraction, BeforeValidator(_capacity), WithJsonSchema(_NUMBER_SCHEMA)]
Code = Annotated[str, BeforeValidator(school_code), WithJsonSchema(_CODE_SCHEMA)]
Codes = Annotated[
    tuple[Code, ...],
    BeforeValidator(_codes),
    WithJsonSchema({"anyOf": [_CODE_SCHEMA, {"type": "array", "items": _CODE_SCHEMA, "minItems": 1}]}),
]
Convener = Annotated[
    str,
    BeforeValidator(_convener),
    WithJsonSchema({"anyOf": [{"type": "string", "enum": [CHOOSE, "推選"]}, _CODE_SCHEMA]}),
]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Degrees = Annotated[float, BeforeValidator(_degrees), WithJsonSchema({"type": "number"})]
Flag = Annotated[
    bool,
    BeforeValidator(_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "string", "enum": [*_TRUE[1:], *_FALSE[1:]]}]}),
]
Grade = Annotated[int, BeforeValidator(_grade), WithJsonSchema({"enum": [7, 8, 9]})]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": "string", "pattern": f"^{_ID.pattern}$"})]
Key = Annotated[str, BeforeValidator(_key), WithJsonSchema({"type": ["string", "number", "boolean"]})]
NotNegative = Annotated[Fraction, BeforeValidator(_not_negative), WithJsonSchema(_NUMBER_SCHEMA)]
Part = Annotated[Fraction, BeforeValidator(_part), WithJsonSchema(_NUMBER_SCHEMA)]
Points = Annotated[Fraction, BeforeValidator(_points), WithJsonSchema(_NUMBER_SCHEMA)]
Positive = Annotated[Fraction, BeforeValidator(_positive), WithJsonSchema(_NUMBER_SCHEMA)]
Relaxations = Annotated[
    str | tuple[str, ...],
    BeforeValidator(_relaxations),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": ["auto", "none", "自動", "不放寬"]},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]
Share = Annotated[Fraction, BeforeValidator(_share), WithJsonSchema(_NUMBER_SCHEMA)]
Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "integer"]})]
FileName = Annotated[str, BeforeValidator(_file_name), WithJsonSchema({"type": ["string", "integer"]})]
