"""The forms of several schools put together, and where they contradict one another.

Only cells that are filled in say anything. Where two forms say different things about the same cell, nothing is
decided silently: the contradiction is told with both files and cells, unless the newest form is to be believed. Against
the form that was handed out (`base`), a cell that is still as it was says nothing either. Whatever is left out, comes
back or is one school's word for all is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assigner.errors import ABSENT, InputError, Place, Problem
from assigner.messages import M_, Message, join_list
from assigner.scenario.places import Names
from assigner.scenario.reading import WORKBOOK_SUFFIXES
from assigner.scenario.scenario import Scenario
from assigner.scenario.vocabulary import Vocabulary
from assigner.scenario.words import normal
from assigner.workbook.forms import ITEM, Form, Row, Value, read_form
from assigner.workbook.items import book_named, meant_item
from assigner.workbook.layout import SETTINGS, SHEETS
from assigner.workbook.marking import form_of_copy
from assigner.workbook.reading import document_of_form, scenario_of_form
from assigner.workbook.seal import source_of_untouched
from geodata.codes import CodeError, read_code
from models.rulebook import rulebook_names

__all__ = ["Collected", "collect"]

_LISTS = ("sources", "townships")

_FILES = {"travel.matrix": ("travel.mode", "travel.unit"), "geography.file": ("geography.",), "rulebook": ()}
"""Settings that name a file -> (the beginnings of) those that mean nothing without it."""

_FOR_ALL = ("wishes", "numbers", "switches", "aims", "ways")
"""Sheets whose cells are about the community as a whole."""

_ENTRIES_FOR_ALL = ("links", "outside_partners")
_OWN_WORDS = ("sources", "note", "synthetic")
_KEYS = ("code", "item", "switch", "aim")
_MOST_NAMES = 10


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
    notes
        What is odd in the forms, what was left out, what comes back from the form that was handed out, what one form
        alone says for the whole community.
    folder
        Where the names of files in the scenario start.
    """

    scenario: Scenario
    files: tuple[Path, ...]
    silent: tuple[tuple[str, str], ...]
    repeated: Mapping[str, tuple[str, ...]]
    settled: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class _Said:
    """What one form says in one cell."""

    data: Any
    cell: str
    form: int


@dataclass
class _Entry:
    """What the forms say in one row; `rows`: form -> the cells of its row, filled or not."""

    cell: str
    said: dict[str, list[_Said]] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    rows: dict[int, Mapping[str, str]] = field(default_factory=dict)


def collect(folder: Path, *, base: Path | None = None, newest: bool = False, without: Path | None = None) -> Collected:
    """Put the forms of a folder together.

    Parameters
    ----------
    folder
        Its workbooks; marked copies and the lock files of Excel are left out. A marked copy that may hold the
        corrections of a school is refused.
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
    paths, notes = _forms_in(folder, [path.resolve() for path in (base, without) if path is not None])
    if not paths:
        what = M_("There is no form in this folder.")
        expected = M_("workbooks: {choices}", choices=", ".join((".xlsx", ".xlsm", ".ods", ".xls")))
        mend = M_("Put the forms of the schools into it.")
        raise InputError([Problem(str(folder), Place(), ABSENT, what, expected, mend)])
    home = folder if base is None else base.parent
    forms = _read(paths, home)
    first = None if base is None else _read([base], home, whole=False)[0]
    found = _Merger(folder, home, paths, forms, first, newest).collected()
    return replace(found, notes=(*notes, *found.notes))


def _forms_in(folder: Path, without: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """The forms of a folder, and notes of what is left out; raises on copies that may hold corrections."""
    forms: list[Path] = []
    copies: list[Path] = []
    others: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("~$", ".")) or path.resolve() in without:
            continue
        if not path.is_file() or path.suffix.lower() not in WORKBOOK_SUFFIXES:
            others.append(path.name)
        elif form_of_copy(path) is not None:
            copies.append(path)
        else:
            forms.append(path)
    refused = list(filter(None, (_refused_copy(copy, [*forms, *copies]) for copy in copies)))
    if refused:
        raise InputError(refused)
    notes = []
    if copies:
        what = M_("Marked copies are no forms and are left out: {files}.", files=Names(p.name for p in copies))
        mend = M_("If a school has corrected one of them, put it in the place of its form, under the form's name.")
        notes.append(Problem(str(folder), Place(), ABSENT, what, None, mend))
    if others:
        what = M_(
            "What is no workbook, and what is in folders inside, is not read: {files}.",
            files=Names(others, _MOST_NAMES),
        )
        mend = M_("Put every form into the folder itself, as .xlsx, .xlsm, .ods or .xls.")
        notes.append(Problem(str(folder), Place(), ABSENT, what, None, mend))
    return forms, notes


def _refused_copy(copy: Path, files: Sequence[Path]) -> Problem | None:
    """Why a marked copy cannot just be left out: it may be what a school corrected and sent back."""
    stem = str(form_of_copy(copy))
    wanted = f"{stem}.xlsx"
    originals = [path for path in files if path != copy and path.stem.casefold() == stem.casefold()]
    if not originals:
        what = M_("This is a marked copy, and the form it was made of is not in the folder.")
        mend = M_("If it holds the answers of the school, name it {name}; if not, delete it.", name=wanted)
        return Problem(str(copy), Place(), ABSENT, what, None, mend)
    newest = max(originals, key=lambda path: path.stat().st_mtime_ns)
    if source_of_untouched(copy) is not None or copy.stat().st_mtime_ns <= newest.stat().st_mtime_ns:
        return None
    what = M_(
        "This marked copy was changed after the form {name} was saved: it may hold the corrections.", name=newest.name
    )
    mend = M_("If it does, delete the form and name the copy {name}; if not, delete the copy.", name=wanted)
    return Problem(str(copy), Place(), ABSENT, what, None, mend)


def _read(paths: Iterable[Path], home: Path, *, whole: bool = True) -> list[Form]:
    """Read all forms; raise with everything that is wrong in any, and (`whole`) with what is not read of our sheets."""
    forms: list[Form] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            form = read_form(path, str(path), partial=True, folder=home)
        except InputError as error:
            problems += error.problems
            continue
        document_of_form(form)
        problems += form.problems
        if whole:  # sheets of one's own are noted; what stands on our sheets and is not read is lost
            problems += [problem for problem in form.unread if not problem.place.cell.endswith("!A1")]
        forms.append(form)
    if problems:
        raise InputError(problems)
    return forms


class _Merger:
    def __init__(
        self, folder: Path, home: Path, paths: Sequence[Path], forms: Sequence[Form], base: Form | None, newest: bool
    ) -> None:
        self.folder, self.home, self.paths, self.forms, self.base = folder, home, paths, forms, base
        self.newest = newest
        self.age = [path.stat().st_mtime_ns for path in paths]
        self.contradictions: list[Problem] = []
        self.settled: list[Problem] = []
        self.notes: list[Problem] = []
        self.emptied: dict[int, list[str]] = {}
        self.alone: dict[int, list[str]] = {}
        self.merged = Form(str(folder), forms[0].words)

    def collected(self) -> Collected:
        merged = self.merged
        for form in [*self.forms, *filter(None, [self.base])]:
            for sheet, name in form.sheets.items():
                merged.sheets.setdefault(sheet, name)
        self._settings()
        merged.words = Vocabulary(book_named(merged.text("rulebook").strip(), self.home))
        answered: dict[str, set[int]] = {}
        for layout in SHEETS:
            if layout.kind in ("table", "matrix"):
                entries = self._entries(layout.id)
                self._note_alone(layout.id, entries.values())
                if layout.id == "willingness":
                    answered = {key[0]: _answered(entry) for key, entry in entries.items()}
                rows = [self._row(entry) for entry in entries.values()]
                if rows or layout.id == "schools":
                    merged.rows[layout.id] = rows
        if self.contradictions:
            raise InputError(self.contradictions)
        self._note_cells()
        try:
            scenario = scenario_of_form(merged, self.home)
        except InputError as error:  # what was left out may be why
            raise InputError([*error.problems, *self.notes]) from None
        silent = tuple((s.code, s.name) for s in scenario.entries.schools if s.takes_part and not answered.get(s.code))
        repeated = {code: tuple(self.paths[k].name for k in sorted(of)) for code, of in answered.items() if len(of) > 1}
        odd = [warning for form in (*filter(None, [self.base]), *self.forms) for warning in form.warnings]
        notes = (*odd, *self.notes)
        return Collected(scenario, tuple(self.paths), silent, repeated, tuple(self.settled), notes, self.home)

    def _settings(self) -> None:
        merged = self.merged
        shipped = {"rulebook": rulebook_names()}
        unusable = tuple(of for name in _FILES if self._note_files(name) for of in (name, *_FILES[name]))
        for column in SETTINGS:
            before = [] if self.base is None else self.base.settings.get(column.id, [])
            known = [value.data for value in before]
            said = [
                _Said(value.data, self._cell(k, value.cell), k)
                for k, form in enumerate(self.forms)
                for value in form.settings.get(column.id, [])
                if value.data in (*known, *shipped.get(column.id, ())) or not column.id.startswith(unusable)
            ]
            for k, form in enumerate(self.forms):
                if before and column.id in form.setting_cells and column.id not in form.settings:
                    self.emptied.setdefault(k, []).append(form.setting_cells[column.id])
            if column.id not in _OWN_WORDS:
                self._alone([one for one in said if one.data not in known])
            if column.id in _LISTS:
                kept = _each_once([*before, *(Value(one.data, one.cell) for one in said)])
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
                entry.rows[k] = row.cells
                for column, value in row.values.items():
                    entry.said.setdefault(column, []).append(_Said(value.data, self._cell(k, value.cell), k))
                    self.merged.titles[self._cell(k, value.cell)] = form.titles.get(value.cell, "")
                    self.merged.contents[self._cell(k, value.cell)] = form.contents.get(value.cell)
                for column, cell in row.cells.items():
                    entry.cells.setdefault(column, self._cell(k, cell))
            for row in form.bare.get(sheet, []):
                bare = entries.get(self._key(form, sheet, row))
                if bare is not None:
                    bare.rows.setdefault(k, row.cells)
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
                here = entry.said.get(column, [])
                changed = [said for said in here if said.data != value.data]
                for k, cells in entry.rows.items():
                    if column in cells and not any(said.form == k for said in here):
                        self.emptied.setdefault(k, []).append(cells[column])
                # What the base said counts as said by nobody, so that silence can be told from an answer.
                entry.said[column] = changed or [_Said(value.data, value.cell, -1)]
                self.merged.titles.setdefault(value.cell, base.titles.get(value.cell, ""))

    def _note_files(self, setting: str) -> bool:
        """Note the files that forms name for a setting and the form handed out does not; say whether there are any."""
        before = [] if self.base is None else [value.data for value in self.base.settings.get(setting, [])]
        known = [*before, *(rulebook_names() if setting == "rulebook" else ())]
        found = False
        for k, form in enumerate(self.forms):
            for value in form.settings.get(setting, []):
                if str(value.data) in map(str, known):
                    continue
                found = True
                what = M_("A file that a form names is not used: the form that was handed out does not name it.")
                mend = M_(
                    "If the planner wants it, name it in the form that was handed out, and that form with --base."
                )
                place = Place(form.titles.get(value.cell, ""), cell=value.cell)
                self.notes.append(Problem(str(self.paths[k]), place, value.data, what, None, mend))
        return found

    def _alone(self, said: Sequence[_Said]) -> None:
        """Remember a cell for the whole community that one form alone fills in."""
        forms = {one.form for one in said}
        if len(forms) == 1 and (self.base is not None or len(self.forms) > 1):
            of = said[0].form
            self.alone.setdefault(of, []).append(said[0].cell.removeprefix(f"{self.paths[of].name} "))

    def _note_alone(self, sheet: str, entries: Iterable[_Entry]) -> None:
        if sheet not in (*_FOR_ALL, *_ENTRIES_FOR_ALL):
            return
        for entry in entries:
            cells = {column: [one for one in said if one.form >= 0] for column, said in entry.said.items()}
            own = [said for column, said in cells.items() if column not in _KEYS and said]
            for said in own if sheet in _FOR_ALL else own[:1]:
                self._alone(said)

    def _note_cells(self) -> None:
        for k, cells in sorted(self.emptied.items()):
            what = M_(
                "These cells were handed out filled in and are empty now; what stood there still counts: {cells}.",
                cells=self._titled(k, cells),
            )
            mend = M_("If the school takes it back, let it choose another word there, or change the form handed out.")
            self.notes.append(Problem(str(self.paths[k]), Place(cell=cells[0]), ABSENT, what, None, mend))
        for k, cells in sorted(self.alone.items()):
            what = M_(
                "Only this form says this, and it counts for the whole community: {cells}.",
                cells=self._titled(k, cells),
            )
            mend = M_("Check that it is the planner's wish; if not, empty these cells.")
            self.notes.append(Problem(str(self.paths[k]), Place(cell=cells[0]), ABSENT, what, None, mend))

    def _titled(self, form: int, cells: Iterable[str]) -> Names:
        """Cells of a form, each with the title of its column or line."""
        titles = self.forms[form].titles
        return Names(f"{cell} {title}" if (title := titles.get(cell, "")) else cell for cell in cells)

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
            value = self._settled(said, None, "", key=column in _KEYS)
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


def _each_once(values: Iterable[Value]) -> list[Value]:
    """The members of a list, each once, at the cell where it stands first."""
    seen: set[str] = set()
    kept = []
    for value in values:
        new = []
        for member in value.data if isinstance(value.data, list) else [value.data]:
            if normal(member) not in seen:
                seen.add(normal(member))
                new.append(member)
        if new:
            kept.append(Value(new if isinstance(value.data, list) else new[0], value.cell))
    return kept


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
