"""What is printed (a case's file or notice, the open list): in the reader's area, masked by role, recorded first."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from cases.errors import StoreUnavailable
from cases.masking import masked_name
from cases.model import Case, CaseNo, Role
from cases.refusals import refusal_of
from dashboard import attachments
from dashboard.components import qr
from dashboard.markup import element
from dashboard.offloop import off_loop
from dashboard.paper import case_file, notice, open_list, sheet
from dashboard.paper.case_file import CaseFile
from dashboard.paper.notice import Notice
from dashboard.paper.open_list import OpenCases
from dashboard.people import account_names
from dashboard.services import Services
from dashboard.session import Visit, visit

READERS = frozenset(Role) - {Role.WORKER, Role.SYSTEM, Role.KIOSK}
_NO_CASE = "没有这个案件，或它不在您的辖区"
EVERYTHING = "*"  # the subject of a printed list of all areas
_Make = Callable[[Visit], str | None]
_HEADERS = {"Content-Security-Policy": sheet.POLICY, "Cache-Control": "no-store"}


class PaperDoor:
    """The routes of what is printed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """A case's file, notice and code, and the list of open cases."""
        return [
            Route("/case/{no}/print", self._case, methods=["GET"]),
            Route("/case/{no}/notice", self._notice, methods=["GET"]),
            Route("/case/{no}/code", self._code, methods=["GET"]),
            Route("/case/{no}/code.svg", self._picture, methods=["GET"]),
            Route("/print/open", self._open, methods=["GET"]),
        ]

    async def _case(self, request: Request) -> Response:
        reveal = request.query_params.get("reveal") == "1"
        return await self._printed(
            lambda seen: case_paper(self._services, seen, CaseNo(request.path_params["no"]), reveal)
        )

    async def _notice(self, request: Request) -> Response:
        reveal = request.query_params.get("reveal") == "1"
        return await self._printed(
            lambda seen: notice_paper(self._services, seen, CaseNo(request.path_params["no"]), reveal)
        )

    async def _open(self, _request: Request) -> Response:
        return await self._printed(lambda seen: open_paper(self._services, seen))

    async def _code(self, request: Request) -> Response:
        """What the citizen sees."""
        address = await self._address(request)
        return RedirectResponse(address, 303) if address else _words(404, _NO_CASE)

    async def _picture(self, request: Request) -> Response:
        """The QR on its own: made when it is looked at, for it takes longer than the rest of the pane."""
        address = await self._address(request)
        if not address:
            return _words(404, _NO_CASE)
        headers = {"Cache-Control": "private, max-age=600", "Vary": "Cookie, Authorization"}
        return Response(await off_loop(qr.svg, address), 200, headers, "image/svg+xml")

    async def _address(self, request: Request) -> str:
        return await off_loop(qr.address_of, self._services, CaseNo(request.path_params["no"]), visit().scope)

    async def _printed(self, make: _Make) -> Response:
        seen = visit()
        if seen.account.role not in READERS:
            return _words(403, "您的岗位不能打印案件")
        try:
            text = await off_loop(make, seen)
        except StoreUnavailable:
            return _words(503, "数据库暂时不可用，请稍后再试；纸面清单另存于数据目录 paper 文件夹")
        return _words(404, _NO_CASE) if text is None else HTMLResponse(text, headers=_HEADERS)


def case_paper(services: Services, seen: Visit, no: CaseNo, reveal: bool) -> str | None:
    """The file of a case within the visit's scope, recorded before it is shown; None outside. Blocking.

    The reporter is masked unless `reveal` is asked for by a role that may.
    """
    case = services.views.case(no, seen.scope)
    if case is None:
        return None
    now, reveal = services.clock(), reveal and seen.scope.reveal
    kept = services.registry.disclosures
    kept.record(seen.account.name, "print", no, now)
    if reveal:
        kept.record(seen.account.name, "reveal", no, now)
    return case_file.document(_file(services, seen, case, reveal))


def notice_paper(services: Services, seen: Visit, no: CaseNo, reveal: bool) -> str | None:
    """The notice of a refused case in the visit's scope, recorded before it is shown; None for any other. Blocking."""
    case = services.views.case(no, seen.scope)
    refusal = refusal_of(case, services.views.events(no, seen.scope)) if case else None
    if case is None or refusal is None:
        return None
    now, reveal = services.clock(), reveal and seen.scope.reveal
    services.registry.disclosures.record(seen.account.name, "print_notice", no, now)
    if reveal:
        services.registry.disclosures.record(seen.account.name, "reveal", no, now)
    told = case.reporter
    name = "" if told is None or told.anonymous else (told.name if reveal else masked_name(told.name))
    reader = seen.account.display or seen.account.name
    return notice.document(Notice(case, refusal, name, services.title, reader, seen.scope.reveal and not reveal))


def _file(services: Services, seen: Visit, case: Case, reveal: bool) -> CaseFile:
    events = services.views.events(case.no, seen.scope)
    looks = services.registry.disclosures.of(case.no)
    units, workers = _names(services, seen)
    names = {event.by for event in events} | {case.first_contact or ""} | {who for _, who, _ in looks}
    code = qr.address_of(services, case.no, seen.scope)
    return CaseFile(
        case,
        events,
        services.registry.records.of(case.no, seen.scope),
        attachments.listed(case.no, case.attachments, services.uploads),
        {code: services.grids.grid(code).name for code in case.grids if code in services.grids},
        units,
        {**account_names(services, names), **workers},
        services.title,
        seen.account.display or seen.account.name,
        services.clock(),
        qr.picture(code) if code else "",
        reveal,
        seen.scope.reveal,
        looks,
        services.views.clocks(case.no, seen.scope),
    )


def open_paper(services: Services, seen: Visit) -> str:
    """The open cases of the visit's area, recorded before they are shown. Blocking."""
    services.registry.disclosures.record(
        seen.account.name, "print_open", seen.scope.area or EVERYTHING, services.clock()
    )
    cases = services.views.board(seen.scope, open_list.WHOLE)
    names = _names(services, seen)
    now = services.clock()
    return open_list.document(OpenCases(cases, services.grids, seen.scope.area, *names, services.title, now))


def _names(services: Services, seen: Visit) -> tuple[dict[str, str], dict[str, str]]:
    shown = (lambda name: name) if seen.scope.reveal else masked_name
    units, workers = open_list.names(services.directory.units(), services.directory.workers(seen.scope), shown)
    return dict(units), dict(workers)


def _words(status: int, words: str) -> Response:
    back = element("p", element("a", "回到值班台", href="/duty"))
    text = sheet.page(words, [], element("section", element("h1", words), back, class_="page"))
    return HTMLResponse(text, status, _HEADERS)
