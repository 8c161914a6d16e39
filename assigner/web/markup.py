"""Pieces of HTML from templates that escape everything: names are data."""

from __future__ import annotations

from functools import cache
from typing import Any

from assigner.messages import current_language
from assigner.report.page import environment

__all__ = ["rendered", "style_sheet"]


def rendered(template: str, **content: Any) -> str:
    """A piece of a page in the current language."""
    return environment("assigner.web").get_template(template).render(lang=current_language(), **content)


@cache
def style_sheet() -> str:
    """The style of the page."""
    from importlib import resources

    return (resources.files("assigner.web") / "style.css").read_text(encoding="utf-8")
