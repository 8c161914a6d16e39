"""What stands around a map: title, key of the signs, the schools by number, credits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assigner.messages import N_, _, join_list
from assigner.report.map_fonts import has_chinese
from assigner.report.map_labels import text_width
from assigner.report.map_layout import Layout
from assigner.report.map_panel import Drawing, line_styles
from assigner.report.map_style import BORDER, DASHED, Speaker, add_line, add_marker, add_text, fit, gid, triangle
from assigner.report.scene import ROLE_WORDS, Scene, SchoolSpot, unit_name
from assigner.report.tables import roles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assigner.planner import Result

__all__ = ["Listing", "captions", "draw_sign", "key_rows", "short_units", "signs_of"]


def captions(
    result: Result, layout: Layout, drawing: Drawing, paper: Axes, say: Speaker, width: float, height: float
) -> None:
    """Title, what is to be known first, and the credits."""
    scene = drawing.scene
    book = result.plan.rules.rulebook
    title = say(scene.title, _latin(result.problem.community.id))
    year = say(_("Rulebook of school year {year}", year=book.year), f"rulebook {book.year}")
    room = width - 44 - text_width(year, 9)
    # As large as it can be whole; only a title of more than a hundred characters is cut.
    size = max(8.0, min(15.0, 15.0 * room / max(1.0, text_width(title, 15, bold=True))))
    add_text(paper, 14, height - 18, fit(title, size, room, bold=True), size, ha="left", weight="bold").set_gid("title")
    add_text(paper, width - 14, height - 18, year, 9, ha="right", color="#333333")
    note = _first_note(result, scene)
    if note:
        add_text(paper, 14, height - 36, say(note[0], note[1]), 9.5, ha="left", color="#8A3000", weight="bold")
    notes = [say(scene.credit, scene.credit_latin)]
    if layout.cropped:
        left_out = _("Cut to where the schools are: what lies far off is not shown.")
        notes.append(say(left_out, "Cut to where the schools are."))
    if not say.chinese:
        notes.append("This machine has no Chinese font: names are left out. plan.svg and plan.html have them.")
    for k, line in enumerate(reversed(notes)):
        add_text(paper, 14, 9 + 11 * k, line, 7, ha="left", color="#333333").set_gid(f"note-{k}")


def _first_note(result: Result, scene: Scene) -> tuple[str, str] | None:
    """What a reader has to know before anything else, and the same in a few Latin letters."""
    if result.status == "disagrees":
        return _("Do not use this plan: the audit does not agree with it."), "Do not use this plan."
    if result.assignment is None:
        return _("There is no plan: the map shows the schools only."), "no plan"
    if not any(spot.lonlat for spot in scene.schools):
        return _("It is not said where the schools are."), "no places"
    if result.status == "feasible":
        return _("Lawful, but not proven best: the search was stopped early."), "not proven best"
    return None


def _latin(text: str) -> str:
    return "".join(c for c in text if not has_chinese(c))


_CODES: Mapping[str, str] = {
    "convener": "convener",
    "convener benchmark": "convener, benchmark school",
    "benchmark": "benchmark school",
    "participant": "participant",
    "outside": "outside partner",
    "abstains": "not taking part",
    "barred": "barred",
    "junior high": "junior high",
    "township": "township",
    "link": "ferry, flight or bridge",
}


def signs_of(result: Result, scene: Scene, shown: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Signs of the map, each with its words; the lines last, those of a still picture before the others."""
    for role, words in ROLE_WORDS.items():
        found = [spot for spot in scene.schools if spot.role == role]
        if role == "convener" and found and found[0].benchmark:
            yield "convener benchmark", join_list([_(words), _(ROLE_WORDS["benchmark"])])
        elif found:
            yield role, _(words)
    if any(spot.id.startswith("J") for spot in scene.demand):
        yield "junior high", _("junior high school")
    if any(not spot.id.startswith("J") for spot in scene.demand):
        yield "township", _("township, in place of its junior highs")
    if scene.links:
        yield "link", _("ferry, flight or bridge")
    for unit in line_styles(scene):
        if unit in shown:
            yield unit, _("to the nearest host: {unit}", unit=unit_name(result, unit))


_KEY_SIZE = 8.5


def key_rows(signs: Sequence[tuple[str, str]], say: Speaker, width: float) -> list[tuple[int, float]]:
    """Row and left end of each sign of the key."""
    places = []
    row, x = 0, 14.0
    for sign, words in signs:
        room = _sign_width(sign) + text_width(say(words, _CODES.get(sign, sign)), _KEY_SIZE)
        if x > 14.0 and x + room > width - 14:
            row, x = row + 1, 14.0
        places.append((row, x))
        x += room + 14
    return places


def _sign_width(sign: str) -> float:
    return 24.0 if sign in _CODES and sign != "link" else 36.0


def draw_sign(drawing: Drawing, paper: Axes, sign: str, words: str, x: float, y: float, say: Speaker) -> None:
    """One sign of the key and its words."""
    step = _sign_width(sign)
    text = add_text(paper, x + step, y, say(words, _CODES.get(sign, sign)), _KEY_SIZE, ha="left")
    text.set_gid(gid("key", sign))
    middle = x + step / 2 - 3
    styles = line_styles(drawing.scene)
    if sign in styles:
        colour, dashes = styles[sign]
        line = add_line(paper, [middle - 14, middle + 14], [y, y], color=colour, linestyle=dashes, linewidth=1.6)
        line.set_gid(gid("keyline", sign))
        drawing.lines.setdefault(sign, []).extend([text, line])
    elif sign == "link":
        add_line(paper, [middle - 14, middle + 14], [y, y], color=BORDER, **DASHED)
    elif sign in ("junior high", "township"):
        add_line(paper, [middle], [y], **triangle(sign == "junior high"))
    else:
        role, _blank, benchmark = sign.partition(" ")
        add_marker(paper, role, middle, y, "", bool(benchmark), scale=0.65)


def _entry_id(spot: SchoolSpot, line: int) -> str:
    """Id of a line of a name in the list."""
    return gid("entry", f"{spot.code}.{line + 1}" if line else spot.code)


@dataclass(frozen=True)
class _Entry:
    """A school of the list: its name and what it hosts, each in lines that fit, and the height they take."""

    name: tuple[str, ...]
    size: float
    hosted: tuple[str, ...]
    start: float
    height: float


class Listing:
    """The schools by number, with what they host; a name that is too long for its line has a second one."""

    def __init__(self, result: Result, scene: Scene, say: Speaker) -> None:
        self.schools, self.say = scene.schools, say
        count = len(self.schools)
        self.columns = 1 if count <= 27 else 2 if count <= 64 else 3
        self.column_width = 290.0 if self.columns == 1 else 195.0
        self.width = self.columns * self.column_width
        self.wrapped = count <= 14
        if self.wrapped:
            self.entries = [self._block_of(result, spot) for spot in self.schools]
            self.rows = max(1, count)
        else:
            longest = max(text_width(say(spot.name, spot.code), _NAME) for spot in self.schools)
            self.names = min(longest + 30.0, 0.62 * self.column_width)
            self.entries = [self._entry_of(spot) for spot in self.schools]
            self.rows = -(-count // self.columns)
        heights = [entry.height for entry in self.entries]
        self.height = max((sum(heights[k : k + self.rows]) for k in range(0, count, self.rows)), default=0.0)

    def _block_of(self, result: Result, spot: SchoolSpot) -> _Entry:
        name, role = self.say(spot.name, spot.code), self.say(join_list(roles(result, spot.code)))
        full = _("{school} ({role})", school=name, role=role) if role else name
        lines, size = _fitted(full, 9.0, self.column_width - 24, bold=True)
        count = len(self.schools)
        most = 5 if count <= 5 else 3 if count <= 10 else 2
        hosted = _lines_of(short_units(spot, self.say), _HOSTED + 1, self.column_width - 24, most)
        return _Entry(lines, size, tuple(hosted), 22.0, 20.0 + _LINE * (len(lines) - 1 + len(hosted)))

    def _entry_of(self, spot: SchoolSpot) -> _Entry:
        name, units = self.say(spot.name, spot.code), short_units(spot, self.say)
        # Beside a name that hosts little there is more room.
        beside = min(text_width(", ".join(units), _HOSTED) + 6.0 if units else 0.0, self.column_width - self.names)
        room = self.column_width - 28.0 - beside if self.columns > 1 else self.names - 28.0
        lines, size = _fitted(name, _NAME, room)
        longest = max(text_width(line, size) for line in lines)
        start = self.names if self.columns == 1 else 26.0 + longest
        hosted = _lines_of(units, _HOSTED, self.column_width - start - 6, 3)
        row = 16.0 if self.columns == 1 else 15.0
        high = max(len(lines) * (size + 1.5), len(hosted) * (_HOSTED + 1.5)) + 4.0
        return _Entry(lines, size, tuple(hosted), start, max(row, high))

    def draw(self, paper: Axes, left: float, top: float) -> None:
        """Draw it downwards from a corner."""
        for k in range(0, len(self.schools), self.rows):
            y = top
            for spot, entry in zip(self.schools[k : k + self.rows], self.entries[k : k + self.rows], strict=True):
                if self.wrapped:
                    self._block(paper, spot, entry, left, y - 8)
                else:
                    self._entry(paper, spot, entry, left, y - entry.height / 2)
                y -= entry.height
            left += self.column_width

    def _block(self, paper: Axes, spot: SchoolSpot, entry: _Entry, x: float, y: float) -> None:
        add_marker(paper, spot.role, x + 8, y, str(spot.number), spot.benchmark, scale=0.68)
        for k, line in enumerate(entry.name):
            name = add_text(paper, x + 22, y, line, entry.size, ha="left", weight="bold")
            name.set_gid(_entry_id(spot, k))
            y -= _LINE
        for k, line in enumerate(entry.hosted):
            add_text(paper, x + 22, y - 1 - _LINE * k, line, _HOSTED + 1, ha="left", color="#333333")

    def _entry(self, paper: Axes, spot: SchoolSpot, entry: _Entry, x: float, y: float) -> None:
        add_marker(paper, spot.role, x + 8, y, str(spot.number), spot.benchmark, scale=0.68)
        for k, (line, at) in enumerate(_around(entry.name, y, entry.size + 1.5)):
            add_text(paper, x + 20, at, line, entry.size, ha="left").set_gid(_entry_id(spot, k))
        for line, at in _around(entry.hosted, y, _HOSTED + 1.5):
            add_text(paper, x + entry.start, at, line, _HOSTED, ha="left", color="#333333")


_NAME, _HOSTED, _LINE = 8.5, 7.0, 11.0
"""Letters of the list, and from line to line of a block."""

_SMALLER, _MOST_LINES = 0.85, 8
"""A long name has letters so much smaller before it is broken into lines; more lines no name of a school needs."""


def _around(lines: Sequence[str], y: float, step: float) -> Iterator[tuple[str, float]]:
    """Lines one below the other about a height."""
    for k, line in enumerate(lines):
        yield line, y + step * ((len(lines) - 1) / 2 - k)


def _fitted(text: str, size: float, width: float, *, bold: bool = False) -> tuple[tuple[str, ...], float]:
    """A text as lines of a width, whole: in letters a little smaller, then in several lines; and their size."""
    for smaller in (size, _SMALLER * size):
        if text_width(text, smaller, bold=bold) <= width:
            return (text,), smaller
    lines = [""]
    for word in re.findall(r"[!-~]+ ?|.", text[: 500 * _MOST_LINES]):
        # A word that is longer than a line is broken as a Chinese text is, anywhere.
        for piece in [word] if text_width(word, smaller, bold=bold) <= width else word:
            if lines[-1] and text_width(lines[-1] + piece.rstrip(), smaller, bold=bold) > width:
                lines.append("")
            lines[-1] += piece
    lines = [line.strip() for line in lines]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], fit("".join(lines[_MOST_LINES - 1 :]), smaller, width, bold=bold)]
    return tuple(lines), smaller


def _lines_of(pieces: Sequence[str], size: float, width: float, most: int) -> list[str]:
    """Pieces as lines of a width, at most so many; where some are left out, how many."""
    lines: list[str] = []
    for position, piece in enumerate(pieces):
        longer = f"{lines[-1]}, {piece}" if lines else piece
        left = len(pieces) - position
        if lines and text_width(longer + (" +99" if len(lines) == most and left > 1 else ""), size) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(piece)
        else:
            lines[-1] += f" +{left}"
            break
    return lines


_SHORT: Mapping[str, str] = {"4.4.career": N_("4.4 career"), "4.4.academic": N_("4.4 academic")}


def short_units(spot: SchoolSpot, say: Speaker) -> list[str]:
    """Ids of what a school hosts, the tracks of exploration with a word."""
    return [say(_(_SHORT[unit]), _SHORT[unit]) if unit in _SHORT else unit for unit in spot.units]
