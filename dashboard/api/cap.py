"""`/cap`: warnings of other systems come in by a device's key; ours go out as CAP 1.2 to whoever may see them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from cases.cap.message import CapMessage
from cases.cap.writing import Ground, Issuer, atom_of, message_of, tree_of, xml_of
from cases.errors import UnknownAlert
from cases.model import Alert, AlertNo, Scope
from dashboard import answers
from dashboard.api.parameters import PAGE_SIZE, PageNo
from dashboard.components.words import place_words
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import CURRENT, visit
from dashboard.shapes import Json
from geo.covering import fewest

CAP_XML, ATOM = "application/cap+xml", "application/atom+xml"
KINDS = (CAP_XML, "application/xml", "text/xml")


def add(router: APIRouter, services: Services) -> None:
    """Register the routes; those with an ending first, for a number could end in it."""

    @router.get("/cap.json")
    async def list_json(page: PageNo = 1) -> Json:
        found, total = await off_loop(_page, services, page, visit().scope)
        return {"items": [tree_of(message) for _, message in found], "page": page, "total": total}

    @router.get("/cap")
    async def list_atom(page: PageNo = 1) -> Response:
        found, _ = await off_loop(_page, services, page, visit().scope)
        address = f"{services.public_url}/api/v1/cap"
        entries = [(message, f"{address}/{no}") for no, message in found]
        return _xml(atom_of(entries, _issuer(services), address, services.clock()), ATOM)

    @router.get("/cap/{no}.json")
    async def one_json(no: str) -> Json:
        return tree_of(await off_loop(_one, services, AlertNo(no), visit().scope))

    @router.get("/cap/{no}")
    async def one_xml(no: str) -> Response:
        return _xml(xml_of(await off_loop(_one, services, AlertNo(no), visit().scope)), CAP_XML)

    @router.post("/cap")
    async def take(request: Request) -> Response:
        return await _taken(request, services)


async def _taken(request: Request, services: Services) -> Response:
    if CURRENT.get(None) is not None:
        return answers.refuse(403, "FORBIDDEN", "录入预警须用设备密钥（python app.py device add），不能用账号")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in KINDS:
        return answers.refuse(415, "BAD_CONTENT_TYPE", f"只接受 {' '.join(KINDS)}")
    if services.warnings is None:
        return answers.store_down()
    status, said = await services.warnings.take(await request.body(), request.headers.get("authorization", ""))
    retry = said.get("retry_after_s")
    return JSONResponse(dict(said), status, {"Retry-After": str(retry)} if retry else None)


def _one(services: Services, no: AlertNo, scope: Scope) -> CapMessage:
    """The message of one alert as it stands. Blocking; UnknownAlert when absent or outside the scope."""
    found = services.views.alert(no, scope)
    if found is None:
        raise UnknownAlert(no)
    return _messages(services, [found[0]], scope)[0]


def _page(services: Services, page: int, scope: Scope) -> tuple[list[tuple[AlertNo, CapMessage]], int]:
    """One page of what the list of alerts has, and how many there are. Blocking."""
    found = services.views.alert_page(scope, page, PAGE_SIZE)
    numbers = [alert.no for alert in found.items]
    return list(zip(numbers, _messages(services, found.items, scope), strict=True)), found.total


def _messages(services: Services, alerts: Sequence[Alert], scope: Scope) -> list[CapMessage]:
    reach = services.views.alert_reach([alert.no for alert in alerts], scope)
    names = {
        code: services.grids.grid(code).name for codes in reach.values() for code in codes if code in services.grids
    }
    told = []
    for alert in alerts:
        earlier = [found[0] for no in alert.replaces if (found := services.views.alert(no, scope)) is not None]
        ground = Ground(
            _codes(services, alert, reach.get(alert.no, frozenset())), place_words(alert.place.grids, names)
        )
        told.append(message_of(alert, _issuer(services), ground, earlier))
    return told


def _codes(services: Services, alert: Alert, reach: frozenset[str]) -> Sequence[str]:
    """The grids a message names: for what is seen where it is, its innermost; else the fewest that say the same."""
    known = frozenset(code for code in reach if code in services.grids)
    return alert.place.grids[-1:] if known <= frozenset(alert.place.grids) else fewest(services.grids, known)


def _issuer(services: Services) -> Issuer:
    return Issuer(services.cap_sender, services.title)


def _xml(body: bytes, kind: str) -> Response:
    return Response(body, media_type=kind, headers={"Cache-Control": "no-store"})
