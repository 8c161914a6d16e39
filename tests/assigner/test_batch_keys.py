"""What makes two jobs the same: what is asked of the programme, never how a file says it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assigner.batch.keys import Digests, job_key, program_fingerprint, reading_fingerprint
from assigner.batch.values import Question
from assigner.scenario import read_scenario
from assigner.scenario.scenario import parse_scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
PLAN = Question()
TEXT = (SCENARIOS / "synthetic-5.yaml").read_text(encoding="utf-8")


def _key(text: str, question: Question = PLAN, **more: Any) -> str:
    return job_key(parse_scenario(text, folder=SCENARIOS).canonical(), question, **more)


@pytest.mark.parametrize("key", ["name", "note", "id"])
def test_what_only_a_reader_sees_is_not_in_the_key(key: str) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith(f"{key}:")]
    assert _key("\n".join([*lines, f"{key}: another"])) == _key(TEXT)


def test_a_file_that_states_a_default_asks_the_same() -> None:
    assert _key(TEXT + "\nbans: {}\n") == _key(TEXT)
    assert _key(TEXT + "\nrelaxations: 自動\n") == _key(TEXT)


def test_another_question_is_another_job() -> None:
    asked = [Question(), Question("split"), Question(price=True), Question(seed=7)]
    keys = {_key(TEXT, question) for question in asked}
    keys |= {_key(TEXT, lift=["4.4.cap"]), _key(TEXT, program="another"), _key(TEXT + "\nrelaxations: none\n")}
    assert len(keys) == 7
    assert _key(TEXT, lift=["a.b", "c.d"]) == _key(TEXT, lift=["c.d", "a.b", "c.d"])


def test_every_part_of_the_content_is_in_the_key() -> None:
    content = read_scenario(SCENARIOS / "synthetic-5.yaml").canonical()
    scenario, seen = content["scenario"], {Digests().content(content)}
    for part in scenario:
        seen.add(Digests().content({**content, "scenario": {**scenario, part: "changed"}}))
    for section in ("schools", "junior_highs"):
        for position in range(len(scenario[section])):
            entries = list(scenario[section])
            entries[position] = {**entries[position], "lon": 1.0}
            seen.add(Digests().content({**content, "scenario": {**scenario, section: entries}}))
    seen.add(Digests().content({**content, "rulebook": {**content["rulebook"], "hash": "f" * 64}}))
    said_only = {"id", "name", "note", "sources"}
    entries_changed = len(scenario["schools"]) + len(scenario["junior_highs"])
    assert len(seen) == 1 + len(scenario.keys() - said_only) + entries_changed + 1


def test_digests_that_were_kept_give_the_same_key() -> None:
    content, kept = read_scenario(SCENARIOS / "synthetic-5.yaml").canonical(), Digests()
    first = kept.content(content, keep=True)
    assert kept.content(content) == first == Digests().content(content)
    changed = {**content, "scenario": {**content["scenario"], "convener": "000001"}}
    assert kept.content(changed) == Digests().content(changed) != first


def test_fingerprints_are_the_same_in_every_process() -> None:
    code = "from assigner.batch.keys import *; print(program_fingerprint(), reading_fingerprint())"
    other = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [program_fingerprint(), reading_fingerprint()]
    assert program_fingerprint() != reading_fingerprint()
