"""Stores of a batch whose answers are made up: small enough to be counted by hand, as the program keeps them."""

from __future__ import annotations

import json
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

from assigner.batch.store import Store
from assigner.batch.values import Member, Outcome, Question
from models.rulebook import load_rulebook

PROGRAM = "test"
CAPACITY = 4
ITEMS = ("1.1", "2.1", "3.1", "4.5")

#: TOWNCODEs of two counties (屏東縣, 高雄市), and where each community has its schools.
TOWNS = {"a": ("10013010", "10013050"), "b": ("10013050",), "c": ("64000140", "64000140", "10013080")}


def codes(community: str, n: int = 4) -> list[str]:
    return [f"{community.upper()}0000{k}" for k in range(1, n + 1)]


def canonical(community: str, name: str, schools: dict[str, str] | None = None) -> dict[str, Any]:
    """As much of a canonical scenario as a report reads."""
    book = load_rulebook()
    towns = TOWNS.get(community, TOWNS["a"])
    return {
        "scenario": {
            "id": community,
            "name": name,
            "synthetic": True,
            "sources": ["a list"],
            "townships": sorted(set(towns)),
            "switches": {"exploration_number": "most"},
            "schools": [
                {"code": code, "name": (schools or {}).get(code, f"{code} 高中"), "township": towns[k % len(towns)]}
                for k, code in enumerate(codes(community))
            ],
            "outside_partners": [],
            "junior_highs": [
                {"code": "J1", "name": "國中", "township": towns[0], "pupils": {"7": 30, "8": 20}, "share": "1/2"}
            ],
        },
        "rulebook": {"year": book.year, "hash": book.hash, "name": "111"},
    }


def plan(hosts: dict[str, list[str]], convener: str, travel: float, **more: Any) -> dict[str, Any]:
    """Facts of a plan: a point for each duty, one for convening, `CAPACITY` for all schools."""
    schools = sorted({convener, *more.pop("schools", ()), *(code for own in hosts.values() for code in own)})
    points = {code: (code == convener) + sum(code in own for own in hosts.values()) for code in schools}
    ratios = {code: Fraction(points[code], CAPACITY) for code in schools}
    loads = {
        code: {
            "points": points[code],
            "capacity": CAPACITY,
            "ratio": str(ratios[code]),
            "level": str(ratios[code]),
            "base": int(code == convener),
            "history": 0,
            "effort": points[code] - (code == convener),
            "separate": 0,
        }
        for code in schools
    }
    vector = [str(ratio) for ratio in sorted(ratios.values(), reverse=True)]
    over = sum((max(ratio - 1, Fraction(0)) for ratio in ratios.values()), Fraction(0)) * CAPACITY
    values: dict[str, Any] = {
        "unwilling": more.pop("unwilling", 0),
        "exploration": [more.pop("exploration", 2)],
        "overload": int(over),
        "load": vector,
        "travel": travel,
        "preference": more.pop("preference", 5),
        "tie_break": "unique",
    }
    status = more.pop("status", "optimal")
    return {
        "kind": "plan",
        "status": status,
        "stopped_by": None,
        "disagreements": [],
        "n": len(schools),
        "participants": schools,
        "convener": convener,
        "benchmark": [],
        "tiers": [
            {"name": name, "value": value, "bound": value, "status": "optimal", "seconds": 0.01}
            for name, value in values.items()
        ],
        "exact": {
            name: [{"text": value}] * 2
            if name == "tie_break"
            else [list(map(str, value))] * 2
            if isinstance(value, list)
            else [str(Fraction(str(value)) * (10 if name == "travel" else 1))] * 2
            for name, value in values.items()
        },
        "relaxations": [],
        "collision": None,
        "would_help": [],
        "missing_categories": [],
        "price": None,
        "audit_ok": True,
        "solver_seconds": 0.02,
        "seed": 111,
        "hosts": {item: sorted(own) for item, own in hosts.items()},
        "ways": {},
        "loads": loads,
        "travel": {"unit": "km", "total": travel, "items": {}},
        **more,
    }


def no_plan(*clauses: str) -> dict[str, Any]:
    """Facts of a problem without a lawful plan."""
    found = plan({}, "", 0.0, status="infeasible", collision=[[clause, ""] for clause in clauses], would_help=["R1"])
    return {key: value for key, value in found.items() if key not in ("hosts", "loads", "travel")} | {
        "convener": "",
        "n": 4,
        "tiers": [],
        "exact": {},
    }


class Filling:
    """A run of a store under way."""

    def __init__(self, path: Path, name: str = "run", digest: str = "d") -> None:
        self.path, self.name, self.digest = path, name, digest
        self.members: list[Member] = []
        self.inputs: dict[str, bytes] = {}
        self.outcomes: list[Outcome] = []

    def add(
        self,
        community: str,
        outcome: dict[str, Any] | Outcome | None,
        *,
        name: str = "",
        variant: dict[str, Any] | None = None,
        delta: dict[str, Any] | None = None,
        kind: Any = "plan",
        given: dict[str, Any] | None = None,
        label: str = "",
        source: str = "base.yaml",
    ) -> None:
        """Add a member; facts, an outcome of its own, or None: not solved yet."""
        name = name or f"{community}社區"
        given = canonical(community, name) if given is None else given
        text = json.dumps(given, ensure_ascii=False, sort_keys=True)
        key = f"{self.name}-{len(self.members)}"
        hash_ = f"{community}-{hash(text) & 0xFFFFFFFF:x}"
        self.inputs[hash_] = zlib.compress(text.encode())
        delta = delta if delta is not None else {"switches": dict(variant)} if variant else {}
        self.members.append(
            Member(
                len(self.members),
                key,
                hash_,
                community,
                name,
                label or f"{name} {variant or ''}".strip(),
                variant or {},
                source,
                delta,
                Question(kind),
            )
        )
        if isinstance(outcome, Outcome):
            self.outcomes.append(
                Outcome(key, outcome.state, outcome.status, outcome.facts, outcome.error, outcome.seconds)
            )
        elif outcome is not None:
            state = "stopped" if outcome["status"] in ("feasible", "stopped") else "done"
            self.outcomes.append(Outcome(key, state, outcome["status"], outcome, {}, 0.05, 0.02))  # type: ignore[arg-type]

    def write(self, *, total: int | None = None, complete: bool = True) -> Path:
        """Write it all; the path of the store."""
        with Store.open(self.path, create=True) as store:
            run = store.begin_run(self.name, self.digest, PROGRAM, {}, len(self.members) if total is None else total)
            store.add_members(run, self.members, self.inputs, PROGRAM)
            if complete:
                store.finish_run(run)
            store.record(self.outcomes, "nobody")
        return self.path


def failed(kind: str, text: str, problems: tuple[str, ...] = ()) -> Outcome:
    """A job that failed."""
    return Outcome("", "failed", "", {}, {"kind": kind, "text": text, "problems": [{"text": p} for p in problems]}, 0.1)


def hosts(community: str, turn: int = 0) -> dict[str, list[str]]:
    """A host for each item, another one with every turn."""
    own = codes(community)
    return {item: [own[(k + turn) % len(own)]] for k, item in enumerate(ITEMS)}


def filled(path: Path, name: str = "run") -> Filling:
    """Three communities as they are, under two variants, and two clauses lifted: numbers that can be checked by hand.

    a: all items move with the variant; b: nothing moves, R1 because of two clauses; c: heavier, no plan under x=2.
    """
    run = Filling(path, name, digest=name)
    for community in "abc":
        own = codes(community)
        base = hosts(community)
        if community == "c":
            base |= dict.fromkeys(("5.1", "5.2", "5.3", "5.4", "5.5"), own[:2])
        because = [{"id": "R1", "because": ["3.partner", "4.partner"], "parts": None}] if community == "b" else []
        travel = {"a": 100.0, "b": 60.5, "c": 40.0}[community]
        run.add(community, plan(base, own[0], travel, schools=own, relaxations=because))
        for x in (1, 2):
            moved = hosts(community, x) if community == "a" else base
            facts = plan(moved, own[0], travel + x, schools=own, relaxations=because, unwilling=x - 1)
            run.add(
                community, no_plan("1.hosts", "4.partner") if (community, x) == ("c", 2) else facts, variant={"x": x}
            )
        for clause, gain in (("4.4.cap", {"exploration": 3}), ("1.hosts", {})):
            facts = plan(
                base, own[0], travel - (10 if clause == "1.hosts" and community != "a" else 0), schools=own, **gain
            )
            run.add(community, facts, variant={"lift": clause}, delta={"lift": [clause]})
    return run
