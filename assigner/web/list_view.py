"""The list of townships and schools: what the map shows, with a button for each.

A row is one piece of markup, sent anew when something in it is other than before (see `assigner.web.map_view`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from assigner.boundary.naming import community_name, school_words, town_name
from assigner.messages import _, _n
from assigner.web.elements import focus_on, html, tag, told_of
from assigner.web.markup import rendered
from geodata.base_map import NOWHERE

if TYPE_CHECKING:
    from nicegui.element import Element
    from nicegui.elements.html import Html

    from assigner.boundary.experiment import Experiment
    from assigner.boundary.values import Base

__all__ = ["ListView"]


class ListView:
    """The table.

    Parameters
    ----------
    base : Base
    picked : callable
        Called with kind (``township`` or ``school``) and code of a button that was pressed.
    """

    def __init__(self, base: Base, picked: Callable[[str, str], None]) -> None:
        self.base = base
        self._rows: dict[str, tuple[Html, list[Any]]] = {}
        self._folded: dict[str, Element] = {}
        known = base.geography.townships
        counties: dict[str, list[str]] = {}
        for town in sorted({*base.map.home, *base.map.place.values()}):
            counties.setdefault(known[town].county if town in known else "", []).append(town)
        hint = _("Choose a township or a school here; what can be done with it is then offered above.")
        if len(counties) == 1:
            self._table(hint, next(iter(counties.values())), picked)
            return
        tag("p", hint)
        for county, towns in counties.items():
            count = _n("{n} township", "{n} townships", len(towns))
            with tag("details", classes="county") as folded:
                tag("summary", f"{county} ({count})")
                self._table(county, towns, picked)
            self._folded |= dict.fromkeys(towns, folded)

    def _table(self, title: str, towns: list[str], picked: Callable[[str, str], None]) -> None:
        with tag("table", classes="town-table"):
            tag("caption", title)
            with tag("thead"), tag("tr"):
                for head in (_("Township"), _("Community"), _("Schools in it"), _("Locked")):
                    tag("th", head, scope="col")
            with tag("tbody") as body:
                for town in towns:
                    self._rows[town] = html("", "tr"), []
        told_of(body, picked)

    def show(self, experiment: Experiment, kind: str, code: str) -> None:
        """Let it say how the map is now, and what is chosen on it (empty: nothing)."""
        own, locks = experiment.map, experiment.locks
        for town, (row, shown) in self._rows.items():
            home = own.home.get(town, NOWHERE)
            schools = [(school, own.member[school], school in locks.schools) for school in own.schools_in.get(town, ())]
            chosen = code if code == town or any(code == school for school, _member, _locked in schools) else ""
            names = [own.names.get(one, "") for one in (home, *(member for _school, member, _locked in schools))]
            state = [home, schools, town in locks.townships, chosen and (kind, chosen), names]
            if state != shown:
                shown[:] = state
                row.set_content(self._row(experiment, town, (kind, chosen)))

    def focus(self, kind: str, code: str) -> None:
        """Let the keyboard go on at a button."""
        own = self.base.map
        town = code if kind == "township" else own.place.get(code, "")
        if town in self._folded:
            self._folded[town].run_method("setAttribute", "open", "")
        if town in self._rows:
            focus_on(self._rows[town][0], kind, code)

    def _row(self, experiment: Experiment, town: str, chosen: tuple[str, str]) -> str:
        own, locks, base = experiment.map, experiment.locks, self.base
        home = own.home.get(town, NOWHERE)

        def belongs(community: str) -> str:
            return str(community_name(own.names, community))

        schools = []
        for code in own.schools_in.get(town, ()):
            words = school_words(base, code)
            if own.member[code] == NOWHERE != home:
                words = _("{school} ({role})", school=words, role=_("no community"))
            elif own.member[code] != home:
                words = _("{what} (member of {community})", what=words, community=belongs(own.member[code]))
            if code in locks.schools:
                words = f"{words} {_('locked')}"
            schools.append((code, words, chosen == ("school", code)))
        return rendered(
            "row.html.j2",
            town=town,
            name=town_name(base, town),
            pressed=chosen == ("township", town),
            community=belongs(home),
            schools=schools,
            locked=_("locked") if town in locks.townships else "",
        )
