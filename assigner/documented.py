"""Answers that stand as a document."""

from __future__ import annotations

from typing import Any

__all__ = ["Documented"]


class Documented:
    """An answer with a document for programs: whoever has a `to_dict` has its text as well."""

    def to_dict(self) -> dict[str, Any]:
        """The answer as a document for programs."""
        raise NotImplementedError

    def to_json(self) -> str:
        """The document as text, as it is written to a file."""
        from assigner.answer import json_text

        return json_text(self.to_dict())
