"""A run of a store as tidy frames: what was asked, what came of it, and what it says of the country.

Every number of the national report stands in one of these frames. Answers are read once, into columns
(`assigner.batch.run_facts`); what is worked out from them is in `assigner.batch.run_frames`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.batch.run_facts import Answers, Inputs, answers_of, inputs_of
from assigner.batch.store import Store
from assigner.messages import N_

if TYPE_CHECKING:
    import pandas as pd

    from models.rulebook import Rulebook

__all__ = ["FRAMES", "Row", "Runs"]

FRAMES: Mapping[str, str] = {
    "jobs": N_("every member of the run: community, variant, state, values of the aims"),
    "loads": N_("the load of every school under every variant"),
    "duties": N_("every duty, convening included, under every variant"),
    "tiers": N_("every aim with its value, bound and proof"),
    "communities": N_("every community under its base variant, and over all its variants"),
    "counties": N_("every county; a community counts where most of its schools are"),
    "schools": N_("what every school carries: least, mean, most over the variants"),
    "clauses": N_("every clause that collides or is lifted: where, and what lifting it gains"),
    "lifts": N_("what lifting a clause gains, community by community and aim by aim"),
    "relaxations": N_("every relaxation that is in force or would help, with the clauses that collide without it"),
    "splits": N_("every split that was asked for, beside the one plan"),
    "robustness": N_("in which share of the variants a duty is with the same school"),
    "outliers": N_("communities that stand apart from the others, measure by measure"),
    "failures": N_("every member without an answer, and why"),
}
"""Name -> what it has a row for."""


@dataclass(frozen=True)
class Row:
    """A member with what the store knows of its job, the answer aside."""

    ordinal: int
    job: str
    community: str
    name: str
    label: str
    variant: Mapping[str, Any]
    source: str
    input: str
    delta: Mapping[str, Any]
    kind: str
    state: str
    status: str
    seconds: float | None
    error: Mapping[str, Any]
    attempts: int


class Runs:
    """A run of a store as frames.

    Parameters
    ----------
    path : str or Path
        The store.
    run : int or str, optional
        Id or name of the run; of several with one name the latest. By default the latest whose
        members are all known.

    Attributes
    ----------
    info : assigner.batch.store.Run
        The run that is read.
    members : tuple of Row
        Its members, in their order.

    Raises
    ------
    assigner.errors.InputError
        The file is no store, cannot be read, or holds no such run.

    Examples
    --------
    >>> runs = assigner.Runs("runs.sqlite")  # doctest: +SKIP
    >>> runs.communities.nlargest(3, "largest_load")  # doctest: +SKIP
    """

    def __init__(self, path: str | PathLike[str], run: int | str | None = None) -> None:
        self.path = Path(path)
        with Store.open(self.path, read_only=True) as store:
            self.info = store.run_of(run)
            self.members = tuple(_members_of(store, self.info.id))

    def frame(self, name: str) -> pd.DataFrame:
        """The frame of that name, one of `FRAMES`."""
        if name not in FRAMES:
            raise KeyError(f"no such frame: {name}; there are {', '.join(FRAMES)}")
        found: pd.DataFrame = getattr(self, name)
        return found

    def differences(self, other: Runs) -> pd.DataFrame:
        """What a later run says otherwise.

        Parameters
        ----------
        other : Runs
            The later one, or whatever is compared with this one; members are matched by community and variant.

        Returns
        -------
        pandas.DataFrame
            ``community``, ``name``, ``variant``, ``kind``, ``change`` (``new``, ``gone``, ``status``, ``relaxations``,
            ``tier``, ``duty``), ``what`` (aim or item), ``before``, ``after`` (texts; of a duty the codes that host).
        """
        from assigner.batch.run_differences import differences

        return differences(self, other)

    # ------------------------------------------------------------------------------------------------ what was read

    @cached_property
    def inputs(self) -> Inputs:
        """What the inputs of the members say of schools, townships, pupils and rules."""
        wanted = dict.fromkeys(member.input for member in self.members if member.input)
        with Store.open(self.path, read_only=True) as store:
            return inputs_of((name, store.content(name)) for name in wanted)

    @cached_property
    def answers(self) -> Answers:
        """The answers of the members in columns."""
        members: dict[str, list[int]] = {}
        for position, member in enumerate(self.members):
            if member.state in ("done", "stopped"):  # when the members were read; a batch may be under way
                members.setdefault(member.job, []).append(position)
        with Store.open(self.path, read_only=True) as store:
            return answers_of(members, _answers_of(store, self.info.id))

    @cached_property
    def relaxed(self) -> list[str]:
        """The relaxations in force, member by member."""
        found: list[str] = self.jobs["relaxations"].tolist()
        return found

    @cached_property
    def rulebooks(self) -> tuple[Rulebook, ...]:
        """The rulebooks of the inputs, in the order in which they are met."""
        from models.rulebook import Rulebook, load_rulebook, rulebook_names

        found = []
        for stated in self.inputs.rulebooks.values():
            if "content" in stated:
                found.append(Rulebook.model_validate(stated["content"]))
            elif stated["name"] in rulebook_names():
                found.append(load_rulebook(stated["name"]))
        return tuple(found)

    # ------------------------------------------------------------------------------------------------------ the frames

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """A row for every member (columns: docs/report.md, as for all frames)."""
        from assigner.batch.run_frames import jobs

        return jobs(self)

    @cached_property
    def plans(self) -> pd.DataFrame:
        """The jobs that ask for one plan under the rules: no split, and no clause lifted."""
        jobs = self.jobs
        return jobs[jobs["kind"].eq("plan") & jobs["lifts"].eq("")]

    @cached_property
    def loads(self) -> pd.DataFrame:
        """The load of every school under every variant."""
        from assigner.batch.run_frames import loads

        return loads(self)

    @cached_property
    def duties(self) -> pd.DataFrame:
        """Every duty under every variant; to convene is the item ``convener``."""
        from assigner.batch.run_frames import duties

        return duties(self)

    @cached_property
    def tiers(self) -> pd.DataFrame:
        """Every aim of every answer, in their order."""
        from assigner.batch.run_frames import tiers

        return tiers(self)

    @cached_property
    def relaxations(self) -> pd.DataFrame:
        """Every relaxation in force, or that would help."""
        from assigner.batch.run_frames import relaxations

        return relaxations(self)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Every member without an answer."""
        from assigner.batch.run_frames import failures

        return failures(self)

    @cached_property
    def splits(self) -> pd.DataFrame:
        """Every split that was asked for, beside the one plan."""
        from assigner.batch.run_frames import splits

        return splits(self)

    @cached_property
    def robustness(self) -> pd.DataFrame:
        """In which share of the variants with a plan a school has a duty."""
        from assigner.batch.run_groups import robustness

        return robustness(self)

    @cached_property
    def communities(self) -> pd.DataFrame:
        """A row for every community."""
        from assigner.batch.run_groups import communities

        return communities(self)

    @cached_property
    def counties(self) -> pd.DataFrame:
        """A row for every county."""
        from assigner.batch.run_groups import counties

        return counties(self)

    @cached_property
    def schools(self) -> pd.DataFrame:
        """A row for every school that takes part under any variant."""
        from assigner.batch.run_groups import schools

        return schools(self)

    @cached_property
    def lifts(self) -> pd.DataFrame:
        """What lifting a clause gains, community by community and aim by aim."""
        from assigner.batch.run_clauses import lifts

        return lifts(self)

    @cached_property
    def clauses(self) -> pd.DataFrame:
        """A row for every clause that collides or is lifted."""
        from assigner.batch.run_clauses import clauses

        return clauses(self)

    @cached_property
    def outliers(self) -> pd.DataFrame:
        """Communities that stand apart from the others."""
        from assigner.batch.run_groups import outliers

        return outliers(self)


# ----------------------------------------------------------------------------------------------------------- the store


def _members_of(store: Store, run: int) -> Iterator[Row]:
    """The members of a run with the state of their jobs, in one question."""
    sql = (
        "select m.ordinal, m.job, m.community, m.name, m.label, m.variant, m.source, j.input, j.delta, j.question, "
        f"case when {_AGAIN} then 'stopped' else j.state end, "
        f"case when j.state in ('queued', 'running') and not ({_AGAIN}) then '' else j.status end, "
        "j.seconds, j.error, j.attempts "
        "from members m join jobs j on j.key = m.job where m.run = ? order by m.ordinal"
    )
    read = lru_cache(maxsize=4096)(store._json)  # variants and deltas repeat from community to community
    for row in store._rows(sql, run):
        ordinal, job, community, name, label, variant, source, given, delta, question, state, *rest = row
        status, seconds, error, attempts = rest
        yield Row(
            ordinal,
            job,
            community,
            name,
            label,
            read(variant),
            source,
            given,
            read(delta),
            read(question).get("kind", "plan"),
            state,
            status,
            seconds,
            store._json(error or "{}"),
            attempts,
        )


_AGAIN = "j.state in ('queued', 'running') and j.facts is not null and j.error is null"
"""Jobs that were stopped early and are asked again: until then the plan that they have stands."""

_AT_A_TIME = 1000
"""So many answers are read at once."""


def _answers_of(store: Store, run: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Key and facts of every job of a run that has an answer, each once."""
    sql = (
        "select m.ordinal, m.job, j.facts from members m join jobs j on j.key = m.job where m.run = ? "
        f"and m.ordinal > ? and (j.state in ('done', 'stopped') or {_AGAIN}) order by m.ordinal limit ?"
    )
    seen: set[str] = set()
    last = -1
    while rows := store._rows(sql, run, last, _AT_A_TIME):
        for _ordinal, job, packed in rows:
            if job not in seen:
                seen.add(job)
                yield job, store._facts(packed)
        last = rows[-1][0]
