"""The file of a base map as pydantic models: its keys, their types and what they mean."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from assigner.scenario.entries import (
    Exploration,
    GeographyEntry,
    JuniorHigh,
    Kind,
    Link,
    OutsidePartnerEntry,
    SchoolEntry,
    Tiers,
    Travel,
    University,
    _Entry,
)
from assigner.scenario.words import (
    CHOOSE,
    Code,
    Codes,
    Convener,
    Count,
    FileName,
    Flag,
    Id,
    Key,
    Relaxations,
    Text,
    normal,
)

__all__ = [
    "SCHEMA_VERSION",
    "SECTIONS",
    "BaseFile",
    "CommunityEntry",
    "CommunityId",
    "Defaults",
    "Nowhere",
    "base_map_schema",
    "is_community_id",
    "plain",
]

SCHEMA_VERSION = 1
"""The version of the file format that this program writes."""

_COMMUNITY = re.compile(r"[^\W_][\w.-]{0,79}")
_NONE = ("none", "nowhere", "無", "無社區")
"""Words that stand for no community."""


def is_community_id(text: str) -> bool:
    """Whether a text can be the id of a community: letters (Chinese ones too), digits, -, _ and . without blanks."""
    return bool(_COMMUNITY.fullmatch(text)) and normal(text) not in _NONE


def _community_id(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not is_community_id(text):
        raise PydanticCustomError("base.community_id", "not an id")
    return text


CommunityId = Annotated[
    str, BeforeValidator(_community_id), WithJsonSchema({"type": ["string", "integer"], "pattern": "^[^\\s]{1,80}$"})
]


class Defaults(_Entry):
    """What holds for every community that does not say otherwise; the keys are those of a scenario file."""

    rulebook: FileName = Field("111", description="Name of a shipped rulebook, or a file relative to this one.")
    switches: dict[str, Key] = Field(default_factory=dict, description="Switch of the rulebook -> option.")
    relaxations: Relaxations = "auto"
    host_numbers: dict[str, Count] = Field(default_factory=dict, description="Item -> number of hosts wanted.")
    exploration: Exploration = Field(default_factory=lambda: Exploration.model_validate({}))
    tiers: Tiers = Field(default_factory=lambda: Tiers.model_validate({}))
    travel: Travel = Field(default_factory=lambda: Travel.model_validate({}))


class CommunityEntry(_Entry):
    """A community: its townships, the schools it has elsewhere, and what it asks for (keys of a scenario file)."""

    id: CommunityId = Field(description="Short id: what a change of the map calls it.")
    name: Text = ""
    townships: tuple[Text, ...] = Field((), description="Townships at home here; their schools are members.")
    schools: tuple[Code, ...] = Field((), description="Members whose township is at home elsewhere, or nowhere.")
    kind: Kind = "community"
    convener: Convener = Field(CHOOSE, description="Code of the convening school, or choose (推選).")
    outside_partners: tuple[OutsidePartnerEntry, ...] = ()
    universities: tuple[University, ...] = Field((), description="Besides those that lie in its townships.")
    pins: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that host it in any case.")
    bans: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that do not host it.")
    ways: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict, description="Benchmark school -> ways of promotion it has decided on."
    )
    switches: dict[str, Key] = Field(default_factory=dict, description="In place of the defaults, one by one.")
    relaxations: Relaxations = "auto"
    host_numbers: dict[str, Count] = Field(default_factory=dict, description="In place of the defaults, one by one.")
    exploration: Exploration = Field(default_factory=lambda: Exploration.model_validate({}))
    tiers: Tiers = Field(default_factory=lambda: Tiers.model_validate({}))


class Nowhere(_Entry):
    """What belongs to no community."""

    townships: tuple[Text, ...] = Field((), description="Townships at home in none.")
    schools: tuple[Code, ...] = Field((), description="Schools that are no members where their township is at home.")


class BaseFile(_Entry):
    """A base map: townships and schools -> communities, with all that it takes to solve each of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Base map")

    schema_version: Literal[1] = Field(description="Version of the format.")
    id: Id = Field(description="Short id, used in file names.")
    name: Text = ""
    synthetic: Flag = Field(False, description="true: schools and communities are made up.")
    invented: Flag = Field(False, description="true: real schools, in communities that nobody decided.")
    note: Text = ""
    sources: tuple[Text, ...] = ()
    roster: FileName | None = Field(
        None, description="Table of schools as “assigner import-roster” writes it, relative to this file."
    )
    defaults: Defaults = Field(default_factory=lambda: Defaults.model_validate({}))
    communities: tuple[CommunityEntry, ...] = Field(json_schema_extra={"minItems": 1})
    nowhere: Nowhere = Field(default_factory=lambda: Nowhere.model_validate({}))
    schools: tuple[SchoolEntry, ...] = Field(
        (), description="Schools; of one that stands in the roster too, what is said here goes before it."
    )
    junior_highs: tuple[JuniorHigh, ...] = Field(
        (), description="Junior highs; without any, each township counts as the rulebook says."
    )
    universities: tuple[University, ...] = ()
    links: tuple[Link, ...] = ()
    geography: GeographyEntry | None = Field(
        None, description="Polygons of the townships; absent: the shipped boundaries of 2021."
    )


SECTIONS: dict[str, type[BaseModel]] = {
    "communities": CommunityEntry,
    "defaults": Defaults,
    "nowhere": Nowhere,
    "schools": SchoolEntry,
    "junior_highs": JuniorHigh,
    "universities": University,
    "links": Link,
    "geography": GeographyEntry,
}
"""Key of the file -> what stands there."""


def plain(entry: BaseModel) -> dict[str, Any]:
    """An entry as plain data: what was stated, in one spelling."""
    return entry.model_dump(mode="json", exclude_unset=True)


def base_map_schema() -> dict[str, Any]:
    """JSON Schema of the file of a base map, for editors."""
    schema = BaseFile.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
