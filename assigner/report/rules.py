"""A rulebook as people read it: all of it, one entry, or what differs between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assigner.messages import LANGUAGES, N_, _, current_language, join_list
from assigner.words import OBLIGATION_KINDS, TIER_NAMES, amount, quantity, source, text

if TYPE_CHECKING:
    from models.rulebook import Rulebook

__all__ = ["Differences", "differences", "entries_of", "show_differences", "show_entry", "show_rulebook"]

_SECTIONS: Mapping[str, str] = {
    "items": N_("Work items"),
    "units": N_("Items that count as one"),
    "ways": N_("Ways of promotion"),
    "clauses": N_("Clauses"),
    "split": N_("Split"),
    "categories": N_("Course categories"),
    "obligations": N_("Obligations"),
    "measures": N_("Measures (our assumptions)"),
    "switches": N_("Switches"),
    "prices": N_("Prices of giving up (our assumptions)"),
    "relaxations": N_("Relaxations"),
    "tiers": N_("Order of the aims"),
}

#: Section -> ids that were added, removed, changed.
Differences = dict[str, tuple[list[str], list[str], list[str]]]


def entries_of(book: Rulebook) -> dict[str, dict[str, Any]]:
    """Section -> id -> entry, for everything in a rulebook that has a name."""
    sections: dict[str, dict[str, Any]] = {}
    for section in ("items", "units", "ways", "clauses", "obligations", "switches", "relaxations"):
        sections[section] = {entry.id: entry for entry in getattr(book, section)}
    sections["split"] = {book.split.id: book.split}
    sections["categories"] = {book.categories.id: book.categories}
    for section in ("measures", "prices"):
        numbers = getattr(book, section)
        sections[section] = {name: getattr(numbers, name) for name in type(numbers).model_fields}
    sections["tiers"] = {"tiers": book.tiers}
    return {section: sections[section] for section in _SECTIONS}


def differences(old: Rulebook, new: Rulebook) -> Differences:
    """Entries by id that one rulebook has and the other has not, or has otherwise; sections alike are left out."""
    result: Differences = {}
    before, after = entries_of(old), entries_of(new)
    for section in _SECTIONS:
        a, b = before[section], after[section]
        added = [key for key in b if key not in a]
        removed = [key for key in a if key not in b]
        changed = [key for key in a if key in b and a[key] != b[key]]
        if added or removed or changed:
            result[section] = (added, removed, changed)
    return result


def show_rulebook(book: Rulebook, console: Console) -> None:
    """Print a rulebook: items, clauses with their words, switches, measures."""
    console.print(Text(f"{text(book.title)} ({book.year})", style="bold"))
    console.print(Text(_other(book.title), style="dim"))
    console.print(Text(_("Source: {source}", source=text(book.source))))
    for section, entries in entries_of(book).items():
        if not entries:
            continue
        console.print()
        console.print(Text(_(_SECTIONS[section]), style="bold"))
        for key, entry in entries.items():
            for line in _summary(section, key, entry):
                console.print(Padding(line, (0, 0, 0, 2)))


def show_entry(book: Rulebook, key: str, console: Console) -> bool:
    """Print one entry in full, in every language; False when there is none of that id."""
    found = False
    for section, entries in entries_of(book).items():
        if key in entries:
            found = True
            console.print(Text(f"{_(_SECTIONS[section])}  {key}", style="bold"))
            for line in _full(entries[key].model_dump(mode="json", by_alias=True, exclude_none=True), 1):
                console.print(line)
    return found


def show_differences(old: Rulebook, new: Rulebook, console: Console) -> bool:
    """Print what differs between two rulebooks; False when nothing does."""
    found = differences(old, new)
    before, after = entries_of(old), entries_of(new)
    for section, (added, removed, changed) in found.items():
        console.print(Text(_(_SECTIONS[section]), style="bold"))
        for key in removed:
            console.print(Text(f"  - {key}  {_title(before[section][key])}"))
        for key in added:
            console.print(Text(f"  + {key}  {_title(after[section][key])}"))
        for key in changed:
            console.print(Text(f"  ~ {key}  {_title(after[section][key])}"))
            a, b = (book[section][key].model_dump(mode="json", by_alias=True) for book in (before, after))
            for name in {**a, **b}:
                if a.get(name) != b.get(name):
                    console.print(Padding(Text(f"{name}: {a.get(name)} → {b.get(name)}"), (0, 0, 0, 6)))
    if not found:
        console.print(Text(_("The two rulebooks say the same.")))
    return bool(found)


def _title(entry: Any) -> str:
    return text(entry.title) if hasattr(entry, "title") else ""


def _other(title: Any) -> str:
    """A title in the other languages."""
    return join_list(title.in_(language) for language in LANGUAGES if language != current_language())


def _summary(section: str, key: str, entry: Any) -> Iterator[Text]:
    if section == "tiers":
        yield Text(join_list(_(TIER_NAMES[name]) for name in entry.order))
        return
    if section in ("measures", "prices"):
        yield Text(f"{key} = {amount(entry.value)}  {text(entry.reason)}")
        return
    head = Text(f"{key}  {text(entry.title)}")
    if section == "obligations":
        head.append(f"  [{_(OBLIGATION_KINDS[entry.kind])}] {quantity(entry)}")
    yield head
    if section != "relaxations":
        yield Text(f"    {_other(entry.title)}", style="dim")
    if section == "items":
        must = _("must be hosted") if entry.mandatory else _("hosted if the planner asks for it")
        yield Text(f"    {entry.place}  {must}", style="dim")
    elif section in ("clauses", "split", "categories", "obligations", "switches"):
        yield Text(f"    {source(entry)}", style="dim")
    if section == "switches":
        for option in entry.options:
            sign = "*" if option.id == entry.default else "-"
            yield Text(f"    {sign} {option.id}: {text(option.title)}")


def _full(value: Any, depth: int) -> Iterator[Padding]:
    """Nested data, one value a line."""
    for key, child in value.items():
        if isinstance(child, dict) and child:
            yield Padding(Text(f"{key}:"), (0, 0, 0, 2 * depth))
            yield from _full(child, depth + 1)
        elif isinstance(child, list) and any(isinstance(member, dict) for member in child):
            yield Padding(Text(f"{key}:"), (0, 0, 0, 2 * depth))
            for member in child:
                shown = ", ".join(f"{name}: {inner}" for name, inner in member.items())
                yield Padding(Text(f"- {shown}"), (0, 0, 0, 2 * depth + 2))
        else:
            shown = ", ".join(map(str, child)) if isinstance(child, list) else child
            yield Padding(Text(f"{key}: {shown}"), (0, 0, 0, 2 * depth))
