"""Keep the message catalogues in step with the code.

Usage::

    python scripts/messages.py update     # collect the sentences of the code into each assigner.po
    python scripts/messages.py compile    # write each assigner.mo
    python scripts/messages.py check      # name all that is amiss; exit code 1 if anything is

After `update`, write the translations into the .po file, remove the ``#, fuzzy`` marks from those you have
judged, and `compile`. Both files are committed. Sentences no longer used are dropped; git remembers them.
"""

from __future__ import annotations

import ast
import io
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "assigner" / "locale"
DOMAIN = "assigner"
HEADER = "# Translations. Made by scripts/messages.py, which says how to change them."
SOURCES = ("assigner",)
"""Folders whose Python files hold sentences."""
KEYWORDS = {"_": None, "N_": None, "M_": None, "Message": None, "_n": (1, 2)}
OTHER_FORMS = {"台": "臺"}
"""Characters that a zh-TW text writes in one form only: the programme writes 臺."""


class Catalogue(Catalog):
    """A catalogue whose header never changes: no dates, no version of a tool."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What gettext needs to know, and no more."""
        return [
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms + "\n"),
        ]

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        """Keep nothing of the header that is read."""


def main(arguments: list[str]) -> int:
    """Run one of the three commands."""
    commands: dict[str, Callable[[], list[str]]] = {"update": update, "compile": compile_all, "check": check}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__)
        return 2
    complaints = commands[arguments[0]]()
    print(*complaints, sep="\n", end="\n" if complaints else "")
    return 1 if complaints else 0


def po_files() -> list[Path]:
    """Return the catalogue of every language."""
    return sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def update() -> list[str]:
    """Bring every .po file in step with the code; similar sentences are offered, marked fuzzy."""
    used = collect()
    for po in po_files():
        catalogue = read(po)
        catalogue.update(used)
        po.write_bytes(po_bytes(catalogue))
    return []


def compile_all() -> list[str]:
    """Write every .mo file."""
    for po in po_files():
        po.with_suffix(".mo").write_bytes(mo_bytes(read(po)))
    return []


def check() -> list[str]:
    """Name what is amiss in the code and in every catalogue."""
    complaints = [complaint for path in source_files() for complaint in misuses(path)]
    used = collect()
    for po in po_files():
        catalogue = read(po)
        complaints.extend(f"{shown(po)}: {complaint}" for complaint in judged(catalogue, used))
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.read_bytes() != mo_bytes(catalogue):
            complaints.append(f"{shown(mo)}: not what the .po says; compile it")
    return complaints


def judged(catalogue: Catalog, used: Catalog) -> Iterator[str]:
    """Yield what is amiss in one catalogue, given the sentences that the code uses."""
    wanted = {entry.id for entry in used if entry.id}
    present = {entry.id for entry in catalogue if entry.id}
    yield from (f"missing, run update: {text!r}" for text in sorted(wanted - present, key=str))
    yield from (f"unused, run update: {text!r}" for text in sorted(present - wanted, key=str))
    yield from (f"obsolete, run update: {entry.id!r}" for entry in catalogue.obsolete.values())
    for entry in catalogue:
        if not entry.id:
            continue
        strings = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ("",))
        strings = strings[: catalogue.num_plurals]
        if not all(strings):
            yield f"untranslated: {entry.id!r}"
            continue
        if entry.fuzzy:
            yield f"fuzzy: {entry.id!r}"
        # A plural may leave the count out of its singular ("one school"), never out of its plural.
        source = entry.id if isinstance(entry.id, str) else entry.id[-1]
        for text in strings:
            if placeholders(text) != placeholders(source):
                yield f"placeholders differ: {source!r} and {text!r}"
            for character in wrong_characters(text):
                yield f"{character} in {text!r}"


def wrong_characters(text: str) -> list[str]:
    """Return the characters of a zh-TW text that are not Taiwanese, with what to write instead if known.

    Ideographs that are not in Big5 are simplified or rare; those who need a rare one may allow it here.
    """
    wrong = [f"{character} (write {right})" for character, right in OTHER_FORMS.items() if character in text]
    for character in text:
        if "\u4e00" <= character <= "\u9fff":
            try:
                character.encode("cp950")
            except UnicodeEncodeError:
                wrong.append(f"{character} (not Big5, simplified?)")
    return wrong


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces; a text that cannot be formatted has the name ``malformed``."""
    try:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return frozenset(["malformed"])


def misuses(path: Path) -> Iterator[str]:
    """Yield the calls in a Python file whose sentence cannot be collected or does not fit its values."""
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS):
            continue
        texts = call.args[: 2 if call.func.id == "_n" else 1]
        where = f"{shown(path)}:{call.lineno}"
        if any(isinstance(text, ast.JoinedStr | ast.BinOp | ast.Call) for text in texts):
            yield f"{where}: the sentence of {call.func.id} must be a plain string"
        if call.func.id in ("_", "M_", "_n") and all(keyword.arg for keyword in call.keywords):
            sentences = [text.value for text in texts if isinstance(text, ast.Constant)]
            if len(sentences) != len(texts) or not all(isinstance(text, str) for text in sentences):
                continue
            named = frozenset[str]().union(*(placeholders(str(text)) for text in sentences))
            given = frozenset(keyword.arg for keyword in call.keywords)
            if named - ({"n"} if call.func.id == "_n" else frozenset()) != given:
                yield f"{where}: placeholders {sorted(named)} but values {sorted(map(str, given))}"


def collect() -> Catalogue:
    """Collect the sentences of the code."""
    used = Catalogue(charset="utf-8")
    for path in source_files():
        for _, text, comments, _ in extract_from_file("python", path, KEYWORDS, ("Translators:",)):
            used.add(text, locations=[(shown(path), 0)], auto_comments=comments)
    return used


def source_files() -> list[Path]:
    """Return the Python files that may hold sentences, in a fixed order."""
    return sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))


def read(po: Path) -> Catalogue:
    """Read a .po file."""
    catalogue = Catalogue(locale=po.parent.parent.name, charset="utf-8", fuzzy=False, header_comment=HEADER)
    with po.open("rb") as file:
        PoFileParser(catalogue, ignore_obsolete=False, abort_invalid=True).parse(file)
    catalogue.fuzzy, catalogue.header_comment = False, HEADER
    return catalogue


def po_bytes(catalogue: Catalogue) -> bytes:
    """Write a catalogue as a .po file, in the order of the code; line numbers would only make noise."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def mo_bytes(catalogue: Catalogue) -> bytes:
    """Compile a catalogue; what is fuzzy or untranslated stays out."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def shown(path: Path) -> str:
    """Return a path as it is named in files and complaints."""
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
