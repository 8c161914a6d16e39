"""What is done for people beside the page (`assigner.web.errands`): what they ask, and answers as plain values.

An answer is told in every language where it is found, so that the server only passes it on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from assigner.messages import LANGUAGES, language_set

if TYPE_CHECKING:
    from assigner.boundary.solving import Plans
    from assigner.boundary.suggesting import Suggestions
    from assigner.boundary.values import Locks
    from assigner.report.statements import Statement
    from assigner.report.tables import Table
    from assigner.splitting.solving import Split
    from geodata.base_map import BaseMap, Flip
    from models.split.values import Proposal
    from models.stopping import Progress, Stop

__all__ = ["Advice", "AdviceWords", "Pair", "SplitAdvice", "SplitJob", "SplitWords", "SuggestJob"]

_MOST_SECONDS = 600.0
"""Nobody waits longer; then the best so far is told."""

_OTHER_PAIRS = 1

_T = TypeVar("_T")


def _in_every_language(say: Callable[[], _T]) -> Mapping[str, _T]:
    said = {}
    for language in LANGUAGES:
        with language_set(language):
            said[language] = say()
    return said


# ------------------------------------------------------------------------------------------------------- suggestions


@dataclass(frozen=True)
class AdviceWords:
    """Suggestions in one language.

    Attributes
    ----------
    verdict : Statement
    asked, how : tuple of str
        What was asked, and how many maps there are.
    better, aims, ranking : Table
        Rows of `better` and `ranking` are those of `Advice.better` and `Advice.moves`.
    page : str
        All of it as a page of its own; empty where nothing was found.
    """

    verdict: Statement
    asked: tuple[str, ...]
    how: tuple[str, ...]
    better: Table
    aims: Table
    ranking: Table
    page: str


@dataclass(frozen=True)
class Advice:
    """Suggestions: the flips, and what is said of them in each language."""

    better: tuple[tuple[Flip, ...], ...]
    moves: tuple[tuple[Flip, ...], ...]
    said: Mapping[str, AdviceWords]


@dataclass(frozen=True)
class SuggestJob:
    """What would be better (parameters as `assigner.boundary.suggesting.suggest`; empty for none)."""

    max_flips: int = 1
    around: str = ""
    target: str = ""
    schools: bool = False

    @property
    def kind(self) -> str:
        """See `assigner.web.errands.Job`."""
        return "suggest"

    def run(self, plans: Plans, base_map: BaseMap, locks: Locks, stop: Stop, progress: Progress) -> Advice:
        """Find it."""
        from assigner.boundary.suggesting import suggest

        answer = suggest(
            plans,
            base_map,
            max_flips=self.max_flips,
            around=self.around or None,
            target=self.target or None,
            schools=self.schools,
            locks=locks,
            time_limit=_MOST_SECONDS,
            stop=stop,
            progress=progress,
        )
        better = tuple(entry.flips for entry in answer.better)
        moves = tuple(entry.flips for entry in answer.ranking)
        return Advice(better, moves, _in_every_language(lambda: _advice_words(answer)))


def _advice_words(answer: Suggestions) -> AdviceWords:
    from assigner.report import suggest_statements as sentences
    from assigner.report import suggest_tables as tables
    from assigner.report.suggest_page import suggestions_page

    return AdviceWords(
        sentences.verdict(answer),
        sentences.asked(answer),
        sentences.how_found(answer),
        tables.better(answer),
        tables.aims(answer),
        tables.ranking(answer),
        suggestions_page(answer) if answer.status != "stopped" else "",
    )


# --------------------------------------------------------------------------------------------------------- two plans


@dataclass(frozen=True)
class SplitWords:
    """A split in one language.

    Attributes
    ----------
    name : str
        Of the community.
    verdict : Statement
    lines : tuple of str
        Who convenes, what it costs; or why there is no split.
    sources : tuple of str
        Of the reasons: the words of the programme.
    helping : tuple of (str, str, str)
        What would allow a split: what to change, how, and what it gives.
    plans, pairs : Table or None
        Rows of `pairs` are those of `SplitAdvice.pairs`.
    page : str
        All of it as a page of its own.
    """

    name: str
    verdict: Statement
    lines: tuple[str, ...]
    sources: tuple[str, ...]
    helping: tuple[tuple[str, str, str], ...]
    plans: Table | None
    pairs: Table | None
    page: str


@dataclass(frozen=True)
class Pair:
    """A division: what lies in the smaller of the two plans, the other way round where they are equal."""

    townships: tuple[str, ...]
    schools: tuple[str, ...]


@dataclass(frozen=True)
class SplitAdvice:
    """Two plans for a community: the divisions, and what is said of them in each language."""

    community: str
    pairs: tuple[Pair, ...]
    said: Mapping[str, SplitWords]


@dataclass(frozen=True)
class SplitJob:
    """Propose two plans for a community."""

    community: str

    @property
    def kind(self) -> str:
        """See `assigner.web.errands.Job`."""
        return "split"

    def run(self, plans: Plans, base_map: BaseMap, locks: Locks, stop: Stop, progress: Progress) -> SplitAdvice:
        """Propose them."""
        from assigner.report.split_tables import named_alternatives
        from assigner.splitting.solving import solve_split

        scenario, _dropped = plans.scenario(base_map, self.community)
        if scenario is None:
            raise ValueError(self.community)
        answer = solve_split(
            scenario,
            top=_OTHER_PAIRS,
            work_limit=plans.work_limit,
            time_limit=_MOST_SECONDS,
            stop=stop,
            progress=progress,
        )
        pairs = [pair for _name, pair in named_alternatives(answer)] if answer.proposal is not None else []
        return SplitAdvice(
            self.community,
            tuple(_pair(base_map, self.community, proposal) for proposal in pairs),
            _in_every_language(lambda: _split_words(answer)),
        )


def _pair(base_map: BaseMap, community: str, proposal: Proposal) -> Pair:
    """The side that becomes a community of its own."""
    side = min((1, 0), key=lambda k: proposal.sizes[k])
    towns = {str(node) for node in proposal.division.sides[side]}
    home = tuple(sorted(town for town in towns if base_map.home.get(town) == community))
    alone = tuple(
        code
        for code in base_map.members(community)
        if base_map.place[code] in towns and base_map.place[code] not in home
    )
    return Pair(home, alone)


def _split_words(answer: Split) -> SplitWords:
    from assigner.report import split_statements as sentences
    from assigner.report import split_tables as tables
    from assigner.report.split_page import page_text

    name = answer.problem.community.name or answer.problem.community.id
    if answer.proposal is None:
        refusals = sentences.refusals(answer)
        return SplitWords(
            name,
            sentences.verdict(answer),
            tuple(entry.text for entry in refusals),
            tuple(dict.fromkeys(entry.source for entry in refusals if entry.source)),
            tuple((entry.told, entry.option, entry.gives) for entry in sentences.helping(answer)),
            None,
            None,
            page_text(answer),
        )
    wide = tables.alternatives(answer)
    kept = ("name", "sizes", "conveners", "travel", "convener_travel")
    pairs = wide.without(*(column.key for column in wide.columns if column.key not in kept))
    lines = (*sentences.stopped(answer), *sentences.how_conveners(answer), *sentences.work(answer))
    return SplitWords(
        name,
        sentences.verdict(answer),
        lines,
        (),
        (),
        tables.plan_figures(answer),
        pairs,
        page_text(answer),
    )
