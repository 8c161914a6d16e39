"""Two experiments side by side, as a page that needs no script."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from assigner.messages import _, current_language, language_set
from assigner.report import boundary_statements as sentences
from assigner.report.community_svg import Marks, map_element
from assigner.web.markup import rendered, style_sheet
from assigner.web.panels import effects_panel, other_languages
from geodata.base_map import all_moved

if TYPE_CHECKING:
    from assigner.web.live import Live

__all__ = ["comparison_page"]

_MOST_SECONDS = 60.0
"""So long a page waits for plans that are not known; then it says so."""


class _Waiter:
    """Waits like an open page until all is known of an experiment."""

    def __init__(self) -> None:
        self.known = asyncio.Event()

    def changed(self) -> None:
        """Nothing is shown that could change."""

    def told(self, *, final: bool) -> None:
        """All is known, or not yet."""
        if final:
            self.known.set()

    def saved(self) -> None:
        """No matter here."""


async def _complete(live: Live) -> None:
    """Wait until the plans of an experiment are known."""
    if live.effects is not None and live.effects.complete:
        return
    waiter = _Waiter()
    live.join(waiter)
    live.refresh()
    try:
        await asyncio.wait_for(waiter.known.wait(), _MOST_SECONDS)
    except TimeoutError:
        pass
    finally:
        live.views.remove(waiter)


async def comparison_page(one: Live, other: Live) -> str:
    """The page, in the current language."""
    from markupsafe import Markup

    language = current_language()
    await asyncio.gather(_complete(one), _complete(other))
    with language_set(language):
        sides = [_side(live, prefix, Markup) for live, prefix in ((one, "a-"), (other, "b-"))]
        text = rendered(
            "compare.html.j2",
            title=_("Two experiments side by side"),
            style=style_sheet(),
            sides=sides,
            other_base=one.table.key != other.table.key,
            numbers=(one.number, other.number),
            others=other_languages(language),
            words={
                "languages": _("Language"),
                "each": _(
                    "Each is compared with its base map. Sums are over the communities that it touches: where these "
                    "are others, the sums of the two are not of the same schools."
                ),
                "back": _("Go on with this experiment"),
                "other_base": _("The two are made on different base maps; each is compared with its own."),
                "no_change": _("No change was made."),
            },
        )
    for live in (one, other):
        if not live.views:
            live.leave(_Waiter())
    return text


def _side(live: Live, prefix: str, markup: Any) -> dict[str, Any]:
    base, own = live.table.base, live.experiment.map
    towns, schools = all_moved(base.map, own)
    name = live.experiment.name
    drawn = map_element(
        base,
        own,
        Marks(frozenset(towns), frozenset(schools)),
        prefix=prefix,
        title=_("Map of {community}", community=name),
    )
    return {
        "name": name,
        "number": live.number,
        "map": markup(ET.tostring(drawn, encoding="unicode")),
        "flips": sentences.flip_lines(base, live.experiment.flips),
        "effects": markup(effects_panel(live)),
    }
