"""Several cases at once: what is marked stands listed, one press acts on all, and each line says what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.errors import CaseError
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES
from cases.model import Action, Case, CaseNo
from dashboard.components.dropdown import dropdown
from dashboard.components.signs import light
from dashboard.components.words import due_words
from dashboard.offloop import off_loop
from dashboard.orders import Form, carry_out
from dashboard.pressed import pressed_button
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "bulk-tray"
MARKED, LINES, UNIT, DO = f"{ID}-marked", f"{ID}-lines", f"{ID}-unit", f"{ID}-do"
ACTIONS: Mapping[Action, str] = {Action.ACCEPT: "Shift+S", Action.DISPATCH: "Shift+D"}
EACH_ITS_OWN = ""  # dispatch each case to the unit that answers for it
MOST = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked case at the version that was seen when it was marked."""

    case: CaseNo
    version: int


def layout(services: Services | None = None) -> Component:
    """The tray over the middle of the desk, hidden while nothing is marked (assets/operator_marks.js)."""
    units = services.directory.units() if services else ()
    options = [{"label": "各派建议单位", "value": EACH_ITS_OWN}, *({"label": u.name, "value": u.id} for u in units)]
    buttons = [
        html.Button([html.Kbd(key), ACTION_NAMES[action]], id={"type": DO, "action": action}, className="action")
        for action, key in ACTIONS.items()
    ]
    clear = html.Button([html.Kbd("Shift+X"), "取消选择"], className="action", **{"data-clear-marks": ""})
    to = dropdown(options, EACH_ITS_OWN, id=UNIT, clearable=False, maxHeight=200)
    return html.Section(
        [
            html.Header([html.H2("批量办理"), html.Span(className="marked-count")]),
            html.Ol(id=LINES),
            html.Div([*buttons, to, clear], className="actions"),
            dcc.Store(id=MARKED),
        ],
        id=ID,
        **{"aria-label": "批量办理"},
    )


def register(app: Dash, services: Services) -> None:
    """List what is marked; act on all of it."""

    @app.callback(
        Output(LINES, "children"),
        Input(MARKED, "data"),
        Input({"type": DO, "action": ALL}, "n_clicks"),
        State(UNIT, "value"),
        prevent_initial_call=True,
    )
    async def answer(marked: object, _clicks: Sequence[int | None], unit: object) -> list[Component]:
        marks, pressed = marks_of(marked), pressed_button()
        if pressed is None:
            if ctx.triggered_id != MARKED:
                raise PreventUpdate
            if isinstance(marked, Mapping) and marked.get("quiet"):  # only the versions moved on: the results stand
                raise PreventUpdate
            return await off_loop(listed, marks, services, visit())
        return await off_loop(act, Action(str(pressed["action"])), marks, str(unit or ""), services, visit())


def marks_of(data: object) -> list[Mark]:
    """The marks as they came from a browser, at most `MOST`, each case once; what is no mark is left out."""
    given = data.get("cases") if isinstance(data, Mapping) else None
    found: dict[str, Mark] = {}
    for each in given if isinstance(given, list) else ():
        if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and type(each[1]) is int:
            found[each[0]] = Mark(CaseNo(each[0]), each[1])
    return list(found.values())[:MOST]


def listed(marks: Sequence[Mark], services: Services, seen: Visit) -> list[Component]:
    """One line a marked case. Blocking."""
    return [_line(mark, services.views.case(mark.case, seen.scope), services) for mark in marks]


def act(action: Action, marks: Sequence[Mark], unit: str, services: Services, seen: Visit) -> list[Component]:
    """Act on each marked case by itself, as it was seen; one line each, and how many went through. Blocking."""
    results = [_one(action, mark, unit, services, seen) for mark in marks]
    done = sum(is_done for is_done, _ in results)
    name, refused = ACTION_NAMES[action], len(results) - done
    words = f"{done} 件已{name}" + (f"，{refused} 件未办，原因见各行" if refused else "")
    return [html.Li(words, className="outcome", role="status"), *(line for _, line in results)]


def _one(action: Action, mark: Mark, unit: str, services: Services, seen: Visit) -> tuple[bool, Component]:
    try:
        after = carry_out(action, mark.case, Form(mark.version, unit=unit), services, seen)
    except CaseError as problem:
        said = html.Span(f"未{ACTION_NAMES[action]}：{problem.msg}", className="refused")
        return False, _line(mark, services.views.case(mark.case, seen.scope), services, said)
    to = {each.id: each.name for each in services.directory.units()}.get(after.unit or "", "")
    words = f"已{ACTION_NAMES[action]}" + (f"给 {to}" if action is Action.DISPATCH else "")
    return True, _line(Mark(mark.case, after.version), after, services, html.Span(words, className="done"))


def _line(mark: Mark, case: Case | None, services: Services, said: Component | None = None) -> Component:
    if case is None:
        return html.Li([html.Span(mark.case), html.Span("没有这个案件，或不在您的辖区", className="refused")])
    clock = [light(case.standing), due_words(case, services.clock())]
    moved = html.Span("标记后已被更新", className="refused") if case.version != mark.version else None
    return html.Li(
        [
            html.Span(clock, className=f"due {case.standing}"),
            html.A(case.title, href=f"/case/{case.no}", **{"data-case": case.no}),
            html.Span(STAGE_NAMES[case.stage]),
            said or moved or html.Span(),
            html.Button("×", **{"data-unmark": case.no, "aria-label": "取消选择此案"}),
        ],
        **{"data-marked-case": mark.case, "data-marked-version": str(mark.version)},
    )
