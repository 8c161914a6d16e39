"""The largest load against travel: every way to trade one for the other, each as a full plan that can be taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assigner.documented import Documented
from assigner.errors import ExitCode
from assigner.explaining.ground import Ground, ground_of
from assigner.messages import _
from models.choices import Front as Found
from models.choices import FrontPoint
from models.choices import front as find
from models.community import Assignment
from models.difference import HandOver, hand_overs
from models.stopping import Progress, Stop, StoppedBy
from models.whatif import rows_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from assigner.outputs import Written
    from assigner.planner import Result
    from assigner.report.page import Explorer
    from assigner.scenario import Scenario

__all__ = ["Front", "Point", "front"]


@dataclass(frozen=True)
class Point:
    """A point of the front, or the chosen plan where it is not one.

    Parameters
    ----------
    number : int or None
        From the smallest largest load on; None for a chosen plan that is not on the front.
    found : FrontPoint
    chosen : bool
        It is the plan by the order of the aims, or worth the same as that in both.
    moves : tuple of HandOver
        What is in other hands than in the chosen plan.
    """

    number: int | None
    found: FrontPoint
    chosen: bool
    moves: tuple[HandOver, ...]

    @property
    def loads(self) -> tuple[Fraction, ...]:
        """Levels of all schools, the heaviest first."""
        loads: tuple[Fraction, ...] = self.found.audit.values["load"]
        return loads

    @property
    def assignment(self) -> Assignment:
        """The plan."""
        return self.found.result.assignment


@dataclass(frozen=True, eq=False)
class Front(Documented):
    """The answer to the question how the largest load and travel trade.

    Parameters
    ----------
    ground : Ground
        The plan by the order of the aims.
    found : models.choices.Front or None
        None where there is no plan.
    stopped_by : {"work", "time", "person"} or None
    """

    ground: Ground
    found: Found | None
    stopped_by: StoppedBy | None = None
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def status(self) -> Literal["complete", "grid", "stopped", "no_plan"]:
        """All points, by proof; all that were looked for, by proof; those found before a stop; no plan at all."""
        if self.found is None:
            return "no_plan"
        if self.found.stopped:
            return "stopped"
        return "complete" if self.found.complete else "grid"

    @property
    def exit_code(self) -> ExitCode:
        """How a program that gives this answer ends."""
        return self.ground.ends_as(proven=self.status in ("complete", "grid"))

    @property
    def points(self) -> tuple[Point, ...]:
        """The front, the smallest largest load first; empty without a plan."""
        if "points" not in self._made:
            self._made["points"] = () if self.found is None else tuple(self._points(self.found))
        made: tuple[Point, ...] = self._made["points"]
        return made

    @property
    def chosen(self) -> Point | None:
        """The plan by the order of the aims; None without a plan."""
        if self.found is None:
            return None
        return next((p for p in self.points if p.chosen), Point(None, self.found.chosen, True, ()))

    def _points(self, found: Found) -> list[Point]:
        chosen = found.chosen
        points = []
        for number, point in enumerate(found.points, 1):
            same = (point.largest_load, point.travel) == (chosen.largest_load, chosen.travel)
            # Of plans that are worth the same in both, the one by the order of the aims is shown.
            shown = chosen if same else point
            points.append(Point(number, shown, same, self.moves_to(shown.result.assignment)))
        return points

    def moves_to(self, other: Assignment) -> tuple[HandOver, ...]:
        """What another plan gives to others than the chosen plan does."""
        assert self.found is not None
        return hand_overs(rows_of(self.ground.plan), self.found.chosen.result.assignment, other)

    def take(self, number: int) -> Result:
        """The plan of a point as an answer of its own: every duty of it is pinned, so that solving gives it again.

        Parameters
        ----------
        number : int
            Of the point.

        Raises
        ------
        ValueError
            There is no such point.
        """
        from assigner.choosing.taking import taken

        point = next((point for point in self.points if point.number == number), None)
        if point is None:
            raise ValueError(f"there is no point {number}; there are {len(self.points)}")
        name = self.ground.plan.problem.community.name or self.ground.plan.problem.community.id
        return taken(self.ground.result, point.assignment, _("{community}: point {n}", community=name, n=number))

    def to_frame(self) -> pd.DataFrame:
        """One row for every point: largest load, travel, loads, who carries most, whether it is the chosen plan.

        Returns
        -------
        pandas.DataFrame
        """
        from assigner.report.choices_tables import front_points
        from assigner.report.frames import frame_of

        return frame_of(front_points(self))

    def plot(self, ax: Axes | None = None, *, lang: str | None = None) -> Axes:
        """Draw travel against the largest load, the chosen plan marked by its shape and a label.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw it; by default a picture of its own.
        lang : {"zh-TW", "en"}, optional
            By default the current language.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from assigner.report.choices_plot import plot

        return plot(self, ax, lang)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page of the answer, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.choices_page import explorer

        return explorer(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """The content of ``front.json``."""
        from assigner.choosing.answer import front_document

        return front_document(self)

    def write(self, folder: str | Path) -> Written:
        """Write ``front.json``, ``.csv``, ``.html`` and ``.svg`` into a folder, made if it is missing."""
        from assigner.choosing.files import write_front

        return write_front(self, folder)


def front(
    source: str | Path | Scenario | Result,
    *,
    points: int | None = None,
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> Front:
    """How the largest load and travel trade, every aim before them kept at its best.

    Parameters
    ----------
    source : str, Path, Scenario or Result
        A scenario or its file, a ``plan.json``, or an answer of `assigner.solve`.
    points : int, optional
        Look at so many levels of the largest load only, spread evenly; 0: at all of them. By default all up to 25
        schools and twelve beyond.
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them.

    Returns
    -------
    Front
        Every point is a lawful, audited plan.

    Raises
    ------
    assigner.errors.InputError, models.documents.DocumentError
        The source cannot be used.

    Examples
    --------
    >>> import assigner
    >>> answer = assigner.front("scenarios/dongshi-109.yaml")  # doctest: +SKIP
    >>> answer.status, [str(point.found.largest_load) for point in answer.points]  # doctest: +SKIP
    ('complete', ['2/5', '3/5', '4/5', '1'])
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    if not ground.has_plan:
        return Front(ground, None)
    found = find(ground.plan, ground.engine, grid=points, result=ground.tiers)
    if not ground.proven:
        found = replace(found, stopped=True)
    return Front(ground, found, ground.engine.stopped_by if found.stopped else None)
