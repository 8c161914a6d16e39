"""A field that finds a township, a school or a community by its name or code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assigner.boundary.naming import NameProblem, find_community, find_thing, town_name
from assigner.messages import _
from assigner.web.elements import filled, html, tag
from assigner.web.markup import rendered

if TYPE_CHECKING:
    from assigner.web.live import Live

__all__ = ["Finder"]


class Finder:
    """The field.

    Parameters
    ----------
    live : Live
    found : callable
        Called with kind (``township``, ``school`` or ``community``) and code or id.
    refuse : callable
        Called with a sentence where nothing, or not one thing alone, is called so.
    on : callable
        Makes a handler of an event.
    """

    def __init__(
        self,
        live: Live,
        found: Callable[[str, str], None],
        refuse: Callable[[str], None],
        on: Callable[..., Callable[..., None]],
    ) -> None:
        self._live, self._found, self._refuse = live, found, refuse
        base = live.table.base
        with tag("form", role="search") as form:
            with tag("label"):
                tag("span", _("Township, school or community"))
                tag("input", type="text", name="word", list="things", autocomplete="off", required=True)
            tag("button", _("Find"), type="submit")
        towns = [town_name(base, town) for town in sorted({*base.map.home, *base.map.place.values()})]
        schools = [(code, str(base.schools[code].get("name") or "")) for code in base.map.place]
        html(rendered("things.html.j2", towns=towns, schools=schools), "datalist", id="things")
        filled(form, on(self._look))

    def _look(self, values: list[tuple[str, str]]) -> None:
        word = dict(values).get("word", "").strip()
        try:
            kind, code = find_thing(self._live.table.base, word)
        except NameProblem as error:
            community = self._community(word)
            if community:
                self._found("community", community)
                return
            problem = error.problem()
            self._refuse(f"{word}: {problem.what} {problem.mend or ''}".strip())
        else:
            self._found(kind, code)

    def _community(self, word: str) -> str:
        """Id of the community that a word names; empty if none."""
        try:
            return find_community(self._live.experiment.map, word)
        except NameProblem:
            return ""
