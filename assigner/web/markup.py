"""Pieces of HTML from templates that escape everything: names are data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from assigner.messages import current_language
from assigner.report import tables
from assigner.report.cells import plain

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["rendered", "style_sheet"]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("assigner.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    made.filters["shown"] = tables.shown
    return made


def _clean(value: Any) -> Any:
    """Without characters that no page may hold, or that turn the text around them."""
    return plain(value) if type(value) is str else value


def rendered(template: str, **content: Any) -> str:
    """A piece of a page in the current language."""
    return _environment().get_template(template).render(lang=current_language(), **content)


@cache
def style_sheet() -> str:
    """The style of the page."""
    from importlib import resources

    return (resources.files("assigner.web") / "style.css").read_text(encoding="utf-8")
