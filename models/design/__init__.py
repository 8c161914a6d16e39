"""Communities designed anew: connected, within limits of size, each around a centre, at the least travel and change.

`design` is the one door; docs/designing.md says what is measured and how.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.design.designing import Design, Steps, design

__all__ = ["Design", "Steps", "design"]


def __getattr__(name: str) -> Any:
    """Load what needs the solver when it is asked for."""
    if name in __all__:
        from models.design import designing

        globals().update(Design=designing.Design, Steps=designing.Steps, design=designing.design)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
