"""登记: taking a call — the words, what kind, where, who tells it; the kind and likely doubles shown while typing.

The draft is kept in the browser under the account's name until it is filed; nothing is sent before that but questions.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.categories import CATEGORIES, OTHER, category_of
from cases.duplicates import told_by_report
from cases.errors import CaseError, StoreUnavailable
from cases.model import IncidentReport, Place, Reporter, Role
from cases.ports import CategorySuggestion
from dashboard.components.dropdown import dropdown
from dashboard.components.words import place_words
from dashboard.grid_finder import GridFinder
from dashboard.offloop import off_loop
from dashboard.panels import likely_doubles
from dashboard.pressed import pressed_button
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "taking-call"
WORDS, KIND, WHERE, NAME, PHONE = (f"{ID}-{part}" for part in ("words", "kind", "where", "name", "phone"))
POINT, NUMBER, SUBMIT, HINTS, ANSWER = (f"{ID}-{part}" for part in ("point", "number", "submit", "hints", "answer"))
PICK, ATTACHED, FILES = f"{ID}-pick", f"{ID}-attached", f"{ID}-files"
TAKERS = frozenset({Role.DUTY, Role.LEADER})
MOST_WORDS, MOST_LINE, MOST_FILES, TITLE = 5000, 200, 9, 40
_UPLOAD = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Call:
    """What stands in the form; `point` is a click on the map, (lon, lat) in WGS-84 degrees; `files`: uploads' ids."""

    words: str = ""
    kind: str = ""
    where: str = ""
    name: str = ""
    phone: str = ""
    point: tuple[float, float] | None = None
    files: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The first sentence, cut."""
        first = next((part for part in self.words.replace("。", "\n").splitlines() if part.strip()), "")
        return first.strip()[:TITLE]


def layout(account: str = "") -> Component:
    """The form over the inbox, hidden until N; what is typed stays with this account across reloads."""
    kept = {"persistence": account or False, "persistence_type": "local"}
    kinds = [{"label": f"{each.name}（{each.group}）", "value": each.code} for each in CATEGORIES.values()]
    return html.Section(
        [
            html.Header(
                [html.H2("登记来电"), html.Button("×", className="close", **{"data-take": "", "title": "关闭"})]
            ),
            dcc.Textarea(id=WORDS, placeholder="说了什么（第一句作标题）", maxLength=MOST_WORDS, **kept),
            html.Div(id=HINTS, className="hints"),
            dropdown(kinds, id=KIND, placeholder="类别（Alt+1–3 采用建议）", maxHeight=260, **kept),
            dcc.Input(id=WHERE, placeholder="地点：地址或网格；或点地图", maxLength=MOST_LINE, **kept),
            html.Div(
                [
                    dcc.Input(id=NAME, placeholder="来电人", maxLength=MOST_LINE, **kept),
                    dcc.Input(id=PHONE, placeholder="电话", maxLength=32, **kept),
                ],
                className="caller",
            ),
            html.Div(
                [
                    html.Button([html.Kbd("Alt+0"), "照片、录音或 PDF"], className="action", **{"data-attach": ""}),
                    html.Ul(id=FILES),
                ],
                className="attach",
            ),
            html.Button([html.Kbd("Ctrl+Enter"), "登记"], id=SUBMIT, className="action main"),
            html.P(id=ANSWER, role="status"),
            dcc.Store(id=POINT, storage_type="session"),
            dcc.Store(id=ATTACHED, storage_type="session"),
            dcc.Store(id=NUMBER, data=secrets.token_hex(8)),
        ],
        id=ID,
        **{"aria-label": "登记来电"},
    )


_FIELDS = (
    (WORDS, "value"),
    (KIND, "value"),
    (WHERE, "value"),
    (NAME, "value"),
    (PHONE, "value"),
    (POINT, "data"),
    (ATTACHED, "data"),
)
"""The form's fields, in the order of `Call`."""


def register(app: Dash, services: Services) -> None:
    """Answer while typing; take over a suggestion; file."""
    finder = GridFinder(services.grids)
    _answers_while_typing(app, services, finder)
    _takes_over(app)
    _files(app, services, finder)


def _answers_while_typing(app: Dash, services: Services, finder: GridFinder) -> None:
    @app.callback(
        Output(HINTS, "children"),
        Output(KIND, "value"),
        *(Input(*each) if each[0] in (WORDS, WHERE, PHONE, POINT) else State(*each) for each in _FIELDS),
        prevent_initial_call="initial_duplicate",
    )
    async def hint(*given: object) -> tuple[object, object]:
        call = call_of(given)
        found = await off_loop(hints, call, services, finder, visit())
        best = found.kinds[0] if found.kinds else None
        if call.kind or best is None or not best.may_stand_alone(services.least_confidence):
            return said(found), no_update
        return said(found), best.category


def _takes_over(app: Dash) -> None:
    @app.callback(
        Output(KIND, "value", allow_duplicate=True),
        Input({"type": PICK, "code": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    async def pick(_clicks: Sequence[int | None]) -> str:
        pressed = pressed_button()
        if pressed is None:
            raise PreventUpdate
        return str(pressed["code"])


def _files(app: Dash, services: Services, finder: GridFinder) -> None:
    @app.callback(
        Output(ANSWER, "children"),
        Output(NUMBER, "data"),
        *(Output(name, part, allow_duplicate=True) for name, part in _FIELDS),
        Input(SUBMIT, "n_clicks"),
        State(NUMBER, "data"),
        *(State(*each) for each in _FIELDS),
        prevent_initial_call=True,
    )
    async def submit(clicks: int | None, number: object, *given: object) -> tuple[object, ...]:
        if not clicks:
            raise PreventUpdate
        answer, is_filed = await off_loop(file, call_of(given), str(number)[:64], services, finder, visit())
        if not is_filed:
            return (answer, no_update, *(no_update for _ in _FIELDS))
        return answer, secrets.token_hex(8), "", None, "", "", "", None, []


def call_of(given: Sequence[object]) -> Call:
    """The form's fields as they came from a browser, cut to their limits; a point that is none is left out."""
    words, kind, where, name, phone, point, files = given
    line = [str(each or "").strip()[:MOST_LINE] for each in (where, name, phone)]
    known = str(kind) if kind in CATEGORIES else ""
    return Call(str(words or "")[:MOST_WORDS].strip(), known, *line, _point(point), _upload_ids(files))


def _point(given: object) -> tuple[float, float] | None:
    if not isinstance(given, Mapping):
        return None
    lon, lat = given.get("lon"), given.get("lat")
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    return (float(lon), float(lat)) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def _upload_ids(given: object) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else ()
    return tuple(dict.fromkeys(each for each in listed if isinstance(each, str) and _UPLOAD.fullmatch(each)))


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about a call before it is filed."""

    kinds: Sequence[CategorySuggestion]
    where: str
    doubles: Sequence[likely_doubles.Double]


def hints(call: Call, services: Services, finder: GridFinder, seen: Visit) -> Hints:
    """The kind, the place and likely doubles of what was typed so far. Blocking, and quick enough for every key."""
    if not call.words and not call.where and call.point is None:
        return Hints((), "", ())
    place = place_of(call, services, finder, seen)
    names = {code: services.grids.grid(code).name for code in place.grids}
    where = place_words(place.grids, names, 3) if call.where or call.point else ""
    report = _report(call, place, "", services.clock(), seen)
    doubles = likely_doubles.find(told_by_report(report), place, call.phone, services.views, seen.scope)
    kinds = services.classifier.suggest(call.words) if services.classifier and len(call.words) >= 2 else ()
    return Hints(kinds, where, doubles)


def place_of(call: Call, services: Services, finder: GridFinder, seen: Visit) -> Place:
    """A click on the map says it best; else the grid that the words mean; else only the words, 待定."""
    if call.point is not None:
        lon, lat = call.point
        grids = tuple(code for code in services.grids.locate(lon, lat) if code is not None)
        return Place(lon, lat, grids, (lon, lat, "wgs84"), None, call.where)
    found = finder.find(call.where, seen.scope.area, limit=1)
    return Place(grids=services.grids.ancestors(found[0].code) if found else (), address=call.where)


def file(call: Call, number: str, services: Services, finder: GridFinder, seen: Visit) -> tuple[Component, bool]:
    """File the call as a report of this account; words with the case's number, and whether it was filed. Blocking."""
    problem = _problem(call, seen) or _missing_file(call, services)
    place = place_of(call, services, finder, seen)
    if not problem and place.grids and seen.scope.area and seen.scope.area not in place.grids:
        problem = "地点不在您的辖区，请转报上级中心"
    if problem:
        return html.Span(f"未登记：{problem}", className="refused"), False
    try:
        answer = services.desk.file([_report(call, place, number, services.clock(), seen)], services.clock())[0]
    except (CaseError, StoreUnavailable):
        return html.Span("未登记：数据库暂时不可用，内容已留在本机，请稍后再按", className="refused"), False
    if answer.receipt is None:
        return html.Span(f"未登记：{answer.msg}", className="refused"), False
    no = answer.receipt.number
    return html.Span(["已登记 ", html.A(no, href=f"/case/{no}", **{"data-case": no})], className="done"), True


def _problem(call: Call, seen: Visit) -> str:
    if seen.account.role not in TAKERS:
        return "您的岗位不能登记"
    if not call.words:
        return "请写下说了什么"
    if not call.where and call.point is None:
        return "请写地点，或在地图上点一下"
    return ""


def _missing_file(call: Call, services: Services) -> str:
    """What was attached must be there: a report never names a photo that nobody can open."""
    if len(call.files) > MOST_FILES:
        return f"最多附 {MOST_FILES} 个文件"
    folder = Path(services.uploads)
    lost = [each for each in call.files if not any(folder.glob(f"{each}.*"))]
    return f"有 {len(lost)} 个文件没有传成，请去掉后重传" if lost else ""


def _report(call: Call, place: Place, number: str, now: datetime, seen: Visit) -> IncidentReport:
    kind = category_of(call.kind or OTHER)
    told = (call.words, kind.code, call.where, call.name, call.phone, call.point, call.files)
    teller = Reporter(call.name, call.phone, anonymous=False) if call.name or call.phone else None
    return IncidentReport(
        source=f"account:{seen.account.name}",
        id=number,
        fingerprint=hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest(),
        at=now,
        received_at=now,
        channel="call",
        category=kind.code,
        title=call.title or kind.name,
        text=call.words,
        severity=kind.severity,
        place=place,
        reporter=teller,
        attachments=call.files,
    )


def said(found: Hints) -> list[Component]:
    """The hints under the words: kinds as buttons with what spoke for them, the place, likely doubles."""
    kinds = [_kind(at, each) for at, each in enumerate(found.kinds)]
    where = [html.P(["地点 ", html.B(found.where)])] if found.where else []
    doubles = likely_doubles.section(found.doubles, None)
    return [html.Div(kinds, className="kinds"), *where, *([doubles] if doubles else [])]


def _kind(at: int, each: CategorySuggestion) -> Component:
    because = "、".join(f"“{word}”" for word in each.because)
    words = html.Span(f"{category_of(each.category).name} {each.confidence:.0%}")
    return html.Button(
        [html.Kbd(f"Alt+{at + 1}"), words, html.Small(because)],
        id={"type": PICK, "code": each.category},
        className="kind",
        **{"data-kind-pick": str(at + 1)},
    )
