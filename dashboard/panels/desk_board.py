"""The board of the desk: one column a stage; a card dropped on a column is the step that leads there.

The columns are filled by assets/operator_board.js from the topic `board`, only the rows in view: thousands stay fluid.
A drop names the case, the version that was seen and the stage; this asks for what the step needs, or carries it out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.categories import CATEGORIES
from cases.errors import BadAction, CaseError, StaleCase, UnknownCase
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES
from cases.model import OPEN_STAGES, Action, Case, CaseNo, Stage
from cases.routing import suggest_unit
from cases.schemes import SCHEMES, Move
from cases.stage_moves import move_to
from dashboard.components.dropdown import dropdown
from dashboard.components.words import SEVERITY_NAMES
from dashboard.offloop import off_loop
from dashboard.orders import Form, carry_out, missed_since
from dashboard.panels.stage_bars import WAITING_NAMES
from dashboard.pressed import pressed_button
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "desk-board"
ORDER, ASKED = f"{ID}-order", f"{ID}-asked"
DO, WORDS, UNIT, REASON = f"{ID}-do", f"{ID}-words", f"{ID}-unit", f"{ID}-reason"
COLUMNS = {**WAITING_NAMES, Stage.CLOSED: STAGE_NAMES[Stage.CLOSED]}
MOST_OPEN = 2000  # what a board of the store holds; what is beyond is said, never silently left out


def layout(services: Services | None = None) -> Component:
    """Empty columns with everything that the script needs to name what the wire only codes."""
    columns = [_column(stage, words) for stage, words in COLUMNS.items()]
    told = json.dumps(_names(services), ensure_ascii=False) if services else "{}"
    return html.Section(
        [
            html.P(id=f"{ID}-note", className="board-note", role="status"),
            html.Div(columns, className="columns"),
            dcc.Store(id=ORDER),
            html.Div(id=ASKED, className="board-asked", role="status"),
        ],
        id=ID,
        **{"aria-label": "看板", "data-board": told},
    )


def _column(stage: Stage, words: str) -> Component:
    kind = "column" if stage in OPEN_STAGES else "column way-out"
    rows = html.Div(html.Div(className="sheet"), className="column-rows")
    head = html.H3([words, html.Small("拖到此处" if stage not in OPEN_STAGES else "", className="column-count")])
    return html.Section([head, rows], className=kind, **{"data-column": stage.value, "aria-label": words})


def _names(services: Services) -> dict[str, object]:
    return {
        "units": {unit.id: unit.name for unit in services.directory.units()},
        "grids": {grid.code: grid.name for grid in services.grids.grids()},
        "categories": {code: category.name for code, category in CATEGORIES.items()},
        "severities": SEVERITY_NAMES,
        "most": MOST_OPEN,
    }


def register(app: Dash, services: Services) -> None:
    """Answer a drop; carry out what was asked for."""

    @app.callback(
        Output(ASKED, "children"),
        Input(ORDER, "data"),
        Input({"type": DO, "case": ALL, "version": ALL, "action": ALL}, "n_clicks"),
        State({"type": WORDS, "case": ALL}, "value"),
        State({"type": REASON, "case": ALL}, "value"),
        State({"type": UNIT, "case": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def answer(order: object, _clicks: Sequence[int | None], *fields: Sequence[object]) -> object:
        words, reason, unit = (field[0] if field else None for field in fields)
        pressed = pressed_button()
        if pressed is not None:
            form, action = Form(pressed["version"], words or reason, unit), Action(str(pressed["action"]))
            return await off_loop(_carry_out, action, str(pressed["case"]), form, services, visit())
        if ctx.triggered_id != ORDER:
            raise PreventUpdate
        return await off_loop(dropped, order, services, visit()) if isinstance(order, Mapping) else []


def dropped(order: Mapping[str, object], services: Services, seen: Visit) -> Component:
    """What comes of a card dropped on a column: done, a form for what the step needs, or a refusal. Blocking."""
    number, version = CaseNo(str(order.get("case"))), order.get("version")
    case = services.views.case(number, seen.scope)
    try:
        if case is None:
            raise UnknownCase(number)
        move = move_to(case, _stage(order.get("to")), seen.actor)
        if case.version != version:
            last = services.views.events(number, seen.scope)[-1]
            raise StaleCase(case.version, last.by, ACTION_NAMES[last.action])
    except CaseError as problem:
        return _refused(problem, number, version, services, seen)
    if move.needs or move.action is Action.DISPATCH:
        return _form(case, move, services)
    return _carry_out(move.action, number, Form(version), services, seen)


def _stage(name: object) -> Stage:
    if name not in {stage.value for stage in COLUMNS}:
        raise BadAction("没有这一列", "to")
    return Stage(str(name))


def _carry_out(action: Action, number: str, form: Form, services: Services, seen: Visit) -> Component:
    try:
        after = carry_out(action, CaseNo(number), form, services, seen)
    except CaseError as problem:
        return _refused(problem, number, form.version, services, seen)
    return html.P(
        f"已{ACTION_NAMES[action]}：{after.title} · 现在 {STAGE_NAMES[after.stage]}",
        className="done",
        **{"data-done-case": number},
    )


def _refused(problem: CaseError, number: str, version: object, services: Services, seen: Visit) -> Component:
    since = missed_since(problem, CaseNo(number), version, services, seen)
    return html.P([f"未移动：{problem.msg}", *map(html.Small, since)], className="refused")


def _form(case: Case, move: Move, services: Services) -> Component:
    """What the step needs, asked for in place; Enter in a field or a click on the button carries it out."""
    name, key = ACTION_NAMES[move.action], {"case": case.no}
    fields: list[Component] = []
    if move.action is Action.DISPATCH:
        units = services.directory.units()
        best = suggest_unit(case, units)
        options = [{"label": unit.name, "value": unit.id} for unit in units]
        fields.append(dropdown(options, best.unit.id if best else None, id={"type": UNIT, **key}, clearable=False))
        fields += [html.P(best.why, className="why")] if best else []
    listed = SCHEMES[case.scheme].reasons.get(move.action)
    if listed:
        choices = [row.words for row in listed.rows]
        fields.append(dcc.RadioItems(choices, choices[0], id={"type": REASON, **key}, className="reasons"))
    if move.needs and (listed is None or listed.free):
        fields.append(dcc.Input(id={"type": WORDS, **key}, placeholder="其他理由或说明", maxLength=500))
    do = html.Button(
        [html.Kbd("Enter"), name],
        id={"type": DO, **key, "version": case.version, "action": move.action},
        className="action main",
        **{"data-board-do": ""},
    )
    cancel = html.Button([html.Kbd("Esc"), "不动"], className="action", **{"data-board-cancel": ""})
    return html.Div([html.H4(f"{name}：{case.title}"), *fields, html.Div([do, cancel], className="actions")])
