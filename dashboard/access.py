"""The guard before everything: nothing answers without a session, on any route, callback or socket.

Deny by default: a path is open because it stands in OPEN below, not because somebody forgot it.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cases.errors import StoreUnavailable
from cases.model import Account, Role
from cases.ports import Directory
from dashboard import answers
from dashboard.offloop import off_loop
from dashboard.rights import scope_of
from dashboard.services import Services
from dashboard.session import CURRENT, Visit

CSRF_COOKIE = "_csrf_token"  # the names the Dash renderer knows
CSRF_HEADER = "X-CSRFToken"
SAFE = frozenset({"GET", "HEAD"})
OPEN = frozenset({"/login", "/healthz", "/metrics", "/api/v1/session", "/api/v1/reports", "/_favicon.ico"})
OPEN_UNDER = ("/welcome/", "/c/", "/kiosk/", "/open311/v2/")
MACHINE = ("/api/", "/_dash", "/_reload", "/map/", "/assets/", "/live")  # answered in JSON, never by a page
WALL = "/wall"
CALLBACKS = "/_dash-update-component"
CHARTS = "/charts"  # a scene of the wall
FOR_KIOSKS = frozenset({WALL, CHARTS, "/live", "/_favicon.ico"})  # all that a screen without a person may ask for
FOR_KIOSKS_UNDER = ("/assets/", "/_dash-component-suites/", "/map/", "/packs/")
FOR_DEVICES = frozenset({"/api/v1/uploads", "/api/v1/cap"})  # to post here a device's key is as good as a session
SOCKETS = frozenset({"/live"})
REMEMBERED_S = 2.0  # a session looked up this recently is not looked up again


def cookie_name(secure: bool) -> str:
    """`__Host-` binds the cookie to this host and HTTPS; plain HTTP cannot carry that prefix."""
    return "__Host-room" if secure else "room"


def csrf_token(session: str) -> str:
    """The token a page must send along with unsafe requests: bound to the session, worthless without it."""
    return hmac.new(session.encode(), b"room csrf", hashlib.sha256).hexdigest()


class Sessions:
    """Accounts by session token, looked up off the loop and remembered for two seconds."""

    def __init__(self, services: Services, most: int = 4096) -> None:
        self._services, self._most = services, most
        self._known: OrderedDict[str, tuple[float, Account]] = OrderedDict()

    async def account(self, token: str) -> Account | None:
        """Who holds a live session; StoreUnavailable when that cannot be known."""
        known = self._known.get(token)
        if known and known[0] > time.monotonic():
            return known[1]
        return (await self.afresh([token])).get(token)

    async def afresh(self, tokens: Iterable[str]) -> Mapping[str, Account]:
        """Who holds those of the sessions that live, looked up now and at once; StoreUnavailable like `account`."""
        asked = [token for token in tokens if 16 <= len(token) <= 256]
        for token in asked:
            self._known.pop(token, None)
        found = await off_loop(self._look_up, asked) if asked else {}
        for token, account in found.items():
            self._known[token] = (time.monotonic() + REMEMBERED_S, account)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return found

    def _look_up(self, tokens: Sequence[str]) -> dict[str, Account]:
        """People's sessions and kiosks' cookies alike. Blocking."""
        people = self._services.accounts.sessions(tokens, self._services.clock())
        return {**people, **self._services.registry.kiosks.screens(tokens)}

    def forget(self, token: str) -> None:
        """Drop a session that was just ended."""
        self._known.pop(token, None)


class Guard:
    """A pure ASGI application around the whole server, for http and websocket scopes alike."""

    def __init__(self, app: ASGIApp, services: Services, sessions: Sessions) -> None:
        self._app, self._services, self._sessions = app, services, sessions
        self._cookie = cookie_name(services.secure_cookies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through who may pass, with the visit set; refuse the others."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    # http ---------------------------------------------------------------------------------------------------

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        if is_open(path):
            refusal = self._foreign(headers) if scope["method"] not in SAFE else None
            await (refusal or self._app)(scope, receive, send)
            return
        token, by_cookie = self._token(headers)
        try:
            if await self._is_device(path, scope["method"], token):
                await self._app(scope, receive, send)
                return
            account = await self._sessions.account(token)
        except StoreUnavailable:
            await answers.store_down()(scope, receive, send)
            return
        if account is None:
            await anonymous(path, scope["method"])(scope, receive, send)
            return
        if account.role is Role.KIOSK and not is_for_kiosks(path, scope["method"]):
            nothing = path == CALLBACKS  # what Dash asks by itself when a page begins: nothing is done, nothing changes
            refusal = Response(status_code=204) if nothing else answers.refuse(403, "FORBIDDEN", "此屏只能看大屏")
            await refusal(scope, receive, send)
            return
        if by_cookie and scope["method"] not in SAFE:
            refusal = self._foreign(headers) or self._forged(headers, token)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._pass(account, token, scope, receive, send)

    async def _is_device(self, path: str, method: str, token: str) -> bool:
        """Whether a device's key opens this; what asks in its name has no visit and must not ask for one."""
        asks = path in FOR_DEVICES and method not in SAFE and "." in token
        return asks and await off_loop(is_device_key, self._services.directory, token)

    async def _pass(self, account: Account, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["token"] = token
        current = CURRENT.set(Visit(account, scope_of(account)))
        try:
            await self._app(scope, receive, send)
        finally:
            CURRENT.reset(current)

    def _token(self, headers: Headers) -> tuple[str, bool]:
        """The session token and whether a cookie carried it; a bearer token wins and needs no CSRF token."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme:
            return (bearer.strip() if scheme.lower() == "bearer" else ""), False
        return read_cookie(headers, self._cookie), True

    def _foreign(self, headers: Headers) -> Response | None:
        """Refuse another site's page: an Origin not ours, or the browser's own word for it."""
        origin = headers.get("origin")
        strange = origin is not None and not self._is_ours(origin, headers)
        if strange or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return answers.refuse(403, "FOREIGN_ORIGIN", "请求来自其他网站，已拒绝")
        return None

    def _is_ours(self, origin: str, headers: Headers) -> bool:
        if origin in self._services.origins:
            return True
        return urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc == headers.get("host", "")

    def _forged(self, headers: Headers, token: str) -> Response | None:
        given = headers.get(CSRF_HEADER, "")
        if hmac.compare_digest(given.encode(), csrf_token(token).encode()):
            return None
        return answers.refuse(403, "CSRF", "页面已过期，请刷新后再试")

    # websocket ----------------------------------------------------------------------------------------------

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """4401 for whoever is not signed in, 4403 for sockets that are not ours to offer (Dash's own)."""
        headers = Headers(scope=scope)
        token, by_cookie = self._token(headers)
        origin = headers.get("origin")
        trusted = self._is_ours(origin, headers) if origin is not None else not by_cookie
        try:
            account = await self._sessions.account(token) if trusted else None
        except StoreUnavailable:
            await hang_up(receive, send, 1013, "数据库暂时不可用，请稍后再连")
            return
        if account is None:
            await hang_up(receive, send, 4401, "请先登录")
        elif scope["path"] not in SOCKETS:
            await hang_up(receive, send, 4403, "没有这个连接")
        else:
            await self._pass(account, token, scope, receive, send)


def is_device_key(directory: Directory, key: str) -> bool:
    """Whether `<device>.<random>` is the key of an enabled device. Blocking; in the same time for every cause."""
    name = key.rpartition(".")[0]
    device, known = directory.device_and_key(name) or (None, "0" * 64)
    right = hmac.compare_digest(hashlib.sha256(key.encode()).hexdigest(), known)
    return right and device is not None and not device.disabled


def is_open(path: str) -> bool:
    """Whether a path answers without a session."""
    return path in OPEN or path.startswith(OPEN_UNDER)


def is_for_kiosks(path: str, method: str) -> bool:
    """Whether a screen that nobody signs in at may ask for this: its page, what the page is made of, no other."""
    return method in SAFE and (path in FOR_KIOSKS or path.startswith(FOR_KIOSKS_UNDER))


def anonymous(path: str, method: str) -> Response:
    """What a stranger gets: the login page for pages, words in JSON for machines."""
    if path == WALL and method in SAFE:
        return answers.closed_screen()
    if method in SAFE and not path.startswith(MACHINE):
        return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    return answers.refuse(401, "SIGN_IN", "请先登录")


def read_cookie(headers: Mapping[str, str], name: str) -> str:
    """One cookie's value; empty when absent or unreadable."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


async def hang_up(receive: Receive, send: Send, code: int, reason: str) -> None:
    """Accept and close with our code: a close before the accept would reach the client as a bare 403."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})
