"""The scenario file as pydantic models: its keys, their types and what they mean.

The models judge the shape of each entry alone; what entries say of one another, and what needs the rulebook
or the map, is checked where it is used. The JSON Schema that editors use is made from them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from assigner.scenario.words import (
    CHOOSE,
    Capacity,
    Code,
    Codes,
    Convener,
    Count,
    Degrees,
    FileName,
    Flag,
    Grade,
    Id,
    Key,
    NotNegative,
    OneOf,
    Part,
    Points,
    Positive,
    Relaxations,
    Share,
    Text,
)

__all__ = [
    "SCHEMA_VERSION",
    "Answer",
    "Exploration",
    "GeographyEntry",
    "JuniorHigh",
    "Link",
    "Located",
    "OutsidePartnerEntry",
    "PartOf",
    "ScenarioFile",
    "SchoolEntry",
    "Tiers",
    "Travel",
    "University",
    "scenario_schema",
]

SCHEMA_VERSION = 1
"""The version of the file format that this program writes."""

WillingnessWord = Annotated[
    str,
    OneOf(
        {
            "willing": ("願意",),
            "if_needed": ("可協助", "必要時可"),
            "unwilling": ("不願意",),
            "cannot": ("無法", "不能"),
        },
        "Nothing said counts as if_needed (可協助). cannot (無法) forbids; unwilling (不願意) is avoided "
        "before all else.",
    ),
]
SuitabilityWord = Annotated[
    str,
    OneOf(
        {"suited": ("適合",), "neutral": ("尚可", "中性"), "unsuited": ("不適合",)},
        "Without it the course categories of the school decide.",
    ),
]
Kind = Annotated[
    str,
    OneOf(
        {"community": ("社區", "適性學習社區"), "learning_area": ("學習區",)},
        "An approved 學習區 may form one alliance with one convener and one plan.",
    ),
]
LoadLimit = Annotated[str, OneOf({"soft": ("軟性", "彈性"), "hard": ("硬性",)}, "hard: the school never carries more.")]
Because = Annotated[
    str,
    OneOf(
        {"special_education": ("特殊教育",), "rare_programme": ("稀少性類科",), "talent_class": ("藝才班",)},
        "Why the school may cooperate across communities.",
    ),
]
LinkKind = Annotated[
    str,
    OneOf({"bridge": ("橋", "橋梁"), "ferry": ("渡輪", "船"), "air": ("航空", "飛機")}, "Kind of link."),
]
TravelMode = Annotated[
    str,
    OneOf(
        {"graph": ("路網",), "great_circle": ("直線",), "matrix": ("矩陣",)},
        "graph: over adjoining townships; great_circle: as the crow flies; matrix: the file named there.",
    ),
]
Unit = Annotated[str, OneOf({"km": ("公里",), "minutes": ("分鐘",)}, "Unit of the matrix.")]
TierWord = Annotated[
    str,
    OneOf(
        {
            "unwilling": ("不願意",),
            "exploration": ("試探校數",),
            "overload": ("超載",),
            "load": ("負荷",),
            "travel": ("交通",),
            "preference": ("適合度",),
            "separate": ("另計項目",),
            "tie_break": ("定序",),
        },
        "Name of an aim.",
    ),
]


class _Entry(BaseModel):
    """Frozen, and refusing keys it does not know; a key without a value is as good as absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class Located(_Entry):
    """Something with a place: its township, its coordinates, or both."""

    township: Text | None = Field(None, description="Township (鄉鎮市區) in any usual spelling, or its TOWNCODE.")
    lon: Degrees | None = Field(None, description="Longitude in degrees (about 118 to 123).")
    lat: Degrees | None = Field(None, description="Latitude in degrees (about 21 to 27).")


class Answer(_Entry):
    """What a school says to hosting an item: a word, or a word with the school's reason."""

    answer: WillingnessWord
    reason: Text = Field("", description="In the school's own words; printed where it matters.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if not isinstance(data, str | dict):
            raise PydanticCustomError("scenario.willingness_form", "a word, or answer and reason")
        return {"answer": data} if isinstance(data, str) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        """Offer the short form as well."""
        long = handler(core_schema)
        word = handler.resolve_ref_schema(long)["properties"]["answer"]
        return {"anyOf": [word, long]}


class SchoolEntry(Located):
    """A senior high (高級中等學校) or special-education school of the community."""

    code: Code
    name: Text = ""
    public: Flag | None = Field(None, description="true or 公立, false or 私立.")
    takes_part: Flag = Field(True, description="false: the school abstains this year.")
    categories: tuple[Text, ...] | None = Field(
        None,
        description="Course categories by id or title, or department groups (機械群). Absent: unknown.",
    )
    benchmark: Flag = Field(False, description="精進標竿學校.")
    barred: Flag = Field(False, description="Public school already subsidised under 學習區完全免試入學.")
    rare_programme: Flag = Field(False, description="Has a rare programme (稀少性類科).")
    special_education: Flag = Field(False, description="Special-education school.")
    talent_class: Flag = Field(False, description="Has a talent class (美術, 舞蹈, 戲劇, 體育).")
    resource_weak: Flag = Field(False, description="Resource-weak school (資源弱勢學校): a smaller capacity.")
    transfer_places: Flag = Field(False, description="Offers places for transfers by aptitude.")
    below_registration: Flag = Field(False, description="Registration rate below the standard.")
    industry_academia: Flag = Field(False, description="Takes part in 產攜2.0.")
    suitability: dict[str, SuitabilityWord] = Field(default_factory=dict, description="Item -> how well it suits.")
    willingness: dict[str, Answer] = Field(
        default_factory=dict,
        description="Item, unit or convener (召集學校) -> a word, or {answer: ..., reason: ...}.",
    )
    capacity_points: Capacity | None = Field(None, description="Points the school carries; absent: the rulebook's.")
    load_limit: LoadLimit = "soft"
    history_points: Points = Field(Fraction(0), description="Load carried over.")
    last_year: tuple[Key, ...] = Field((), description="Items hosted last year.")


class JuniorHigh(Located):
    """A junior high (國民中學) whose teachers and pupils travel."""

    code: Code
    name: Text = ""
    pupils: dict[Grade, Count] | None = Field(None, description="Grade (7, 8, 9) -> pupils.")
    graduates: Count | None = Field(None, description="Graduates a year: for grades without pupils.")
    share: Part = Field(
        Fraction(1),
        description="Part of its people that counts here (1/2, 50%), where other communities have schools in its "
        "township too.",
    )


class University(Located):
    """A university (大專校院) that works with the community; for the reader."""

    code: Text = ""
    name: Text


class OutsidePartnerEntry(Located):
    """A school of another community that takes part in some items here."""

    code: Code
    name: Text = ""
    items: tuple[Key, ...] = Field(min_length=1)
    because: Because


class Exploration(_Entry):
    """How many schools host exploration, where the planner decides it."""

    numbers: dict[str, Count] = Field(default_factory=dict, description="Track -> number of hosts.")
    within_km: Positive | None = Field(None, description="The fewest that bring every junior high within it.")
    within_minutes: Positive | None = Field(None, description="The same for a travel matrix in minutes.")


class Tiers(_Entry):
    """The order of aims, and how far each may be given up for those after it."""

    order: tuple[TierWord, ...] = Field(
        (),
        description="All of unwilling, overload, load, travel, preference, separate; most important first. "
        "The number of exploration hosts is decided before the loads, the tie-break comes last.",
    )
    tolerances: dict[TierWord, NotNegative] = Field(
        default_factory=dict, description="unwilling, overload, travel or preference -> share, such as 5%."
    )


class Link(_Entry):
    """A way between two townships that share no border."""

    between: tuple[Text, ...] = Field(min_length=2, max_length=2, description="The two townships.")
    kind: LinkKind = "ferry"
    km: Positive | None = Field(None, description="Length; absent: the great circle between the townships.")
    note: Text = ""


class Travel(_Entry):
    """How distances are measured."""

    mode: TravelMode = "graph"
    matrix: FileName | None = Field(None, description="CSV file, relative to the scenario file.")
    unit: Unit = "km"
    shipped_links: Flag = Field(True, description="false: of bridges, ferries and flights only those under links.")


class GeographyEntry(_Entry):
    """Townships of one's own: a file of polygons in place of the shipped boundaries."""

    file: FileName = Field(
        min_length=1,
        description="Shapefile (also zipped), GeoPackage, GeoJSON or TopoJSON, relative to the scenario file.",
    )
    layer: Text | None = Field(None, description="Layer of the file, if it has several.")
    key: Text = Field("TOWNCODE", description="Column with the code of each township.")
    county: Text = Field("COUNTYNAME", description="Column with the name of its county.")
    town: Text = Field("TOWNNAME", description="Column with its own name.")
    encoding: Text | None = Field(None, description="Encoding of the texts, such as cp950 (Big5) or utf-8.")
    crs: Text | None = Field(
        None, description="Reference system, such as EPSG:3826, where the file names none or a wrong one."
    )
    name: Text = Field("", description="What to call the map; absent: the name of the file.")
    attribution: Text = Field("", description="What must stand beside every map: the source and its licence.")


class PartOf(_Entry):
    """What one of the two plans of a divided community takes from the whole; `assigner split` writes it."""

    community: Text = Field("", description="Name of the whole community.")
    schools: Count = Field(description="Schools that take part in the whole community.")
    elsewhere: tuple[Key, ...] = Field((), description="Items that the other plan hosts for the whole community.")
    half: tuple[Text, ...] = Field(
        (), description="Junior highs (codes) or townships that both plans serve: half their people count here."
    )
    no_junior_highs: Flag = Field(False, description="true: all junior highs of the community are the other plan's.")


class ScenarioFile(_Entry):
    """One learning community, its schools, and what the planner asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Scenario")

    schema_version: Literal[1] = Field(description="Version of the format.")
    id: Id = Field(description="Short id, used in file names.")
    name: Text = ""
    synthetic: Flag = Field(False, description="true: the community is made up.")
    kind: Kind = "community"
    note: Text = ""
    sources: tuple[Text, ...] = ()
    townships: tuple[Text, ...] = Field((), description="Territory; absent: the townships of the participants.")
    rulebook: FileName = Field("111", description="Name of a shipped rulebook, or a file relative to this one.")
    switches: dict[str, Key] = Field(default_factory=dict, description="Switch of the rulebook -> option.")
    relaxations: Relaxations = Field(
        "auto",
        description="auto (自動): where no plan keeps all the rules, as many as needed, in their order; "
        "none (不放寬): never; a list such as [R1, R2]: these in any case.",
    )
    convener: Convener = Field(CHOOSE, description="Code of the convening school, or choose (推選).")
    schools: tuple[SchoolEntry, ...]
    outside_partners: tuple[OutsidePartnerEntry, ...] = ()
    junior_highs: tuple[JuniorHigh, ...] = Field(
        (), description="Absent: each township of the territory counts as the rulebook says."
    )
    shared_townships: dict[Text, Share] = Field(
        default_factory=dict,
        description="Only without junior highs: township -> part of its people that counts here (1/2, 50%); 0 where "
        "they count for other communities alone.",
    )
    universities: tuple[University, ...] = ()
    pins: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that host it in any case.")
    bans: dict[str, Codes] = Field(default_factory=dict, description="Item -> schools that do not host it.")
    host_numbers: dict[str, Count] = Field(default_factory=dict, description="Item -> number of hosts wanted.")
    exploration: Exploration = Field(default_factory=lambda: Exploration.model_validate({}))
    ways: dict[str, tuple[Text, ...]] = Field(
        default_factory=dict, description="Benchmark school -> ways of promotion it has decided on."
    )
    tiers: Tiers = Field(default_factory=lambda: Tiers.model_validate({}))
    links: tuple[Link, ...] = ()
    travel: Travel = Field(default_factory=lambda: Travel.model_validate({}))
    geography: GeographyEntry | None = Field(
        None, description="Polygons of the townships; absent: the shipped boundaries of 2021."
    )
    part_of: PartOf | None = Field(None, description="Only where this is one of the two plans of a community.")


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors."""
    schema = ScenarioFile.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
