"""The best change around one community of a real county; its communities are invented: no list of them is known."""

from __future__ import annotations

import pytest

from assigner.boundary.experiment import Experiment
from assigner.boundary.measures import ALL, measures
from assigner.boundary.solving import Plans
from assigner.boundary.suggesting import suggest
from benchmarks.counties import roster_of
from benchmarks.suggest import COUNTIES, invented_base
from tests.shared_data import shared_data


@pytest.mark.campaign
@pytest.mark.parametrize("county", COUNTIES)
def test_the_best_change_of_two_flips_is_proven_and_worth_what_its_effects_say(county: str) -> None:
    base = invented_base(roster_of(shared_data("high-109.csv").parent), county)
    assert base.invented
    around = max(base.map.names, key=lambda community: len(base.map.territory(community)))
    answer = suggest(Plans(base), max_flips=2, around=around, rank=False)
    assert answer.proven
    assert answer.complete
    if answer.best is None:
        return
    experiment = Experiment(base)
    for flip in answer.best.flips:
        experiment = experiment.flip(flip)
    effects = experiment.effects()  # solved anew, each community to the end
    assert effects.proven
    assert around in experiment.touched
    travel = next(m for m in measures(effects) if (m.community, m.code, m.part) == (ALL, "travel", ""))
    assert travel.after - travel.before == (answer.best.values["travel"] - answer.before["travel"]) / 10
