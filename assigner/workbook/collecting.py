"""The forms of several schools put together, and where they contradict one another.

Only cells that are filled in say anything. Where two forms say different things about the same cell, nothing is
decided silently: the contradiction is told with both files and cells, unless the newest form is to be believed. Against
the form that was handed out (`base`), a cell that is still as it was says nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import LANGUAGES, M_, Message, join_list, language_set
from assigner.scenario.reading import WORKBOOK_SUFFIXES
from assigner.scenario.scenario import Scenario
from assigner.scenario.words import normal
from assigner.workbook.forms import ITEM, Form, Row, Value, read_form
from assigner.workbook.items import meant_item
from assigner.workbook.layout import SETTINGS, SHEETS
from assigner.workbook.marking import marked_name
from assigner.workbook.reading import document_of_form, scenario_of_form
from geodata.codes import CodeError, read_code

__all__ = ["Collected", "collect"]

_LISTS = ("sources", "townships")


@dataclass(frozen=True)
class Collected:
    """What the forms say together.

    Attributes
    ----------
    scenario
        The scenario.
    files
        The forms, in the order of their names.
    silent
        Schools (code and name) of which no form says whether they are willing.
    repeated
        Schools of which several forms say the same -> names of these forms.
    settled
        Contradictions that the newest form decided.
    """

    scenario: Scenario
    files: tuple[Path, ...]
    silent: tuple[tuple[str, str], ...]
    repeated: Mapping[str, tuple[str, ...]]
    settled: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one form says in one cell."""

    data: Any
    cell: str
    form: int


@dataclass
class _Entry:
    """What the forms say in one row."""

    cell: str
    said: dict[str, list[_Said]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


def collect(folder: Path, *, base: Path | None = None, newest: bool = False, without: Path | None = None) -> Collected:
    """Put the forms of a folder together.

    Parameters
    ----------
    folder
        Its workbooks; marked copies and the lock files of Excel are left out.
    base
        The form as it was handed out.
    newest
        Whether the form that was saved last is believed where two contradict each other.
    without
        A file that is no form: the one to be written.

    Raises
    ------
    InputError
        A form cannot be read, forms contradict each other, or what they say together cannot be used.
    """
    if not folder.is_dir():
        what, mend = M_("There is no such folder."), M_("Check the name and the folder.")
        raise InputError([Problem(str(folder), Place(), ABSENT, what, None, mend)])
    paths = _forms_in(folder, [path.resolve() for path in (base, without) if path is not None])
    if not paths:
        what = M_("There is no form in this folder.")
        expected = M_("workbooks: {choices}", choices=", ".join((".xlsx", ".xlsm", ".ods", ".xls")))
        mend = M_("Put the forms of the schools into it.")
        raise InputError([Problem(str(folder), Place(), ABSENT, what, expected, mend)])
    forms = _read(paths)
    first = None if base is None else _read([base])[0]
    return _Merger(folder, paths, forms, first, newest).collected()


def _forms_in(folder: Path, without: Sequence[Path]) -> list[Path]:
    found = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.suffix.lower() not in WORKBOOK_SUFFIXES or path.name.startswith(("~$", ".")):
            continue
        if path.resolve() in without or _is_copy(path):
            continue
        found.append(path)
    return found


def _is_copy(path: Path) -> bool:
    """Whether it is a marked copy of another form."""
    ends = []
    for language in LANGUAGES:
        with language_set(language):
            ends.append(marked_name(Path("x")).name.removeprefix("x"))
    return any(path.name.endswith(end) for end in ends)


def _read(paths: Iterable[Path]) -> list[Form]:
    """Read all forms; raise with everything that is wrong in any."""
    forms: list[Form] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            form = read_form(path, str(path), partial=True)
        except InputError as error:
            problems += error.problems
            continue
        document_of_form(form)
        problems += form.problems
        forms.append(form)
    if problems:
        raise InputError(problems)
    return forms


class _Merger:
    def __init__(
        self, folder: Path, paths: Sequence[Path], forms: Sequence[Form], base: Form | None, newest: bool
    ) -> None:
        self.folder, self.paths, self.forms, self.base = folder, paths, forms, base
        self.newest = newest
        self.age = [path.stat().st_mtime_ns for path in paths]
        self.contradictions: list[Problem] = []
        self.settled: list[Problem] = []
        self.merged = Form(str(folder), forms[0].words)

    def collected(self) -> Collected:
        merged = self.merged
        for form in [*self.forms, *filter(None, [self.base])]:
            for sheet, name in form.sheets.items():
                merged.sheets.setdefault(sheet, name)
        self._settings()
        answered: dict[str, set[int]] = {}
        for layout in SHEETS:
            if layout.kind in ("table", "matrix"):
                entries = self._entries(layout.id)
                if layout.id == "willingness":
                    answered = {key[0]: _answered(entry) for key, entry in entries.items()}
                rows = [self._row(entry) for entry in entries.values()]
                if rows or layout.id == "schools":
                    merged.rows[layout.id] = rows
        if self.contradictions:
            raise InputError(self.contradictions)
        scenario = scenario_of_form(merged, self.folder)
        silent = tuple((s.code, s.name) for s in scenario.entries.schools if s.takes_part and not answered.get(s.code))
        repeated = {code: tuple(self.paths[k].name for k in sorted(of)) for code, of in answered.items() if len(of) > 1}
        return Collected(scenario, tuple(self.paths), silent, repeated, tuple(self.settled))

    def _settings(self) -> None:
        merged = self.merged
        for column in SETTINGS:
            said = [
                _Said(value.data, self._cell(k, value.cell), k)
                for k, form in enumerate(self.forms)
                for value in form.settings.get(column.id, [])
            ]
            before = [] if self.base is None else self.base.settings.get(column.id, [])
            if column.id in _LISTS:
                values = [*before, *(Value(one.data, one.cell) for one in said)]
                unique = {repr(value.data): value for value in reversed(values)}
                kept = list(reversed(unique.values()))
            else:
                one = self._settled(said, before[0].data if before else None, before[0].cell if before else "")
                kept = [] if one is None else [one]
            if kept:
                merged.settings[column.id] = kept
                merged.setting_cells[column.id] = kept[0].cell
                merged.titles.update({value.cell: column.shown for value in kept})

    def _entries(self, sheet: str) -> dict[tuple[str, ...], _Entry]:
        """Key of an entry -> what the forms say in it; the forms come in their order, the base first."""
        entries: dict[tuple[str, ...], _Entry] = {}
        for row in [] if self.base is None else self.base.rows.get(sheet, []):
            assert self.base is not None
            entries.setdefault(self._key(self.base, sheet, row), _Entry(row.cell, {}, dict(row.cells)))
        for k, form in enumerate(self.forms):
            for row in form.rows.get(sheet, []):
                entry = entries.setdefault(self._key(form, sheet, row), _Entry(self._cell(k, row.cell)))
                for column, value in row.values.items():
                    entry.said.setdefault(column, []).append(_Said(value.data, self._cell(k, value.cell), k))
                    self.merged.titles[self._cell(k, value.cell)] = form.titles.get(value.cell, "")
                for column, cell in row.cells.items():
                    entry.cells.setdefault(column, self._cell(k, cell))
        if self.base is not None:
            self._with_base(sheet, entries)
        return entries

    def _with_base(self, sheet: str, entries: Mapping[tuple[str, ...], _Entry]) -> None:
        """Drop what is still as it was handed out; where no form says anything else, the base counts."""
        base = self.base
        assert base is not None
        for row in base.rows.get(sheet, []):
            entry = entries[self._key(base, sheet, row)]
            for column, value in row.values.items():
                changed = [said for said in entry.said.get(column, []) if said.data != value.data]
                # What the base said counts as said by nobody, so that silence can be told from an answer.
                entry.said[column] = changed or [_Said(value.data, value.cell, -1)]
                self.merged.titles.setdefault(value.cell, base.titles.get(value.cell, ""))

    def _key(self, form: Form, sheet: str, row: Row) -> tuple[str, ...]:
        def text(column: str) -> str:
            value = row.values.get(column)
            return "" if value is None else str(value.data)

        def code(column: str) -> str:
            try:
                return read_code(row.values[column].data)
            except (CodeError, KeyError):
                return normal(text(column))

        def item(column: str) -> str:
            words = row.values[column].data if column in row.values else []
            word = " ".join(words) if isinstance(words, list) else str(words)
            return meant_item(form.words, word, convener=True) or word

        keys: dict[str, Callable[[], tuple[str, ...]]] = {
            "reasons": lambda: (code("code"), item("item")),
            "numbers": lambda: (item("item"),),
            "links": lambda: tuple(sorted((normal(text("between.0")), normal(text("between.1"))))),
            "switches": lambda: (normal(text("switch")),),
            "aims": lambda: (text("aim"),),
            "universities": lambda: (code("code") if "code" in row.values else normal(text("name")),),
        }
        return keys.get(sheet, lambda: (code("code"),))()

    def _row(self, entry: _Entry) -> Row:
        values: dict[str, Value] = {}
        for column, said in entry.said.items():
            value = self._settled(said, None, "", key=column in ("code", "item", "switch", "aim"))
            if value is not None:
                values[column] = value
        cells = {column: cell for column, cell in entry.cells.items() if not column.startswith(ITEM)}
        return Row(entry.cell, values, cells)

    def _settled(self, said: Sequence[_Said], before: Any, cell: str, *, key: bool = False) -> Value | None:
        """What counts of what the forms say in one cell."""
        changed = [one for one in said if one.data != before] if before is not None else list(said)
        if not changed:
            return None if before is None else Value(before, cell)
        first = changed[0]
        others = [one for one in changed if not _same(one.data, first.data)]
        if not others or key:
            return Value(first.data, first.cell)
        if self.newest and all(one.form >= 0 for one in changed):
            best = max(changed, key=lambda one: self.age[one.form])
            self.settled += [self._contradiction(best, one) for one in changed if not _same(one.data, best.data)]
            return Value(best.data, best.cell)
        self.contradictions += [self._contradiction(first, other) for other in others]
        return Value(first.data, first.cell)

    def _contradiction(self, first: _Said, second: _Said) -> Problem:
        what = M_(
            "Two forms say different things: {value} stands in {cell}.",
            value=_Quoted(first.data),
            cell=first.cell,
        )
        expected = M_("the same in both forms")
        mend: Message = M_("Ask the schools and correct one of the two forms, or believe the newest: --prefer newest.")
        place = Place(self.merged.titles.get(second.cell, ""), cell=second.cell)
        return Problem(str(self.folder), place, _plain(second.data), what, expected, mend)

    def _cell(self, form: int, cell: str) -> str:
        return f"{self.paths[form].name} {cell}"


def _answered(entry: _Entry) -> set[int]:
    """The forms that say anything in this row, beside naming the school."""
    answers = [one for column, said in entry.said.items() if column.startswith(ITEM) for one in said]
    return {one.form for one in answers if one.form >= 0}


class _Quoted:
    """A value in a sentence, put into words when it is printed."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __str__(self) -> str:
        from assigner.messages import quote

        return quote(_plain(self.data))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or str(one).strip() == str(other).strip()


def _plain(data: Any) -> str:
    return join_list(data) if isinstance(data, list) else str(data)
