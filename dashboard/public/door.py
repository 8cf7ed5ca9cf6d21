"""`/c/<code>`: the one page without an account; the code is the only right it takes, and gives its own case alone."""

from __future__ import annotations

import math
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cases import citizen
from cases.errors import BadAction, CaseError, NotAllowed, StaleCase, StoreUnavailable
from cases.model import EVERYWHERE, Action, Case, Stage
from dashboard.access import cookie_name
from dashboard.components.qr import UNDER
from dashboard.offloop import off_loop
from dashboard.public import page
from dashboard.public.throttle import Throttle, address_of
from dashboard.services import Services

WRONG_COSTS = 9.0  # asks: whoever guesses runs dry ten times sooner
_HEADERS = {"Content-Security-Policy": page.POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class CitizenDoor:
    """The page's routes, and how often each address and each code may ask."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._addresses, self._codes = Throttle(60, 1.0), Throttle(20, 0.5)

    def routes(self) -> list[Route]:
        """Look, and evaluate."""
        return [
            Route(UNDER + "{code:path}", self._look, methods=["GET"]),
            Route(UNDER + "{code:path}", self._say, methods=["POST"]),
        ]

    async def _look(self, request: Request) -> Response:
        return await self._answer(request, None)

    async def _say(self, request: Request) -> Response:
        return await self._answer(request, await request.body())

    async def _answer(self, request: Request, body: bytes | None) -> Response:
        """One ask, within its limits; a wrong code is answered alike whatever is wrong with it and whatever it asks."""
        code, address = request.path_params["code"], self._address(request)
        wait = max(self._addresses.wait_s(address), self._codes.wait_s(code[:64]))
        if wait:
            return self._words(
                429, "请稍后再看", "查看太频繁了，请过一会儿再刷新。", {"Retry-After": str(math.ceil(wait))}
            )
        try:
            found = await off_loop(read, self._services, code, self._is_staff(request))
            if found is None:
                self._addresses.charge(address, WRONG_COSTS)
                return self._words(404, "没有这个页面", "请核对二维码或网址是否完整；如有疑问，请联系本中心。")
            if body is None:
                return HTMLResponse(page.show(found), headers=_HEADERS)
            return await self._evaluate(request.url.path, found, body)
        except StoreUnavailable:
            return self._words(503, "暂时打不开", "系统正在恢复，请稍后再看。", {"Retry-After": "5"})

    async def _evaluate(self, path: str, found: page.Open, body: bytes) -> Response:
        try:
            if found.by_staff:
                raise NotAllowed("请群众本人评价")
            score, words = read_evaluation(body)
            await off_loop(evaluate, self._services, found.case, score, words)
        except CaseError as problem:
            status = {BadAction: 422, NotAllowed: 403}.get(type(problem), 409)
            return HTMLResponse(page.show(found, f"没有提交成功：{problem.msg}"), status, _HEADERS)
        return RedirectResponse(path, 303, {"Cache-Control": "no-store"})

    def _is_staff(self, request: Request) -> bool:
        """Whether this browser is signed in to the room; no session is looked up, the cookie's presence is enough."""
        return cookie_name(self._services.secure_cookies) in request.cookies

    def _address(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        forwarded = Headers(scope=request.scope).get("x-forwarded-for", "")
        return address_of(peer, forwarded, self._services.behind_proxy)

    def _words(self, status: int, title: str, words: str, more: dict[str, str] | None = None) -> Response:
        return HTMLResponse(page.words_only(self._services.title, title, words), status, _HEADERS | (more or {}))


def read(services: Services, code: str, by_staff: bool = False) -> page.Open | None:
    """What the holder of a code may know; None for a wrong one. A sub-task's code shows the whole case. Blocking."""
    case = services.registry.codes.case(code)
    if case is None:
        return None
    whole = services.views.case(case.parent, EVERYWHERE) if case.parent else None
    case = whole or case
    return page.Open(
        case,
        services.views.events(case.no, EVERYWHERE),
        {unit.id: unit.name for unit in services.directory.units()},
        [services.grids.grid(grid).name for grid in case.grids[:2] if grid in services.grids],
        services.title,
        services.clock(),
        services.views.case(case.merged_into, EVERYWHERE) if case.merged_into else None,
        by_staff,
    )


def read_evaluation(body: bytes) -> tuple[int, str]:
    """Score and words of the form; BadAction says what is wrong with them."""
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=8)
    except ValueError:
        raise BadAction("内容无法读取") from None
    score, words = fields.get("score", [""])[0], fields.get("words", [""])[0]
    if score not in {str(each) for each in citizen.SCORE_NAMES}:
        raise BadAction("请选择 1 到 5 分", "score")
    words = "".join(each if each.isprintable() else " " for each in words).strip()
    if len(words) > citizen.MOST_WORDS:
        raise BadAction(f"想说的话最长 {citizen.MOST_WORDS} 字", "words")
    return int(score), words


def evaluate(services: Services, case: Case, score: int, words: str) -> Case:
    """Take the citizen's word through the one door, once; a second word changes nothing. Blocking.

    Raises IllegalAction before the case's scheme takes it.
    """
    given = {"score": score, "text": words}
    for _ in range(3):  # somebody may act between our look and our word
        if case.stage is Stage.EVALUATED:
            return case
        try:
            return services.desk.act(
                case.no, Action.EVALUATE, given, citizen.CITIZEN, EVERYWHERE, case.version, services.clock()
            )
        except StaleCase:
            case = services.views.case(case.no, EVERYWHERE) or case
    raise StaleCase(case.version, "", "更新")
