"""Serve the live page.

The annotations are evaluated as they stand (no ``from __future__ import annotations``): they hold the help texts.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from assigner.commands._options import above_zero, flag, help_option, lang_option, say, value, wrong
from assigner.messages import M_, _

__all__ = ["serve_command"]

_LEAST_TOKEN = 8
_MOST_PORT = 65535


def serve_command() -> Callable[..., Any]:
    """Make the command ``serve``."""
    base_text = _("Base map (YAML, table or map); a made-up county if not given.")
    roster_text = _("Tidy table of the schools, where the base map does not hold them.")
    host_text = _("Address to listen on; beyond this machine only with a token.")
    port_text = _("Port; 0 takes one that is free.")
    token_text = _("What people must know to open the page; made and printed if needed and not given.")
    store_text = _("Folder in which experiments are kept; by default in the user's profile.")

    def serve(
        base: Annotated[Path | None, typer.Argument(metavar="BASE", help=base_text)] = None,
        roster: Annotated[Path | None, value("--roster", "FILE", roster_text)] = None,
        host: Annotated[str, value("--host", "ADDRESS", host_text)] = "127.0.0.1",
        port: Annotated[int, value("--port", "N", port_text)] = 8080,
        token: Annotated[str | None, value("--token", "WORD", token_text)] = None,
        store: Annotated[Path | None, value("--store", "DIR", store_text)] = None,
        work_limit: Annotated[
            float | None,
            value(
                "--work-limit",
                "W",
                _("Stop the plan of a community after so much work of the solver; the same on every machine."),
                callback=above_zero,
            ),
        ] = None,
        no_open: Annotated[bool, flag("--no-open", text=_("Do not open the browser."))] = False,
        lang: Annotated[str, lang_option()] = "",
        help_: Annotated[bool, help_option()] = False,
    ) -> int:
        if not 0 <= port <= _MOST_PORT:
            wrong("--port", port, M_("There is no such port."), M_("a whole number from 0 to {most}", most=_MOST_PORT))
        return _serve(base, roster, host, port, token, store, work_limit, no_open)

    return serve


def _serve(
    file: Path | None,
    roster: Path | None,
    host: str,
    port: int,
    token: str | None,
    store: Path | None,
    work_limit: float | None,
    no_open: bool,
) -> int:
    import re
    import secrets

    from assigner.web.access import is_loopback

    if token is not None and not re.fullmatch(rf"[A-Za-z0-9_-]{{{_LEAST_TOKEN},200}}", token):
        expected = M_("at least {n} letters, digits, _ or -", n=_LEAST_TOKEN)
        wrong("--token", token, M_("This token is too short, or holds other signs."), expected)
    if token is None and not is_loopback(host):
        token = secrets.token_urlsafe(24)
    if roster is not None and file is None:
        wrong("--roster", str(roster), M_("There is no base map that it could belong to."), M_("also BASE"))

    from assigner.boundary.base import example_base, read_base
    from assigner.commands._options import warn
    from assigner.web.server import Settings, listening, serve
    from assigner.web.workers import processes_of_machine

    base = example_base() if file is None else read_base(file, roster)
    warn(base.warnings)
    folder = Path(typer.get_app_dir("assigner")) if store is None else store
    try:
        opened = listening(host, port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = M_("This address cannot be listened on: {reason}.", reason=reason)
        wrong("--port", f"{host}:{port}", what, M_("a port that no other program uses, such as 0"))
    settings = Settings(
        host=host,
        port=port,
        store=folder.absolute(),
        token=token or "",
        open_browser=not no_open,
        processes=processes_of_machine(),
        work_limit=work_limit,
    )
    with opened:
        serve(base, settings, opened, say)
    return 0
