"""Which school a word on a command line means: its code, a code without its leading zero, or its whole name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigner.faults import closest
from assigner.scenario.words import normal
from geodata.codes import CodeError, read_code

if TYPE_CHECKING:
    from assigner.messages import Message
    from models.community import Problem

__all__ = ["SchoolFinder"]


class SchoolFinder:
    """Finds the schools of a problem by the words of a person.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem) -> None:
        self._schools = problem.community.school_by_code
        named: dict[str, list[str]] = {}
        for code, school in self._schools.items():
            named.setdefault(normal(school.name), []).append(code)
        self.by_name = {name: codes[0] for name, codes in named.items() if name and len(codes) == 1}

    def code(self, word: str) -> str | None:
        """Code of the school that a word names; a code may be followed by the name."""
        code = next((c for c in self._schools if normal(c) == normal(word)), None) or self.by_name.get(normal(word))
        if code is not None:
            return code
        try:
            restored = read_code(word.split()[0] if word.split() else word)
        except CodeError:
            return None
        return restored if restored in self._schools else None

    def near(self, word: str) -> Message | None:
        """How to mend a word that names no school, where one is much like it."""
        names = (school.name for school in self._schools.values() if school.name)
        return closest(word, [*self._schools, *names])
