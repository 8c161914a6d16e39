"""Sentences for the faults that the floors below report by code.

`models.documents` and `models.rulebook` name what is wrong by a code and a few details; the sentence for it
is here, so that the floors below know no language. One table serves scenario files and rulebook files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike

from assigner.errors import ABSENT, Place, Problem
from assigner.messages import M_, N_, Message
from models.documents import Fault, Path

__all__ = ["SENTENCES", "Sentences", "closest", "problem_of", "problems_of", "shown_path"]


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said about one code; the placeholders are details of the fault.

    Attributes
    ----------
    what, expected, mend
        As in `assigner.errors.Problem`, as marked sentences.
    shows_value
        Whether the value found helps to understand it.
    """

    what: str
    expected: str | None
    mend: str
    shows_value: bool = True


_CORRECT = N_("Correct the value, or leave the key out to use the default.")
_COMPARE = N_("Compare the entry with the rulebook shipped for school year 111, which has one of every kind.")
_UNIQUE = N_("Give one of the two another name, or delete it.")
_LISTED = N_("one of: {choices}")

SENTENCES: Mapping[str, Sentences] = {
    # ------------------------------------------------------------------------------------------------- YAML
    "yaml.syntax": Sentences(
        N_("The text does not follow the grammar of YAML here."),
        N_("“key: value”, lists whose lines begin with “- ”, and texts with quotes around them"),
        N_(
            "Look at this line and the one before it for a missing colon, quotation mark or bracket, "
            "and for lines that are not aligned."
        ),
    ),
    "yaml.tab": Sentences(
        N_("The line contains a tab character, which YAML does not accept as indentation."),
        N_("spaces only"),
        N_("Replace the tab by spaces, as many as the neighbouring lines have."),
    ),
    "yaml.empty": Sentences(
        N_("The file is empty."),
        None,
        N_("Start from a file in the folder “scenarios”, or write one with “assigner example”."),
        False,
    ),
    "yaml.duplicate_key": Sentences(
        N_("The key appears a second time in the same place, so it is unclear which value counts."),
        N_("each key once"),
        N_("Delete one of the two lines, or rename it if another key was meant."),
    ),
    "yaml.key": Sentences(
        N_("A list or a mapping stands where a key is expected."),
        N_("a plain word before the colon"),
        N_("Write the key as a word; put quotation marks around it if it contains brackets."),
        False,
    ),
    "yaml.recursive": Sentences(
        N_("The entry refers to itself with an alias (*name), so it would never end."),
        None,
        N_("Write out what is meant in place of the alias."),
        False,
    ),
    "yaml.too_large": Sentences(
        N_("The aliases (*name) of the file unfold to more than {most} values."),
        None,
        N_("Write out what is meant instead of using aliases."),
        False,
    ),
    "yaml.too_deep": Sentences(
        N_("Lists and mappings are nested too deeply to be read."),
        None,
        N_("Check the brackets: one that was never closed nests all that follows."),
        False,
    ),
    "yaml.surrogate": Sentences(
        N_("A text contains half of a character (an escape such as \\ud83d)."),
        N_("whole characters"),
        N_("Type the character itself instead of the escape."),
        False,
    ),
    # ------------------------------------------------------------------------- shape (the types of pydantic)
    "schema.missing": Sentences(
        N_("The key “{key}” is missing."), None, N_("Add a line “{key}: ...” to this entry."), False
    ),
    "schema.extra_forbidden": Sentences(
        N_("The key “{key}” is not known here."),
        None,
        N_("Check its spelling and its indentation, or delete the line."),
    ),
    "schema.model_type": Sentences(
        N_("A single value or a list stands where an entry with keys is expected."),
        N_("lines of the form “key: value”, indented alike"),
        N_("Write the entry as keys with values; check the indentation."),
    ),
    "schema.dict_type": Sentences(
        N_("A single value or a list stands where an entry with keys is expected."),
        N_("lines of the form “key: value”, indented alike"),
        N_("Write the entry as keys with values; check the indentation."),
    ),
    "schema.tuple_type": Sentences(
        N_("A single value or an entry with keys stands where a list is expected."),
        N_("a list, one line “- ...” for each member, or [a, b]"),
        N_("Write it as a list, even if it has one member only."),
    ),
    "schema.string_type": Sentences(
        N_("A text is expected here."),
        N_("a text"),
        N_("Write a text; put quotation marks around it if in doubt."),
    ),
    "schema.string_pattern_mismatch": Sentences(
        N_("The text does not have the form of an id."), N_("the pattern {pattern}"), _CORRECT
    ),
    "schema.string_too_short": Sentences(
        N_("The text is empty."),
        N_("at least {min_length} character(s)"),
        N_("Write the text, or delete the line."),
    ),
    "schema.string_too_long": Sentences(
        N_("The text is too long."), N_("at most {max_length} characters"), N_("Shorten the text.")
    ),
    "schema.int_type": Sentences(N_("A whole number is expected here."), N_("a whole number"), _CORRECT),
    "schema.int_parsing": Sentences(N_("A whole number is expected here."), N_("a whole number"), _CORRECT),
    "schema.int_from_float": Sentences(
        N_("A whole number is expected here, without decimals."), N_("a whole number"), _CORRECT
    ),
    "schema.float_type": Sentences(N_("A number is expected here."), N_("a number such as 120.7"), _CORRECT),
    "schema.float_parsing": Sentences(N_("A number is expected here."), N_("a number such as 120.7"), _CORRECT),
    "schema.finite_number": Sentences(N_("A number is expected here."), N_("a number such as 120.7"), _CORRECT),
    "schema.bool_type": Sentences(N_("Yes or no is expected here."), N_("true or false"), _CORRECT),
    "schema.bool_parsing": Sentences(N_("Yes or no is expected here."), N_("true or false"), _CORRECT),
    "schema.greater_than_equal": Sentences(N_("The number is too small."), N_("{ge} or more"), _CORRECT),
    "schema.greater_than": Sentences(N_("The number is too small."), N_("more than {gt}"), _CORRECT),
    "schema.less_than_equal": Sentences(N_("The number is too large."), N_("{le} or less"), _CORRECT),
    "schema.less_than": Sentences(N_("The number is too large."), N_("less than {lt}"), _CORRECT),
    "schema.literal_error": Sentences(
        N_("The value is none of those possible here."), N_("one of: {expected}"), _CORRECT
    ),
    "schema.too_short": Sentences(
        N_("The list has too few members."), N_("at least {min_length}"), N_("Add the missing members.")
    ),
    "schema.too_long": Sentences(
        N_("The list has too many members."),
        N_("at most {max_length}"),
        N_("Delete those that are too many."),
    ),
    "schema.union_tag_invalid": Sentences(
        N_("The kind of the entry is not known."), N_("one of: {expected_tags}"), _COMPARE
    ),
    "schema.union_tag_not_found": Sentences(N_("The entry does not say of which kind it is."), None, _COMPARE),
    "schema.other": Sentences(
        N_("The value cannot be used here."), None, N_("Compare it with a file in the folder “scenarios”.")
    ),
    # ---------------------------------------------------------------------- values of a scenario, one by one
    "scenario.code": Sentences(
        N_("This is not a school code."),
        N_("6 digits or capital letters, such as 063404"),
        N_("Take the code from the ministry's list of schools and put quotation marks around it: '063404'."),
    ),
    "scenario.code_number": Sentences(
        N_("The code was read as a number, so its digits may have changed."),
        N_("6 digits or capital letters, such as 063404"),
        N_("Put quotation marks around the code: '063404'."),
    ),
    "scenario.word": Sentences(N_("The value is none of those possible here."), _LISTED, _CORRECT),
    "scenario.network_name": Sentences(
        N_("The name leads to another computer, and such files are not opened."),
        N_("the name of a file in the scenario's folder or near it"),
        N_("Copy the file beside the scenario and write its name."),
    ),
    "scenario.yes_or_no": Sentences(N_("Yes or no is expected here."), N_("true or false (是 or 否)"), _CORRECT),
    "scenario.number": Sentences(N_("A number is expected here."), N_("a number such as 5, 0.5, 1/2 or 10%"), _CORRECT),
    "scenario.not_negative": Sentences(N_("The number is negative."), N_("0 or more"), _CORRECT),
    "scenario.points": Sentences(
        N_("So many points no school can carry."), N_("points such as 3 or 7/2, at most {most}"), _CORRECT
    ),
    "scenario.share": Sentences(N_("This is more than the whole."), N_("a part such as 1/2 or 50%"), _CORRECT),
    "scenario.positive": Sentences(N_("The number is not above zero."), N_("more than 0"), _CORRECT),
    "scenario.count": Sentences(
        N_("A number of people or schools is expected here."), N_("a whole number, 0 or more"), _CORRECT
    ),
    "scenario.degrees": Sentences(
        N_("Degrees of longitude or latitude are expected here."), N_("a number such as 120.7"), _CORRECT
    ),
    "scenario.grade": Sentences(
        N_("This is not a grade of a junior high."),
        N_("7, 8 or 9"),
        N_("Write the pupils as {{7: ..., 8: ..., 9: ...}}."),
    ),
    "scenario.text": Sentences(
        N_("A text is expected here."),
        N_("a text"),
        N_("Write a text; put quotation marks around it if in doubt."),
    ),
    "scenario.id": Sentences(
        N_("The id contains characters that cannot be used in file names."),
        N_("letters, digits, “-”, “_” and “.”, at most 80 in all"),
        N_("Write a short id such as dongshi-109; the key “name” takes any text."),
    ),
    "scenario.willingness_form": Sentences(
        N_("Willingness is written in a form that is not known."),
        N_("a word (願意, 可協助, 不願意, 無法), or {{answer: 無法, reason: ...}}"),
        N_("Write the word alone, or both keys, answer and reason."),
    ),
    "scenario.host_form": Sentences(
        N_("A school code or a list of school codes is expected here."),
        N_("a code such as 063404, or [063404, 193302]"),
        N_("Write the code of the school, not its name."),
    ),
    "scenario.relaxations_form": Sentences(
        N_("The relaxations are written in a form that is not known."),
        N_("auto (自動), none (不放寬), or a list such as [R1, R2]"),
        _CORRECT,
    ),
    # --------------------------------------------------------------------------------- base maps, experiments
    "base.community_id": Sentences(
        N_("The id of a community holds characters that it cannot hold, or is a word for none, or too long."),
        N_("letters, digits, “-”, “_” and “.”, at most 80 in all"),
        N_("Write a short id without blanks; the key “name” takes any text."),
    ),
    "experiment.verb": Sentences(
        N_("It is not clear what this change is."),
        N_("exactly one of: {choices}"),
        N_("Write a line such as “- {{move: 臺中市太平區, to: west}}”."),
        False,
    ),
    "experiment.extra": Sentences(
        N_("The key “{key}” does not go with “{verb}”."),
        N_("“{verb}” with: {choices}"),
        N_("Delete it, or write another change for it."),
        False,
    ),
    "experiment.missing": Sentences(
        N_("“{verb}” needs the key “{key}” as well."), None, N_("Add “{key}: ...” to the line."), False
    ),
    # ----------------------------------------------------------------------------------------------- variants
    "batch.flips": Sentences(
        N_("Changes of the base map are written in a form that is not known."),
        N_("a list such as [{{move: 臺中市太平區, to: west}}], or the file of an experiment"),
        N_("Write the changes as in an experiment, or name the file of one."),
        False,
    ),
    # --------------------------------------------------------------------------------------------- rulebooks
    "rulebook.assumption_without_reason": Sentences(
        N_("The entry is marked as an assumption but gives no reason."),
        N_("a reason in both languages"),
        N_("Add “reason: {{zh-TW: ..., en: ...}}”, or the place and the quotation it comes from."),
        False,
    ),
    "rulebook.no_source": Sentences(
        N_("The entry does not say where it comes from."),
        N_("place and quote, or assumption: true with a reason"),
        N_("Add the place in the programme and a short quotation."),
        False,
    ),
    "rulebook.number": Sentences(N_("A number is expected here."), N_("a number such as 5, 0.5 or 1/10"), _CORRECT),
    "rulebook.positive": Sentences(N_("“{key}” is not above zero."), N_("more than 0"), _CORRECT, False),
    "rulebook.count_order": Sentences(
        N_("at_most is smaller than at_least."), N_("at_least no larger than at_most"), _CORRECT, False
    ),
    "rulebook.who": Sentences(
        N_("It is not clear to whom the obligation falls."),
        N_("exactly one of role, hosts_of and flag"),
        N_("Keep one of the three keys."),
        False,
    ),
    "rulebook.switch_without_alternatives": Sentences(
        N_("The switch has fewer than two options."),
        N_("two different options or more"),
        N_("Add the other reading, or delete the switch."),
        False,
    ),
    "rulebook.switch_default": Sentences(
        N_("The default of the switch is not one of its options."), _LISTED, _CORRECT, False
    ),
    "rulebook.duplicate_id": Sentences(N_("The id is used twice in this section."), N_("each id once"), _UNIQUE),
    "rulebook.unknown_group": Sentences(N_("No group has this id."), _LISTED, _CORRECT),
    "rulebook.unknown_item": Sentences(N_("No work item has this id."), _LISTED, _CORRECT),
    "rulebook.unknown_way": Sentences(N_("No way of doing an item has this id."), _LISTED, _CORRECT),
    "rulebook.unknown_category": Sentences(N_("No course category has this id."), _LISTED, _CORRECT),
    "rulebook.unknown_switch": Sentences(N_("No switch has this id."), _LISTED, _CORRECT),
    "rulebook.unknown_option": Sentences(N_("The switch has no such option."), _LISTED, _CORRECT),
    "rulebook.too_few_ways": Sentences(N_("More ways are demanded than the item has."), N_("{most} or less"), _CORRECT),
    "rulebook.switch_missing": Sentences(
        N_("The switch “{key}”, which the program needs, is missing."), None, _COMPARE, False
    ),
    "rulebook.switch_options": Sentences(
        N_("The switch does not have the options that the program knows."),
        N_("exactly these: {choices}"),
        _COMPARE,
    ),
    "rulebook.tier_order": Sentences(
        N_("The order of aims does not name every aim exactly once."),
        N_("each of: {choices}"),
        _COMPARE,
        False,
    ),
    "rulebook.item_in_two_units": Sentences(
        N_("The item belongs to two units."), N_("one unit (it is in “{other}” already)"), _UNIQUE
    ),
    "rulebook.effort_twice": Sentences(
        N_("The item belongs to the unit “{other}” and has effort or trips of its own as well."),
        N_("effort and trips at one of the two"),
        N_("Delete effort_points and trips of the item."),
    ),
    "rulebook.effort_missing": Sentences(
        N_("The item has no effort."), N_("effort_points, or a unit the item belongs to"), _COMPARE
    ),
    "rulebook.band_after_end": Sentences(
        N_("The band follows one that has no end."),
        None,
        N_("Give the band before it an end, or delete this one."),
    ),
    "rulebook.band_hole": Sentences(
        N_("The bands leave a hole before this one."),
        N_("{expected}"),
        N_("Let the band begin where the last ends."),
    ),
    "rulebook.band_overlap": Sentences(
        N_("The band overlaps the one before it."),
        N_("{expected}"),
        N_("Let the band begin where the last ends."),
    ),
    "rulebook.band_order": Sentences(
        N_("The band ends before it begins."), N_("participants_to not below participants_from"), _CORRECT
    ),
    "rulebook.band_open": Sentences(
        N_("The bands do not cover all plan sizes."),
        N_("a band from {expected} without an end"),
        N_("Set participants_to of the last band to null."),
        False,
    ),
    "rulebook.cap_below_tracks": Sentences(
        N_("The cap is smaller than the number of tracks."), N_("{tracks} or more"), _CORRECT
    ),
    "rulebook.cap_unreachable": Sentences(
        N_("All tracks together cannot reach the cap of {most} hosts."),
        N_("a cap for each track that adds up to {most}"),
        _CORRECT,
    ),
    "rulebook.switch_change": Sentences(
        N_("What the switch changes does not fit the entry: “{key}”, {problem}."), None, _COMPARE, False
    ),
}
"""Code -> what is said about it."""


def problems_of(
    file: str | PathLike[str], faults: Iterable[Fault], original: Mapping[Path, Path] | None = None
) -> list[Problem]:
    """Turn faults into problems a person can read.

    Parameters
    ----------
    file
        The file as the person named it.
    faults
        As `models.documents.DocumentError` holds them.
    original
        Path in the document -> path in the file, where they differ.
    """
    return [problem_of(file, fault, (original or {}).get(fault.path, fault.path)) for fault in faults]


def problem_of(file: str | PathLike[str], fault: Fault, path: Path | None = None) -> Problem:
    """Turn one fault into a problem; `path` replaces the fault's own where they differ."""
    code = fault.code
    if code == "yaml.syntax" and "\\t" in str(fault.details.get("problem", "")):
        code = "yaml.tab"
    sentences = SENTENCES.get(code, SENTENCES["schema.other"])
    value = fault.value if sentences.shows_value and fault.value is not None else ABSENT
    return Problem(
        file,
        Place(shown_path(fault.path if path is None else path), fault.line, fault.column, fault.cell),
        value,
        _filled(sentences.what, fault.details),
        None if sentences.expected is None else _filled(sentences.expected, fault.details),
        _filled(sentences.mend, fault.details),
    )


def _filled(sentence: str, details: Mapping[str, object]) -> Message:
    # Without values a sentence is not read as a pattern, so doubled braces must be given some.
    if "{" not in sentence:
        return Message(sentence)
    known: dict[str, object] = {"key": "", "choices": "", "expected": "", "problem": "", **details}
    # pydantic lists choices in English: 'a', 'b' or 'c'.
    known["expected"] = str(known["expected"]).replace("' or '", "', '")
    return Message(sentence, known)


def shown_path(path: Path) -> str:
    """Write a path of keys as a person reads it; members of lists are counted from 1: ``schools[1].code``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key + 1}]"
        else:
            text += f".{key}" if text else key
    return text


def closest(word: object, known: Iterable[object]) -> Message | None:
    """Name the known word that is most like the one given, as advice; None when none is."""
    found = get_close_matches(str(word), [str(other) for other in known], n=1, cutoff=0.6)
    return M_("Did you mean “{word}”?", word=found[0]) if found else None
