"""What a store holds, as documents: for programs, and for whatever shows it to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from assigner.batch.keys import program_fingerprint
from assigner.batch.store import STATES, Run, Store
from assigner.errors import InputError, Place, Problem
from assigner.messages import M_, join_list

if TYPE_CHECKING:
    from assigner.batch.store import Job
    from assigner.batch.values import Member
    from assigner.planner import Result
    from assigner.scenario import Scenario

__all__ = ["answer_of", "answers", "content_of", "job_document", "named_members", "runs_document", "scenario_of"]

_MOST_NAMED = 5


def runs_document(store: Store) -> dict[str, Any]:
    """The runs of a store, and how far each is."""
    return {
        "store": store.path.name,
        "bytes": store.size,
        "runs": [
            {
                "id": run.id,
                "name": run.name,
                "made_at": _time(run.made_at),
                "members": run.total,
                "complete": run.complete,
                "same_program": run.program == program_fingerprint(),
                "jobs": store.counts(run.id)._asdict(),
                "spec": dict(run.spec),
            }
            for run in store.runs()
        ],
    }


def job_document(store: Store, run: Run, member: Member) -> dict[str, Any]:
    """A member of a run and what came of its job."""
    job = _job(store, member)
    return {
        "run": {"id": run.id, "name": run.name},
        "ordinal": member.ordinal,
        "label": member.label,
        "community": member.community,
        "name": member.name,
        "variant": dict(member.variant),
        "delta": dict(job.delta),
        "question": asdict(job.question),
        "source": member.source,
        "job": job.key,
        "input": job.input,
        "same_program": job.program == program_fingerprint(),
        "state": job.state,
        "status": job.status,
        "attempts": job.attempts,
        "queued_at": _time(job.queued_at),
        "began_at": _time(job.began_at),
        "ended_at": _time(job.ended_at),
        "seconds": job.seconds,
        "granted": None if job.granted is None else asdict(job.granted),
        "error": dict(job.error) if job.state == "failed" else {},
        "facts": dict(job.facts),
    }


def named_members(store: Store, word: str, run: str | None = None) -> list[tuple[Run, Member]]:
    """The members that a word names, each job once: by state, key, label, community, name or file.

    Parameters
    ----------
    store : Store
    word : str
        One of `assigner.batch.store.STATES` names the members of that state, in the latest run by default.
    run : str, optional
        Name or number of the run to look in; the latest that has any by default.

    Raises
    ------
    InputError
        Nothing is called so; what is called nearly so is named.
    """
    within = None if run is None else store.run_of(run)
    if word in STATES:
        entry = within or store.run_of()
        seen: dict[str, Member] = {}
        for member in store.members(entry.id, state=word):
            seen.setdefault(member.job, member)
        return [(entry, member) for member in seen.values()]
    store.run_of()  # of an empty store that is what is wrong
    found = store.found(word, None if within is None else within.id)
    if found:
        return found
    labels = {text for entry in store.members((within or store.run_of()).id) for text in (entry.label, entry.community)}
    near = get_close_matches(word, labels, _MOST_NAMED, 0.4) or sorted(labels)[:_MOST_NAMED]
    what = M_("Nothing in the store is called so.")
    mend = M_("Name a job by its label, community or key; “failed” and the like name all of that state.")
    expected = M_("a word such as {choices}", choices=join_list(near))
    raise InputError([Problem(store.path, Place(), word, what, expected, mend)])


def content_of(store: Store, member: Member) -> dict[str, Any]:
    """The canonical content of a member's input, without the changes of its variant; empty where it has none."""
    if not member.input:
        return {}
    return store.content(member.input)


def scenario_of(content: Mapping[str, Any], delta: Mapping[str, Any]) -> Scenario:
    """The scenario of a job, under the changes of its variant."""
    from assigner.batch.work import scenario_of_job

    return scenario_of_job(dict(content), delta)


def answer_of(content: Mapping[str, Any], delta: Mapping[str, Any], facts: Mapping[str, Any]) -> Result | None:
    """The plan of a job, or why there is none; None where it was asked for something else or has no answer."""
    from assigner.batch.facts import result_of
    from assigner.batch.work import problem_of_job

    if facts.get("kind") != "plan":
        return None
    scenario = scenario_of(content, delta)
    return result_of(facts, scenario, problem_of_job(scenario, delta))


def answers(store: Store, run: Run) -> Iterator[tuple[Member, Result | None]]:
    """Members of a run with their plans; those without one, too."""
    for member in store.members(run.id):
        job = _job(store, member)
        yield member, answer_of(content_of(store, member), job.delta, job.facts) if job.facts else None


def _job(store: Store, member: Member) -> Job:
    job = store.job(member.job)
    assert job is not None, "a member was read together with its job"
    return job


def _time(seconds: float | None) -> str | None:
    """A moment as JSON holds it: ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
