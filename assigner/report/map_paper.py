"""What stands around a map: title, key of the signs, the schools by number, credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    add_text(
        paper,
        14,
        height - 18,
        fit(title, 15, width - 44 - text_width(year, 9), bold=True),
        15,
        ha="left",
        weight="bold",
    ).set_gid("title")
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


class Listing:
    """The schools by number, with what they host as far as there is room."""

    def __init__(self, result: Result, scene: Scene, say: Speaker) -> None:
        self.schools, self.say = scene.schools, say
        self.roles = {spot.code: join_list(roles(result, spot.code)) for spot in scene.schools}
        count = len(self.schools)
        self.columns = 1 if count <= 27 else 2 if count <= 64 else 3
        self.column_width = 290.0 if self.columns == 1 else 195.0
        self.width = self.columns * self.column_width
        self.wrapped = count <= 14
        if self.wrapped:
            most = 5 if count <= 5 else 3 if count <= 8 else 2 if count <= 10 else 1
            self.hosted = {
                spot.code: _lines_of(short_units(spot, say), 8, self.column_width - 24, most) for spot in self.schools
            }
            self.height = sum(self._high(spot) for spot in self.schools)
        else:
            self.rows = -(-count // self.columns)
            self.height = self.rows * self._row
            longest = max(text_width(say(spot.name, spot.code), 8.5) for spot in self.schools)
            self.names = min(longest + 30.0, 0.62 * self.column_width)

    @property
    def _row(self) -> float:
        return 16.0 if self.columns == 1 else 15.0

    def _high(self, spot: SchoolSpot) -> float:
        return 20.0 + 11.0 * len(self.hosted[spot.code])

    def draw(self, paper: Axes, left: float, top: float) -> None:
        """Draw it downwards from a corner."""
        if self.wrapped:
            for spot in self.schools:
                self._block(paper, spot, left, top - 8)
                top -= self._high(spot)
            return
        for k, spot in enumerate(self.schools):
            column, row = divmod(k, self.rows)
            self._entry(paper, spot, left + column * self.column_width, top - self._row * (row + 0.5))

    def _block(self, paper: Axes, spot: SchoolSpot, x: float, y: float) -> None:
        add_marker(paper, spot.role, x + 8, y, str(spot.number), spot.benchmark, scale=0.68)
        name, role = self.say(spot.name, spot.code), self.say(self.roles[spot.code])
        full = _("{school} ({role})", school=name, role=role) if role else name
        add_text(
            paper, x + 22, y, fit(full, 9, self.column_width - 24, bold=True), 9, ha="left", weight="bold"
        ).set_gid(gid("entry", spot.code))
        for k, line in enumerate(self.hosted[spot.code]):
            add_text(paper, x + 22, y - 12 - 11 * k, line, 8, ha="left", color="#333333")

    def _entry(self, paper: Axes, spot: SchoolSpot, x: float, y: float) -> None:
        add_marker(paper, spot.role, x + 8, y, str(spot.number), spot.benchmark, scale=0.68)
        name = fit(self.say(spot.name, spot.code), 8.5, self.names - 28)
        add_text(paper, x + 20, y, name, 8.5, ha="left").set_gid(gid("entry", spot.code))
        start = self.names if self.columns == 1 else 26 + text_width(name, 8.5)
        hosted = _lines_of(short_units(spot, self.say), 7, self.column_width - start - 6, 1)
        if hosted:
            add_text(paper, x + start, y, hosted[0], 7, ha="left", color="#333333")


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
