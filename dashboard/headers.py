"""Headers every answer carries: what a page may load, who may frame it, and that personal data is not stored."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import answers

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=(), usb=()",
}


def policy(script_hashes: Sequence[str], images: str = "") -> str:
    """The Content-Security-Policy: own files and the renderer's one inline script, nothing from elsewhere.

    `images` is the origin of a ground map's tiles, where a room has set one.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob: {images}".rstrip(),
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


FRAMED = {"/": b"at=", "/charts": b"scene="}
"""Pages that our own pages show in frames, when they are asked so: a past wall and a scene of charts. Neither acts."""


def _is_framed(scope: Scope) -> bool:
    """Whether this is a page that one of our own may frame."""
    mark = FRAMED.get(scope["path"])
    return mark is not None and any(part.startswith(mark) for part in scope["query_string"].split(b"&"))


def _let_ourselves_frame(headers: MutableHeaders) -> None:
    headers["X-Frame-Options"] = "SAMEORIGIN"
    allowed = headers["Content-Security-Policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    headers["Content-Security-Policy"] = allowed


class Outermost:
    """The last line of the process: sets the headers, and turns what nobody caught into a reference."""

    def __init__(self, app: ASGIApp, script_hashes: Sequence[str], images: str = "") -> None:
        self._app, self._policy = app, policy(script_hashes, images)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; no trace ever leaves."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._dress(MutableHeaders(scope=message))
                if _is_framed(scope):
                    _let_ourselves_frame(MutableHeaders(scope=message))
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception as problem:
            if not started:
                await answers.broken(problem, scope["path"])(scope, receive, dressed)

    def _dress(self, headers: MutableHeaders) -> None:
        for name, value in FIXED.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", self._policy)  # a page outside Dash has a stricter one
        headers.setdefault("Cache-Control", "no-store")
