"""The variants file as pydantic models: its keys, their types and what they mean."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from assigner.boundary.experiment_file import FlipEntry
from assigner.scenario.entries import TierWord, _Entry
from assigner.scenario.words import (
    Codes,
    Convener,
    Count,
    FileName,
    Flag,
    Key,
    NotNegative,
    Points,
    Positive,
    Relaxations,
    Share,
    Text,
)

__all__ = [
    "DOTTED",
    "SCHEMA_VERSION",
    "ChangeEntry",
    "FlipsEntry",
    "ListedEntry",
    "PerturbEntry",
    "StepsEntry",
    "VariantsEntry",
    "VariantsFile",
    "variants_schema",
]

SCHEMA_VERSION = 1
"""The version of the file format that this program writes."""

DOTTED = ("switches", "tolerances", "pins", "bans", "effort", "perturb")
"""Changes of which an axis names one entry: ``switches.load_scale``."""


def _several(value: object) -> object:
    """A single value for a list of one."""
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


class StepsEntry(_Entry):
    """Up to so many points more or less: a number, or a number and the step."""

    up_to: Points = Field(description="At most so many points more or less.")
    step: Positive = Field(Fraction(1), description="In steps of so many points.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return data if isinstance(data, dict | StepsEntry) else {"up_to": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """Offer the short form as well."""
        long = handler(core_schema)
        return {"anyOf": [{"type": ["number", "string"]}, long]}


class PerturbEntry(_Entry):
    """What is drawn anew, by chance; the same file draws the same everywhere."""

    willingness: Share = Field(
        Fraction(0), description="Probability that the answer of a school for a piece of work is drawn anew."
    )
    effort: StepsEntry | None = Field(None, description="Points of each piece of work, more or less.")
    capacity: StepsEntry | None = Field(None, description="Points each school can carry, more or less.")
    history: StepsEntry | None = Field(None, description="Points each school carries over, more or less.")
    pupils: Share = Field(Fraction(0), description="Pupils of each junior high and grade, by up to this share.")
    seed: Count | None = Field(None, description="Where the draw starts; 1 if not stated.")


class FlipsEntry(_Entry):
    """Changes of the base map: as in an experiment, or the file of an experiment."""

    experiment: FileName | None = None
    changes: tuple[FlipEntry, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"experiment": data}
        if not isinstance(data, list | tuple):
            raise PydanticCustomError("batch.flips", "a list of changes, or a file")
        return {"changes": data}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """Only the short forms are written."""
        long = handler(core_schema)
        changes = handler.resolve_ref_schema(long)["properties"]["changes"]
        return {"anyOf": [{"type": "string", "description": "File of an experiment, relative to this one."}, changes]}


class ChangeEntry(_Entry):
    """What a variant changes; what it does not state stays as it is."""

    rulebook: FileName | None = Field(None, description="Name of a shipped rulebook, or a file relative to this one.")
    switches: dict[str, Key] = Field(default_factory=dict, description="Switch of the rulebook -> option.")
    tolerances: dict[TierWord, NotNegative] = Field(
        default_factory=dict, description="unwilling, overload, travel or preference -> share, such as 5%."
    )
    pins: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that host it besides.")
    bans: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that do not host it either.")
    convener: Convener | None = Field(None, description="Code of the convening school, or choose (推選).")
    relaxations: Relaxations | None = Field(None, description="auto, none, or a list such as [R1, R2].")
    effort: dict[str, Points] = Field(default_factory=dict, description="Piece of work -> points.")
    lift: Annotated[tuple[Text, ...], BeforeValidator(_several)] = Field(
        (), description="Clauses of the rulebook that are not in force."
    )
    flips: FlipsEntry | None = Field(None, description="Changes of the base map; only with base.")
    seed: Count | None = Field(None, description="Of the solver; a proven plan does not depend on it.")
    perturb: PerturbEntry | None = None


class _Repeated(_Entry):
    repeat: Count | None = Field(None, description="So many draws of what is left to chance, with seeds 1, 2, ...")
    seeds: Annotated[tuple[Count, ...], BeforeValidator(_several)] = Field(
        (), description="Seeds of the draws, in place of repeat."
    )


class ListedEntry(ChangeEntry, _Repeated):
    """A variant with a name."""

    name: Text = Field(min_length=1, description="What the variant is called.")


class VariantsEntry(_Repeated):
    """The variants: every combination of a grid, and those of a list."""

    grid: dict[str, tuple[Any, ...]] = Field(
        default_factory=dict,
        description="Axis -> values; every combination is a variant. An axis is a change, or one entry of it, such as "
        "switches.load_scale, tolerances.travel, pins.2.1, perturb.willingness. A value left empty changes nothing.",
    )
    list: tuple[ListedEntry, ...] = Field((), description="Single variants.")


class VariantsFile(_Entry):
    """What to run, and how it varies."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Variants")

    schema_version: Literal[1] = Field(description="Version of the format.")
    name: Text = ""
    note: Text = ""
    base: FileName | None = Field(None, description="File of a base map, relative to this one.")
    roster: FileName | None = Field(None, description="Table of its schools, where the base map does not hold them.")
    scenarios: Annotated[tuple[FileName, ...], BeforeValidator(_several)] = Field(
        (), description="In place of a base map: scenario files, workbooks, or folders of them."
    )
    communities: Annotated[tuple[Text, ...], BeforeValidator(_several)] = Field(
        (), description="Only these communities (id or name); all if absent."
    )
    base_variant: Flag = Field(True, description="false: not also every community as it is.")
    variants: VariantsEntry = Field(default_factory=lambda: VariantsEntry.model_validate({}))


def variants_schema() -> dict[str, Any]:
    """JSON Schema of the variants file, for editors."""
    schema = VariantsFile.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
