"""How townships and counties are written: one normal form, and the other forms people use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["FORMER_COUNTIES", "base_name", "former_names", "normalise", "short_county", "strip_prefix"]

FORMER_COUNTIES = {
    "臺北縣": "新北市",
    "桃園縣": "桃園市",
    "臺中縣": "臺中市",
    "臺南縣": "臺南市",
    "高雄縣": "高雄市",
}
"""Counties that became, or were merged into, special municipalities (2010; 桃園 2014)."""

# Names that changed by more than the last character, or ceased to exist.
_RENAMED = {
    ("高雄市", "那瑪夏區"): ("三民鄉", "那瑪夏鄉"),
    ("臺南市", "中西區"): ("中區", "西區"),
}
# The township of this name was 三民鄉's namesake, never 三民鄉 itself.
_NEVER = {("高雄市", "三民區", "三民鄉")}

# NFKC does not know that these are the same character to a Taiwanese reader.
_VARIANTS = str.maketrans("台巿峯鄕", "臺市峰鄉")
_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}
# "[404]", "[06]", "(40447)", "404": whatever postal or county code stands before the name.
_PREFIX = re.compile(r"^(?:[\[(【〔]\d*[\])】〕]|\d+|[-,.、:：])+")


def normalise(text: str) -> str:
    """Bring a name into the normal form: NFKC, nothing blank or invisible, 臺 for 台.

    The ministries' lists write 臺 in every county and township (臺北市, 臺西鄉, 霧臺鄉), so 台 always becomes
    臺. This is for comparing names; it also changes a 台 inside a street or school name.
    """
    text = unicodedata.normalize("NFKC", text).translate(_VARIANTS)
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE)


def strip_prefix(text: str) -> str:
    """Drop the codes before a normalised name: ``[404]``, ``[06]``, ``(404)`` or plain digits."""
    return _PREFIX.sub("", text)


def short_county(county: str) -> str:
    """Give the county without its last character: 臺中 for 臺中市 and 臺中縣."""
    return county[:-1]


def base_name(town: str) -> str | None:
    """Give the township without its last character, or None if one character is left (東區)."""
    return town[:-1] if len(town) > 2 else None


def former_names(county: str, town: str) -> Iterator[str]:
    """Yield the names a township had before it, or its county, was promoted.

    A 區 of the five municipalities in `FORMER_COUNTIES` was a 鄉, 鎮 or 市 of the county; a 市 was a 鄉 or 鎮
    (頭份鎮, 員林鎮). Which of them is not recorded here: all are yielded, and none of them names another
    township.
    """
    yield from _RENAMED.get((county, town), ())
    base = base_name(town)
    if base is None:
        return
    if town.endswith("區") and county in FORMER_COUNTIES.values():
        suffixes = "鄉鎮市"
    elif town.endswith("市"):
        suffixes = "鄉鎮"
    else:
        return
    for suffix in suffixes:
        if (county, town, base + suffix) not in _NEVER:
            yield base + suffix
