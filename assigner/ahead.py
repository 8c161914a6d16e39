"""What files will need, made ready beside the solver, which leaves Python idle most of its time.

Libraries are loaded, templates compiled, the polygons of the townships read, fonts opened: all that does not depend on
the answer. Nothing here is needed for an answer to be written; it is only there sooner.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata.geography import Geography

__all__ = ["Ahead", "without_collector"]


class Ahead:
    """A thread that makes ready for the files that will be written.

    As a context manager it never outlives what it runs beside: whatever ends the solving, the thread ends after the
    step it is at (the longest takes less than half a second).

    Parameters
    ----------
    formats : iterable of str
        Names of `assigner.outputs.FORMATS`; what other files need is not loaded.
    geography : Geography, optional
        Whose polygons the map will show.
    """

    def __init__(self, formats: Iterable[str], geography: Geography | None = None) -> None:
        self._steps = tuple(_steps(frozenset(formats), geography))
        self._stop = Event()
        self._thread = Thread(target=self._work, name="ahead", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def wait(self) -> None:
        """Let it come to its end: drawing must not begin while it draws."""
        self._thread.join()

    def _work(self) -> None:
        with without_collector():
            for step in self._steps:
                if self._stop.is_set():
                    return
                with suppress(Exception):  # the file that needs it will say what is wrong
                    step()


@contextmanager
def without_collector() -> Iterator[None]:
    """Without the search for dead cycles, which costs a tenth of the time of loading and making files, for nothing."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _steps(formats: frozenset[str], geography: Geography | None) -> Iterator[Callable[[], object]]:
    """What has to be done for some formats, the slowest first."""
    drawn = formats & {"xlsx", "html", "svg"}
    if drawn:
        yield _matplotlib
    if (drawn or formats & {"geojson", "gpkg"}) and geography is not None and geography.has_polygons:
        yield geography.shapes
    if "html" in formats:
        yield _templates
    for module in _MODULES:
        if module in formats:
            for name in _MODULES[module]:
                yield lambda name=name: import_module(name)  # type: ignore[misc]
    if drawn:
        yield _pens


_MODULES: Mapping[str, tuple[str, ...]] = {
    "xlsx": ("xlsxwriter", "assigner.report.workbook"),
    "geojson": ("assigner.report.layers",),
    "gpkg": ("pyogrio", "assigner.report.layers"),
}


def _matplotlib() -> None:
    from assigner.report.map import quiet

    with quiet():
        for name in ("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"):
            import_module(name)


def _templates() -> None:
    from assigner.report.page import compile_templates

    compile_templates()


def _pens() -> None:
    from assigner.report.map import warm_up

    warm_up()
