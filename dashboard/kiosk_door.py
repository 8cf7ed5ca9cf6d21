"""The way in for a screen that nobody signs in at: a one-use link, one press, and the wall stands."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cases.errors import SignInRefused, StoreUnavailable
from dashboard.access import CSRF_COOKIE, WALL, cookie_name
from dashboard.offloop import off_loop
from dashboard.services import Services

YEARS_10 = 10 * 365 * 86400  # browsers cut it to about 400 days; each visit of the wall does not need it renewed

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><link rel="icon" href="/_favicon.ico">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>大屏 · {title}</title><style>
:root {{ color-scheme: dark; font-family: "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: #0b1220; color: #e8eef8 }}
main {{ max-width: 40rem; padding: 48px; text-align: center; font-size: 24px }}
h1 {{ font-size: 40px; font-weight: 600; margin: 0 0 24px }} p {{ color: #a9b8cf }}
button {{ min-height: 72px; padding: 0 48px; font: inherit; font-size: 28px; font-weight: 600; color: #0b1220;
  background: #5cc8ff; border: 0; cursor: pointer }}
</style></head><body><main><h1>{head}</h1><p>{words}</p>{more}</main></body></html>"""


class KioskDoor:
    """GET shows what will happen (a link that is only looked at is not used up), POST uses the link."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """The link's two routes."""
        return [
            Route("/kiosk/{link}", self._show, methods=["GET"]),
            Route("/kiosk/{link}", self._open, methods=["POST"]),
        ]

    async def _show(self, _request: Request) -> Response:
        button = '<form method="post"><button autofocus>在这块屏上打开</button></form>'
        words = "此链接只能用一次。打开后，这块屏只看大屏，不能操作，直到管理员停用它。"
        return self._page("打开大屏", words, button)

    async def _open(self, request: Request) -> Response:
        try:
            link = request.path_params["link"]
            token = await off_loop(self._services.registry.kiosks.open, link, self._services.clock())
        except SignInRefused:
            return self._page("打不开", "链接已用过、已过期或不存在。请管理员另发一个。", status=410)
        except StoreUnavailable:
            return self._page("暂时打不开", "数据库暂时不可用，请稍后再试。", status=503)
        secure = self._services.secure_cookies
        answer = RedirectResponse(WALL, 303, {"Cache-Control": "no-store"})
        kept = {"path": "/", "secure": secure, "samesite": "strict", "max_age": YEARS_10}
        answer.set_cookie(cookie_name(secure), token, httponly=True, **kept)  # type: ignore[arg-type]
        answer.delete_cookie(CSRF_COOKIE, path="/")  # nothing that this screen may do needs one
        return answer

    def _page(self, head: str, words: str, more: str = "", status: int = 200) -> Response:
        title = html.escape(self._services.title)
        return HTMLResponse(
            PAGE.format(title=title, head=head, words=words, more=more), status, {"Cache-Control": "no-store"}
        )
