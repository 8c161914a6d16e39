"""A field that finds a township or a school by its name or code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assigner.boundary.naming import NameProblem, find_thing, town_name
from assigner.messages import _
from assigner.web.elements import filled, html, tag
from assigner.web.markup import rendered

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["Finder"]


class Finder:
    """The field.

    Parameters
    ----------
    base : Base
    found : callable
        Called with kind (``township`` or ``school``) and code.
    refuse : callable
        Called with a sentence where nothing, or not one thing alone, is called so.
    on : callable
        Makes a handler of an event.
    """

    def __init__(
        self,
        base: Base,
        found: Callable[[str, str], None],
        refuse: Callable[[str], None],
        on: Callable[..., Callable[..., None]],
    ) -> None:
        self.base, self._found, self._refuse = base, found, refuse
        with tag("form", role="search") as form:
            with tag("label"):
                tag("span", _("Township or school"))
                tag("input", type="text", name="word", list="things", autocomplete="off", required=True)
            tag("button", _("Find"), type="submit")
        towns = [town_name(base, town) for town in sorted({*base.map.home, *base.map.place.values()})]
        schools = [(code, str(base.schools[code].get("name") or "")) for code in base.map.place]
        html(rendered("things.html.j2", towns=towns, schools=schools), "datalist", id="things")
        filled(form, on(self._look))

    def _look(self, values: list[tuple[str, str]]) -> None:
        word = dict(values).get("word", "").strip()
        try:
            kind, code = find_thing(self.base, word)
        except NameProblem as error:
            problem = error.problem()
            self._refuse(f"{word}: {problem.what} {problem.mend or ''}".strip())
        else:
            self._found(kind, code)
