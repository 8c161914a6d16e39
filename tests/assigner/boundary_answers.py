"""Effects of small experiments for the tests of what people see of them: names are hostile, communities tiny."""

from __future__ import annotations

from functools import cache

from assigner.boundary.experiment import Experiment
from assigner.boundary.solving import Plans
from assigner.boundary.values import Base, Effects
from tests.assigner.boundary_bases import tiny_base

HOSTILE = {
    "S00001": "<script>document.title='ran'</script>",
    "S00002": "=HYPERLINK(1)",
    "S00006": "</style></svg><svg onload=alert(1)> & 'x' $y$",
    "S00010": "{{ 7*7 }}{% for %} +高中",
}

CUT_OFF = ("豐原區",)
"""Township that the experiment `changed` brings to a community which it does not adjoin."""


@cache
def hostile_base() -> Base:
    """Three communities whose names and schools try to be code."""
    base = tiny_base(schools={code: {"name": name} for code, name in HOSTILE.items()})
    object.__setattr__(base, "name", '<b>縣</b> & "甲"')
    return base


@cache
def plans() -> Plans:
    """The plans of `hostile_base`, each solved once."""
    return Plans(hostile_base())


def changed() -> Experiment:
    """A township is cut off, a school moves alone, and a community of its own takes another township and its name."""
    experiment = Experiment(hostile_base()).move("豐原區", "west").move("S00006", "east")
    return experiment.new("new", "=<i>新</i>", townships=["沙鹿區"])


@cache
def effects_of(name: str) -> Effects:
    """Effects by name: ``changed``, ``preview`` (the same, nothing solved), ``same`` (no change), ``merged``."""
    if name == "preview":
        return changed().preview(Plans(hostile_base()))
    if name == "same":
        return Experiment(hostile_base()).effects(plans())
    if name == "merged":
        return Experiment(hostile_base()).merge("east", "middle").effects(plans())
    return changed().effects(plans())
