"""`/reports`: choose, preview, take away; within the area, masked unless revealed, recorded before it leaves."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cases.calendar import LOCAL
from cases.categories import CATEGORIES
from cases.documents import NoChineseFont, Papers, Progress, Report, Reports
from cases.errors import BadAction, CaseError, StillCounting, StoreUnavailable
from cases.indicators import Narrowing, Period
from cases.model import Role, Scope
from cases.report_periods import asked, offered
from dashboard.components import menu
from dashboard.markup import Markup, element, policy
from dashboard.offloop import off_loop
from dashboard.paper import sheet
from dashboard.reports import preview
from dashboard.reports.press import Press, PressFull
from dashboard.services import Services
from dashboard.session import Visit, visit
from geo.rings import ring_of

READERS = frozenset({Role.DUTY, Role.LEADER, Role.ANALYST, Role.ADMIN})
_STYLE = sheet.STYLE + (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
_HEADERS = {"Content-Security-Policy": policy(_STYLE, sheet.SCRIPT), "Cache-Control": "no-store"}
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_REFUSALS: tuple[tuple[type[Exception], int, str], ...] = (
    (KeyError, 404, "没有这种报告"),
    (PressFull, 429, "待生成的文件太多，请稍后再试"),
    (StoreUnavailable, 503, "数据库暂时不可用，请稍后再试"),
)
_Show = Callable[[Request], Awaitable[Response]]
_WATCH = "watch"  # the ledger of handovers is for those who may open them
_OURS = re.compile(r"[^/\\.][^/\\]*\.(docx|pdf|xlsx)")
_GRIDS, _SPANS = "grids", "spans"  # the ids of the lists that complete a grid and a span
_ASKED = ("kind", "grid", "when", "month", "half", "year", "day", "from", "to", "category", "ring")


class ReportDoor:
    """The routes of reports and ledgers; none where the room makes no reports."""

    def __init__(self, services: Services) -> None:
        self._services, self._press = services, Press()

    def routes(self) -> list[Route]:
        """The list, the preview, the files, and what the schedule left in the outbox."""
        ways = {"": self._list, "/preview": self._preview, "/file": self._file, "/outbox/{name}": self._kept}
        return [Route(f"/reports{path}", self._guarded(show), methods=["GET"]) for path, show in ways.items()]

    def _guarded(self, show: _Show) -> _Show:
        """Only for readers, and what cannot be done is said in words."""

        async def answer(request: Request) -> Response:
            if visit().account.role not in READERS or self._services.reports is None:
                return _words(403, "您的岗位不能查看报告")
            try:
                return await show(request)
            except (CaseError, KeyError, NoChineseFont, PressFull, StoreUnavailable) as problem:
                return _refusal(problem)

        return answer

    async def _list(self, _request: Request) -> Response:
        seen = visit()
        kept = await off_loop(self._outbox) if not seen.scope.area else []
        return _page("报告与台账", _choices(self._reports, seen, self._today), _kept_list(kept), self._places(seen))

    def _places(self, seen: Visit) -> Markup:
        """The grids of the visit's area, for the fields that ask for one."""
        book = self._services.grids
        inside = (each for each in book.grids() if book.within(each.code, seen.scope.area))
        return element("datalist", *(element("option", value=f"{each.name} {each.code}") for each in inside), id=_GRIDS)

    async def _preview(self, request: Request) -> Response:
        seen, query = visit(), request.query_params
        report = await off_loop(self._made, seen, query)
        same = urlencode({name: query[name] for name in _ASKED if query.get(name)})
        files = [(words, f"/reports/file?{same}&as={ending}") for words, ending in (("DOCX", "docx"), ("PDF", "pdf"))]
        links = [*files, ("回到报告与台账", "/reports")]
        text = sheet.page(report.name, links, element("section", preview.body(report.document), class_="page"))
        return HTMLResponse(_restyled(text), headers=_HEADERS)

    async def _file(self, request: Request) -> Response:
        """A file, or a page that says how far it is and asks again in a second."""
        seen, query = visit(), dict(request.query_params)
        ending = query.get("as", "docx")
        if ending not in _TYPES:
            return _words(404, "没有这种文件")
        key = (seen.account.name, seen.scope.area, str(sorted(query.items())))
        job = self._press.ask(key, ending, lambda progress: self._write(seen, query, ending, progress))
        if not job.made.done():
            text = _page(
                "正在生成", element("section", element("h1", "正在生成文件"), element("p", job.words), class_="page")
            )
            text.headers["Refresh"] = "1"
            return text
        name, content = job.made.result()
        what = "ledger" if ending == "xlsx" else "report"
        await off_loop(
            self._services.registry.disclosures.record, seen.account.name, what, name, self._services.clock()
        )
        return _attached(name, content, ending)

    async def _kept(self, request: Request) -> Response:
        """A file that the schedule made; it speaks of the whole room, so it is for those who see the whole room."""
        seen, name = visit(), request.path_params["name"]
        file = Path(self._services.outbox) / name
        if seen.scope.area or not _OURS.fullmatch(name) or not await off_loop(file.is_file):
            return _words(404, "没有这个文件")
        content = await off_loop(file.read_bytes)
        await off_loop(
            self._services.registry.disclosures.record, seen.account.name, "report", name, self._services.clock()
        )
        return _attached(name, content, file.suffix[1:])

    # blocking -----------------------------------------------------------------------------------------------

    @property
    def _reports(self) -> Reports:
        """What makes reports; the guard has looked that there is one."""
        return cast(Reports, self._services.reports)

    def _made(self, seen: Visit, query: Mapping[str, str], progress: Progress = lambda _done, _all: None) -> Report:
        kind = query.get("kind", "monthly")
        grid, period = self._grid(query), self._period(kind, query)
        return self._reports.make(kind, grid, period, _masked(seen), self._services.clock(), progress, _part(query))

    def _grid(self, query: Mapping[str, str]) -> str | None:
        """A grid by its code, its name where only one has it, or as the list offers it: name and code."""
        said, book = query.get("grid", "").strip(), self._services.grids
        named = [each.code for each in book.grids() if each.name == said]
        return (named[0] if len(named) == 1 else said.split()[-1]) if said else None

    def _period(self, kind: str, query: Mapping[str, str]) -> Period:
        return asked(kind, query, self._today)

    @property
    def _today(self) -> date:
        return self._services.clock().astimezone(LOCAL).date()

    def _write(self, seen: Visit, query: Mapping[str, str], ending: str, progress: Progress) -> tuple[str, bytes]:
        if ending == "xlsx":
            return self._ledger(seen, query, progress)
        report = self._made(seen, query, progress)
        papers = cast(Papers, self._services.papers)  # comes with the reports
        return f"{report.name}.{ending}", (papers.docx if ending == "docx" else papers.pdf)(report.document)

    def _ledger(self, seen: Visit, query: Mapping[str, str], progress: Progress) -> tuple[str, bytes]:
        kind, now = query.get("kind", "all"), self._services.clock()
        if kind == _WATCH and not _may_hand_over(seen):
            raise BadAction("您的岗位不能查看值班台账", "kind")
        reveal = query.get("reveal") == "1" and seen.scope.reveal
        grid, period = self._grid(query), self._period("special", query)
        scope = replace(seen.scope, reveal=reveal)
        made = self._reports.ledger(kind, grid, period, scope, now, progress)
        if reveal:
            self._services.registry.disclosures.record(seen.account.name, "reveal", made.name, now)
        return f"{made.name}.xlsx", made.content

    def _outbox(self) -> list[tuple[str, int]]:
        folder = Path(self._services.outbox)
        if not self._services.outbox or not folder.is_dir():
            return []
        files = [file for file in folder.iterdir() if _OURS.fullmatch(file.name)]
        newest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
        return [(file.name, file.stat().st_size) for file in newest[:200]]


def _refusal(problem: Exception) -> Response:
    for kind, status, words in _REFUSALS:
        if isinstance(problem, kind):
            return _words(status, words)
    if not isinstance(problem, CaseError):
        return _words(503, str(problem))
    return _words(503 if isinstance(problem, StillCounting) else 400, problem.msg)


def _part(query: Mapping[str, str]) -> Narrowing:
    """Which cases a special brief is about: of one kind, of an area drawn by hand. BadAction for what is no area."""
    part = Narrowing.read({name: query.get(name, "") for name in ("category", "ring")})
    try:
        if part.ring:
            ring_of(part.ring)
    except ValueError as problem:
        raise BadAction(str(problem), "ring") from problem
    return part


def _may_hand_over(seen: Visit) -> bool:
    return seen.account.role not in menu.NOT_FOR["/handover"]


def _masked(seen: Visit) -> Scope:
    return replace(seen.scope, reveal=False)


_HINT = (
    "时段可选可填：月 2026-10，半年 2026-H1，年 2026，日 2026-10-01；或填起止日期。"
    "都不填时为最近一个完整的日、周、月、半年或年（专报和台账为本月至今）。"
)


def _choices(reports: Reports, seen: Visit, today: date) -> Markup:
    """The two forms: which report, which ledger, of where and when."""
    spans = (element("option", words, value=when) for when, words in offered(today).items())
    content = (
        element("datalist", *spans, id=_SPANS),
        element("h1", "报告与台账"),
        element("p", _HINT),
        element("h2", "报告"),
        _report_form(reports, seen),
        element("h2", "台账"),
        _ledger_form(reports, seen),
    )
    return element("section", *content, class_="page")


def _report_form(reports: Reports, seen: Visit) -> Markup:
    button = element("button", "预览", type="submit")
    fields = (_select("报告", reports.kinds), *_where_and_when(seen), _category())
    return element("form", *fields, button, action="/reports/preview", class_="choose")


def _ledger_form(reports: Reports, seen: Visit) -> Markup:
    kind = element("input", type="hidden", name="as", value="xlsx")
    button = element("button", "下载 XLSX", type="submit")
    kinds = {kind: name for kind, name in reports.ledgers.items() if kind != _WATCH or _may_hand_over(seen)}
    fields = (_select("台账", kinds), *_where_and_when(seen), _reveal() if seen.scope.reveal else None, kind)
    return element("form", *fields, button, action="/reports/file", class_="choose")


def _where_and_when(seen: Visit) -> list[Markup]:
    field = element("input", name="grid", value=seen.scope.area, list=_GRIDS, placeholder="输入名称选择")
    grid = element("label", "网格（空为全部辖区）", field)
    when = element("label", "时段", element("input", name="when", list=_SPANS, placeholder="选择或填写"))
    ends = [
        element("label", words, element("input", type="date", name=name))
        for words, name in (("自", "from"), ("至", "to"))
    ]
    return [grid, when, *ends]


def _category() -> Markup:
    options = [element("option", each.name, value=each.code) for each in CATEGORIES.values()]
    chosen = element("select", element("option", "全部", value=""), *options, name="category")
    return element("label", "类别（只用于专报）", chosen)


def _reveal() -> Markup:
    masked = element("option", "遮盖", value="")
    whole = element("option", "全名和电话（会被记录）", value="1")
    return element("label", "报告人", element("select", masked, whole, name="reveal"))


def _select(words: str, kinds: Mapping[str, str]) -> Markup:
    options = [element("option", name, value=kind) for kind, name in kinds.items()]
    return element("label", words, element("select", *options, name="kind"))


def _kept_list(kept: list[tuple[str, int]]) -> Markup | None:
    if not kept:
        return None
    rows = [(element("a", name, href=f"/reports/outbox/{quote(name)}"), f"{size / 1024:.0f} KB") for name, size in kept]
    return element("section", sheet.table("定时生成", ("文件", "大小"), rows), class_="page")


def _attached(name: str, content: bytes, ending: str) -> Response:
    given = f"attachment; filename=\"report.{ending}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, 200, {"Content-Disposition": given, "Cache-Control": "no-store"}, _TYPES[ending])


def _page(title: str, *sections: Markup | None, status: int = 200) -> Response:
    ways = [(name, href) for href, name in menu.entries(visit().account.role) if href != "/reports"]
    text = sheet.page(title, ways, *(each for each in sections if each))
    return HTMLResponse(_restyled(text), status, _HEADERS)


def _words(status: int, words: str) -> Response:
    back = element("p", element("a", "回到报告与台账", href="/reports"))
    return _page(words, element("section", element("h1", words), back, class_="page"), status=status)


def _restyled(text: str) -> str:
    """The sheet's page with our style in the place of its own: the policy names it by its hash."""
    return text.replace(f"<style>{sheet.STYLE}</style>", f"<style>{_STYLE}</style>", 1)
