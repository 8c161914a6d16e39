"""Fonts for a picture with Chinese in it: found on the machine, none shipped."""

from __future__ import annotations

import unicodedata
from functools import cache

__all__ = ["CSS_FAMILIES", "chinese_font", "families", "has_chinese"]

#: From best to worst: Traditional forms as Taiwan writes them before those of other places.
_PREFERRED = (
    "Noto Sans TC",
    "Noto Sans CJK TC",
    "Source Han Sans TC",
    "Microsoft JhengHei",
    "PingFang TC",
    "PingFang HK",
    "Heiti TC",
    "PMingLiU",
    "MingLiU",
    "Noto Sans HK",
    "Noto Sans CJK HK",
    "Noto Serif TC",
    "Noto Serif CJK TC",
    "AR PL UMing TW",
    "AR PL UKai TW",
    "TW-Sung",
    "TW-Kai",
    "DFKai-SB",
    "Arial Unicode MS",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK SC",
    # An older matplotlib sees only the first face of a collection, and that is the Japanese one.
    "Noto Sans CJK JP",
    "Noto Serif CJK JP",
)

CSS_FAMILIES = (
    "'Noto Sans TC', 'Noto Sans CJK TC', 'Microsoft JhengHei', 'PingFang TC', 'Heiti TC', 'PMingLiU', sans-serif"
)
"""Families as CSS lists them: the reader's machine takes the first it has."""


@cache
def chinese_font() -> str | None:
    """Name of a font of this machine that has Traditional Chinese; None where there is none."""
    from matplotlib import font_manager

    found = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in _PREFERRED if name in found), None)


def families(text: str) -> list[str]:
    """Families for a text of matplotlib: signs that the first lacks come from the second, which it always has.

    Of letters without accents and Chinese characters the second knows no more, and asking it takes as long again.
    """
    chinese = chinese_font()
    if chinese is None:
        return ["DejaVu Sans"]
    known = text.isascii() or all(c.isascii() or unicodedata.east_asian_width(c) in "WF" for c in text)
    return [chinese] if known else [chinese, "DejaVu Sans"]


def has_chinese(text: str) -> bool:
    """Whether a text has characters that a Latin font lacks."""
    return any(unicodedata.east_asian_width(c) in "WF" for c in text)
