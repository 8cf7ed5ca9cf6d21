"""The meeting's second screen: who is called, what is late and hard there, what is decided; it follows the chair."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.agenda import Item
from cases.lifecycle import STAGE_NAMES
from cases.meetings import KINDS, PRESENCE
from cases.model import Case
from dashboard.components import frame
from dashboard.components.signs import light
from dashboard.components.words import clock_words, due_words, place_words
from dashboard.offloop import off_loop
from dashboard.panels import meeting_floor
from dashboard.panels.meeting_floor import Floor, promise, shown_case
from dashboard.services import Services
from dashboard.session import visit

ID, ASK = "meeting-screen", "meeting-screen-ask"
SHOWN = 8
TITLE = "第二屏"


def layout(content: Sequence[Component] = ()) -> Component:
    """The whole screen; it asks again at every bell of the meeting (assets/meeting.js)."""
    return html.Div([html.Div(list(content), id=ID, className="second-screen"), dcc.Store(id=ASK)])


def register(app: Dash, services: Services) -> None:
    """Show the meeting as it is now."""

    @app.callback(Output(ID, "children"), Input(ASK, "data"), prevent_initial_call=True)
    async def follow(_: object) -> list[Component]:
        floor = await off_loop(meeting_floor.read, services, visit())
        return content(floor)


def content(floor: Floor | None) -> list[Component]:
    """Three columns for the far chair: the roll, the called grid, and the open case or what was decided."""
    if floor is None or floor.meeting is None:
        return [html.Section([html.H1("会议未开始")], className="screen-middle")]
    item = next((each for each in floor.agenda if each.grid == floor.called), None)
    return [
        html.Section(_roll(floor), className="screen-left"),
        html.Section(_called(item, floor), className="screen-middle"),
        html.Section(_right(floor), className="screen-right"),
    ]


def _roll(floor: Floor) -> list[Component]:
    """The name that is called and the next ones."""
    grids = [item.grid for item in floor.agenda]
    at = grids.index(floor.called) if floor.called in grids else 0
    roll = dict(floor.meeting.roll) if floor.meeting else {}
    came = {code: html.Small(PRESENCE.get(roll.get(code, ""), "")) for code in grids}
    rows = [
        html.Li([floor.name(code), came[code]], className="here" if code == floor.called else "")
        for code in grids[at : at + 6]
    ]
    kind = KINDS[floor.meeting.kind].name if floor.meeting else ""
    return [html.H2(kind), html.P(f"{clock_words(floor.now)} · 共 {len(grids)} 个"), html.Ol(rows)]


def _called(item: Item | None, floor: Floor) -> list[Component]:
    if item is None:
        return [html.H1("即将点名")]
    told = [no for part in item.parts for no in part.cases]
    cases = [case for no in dict.fromkeys(told) if (case := floor.case(no)) is not None]
    left = len(cases) - SHOWN
    more = [html.P(f"另有 {left} 件")] if left > 0 else []
    rows = [_row(case, floor) for case in cases[:SHOWN]]
    body = [html.Ol(rows, className="screen-cases")] if rows else [frame.nothing("没有需要调度的案件")]
    return [html.H1(floor.name(item.grid)), html.P(item.reason, className="reason"), *body, *more]


def _row(case: Case, floor: Floor) -> Component:
    who = floor.names.units.get(case.unit or "", "未派")
    cells = [
        light(case.standing),
        html.B(case.title),
        html.Span(who),
        html.Small(due_words(case, floor.now), className=str(case.standing)),
    ]
    here = floor.meeting is not None and floor.meeting.shown == case.no
    return html.Li(cells, className="here" if here else "")


def _right(floor: Floor) -> list[Component]:
    """The case that the chair opened, without personal data; under it this meeting's decisions, else the look-back."""
    shown = floor.case(shown_case(floor) or "")
    case = [_case(shown, floor)] if shown else []
    listed = floor.made or floor.promises
    title = f"本次议定 {len(floor.made)} 项" if floor.made else "上次议定"
    rows = [html.Li(promise(one, floor.now)) for one in listed[:SHOWN]]
    body = html.Ol(rows, className="promises") if rows else frame.nothing("还没有议定事项")
    return [*case, html.H2(title), body]


def _case(case: Case, floor: Floor) -> Component:
    facts = [
        place_words(case.grids, floor.names.grids),
        STAGE_NAMES[case.stage],
        floor.names.units.get(case.unit or "", "未派"),
        due_words(case, floor.now),
    ]
    return html.Article([html.H2(case.title), html.P(" · ".join(facts)), html.P(case.no)], **{"data-shown": case.no})
