"""From a form to a scenario: the entries that a scenario file would have, with the cell of every value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from assigner.errors import InputError, Problem
from assigner.faults import closest
from assigner.messages import M_
from assigner.scenario.entries import SCHEMA_VERSION
from assigner.scenario.scenario import Scenario, _assembled
from assigner.scenario.words import CHOOSE, normal
from assigner.workbook.forms import ITEM, Form, Row, Value, read_form
from assigner.workbook.items import meant_by_date, meant_item
from assigner.workbook.layout import SETTINGS, SHEET_BY_ID
from assigner.workbook.wording import Wording
from geodata.codes import CodeError, read_code
from models.documents import Document, Path

__all__ = ["document_of_form", "read_workbook", "scenario_of_form"]


def read_workbook(path: FilePath, file: str) -> Scenario:
    """Read a scenario from a workbook.

    Parameters
    ----------
    path, file
        The workbook, and how the person named it.

    Raises
    ------
    InputError
        It cannot be used; every problem names its cell.
    """
    return scenario_of_form(read_form(path, file), path.parent)


def scenario_of_form(form: Form, folder: FilePath | None) -> Scenario:
    """Check what a form says and make the scenario of it (errors as `read_workbook`).

    Parameters
    ----------
    form
        As `read_form` gives it.
    folder
        Where the names of files in it start.
    """
    document = document_of_form(form)
    if form.broken:
        raise InputError(in_form_order(form, form.problems))
    try:
        scenario = _assembled(document, form.file, folder)
    except InputError as error:
        wording = Wording(form, document)
        found = [wording.of(problem) for problem in error.problems]
        noted = {problem.place.cell for problem in form.problems}
        found = [problem for problem in found if problem.place.cell not in noted or not problem.place.cell]
        found = _without_echoes(found, noted)
        raise InputError(in_form_order(form, [*form.problems, *found])) from None
    if form.problems:
        raise InputError(in_form_order(form, form.problems))
    wording = Wording(form, document)
    warnings = [*form.warnings, *(wording.of(warning) for warning in scenario.warnings)]
    return replace(scenario, warnings=tuple(in_form_order(form, warnings)))


def _without_echoes(found: list[Problem], noted: set[str]) -> list[Problem]:
    """Leave out that a coordinate is missing where it is only that it could not be read."""
    cells = noted | {problem.place.cell for problem in found}
    in_row = Counter(map(_row_of, cells))

    def echo(problem: Problem) -> bool:
        if not problem.what.msgid.startswith("Only one of the two coordinates"):
            return False
        return in_row[_row_of(problem.place.cell)] > 1

    return [problem for problem in found if not echo(problem)]


def _row_of(cell: str) -> tuple[str, str]:
    sheet, _bang, name = cell.rpartition("!")
    return sheet, name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def in_form_order(form: Form, problems: list[Problem]) -> list[Problem]:
    """Sort problems as a reader meets them: by sheet, row and column; those of no cell come first."""
    order = {name: position for position, name in enumerate(form.sheets.values())}

    def key(problem: Problem) -> tuple[int, int, int, str]:
        sheet, _bang, name = problem.place.cell.rpartition("!")
        found = re.fullmatch(r"([A-Z]+)([0-9]+)", name)
        if found is None:
            return -1, 0, 0, ""
        return order.get(sheet, len(order)), int(found[2]), len(found[1]), found[1]

    return sorted({(p.place, p.what.msgid, repr(p.value)): p for p in problems}.values(), key=key)


def document_of_form(form: Form) -> Document:
    """The entries that a scenario file would have, with the cell of every value; problems are added to the form."""
    return _Writer(form).document()


class _Writer:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.data: dict[str, Any] = {"schema_version": SCHEMA_VERSION}
        self.cells: dict[Path, str] = {}
        self.names: dict[str, list[str]] = {}
        self.repeated = False
        self.doubled: set[str] = set()

    def document(self) -> Document:
        self._settings()
        schools = self._entries("schools", "schools")
        partners = self._entries("outside_partners", "outside_partners")
        for section in ("junior_highs", "universities", "links"):
            self._entries(section, section)
        self._finish_partners(partners)
        self._finish_links()
        self._convener()
        members = dict(schools)
        self._matrix("willingness", members, self._willing)
        self._reasons(members)
        self._matrix("suitability", members, self._suits)
        self._matrix("last_year", members, self._hosted)
        self._matrix("wishes", {**members, **dict.fromkeys(partners, -1)}, self._wish)
        self._matrix("ways", members, self._way)
        self._numbers()
        self._switches()
        self._aims()
        return Document(self.form.file, self.data, {}, self.cells)

    # ------------------------------------------------------------------------------------------ settings

    def _settings(self) -> None:
        form = self.form
        for column in SETTINGS:
            values = form.settings.get(column.id, [])
            if column.id in form.setting_cells:
                self.cells[column.path] = form.setting_cells[column.id]
            if not values or column.id == "convener":
                continue
            self.cells[column.path] = values[0].cell
            if column.id in ("sources", "townships"):
                members = [(m, v.cell) for v in values for m in (v.data if isinstance(v.data, list) else [v.data])]
                self.data[column.id] = [member for member, _cell in members]
                self.cells.update({(column.id, k): cell for k, (_member, cell) in enumerate(members)})
            elif column.id == "relaxations":
                self._relaxations(values[0])
            elif column.id == "shared_townships":
                self._shares(values[0])
            else:
                _put(self.data, column.path, values[0].data)

    def _relaxations(self, value: Value) -> None:
        words = [str(member) for member in value.data]
        alone = normal(words[0]) in ("auto", "自動", "none", "不放寬") if len(words) == 1 else False
        self.data["relaxations"] = words[0] if alone else words
        self.cells.update({("relaxations", k): value.cell for k in range(len(words))})

    def _shares(self, value: Value) -> None:
        """Townships, each with its share after a blank."""
        shares: dict[str, str] = {}
        for member in value.data:
            name, _blank, share = str(member).rpartition(" ")
            shares[name.strip() or share] = share if name else ""
        self.data["shared_townships"] = shares
        self.cells.update({("shared_townships", name): value.cell for name in shares})

    def _convener(self) -> None:
        values = self.form.settings.get("convener", [])
        if not values:
            return
        data = values[0].data
        if normal(data) in (CHOOSE, "推選", "選擇", "由程式選擇"):
            self.data["convener"] = CHOOSE
        else:
            self.data["convener"] = self._code(data)

    # ------------------------------------------------------------------------------------------- entries

    def _entries(self, sheet: str, section: str) -> dict[str, int]:
        """Put the rows of a table into a list of entries; give code -> position."""
        entries: list[dict[str, Any]] = []
        positions: dict[str, int] = {}
        first: dict[str, str] = {}
        for row in self.form.rows.get(sheet, []):
            code = self._checked_code(row, first, section)
            if code is False:
                continue
            path: Path = (section, len(entries))
            entry: dict[str, Any] = {}
            self.cells[path] = row.cell
            for column in SHEET_BY_ID[sheet].columns:
                if column.id in row.cells:
                    self.cells[(*path, *column.path)] = row.cells[column.id]
                if column.id in row.values:
                    data = row.values[column.id].data
                    _put(entry, column.path, _listed(data) if column.kind in ("list", "items") else data)
                    if isinstance(data, list):
                        place = row.values[column.id].cell
                        self.cells.update({(*path, *column.path, k): place for k in range(len(data))})
            if isinstance(code, str):
                positions[code] = len(entries)
                if name := entry.get("name"):
                    self.names.setdefault(normal(name), []).append(code)
            entries.append(entry)
        if entries or section == "schools":
            self.data[section] = entries
        if section == "schools":
            name = self.form.sheets.get("schools")
            self.cells.setdefault(("schools",), f"{name}!A1" if name else "")
        return positions

    def _checked_code(self, row: Row, first: dict[str, str], section: str) -> str | bool | None:
        """The code of a row; None if it has none that can be read, False if it stands in another row already."""
        if section == "links" or "code" not in row.values:
            return None
        value = row.values["code"]
        try:
            code = read_code(value.data)
        except CodeError:
            if section != "universities":
                return None
            code = str(value.data)
        if section != "universities" and first.setdefault(code, row.cell) != row.cell:
            self.form.wrong(
                value.cell,
                M_("The school code appears a second time; it stands in {cell} as well.", cell=first[code]),
                M_("each code once"),
                M_("Delete one of the two rows, or correct its code."),
                value.data,
            )
            self.repeated = True
            return False
        return code

    def _finish_partners(self, partners: Mapping[str, int]) -> None:
        for index, entry in enumerate(self.data.get("outside_partners", [])):
            if "items" in entry:
                entry["items"] = [
                    self._item_word(word, self.cells.get(("outside_partners", index, "items"), ""))
                    for word in entry["items"]
                ]

    def _finish_links(self) -> None:
        for index, entry in enumerate(self.data.get("links", [])):
            ends = entry.pop("between", {})
            if isinstance(ends, dict):
                for end in ("0", "1"):
                    cell = self.cells.pop(("links", index, "between", end), None)
                    if cell is not None:
                        self.cells["links", index, "between", int(end)] = cell
                        self.cells.setdefault(("links", index, "between"), cell)
                entry["between"] = [ends[end] for end in ("0", "1") if end in ends]

    # ------------------------------------------------------------------------------------------- schools

    def _code(self, word: Any) -> Any:
        """The code that a reference to a school means: a code, a name, or both one after the other."""
        for candidate in (word, *str(word).split()[:1]):
            try:
                return read_code(candidate)
            except CodeError:
                continue
        named = self.names.get(normal(word), [])
        return named[0] if len(named) == 1 else word

    def _matrix(self, sheet: str, members: Mapping[str, int], put: Any) -> None:
        """Go through the rows of a matrix whose school is known."""
        seen: dict[str, str] = {}
        for row in self.form.rows.get(sheet, []):
            code = self._member(row, members)
            if code is None:
                continue
            if seen.setdefault(code, row.cell) != row.cell:
                self.doubled.add(sheet)
                self.form.wrong(
                    row.cell,
                    M_("The school has two rows on this sheet; the other is at {cell}.", cell=seen[code]),
                    M_("one row for each school"),
                    M_("Put the two rows together."),
                    code,
                )
                continue
            for key, value in row.values.items():
                if key.startswith(ITEM):
                    put(code, members[code], key.removeprefix(ITEM), value)

    def _member(self, row: Row, members: Mapping[str, int]) -> str | None:
        """The code of the school of a row; None if no such school is listed, which is noted."""
        value = row.values.get("code")
        if value is None:
            if "code" in row.cells and not any(p.place.cell == row.cells["code"] for p in self.form.problems):
                what = M_("Nothing stands here, but it is needed.")
                mend = M_("Fill in the cell, or empty the whole row.")
                self.form.wrong(row.cells["code"], what, M_("the code of a school of the sheet of schools"), mend)
            return None
        code = self._code(value.data)
        if code in members:
            return str(code)
        if self._all_codes_known():
            self.form.wrong(
                value.cell,
                M_("No school of this scenario has this code."),
                M_("the code of a school of the sheet of schools"),
                closest(code, members) or M_("Correct the code, or add the school to the list."),
                value.data,
            )
        return None

    def _all_codes_known(self) -> bool:
        """Whether every school of the form has a code that can be read: otherwise an unknown one is no news."""
        if self.repeated:
            return False
        for section in ("schools", "outside_partners"):
            for entry in self.data.get(section, []):
                try:
                    read_code(entry.get("code"))
                except CodeError:
                    return False
        return "schools" in self.form.rows

    def _school(self, index: int) -> dict[str, Any]:
        entry: dict[str, Any] = self.data["schools"][index]
        return entry

    def _willing(self, code: str, index: int, item: str, value: Value) -> None:
        self._school(index).setdefault("willingness", {})[item] = value.data
        self.cells["schools", index, "willingness", item] = value.cell

    def _suits(self, code: str, index: int, item: str, value: Value) -> None:
        self._school(index).setdefault("suitability", {})[item] = value.data
        self.cells["schools", index, "suitability", item] = value.cell

    def _hosted(self, code: str, index: int, item: str, value: Value) -> None:
        if self._yes(value):
            items = self._school(index).setdefault("last_year", [])
            self.cells["schools", index, "last_year", len(items)] = value.cell
            items.append(item)

    def _way(self, code: str, index: int, way: str, value: Value) -> None:
        ways = self.data.setdefault("ways", {}).setdefault(code, [])
        self.cells.setdefault(("ways", code), value.cell)
        if self._yes(value):
            self.cells["ways", code, len(ways)] = value.cell
            ways.append(way)

    def _wish(self, code: str, index: int, item: str, value: Value) -> None:
        section = value.data
        if section not in ("pins", "bans"):
            choice = SHEET_BY_ID["wishes"].cells
            assert choice is not None
            shown = ", ".join(w for titles in choice.words.values() for w in titles.values())
            what = M_("The value is none of those possible here.")
            expected, mend = M_("one of: {choices}", choices=shown), M_("Correct the cell, or empty it.")
            self.form.wrong(value.cell, what, expected, mend, section)
            return
        codes = self.data.setdefault(section, {}).setdefault(item, [])
        self.cells.setdefault((section, item), value.cell)
        self.cells[section, item, len(codes)] = value.cell
        codes.append(code)

    def _yes(self, value: Value) -> bool:
        if not isinstance(value.data, bool):
            what = M_("Yes or no is expected here.")
            expected = M_("yes or no (是 or 否)")
            self.form.wrong(value.cell, what, expected, M_("Correct the cell, or empty it."), value.data)
            return False
        return value.data

    def _reasons(self, members: Mapping[str, int]) -> None:
        for row in self.form.rows.get("reasons", []):
            code = self._member(row, members)
            if code is None:
                continue
            item_value, reason = row.values.get("item"), row.values.get("reason")
            if item_value is None or reason is None:
                self._needed(row, "item" if item_value is None else "reason")
                continue
            word = item_value.data[0] if isinstance(item_value.data, list) else item_value.data
            item = meant_item(self.form.words, " ".join(item_value.data), convener=True) or meant_item(
                self.form.words, word, convener=True
            )
            if item is None:
                self._unknown_item(item_value, word)
                continue
            answers = self._school(members[code]).get("willingness", {})
            cell = item_value.cell
            if item not in answers:
                if "willingness" in self.doubled or self.form.may_be("willingness"):
                    continue
                unread = [problem.value for problem in self.form.unread if problem.place.cell.endswith("!A1")]
                self.form.wrong(
                    cell,
                    M_("There is a reason, but the school says nothing to this item on the sheet of willingness."),
                    None,
                    M_(
                        "If the answers stand on the sheet “{unread}”, which is not read, name it “{sheet}”.",
                        unread=unread[0],
                        sheet=SHEET_BY_ID["willingness"].shown,
                    )
                    if unread and "willingness" not in self.form.rows
                    else M_("Choose a word there, or empty this row."),
                    word,
                )
            elif isinstance(answers[item], dict):
                self.form.wrong(
                    cell,
                    M_("The school gives two reasons for the same item."),
                    M_("one reason"),
                    M_("Put the two rows together."),
                    word,
                )
            else:
                answers[item] = {"answer": answers[item], "reason": reason.data}
                self.cells["schools", members[code], "willingness", item, "reason"] = reason.cell

    def _needed(self, row: Row, column: str) -> None:
        if any(problem.place.cell == row.cells.get(column) for problem in self.form.problems):
            return  # what stands there cannot be used, as has been told
        what, mend = M_("Nothing stands here, but it is needed."), M_("Fill in the cell, or empty the whole row.")
        self.form.wrong(row.cells.get(column, row.cell), what, None, mend)

    # --------------------------------------------------------------------------------------------- items

    def _item_word(self, word: Any, cell: str) -> str:
        return meant_item(self.form.words, word) or str(word)

    def _unknown_item(self, value: Value, word: object) -> None:
        item = meant_by_date(self.form.words, word)
        mend = (
            M_("If it was {item}: format the cell as text, then type {item} again.", item=item)
            if item is not None
            else M_("Write one of those listed, or empty the cell.")
        )
        known = ", ".join(self.form.words.items_of)
        what = M_("The rulebook has no work item of this id.")
        self.form.wrong(value.cell, what, M_("one of: {choices}", choices=known), mend, word)

    def _numbers(self) -> None:
        tracks = self._tracks()
        seen: dict[str, str] = {}
        for row in self.form.rows.get("numbers", []):
            named, number = row.values.get("item"), row.values.get("number")
            if number is None:
                continue
            if named is None:
                self._needed(row, "item")
                continue
            word = named.data[0]
            item = meant_item(self.form.words, " ".join(named.data)) or meant_item(self.form.words, word)
            if item is None:
                self._unknown_item(named, word)
                continue
            if seen.setdefault(item, row.cell) != row.cell:
                self.form.wrong(
                    named.cell,
                    M_("“{name}” is stated twice, in two spellings.", name=item),
                    None,
                    M_("Keep one of the two."),
                    word,
                )
                continue
            path: Path = ("exploration", "numbers", item) if item in tracks else ("host_numbers", item)
            _put(self.data, path, number.data)
            self.cells[path] = number.cell
            self.cells.setdefault(path[:-1], number.cell)
            self.cells.setdefault(path[:1], number.cell)

    def _tracks(self) -> set[str]:
        return set(self.form.words.book.resolve({}).tracks)

    def _switches(self) -> None:
        for row in self.form.rows.get("switches", []):
            name, option = row.values.get("switch"), row.values.get("option")
            if option is None:
                continue
            if name is None:
                self._needed(row, "switch")
                continue
            path = ("switches", str(name.data))
            if path in self.cells:
                what = M_("“{name}” is stated twice, in two spellings.", name=name.data)
                self.form.wrong(name.cell, what, None, M_("Keep one of the two."), name.data)
                continue
            self.data.setdefault("switches", {})[str(name.data)] = option.data
            self.cells[path] = option.cell
            self.form.name_cells[option.cell] = name.cell
            self.cells.setdefault(("switches",), option.cell)

    def _aims(self) -> None:
        ranks: dict[int, list[tuple[str, str]]] = {}
        for row in self.form.rows.get("aims", []):
            aim, rank, tolerance = (row.values.get(key) for key in ("aim", "rank", "tolerance"))
            if aim is None:
                if rank is not None or tolerance is not None:
                    self._needed(row, "aim")
                continue
            if tolerance is not None:
                self.data.setdefault("tiers", {}).setdefault("tolerances", {})[aim.data] = tolerance.data
                self.cells["tiers", "tolerances", aim.data] = tolerance.cell
            if rank is None:
                continue
            if isinstance(rank.data, bool) or not isinstance(rank.data, int):
                what, mend = M_("A whole number is expected here."), M_("Correct the cell, or empty it.")
                self.form.wrong(rank.cell, what, M_("a whole number"), mend, rank.data)
                continue
            ranks.setdefault(rank.data, []).append((aim.data, rank.cell))
        order = [pair for number in sorted(ranks) for pair in ranks[number]]
        for number, pairs in ranks.items():
            for _aim, cell in pairs[1:]:
                what, mend = M_("Two aims have the same rank."), M_("Give every aim a rank of its own.")
                self.form.wrong(cell, what, M_("each rank once"), mend, number)
        if order and all(len(pairs) == 1 for pairs in ranks.values()):
            self.data.setdefault("tiers", {})["order"] = [aim for aim, _cell in order]
            self.cells["tiers", "order"] = order[0][1]
            self.cells.update({("tiers", "order", k): cell for k, (_aim, cell) in enumerate(order)})


def _listed(data: Any) -> Any:
    """A list as the file has it; a word that says there is none stands for an empty one."""
    if isinstance(data, list) and len(data) == 1 and normal(data[0]) in ("無", "none"):
        return []
    return data


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    for key in path[:-1]:
        data = data.setdefault(str(key), {})
    data[str(path[-1])] = value
