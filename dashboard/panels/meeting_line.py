"""The decision line of a meeting: who 办 what by when, Enter makes the task; below it what was decided so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.decisions import MOST_TEXT, Answerable, Decision
from cases.errors import BadAction, CaseError
from cases.meetings import KINDS
from dashboard.components import frame
from dashboard.components.words import moment_words
from dashboard.offloop import off_loop
from dashboard.panels import meeting_floor
from dashboard.panels.meeting_floor import Floor, codes_of, door, known_of
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "meeting-made"
ORDER, ANSWER, LINE, NAMES = "meeting-order", "meeting-answer", "meeting-line", "meeting-names"
SHOWN, NOTED = "meeting-shown", "meeting-noted"  # apart: an order that follows at once drops one that is under way


@dataclass(frozen=True, slots=True)
class Order:
    """What the chair did: `do`, the meeting's number, and what it names besides."""

    do: str
    no: str
    said: Mapping[str, object]

    def word(self, name: str) -> str:
        """A word of the order, "" where it has none."""
        said = self.said.get(name)
        return said if isinstance(said, str) else ""


def layout(floor: Floor | None = None) -> Component:
    """The line with its completions, the answer, and the decisions of this meeting."""
    line = dcc.Input(
        id=LINE,
        placeholder="谁 办 什么 何时：城管中队 办 清理占道 周五前",
        list=NAMES,
        maxLength=MOST_TEXT + 100,
        autoComplete="off",
        persistence=True,  # a reload forgets no half-written decision
        persistence_type="session",
    )
    names = html.Datalist(_options(floor.known if floor else ()), id=NAMES)
    head = html.Label([html.Kbd("y"), "议定"], htmlFor=LINE)
    return html.Section(
        [
            dcc.Store(id=ORDER),
            dcc.Store(id=SHOWN),
            dcc.Store(id=NOTED),
            html.Div([head, line, html.Kbd("↵")], className="deciding"),
            names,
            html.P(id=ANSWER, className="answer", role="status"),
            html.Div(made(floor) if floor else None, id=ID),
        ],
        className="panel meeting-line",
        **{"aria-label": "议定事项"},
    )


def _options(known: Sequence[Answerable]) -> list[Component]:
    return [html.Option(value=f"{each.name} 办 ") for each in known]


def made(floor: Floor) -> list[Component]:
    """The decisions of this meeting, newest first."""
    if floor.meeting is None:
        return [frame.nothing("会议开始后在此记录议定事项")]
    if not floor.made:
        return [frame.nothing("本次会议还没有议定事项")]
    return [
        html.H3(f"本次议定 {len(floor.made)} 项"),
        html.Ol([html.Li(meeting_floor.promise(one, floor.now)) for one in floor.made], className="promises"),
    ]


def register(app: Dash, services: Services) -> None:
    """Carry an order of the chair to the desk of meetings, and show the floor anew."""

    @app.callback(
        Output(ANSWER, "children"),
        Output(meeting_floor.ID, "children"),
        Output(ID, "children"),
        Input(ORDER, "data"),
        prevent_initial_call=True,
    )
    async def obey(data: Mapping[str, object] | None) -> tuple[object, object, object]:
        if not isinstance(data, Mapping) or not isinstance(data.get("do"), str):
            raise PreventUpdate
        given = Order(str(data["do"]), str(data.get("no") or ""), data)
        return await off_loop(carry_out, given, services, visit())

    @app.callback(Output(NOTED, "data"), Input(SHOWN, "data"), prevent_initial_call=True)
    async def note(data: Mapping[str, object] | None) -> str:
        if not isinstance(data, Mapping):
            raise PreventUpdate
        return await off_loop(show, Order("show", str(data.get("no") or ""), data), services, visit())


def carry_out(given: Order, services: Services, seen: Visit) -> tuple[object, object, object]:
    """Do what the chair ordered; the answer in words, and the floor as it is now. Blocking."""
    act = _DO.get(given.do)
    if act is None:
        raise PreventUpdate
    try:
        words = act(given, services, seen)
    except CaseError as problem:
        return html.Span(f"未记录：{problem.msg}", className="refused"), no_update, no_update
    floor = meeting_floor.read(services, seen, given.word("grid"))
    if floor is None:
        raise PreventUpdate
    answer = html.Span(words, className="done", **{"data-done": given.do}) if words else no_update
    return answer, meeting_floor.content(floor), made(floor)


def show(given: Order, services: Services, seen: Visit) -> str:
    """What the chair opens stands on the second screen too, when it is a case that he may see. Blocking."""
    case = given.word("case")
    if case and services.views.case(case, seen.scope) is None:  # type: ignore[arg-type]
        raise PreventUpdate
    try:
        door(services).show(given.no, case, seen.account)
    except CaseError as problem:  # the meeting was closed meanwhile
        raise PreventUpdate from problem
    return case


def _open(given: Order, services: Services, seen: Visit) -> str:
    kind = KINDS.get(given.word("kind"))
    if kind is None:
        raise BadAction("没有这种会议", "kind")
    now = services.clock()
    by_grid = services.registry.meetings.matters(codes_of(services, seen), seen.scope, now)
    return f"{kind.name}开始 · {door(services).open(kind, by_grid, seen.account, now).no}"


def _call(given: Order, services: Services, seen: Visit) -> str:
    door(services).call(given.no, given.word("grid"), seen.account)
    return ""


def _move(given: Order, services: Services, seen: Visit) -> str:
    by = given.said.get("by")
    door(services).reorder(given.no, given.word("grid"), by if by in (-1, 1) else 0, seen.account)  # type: ignore[arg-type]
    return ""


def _presence(given: Order, services: Services, seen: Visit) -> str:
    door(services).note_presence(given.no, given.word("grid"), given.word("presence"), seen.account)
    return ""


def _decide(given: Order, services: Services, seen: Visit) -> str:
    if not given.no:
        raise BadAction("会议还没有开始，先开会再议定", "line")
    now = services.clock()
    known = known_of(services)
    one = door(services).decide(given.no, given.word("line"), given.word("case"), known, seen.account, seen.scope, now)
    return f"已议定 {one.no}：{told(one)}"


def told(one: Decision) -> str:
    """A decision in one sentence."""
    return f"{one.who} 办 {one.text}，{moment_words(one.due_at, one.made_at)} 前"


def _close(given: Order, services: Services, seen: Visit) -> str:
    over = door(services).close(given.no, seen.account, services.clock())
    count = len(services.registry.meetings.decisions(seen.scope, meeting=over.no))
    return f"会议 {over.no} 已结束，议定 {count} 项"


_DO: Mapping[str, Callable[[Order, Services, Visit], str]] = {
    "look": lambda given, services, seen: "",
    "open": _open,
    "call": _call,
    "move": _move,
    "presence": _presence,
    "decide": _decide,
    "close": _close,
}
