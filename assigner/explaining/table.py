"""The whole table: what it costs that each school hosts each item, exact and proven; in several processes if wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assigner.explaining.asking import Pairs, Reader, Words, changes_of, in_words
from assigner.explaining.ground import Ground, OnGround, ground_of
from models.stopping import Progress, Stop
from models.whatif import Cell, Change, Matrix, matrix_tasks, put_together

if TYPE_CHECKING:
    import pandas as pd

    from assigner.outputs import Written
    from assigner.report.page import Explorer

__all__ = ["FEW_CELLS", "TableAnswer", "table_of", "whatif_table"]

FEW_CELLS = 300
"""So many cells are done before other processes would have begun."""


@dataclass(frozen=True)
class TableAnswer(OnGround):
    """The cost of every host.

    Parameters
    ----------
    ground : Ground
    full : bool
        Every cell has all aims, not only the first that changes.
    found : Matrix or None
        None where there is no plan.
    """

    full: bool
    found: Matrix | None

    @property
    def proven(self) -> bool:
        """Whether all that is said is proven."""
        return self.found is not None and self.found.proven

    def to_frame(self) -> pd.DataFrame:
        """One row for every item and school: status, first aim that changes and by how much, clauses, all aims."""
        from assigner.report.frames import frame_of
        from assigner.report.whatif_tables import cells

        return frame_of(cells(self))

    def to_dict(self) -> dict[str, Any]:
        """The content of ``whatif.json``."""
        from assigner.explaining.answer import table_document

        return table_document(self)

    def explore(self, lang: str | None = None) -> Explorer:
        """The page of the table, offline: shown in a notebook, or by its methods ``save(path)`` and ``open()``."""
        from assigner.report.whatif_page import explorer

        return explorer(self, lang)

    def write(self, folder: str | Path, formats: str | Iterable[str] | None = None) -> Written:
        """Write the table into a folder (see `assigner.explaining.files.write_table`)."""
        from assigner.explaining.files import write_table

        return write_table(self, folder, formats)


def whatif_table(
    source: Any,
    *,
    full: bool = False,
    items: Words = (),
    schools: Words = (),
    jobs: int = 1,
    told: Callable[[int, int], None] | None = None,
    host: Pairs = (),
    not_host: Pairs = (),
    without: Words = (),
    add: Words = (),
    convener: Words = (),
    switch: Pairs = (),
    lift: Words = (),
    spare: Words = (),
    changes: Iterable[Change] = (),
    work_limit: float | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    log: Callable[[str], None] | None = None,
    seed: int = 111,
) -> TableAnswer:
    """What the plan would be worth if each school hosted each item.

    Parameters
    ----------
    source : str, Path, Scenario or Result
    full : bool
        All aims of every cell, not only the first that changes.
    items, schools : str or iterable of str
        Only these rows or columns.
    jobs : int
        So many processes; in a script of your own with more than one, begin below ``if __name__ == "__main__"``.
    told : callable, optional
        Hears how many cells are done, and of how many.
    host, not_host, without, add, convener, switch, lift, spare, changes
        The table of the plan under these changes (see `assigner.explaining.whatif.whatif`).
    work_limit, time_limit, stop, progress, log, seed
        As `assigner.planner.solve` takes them. A limit on work is kept in one process, so that it means the same on
        every machine.

    Raises
    ------
    InputError
        The source, or what is asked of it, cannot be used.
    """
    ground = ground_of(
        source, work_limit=work_limit, time_limit=time_limit, stop=stop, progress=progress, log=log, seed=seed
    )
    wanted = changes_of(
        ground.plan,
        ground.result.scenario,
        host=host,
        not_host=not_host,
        without=without,
        add=add,
        convener=convener,
        switch=switch,
        lift=lift,
        spare=spare,
    )
    wanted = (*wanted, *changes)
    if wanted and ground.has_plan:
        ground = ground.under(wanted)
    return table_of(ground, full=full, items=items, schools=schools, jobs=jobs, told=told)


def table_of(
    ground: Ground,
    *,
    full: bool = False,
    items: Words = (),
    schools: Words = (),
    jobs: int = 1,
    told: Callable[[int, int], None] | None = None,
) -> TableAnswer:
    """The table of a plan that is there (parameters as `whatif_table`)."""
    if not ground.has_plan:
        return TableAnswer(ground, full, None)
    reader = Reader(ground.plan)
    rows = reader.rows("--item", items)
    codes = reader.participants("--school", schools)
    reader.stop_if_wrong()
    plan, result = ground.plan, ground.tiers
    size = len(plan.candidates) * len(plan.rules.item_by_id)
    alone = jobs <= 1 or size <= FEW_CELLS or ground.engine.limits.work is not None or not ground.can_travel
    shares = 1 if alone else 2 * jobs  # more would cost more: each has its own kept models
    tasks = matrix_tasks(plan, result, rows=rows, schools=codes, all_tiers=full, share_among=shares)
    with in_words(plan):
        if alone:
            parts: Sequence[Mapping[tuple[str, str], Cell]] = [task.run(plan, ground.engine, told) for task in tasks]
        else:
            from assigner.explaining.processes import run_tasks

            parts = run_tasks(ground, tasks, jobs, told)
    return TableAnswer(ground, full, put_together(plan, result, parts))
