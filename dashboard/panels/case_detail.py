"""One case: what and where · how late · who has it · what can be done now · why · what happened so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dash import ALL, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.errors import CaseError, StaleCase
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES
from cases.model import Action, Case, CaseNo
from cases.refusals import refusal_of
from dashboard.components import frame
from dashboard.dossier import Dossier, read
from dashboard.offloop import off_loop
from dashboard.orders import Form, carry_out, missed_since
from dashboard.panels import (
    case_buttons,
    case_facts,
    case_papers,
    case_parts,
    case_story,
    come_back,
    likely_doubles,
    who_goes,
)
from dashboard.panels.case_buttons import REVEAL
from dashboard.panels.case_ids import ID, NUMBER, PARTNERS, UNIT, WORDS, button_id
from dashboard.services import Services
from dashboard.session import Visit, visit

__all__ = ["CHOSEN", "ID", "act", "layout", "pane", "pane_of", "read", "register"]

CHOSEN, ANSWER, LOOKING = "chosen-case", f"{ID}-answer", f"{ID}-looking"
ORDER = f"{ID}-order"  # what was pressed (assets/operator_send.js): never drawn anew, so no press goes with its button


def layout(number: str = "", pane: Component | list[Component] | None = None) -> Component:
    """The pane, empty until a case is chosen; `number` and `pane` open it with one."""
    chosen = {"case": number, "version": 0} if number else None
    return html.Div(
        [
            dcc.Store(id=CHOSEN, data=chosen),
            dcc.Store(id=ORDER),
            html.Aside(pane or _unchosen(), id=ID, className="case-pane", **{"aria-label": "案件"}),
            html.P(id=LOOKING, className="looking", role="status"),
            html.P(id=ANSWER, className="answer", role="status"),
        ],
        className="case-place",
    )


def _unchosen() -> Component:
    return frame.nothing("选一个案件：单击任意一件，或按 J / K 逐件看")


def register(app: Dash, services: Services) -> None:
    """Show the chosen case; carry a pressed button to the desk and show what came of it."""

    @app.callback(Output(ID, "children"), Input(CHOSEN, "data"), prevent_initial_call=True)
    async def show(chosen: Mapping[str, object] | None) -> Component | list[Component]:
        return await pane_of(str((chosen or {}).get("case") or ""), services, visit())

    @app.callback(
        Output(ANSWER, "children"),
        Input(ORDER, "data"),
        State({"type": WORDS, "case": ALL}, "value"),
        State({"type": UNIT, "case": ALL}, "value"),
        State({"type": NUMBER, "case": ALL}, "value"),
        State({"type": PARTNERS, "case": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def order(ordered: object, *fields: Sequence[object]) -> Component:
        match ordered:
            case {"case": str(number), "version": int(version), "action": str(action), "to": str(to)}:
                form = Form(version, *(field[0] if field else None for field in fields), to=to)
                return await carried(action, CaseNo(number), form, services, visit())
        raise PreventUpdate


async def carried(action: str, number: CaseNo, form: Form, services: Services, seen: Visit) -> Component:
    """What came of a press in the pane, in words; a look at the reporter is no step of the case."""
    if action == REVEAL:
        return await off_loop(reveal, number, services, seen)
    if action not in set(Action):
        return html.Span(f"未办理：没有“{action}”这个动作", className="refused")
    return await act(Action(action), number, form, services, seen)


async def pane_of(number: str, services: Services, seen: Visit) -> Component | list[Component]:
    """The pane's content for a case number; words where there is none or it lies outside the visit's area."""
    if not number:
        return _unchosen()
    dossier = await off_loop(read, CaseNo(number), services, seen, await services.live.snapshot())
    return pane(dossier) if dossier else frame.nothing(f"没有案件 {number}，或它不在您的辖区")


async def act(action: Action, number: CaseNo, form: Form, services: Services, seen: Visit) -> Component:
    """One action on the case as it was shown: the words to say, marked with a case to show again (assets).

    A refusal of anything but a case that moved on leaves the pane as it is, with its open lists and half-written words.
    """
    fixes = await services.live.snapshot() if form.to else ()
    again = {"data-acted-case": number, "data-acted-at": services.clock().isoformat()}
    try:
        after = await off_loop(carry_out, action, number, form, services, seen, fixes)
    except CaseError as problem:
        since = await off_loop(missed_since, problem, number, form.version, services, seen)
        marked = again if isinstance(problem, StaleCase) else {}
        return html.Span([f"未办理：{problem.msg}", *map(html.Small, since)], className="refused", **marked)
    return html.Span(f"已{ACTION_NAMES[action]} · 现在 {STAGE_NAMES[after.stage]}", className="done", **again)


def reveal(number: CaseNo, services: Services, seen: Visit) -> Component:
    """Say who reported, once, to a role that may know; first the look is recorded, apart from the case. Blocking."""
    case = services.views.case(number, seen.scope)
    if case is None or not seen.scope.reveal or case.reporter is None:
        return html.Span("未办理：您的岗位不能查看报告人", className="refused")
    services.registry.disclosures.record(seen.account.name, "reveal", number, services.clock())
    return html.Span(f"报告人 {case.reporter.name} {case.reporter.phone}（已记录）", className="done")


def pane(dossier: Dossier) -> list[Component]:
    """The pane from top to bottom."""
    doubles = likely_doubles.section(
        dossier.doubles,
        _presses(dossier.case, Action.MERGE),
        Action.ACCEPT in dossier.actions or Action.DISPATCH in dossier.actions,
    )
    again = come_back.section(dossier.came_back, lambda row: _taken_back(dossier.case, row), _is_possible(dossier))
    goes = who_goes.section(
        dossier.going, dossier.worker_names, _presses(dossier.case, Action.DISPATCH), Action.DISPATCH in dossier.actions
    )
    return [
        case_facts.head(dossier),
        case_facts.facts(dossier),
        *case_papers.came_with(dossier.attachments),
        case_buttons.section(dossier),
        *([parts] if (parts := case_parts.section(dossier)) else []),
        *([goes] if dossier.going else []),
        *([doubles] if doubles else []),
        *([again] if again else []),
        case_papers.section(dossier.case.no, refusal_of(dossier.case, dossier.events) is not None),
        case_story.section(dossier),
    ]


def _taken_back(case: Case, row: come_back.ComeBack) -> Mapping[str, object]:
    """Reopening is a step of the earlier case, which it names; linking and merging are steps of this one."""
    if row.action is Action.REOPEN:
        return button_id(row.case, row.action, case.no)
    return button_id(case, row.action, row.case.no)


def _is_possible(dossier: Dossier) -> Callable[[come_back.ComeBack], bool]:
    return lambda row: dossier.may_reopen if row.action is Action.REOPEN else row.action in dossier.actions


def _presses(case: Case, action: Action) -> who_goes.Press:
    """The ids of buttons that do one thing with this case, each to another."""
    return lambda to: button_id(case, action, to)
