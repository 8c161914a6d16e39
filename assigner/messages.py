"""Every sentence a person reads, in Taiwanese Chinese and in English.

The English sentence is the key: code says ``_("No school is called {name}.", name=name)`` and the catalogue
``locale/zh_TW/LC_MESSAGES/assigner.po`` holds its translation. Placeholders are named; their values are put
in after translation and are never read as a pattern, so braces in a school's name do no harm.

* ``_`` and ``_n`` translate now, in the current language.
* ``N_`` marks a sentence that is translated later, by ``_``.
* ``M_`` makes a `Message`, a sentence with its values that is translated when it is printed: for errors and
  findings, which are raised far from the reader.

``scripts/messages.py`` keeps the catalogue in step with the code; no build step and no library beyond
Python's own is needed to read it.

The current language belongs to the context (thread, task): `language_set` changes it for a ``with`` block and
for nobody else. `set_language` also makes it the default of every context that has chosen none, such as the
threads a solver starts.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

__all__ = [
    "LANGUAGES",
    "M_",
    "N_",
    "Message",
    "_",
    "_n",
    "current_language",
    "join_list",
    "language_set",
    "number",
    "percent",
    "pick",
    "quote",
    "set_language",
]

LANGUAGES = ("zh-TW", "en")
"""The languages there are; the first is the programme's own."""

_LOCALE_DIR = Path(__file__).with_name("locale")
_chosen: ContextVar[str | None] = ContextVar("assigner_language", default=None)
_default: str | None = None

_T = TypeVar("_T")


def set_language(lang: str | None) -> str:
    """Choose the language of the program.

    Parameters
    ----------
    lang
        One of `LANGUAGES`, in any case and with ``-`` or ``_``; None takes it from the locale.

    Returns
    -------
    str
        The language chosen.

    Raises
    ------
    ValueError
        The language is not one of `LANGUAGES`.
    """
    global _default
    _default = _known(lang)
    _chosen.set(_default)
    return _default


@contextmanager
def language_set(lang: str | None) -> Iterator[str]:
    """Use a language within a ``with`` block, in this context alone (parameters as `set_language`)."""
    token = _chosen.set(_known(lang))
    try:
        yield current_language()
    finally:
        _chosen.reset(token)


def current_language() -> str:
    """Return the language of this context: its own choice, else the program's, else the locale's."""
    global _default
    lang = _chosen.get() or _default
    if lang is None:
        lang = _default = _of_locale()
    return lang


def _(message: str, /, **args: object) -> str:
    """Translate a sentence into the current language and put the values in."""
    # The catalogue's entry for "" is its header.
    text = _catalogue(current_language()).gettext(message) if message else ""
    return text.format(**args) if args else text


def _n(one: str, many: str, n: int, /, **args: object) -> str:
    """Translate a sentence that depends on a count; ``{n}`` is the count."""
    return _catalogue(current_language()).ngettext(one, many, n).format(n=n, **args)


def N_(message: str, /) -> str:  # noqa: N802
    """Mark a sentence for the catalogue and return it as it is."""
    return message


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence with its values, translated whenever it is turned into text.

    Values may be messages themselves. Make one with `M_`.

    Attributes
    ----------
    msgid
        The English sentence, marked by `M_` or `N_`.
    args
        The values of its placeholders.
    """

    msgid: str
    args: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return _(self.msgid, **self.args)


def M_(message: str, /, **args: object) -> Message:  # noqa: N802
    """Mark a sentence for the catalogue and defer its translation until it is printed."""
    return Message(message, args)


def pick(texts: Mapping[str, _T]) -> _T:
    """Choose from data that says the same in several languages, such as a rulebook's titles.

    Parameters
    ----------
    texts
        Language -> text.

    Returns
    -------
    object
        The one of the current language; failing that, of the first of `LANGUAGES` that is there.

    Raises
    ------
    KeyError
        None of `LANGUAGES` is there.
    """
    for lang in (current_language(), *LANGUAGES):
        if lang in texts:
            return texts[lang]
    raise KeyError(f"none of {', '.join(LANGUAGES)} among {list(texts)}")


def join_list(items: Iterable[object]) -> str:
    """Join things as a list is written: 甲、乙、丙 or "a, b, c"."""
    return ("、" if current_language() == "zh-TW" else ", ").join(map(str, items))


def quote(text: object) -> str:
    """Put quotation marks around a text: 「甲」 or “a”."""
    return f"「{text}」" if current_language() == "zh-TW" else f"“{text}”"


def number(value: float, digits: int = 0) -> str:
    """Write a number with thousands separators and a fixed count of decimals."""
    text = f"{value:,.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def percent(value: float, digits: int = 1) -> str:
    """Write a share (0.125) as a percentage (12.5%)."""
    return number(value * 100, digits) + "%"


def _known(lang: str | None) -> str:
    """Return the language by its proper name; None means the locale's."""
    if lang is None:
        return _of_locale()
    for known in LANGUAGES:
        if lang.replace("_", "-").casefold() == known.casefold():
            return known
    raise ValueError(f"unknown language {lang!r}; choose one of: {', '.join(LANGUAGES)}")


def _of_locale() -> str:
    """Return the language of the environment, else of the system: any Chinese is zh-TW, the rest en."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := os.environ.get(variable):
            # LANGUAGE lists several, best first: the first we speak counts.
            for name in wanted.split(":"):
                if name[:2].lower() in ("zh", "en"):
                    return "zh-TW" if name[:2].lower() == "zh" else "en"
            return "en"
    return "zh-TW" if _system_is_chinese() else "en"


def _system_is_chinese() -> bool:
    """Tell whether the operating system speaks Chinese, asked only where the environment is silent."""
    if sys.platform == "win32":
        try:
            import ctypes

            primary: int = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
        except (AttributeError, ImportError, OSError):
            pass
        else:
            return primary == 0x04  # LANG_CHINESE
    import locale

    try:
        name = locale.getlocale()[0] or ""
    except ValueError:  # a name Python cannot read
        name = ""
    return name.lower().startswith(("zh", "chinese"))


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    """Load the catalogue of a language once; English needs none."""
    if lang == "en":
        return gettext.NullTranslations()
    return gettext.translation("assigner", _LOCALE_DIR, [lang.replace("-", "_")])
