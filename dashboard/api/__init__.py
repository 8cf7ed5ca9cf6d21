"""REST `/api/v1` beside the pages: same session, same scope, typed parameters, one contract for refusals."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cases.errors import CaseError, SignInRefused, StoreUnavailable
from dashboard import answers, panels
from dashboard.api import (
    alerts,
    attachments,
    cap,
    cases,
    figures,
    health,
    maps,
    metrics,
    past,
    places,
    register_files,
    reports,
    session,
    uploads,
)
from dashboard.api.parameters import Refused, only_known
from dashboard.live import Hub
from dashboard.services import Services
from dashboard.signin import SignIn

_CODES = {400: "BAD_REQUEST", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
_WORDS = {404: "没有这个地址", 405: "这个地址不支持该方法"}


def add(server: FastAPI, services: Services, hub: Hub, sign_in: SignIn) -> None:
    """Put every route on the server, and the answers to what goes wrong there."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(only_known)])
    session.add(router, services, sign_in)
    for part in (cases, attachments, alerts, cap, places, figures):
        part.add(router, services)
    past.add(router, services, panels.PANELS)
    reports.add(router, services)
    uploads.add(router, services)
    register_files.add(router, services)
    server.include_router(router)
    health.add(server, hub)
    metrics.add(server, services, hub)
    maps.add(server, services)
    _answer(server)


def _answer(server: FastAPI) -> None:
    server.add_exception_handler(CaseError, _case)
    server.add_exception_handler(SignInRefused, lambda _request, _problem: answers.refuse_sign_in())
    server.add_exception_handler(StoreUnavailable, lambda _request, _problem: answers.store_down())
    server.add_exception_handler(Refused, lambda _request, problem: problem.response())
    server.add_exception_handler(RequestValidationError, _invalid)
    server.add_exception_handler(HTTPException, _http)
    server.add_exception_handler(Exception, lambda request, problem: answers.broken(problem, request.url.path))


def _case(_request: Request, problem: Exception) -> Response:
    return answers.refuse_case(problem)  # type: ignore[arg-type]


def _invalid(_request: Request, problem: Exception) -> Response:
    """A parameter or body that does not fit: which one, never its value."""
    first = problem.errors()[0]  # type: ignore[attr-defined]
    if first["type"] == "json_invalid":
        return answers.refuse(400, "BAD_JSON", "内容不是合法的 JSON")
    field = str(first["loc"][-1])
    code = {"page": "BAD_PAGE", "missing": "MISSING_FIELD", "extra_forbidden": "UNKNOWN_FIELD"}
    what = {"missing": "缺少参数 {}", "extra_forbidden": "没有参数 {}"}.get(first["type"], "参数 {} 无效")
    return answers.refuse(
        422, code.get(field) or code.get(first["type"], "BAD_VALUE"), what.format(field[:40]), field[:40]
    )


def _http(_request: Request, problem: Exception) -> Response:
    status: int = problem.status_code  # type: ignore[attr-defined]
    return answers.refuse(status, _CODES.get(status, "BAD_REQUEST"), _WORDS.get(status, "请求无效"))
