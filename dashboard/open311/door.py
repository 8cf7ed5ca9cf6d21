"""`/open311/v2/…`: GeoReport v2 over the one intake; a device's key is the api_key and opens its own reports only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cases.categories import CATEGORIES
from cases.errors import StoreUnavailable
from cases.feed_ports import SentBy, Sources
from cases.model import CHANNELS
from dashboard.access import is_device_key
from dashboard.api.parameters import FIRST_YEAR, LAST_YEAR
from dashboard.offloop import off_loop
from dashboard.open311 import shapes
from dashboard.open311.asked import Asked, BadRequest, read
from dashboard.open311.markup import answer
from dashboard.services import Services

ROOT = "/open311/v2"
WIDEST = timedelta(days=90)  # the specification's own span
FORMS = ("json", "xml")
URLENCODED = "application/x-www-form-urlencoded"
MOST_FIELDS = 100
NO_FORM = "须为表单（application/x-www-form-urlencoded，或没有文件的 multipart/form-data）"
_STATUS = {401: 403, 413: 400, 422: 400}  # GeoReport knows 400, 403 and 404; ours that it lacks pass as they are

Told = tuple[str, object]  # the root element and what stands in it
Tell = Callable[[Request, str], Awaitable[Told]]


class GeoReportDoor:
    """The routes of the specification, each with `.json`, with `.xml` or as the Accept header says."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """Discovery, services, one service, requests to send and to see, tokens; none without a record to ask."""
        ways: tuple[tuple[str, str, Tell], ...] = (
            ("GET", "/discovery", self._discovery),
            ("GET", "/services", self._list_services),
            ("GET", "/services/{name}", self._definition),
            ("POST", "/requests", self._file),
            ("GET", "/requests", self._requests),
            ("GET", "/requests/{name}", self._request),
            ("GET", "/tokens/{name}", self._token),
        )
        if self._services.sources is None:
            return []
        return [
            Route(f"{ROOT}{path}{ending}", _answering(tell), methods=[method])
            for method, path, tell in ways
            for ending in ((".json", ".xml", "") if "{" not in path else ("",))
        ]

    async def _discovery(self, _request: Request, _name: str) -> Told:
        return "discovery", shapes.discovery(self._services.title, self._services.public_url)

    async def _list_services(self, _request: Request, _name: str) -> Told:
        return "services", shapes.services()

    async def _definition(self, _request: Request, code: str) -> Told:
        if code not in CATEGORIES:
            raise BadRequest(404, "没有这个 service_code")
        return "service_definition", shapes.definition(code)

    async def _file(self, request: Request, _name: str) -> Told:
        form = await _form(request)
        key = form.get("api_key") or _bearer(request)
        device = await self._device(key)
        asked = read(form, device, await self._channel(device), request.headers.get("idempotency-key", ""), self._now())
        no = await self._filed(asked, device, key)
        return "service_requests", [{"service_request_id": no, "service_notice": shapes.NOTICE, "account_id": ""}]

    async def _filed(self, asked: Asked, device: str, key: str) -> str:
        """Through the door of devices, under the id of the same request where it was sent before."""
        before = await off_loop(self._sources.receipt, device, asked.ids)
        report = dict(asked.report) | ({"id": before.id} if before else {})
        body = json.dumps(report, ensure_ascii=False).encode(errors="surrogatepass")
        status, said = await self._services.intake.take(body, f"Bearer {key}", asked.content)
        if not said.get("ok"):
            raise BadRequest(_STATUS.get(status, status), f"{said.get('msg')}（{said.get('code')} {said.get('ref')}）")
        return str(said["case"])

    async def _requests(self, request: Request, _name: str) -> Told:
        device = await self._device(request.query_params.get("api_key") or _bearer(request))
        return await self._shown(_asked_for(request.query_params, device, self._now()))

    async def _request(self, request: Request, no: str) -> Told:
        device = await self._device(request.query_params.get("api_key") or _bearer(request))
        told = await self._shown(SentBy(device, numbers=(no,)))
        if not told[1]:
            raise BadRequest(404, "没有这个 service_request_id，或不是本系统报来的")
        return told

    async def _token(self, request: Request, token: str) -> Told:
        """Requests get their number at once; a token is the id under which a report was filed."""
        device = await self._device(request.query_params.get("api_key") or _bearer(request))
        receipt = await off_loop(self._sources.receipt, device, (token,))
        if receipt is None:
            raise BadRequest(404, "没有这个 token")
        return "service_requests", [{"service_request_id": receipt.number, "token": token}]

    async def _shown(self, sent: SentBy) -> Told:
        cases = await off_loop(self._sources.cases, sent)
        units = {each.id: each.name for each in await off_loop(self._services.directory.units)}
        return "service_requests", [shapes.request(case, units) for case in cases]

    async def _device(self, key: str) -> str:
        """The device of a key; 403 in the same words for whatever is wrong with it."""
        if not await off_loop(is_device_key, self._services.directory, key):
            raise BadRequest(403, "api_key 缺失或无效")
        return key.rpartition(".")[0]

    async def _channel(self, device: str) -> str:
        found = await off_loop(self._services.directory.device, device)
        return found.source if found is not None and found.source in CHANNELS else "other"

    @property
    def _sources(self) -> Sources:
        assert self._services.sources is not None  # noqa: S101 — without it there are no routes
        return self._services.sources

    def _now(self) -> datetime:
        return self._services.clock()


def _answering(tell: Tell) -> Callable[[Request], Awaitable[Response]]:
    """In the language that the address or the Accept header asks for; refusals in it too."""

    async def respond(request: Request) -> Response:
        name, form = _named(request)
        try:
            root, told = await tell(request, name)
        except BadRequest as problem:
            said = [{"code": problem.status, "description": problem.words}]
            return answer("errors", said, form, problem.status)
        except StoreUnavailable:
            return answer("errors", [{"code": 503, "description": "暂时无法保存或查询，请稍后再试"}], form, 503)
        return answer(root, told, form)

    return respond


def _named(request: Request) -> tuple[str, str]:
    """The last part of the address without its ending, and json or xml."""
    name, _, ending = request.url.path.rpartition(".")
    if ending in FORMS:
        return name.rpartition("/")[2], ending
    accepts = request.headers.get("accept", "")
    is_xml = "xml" in accepts.partition("json")[0] and "html" not in accepts  # a browser's xml is of a page
    return request.path_params.get("name", ""), "xml" if is_xml else "json"


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of an urlencoded or multipart form in UTF-8; files are not taken."""
    kind = request.headers.get("content-type", URLENCODED).partition(";")[0].strip().lower()
    try:
        if kind == URLENCODED:  # Starlette would read other bytes as Latin-1, and what is no UTF-8 as question marks
            text = (await request.body()).decode()
            return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
        form: FormData = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=64 << 10)
    except UnicodeDecodeError:
        raise BadRequest(400, "文字不是 UTF-8（可能是 GBK）（BAD_TEXT）") from None
    except (MultiPartException, HTTPException, ValueError):
        raise BadRequest(400, NO_FORM) from None
    if kind != "multipart/form-data":
        raise BadRequest(400, NO_FORM)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _ended(asked: Mapping[str, str]) -> bool | None:
    """Whether only requests that ended are asked for (closed) or only others (open); None for both."""
    states = frozenset(_list(asked, "status"))
    if states - {"open", "closed"}:
        raise BadRequest(400, "status 须为 open 或 closed")
    return None if len(states) != 1 else states == {"closed"}


def _asked_for(asked: Mapping[str, str], device: str, now: datetime) -> SentBy:
    """By ids alone, as the specification says, or else by kind within a span of at most 90 days."""
    ids, ended = _list(asked, "service_request_id"), _ended(asked)
    if ids:
        return SentBy(device, numbers=ids[:1000], ended=ended)
    kinds = _list(asked, "service_code")
    sent = SentBy(device, categories=kinds or None, ended=ended)
    since, until = _instant(asked, "start_date"), _instant(asked, "end_date")
    until = until or (since + WIDEST if since else now)
    since = since or until - WIDEST
    if since > until or until - since > WIDEST:
        raise BadRequest(400, "start_date 到 end_date 须先后有序，最多 90 天")
    return replace(sent, since=since, until=until)


def _list(asked: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in asked.get(name, "").split(","))))


def _instant(asked: Mapping[str, str], name: str) -> datetime | None:
    text = asked.get(name, "").replace(" ", "+")  # a plus that was not written as %2B
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest(400, f"{name} 须写成 2026-11-21T08:00:00+08:00") from None
    if at.tzinfo is None:
        raise BadRequest(400, f"{name} 缺少时区")
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        raise BadRequest(400, f"{name} 须在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间")
    return at
