"""Something to start from: a made-up scenario, the schemas of the files.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import help_option, lang_option, say, value, wrong
from assigner.commands._writing import force_option, ready
from assigner.errors import ExitCode
from assigner.messages import M_, _

__all__ = ["example_command", "schema_command"]


def example_command() -> Callable[..., Any]:
    """Make the command ``example``."""

    def example(
        schools: Annotated[int, value("--schools", "N", _("Number of schools."))] = 9,
        seed: Annotated[int, value("--seed", "K", _("Another number, another community."))] = 1,
        out: Annotated[Path | None, value("--out", "FILE", _("Write it here instead of printing it."))] = None,
        force: Annotated[bool, force_option()] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.scenario import write_yaml
        from assigner.scenario.example import MOST_SCHOOLS, example
        from assigner.workbook.converting import KINDS, write_scenario

        if out is not None:
            ready(out, force, KINDS)
        try:
            made = example(schools, seed)
        except ValueError:
            expected = M_("a whole number from 1 to {most}", most=MOST_SCHOOLS)
            wrong("--schools", schools, M_("So many schools cannot be made up."), expected)
        if out is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(write_yaml(made).encode("utf-8"))
            sys.stdout.flush()
            return ExitCode.PROVEN
        write_scenario(made, out, None)
        say(_("Written: {file}", file=out))
        return ExitCode.PROVEN

    return example


_SCHEMAS = (
    *("scenario", "plan", "split", "base_map", "experiment", "boundary", "suggestions", "variants"),
    *("front", "optima", "explanation"),
    *("diff", "repair", "next_year", "fairness"),
)


def schema_command() -> Callable[..., Any]:
    """Make the command ``schema``."""

    def schema(
        which: Annotated[
            str, typer.Argument(metavar="WHICH", help=_("Of which file: {choices}.", choices=", ".join(_SCHEMAS)))
        ],
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        from assigner.answer import json_text, plan_schema
        from assigner.batch.spec_entries import variants_schema
        from assigner.boundary.answer import boundary_schema
        from assigner.boundary.experiment_file import experiment_schema
        from assigner.boundary.files.entries import base_map_schema
        from assigner.boundary.suggest_answer import suggestions_schema
        from assigner.choosing.answer import front_schema, optima_schema
        from assigner.explaining.answer import explanation_schema
        from assigner.scenario import scenario_schema
        from assigner.splitting.answer import split_schema
        from assigner.steering.schemas import STEERING, steering_schema

        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "scenario": scenario_schema,
            "plan": plan_schema,
            "split": split_schema,
            "base_map": base_map_schema,
            "experiment": experiment_schema,
            "boundary": boundary_schema,
            "suggestions": suggestions_schema,
            "variants": variants_schema,
            "front": front_schema,
            "optima": optima_schema,
            "explanation": explanation_schema,
            **{name: partial(steering_schema, name) for name in STEERING},
        }
        if which not in makers:
            expected = M_("one of: {choices}", choices=", ".join(makers))
            wrong("schema", which, M_("There is no such schema."), expected)
        sys.stdout.write(json_text(makers[which]()))
        return ExitCode.PROVEN

    return schema
