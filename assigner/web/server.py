"""The server of the page: one base map, several people, this machine only unless it is said otherwise."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assigner.messages import _, current_language

if TYPE_CHECKING:
    from assigner.boundary.values import Base

__all__ = ["Settings", "listening", "serve"]

_ALL_ADDRESSES = ("0.0.0.0", "::")
"""To listen on them is to listen on every address of the machine."""

_STOP_SECONDS = 2
"""Open pages are given so long when the server ends."""


@dataclass(frozen=True)
class Settings:
    """How to serve.

    Parameters
    ----------
    host : str
        Address that is listened on.
    port : int
    store : Path
        Folder in which experiments are kept.
    token : str
        What must be known to be let in; empty if nothing.
    open_browser : bool
    processes : int
        How many communities are solved side by side.
    work_limit : float or None
        Work granted to each community.
    """

    host: str
    port: int
    store: Path
    token: str
    open_browser: bool
    processes: int
    work_limit: float | None = None


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; an address that is taken or not ours raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), port), family=family)


def serve(base: Base, settings: Settings, opened: socket.socket, say: Callable[[str], None]) -> None:
    """Serve until it is stopped.

    Parameters
    ----------
    base : Base
    settings : Settings
    opened : socket.socket
        Listens already (see `listening`).
    say : callable
        Prints a line.

    Raises
    ------
    OSError
        The store cannot be used.
    """
    from assigner.web.store import Store

    store = Store(settings.store)
    # Before the framework is imported: it would keep files of its own in the current folder.
    os.environ["NICEGUI_STORAGE_PATH"] = str(settings.store / "framework")
    import uvicorn
    from fastapi import FastAPI
    from nicegui import app as framework
    from nicegui import ui

    from assigner.web.access import Access, is_loopback
    from assigner.web.live import Workshop
    from assigner.web.routes import add_pages, add_routes
    from assigner.web.workers import Workers

    language = current_language()
    workers = Workers(settings.processes)
    workshop = Workshop(base, store, workers, _print_fault, settings.work_limit)
    warmed = workers.warm(workshop.main.key, workshop.main.plans)
    shown = "localhost" if settings.host in _ALL_ADDRESSES else settings.host
    port = opened.getsockname()[1]
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
    if settings.token:
        address += f"?token={settings.token}"

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_routes(app, workshop, language)
    add_pages(workshop)
    ui.run_with(app, title="assigner", tailwind=False, show_welcome_message=False, reconnect_timeout=10.0)

    async def begin() -> None:
        await asyncio.gather(*(asyncio.wrap_future(future) for future in warmed), return_exceptions=True)
        workshop.prepare()

    tasks = set[asyncio.Task[None]]()

    def started() -> None:
        tasks.add(asyncio.get_running_loop().create_task(begin()))
        say(_("The page: {address}", address=address))
        if settings.host in _ALL_ADDRESSES:
            say(_("Other machines reach it under the name or the address of this one in place of {name}.", name=shown))
        say(_("Experiments are kept in {folder}. Stop with Ctrl+C.", folder=settings.store))
        if settings.open_browser:
            asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)

    framework.on_startup(started)
    framework.on_shutdown(workshop.close)
    framework.on_exception(_print_fault)
    local = is_loopback(settings.host)
    hosts = frozenset((settings.host.strip("[]"),)) if local else frozenset[str]()
    config = uvicorn.Config(
        Access(app, settings.token, hosts),
        log_level="warning",
        timeout_graceful_shutdown=_STOP_SECONDS,
        server_header=False,
        ws_max_size=4_000_000,
    )
    _prepare(base)
    with suppress(KeyboardInterrupt):  # the way to end it
        uvicorn.Server(config).run(sockets=[opened])


def _prepare(base: Base) -> None:
    """Import what a page needs and work the shapes of the map out, before the first one is asked for."""
    import assigner.web.page  # noqa: F401
    from assigner.processes import settle_memory
    from assigner.report.community_map import ground_of

    ground_of(base)
    settle_memory()


def _print_fault(error: Exception) -> None:
    """A fault of the program: for whoever started it, with all that helps to find it; the page goes on."""
    logging.getLogger("assigner").error("fault", exc_info=error)
    sys.stderr.flush()
