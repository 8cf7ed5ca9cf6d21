"""The web process put together: Dash's pages, our REST, health and `/live` on one port behind one guard."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn
from dash import Dash
from dash.backends._fastapi import FastAPIDashServer, reset_current_request, set_current_request
from dash.development.base_component import Component
from fastapi import FastAPI
from plotly.utils import PlotlyJSONEncoder
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from dashboard import api, bundle, pages, panels
from dashboard.access import CSRF_COOKIE, CSRF_HEADER, Guard, Sessions
from dashboard.api.description import DescribedServer
from dashboard.bodies import BodyLimit
from dashboard.callbacks import CallbackDoor, CallbackWords
from dashboard.compress import Bundles
from dashboard.headers import Outermost
from dashboard.kiosk_door import KioskDoor
from dashboard.letters_door import LettersDoor
from dashboard.link import LiveLink
from dashboard.live import Hub
from dashboard.looks import looks_of
from dashboard.minutes_door import MinutesDoor
from dashboard.offloop import off_loop
from dashboard.open311.door import GeoReportDoor
from dashboard.paper.door import PaperDoor
from dashboard.public.door import CitizenDoor
from dashboard.reports.door import ReportDoor
from dashboard.seats import SeatKeeper
from dashboard.services import Services
from dashboard.signin import SignIn
from dashboard.wire import LiveProtocol

ROOT = Path(__file__).resolve().parent.parent
MOST_FRAME = 64 << 10

_ROOT = '<html lang="zh-CN">'
_INDEX = (
    f"<!DOCTYPE html>\n{_ROOT}"
    + """<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body></html>"""
)

CONFIG = "<!-- config -->"
_CONFIG = re.compile(r'<script id="_dash-config".*?</script>', re.DOTALL)


class RoomBackend(FastAPIDashServer):
    """Dash's FastAPI backend without what we do not offer: its own socket, its catch-all page, API docs by default."""

    websocket_capability = False

    @staticmethod
    def create_app(name: str = "__main__", config: dict[str, Any] | None = None) -> FastAPI:
        """The server, with its OpenAPI where protocol.md says and no documentation pages."""
        return DescribedServer(
            title="综治中心实时指挥调度平台", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
        )

    def setup_backend(self, dash_app: Dash) -> None:
        """Dash's middleware, with our answers to what fails."""
        self.server.add_middleware(
            CallbackWords,
            dash_app=dash_app,
            dash_server=self,
            before_request_funcs=self._before_request_funcs,
            after_request_func=self._after_request_func,
        )

    def setup_index(self, dash_app: Dash) -> None:
        """Pages are added one by one, by `create_app`."""

    def _setup_catchall(self) -> None:
        """An unknown address is 404, not a page."""


class Room:
    """One web process's application and its parts, for those who test or measure them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        sessions = Sessions(services)
        self.hub = Hub(services, sessions, panels.PANELS)
        self.dash = self._dash()
        self.server: FastAPI = self.dash.server
        sign_in = SignIn(services, sessions)
        self._add_routes(sign_in)
        self.dash._setup_server()  # type: ignore[no-untyped-call]  # registers the libraries' files; nothing may be added after this
        self.bundles = Bundles(self.server, self.dash.registered_paths, ROOT / "assets")
        self.packs = bundle.Packs(self.bundles)
        self._plain = self._plain_index()
        door = CallbackDoor(self.bundles, self.dash.callback_map)
        guard = Guard(BodyLimit(door), services, sessions)
        self.asgi: ASGIApp = Outermost(guard, self.dash.csp_hashes(), services.base_map.origin)

    def _dash(self) -> Dash:
        dash = Dash(
            "dashboard",
            backend=RoomBackend,
            assets_folder=str(ROOT / "assets"),
            pages_folder="",
            use_pages=False,
            index_string=_INDEX,
            title=self.services.title,
            update_title="",
            add_log_handler=False,
            csrf_token_name=CSRF_COOKIE,
            csrf_header_name=CSRF_HEADER,
            enable_mcp=False,
        )
        dash.layout = pages.shell()
        pages.register(dash, self.services)
        return dash

    def _add_routes(self, sign_in: SignIn) -> None:
        router = self.server.router
        router.routes.extend(sign_in.routes())
        router.routes.extend(KioskDoor(self.services).routes())
        router.routes.extend(CitizenDoor(self.services).routes())
        router.routes.extend(GeoReportDoor(self.services).routes())
        router.routes.extend(PaperDoor(self.services).routes())
        router.routes.extend(ReportDoor(self.services).routes())
        router.routes.extend(MinutesDoor(self.services).routes())
        router.routes.extend(LettersDoor(self.services).routes())
        router.routes.extend(self._page(page) for page in pages.PAGES)
        router.routes.append(
            WebSocketRoute("/live", LiveLink(self.hub, self.services.screens_per_account, SeatKeeper(self.services)))
        )
        api.add(self.server, self.services, self.hub, sign_in)
        router.lifespan_context = self._lifespan

    def _page(self, page: ModuleType) -> Route:
        """The route of one page: its layout and its scripts in one answer, so that nothing is asked for twice."""

        async def show(request: Request) -> Response:
            layout = await pages.page_at(request.url.path, request.url.query, self.services)
            index = await off_loop(self._index, page, pages.shell(layout))
            looks = looks_of(request.url.query, request.cookies, self.services.sight, getattr(page, "THEME", ""))
            return HTMLResponse(index.replace(_ROOT, f"{_ROOT[:-1]} {looks.attributes()}>", 1))

        return Route(re.sub(r"<(\w+)>", r"{\1}", page.PATH), show, methods=["GET"], name=page.PATH)

    def _index(self, page: ModuleType, layout: Component) -> str:
        """A page's HTML. Blocking."""
        late: tuple[str, ...] = getattr(page, "LATE", ())
        plain = bundle.taken_out(self._plain, page.LIBRARIES, late)
        parts = bundle.halves(plain.scripts, late)
        name = page.__name__.rpartition(".")[2]
        index = bundle.dressed(
            plain.bare,
            self.packs.styles(f"{name}.css", plain.styles),
            self.packs.scripts(f"{name}-first.js", parts.first),
            self.packs.scripts(f"{name}-rest.js", parts.rest),
            {"/_dash-layout": _json(layout), "/_dash-dependencies": _json(self.dash._callback_list)},
            has_picture=hasattr(page, "LATE"),
        )
        return index.replace(CONFIG, self.dash._generate_config_html(), 1)  # signed anew for every load

    def _plain_index(self) -> str:
        """Dash's index with a mark where each load's own config goes; making it looks at every file."""
        token = set_current_request(Request({"type": "http", "method": "GET", "path": "/", "headers": []}))  # type: ignore[no-untyped-call]
        try:
            index: str = self.dash.index()  # type: ignore[no-untyped-call]
        finally:
            reset_current_request(token)  # type: ignore[no-untyped-call]
        return _CONFIG.sub(CONFIG, index, count=1)

    def _warm(self) -> None:
        """Make the files of every page before somebody waits for them."""
        for page in pages.PAGES:
            self._index(page, pages.shell())

    @contextlib.asynccontextmanager
    async def _lifespan(self, _server: object) -> AsyncIterator[None]:
        """The hub lives as long as the server does."""
        threading.Thread(target=self._warm, name="bundles", daemon=True).start()
        running = asyncio.create_task(self.hub.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


def _json(value: object) -> str:
    """As Dash would answer it, in plain letters."""
    return json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def create_app(services: Services) -> ASGIApp:
    """The web process as one ASGI application."""
    return Room(services).asgi


async def serve(
    app: ASGIApp, host: str, port: int, stop: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve until `stop` is set; open links are told to go (1012) and get five seconds."""
    config = uvicorn.Config(
        app,
        host,
        port,
        ws=LiveProtocol,
        ws_max_size=MOST_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        h11_max_incomplete_event_size=32 << 10,
        limit_concurrency=4096,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        lifespan="on",
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    if ready is not None:
        while not server.started and not serving.done():
            await asyncio.sleep(0.02)
        await ready()
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    server.leaving.set()
    stopping.cancel()
    await serving


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the role that runs it owns the signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        """Leave signals alone."""
        yield

    async def main_loop(self) -> None:
        """Once a second is enough for the Date header; uvicorn's own loop would wake ten times."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.leaving.wait()
