"""One case: what and where · how late · who has it · what can be done now · why · what happened so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.categories import category_of
from cases.errors import BadAction, CaseError, StaleCase, UnknownCase
from cases.lifecycle import ACTION_NAMES, STAGE_NAMES, STATE_NAMES, actions_for
from cases.masking import masked_name, masked_phone
from cases.model import CHANNELS, Action, Case, CaseNo, Event, Fix, HandlingUnit, Reporter, Stage
from cases.model import State as CaseState
from cases.ranking import Ranked
from cases.routing import Suggestion, suggest_unit
from dashboard.components import frame
from dashboard.components.signs import light
from dashboard.components.words import (
    SEVERITY_NAMES,
    STANDING_NAMES,
    due_words,
    moment_words,
    place_words,
)
from dashboard.offloop import off_loop
from dashboard.panels import likely_doubles, who_goes
from dashboard.panels.likely_doubles import Double
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "case-detail"
CHOSEN, ANSWER, LOOKING = "chosen-case", f"{ID}-answer", f"{ID}-looking"
BUTTON, SHOWN = f"{ID}-action", f"{ID}-shown"
WORDS, UNIT, NUMBER = f"{ID}-words", f"{ID}-unit", f"{ID}-number"

REVEAL = "reveal"  # not an action of the life cycle: it is kept as a note

OFFERED: Mapping[Action, str] = {
    Action.ACCEPT: "s",
    Action.DISPATCH: "d",
    Action.SIGN: "q",
    Action.HANDLE: "f",
    Action.VERIFY: "v",
    Action.REWORK: "r",
    Action.CLOSE: "c",
    Action.RETURN: "b",
    Action.TRANSFER: "m",
    Action.URGE: "p",
    Action.SUPERVISE: "g",
    Action.EXTEND: "e",
    Action.APPROVE: "z",
    Action.SUSPEND: "x",
    Action.RESUME: "z",
    Action.REFUSE: "",
    Action.VOID: "",
    Action.REOPEN: "",
    Action.UNMERGE: "u",
    Action.NOTE: "t",
}
"""The buttons in their order and the key of each; what a case allows is the life cycle's business, not this table's."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the pane says about one case, read in one go for one visit."""

    case: Case
    events: Sequence[Event]
    units: Sequence[HandlingUnit]
    suggestion: Suggestion | None
    grid_names: Mapping[str, str]
    worker_names: Mapping[str, str]
    actions: Sequence[Action]
    reveal: bool
    now: datetime
    going: Sequence[Ranked] = ()
    doubles: Sequence[Double] = ()

    @property
    def unit_names(self) -> Mapping[str, str]:
        """Unit names by id."""
        return {unit.id: unit.name for unit in self.units}


@dataclass(frozen=True, slots=True)
class Form:
    """What a person sees and wrote when a button is pressed: the version shown, and the fields, None where absent.

    `to` is whom or what the button itself names: a worker, a unit, another case.
    """

    version: object = None
    words: object = None
    unit: object = None
    days: object = None
    to: str = ""


def layout(number: str = "", pane: Component | list[Component] | None = None) -> Component:
    """The pane, empty until a case is chosen; `number` and `pane` open it with one."""
    chosen = {"case": number, "version": 0} if number else None
    return html.Div(
        [
            dcc.Store(id=CHOSEN, data=chosen),
            html.Aside(pane or _unchosen(), id=ID, className="case-pane", **{"aria-label": "案件"}),
            html.P(id=LOOKING, className="looking", role="status"),
            html.P(id=ANSWER, className="answer", role="status"),
        ],
        className="case-place",
    )


def _unchosen() -> Component:
    return frame.nothing("选一个案件：单击卡片或地图上的符号，或按 J / K")


def register(app: Dash, services: Services) -> None:
    """Show the chosen case; carry a pressed button to the desk and show what came of it."""

    @app.callback(Output(ID, "children"), Input(CHOSEN, "data"), prevent_initial_call=True)
    async def show(chosen: Mapping[str, object] | None) -> Component | list[Component]:
        return await pane_of(str((chosen or {}).get("case") or ""), services, visit())

    @app.callback(
        Output(ANSWER, "children"),
        Output(CHOSEN, "data"),
        Input({"type": BUTTON, "action": ALL, "to": ALL}, "n_clicks"),
        State(CHOSEN, "data"),
        State({"type": SHOWN, "case": ALL}, "data"),
        State({"type": WORDS, "case": ALL}, "value"),
        State({"type": UNIT, "case": ALL}, "value"),
        State({"type": NUMBER, "case": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def press(
        clicks: Sequence[int | None], chosen: Mapping[str, object] | None, *fields: Sequence[object]
    ) -> tuple[object, object]:
        if not any(clicks) or not chosen or not isinstance(ctx.triggered_id, Mapping):
            raise PreventUpdate
        pressed = ctx.triggered_id
        form = Form(*(field[0] if field else None for field in fields), to=str(pressed["to"]))
        if pressed["action"] == REVEAL:
            return await off_loop(reveal, CaseNo(str(chosen["case"])), services, visit())
        return await act(Action(pressed["action"]), chosen, form, services, visit())


async def pane_of(number: str, services: Services, seen: Visit) -> Component | list[Component]:
    """The pane's content for a case number; words where there is none or it lies outside the visit's area."""
    if not number:
        return _unchosen()
    dossier = await off_loop(read, CaseNo(number), services, seen, await services.live.snapshot())
    return pane(dossier) if dossier else frame.nothing(f"没有案件 {number}，或它不在您的辖区")


def read(number: CaseNo, services: Services, seen: Visit, fixes: Sequence[Fix] = ()) -> Dossier | None:
    """All about one case within the visit's scope; None when absent or outside it. Blocking.

    `fixes` is the newest position of everybody; only workers of the visit's area are weighed.
    """
    case = services.views.case(number, seen.scope)
    if case is None:
        return None
    units = services.directory.units()
    workers = services.directory.workers(seen.scope)
    name = (lambda text: text) if seen.scope.reveal else masked_name
    allowed = actions_for(case, seen.actor)
    suggestion, board = suggest_unit(case, units), services.views.board(seen.scope)
    now = services.clock()
    return Dossier(
        case,
        services.views.events(number, seen.scope),
        units,
        suggestion,
        {code: services.grids.grid(code).name for code in case.grids if code in services.grids},
        {worker.id: name(worker.name) for worker in workers},
        [action for action in OFFERED if action in allowed],
        seen.scope.reveal,
        now,
        going(case, seen, services, fixes, now, board) if {Action.ACCEPT, Action.DISPATCH} & set(allowed) else (),
        likely_doubles.of_case(case, board) if case.stage in (Stage.REPORTED, Stage.ACCEPTED) else (),
    )


def going(
    case: Case,
    seen: Visit,
    services: Services,
    fixes: Sequence[Fix],
    now: datetime,
    board: Sequence[Case] | None = None,
) -> list[Ranked]:
    """Who could go to a case, best first; `board` are the open cases where they were read already. Blocking."""
    board = services.views.board(seen.scope) if board is None else board
    units, workers = services.directory.units(), services.directory.workers(seen.scope)
    people = who_goes.candidates(case, workers, fixes, board, services.grids, now)
    return who_goes.ranking(case, people, who_goes.squads(case, suggest_unit(case, units), units))


async def act(
    action: Action, chosen: Mapping[str, object], form: Form, services: Services, seen: Visit
) -> tuple[object, object]:
    """One action on the case as it was shown: the words to say, and the case to show again."""
    number = CaseNo(str(chosen["case"]))
    fixes = await services.live.snapshot() if form.to else ()
    try:
        after = await off_loop(carry_out, action, number, form, services, seen, fixes)
    except CaseError as problem:
        since = await off_loop(_since, problem, number, form, services, seen)
        refused = html.Span([f"未办理：{problem.msg}", *since], className="refused")
        return refused, {**chosen, "at": services.clock().isoformat()}
    done = f"已{ACTION_NAMES[action]} · 现在 {STAGE_NAMES[after.stage]}"
    return html.Span(done, className="done"), {"case": after.no, "version": after.version}


def carry_out(
    action: Action, number: CaseNo, form: Form, services: Services, seen: Visit, fixes: Sequence[Fix] = ()
) -> Case:
    """Take a pressed button or a command to the desk; CaseError as the desk says. Blocking."""
    given = details(action, form)
    if action is Action.DISPATCH and form.to:
        given |= _chosen(number, form.to, services, seen, fixes)
    elif action is Action.DISPATCH and not given.get("unit"):
        given |= _suggested(number, services, seen)
    shown = form.version if isinstance(form.version, int) else 0
    return services.desk.act(number, action, given, seen.actor, seen.scope, shown, services.clock())


def _since(problem: CaseError, number: CaseNo, form: Form, services: Services, seen: Visit) -> list[Component]:
    """What happened to the case after it was shown, for a refusal because of that; blocking."""
    if not isinstance(problem, StaleCase) or not isinstance(form.version, int):
        return []
    missed = [event for event in services.views.events(number, seen.scope) if event.version > form.version]
    now = services.clock()
    return [
        html.Small(f"{moment_words(event.at, now)} {event.by} {ACTION_NAMES[event.action]} {event.why}".strip())
        for event in missed[-3:]
    ]


def _chosen(number: CaseNo, to: str, services: Services, seen: Visit, fixes: Sequence[Fix]) -> dict[str, object]:
    """A dispatch to somebody of the ranking: whom, the unit that answers for the matter, and the reasons to keep."""
    case = services.views.case(number, seen.scope)
    if case is None:
        raise UnknownCase(number)
    rows = going(case, seen, services, fixes, services.clock())
    because = {"reason": who_goes.chosen_because(to, rows)}
    if any(unit.id == to for unit in services.directory.units()):
        return {"unit": to, **because}
    if all(worker.id != to for worker in services.directory.workers(seen.scope)):
        raise BadAction("没有这位网格员，或不在您的辖区", "worker")
    return {"worker": to, **_suggested(number, services, seen), **because}


def reveal(number: CaseNo, services: Services, seen: Visit) -> tuple[object, object]:
    """Say who reported, once, to a role that may know; the look is kept on the case as a note. Blocking."""
    case = services.views.case(number, seen.scope)
    if case is None or not seen.scope.reveal or case.reporter is None:
        return html.Span("未办理：您的岗位不能查看报告人", className="refused"), no_update
    kept = {"text": "查看了报告人的姓名和电话"}
    try:
        services.desk.act(number, Action.NOTE, kept, seen.actor, seen.scope, case.version, services.clock())
    except CaseError as problem:
        return html.Span(f"未显示：{problem.msg}", className="refused"), no_update
    return html.Span(f"报告人 {case.reporter.name} {case.reporter.phone}（已记录）", className="done"), no_update


def _suggested(number: CaseNo, services: Services, seen: Visit) -> dict[str, object]:
    case = services.views.case(number, seen.scope)
    suggestion = suggest_unit(case, services.directory.units()) if case else None
    if suggestion is None:
        raise BadAction("没有可建议的单位，请选择承办单位", "unit")
    return {"unit": suggestion.unit.id, "reason": suggestion.why}


def details(action: Action, form: Form) -> dict[str, object]:
    """The fields of the pane as the desk takes them: the words are a reason or a text."""
    given: dict[str, object] = {}
    if isinstance(form.words, str) and form.words.strip():
        given |= {"reason": form.words.strip(), "text": form.words.strip()}
    if action in (Action.DISPATCH, Action.TRANSFER) and isinstance(form.unit, str) and form.unit:
        given["unit"] = form.unit
    if action is Action.MERGE:
        given["into"] = form.to
    if action is Action.EXTEND and isinstance(form.days, int | float):
        given["days"] = int(form.days)
    return given


def pane(dossier: Dossier) -> list[Component]:
    """The pane from top to bottom."""
    can = set(dossier.actions)
    goes = (
        [who_goes.section(dossier.going, dossier.worker_names, BUTTON, Action.DISPATCH in can)] if dossier.going else []
    )
    doubles = likely_doubles.section(dossier.doubles, BUTTON, Action.ACCEPT in can or Action.DISPATCH in can)
    return [
        _head(dossier),
        _facts(dossier),
        _doing(dossier),
        *goes,
        *([doubles] if doubles else []),
        _story(dossier),
    ]


def _head(dossier: Dossier) -> Component:
    case, now = dossier.case, dossier.now
    marks = [html.Em("演练")] if case.exercise else []
    due = f" · 到期 {moment_words(case.due_at, now)}" if case.due_at else ""
    return html.Header(
        [
            html.Button("×", className="close", title="关闭（Esc）", **{"data-close-case": "", "aria-label": "关闭"}),
            html.H2([*marks, case.title]),
            html.P(place_words(case.grids, dossier.grid_names, 3)),
            html.P(
                [light(case.standing), html.B(due_words(case, now)), f"（{STANDING_NAMES[case.standing]}）{due}"],
                className=f"late-line {case.standing}",
            ),
        ]
    )


def _facts(dossier: Dossier) -> Component:
    case, now = dossier.case, dossier.now
    who = dossier.unit_names.get(case.unit or "", case.unit or "尚未派遣")
    worker = f" · {dossier.worker_names.get(case.worker, case.worker)}" if case.worker else ""
    state = "" if case.state is CaseState.ACTIVE else f" · {STATE_NAMES[case.state]}"
    rows = [
        ("承办", who + worker),
        ("阶段", STAGE_NAMES[case.stage] + state),
        ("类别", f"{category_of(case.category).name} · {SEVERITY_NAMES.get(case.severity, '')}"),
        ("来源", f"{CHANNELS.get(case.channel, case.channel)} · {moment_words(case.reported_at, now)}"),
        ("报告人", _reporter(case, dossier.reveal)),
        ("地址", case.place.address or "未填写"),
        ("编号", case.no),
    ]
    told = [html.P(case.text, className="told")] if case.text else []
    pairs = [part for name, value in rows for part in (html.Dt(name), html.Dd(value))]
    return html.Div([*told, html.Dl(pairs)])


def _reporter(case: Case, may_reveal: bool) -> Component:
    """Masked for everybody; who may know presses, and the press is kept on the case."""
    reporter = case.reporter
    if reporter is None or reporter.anonymous or not (reporter.name or reporter.phone):
        return html.Span("匿名或未留")
    masked = _masked(reporter)
    show = html.Button(
        "显示", id={"type": BUTTON, "action": REVEAL, "to": ""}, className="reveal", title="查看会被记录"
    )
    return html.Span([masked, " ", show] if may_reveal else masked)


def _masked(reporter: Reporter) -> str:
    return f"{masked_name(reporter.name)} {masked_phone(reporter.phone)}".strip()


def _doing(dossier: Dossier) -> Component:
    if not dossier.actions:
        return html.Div(frame.nothing("您的岗位此刻没有可办的事项"), className="doing")
    buttons = [_button(action, dossier) for action in dossier.actions]
    return html.Div([_why(dossier), _fields(dossier), html.Div(buttons, className="actions")], className="doing")


def _why(dossier: Dossier) -> Component | None:
    if dossier.suggestion is None or dossier.case.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        return None
    return html.P(["建议派 ", html.B(dossier.suggestion.unit.name), f"：{dossier.suggestion.why}"], className="why")


def _fields(dossier: Dossier) -> Component:
    """What some actions need; keyed by case so that a half-written reason never lands in another case."""
    key = {"case": dossier.case.no}
    area = dcc.Textarea(id={"type": WORDS, **key}, placeholder="理由或内容（退单、挂起、督办、备注等需要）")
    fields: list[Component] = [dcc.Store(id={"type": SHOWN, **key}, data=dossier.case.version), area]
    if {Action.DISPATCH, Action.TRANSFER} & set(dossier.actions):
        best = dossier.suggestion.unit.id if dossier.suggestion else None
        options = [{"label": unit.name, "value": unit.id} for unit in dossier.units]
        fields.append(dcc.Dropdown(options, best, id={"type": UNIT, **key}, clearable=False, maxHeight=240))
    if Action.EXTEND in dossier.actions:
        fields.append(dcc.Input(id={"type": NUMBER, **key}, type="number", min=1, max=60, placeholder="延期天数"))
    return html.Div(fields, className="fields")


def _button(action: Action, dossier: Dossier) -> Component:
    key = OFFERED[action]
    words = ACTION_NAMES[action]
    if action is Action.DISPATCH and dossier.suggestion:
        words = f"派给 {dossier.suggestion.unit.name}"
    shown = [html.Kbd(key.upper())] if key else []
    main = " main" if action is dossier.actions[0] else ""
    attributes = {"data-key": key} if key else {}
    return html.Button(
        [*shown, words], id={"type": BUTTON, "action": action, "to": ""}, className=f"action{main}", **attributes
    )


def _story(dossier: Dossier) -> Component:
    lines = [_event(event, dossier) for event in reversed(dossier.events)]
    return html.Section([html.H3(f"经过 · {len(lines)} 条"), html.Ol(lines)], className="story")


def _event(event: Event, dossier: Dossier) -> Component:
    unit = dossier.unit_names.get(str(event.changes.get("unit") or ""), "")
    to = f" → {unit}" if unit else ""
    if event.action is Action.CLOCK:
        to = " → " + STANDING_NAMES.get(event.changes.get("standing"), "")  # type: ignore[call-overload]
    why = [html.Q(event.why)] if event.why else []
    return html.Li(
        [
            html.Time(moment_words(event.at, dossier.now)),
            html.Span([html.B(ACTION_NAMES[event.action] + to), *why, html.Small(_by(event, dossier))]),
        ]
    )


def _by(event: Event, dossier: Dossier) -> str:
    return "系统" if event.by == "system" else dossier.worker_names.get(event.by, event.by)
