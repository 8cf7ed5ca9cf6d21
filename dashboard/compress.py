"""Scripts, styles and other bundles, compressed once and served from memory.

Dash sends them uncompressed (9.6 MB of scripts a page); here each is gzipped at level 9 when first asked for, and
cached by browsers for a year where its URL changes with its content. What every page sends is packed at the start.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import mimetypes
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dash.fingerprint import check_fingerprint
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import answers
from dashboard.offloop import off_loop

log = logging.getLogger("room.web")

SUITES, ASSETS = "/_dash-component-suites/", "/assets/"
FOREVER = "private, max-age=31536000, immutable"
ASK = "private, no-cache"
WORTH = 512  # smaller files are sent as they are
TEXTS = (".js", ".css", ".json", ".map", ".svg", ".html")


@dataclass(frozen=True, slots=True)
class Bundle:
    """One file as it is sent: plain, compressed (empty when not worth it), and its tag."""

    body: bytes
    gzip: bytes
    etag: str
    media: str

    @classmethod
    def of(cls, body: bytes, name: str) -> Bundle:
        """Compress a file's content by its name's kind."""
        media = mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = gzip.compress(body, 9, mtime=0) if name.endswith(TEXTS) and len(body) >= WORTH else b""
        return cls(body, packed, f'"{hashlib.sha256(body).hexdigest()[:32]}"', media)

    def response(self, headers: Headers, cache: str) -> Response:
        """The answer to one request: 304, compressed or plain."""
        more = {"ETag": self.etag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
        if headers.get("if-none-match") == self.etag:
            return Response(status_code=304, headers=more)
        if self.gzip and "gzip" in headers.get("accept-encoding", ""):
            return Response(self.gzip, headers=more | {"Content-Encoding": "gzip"}, media_type=self.media)
        return Response(self.body, headers=more, media_type=self.media)


class Bundles:
    """An ASGI layer that answers for the component suites and the assets; the rest passes."""

    def __init__(self, app: ASGIApp, registered: Mapping[str, Iterable[str]], assets: Path) -> None:
        self._app, self._registered, self._assets = app, registered, assets
        self._kept: dict[tuple[str, float], Bundle] = {}
        self._packed: dict[str, Bundle] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a bundle, or pass on."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not path.startswith((SUITES, ASSETS)):
            await self._app(scope, receive, send)
            return
        bundle = self._packed.get(path) or await off_loop(self.at, path)
        answer = (
            bundle.response(Headers(scope=scope), FOREVER if _is_named_by_content(scope) else ASK)
            if bundle
            else answers.refuse(404, "NOT_FOUND", "没有这个文件")
        )
        await answer(scope, receive, send)

    def at(self, address: str) -> Bundle | None:
        """The file of an address, its query ignored; None when there is none. Blocking."""
        path = address.partition("?")[0]
        if path.startswith(ASSETS):
            return self._asset(path.removeprefix(ASSETS))
        package, _, name = path.removeprefix(SUITES).partition("/")
        return self._suite(package, check_fingerprint(name)[0])  # type: ignore[no-untyped-call]

    def version(self, address: str) -> str:
        """What an asset's content is known by, "" for what never changes while the process lives."""
        path = address.partition("?")[0]
        if not path.startswith(ASSETS):
            return ""
        file = self._assets / path.removeprefix(ASSETS)
        return str(file.stat().st_mtime_ns) if file.is_file() else ""

    def put(self, name: str, body: bytes) -> str:
        """Keep a file made here; the address it is served at. Blocking: it is compressed."""
        bundle = Bundle.of(body, name)
        path = f"{ASSETS}packed/{name}"
        self._packed[path] = bundle
        return f"{path}?m={bundle.etag.strip(chr(34))}"

    def _suite(self, package: str, path: str) -> Bundle | None:
        """A file of a component library, only what the library itself registered."""
        if path not in self._registered.get(package, ()):
            return None
        return self._keep(f"{package}/{path}", 0.0, lambda: pkgutil.get_data(package, path))

    def _asset(self, path: str) -> Bundle | None:
        """A file of the assets folder; never one outside it."""
        file = (self._assets / path).resolve()
        if not file.is_relative_to(self._assets) or not file.is_file():
            return None
        return self._keep(path, file.stat().st_mtime, file.read_bytes)

    def _keep(self, name: str, version: float, read: Callable[[], bytes | None]) -> Bundle | None:
        key = (name, version)
        if key not in self._kept:
            try:
                body = read()
            except OSError:
                body = None
            if body is None:
                return None
            self._kept[key] = Bundle.of(body, name)
        return self._kept[key]


def _is_named_by_content(scope: Scope) -> bool:
    path: str = scope["path"]
    if path.startswith(ASSETS):
        return b"m=" in scope.get("query_string", b"")
    return bool(check_fingerprint(path)[1])  # type: ignore[no-untyped-call]
