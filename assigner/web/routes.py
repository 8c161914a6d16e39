"""Addresses of the server: the page itself, and plain forms and files around it that need no script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assigner.errors import InputError
from assigner.messages import LANGUAGES, _, language_set
from assigner.web.store import LONGEST_NAME, owner_of

if TYPE_CHECKING:
    from assigner.web.live import Live, Workshop

__all__ = ["add_pages", "add_routes"]

_QUASAR = {"zh-TW": "zh-TW", "en": "en-US"}
"""Language -> what the page's framework calls it; the attribute ``lang`` of the page too."""

_PAGES = {"suggestions": "suggest", "split": "split"}
"""Page of what a search found -> kind of the search."""

_MOST_UPLOADED = 30_000_000
"""A base map of the whole country has less than a tenth of it."""


def _owner(request: Request) -> str:
    return owner_of(request.scope["assigner.desk"])


def _elsewhere(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)


def _name(value: object) -> str:
    """A name as it is kept: one line, not too long."""
    from assigner.report.cells import one_line

    return one_line(str(value or ""))[:LONGEST_NAME]


async def _sent(file: object) -> tuple[str, bytes] | None:
    """Name and content of a file of a form; None where none was chosen."""
    from starlette.datastructures import UploadFile

    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return file.filename, await file.read(_MOST_UPLOADED + 1)


def add_pages(workshop: Workshop) -> None:
    """Add the live page, once for each language."""
    from nicegui import ui

    for language in LANGUAGES:
        _serve(ui, workshop, language)


def _serve(ui: Any, workshop: Workshop, language: str) -> None:
    from nicegui import Client

    @ui.page(f"/{language}/e/{{number}}", language=_QUASAR[language])
    def page(request: Request, number: int) -> Response | None:
        from assigner.web.page import Page

        client: Client = ui.context.client
        with language_set(language):
            try:
                live = workshop.live(_owner(request), number)
            except InputError as error:
                return _told(_("The base map of this experiment cannot be read any more."), str(error), f"/{language}")
            if live is None:
                return _elsewhere(f"/{language}")
        notices = workshop.notices.pop(number, ())
        with language_set(language):
            notice = "\n".join(_("Note: {warning}", warning=problem) for problem in notices)
        Page(live, language, client, notice)
        return None


def add_routes(app: FastAPI, workshop: Workshop, language: str) -> None:
    """Add what is plain HTTP; `language` is that of the server."""

    @app.get("/")
    def root() -> Response:
        return _elsewhere(f"/{language}")

    for spoken in LANGUAGES:
        _add_language(app, workshop, spoken)


def _add_language(app: FastAPI, workshop: Workshop, language: str) -> None:
    path = f"/{language}"

    def live_of(request: Request, number: int) -> Live | None:
        return workshop.live(_owner(request), number)

    @app.get(path)
    def latest(request: Request) -> Response:
        owner = _owner(request)
        kept = [one for one in workshop.kept(owner) if workshop.table(one.base) is not None]
        mine = [one for one in kept if one.base == workshop.main.key]
        if mine:
            return _elsewhere(f"{path}/e/{mine[0].id}")
        with language_set(language):
            number = workshop.begin(owner, workshop.main, _("Experiment {n}", n=len(kept) + 1))
        return _elsewhere(f"{path}/e/{number}")

    @app.post(f"{path}/new")
    async def new(request: Request) -> Response:
        form = await request.form()
        owner = _owner(request)
        beside = str(form.get("beside", ""))
        live = workshop.live(owner, int(beside)) if beside.isdecimal() else None
        table = workshop.main if live is None else live.table
        with language_set(language):
            name = _name(form.get("name")) or _("Experiment {n}", n=len(workshop.kept(owner)) + 1)
        return _elsewhere(f"{path}/e/{workshop.begin(owner, table, name)}")

    @app.post(f"{path}/e/{{number}}/copy")
    async def copy(request: Request, number: int) -> Response:
        live = live_of(request, number)
        if live is None:
            return _elsewhere(path)
        with language_set(language):
            name = _name(_("{name} (copy)", name=live.experiment.name))
        return _elsewhere(f"{path}/e/{workshop.begin(live.owner, live.table, name, live.experiment)}")

    @app.post(f"{path}/e/{{number}}/rename")
    async def rename(request: Request, number: int) -> Response:
        from dataclasses import replace

        live, name = live_of(request, number), _name((await request.form()).get("name"))
        if live is not None and name:
            before = live.experiment
            after = replace(before, name=name)
            after.__dict__["map"] = before.map  # the same flips
            live.make(lambda _experiment: after)
        return _elsewhere(f"{path}/e/{number}")

    @app.post(f"{path}/e/{{number}}/delete")
    async def delete(request: Request, number: int) -> Response:
        live = live_of(request, number)
        if live is not None:
            live.close()
            workshop.errands.forget(live)
            workshop.lives.pop(number, None)
            await asyncio.to_thread(workshop.store.delete, live.owner, number)
        return _elsewhere(path)

    @app.post(f"{path}/e/{{number}}/read")
    async def read(request: Request, number: int) -> Response:
        live = live_of(request, number)
        form = await request.form()
        file, roster = await _sent(form.get("file")), await _sent(form.get("roster"))
        if live is None or file is None:
            return _elsewhere(path)
        with language_set(language):
            from assigner.web.files import taken_in

            try:
                found = await asyncio.to_thread(taken_in, workshop, live, file, roster, _MOST_UPLOADED)
            except InputError as error:
                return _told(_("This file cannot be read"), str(error), f"{path}/e/{number}")
        return _elsewhere(f"{path}/e/{found}")

    def download(name: str, make: Callable[[Live], tuple[str, bytes, str]]) -> None:
        @app.get(f"{path}/e/{{number}}/{name}")
        async def given(request: Request, number: int) -> Response:
            live = live_of(request, number)
            if live is None:
                return _elsewhere(path)
            with language_set(language):
                file, content, kind = await asyncio.to_thread(make, live)
            headers = {
                "content-disposition": f"attachment; filename*=UTF-8''{quote(file)}",
                "cache-control": "no-store",
            }
            return Response(content, media_type=kind, headers=headers)

    from assigner.web import files

    download("experiment.yaml", files.experiment_file)
    download("base.yaml", files.base_file)
    download("maps.zip", files.maps_file)
    download("effects.zip", files.effects_file)

    @app.get(f"{path}/e/{{number}}/plan/{{community}}")
    async def plan(request: Request, number: int, community: str) -> Response:
        live = live_of(request, number)
        if live is None or community not in live.experiment.map.names:
            return _elsewhere(path)
        own = live.experiment.map
        state = live.table.plans.known(own, community)
        if state is None or state.result is None:
            return _elsewhere(f"{path}/e/{number}")
        with language_set(language):
            from assigner.report.page import page_text

            text = await asyncio.to_thread(page_text, state.result)
        return HTMLResponse(text)

    @app.get(f"{path}/e/{{number}}/{{kind}}")
    async def found(request: Request, number: int, kind: str) -> Response:
        """What a search found, as a page of its own."""
        live = live_of(request, number)
        errand = None if live is None else workshop.errands.of(live, _PAGES.get(kind, ""))
        if errand is None or errand.state != "done" or not errand.answer.said[language].page:
            return _elsewhere(path if live is None else f"{path}/e/{number}")
        return HTMLResponse(errand.answer.said[language].page)

    @app.get(f"{path}/compare/{{one}}/{{other}}")
    async def compare(request: Request, one: int, other: int) -> Response:
        both = live_of(request, one), live_of(request, other)
        if both[0] is None or both[1] is None:
            return _elsewhere(path)
        from assigner.web.comparing import comparison_page

        with language_set(language):
            return HTMLResponse(await comparison_page(both[0], both[1]))


def _told(title: str, text: str, back: str, status: int = 422) -> HTMLResponse:
    """A page that says what is wrong, and leads back."""
    from assigner.web.markup import rendered, style_sheet

    content = rendered("told.html.j2", title=title, text=text, back=back, back_words=_("Back"), style=style_sheet())
    return HTMLResponse(content, status_code=status)
