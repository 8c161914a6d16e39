"""What the page finds out when it is asked to: changes that would be better, and two plans for a community.

Both are errands (`assigner.web.errands`): asked for here, found elsewhere, and shown with a button that makes each of
them. An answer belongs to the step that it was asked for; its buttons try it on the experiment as it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assigner.messages import _, _n
from assigner.report.suggest_statements import MEASURE_NAMES
from assigner.report.tables import Table, shown
from assigner.web.dividing import divided
from assigner.web.elements import clicked, filled, html, pressed, set_text, tag
from assigner.web.jobs import Advice, SplitAdvice, SplitJob, SuggestJob
from assigner.web.markup import rendered
from assigner.words import TIER_NAMES

if TYPE_CHECKING:
    from nicegui.element import Element

    from assigner.web.errands import Errand, Job
    from assigner.web.live import Live
    from geodata.base_map import Flip

__all__ = ["Desk", "SplitPanel", "SuggestPanel"]

_MOST_FLIPS = 2
_FEW = 8
"""Of up to so many communities all are asked about at first; of more, one."""


@dataclass(frozen=True)
class Desk:
    """What a panel needs of its page.

    Parameters
    ----------
    live : Live
    language : str
    on : callable
        Makes a handler of an event.
    make : callable
        Makes flips.
    refuse : callable
        Called with a sentence about what cannot be done.
    say : callable
        Called with what is announced.
    """

    live: Live
    language: str
    on: Callable[..., Callable[..., None]]
    make: Callable[[tuple[Flip, ...]], None]
    refuse: Callable[[str], None]
    say: Callable[[str], None]


class _Panel:
    """Folded: a form, how the search goes with a button that stops it, and the answer."""

    kind = ""

    def __init__(self, desk: Desk, title: str, identity: str) -> None:
        self.desk = desk
        self._seen: tuple[Errand, str] | None = None
        self._shown: Errand | None = None
        self._stopped_here = False
        with tag("details", classes="card asking", id=identity) as self._details:
            with tag("summary"):
                self._title = tag("h2", title, tabindex="-1")
            self._form()
            with tag("p", classes="going"):
                self._going = tag("span", "")
                self._stop = tag("button", _("Stop"), type="button")
            clicked(self._stop, desk.on(self._stopped))
            self._reason = tag("p", "", classes="alert-text")
            self._since = tag("p", "", classes="note")
            self._answer = html("", "div", "answer")
            pressed(self._answer, desk.on(self._apply))
        self.changed()

    def _form(self) -> None:
        """What is asked."""

    def _content(self, errand: Errand) -> str:
        """The answer as markup."""
        raise NotImplementedError

    def _verdict(self, errand: Errand) -> str:
        raise NotImplementedError

    def _flips(self, errand: Errand, key: str) -> tuple[Flip, ...]:
        """What a button makes."""
        raise NotImplementedError

    def _offers(self, errand: Errand) -> bool:
        """Whether there is any button."""
        raise NotImplementedError

    @property
    def _errand(self) -> Errand | None:
        return self.desk.live.workshop.errands.of(self.desk.live, self.kind)

    def unfold(self) -> None:
        """Unfold, and let the keyboard go on here."""
        self._details.run_method("setAttribute", "open", "")
        self._title.run_method("focus")

    def begin(self, job: Job) -> None:
        """Ask."""
        errands = self.desk.live.workshop.errands
        if errands.begin(self.desk.live, job) is None:
            other = errands.busy(self.desk.live.owner)
            self.desk.refuse(_one_at_a_time(self.desk.live, other))
            return
        self.desk.say(_("The search has begun; the page can be used meanwhile."))
        self.unfold()

    def _stopped(self) -> None:
        errand = self._errand
        if errand is not None:
            self._stopped_here = True
            self.desk.live.workshop.errands.stop(errand)

    def _apply(self, key: str) -> None:
        errand = self._errand
        if errand is None:
            self.changed()
        elif errand.state == "done":
            try:
                flips = self._flips(errand, key)
            except (ValueError, IndexError):  # nothing that this page has sent
                return
            self.desk.make(flips)

    def changed(self) -> None:
        """The experiment, or what is known of the search, is another one."""
        errand = self._errand
        self._details.set_visibility(self._is_needed(errand))
        if errand is None:  # none was asked for, or its answer is not kept any longer
            self._show_going("", stoppable=False)
            set_text(self._reason, "")
            set_text(self._since, "")
            self._answer.set_content("")
            self._shown = None
            return
        if errand.busy:
            self._show_going(_progress(errand), stoppable=not errand.stopping)
        else:
            self._show_going("", stoppable=False)
        problems = "\n".join(f"{problem.what} {problem.mend}" for problem in errand.problems)
        set_text(self._reason, problems)
        now = self.desk.live.experiment
        since = ""
        other = (errand.flips, errand.locks) != (now.flips, now.locks)
        if errand.state == "done" and other and self._offers(errand):
            since = _(
                "The experiment is another one since this was found. The buttons try it on the experiment as it is now."
            )
        set_text(self._since, since)
        if errand.state == "done" and self._shown is not errand:
            self._answer.set_content(self._content(errand))
        elif errand.state != "done":
            self._answer.set_content("")
        self._shown = errand if errand.state == "done" else None
        if self._seen is None or self._seen[0] is not errand or self._seen[1] != errand.state:
            first, self._seen = self._seen is None, (errand, errand.state)
            if first:
                self._details.props["open"] = True
            elif not errand.busy:
                self.desk.say(problems or self._verdict(errand))
                if self._stopped_here:  # the button that was pressed is gone
                    self._title.run_method("focus")
                self._stopped_here = False

    def _is_needed(self, errand: Errand | None) -> bool:
        return True

    def _show_going(self, text: str, *, stoppable: bool) -> None:
        set_text(self._going, text)
        self._going.classes(replace="busy" if text else "")
        self._stop.set_visibility(stoppable)


def _progress(errand: Errand) -> str:
    if errand.stopping:
        return _("Stopping; the best so far follows.")
    if errand.line is None:
        return _("Waiting until a search of somebody else ends.")
    return _("Searching: {progress}", progress=errand.line.sentence().strip())


def _one_at_a_time(live: Live, other: Errand | None) -> str:
    names = {one.id: one.name for one in live.workshop.kept(live.owner)}
    name = "" if other is None else names.get(other.number, "")
    if not name:
        return _("One search at a time. That of an experiment you have deleted is just ending.")
    return _("One search at a time. Stop the one that goes on in the experiment “{name}” first.", name=name)


# --------------------------------------------------------------------------------------------------------- suggestions


class SuggestPanel(_Panel):
    """Changes that would be better, and what every single move would do."""

    kind = "suggest"

    def __init__(self, desk: Desk) -> None:
        self._around: Element | None = None
        self._names: tuple[tuple[str, str], ...] | None = None
        super().__init__(desk, _("What would be better?"), "suggestions")

    def _form(self) -> None:
        with tag("form", classes="ask") as form:
            with tag("label"):
                tag("span", _("Around which community"))
                self._around = tag("select", name="around")
            with tag("label"):
                tag("span", _("At most so many moves"))
                with tag("select", name="max_flips"):
                    for n in range(1, _MOST_FLIPS + 1):
                        tag("option", str(n), value=str(n))
            with tag("label"):
                tag("span", _("What counts first"))
                with tag("select", name="target"):
                    tag("option", _("the aims of the programme in their order"), value="")
                    for name in _targets():
                        tag("option", _(TIER_NAMES.get(name) or MEASURE_NAMES[name]), value=name)
            with tag("label", classes="box"):
                tag("input", type="checkbox", name="schools", value="yes")
                tag("span", _("Schools may move alone, too"))
            tag("button", _("Look for it"), type="submit")
        filled(form, self.desk.on(self._asked))

    def changed(self) -> None:
        """See `_Panel.changed`; the communities to choose from may be others."""
        names = tuple(self.desk.live.experiment.map.names.items())
        if names != self._names and self._around is not None:
            self._names = names
            self._around.clear()
            with self._around:
                options = [tag("option", _("all communities"), value="")]
                options += [tag("option", name, value=community) for community, name in names]
                options[len(names) > _FEW].props["selected"] = True
        super().changed()

    def around(self, community: str) -> None:
        """Ask what would be better around a community."""
        self.begin(SuggestJob(around=community))

    def _asked(self, values: list[tuple[str, str]]) -> None:
        said = dict(values)
        around, target = said.get("around", ""), said.get("target", "")
        flips = said.get("max_flips", "1")
        known = self.desk.live.experiment.map.names
        numbers = {str(n): n for n in range(1, _MOST_FLIPS + 1)}
        if (around and around not in known) or (target and target not in _targets()) or flips not in numbers:
            return
        self.begin(SuggestJob(numbers[flips], around, target, "schools" in said))

    def _content(self, errand: Errand) -> str:
        advice: Advice = errand.answer
        said = advice.said[self.desk.language]
        return rendered(
            "advice.html.j2",
            verdict=said.verdict,
            lines=(*said.asked[:1], *said.how),
            better=_rows(said.better, "better"),
            aims=_rows(said.aims) if said.aims.rows else None,
            ranking=_rows(said.ranking, "move"),
            count=_n("{n} move", "{n} moves", len(said.ranking.rows)),
            page=f"/{self.desk.language}/e/{errand.number}/suggestions" if said.page else "",
            words={
                "apply": _("Apply"),
                "page": _("All of it with the map, as a page of its own"),
            },
        )

    def _verdict(self, errand: Errand) -> str:
        return str(errand.answer.said[self.desk.language].verdict.text)

    def _offers(self, errand: Errand) -> bool:
        return bool(errand.answer.better or errand.answer.moves)

    def _flips(self, errand: Errand, key: str) -> tuple[Flip, ...]:
        kind, _dash, number = key.partition("-")
        advice: Advice = errand.answer
        return (advice.better if kind == "better" else advice.moves)[int(number)]


def _targets() -> tuple[str, ...]:
    from assigner.boundary.suggest_aims import CHOICES

    return CHOICES


# ----------------------------------------------------------------------------------------------------------- two plans


class SplitPanel(_Panel):
    """The best two plans for a community; shown when it was asked for."""

    kind = "split"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Two plans for a large community"), "two-plans")

    def ask(self, community: str) -> None:
        """Ask for two plans for a community."""
        self.begin(SplitJob(community))

    def _is_needed(self, errand: Errand | None) -> bool:
        return errand is not None

    def _content(self, errand: Errand) -> str:
        advice: SplitAdvice = errand.answer
        said = advice.said[self.desk.language]
        return rendered(
            "two_plans.html.j2",
            name=said.name,
            verdict=said.verdict,
            lines=said.lines,
            sources=said.sources,
            helping=said.helping,
            plans=None if said.plans is None else _rows(said.plans),
            pairs=None if said.pairs is None else {**_rows(said.pairs, "pair"), "title": _("Pairs of plans")},
            page=f"/{self.desk.language}/e/{errand.number}/split",
            words={
                "apply": _("Make it two communities"),
                "page": _("All of it with maps, as a page of its own"),
                "helping": _("What would allow a split (each was solved; the least given up first)"),
                "plain": _(
                    "A split makes two plans in one community. In an experiment it becomes two communities: "
                    "the smaller part gets a new one."
                ),
            },
        )

    def _verdict(self, errand: Errand) -> str:
        return str(errand.answer.said[self.desk.language].verdict.text)

    def _offers(self, errand: Errand) -> bool:
        return bool(errand.answer.pairs)

    def _flips(self, errand: Errand, key: str) -> tuple[Flip, ...]:
        advice: SplitAdvice = errand.answer
        pair = advice.pairs[int(key.partition("-")[2])]
        own = self.desk.live.experiment.map
        return (divided(own, advice.community, pair.townships, pair.schools),)


def _rows(table: Table, key: str = "") -> dict[str, Any]:
    """A table for a template: lines of each cell, and what the button of a row is called."""
    rows = []
    for number, row in enumerate(table.rows):
        cells = [
            list(value) if isinstance(value, tuple) else shown(value, column).split("\n")
            for value, column in zip(row, table.columns, strict=True)
        ]
        rows.append({"cells": cells, "apply": f"{key}-{number}" if key else ""})
    return {"title": table.title, "columns": table.columns, "rows": rows, "apply": bool(key), "note": table.note}
