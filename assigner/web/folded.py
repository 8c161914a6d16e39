"""A panel that is folded away at first: what is in it is made when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assigner.web.elements import html, tag, unfolded

if TYPE_CHECKING:
    from assigner.boundary.values import Effects

__all__ = ["Folded"]


class Folded:
    """The panel.

    Parameters
    ----------
    title : str
    anything : callable
        Whether there is anything in it, for `Effects`; it is not shown otherwise.
    content : callable
        What is in it, as markup.
    on : callable
        Makes a handler of an event.
    """

    def __init__(
        self,
        title: str,
        anything: Callable[[Effects], bool],
        content: Callable[[Effects], str],
        on: Callable[..., Callable[[], None]],
    ) -> None:
        self._anything, self._content = anything, content
        self._effects: Effects | None = None
        self._filled: Effects | None = None
        self._open = False
        with tag("details", classes="more") as self._details:
            tag("summary", title)
            self._inside = html("", "div")
        unfolded(self._details, lambda is_open: on(self._turn, is_open)())

    def show(self, effects: Effects | None) -> None:
        """Let it tell of other effects (None: of none)."""
        self._effects = effects
        self._details.set_visibility(effects is not None and self._anything(effects))
        self._fill()

    def _turn(self, is_open: bool) -> None:
        self._open = is_open
        self._fill()

    def _fill(self) -> None:
        if self._open and self._filled is not self._effects:
            self._filled = self._effects
            self._inside.set_content("" if self._effects is None else self._content(self._effects))
