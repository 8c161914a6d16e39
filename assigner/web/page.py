"""The page of one experiment: map, what is chosen, effects, and the list that does the same as the map.

Each open page is a `Page`, a view of a `assigner.web.live.Live`; two pages of one experiment follow one another. A page
speaks its own language, whatever that of the server, so everything that makes text runs inside `Page._speaking`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from assigner.errors import render
from assigner.messages import _, _n, join_list, language_set
from assigner.report.boundary_statements import flip_line, verdict
from assigner.report.community_map import Style, community_colours
from assigner.report.community_svg import Marks
from assigner.web.chooser import Choice, Chooser, Selection, likely
from assigner.web.dividing import Divider
from assigner.web.elements import clicked, html, set_attributes, set_text, tag
from assigner.web.finding import Finder
from assigner.web.folded import Folded
from assigner.web.list_view import ListView
from assigner.web.map_view import MapView
from assigner.web.markup import rendered, style_sheet
from assigner.web.panels import (
    duties_panel,
    effects_panel,
    flips_panel,
    header_panel,
    measures_panel,
    nearest_panel,
)
from assigner.web.proposals import Desk, SplitPanel, SuggestPanel
from assigner.web.zoom import Zoom
from geodata.base_map import NOWHERE, Divide, Flip, MoveSchool, MoveTownship, all_moved

if TYPE_CHECKING:
    from nicegui import Client
    from nicegui.element import Element

    from assigner.boundary.experiment import Experiment
    from assigner.boundary.values import Effects
    from assigner.web.live import Live

__all__ = ["Page"]

_FOLDED_SECONDS = 0.05
_MANY = 12
"""More communities than these are listed in a box of their own height."""


class Page:
    """An experiment in a tab of a browser.

    Parameters
    ----------
    live : Live
    language : str
    client : nicegui.Client
        The connection to the tab.
    notice : str
        Something to be told first, such as what was imported.
    """

    def __init__(self, live: Live, language: str, client: Client, notice: str = "") -> None:
        self.live, self.language, self.client = live, language, client
        self.selection: Selection | None = None
        self._legend: dict[str, Element] = {}
        with self._speaking():
            self._build(notice)
        client.on_delete(self._left)
        live.join(self)
        live.workshop.errands.join(live.owner, self._heard)

    def _left(self) -> None:
        self.live.workshop.errands.leave(self._heard)
        self.live.leave(self)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        with language_set(self.language), self.client:
            yield

    def _on(self, handler: Callable[..., None], *arguments: Any) -> Callable[..., None]:
        """A handler of an event, in the language of the page."""

        def run(*values: Any) -> None:
            with self._speaking():
                handler(*arguments, *values)

        return run

    # -------------------------------------------------------------------------------------------------------- building

    def _build(self, notice: str) -> None:
        live, base = self.live, self.live.table.base
        from nicegui import ui

        desk = Desk(live, self.language, self._on, self._make, self._refuse, self._say)
        ui.add_head_html(f"<style>{style_sheet()}</style>")
        ui.page_title(f"{live.experiment.name} – {base.name or base.id}")
        with tag("div", classes="desk"):
            tag("a", _("To the content"), classes="skip", href="#content")
            html(header_panel(live, self.language), "header")
            self._said = tag("p", "", classes="quiet", role="status", aria_live="polite")
            with tag("div", classes="content", id="content", tabindex="-1"):
                with tag("section", classes="ground", aria_labelledby="h-map"), tag("div", classes="stuck"):
                    tag("h2", _("Map"), id="h-map")
                    self._build_map()
                with tag("div", classes="side"):
                    self._alert = tag("p", notice, classes="alert", role="alert")
                    with tag("section", classes="card chooser", aria_labelledby="h-chosen"):
                        divider = Divider(self._divide, self._marked, self._on)
                        self.chooser = Chooser(self._choose, self._act, divider, (self._better, self._two), self._on)
                    with tag("section", classes="card", aria_labelledby="h-effects"):
                        self._build_effects()
                    self.suggestions, self.splits = SuggestPanel(desk), SplitPanel(desk)
                with tag("section", classes="list card", aria_labelledby="h-list"):
                    tag("h2", _("Townships and schools"), id="h-list")
                    Finder(live, self._listed, self._refuse, self._on)
                    self.list = ListView(base, lambda kind, code: self._on(self._listed, kind, code)())
        self._refresh()

    def _build_map(self) -> None:
        live = self.live
        with tag("div", classes="bar"):
            self._undo = tag("button", _("Undo"), type="button")
            clicked(self._undo, self._on(self._step_back))
            self._redo = tag("button", _("Redo"), type="button")
            clicked(self._redo, self._on(self._step_forth))
            self._kept = tag("span", "", classes="note")
            bar = tag("div")
        label = _("Map of the communities. The list of townships below says and does the same.")
        self.map = MapView(
            live.table.base,
            live.experiment.map,
            self._marks(),
            label,
            lambda kind, code: self._on(self._picked, kind, code)(),
            lambda kind, code: self._expect(Selection(kind, code)),
            lambda kind, code, town: self._on(self._dropped, kind, code, town)(),
        )
        with bar:
            self.zoom = Zoom(self.map, self._on, self._refuse)
        hint = _("Click a township or a school, then a community. Or drag it onto another community.")
        tag("p", hint, classes="note no-print")
        self._legend_list = tag("ul", classes="legend", aria_label=_("Communities"))

    def _build_legend(self) -> None:
        own = self.live.experiment.map
        styles = community_colours(self.live.table.base, own)
        self._legend_list.clear()
        self._legend_list.classes(replace="legend many" if len(own.names) > _MANY else "legend")
        self._legend.clear()
        with self._legend_list:
            for community in own.names:
                with tag("li"):
                    button = tag("button", type="button")
                    with button:
                        html(_swatch(styles[community]), "svg", "swatch", aria_hidden="true", viewBox="0 0 24 17")
                        self._legend[community] = tag("span", "")
                    clicked(button, self._on(self._legend_clicked, community))

    def _build_effects(self) -> None:
        tag("h2", _("Effects"), id="h-effects")
        self._progress = tag("p", "", classes="progress")
        self._flips = html("", "div")
        self._effects = html("", "div", "effects")
        self._folded = [
            Folded(_("All measures"), lambda effects: bool(effects.communities), measures_panel, self._on),
            Folded(_("Duties that change"), lambda effects: bool(effects.duties), duties_panel, self._on),
            Folded(
                _("Junior highs whose nearest host changes"),
                lambda effects: bool(effects.nearest),
                nearest_panel,
                self._on,
            ),
        ]

    # ---------------------------------------------------------------------------------------------------- what it shows

    def changed(self) -> None:
        """The experiment is another one."""
        if not self.client.is_deleted:
            with self._speaking():
                self._refresh()

    def told(self, *, final: bool) -> None:
        """There is more to say of the effects."""
        if self.client.is_deleted:
            return
        with self._speaking():
            self._show_effects()
            if final:
                self._expect(self.selection)
            if final and self.live.experiment.flips:
                found = self.live.effects
                self._say(render(self.live.problems) if found is None else verdict(found).text)

    def _heard(self) -> None:
        """There is something new of a search."""
        if not self.client.is_deleted:
            with self._speaking():
                self.suggestions.changed()
                self.splits.changed()

    def saved(self) -> None:
        """It was kept, or could not be."""
        if not self.client.is_deleted:
            with self._speaking():
                self._show_kept()

    def _refresh(self) -> None:
        """Everything but the effects."""
        live, own = self.live, self.live.experiment.map
        if self.selection is not None and not self._exists(self.selection):
            self.selection = None
            self.chooser.focus()
        if list(self._legend) != list(own.names):
            self._build_legend()
        for community, words in self._legend.items():
            count = _n("{n} school", "{n} schools", len(own.members(community)))
            locked = f" {_('locked')}" if community in live.experiment.locks.communities else ""
            set_text(words, f"{own.names[community]} ({count}{locked})")
        self.map.update(own, self._marks())
        self._show_selection()
        nothing_back, nothing_forth = not live.experiment.flips, not live.experiment.undone
        set_attributes(self._undo, aria_disabled="true" if nothing_back else "false")
        set_attributes(self._redo, aria_disabled="true" if nothing_forth else "false")
        self._show_kept()
        self._show_effects()
        self.suggestions.changed()
        self.splits.changed()

    def _exists(self, selection: Selection) -> bool:
        return selection.kind != "community" or selection.key in self.live.experiment.map.names

    def _show_selection(self) -> None:
        chosen = self.selection
        own = self.live.experiment.map
        towns: tuple[str, ...] = ()
        if chosen is not None and chosen.kind != "school":
            towns = (chosen.key,) if chosen.kind == "township" else own.territory(chosen.key)
        self.zoom.chosen(towns or ((own.place[chosen.key],) if chosen is not None and chosen.kind == "school" else ()))
        self.map.choose(towns, chosen.key if chosen is not None and chosen.kind == "school" else "")
        self.chooser.show(self.live.experiment, chosen)
        self.list.show(self.live.experiment, *(("", "") if chosen is None else (chosen.kind, chosen.key)))

    def _community(self, community: str) -> str:
        return _("no community") if community == NOWHERE else self.live.experiment.map.names[community]

    def _marks(self) -> Marks:
        live = self.live
        own, was = live.experiment.map, live.table.base.map
        towns, schools = all_moved(was, own)
        conveners: set[str] = set()
        cut: set[str] = set()
        if live.effects is not None:
            for finding in live.effects.findings:
                if finding.code in ("more_pieces", "cut_off"):
                    cut.update(town for part in finding.values["parts"] for town in part)
        for community in own.names:
            state = live.table.plans.known(own, community)
            if state is not None and state.result is not None and state.result.assignment is not None:
                conveners.add(state.result.assignment.convener)
        benchmarks = {code for code, entry in live.table.base.schools.items() if entry.get("benchmark")}
        return Marks(frozenset(towns), frozenset(schools), frozenset(cut), conveners, benchmarks)

    def _show_kept(self) -> None:
        live = self.live
        if live.unsaved is not None:
            text = _("Not saved: {reason}", reason=str(live.unsaved.what))
        elif live.saved_step < live.step:
            text = _("Saving …")
        else:
            text = _("Saved")
        set_text(self._kept, text)

    def _show_effects(self) -> None:
        live = self.live
        names = [self._community(c) for c in live.pending if c in live.experiment.map.names]
        if live.effects is None and not live.problems:
            text, busy = _("Looking at the change …"), True
        elif live.pending:
            text, busy = _("Finding new plans: {names}", names=join_list(names) or _("the plans before")), True
        else:
            text, busy = "", False
        set_text(self._progress, text)
        self._progress.classes(replace="progress busy" if busy else "progress")
        self._flips.set_content(flips_panel(live.experiment))
        if live.effects is not None or live.problems:
            self._effects.set_content(effects_panel(live))
            known = "true" if live.effects is not None and live.effects.complete else "false"
            set_attributes(self._effects, data_step=str(live.step), data_complete=known)
        # What is folded comes after what is read first.
        asyncio.get_running_loop().call_later(_FOLDED_SECONDS, self._show_details, live.effects)

    def _show_details(self, effects: Effects | None) -> None:
        """Marks of the map and the folded tables, unless there is something newer already."""
        if effects is not self.live.effects or self.client.is_deleted:
            return
        with self._speaking():
            self.map.update(self.live.experiment.map, self._marks())
            for folded in self._folded:
                folded.show(effects)

    def _say(self, text: str) -> None:
        set_text(self._said, text)

    # ----------------------------------------------------------------------------------------------------- what is done

    def _picked(self, kind: str, code: str) -> None:
        """Something was clicked on the map."""
        self._choose(Selection(kind, code))

    def _listed(self, kind: str, code: str) -> None:
        """Something was chosen in the list: what can be done is offered where the focus goes."""
        self._choose(Selection(kind, code))
        self.chooser.focus()

    def _choose(self, selection: Selection | None) -> None:
        back = self.selection
        self.selection = selection
        set_text(self._alert, "")
        self._show_selection()
        self._expect(self.selection)
        if selection is None and back is not None:
            self.list.focus(back.kind, back.key)

    def _expect(self, chosen: Selection | None) -> None:
        """What is chosen, or held, may be moved next."""
        self.live.expect(self, () if chosen is None else likely(self.live.experiment, chosen))

    def _legend_clicked(self, community: str) -> None:
        """A township or school that is chosen goes to this community; otherwise the community is chosen."""
        chosen = self.selection
        if chosen is not None and chosen.kind != "community" and self._belongs(chosen) != community:
            self._move(chosen, community)
            # The next click here is about a community again, not about what was just moved.
            self.selection = None
            self._show_selection()
        else:
            self._choose(Selection("community", community))
            self.chooser.focus()

    def _belongs(self, selection: Selection) -> str:
        own = self.live.experiment.map
        if selection.kind == "township":
            return own.home.get(selection.key, NOWHERE)
        return own.member[selection.key]

    def _dropped(self, kind: str, code: str, town: str) -> None:
        """Something was dragged onto a township: it goes to the community of that."""
        community = self.live.experiment.map.home.get(town, NOWHERE)
        if self._belongs(Selection(kind, code)) != community:
            self.selection = Selection(kind, code)
            self._move(self.selection, community)

    def _move(self, selection: Selection, community: str) -> None:
        kind = MoveTownship if selection.kind == "township" else MoveSchool
        self._make((kind(selection.key, community),))

    def _make(self, flips: tuple[Flip, ...]) -> None:
        names = self.live.experiment.map.names
        said = "; ".join(flip_line(self.live.table.base, flip, names) for flip in flips)
        self._do(lambda experiment: experiment.flip(*flips), said)

    def _better(self, community: str) -> None:
        self.suggestions.around(community)

    def _two(self, community: str) -> None:
        self.splits.ask(community)

    def _refuse(self, text: str) -> None:
        set_text(self._alert, text)

    def _marked(self, towns: tuple[str, ...]) -> None:
        """Part of the community that is chosen was marked."""
        set_text(self._alert, "")
        chosen = self.selection
        if chosen is not None and chosen.kind == "community":
            self.map.choose(towns or self.live.experiment.map.territory(chosen.key), "")

    def _divide(self, flip: Divide | None) -> None:
        if flip is None:
            set_text(self._alert, _("Nothing is marked. Mark what the new community should get."))
        else:
            self._make((flip,))

    def _act(self, choice: Choice) -> None:
        """A button of the chooser."""
        if choice.flip is not None:
            self._make((choice.flip,))
        else:
            assert choice.change is not None
            self._do(choice.change, choice.said)

    def _step_back(self) -> None:
        if self.live.experiment.flips:
            self._do(lambda experiment: experiment.undo(), _("One change was taken back."))

    def _step_forth(self) -> None:
        if self.live.experiment.undone:
            self._do(lambda experiment: experiment.redo(), _("One change was made again."))

    def _do(self, change: Callable[[Experiment], Experiment], said: str) -> None:
        set_text(self._alert, "")
        problems = self.live.make(change)
        if problems:
            set_text(self._alert, "\n".join(f"{problem.what} {problem.mend}" for problem in problems))
        else:
            self._say(said)


def _swatch(style: Style) -> str:
    return rendered("swatch.svg.j2", paint=style.paint)
