"""From what a batch is asked to run to its members: which scenario, under which changes, is which job.

Members come in chunks, so that solving begins before all are known, and no more scenarios are held than a chunk needs.
First comes every community as it is, then community by community what the variants ask for.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from assigner.batch.drawing import Drawable, Perturbation
from assigner.batch.keys import Digests, job_key, program_fingerprint, reading_fingerprint
from assigner.batch.values import BASE_VARIANT, Member, Question, Variant
from assigner.batch.varying import vary
from assigner.batch.work import packed_input
from models.documents import content_hash

if TYPE_CHECKING:
    from assigner.errors import Problem
    from geodata.base_map import Flip
    from models.rulebook import Rulebook

__all__ = ["AS_IT_IS", "Change", "Chunk", "Found", "Ground", "counted", "expanded", "total_of"]

_FIRST_CHUNK, _CHUNK = 8, 200
_CHUNK_SECONDS = 0.25
"""A chunk ends with so many members, or after so long."""

_MOST_KEPT = 600
"""So many scenarios are kept for the variants that come after."""


class Chunk(NamedTuple):
    """Some members of a run, and the scenarios that they need and none before them needed.

    Parameters
    ----------
    members : tuple of Member
    inputs : Mapping[str, bytes]
        Hash -> canonical scenario, packed; empty where contents are not wanted.
    """

    members: tuple[Member, ...]
    inputs: Mapping[str, bytes]


@dataclass(frozen=True, eq=False)
class Change:
    """A variant: what it is called by and what it changes.

    Parameters
    ----------
    variant : Variant
        Axis -> value.
    label : str
        In lists.
    delta : Mapping
        For every community, as `assigner.batch.varying` knows it; what speaks of schools holds where they are.
    perturbation : Perturbation or None
        What is drawn for each community.
    seed : int or None
        Of the solver.
    rulebook : Rulebook or None
        In place of the one that the scenarios name.
    flips : tuple of Flip
        On the base map.
    """

    variant: Variant = field(default_factory=dict)
    label: str = ""
    delta: Mapping[str, Any] = field(default_factory=dict)
    perturbation: Perturbation | None = None
    seed: int | None = None
    rulebook: Rulebook | None = None
    flips: tuple[Flip, ...] = ()


AS_IT_IS = Change(BASE_VARIANT)


@dataclass(frozen=True, eq=False)
class Found:
    """A community as a variant finds it, before its changes.

    Parameters
    ----------
    community, name : str
    source : str
        File.
    canonical : dict or None
        None: it cannot be used.
    problems : tuple of Problem
        Why.
    cause : str
        Where it cannot be used, a digest of what is wrong.
    """

    community: str
    name: str
    source: str
    canonical: dict[str, Any] | None = None
    problems: tuple[Problem, ...] = ()
    cause: str = ""


class Ground(Protocol):
    """Communities under one map and one rulebook."""

    @property
    def count(self) -> int:
        """So many communities, as far as it is known."""

    def communities(self) -> Iterable[object]:
        """What each community is known by: equal for what is the same scenario."""

    def found(self, key: object) -> Found | None:
        """The community; None where there is nothing to solve after all."""


Part = tuple[Ground, Sequence[Change]]
"""Communities, and the variants of them."""


def total_of(parts: Iterable[Part], questions: int = 1) -> int:
    """Number of members, before any is made."""
    return questions * sum(ground.count * len(changes) for ground, changes in parts)


def counted(members: Iterable[Member]) -> dict[str, Any]:
    """How many: ``total``, ``jobs``, ``problems``, members by ``sources`` (file) and ``axes`` (value by value)."""
    total, jobs, sources, problems = 0, set(), Counter[str](), 0
    axes: dict[str, Counter[str | int | float | bool]] = {}
    for member in members:
        total, problems = total + 1, problems + bool(member.problems)
        jobs.add(member.job)
        sources[member.source] += 1
        for axis, value in member.variant.items():
            axes.setdefault(axis, Counter())[value] += 1
    return {
        "total": total,
        "jobs": len(jobs),
        "problems": problems,
        "sources": dict(sources),
        "axes": {axis: dict(values) for axis, values in axes.items()},
    }


def expanded(parts: Iterable[Part], questions: Sequence[Question], *, contents: bool = True) -> Iterator[Chunk]:
    """Make the members.

    Parameters
    ----------
    parts
        In the order in which they are solved.
    questions
        Each is asked of each.
    contents
        Whether the scenarios are wanted.
    """
    maker = _Maker(questions, contents)
    for ground, changes in _base_first(parts):
        for key in ground.communities():
            found = maker.found(ground, key)
            if found is not None:
                yield from maker.members(found, changes)
    yield from maker.rest()


def _base_first(parts: Iterable[Part]) -> Iterator[Part]:
    """Every community as it is, then all the rest."""
    for ground, changes in parts:
        if len(changes) > 1 and not changes[0].variant:
            yield ground, changes[:1]
            yield ground, changes[1:]
        else:
            yield ground, changes


class _Maker:
    """Makes members and collects them into chunks."""

    def __init__(self, questions: Sequence[Question], contents: bool) -> None:
        self.questions, self.contents = questions, contents
        self.program = program_fingerprint()
        self.ordinal = 0
        self.members_made: list[Member] = []
        self.inputs: dict[str, bytes] = {}
        self.given: set[str] = set()
        self.kept: OrderedDict[object, _Ready] = OrderedDict()
        self.began = time.monotonic()
        self.full = _FIRST_CHUNK

    def found(self, ground: Ground, key: object) -> _Ready | None:
        """The community, made once while it is kept."""
        known = self.kept.get(key)
        if known is None:
            found = ground.found(key)
            if found is None:
                return None
            known = self.kept[key] = _Ready(found)
            while len(self.kept) > _MOST_KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(key)
        return known

    def members(self, ready: _Ready, changes: Iterable[Change]) -> Iterator[Chunk]:
        """The community under each change; chunks that are full."""
        for change in changes:
            for question in self.questions:
                self.members_made.append(self._member(ready, change, question))
            if len(self.members_made) >= self.full or time.monotonic() - self.began > _CHUNK_SECONDS:
                yield from self.rest()

    def rest(self) -> Iterator[Chunk]:
        """What has not been given yet."""
        if self.members_made:
            chunk = Chunk(tuple(self.members_made), self.inputs)
            self.members_made, self.inputs = [], {}
            # Small ones first, so that nobody waits for something to do.
            self.full = min(_CHUNK, 2 * self.full)
            yield chunk
        self.began = time.monotonic()

    def _member(self, ready: _Ready, change: Change, question: Question) -> Member:
        found, ordinal = ready.found, self.ordinal
        self.ordinal += 1
        label = ", ".join(filter(None, (found.name or found.community, change.label)))
        if change.seed is not None:
            question = Question(question.kind, question.price, change.seed)
        if found.canonical is None:
            asked = [found.cause, sorted(change.variant.items()), question.kind, reading_fingerprint()]
            return Member(
                ordinal,
                content_hash(asked),
                "",
                found.community,
                found.name,
                label,
                change.variant,
                found.source,
                {},
                question,
                found.problems,
            )
        if ready.hash not in self.given:
            self.given.add(ready.hash)
            if self.contents:
                self.inputs[ready.hash] = packed_input(found.canonical)
        delta, content = ready.under(change)
        return Member(
            ordinal,
            job_key(content, question, delta.get("lift", ()), program=self.program),
            ready.hash,
            found.community,
            found.name,
            label,
            change.variant,
            found.source,
            delta,
            question,
        )


class _Ready:
    """A community, and what all its variants share."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.hash = ""
        self.digests = Digests()
        self._last: tuple[Change, Mapping[str, Any], str] | None = None
        if found.canonical is not None:
            self.hash = content_hash(found.canonical)
            self.content = self.digests.content(found.canonical, keep=True)
            scenario = found.canonical["scenario"]
            self.schools = {school["code"] for school in scenario["schools"]}
            self.codes = self.schools | {partner["code"] for partner in scenario["outside_partners"]}

    def under(self, change: Change) -> tuple[Mapping[str, Any], str]:
        """Delta and digest of the content under a change."""
        if self._last is None or self._last[0] is not change:
            delta = self._delta(change)
            assert self.found.canonical is not None
            content = self.content
            if delta.keys() - {"lift"}:
                content = self.digests.content(vary(self.found.canonical, delta))
            self._last = change, delta, content
        return self._last[1], self._last[2]

    def _delta(self, change: Change) -> Mapping[str, Any]:
        """What a change says to this community: pins and the like where it has the school."""
        delta = dict(change.delta)
        for section in ("pins", "bans"):
            if section in delta:
                here = {item: [c for c in codes if c in self.codes] for item, codes in delta[section].items()}
                delta[section] = {item: codes for item, codes in here.items() if codes}
                if not delta[section]:
                    del delta[section]
        convener = delta.get("convener")
        if convener is not None and convener != "choose" and convener not in self.codes:
            del delta["convener"]
        if change.perturbation is not None:
            drawn = change.perturbation.drawn(self.drawable, delta.get("pins"))
            if "effort" in drawn and "effort" in delta:  # what is stated is not drawn
                drawn["effort"] |= delta["effort"]
            delta |= drawn
        return delta

    @cached_property
    def drawable(self) -> Drawable:
        """What of it can be drawn anew."""
        assert self.found.canonical is not None
        return Drawable(self.found.canonical)
