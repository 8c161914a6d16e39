"""What is asked of each community of a file: a plan, two plans beside it, a plan without each clause in turn."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from assigner.batch.keys import Digests, job_key, program_fingerprint
from assigner.batch.spec_folder import readable
from assigner.batch.values import Member, Question
from models.documents import content_hash

if TYPE_CHECKING:
    from assigner.batch.expanding import Spec

__all__ = ["Asking", "Chunk", "Questions"]

Chunk = tuple[Sequence[Member], Mapping[str, bytes]]
"""Members, and the inputs that they need and none before them needed: hash -> packed canonical scenario."""


@dataclass(frozen=True)
class Questions:
    """What is asked of each member.

    Parameters
    ----------
    price : bool
        Also what the order of the aims costs.
    splits : bool
        Also two plans, where the community is large enough.
    rules : bool
        Also, for the communities as they are, a plan without each clause in turn: what it costs.
    """

    price: bool = False
    splits: bool = False
    rules: bool = False


class Asking:
    """What a run is to do; nothing is read before it is needed.

    Parameters
    ----------
    spec : Spec
    questions : Questions
    name : str
        What to call the run; empty: as the file.
    """

    def __init__(self, spec: Spec, questions: Questions, name: str = "") -> None:
        self.spec, self.questions = spec, questions
        self.name = readable(name) or spec.name
        self.is_named = bool(name)
        """Somebody has chosen the name; a run that is known is called otherwise then."""

    @property
    def digest(self) -> str:
        """Equal where all files, the questions and the program are: the run is known then."""
        return content_hash([self.spec.digest, asdict(self.questions)])

    def told(self) -> dict[str, Any]:
        """What lists say of the run: kind of file, axes, questions."""
        axes = {axis: [*values] for axis, values in self.spec.axes.items()}
        return {"kind": self.spec.kind, "axes": axes, "questions": asdict(self.questions)}

    @property
    def notes(self) -> list[str]:
        """Files that are left out, and why; complete once all members were made."""
        return [f"{note.file}: {note.what}" for note in self.spec.notes]

    def total(self) -> int:
        """Number of members, as far as it is known before they are made."""
        return self.spec.total * (2 if self.questions.splits else 1)

    def chunks(self) -> Iterator[Chunk]:
        """Make the members.

        Raises
        ------
        assigner.errors.InputError
            The base map or the variants file cannot be used.
        """
        questions = [Question(price=self.questions.price)]
        if self.questions.splits:
            questions.append(Question("split"))
        ordinal = 0
        clauses = _Clauses()
        for members, inputs in self.spec.members(questions):
            made: list[Member] = []
            for member in members:
                lifted = clauses.without(member, inputs) if self.questions.rules else ()
                for one in (member, *lifted):
                    label = f"{one.label}, split" if one.question.kind == "split" else one.label
                    made.append(replace(one, ordinal=ordinal, label=label))
                    ordinal += 1
            yield made, inputs


class _Clauses:
    """The members that ask what each clause costs."""

    def __init__(self) -> None:
        self._liftable: dict[str, tuple[str, ...]] = {}

    def without(self, member: Member, inputs: Mapping[str, bytes]) -> Iterator[Member]:
        """The member without each clause in turn, if it is a community as it is and asks for a plan."""
        if member.variant or member.delta or member.question.kind != "plan" or member.input not in inputs:
            return
        content = json.loads(zlib.decompress(inputs[member.input]))
        question = replace(member.question, price=False)
        digest = Digests().content(content)
        for clause in self._clauses(content):
            key = job_key(digest, question, [clause], program=program_fingerprint())
            yield replace(
                member,
                job=key,
                label=f"{member.label}, lift={clause}",
                variant={"lift": clause},
                delta={"lift": [clause]},
                question=question,
            )

    def _clauses(self, content: Mapping[str, Any]) -> tuple[str, ...]:
        book = str(content["rulebook"]["hash"])
        if book not in self._liftable:
            from assigner.scenario import Scenario

            self._liftable[book] = Scenario.from_canonical(content).rulebook.liftable
        return self._liftable[book]
