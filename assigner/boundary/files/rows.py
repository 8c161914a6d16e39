"""Rows that say to which community a township or school belongs, from a table or a map, as the document of a base map.

One row a township; a row with the code of a school is for one that is a member elsewhere than its township. Without
any row for a township, all schools are listed, and a township is at home where most of its schools are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.boundary.files.entries import SCHEMA_VERSION, is_community_id
from assigner.boundary.values import Base
from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message
from assigner.scenario.source import in_order
from assigner.scenario.words import normal
from geodata.codes import CodeError, read_code
from geodata.names import normalise, strip_prefix
from geodata.rosters.cells import plain_text
from geodata.rosters.columns import head_word
from geodata.sheets import Cell, FailedFormula
from geodata.townships import TownshipNameError
from models.documents import Document

if TYPE_CHECKING:
    from os import PathLike

    from geodata.geography import Geography
    from models.documents import Path as Keys

__all__ = ["HEADS", "Given", "Row", "base_of_rows", "columns_of", "heads_needed"]

_TOWNCODE = re.compile(r"[0-9]{7,8}")

HEADS: Mapping[str, tuple[str, ...]] = {
    "township": ("鄉鎮市區", "鄉鎮市區名稱", "鄉鎮", "行政區", "township", "town", "town name", "district"),
    "county": ("縣市", "縣市名稱", "county", "county name"),
    "towncode": ("鄉鎮市區代碼", "towncode", "town code", "town id"),
    "code": ("代碼", "code"),
    "school": ("學校代碼", "學校代號", "school", "school code"),
    "community": ("社區", "社區代號", "適性學習社區", "學習社區", "所屬社區", "community", "community id", "to"),
    "community_name": ("社區名稱", "community name"),
    "kind": ("學校類別", "kind"),
}
"""What a column says -> its heads in both languages."""

_HEAD_OF = {head_word(word): key for key, words in HEADS.items() for word in words}
_NAMES = tuple(map(head_word, ("名稱", "name")))
"""Heads of the name of a community, where the township has a column of its own and no row is for a school."""
_OTHER_KINDS = ("國民中學", "junior_high", "大專校院", "university")
"""Kinds of schools that are no members of communities."""


@dataclass(frozen=True)
class Given:
    """A value of a row, and where it stands."""

    value: Cell
    place: Place

    @property
    def text(self) -> str:
        """The value as one line of text."""
        return plain_text(self.value)


Row = Mapping[str, Given]
"""Key of `HEADS` -> what stands there."""


def columns_of(heads: Sequence[Cell]) -> dict[str, int]:
    """Key of `HEADS` -> its column, as far as the heads are known."""
    found: dict[str, int] = {}
    for column, head in enumerate(heads):
        key = _HEAD_OF.get(head_word(head))
        if key is not None:
            found.setdefault(key, column)
    if "township" in found and "school" not in found:  # else it may be the name of the township, or of the school
        for column, head in enumerate(heads):
            if head_word(head) in _NAMES:
                found.setdefault("community_name", column)
    return found


def heads_needed(columns: Iterable[str]) -> bool:
    """Whether these columns say what belongs where."""
    there = set(columns)
    return "community" in there and bool(there & {"township", "towncode", "code", "school"})


def base_of_rows(
    rows: Sequence[Row],
    file: str,
    folder: Path,
    roster: str | PathLike[str] | Base | None,
    problems: Iterable[Problem] = (),
) -> Base:
    """Make the base that the rows of a table or map describe.

    Parameters
    ----------
    rows
        With the place of each value.
    file
        What errors call it.
    folder
        Where it is.
    roster
        The schools: a tidy table, or a base (its file or itself), of which all but the map is taken.
    problems
        What is wrong with the file so far.

    Raises
    ------
    assigner.errors.InputError
        With everything that is wrong.
    """
    from assigner.boundary.files.reading import base_of

    like, table = _schools_of(roster)
    reader = _Rows(file, like, list(problems))
    for row in rows:
        reader.add(row)
    if not reader.communities and not reader.problems:
        what = M_("No row says to which community a township belongs.")
        mend = M_("Fill in the column of the communities.")
        reader.problems.append(Problem(file, Place(), ABSENT, what, None, mend))
    elif like is None and table is None:
        what = M_("This says which township belongs where, but not which schools there are.")
        mend = M_("Name a roster as well, or the base map that holds the schools.")
        reader.problems.append(Problem(file, Place(), ABSENT, what, None, mend))
        raise InputError(in_order(reader.problems))
    if not reader.communities:
        raise InputError(in_order(reader.problems))
    try:
        made = base_of(reader.document(Path(file).stem), file, folder, table, like=like, derive=not reader.townships)
    except InputError as error:
        raise InputError(in_order([*reader.problems, *(_shown(problem, file) for problem in error.problems)])) from None
    if reader.problems:
        raise InputError(reader.problems)
    return replace(made, warnings=tuple(_shown(problem, file) for problem in made.warnings))


def _schools_of(roster: str | PathLike[str] | Base | None) -> tuple[Base | None, str | PathLike[str] | None]:
    """The base or the table that holds the schools."""
    if roster is None or isinstance(roster, Base):
        return roster, None
    if Path(roster).suffix.casefold() in (".yaml", ".yml"):
        from assigner.boundary.base import read_base

        return read_base(roster), None
    return None, roster


def _shown(problem: Problem, file: str) -> Problem:
    """A problem without the path of keys, which a table does not have."""
    place = problem.place
    return replace(problem, place=Place("", place.line, None, place.cell)) if problem.file == file else problem


@dataclass
class _Rows:
    """Rows while they are read."""

    file: str
    like: Base | None
    problems: list[Problem] = field(default_factory=list)
    communities: dict[str, dict[str, Any]] = field(default_factory=dict)
    townships: int = 0
    nowhere: dict[str, list[Given]] = field(default_factory=dict)

    def wrong(self, given: Given, what: Message, expected: Message | None, mend: Message) -> None:
        value: object = ABSENT if given.value is None else given.value
        shown = value if isinstance(value, str | int | float) else ABSENT if value is ABSENT else str(value)
        self.problems.append(Problem(self.file, given.place, shown, what, expected, mend))

    def add(self, row: Row) -> None:
        failed = [given for given in row.values() if isinstance(given.value, FailedFormula)]
        for given in failed:
            mend = M_("Correct the formula, or type the value itself over it.")
            self.wrong(given, M_("A formula in this cell does not work."), None, mend)
        if failed or (("kind" in row) and normal(row["kind"].text) in _OTHER_KINDS):
            return
        before = len(self.problems)
        key, thing = self.thing(row)
        community = self.community(row)
        if thing is None:
            if len(self.problems) == before and community:
                what = M_("The row names a community, but neither a township nor a school.")
                self.wrong(row["community"], what, M_("a township, or the code of a school"), M_("Fill in the cell."))
            return
        if key == "townships":
            self.townships += 1
        if community is None:
            return
        held = self.nowhere if community == "" else self.communities[community]
        held.setdefault(key, []).append(thing)

    # ------------------------------------------------------------------------------------------- township or school

    def thing(self, row: Row) -> tuple[str, Given | None]:
        """The township or the school that a row is for."""
        for column in ("school", "code"):
            given = row.get(column)
            if given is None or not given.text:
                continue
            if column == "code" and _TOWNCODE.fullmatch(unicodedata.normalize("NFKC", given.text)):
                return "townships", self.township(row, given)
            try:
                return "schools", Given(read_code(given.value), given.place)
            except CodeError:
                self.wrong(
                    given,
                    M_("This is no code of a school or township."),
                    M_("6 digits or capital letters for a school, 8 digits for a township"),
                    M_("Format the column as text and write the code in full."),
                )
                return "schools", None
        code = row.get("towncode")
        return "townships", self.township(row, code if code is not None and code.text else None)

    def township(self, row: Row, code: Given | None) -> Given | None:
        """The township of a row, as a word that `Geography.find` understands."""
        name = row.get("township")
        if name is None or not name.text:
            return None if code is None else Given(code.text, code.place)
        county = strip_prefix(normalise(row["county"].text)) if "county" in row else ""
        word = county + name.text if county and not name.text.startswith(county) else name.text
        if code is None:
            return Given(word, name.place)
        find = self.geography.find
        try:
            by_code, by_name = find(code.text), find(word)
        except TownshipNameError:
            # An ambiguous name is told by its code; what neither tells is said where the word is looked up.
            return Given(code.text, code.place)
        if by_code != by_name:
            what = M_("Name and code are of two townships: {first} and {second}.", first=by_name, second=by_code)
            self.wrong(code, what, None, M_("Correct one of the two, or empty the cell of the code."))
            return None
        return Given(by_code.name, name.place)

    @property
    def geography(self) -> Geography:
        from geodata.geography import embedded

        return embedded() if self.like is None else self.like.geography

    # ----------------------------------------------------------------------------------------------------- community

    def community(self, row: Row) -> str | None:
        """Id of the community of a row, empty for none; None if it cannot be told."""
        from assigner.boundary.naming import NOWHERE_WORDS

        given = row["community"] if "community" in row else Given(None, Place())
        text = given.text
        if normal(text) in NOWHERE_WORDS:
            return ""
        name = row["community_name"].text if "community_name" in row else ""
        identity = self.known(text) or _id(text)
        if not identity:
            what = M_("This cannot be the id or name of a community.")
            self.wrong(given, what, M_("a name with letters or digits"), M_("Write the name of the community."))
            return None
        entry = self.communities.setdefault(identity, {"id": Given(identity, given.place)})
        if "name" not in entry and (name or text != identity):
            shown = self.like.map.names.get(identity) if self.like is not None and not name else None
            entry["name"] = Given(shown or name or text, row["community_name"].place if name else given.place)
        return identity

    def known(self, text: str) -> str:
        """Id of a community of the base that gives the schools, by its id or name."""
        names = {} if self.like is None else self.like.map.names
        return next((c for c, name in names.items() if normal(text) in (normal(c), normal(name))), "")

    # ------------------------------------------------------------------------------------------------------ document

    def document(self, stem: str) -> Document:
        """All rows in the shape of the YAML of a base map."""
        data: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "id": _file_id(stem), "communities": []}
        places: dict[Keys, tuple[int, int]] = {}
        cells: dict[Keys, str] = {}

        def put(path: Keys, given: Given) -> Any:
            if given.place.line is not None:
                places[path] = given.place.line, given.place.column or 1
            if given.place.cell:
                cells[path] = given.place.cell
            return given.value

        for k, entry in enumerate(self.communities.values()):
            made: dict[str, Any] = {}
            here: Keys = ("communities", k)
            for key, held in entry.items():
                if isinstance(held, Given):
                    made[key] = put((*here, key), held)
                else:
                    made[key] = [put((*here, key, i), given) for i, given in enumerate(held)]
            put(here, entry["id"])
            data["communities"].append(made)
        if self.nowhere:
            data["nowhere"] = {
                key: [put(("nowhere", key, i), given) for i, given in enumerate(held)]
                for key, held in self.nowhere.items()
            }
        return Document(self.file, data, places, cells)


def _id(text: str) -> str:
    """An id for a community that is known by its name; empty if the name has no letter or digit."""
    found = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFKC", text)).strip("-._")[:80]
    return found if is_community_id(found) else ""


def _file_id(stem: str) -> str:
    """An id for a base map, from the name of its file."""
    found = re.sub(r"[^0-9A-Za-z_.-]+", "-", stem).strip("-._")[:80]
    return found or "base"
