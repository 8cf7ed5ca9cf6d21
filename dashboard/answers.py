"""Refusals over HTTP, one contract: `{"ok":false,"code","msg","field","ref"}`; `ref` finds the log line."""

from __future__ import annotations

import logging
import secrets

from starlette.responses import HTMLResponse, JSONResponse

from cases.errors import (
    BadAction,
    CaseError,
    IllegalAction,
    NotAllowed,
    SignInRefused,
    StaleCase,
    StoreUnavailable,
    UnknownCase,
)

log = logging.getLogger("room.web")

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_STATUS: dict[type[Exception], int] = {
    UnknownCase: 404,
    NotAllowed: 403,
    StaleCase: 409,
    IllegalAction: 409,
    BadAction: 422,
}


def new_ref() -> str:
    """A reference people can read out over the phone: R-7F3K."""
    return "R-" + "".join(secrets.choice(_ALPHABET) for _ in range(4))


def body(code: str, msg: str, field: str | None = None, **more: object) -> dict[str, object]:
    """The refusal as a mapping, logged under its reference; never with the offending value."""
    ref = new_ref()
    log.info("refused %s field=%r ref=%s", code, field, ref)
    return {"ok": False, "code": code, "msg": msg, "field": field, "ref": ref, **more}


def refuse(status: int, code: str, msg: str, field: str | None = None, **more: object) -> JSONResponse:
    """The refusal as a response."""
    return JSONResponse(body(code, msg, field, **more), status, {"Cache-Control": "no-store"})


def refuse_case(problem: CaseError, **more: object) -> JSONResponse:
    """A refusal of the rules with the status of its kind."""
    status = next((status for kind, status in _STATUS.items() if isinstance(problem, kind)), 409)
    return refuse(status, problem.code, problem.msg, problem.field, **more)


def refuse_sign_in(_problem: SignInRefused | None = None) -> JSONResponse:
    """No session: the same words for every cause."""
    return refuse(401, "SIGN_IN_REFUSED", "用户名或密码不对，或账号不可用")


CLOSED = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><link rel="icon" href="/_favicon.ico">
<meta http-equiv="refresh" content="60">
<title>此屏已停用</title><style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; text-align: center }
body { background: #0b1220; color: #e8eef8; font: 32px "Noto Sans CJK SC","Microsoft YaHei",sans-serif }
p { color: #a9b8cf } a { color: #5cc8ff }</style></head><body><main><h1>此屏未开通，或已停用</h1>
<p>请管理员另发一个大屏链接；有账号的请<a href="/login">登录</a></p></main></body></html>"""


def closed_screen() -> HTMLResponse:
    """What a screen shows that was never opened, or that somebody ended; nothing of the room is on it."""
    return HTMLResponse(CLOSED, 401, {"Cache-Control": "no-store"})


def store_down(_problem: StoreUnavailable | None = None) -> JSONResponse:
    """Nothing was read or saved; trying again may help."""
    response = refuse(503, "STORE_UNAVAILABLE", "数据库暂时不可用，请稍后再试")
    response.headers["Retry-After"] = "2"
    return response


def broken(problem: BaseException, where: str) -> JSONResponse:
    """Our own fault: the trace goes to the log, the reference to the person."""
    answer = body("INTERNAL", "系统出错，请把编号告诉维护人员")
    log.error("broken %s ref=%s", where, answer["ref"], exc_info=problem)
    return JSONResponse(answer, 500, {"Cache-Control": "no-store"})
