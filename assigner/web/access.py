"""Who may speak to the server: this machine only, or whoever has the token; and whose experiments they are.

A page of another site that is open in the same browser must not reach it either: names of the host that are not ours,
and requests that come from elsewhere, are refused. What is sent back forbids the browser to ask anybody else.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from assigner.messages import LANGUAGES, _, language_set

__all__ = ["Access", "is_loopback"]

_DESK = "assigner-desk"
"""Cookie that tells browsers apart."""

_TOKEN = "assigner-token"
"""Cookie that holds the token once it was given."""

_YEAR_SECONDS = 365 * 24 * 3600
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,200}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}")
_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own and reached from nowhere else."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Access:
    """Stands before the application.

    Parameters
    ----------
    app : ASGI application
    token : str
        What must be known; empty if nothing.
    hosts : frozenset of str
        Names by which the server may be called; empty if any.
    """

    def __init__(self, app: _App, token: str = "", hosts: frozenset[str] = frozenset()) -> None:
        self.app, self.token = app, token
        self.hosts = hosts | _LOCAL if hosts else hosts

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not self._is_ours(host) or self._is_foreign(scope, headers, host):
            await _refuse(scope, receive, send, 403)
            return
        cookies = _cookies(headers.get("cookie", ""))
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        if self.token and not hmac.compare_digest(cookies.get(_TOKEN, "").encode(), self.token.encode()):
            given = query.pop("token", "")
            if scope["type"] == "http" and given and hmac.compare_digest(given.encode(), self.token.encode()):
                # Out of the address bar, the history and what is sent on.
                path = scope["path"] + (f"?{urlencode(query)}" if query else "")
                await _redirect(send, path, _cookie(_TOKEN, self.token))
                return
            await _refuse(scope, receive, send, 401)
            return
        desk, new = cookies.get(_DESK, ""), False
        if not _SECRET.fullmatch(desk):
            desk, new = secrets.token_urlsafe(24), True
        scope["assigner.desk"] = desk
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return

        async def sent(message: _Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.encode(), value.encode("latin-1")) for name, value in _policy(host)]
                if new:
                    more.append((b"set-cookie", _cookie(_DESK, desk).encode()))
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        await self.app(scope, receive, sent)

    def _is_ours(self, host: str) -> bool:
        """Whether the name of the host is one of ours: another one means that it was pointed here from outside."""
        if not _HOST.fullmatch(host):
            return False
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return not self.hosts or name in self.hosts

    def _is_foreign(self, scope: _Scope, headers: dict[str, str], host: str) -> bool:
        """Whether a page of another site asks for something to be done."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return False
        origin = headers.get("origin")
        return origin is not None and urlsplit(origin).netloc != host


def _cookies(text: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def _cookie(name: str, value: str) -> str:
    return f"{name}={value}; Path=/; Max-Age={_YEAR_SECONDS}; HttpOnly; SameSite=Lax"


def _policy(host: str) -> tuple[tuple[str, str], ...]:
    """What the browser may do with our pages: ask us, and nobody else."""
    rules = (
        "default-src 'self'",
        # The page's own framework writes scripts and styles into it, and makes functions of text.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        f"connect-src 'self' ws://{host} wss://{host}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return (
        ("content-security-policy", "; ".join(rules)),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
    )


async def _redirect(send: _Send, path: str, cookie: str) -> None:
    headers = [(b"location", path.encode("latin-1")), (b"set-cookie", cookie.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: _Scope, receive: _Receive, send: _Send, status: int) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _refusal(status).encode()})


def _refusal(status: int) -> str:
    """A page that says why, in both languages: nobody is known yet."""
    from assigner.web.markup import rendered

    said = []
    for language in LANGUAGES:
        with language_set(language):
            what = _("This page needs its token.") if status == 401 else _("This page is not given to other sites.")
            mend = (
                _("Open it with the address that was printed when the server was started, or write the token here.")
                if status == 401
                else _("Open it with the address that was printed when the server was started.")
            )
            said.append((language, what, mend, _("Token"), _("Open")))
    return rendered("refused.html.j2", said=said, asks=status == 401)
