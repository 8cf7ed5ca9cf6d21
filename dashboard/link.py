"""The `/live` route: one WebSocket conversation with one screen (protocol.md §2)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from starlette.types import Receive, Scope, Send

from dashboard import answers, shapes, watch
from dashboard.live import Hub
from dashboard.screens import Screen
from dashboard.seats import SeatKeeper
from dashboard.session import visit
from dashboard.watch import BadFrame
from dashboard.wire import EXTENSION

CLOSE_S = 2.0


class LiveLink:
    """An ASGI endpoint behind the access guard, which has already found out who calls."""

    def __init__(self, hub: Hub, most_screens: int, seats: SeatKeeper) -> None:
        self._hub, self._most, self._seats = hub, most_screens, seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept, talk until either side hangs up, forget the screen."""
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        account = visit().account
        screen = Screen(account, scope["state"]["token"], scope["extensions"][EXTENSION])
        if self._hub.screens_of(account.name) >= self._most:
            msg = f"同一账号最多打开 {self._most} 个大屏连接"
            await send({"type": "websocket.send", "text": _error(BadFrame("TOO_MANY_SCREENS", msg))})
            await send({"type": "websocket.close", "code": 4429, "reason": msg})
            return
        self._hub.join(screen)
        try:
            await self._talk(screen, receive, send)
        finally:
            self._hub.leave(screen)
            screen.wire.abandon()

    async def _talk(self, screen: Screen, receive: Receive, send: Send) -> None:
        """Listen and send at once; whichever ends first ends the other."""
        hearing = asyncio.create_task(self._hear(screen, receive))
        pumping = screen.pumping = asyncio.create_task(screen.pump())
        await asyncio.wait({hearing, pumping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (hearing, pumping):
            task.cancel()
        for outcome in await asyncio.gather(hearing, pumping, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                raise outcome
        if screen.cut:
            await _hang_up(send, *screen.cut)

    async def _hear(self, screen: Screen, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                self._follow(screen, message)
            except BadFrame as problem:
                screen.answer(_error(problem))
                if screen.spoils(time.monotonic()):
                    screen.close(4429, "错误消息过多")

    def _follow(self, screen: Screen, message: Any) -> None:
        wish = watch.read(message.get("text"))
        if wish is None:
            return
        if isinstance(wish, watch.Active):
            self._seats.note(screen.account)
            return
        if isinstance(wish, watch.Look):
            self._hub.look(screen, wish.case)
            return
        if not self._hub.may_watch(screen.account, wish.scope):
            screen.answer(_error(BadFrame("FORBIDDEN_AREA", "该网格不存在或不在您的辖区内", "scope")))
            screen.close(4403, "该网格不存在或不在您的辖区内")
            return
        self._hub.watch(screen, wish)


async def _hang_up(send: Send, code: int, reason: str) -> None:
    """Close in words, as far as a stuck or lost link still hears them."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_S):
            await send({"type": "websocket.close", "code": code, "reason": reason})


def _error(problem: BadFrame) -> str:
    return shapes.encode({"type": "error", **answers.body(problem.code, problem.msg, problem.field)})
