"""Scripts, styles and other bundles, compressed once and served from memory.

Dash sends them uncompressed (9.6 MB of scripts a page); here each is gzipped at level 9 in the background when the room
starts, or when first asked for, and cached by browsers for a year where its URL changes with its content.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import mimetypes
import pkgutil
import threading
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

    def warm(self) -> threading.Thread:
        """Compress everything in the background; requests meanwhile compress what they need themselves."""
        thread = threading.Thread(target=self._warm, name="bundles", daemon=True)
        thread.start()
        return thread

    def _warm(self) -> None:
        for package, paths in list(self._registered.items()):
            for path in list(paths):
                self._suite(package, path)
        for file in sorted(self._assets.rglob("*")):
            self._asset(file.relative_to(self._assets).as_posix())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a bundle, or pass on."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not path.startswith((SUITES, ASSETS)):
            await self._app(scope, receive, send)
            return
        if path.startswith(SUITES):
            package, _, name = path.removeprefix(SUITES).partition("/")
            plain, changes = check_fingerprint(name)  # type: ignore[no-untyped-call]
            bundle = await off_loop(self._suite, package, plain)
        else:
            changes = b"m=" in scope.get("query_string", b"")
            bundle = await off_loop(self._asset, path.removeprefix(ASSETS))
        headers = Headers(scope=scope)
        answer = (
            bundle.response(headers, FOREVER if changes else ASK)
            if bundle
            else answers.refuse(404, "NOT_FOUND", "没有这个文件")
        )
        await answer(scope, receive, send)

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
