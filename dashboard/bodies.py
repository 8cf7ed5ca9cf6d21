"""Request bodies are read once, whole and within a limit, before anything behind looks at them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import answers

MOST = 1 << 20
MOST_UPLOAD = 10 << 20
MOST_LOGIN = 16 << 10
MOST_DRAINED = 32 << 20
DRAIN_S = 5.0
READ_S = 30.0  # a body that trickles longer than this is refused
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # what may be half of a character, where it stands alone
BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})


class TooLarge(Exception):
    """A body over its limit."""


class BodyLimit:
    """413 over the limit, 408 for a trickle, 422 for halves of characters; what passes is replayed as one message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body of an unsafe request before handing it on."""
        if scope["type"] != "http" or scope["method"] in BODILESS:
            await self._app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        try:
            async with asyncio.timeout(READ_S):
                body = await read(receive, limit, Headers(scope=scope))
        except TooLarge:
            await drain(receive)
            await answers.refuse(413, "TOO_LARGE", f"内容超过 {_size(limit)}")(scope, receive, send)
        except TimeoutError:
            await answers.refuse(408, "TOO_SLOW", "发送内容用时过长")(scope, receive, send)
        except ConnectionError:
            return
        else:
            if has_half_characters(body):
                refusal = answers.refuse(422, "BAD_TEXT", "文字含不完整的字符（单独的代理项）")
                await refusal(scope, receive, send)
            else:
                await self._app(scope, replay(body, receive), send)


def has_half_characters(body: bytes) -> bool:
    """Whether this is JSON with a surrogate that stands alone: no database and no answer can write it."""
    if not _HALF.search(body):
        return False
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False  # no JSON: whoever reads it says so
    return False


def limit_of(path: str) -> int:
    """Bytes a request to this path may bring."""
    if path in ("/api/v1/uploads", "/api/v1/registers/files"):
        return MOST_UPLOAD + (64 << 10)  # the multipart wrapping
    if path in ("/login", "/api/v1/session") or path.startswith(("/welcome/", "/c/")):
        return MOST_LOGIN
    return MOST


async def read(receive: Receive, limit: int, headers: Headers) -> bytes:
    """The whole body; TooLarge as soon as it is known, ConnectionError when the client went away."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise TooLarge
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


async def drain(receive: Receive) -> None:
    """Throw away, within bounds, what is still coming: a client cut off while it sends never reads its 413."""
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while more and size < MOST_DRAINED:
                message = await receive()
                size += len(message.get("body", b""))
                more = message.get("more_body", False)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once and then whatever really comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
