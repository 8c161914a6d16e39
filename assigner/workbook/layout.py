"""The sheets and columns of the form, declared once, in both languages.

Titles are part of the file format, as the words of a scenario file are: a form is read by them, whatever the language
of the run. Columns of work items are not here: they come from the rulebook (`assigner.workbook.items`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from assigner.messages import N_, current_language
from assigner.scenario import entries
from assigner.scenario.words import OneOf, normal

__all__ = [
    "COLUMN_END",
    "FORM_VERSION",
    "MARKED",
    "SETTINGS",
    "SHEETS",
    "SHEET_BY_ID",
    "Choice",
    "Column",
    "Kind",
    "Layout",
    "choice_of",
    "squeezed",
    "titled",
]

FORM_VERSION = 1
"""Version of the form; a later one may name its sheets and columns anew."""

Kind = Literal[
    "code", "count", "degrees", "flag", "items", "list", "long", "points", "school", "tolerance", "text", "word"
]
"""What a cell holds: decides its format, its drop-down, and how what is typed there is understood."""

Titles = Mapping[str, str]


def titled(zh: str, en: str) -> Titles:
    """A title in both languages."""
    return {"zh-TW": zh, "en": en}


def squeezed(text: object) -> str:
    """Bring a title into the form in which titles are compared: no blanks, line breaks, stars, remarks in brackets."""
    plain = normal(text)
    without = re.sub(r"\([^()]*\)", "", plain)
    return re.sub(r"[\s*:_'’]", "", without or plain)


@dataclass(frozen=True, slots=True)
class Choice:
    """Words that a cell may hold.

    Attributes
    ----------
    words
        Value in a scenario file -> the word shown, by language.
    spellings
        Any usual spelling, normalised -> value.
    """

    words: Mapping[str, Titles]
    spellings: Mapping[str, str]

    def shown(self, value: str) -> str:
        """The word for a value in the current language."""
        return self.words[value][current_language()]

    def shown_all(self) -> list[str]:
        """The words for all values, in their order."""
        return [self.shown(value) for value in self.words]

    def meant(self, word: object) -> str | None:
        """The value that a word means; None if it is no such word."""
        return self.spellings.get(normal(word).replace(" ", "_")) or self.spellings.get(normal(word))


def choice_of(annotation: Any) -> Choice:
    """The words of a key of the scenario file."""
    one_of = next(part for part in get_args(annotation) if isinstance(part, OneOf))
    words: dict[str, Titles] = {}
    for spelling in one_of.spellings:
        value = one_of.meant[normal(spelling)]
        if value not in words:
            words[value] = titled(value, value.replace("_", " "))
        elif words[value]["zh-TW"] == value:
            words[value] = titled(spelling, words[value]["en"])
    return Choice(words, dict(one_of.meant))


def _choice(*options: tuple[str, str, str, tuple[str, ...]]) -> Choice:
    words = {value: titled(zh, en) for value, zh, en, _more in options}
    spellings = {normal(s): value for value, zh, en, more in options for s in (value, zh, en, *more)}
    return Choice(words, spellings)


_TICKS = ("✓", "✔", "v", "√", "○", "●", "o", "1", "1.0", "y", "t", "有")
_CROSSES = ("✗", "✘", "x", "×", "0", "0.0", "n", "f", "無")
YES_NO = _choice(("true", "是", "yes", _TICKS), ("false", "否", "no", _CROSSES))
"""Yes or no, in the many ways in which forms are ticked."""
OWNERSHIP = _choice(
    ("true", "公立", "public", ("是", "yes", "國立", "市立", "縣立")), ("false", "私立", "private", ("否", "no"))
)
"""Public or private."""
WISH = _choice(("pins", "指定", "host", ("pin", "必辦")), ("bans", "排除", "not here", ("ban", "不辦")))
"""What a planner fixes for a school and an item."""
WILLINGNESS = choice_of(entries.WillingnessWord)
SUITABILITY = choice_of(entries.SuitabilityWord)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or a line of the settings.

    Attributes
    ----------
    id
        Its key in the entry of a scenario file; dots lead inside (``pupils.7``).
    title
        By language.
    kind
        What its cells hold.
    required
        Whether an entry needs it.
    width
        In characters.
    hint
        What a person is told who selects a cell (a marked sentence).
    choice
        The words it may hold, where it has such.
    aliases
        Other titles it is found by.
    ours
        Whether it only explains: not to be edited, and not read.
    """

    id: str
    title: Titles
    kind: Kind = "text"
    required: bool = False
    width: float = 12
    hint: str = ""
    choice: Choice | None = None
    aliases: tuple[str, ...] = ()
    ours: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """Keys that lead to the value inside an entry."""
        return tuple(self.id.split("."))

    @property
    def shown(self) -> str:
        """The title in the current language."""
        return self.title[current_language()]

    def spellings(self) -> set[str]:
        """Titles by which it is found, squeezed."""
        return {squeezed(title) for title in (self.id, *self.title.values(), *self.aliases)}


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet of the form.

    Attributes
    ----------
    id
        Of the sheet.
    title
        By language.
    kind
        A ``table`` has one entry a row; a ``matrix`` one school a row and one item a column; ``settings`` one key a
        row; ``text`` is only for people.
    columns
        Of a matrix those before the items.
    cells
        Of a matrix: the words of its cells.
    section
        Key of the scenario file that it fills.
    hint
        What the sheet is for (a marked sentence).
    tab
        "required", "usual" or "rare": how often it is needed.
    spare
        Empty rows offered for more entries.
    aliases
        Other names it is found by.
    """

    id: str
    title: Titles
    kind: Literal["table", "matrix", "settings", "text"]
    columns: tuple[Column, ...] = ()
    cells: Choice | None = None
    section: str = ""
    hint: str = ""
    tab: Literal["required", "usual", "rare"] = "rare"
    spare: int = 10
    aliases: tuple[str, ...] = field(default=())

    @property
    def shown(self) -> str:
        """The name of the sheet in the current language."""
        return self.title[current_language()]

    def column(self, identity: str) -> Column:
        """The column of this id."""
        return next(column for column in self.columns if column.id == identity)

    def spellings(self) -> set[str]:
        """Names by which it is found, squeezed."""
        return {squeezed(name) for name in (self.id, *self.title.values(), *self.aliases)}


def _code(zh: str, en: str, hint: str, *aliases: str, required: bool = True) -> Column:
    return Column("code", titled(zh, en), "code", required, 10, hint, aliases=("代碼", "code", *aliases))


_SCHOOL_HINT = N_("The ministry's school code, 6 characters. The column is text, so that leading zeros stay.")
_TOWNSHIP = Column(
    "township",
    titled("鄉鎮市區", "Township"),
    "text",
    False,
    16,
    N_("County and township, such as 臺中市東勢區. Coordinates alone will do as well."),
    aliases=("所在鄉鎮市區", "鄉鎮區", "鄉鎮"),
)
_PLACE = (
    _TOWNSHIP,
    Column(
        "lon",
        titled("經度", "Longitude"),
        "degrees",
        False,
        11,
        N_("Decimal degrees, about 118 to 123. Leave both empty if unknown: the township will do."),
        aliases=("lon", "x", "東經"),
    ),
    Column(
        "lat",
        titled("緯度", "Latitude"),
        "degrees",
        False,
        11,
        N_("Decimal degrees, about 21 to 27."),
        aliases=("lat", "y", "北緯"),
    ),
)


def _name(zh: str, en: str, *, required: bool = False) -> Column:
    return Column("name", titled(zh, en), "text", required, 22, "", aliases=("名稱", "校名", "name"))


def _flag(identity: str, zh: str, en: str, hint: str, *aliases: str) -> Column:
    return Column(identity, titled(zh, en), "flag", False, 9, hint, YES_NO, aliases)


_MATRIX_CODE = Column(
    "code", titled("學校代碼", "School code"), "school", True, 9, _SCHOOL_HINT, None, ("代碼", "code")
)
_MATRIX_NAME = Column(
    "name", titled("學校名稱", "School name"), "text", False, 16, "", aliases=("校名", "學校", "name"), ours=True
)
SCHOOLS = Layout(
    "schools",
    titled("學校", "Schools"),
    "table",
    (
        _code("學校代碼", "School code", _SCHOOL_HINT),
        _name("學校名稱", "School name"),
        *_PLACE,
        Column("public", titled("公私立", "Public or private"), "flag", False, 8, "", OWNERSHIP, ("public",)),
        _flag(
            "takes_part", "參與", "Takes part", N_("“no” for a school that abstains this year; empty counts as yes.")
        ),
        _flag("benchmark", "標竿學校", "Benchmark school", N_("精進標竿學校, appointed for 夥伴優質."), "精進標竿學校"),
        Column(
            "categories",
            titled("課程類別", "Course categories"),
            "list",
            False,
            26,
            N_("Categories or department groups, separated by 、 or commas. Empty: unknown. “無” or “none”: none."),
        ),
        Column(
            "capacity_points",
            titled("負荷容量（點）", "Capacity (points)"),
            "points",
            False,
            9,
            N_("Points the school can carry; empty: as the rulebook says."),
            aliases=("負荷容量", "容量"),
        ),
        Column(
            "load_limit",
            titled("容量上限性質", "Load limit"),
            "word",
            False,
            9,
            N_("“hard”: never carries more than its capacity. Empty counts as soft."),
            choice_of(entries.LoadLimit),
            ("負荷上限",),
        ),
        Column(
            "history_points",
            titled("累計負荷（點）", "Points carried over"),
            "points",
            False,
            9,
            N_("Load carried over from earlier years; empty counts as 0."),
            aliases=("累計負荷", "歷史負荷"),
        ),
        _flag("barred", "已獲免試入學補助", "Barred", N_("Public school already subsidised under 學習區完全免試入學.")),
        _flag("special_education", "特殊教育學校", "Special education", ""),
        _flag("rare_programme", "稀少性類科", "Rare programme", ""),
        _flag("talent_class", "藝才班", "Talent class", N_("美術, 舞蹈, 戲劇, 體育.")),
        _flag("resource_weak", "資源弱勢", "Resource-weak", N_("A smaller capacity, as the rulebook says.")),
        _flag("transfer_places", "提供轉學名額", "Offers transfer places", ""),
        _flag("below_registration", "註冊率未達標準", "Below registration standard", ""),
        _flag("industry_academia", "產攜2.0", "Industry-academia 2.0", ""),
    ),
    section="schools",
    hint=N_("One school a row. Only the code and the place (township or coordinates) are required."),
    tab="required",
    spare=5,
    aliases=("學校名單", "參與學校", "school"),
)

WILLING = Layout(
    "willingness",
    titled("意願", "Willingness"),
    "matrix",
    (_MATRIX_CODE, _MATRIX_NAME),
    WILLINGNESS,
    "willingness",
    N_("One school a row, one work item a column: choose a word from the list. Empty counts as “if needed”."),
    "usual",
    5,
    ("辦理意願", "意願調查"),
)

REASONS = Layout(
    "reasons",
    titled("理由", "Reasons"),
    "table",
    (
        _MATRIX_CODE,
        Column("item", titled("工作項目", "Work item"), "items", True, 30, "", aliases=("項目", "item")),
        Column(
            "reason",
            titled("理由", "Reason"),
            "long",
            True,
            60,
            N_("In the school's own words; it is printed where it matters."),
            aliases=("原因",),
        ),
    ),
    section="reasons",
    hint=N_("Why a school is unwilling or cannot: one answer of the sheet before a row."),
    tab="usual",
    spare=20,
    aliases=("意願理由",),
)

LAST_YEAR = Layout(
    "last_year",
    titled("去年辦理", "Last year"),
    "matrix",
    (_MATRIX_CODE, _MATRIX_NAME),
    YES_NO,
    "last_year",
    N_("What each school hosted last year: “yes” where it did. It counts for the rotation only."),
    "usual",
    5,
    ("去年辦理項目",),
)

WISHES = Layout(
    "wishes",
    titled("指定與排除", "Fixed duties"),
    "matrix",
    (_MATRIX_CODE, _MATRIX_NAME),
    WISH,
    "wishes",
    N_("What the planner fixes: “host”: this school hosts the item in any case; “not here”: it does not host it."),
    "usual",
    5,
    ("指定", "pins and bans"),
)

NUMBERS = Layout(
    "numbers",
    titled("辦理校數", "Host numbers"),
    "table",
    (
        Column("item", titled("工作項目", "Work item"), "items", True, 30, "", aliases=("項目", "item")),
        Column("title", titled("項目名稱", "Title"), "text", False, 70, "", ours=True),
        Column(
            "number",
            titled("辦理校數", "Number of hosts"),
            "count",
            False,
            10,
            N_("Only if another number is wanted than the program's own: empty means no wish."),
            aliases=("校數",),
        ),
    ),
    section="numbers",
    hint=N_("How many schools are to host an item; leave empty what the rules decide."),
    spare=0,
)

JUNIOR_HIGHS = Layout(
    "junior_highs",
    titled("國中", "Junior highs"),
    "table",
    (
        _code("國中代碼", "Junior high code", _SCHOOL_HINT, "學校代碼"),
        _name("國中名稱", "Junior high name"),
        *_PLACE,
        *(
            Column(
                f"pupils.{grade}",
                titled(f"{numeral}年級學生數", f"Pupils of grade {grade}"),
                "count",
                False,
                10,
                N_("A whole number, 0 or more."),
                aliases=(f"{numeral}年級", f"{grade}年級", f"g{grade}", f"grade {grade}", f"{grade}年級學生數"),
            )
            for grade, numeral in ((7, "七"), (8, "八"), (9, "九"))
        ),
        Column(
            "graduates",
            titled("畢業生數", "Graduates"),
            "count",
            False,
            10,
            N_("Graduates a year: used for grades without numbers."),
        ),
        Column(
            "share",
            titled("計入比例", "Share"),
            "points",
            False,
            10,
            N_("Part of its people that counts here, such as 1/2, if other communities have schools in its township."),
        ),
    ),
    section="junior_highs",
    hint=N_("Junior highs whose teachers and pupils travel. Empty: each township counts as the rulebook says."),
    tab="usual",
    spare=15,
    aliases=("國民中學",),
)

SUITABLE = Layout(
    "suitability",
    titled("適合度", "Suitability"),
    "matrix",
    (_MATRIX_CODE, _MATRIX_NAME),
    SUITABILITY,
    "suitability",
    N_("Only where a school suits an item better or worse than its course categories say."),
    "rare",
    5,
)

WAYS = Layout(
    "ways",
    titled("宣導方式", "Ways of promotion"),
    "matrix",
    (_MATRIX_CODE, _MATRIX_NAME),
    YES_NO,
    "ways",
    N_("Benchmark schools only: the ways of promotion that are decided already."),
    "rare",
    3,
)

PARTNERS = Layout(
    "outside_partners",
    titled("跨社區合作", "Outside partners"),
    "table",
    (
        _code("學校代碼", "School code", _SCHOOL_HINT),
        _name("學校名稱", "School name"),
        *_PLACE,
        Column(
            "items",
            titled("參與項目", "Items"),
            "items",
            True,
            24,
            N_("Ids of work items, separated by 、 or commas."),
            aliases=("工作項目",),
        ),
        Column("because", titled("合作理由", "Because"), "word", True, 16, "", choice_of(entries.Because)),
    ),
    section="outside_partners",
    hint=N_("Schools of other communities that take part in some items here."),
    spare=5,
)

UNIVERSITIES = Layout(
    "universities",
    titled("大專校院", "Universities"),
    "table",
    (
        Column("code", titled("校院代碼", "University code"), "text", False, 10, "", aliases=("代碼", "code")),
        _name("校院名稱", "University name", required=True),
        *_PLACE,
    ),
    section="universities",
    hint=N_("Universities that work with the community; for the reader, not for the calculation."),
    spare=8,
)

LINKS = Layout(
    "links",
    titled("連結", "Links"),
    "table",
    (
        Column("between.0", titled("鄉鎮市區甲", "Township A"), "text", True, 18, "", aliases=("起點", "from")),
        Column("between.1", titled("鄉鎮市區乙", "Township B"), "text", True, 18, "", aliases=("終點", "to")),
        Column("kind", titled("連結方式", "Kind of link"), "word", False, 12, "", choice_of(entries.LinkKind)),
        Column(
            "km",
            titled("公里", "Length (km)"),
            "points",
            False,
            10,
            N_("Empty: the straight line between them."),
            aliases=("km", "length"),
        ),
        Column("note", titled("備註", "Note"), "long", False, 40),
    ),
    section="links",
    hint=N_("Ways between two townships that share no border (bridge, ferry, flight)."),
    spare=6,
)

SWITCHES = Layout(
    "switches",
    titled("規則選項", "Readings"),
    "table",
    (
        Column("switch", titled("選項代號", "Reading"), "text", True, 26, "", aliases=("switch", "開關")),
        Column("title", titled("問題", "Question"), "long", False, 36, "", ours=True),
        Column(
            "option",
            titled("選擇", "Choice"),
            "text",
            False,
            26,
            N_("Only if another reading is wanted than the default: choose it from the list."),
            aliases=("選項",),
        ),
        Column("default", titled("預設", "Default"), "long", False, 26, "", ours=True),
        Column("source", titled("依據", "Source"), "long", False, 36, "", ours=True),
    ),
    section="switches",
    hint=N_("Where the programme leaves room: leave empty to keep the default."),
    spare=0,
)

AIMS = Layout(
    "aims",
    titled("目標順序", "Aims"),
    "table",
    (
        Column("aim", titled("目標", "Aim"), "word", True, 16, "", choice_of(entries.TierWord), aliases=("tier",)),
        Column("title", titled("說明", "What it means"), "long", False, 44, "", ours=True),
        Column(
            "rank",
            titled("順位", "Rank"),
            "count",
            False,
            8,
            N_("1 is the most important. Leave all empty to keep the rulebook's order; else rank every aim."),
        ),
        Column(
            "tolerance",
            titled("容許", "Tolerance"),
            "tolerance",
            False,
            10,
            N_("How far the best value may be given up for later aims, such as 5%."),
        ),
    ),
    section="aims",
    hint=N_("The order of the aims and how far each may be given up. Usually left as it is."),
    spare=0,
)

SETTINGS: tuple[Column, ...] = (
    Column(
        "id",
        titled("社區代號", "Community id"),
        "text",
        True,
        hint=N_("Short, used in file names: letters, digits, “-”, “_” and “.”, such as dongshi-111."),
        aliases=("代號",),
    ),
    Column("name", titled("社區名稱", "Community name"), aliases=("名稱",)),
    Column(
        "convener",
        titled("召集學校", "Convener"),
        "school",
        hint=N_("Code of the convening school; empty: the program chooses one."),
        aliases=("召集學校代碼",),
    ),
    Column(
        "townships",
        titled("社區範圍", "Territory"),
        "list",
        hint=N_("Townships, separated by 、 or commas. Empty: those of the schools that take part."),
        aliases=("鄉鎮市區", "townships", "涵蓋鄉鎮市區"),
    ),
    Column("kind", titled("類型", "Kind"), "word", choice=choice_of(entries.Kind)),
    Column(
        "relaxations",
        titled("放寬", "Relaxations"),
        "list",
        hint=N_(
            "auto (自動): as many as needed, if no plan keeps all the rules; none (不放寬); or ids such as R1、R2."
        ),
    ),
    Column("rulebook", titled("規則", "Rulebook"), hint=N_("School year of the rules, or a file beside this form.")),
    Column("synthetic", titled("虛構社區", "Made up"), "flag", choice=YES_NO, hint=N_("“yes” for an example.")),
    Column("note", titled("備註", "Note"), "long"),
    Column("sources", titled("資料來源", "Source"), "long", hint=N_("One source a row; add rows of the same name.")),
    Column(
        "exploration.within_km",
        titled("試探活動公里數", "Exploration within km"),
        "points",
        hint=N_("As many exploration hosts as bring every junior high within this distance. Usually empty."),
    ),
    Column(
        "exploration.within_minutes",
        titled("試探活動分鐘數", "Exploration within minutes"),
        "points",
        hint=N_("The same for a travel matrix in minutes. Usually empty."),
    ),
    Column("travel.mode", titled("距離算法", "Travel mode"), "word", choice=choice_of(entries.TravelMode)),
    Column(
        "travel.matrix",
        titled("距離矩陣檔", "Travel matrix"),
        hint=N_("CSV file beside this form, where the way of measuring is “matrix”."),
    ),
    Column("travel.unit", titled("矩陣單位", "Matrix unit"), "word", choice=choice_of(entries.Unit)),
    Column(
        "travel.shipped_links",
        titled("採用內建連結", "Shipped links"),
        "flag",
        choice=YES_NO,
        hint=N_("“no”: only the links of the sheet of links. Empty counts as yes."),
    ),
    Column(
        "geography.file",
        titled("自備圖資檔", "Own map file"),
        hint=N_("Polygons of townships beside this form, in place of the shipped ones. Usually empty."),
    ),
    Column("geography.layer", titled("圖層", "Map layer"), hint=N_("If the map file has several layers.")),
    Column("geography.key", titled("代碼欄位", "Map key column"), hint=N_("Column of the codes; empty: TOWNCODE.")),
    Column("geography.county", titled("縣市欄位", "Map county column"), hint=N_("Empty: COUNTYNAME.")),
    Column("geography.town", titled("鄉鎮市區欄位", "Map township column"), hint=N_("Empty: TOWNNAME.")),
    Column("geography.encoding", titled("圖資編碼", "Map encoding"), hint=N_("Such as cp950 (Big5) or utf-8.")),
    Column(
        "geography.crs",
        titled("坐標系統", "Map reference system"),
        hint=N_("Such as EPSG:3826, if the file names none."),
    ),
    Column("geography.name", titled("圖資名稱", "Map name"), hint=N_("What to call the map.")),
    Column(
        "geography.attribution",
        titled("圖資來源標示", "Map attribution"),
        "long",
        hint=N_("What must stand beside every map: the source and its licence."),
    ),
    Column(
        "shared_townships",
        titled("共有之鄉鎮市區", "Shared townships"),
        "list",
        hint=N_("Only without junior highs: townships with the part of their people that counts here: 臺中市北區 1/2."),
    ),
    Column(
        "part_of.community",
        titled("原社區名稱", "Whole community"),
        hint=N_("Only of one of the two plans of a divided community; “split” writes it."),
    ),
    Column(
        "part_of.schools",
        titled("原社區校數", "Schools of the whole community"),
        "count",
        hint=N_("Only of one of the two plans of a divided community."),
    ),
    Column(
        "part_of.elsewhere",
        titled("由另一計畫辦理之項目", "Items hosted by the other plan"),
        "list",
        hint=N_("Items that the other plan hosts for the whole community."),
    ),
    Column(
        "part_of.half",
        titled("兩計畫共有之國中", "Junior highs of both plans"),
        "list",
        hint=N_("Codes of junior highs (or townships) that both plans serve: half their people count here."),
    ),
    Column(
        "part_of.no_junior_highs",
        titled("本計畫無國中", "No junior highs in this plan"),
        "flag",
        choice=YES_NO,
        hint=N_("“yes”: all junior highs of the community belong to the other plan."),
    ),
)
"""Lines of the sheet of the community."""

SETTINGS_COLUMNS = (
    Column("field", titled("欄位", "Field"), width=24, ours=True),
    Column("value", titled("內容", "Value"), width=50),
    Column("about", titled("說明", "About"), "long", width=60, ours=True),
)

COVER = Layout("cover", titled("說明", "Instructions"), "text", aliases=("封面", "cover", "read me"))
ITEMS = Layout("items", titled("工作項目", "Work items"), "text", aliases=("項目一覽",))
MARKED = Layout("marked", titled("待修正", "To mend"), "text")
COMMUNITY = Layout(
    "community",
    titled("社區", "Community"),
    "settings",
    SETTINGS_COLUMNS,
    hint=N_("About the community and the plan as a whole."),
    tab="required",
    spare=0,
    aliases=("基本資料", "社區資料"),
)

SHEETS: tuple[Layout, ...] = (
    COVER,
    COMMUNITY,
    SCHOOLS,
    WILLING,
    REASONS,
    LAST_YEAR,
    WISHES,
    JUNIOR_HIGHS,
    NUMBERS,
    ITEMS,
    SUITABLE,
    WAYS,
    PARTNERS,
    UNIVERSITIES,
    LINKS,
    SWITCHES,
    AIMS,
)
"""Sheets in the order of the form."""

SHEET_BY_ID: Mapping[str, Layout] = {layout.id: layout for layout in (*SHEETS, MARKED)}

COLUMN_END = "＊"
"""What stands after the title of a column that is required."""


def names(layouts: Iterable[Layout]) -> list[str]:
    """Names of sheets in the current language."""
    return [layout.shown for layout in layouts]
