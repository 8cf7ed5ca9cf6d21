"""The way in and out: a plain page that needs no script, the first account's one-time link, and signing out."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cases.errors import CaseError, SignInRefused, StoreUnavailable
from dashboard.access import CSRF_COOKIE, Sessions, cookie_name, csrf_token
from dashboard.looks import looks_of, plain_style
from dashboard.offloop import off_loop
from dashboard.services import Services

MOST_NAME, MOST_PASSWORD = 64, 512
HASHING = 2  # password hashes at once: each takes tens of MB and a core

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><link rel="icon" href="/_favicon.ico">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>登录 · {title}</title><style>
{tokens}
:root {{ font-family: "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",sans-serif }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: var(--ground); color: var(--text) }}
form {{ box-sizing: border-box; width: min(426px, calc(100vw - 16px)); background: var(--surface);
  border: 1px solid var(--line); padding: 32px }}
h1 {{ font-size: 24px; font-weight: 600; margin: 0 0 24px }}
label {{ display: block; color: var(--second); font-size: 16px; margin: 0 0 16px }}
input {{ box-sizing: border-box; width: 100%; min-height: 48px; margin-top: 8px; padding: 8px 16px; font: inherit;
  font-size: 18px; color: inherit; background: var(--ground); border: 1px solid var(--edge) }}
button {{ width: 100%; min-height: 48px; font: inherit; font-size: 18px; font-weight: 600; color: var(--on-act);
  background: var(--act); border: 0; cursor: pointer }}
input:focus-visible, button:focus-visible {{ outline: 3px solid var(--act); outline-offset: 2px }}
p {{ border-left: 4px solid var(--late); padding: 8px 16px; margin: 0 0 24px; font-size: 16px }}
</style></head><body><main><form method="post" action="{action}" autocomplete="on">
<h1>{title}</h1>{problem}
<label>用户名<input name="name" autocomplete="username" maxlength="64" required autofocus></label>
<label>{password}
<input name="password" type="password" autocomplete="current-password" maxlength="512" required></label>
<button type="submit">{button}</button></form></main></body></html>"""


class BadForm(Exception):
    """A form that cannot be used; the text is for the person."""


class SignIn:
    """The routes of signing in; a successful one always makes a new session (no fixation)."""

    def __init__(self, services: Services, sessions: Sessions) -> None:
        self._services, self._sessions = services, sessions
        self._hashing = CapacityLimiter(HASHING)

    def routes(self) -> list[Route]:
        """Login, logout and the first account's link."""
        return [
            Route("/login", self._form, methods=["GET"]),
            Route("/login", self._sign_in, methods=["POST"]),
            Route("/logout", self._sign_out, methods=["POST"]),
            Route("/welcome/{link}", self._welcome, methods=["GET"]),
            Route("/welcome/{link}", self._redeem, methods=["POST"]),
        ]

    async def token(self, name: str, password: str) -> str:
        """A new session's token; SignInRefused in the same words for every cause."""
        return await self._hashed(lambda: self._services.accounts.sign_in(name, password, self._services.clock()))

    async def _hashed(self, work: Callable[[], str]) -> str:
        return await to_thread.run_sync(work, limiter=self._hashing)

    async def _form(self, request: Request) -> Response:
        return self._page(request)

    async def _sign_in(self, request: Request) -> Response:
        async def enter() -> str:
            return await self.token(*await read_form(request))

        return await self._enter(request, enter)

    async def _welcome(self, request: Request) -> Response:
        return self._page(request)

    async def _redeem(self, request: Request) -> Response:
        async def enter() -> str:
            name, password = await read_form(request)
            link, now = request.path_params["link"], self._services.clock()
            return await self._hashed(lambda: self._services.accounts.redeem(link, name, password, now))

        return await self._enter(request, enter)

    async def _enter(self, request: Request, enter: Callable[[], Awaitable[str]]) -> Response:
        """Sign in and go home (wherever `next` points), or show the form again and say why."""
        try:
            token = await enter()
        except (BadForm, CaseError) as problem:
            return self._page(request, 422, str(problem))
        except SignInRefused:
            return self._page(request, 401, "用户名或密码不对，或账号不可用")
        except StoreUnavailable:
            return self._page(request, 503, "数据库暂时不可用，请稍后再试")
        response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
        secure = self._services.secure_cookies
        name = cookie_name(secure)
        response.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="strict")
        response.set_cookie(CSRF_COOKIE, csrf_token(token), path="/", secure=secure, samesite="strict")
        return response

    async def _sign_out(self, request: Request) -> Response:
        token = request.state.token
        await off_loop(self._services.accounts.sign_out, token)
        self._sessions.forget(token)
        response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
        response.delete_cookie(cookie_name(self._services.secure_cookies), path="/")
        response.delete_cookie(CSRF_COOKIE, path="/")
        return response

    def _page(self, request: Request, status: int = 200, problem: str = "") -> Response:
        action = request.url.path
        first = action != "/login"
        looks = looks_of(request.url.query, request.cookies, self._services.sight)
        text = _PAGE.format(
            tokens=plain_style(looks.tokens),
            title=html.escape(self._services.title),
            action=html.escape(action, quote=True),
            problem=f'<p role="alert">{html.escape(problem)}</p>' if problem else "",
            password="设置密码" if first else "密码",
            button="建立第一个账号" if first else "登录",
        )
        return HTMLResponse(text, status, {"Cache-Control": "no-store"})


async def read_form(request: Request) -> tuple[str, str]:
    """Name and password of a form (urlencoded or multipart); BadForm when they cannot be a name and a password."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        name, password = str(form.get("name", "")), str(form.get("password", ""))
    else:
        pairs = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=16)
        name, password = pairs.get("name", [""])[0], pairs.get("password", [""])[0]
    return checked(name, password)


def checked(name: str, password: str) -> tuple[str, str]:
    """The pair as given; BadForm when too long, empty or with control characters."""
    if not name or not password:
        raise BadForm("请填写用户名和密码")
    if len(name) > MOST_NAME or len(password) > MOST_PASSWORD:
        raise BadForm("用户名或密码过长")
    if any(ord(each) < 32 for each in name + password):
        raise BadForm("用户名或密码含有不可见字符")
    return name, password
