"""交接班: the digest, its two signatures, and the handovers before it, none of which can be changed any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from cases.errors import BadAction, CaseError, SignInRefused, UnknownShift
from cases.model import Account, Role
from cases.shift_desk import ShiftDesk
from cases.shifts import MOST_NOTES, Handing, Section, Shift
from dashboard.components import frame
from dashboard.components.words import moment_words, span_words
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit

ID = "handover"
ANSWER, BUTTON, FIELD = f"{ID}-answer", f"{ID}-do", f"{ID}-field"
SHOWN = 12
NOTES, NAME, PASSWORD = "notes", "name", "password"
UNITS = {"alerts": "起", "shelved": "起", "decisions": "项"}
"""What a section counts where that is not cases."""
HOW = {"session": "本人登录", "seat": "在本席输入本人密码"}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the page (hand_over, take_over, take_at_seat, withdraw), whose handover, and what was filled in."""

    action: str
    no: str
    fields: Mapping[str, str]


def layout(content: Sequence[Component] = ()) -> Component:
    """The page's body and the words under it."""
    return html.Div(
        [
            html.Div(list(content), id=ID, style={"display": "contents"}),
            html.P(id=ANSWER, className="answer", role="status"),
        ],
        style={"display": "contents"},
    )


def register(app: Dash, services: Services) -> None:
    """Carry a signature to the desk and show the page anew."""

    @app.callback(
        Output(ANSWER, "children"),
        Output(ID, "children"),
        Input({"type": BUTTON, "action": ALL, "no": ALL}, "n_clicks"),
        State({"type": FIELD, "name": ALL, "no": ALL}, "value"),
        prevent_initial_call=True,
    )
    async def sign(clicks: Sequence[int | None], values: Sequence[object]) -> tuple[object, object]:
        if not any(clicks) or not isinstance(ctx.triggered_id, Mapping):
            raise PreventUpdate
        action, no = str(ctx.triggered_id["action"]), str(ctx.triggered_id["no"])
        filled = {
            f["id"]["name"]: str(v or "")
            for f, v in zip(ctx.states_list[0], values, strict=True)
            if f["id"]["no"] == no
        }
        return await off_loop(carry_out, Pressed(action, no, filled), services, visit())


def carry_out(pressed: Pressed, services: Services, seen: Visit) -> tuple[object, object]:
    """Sign or withdraw; what came of it in words, and the page as it is now (as it was, where refused). Blocking."""
    desk = ShiftDesk(services.desk.store, services.desk.tell, services.registry.shifts.rules)
    try:
        words = _DO[pressed.action](pressed, desk, services, seen)
    except (CaseError, SignInRefused) as problem:
        said = problem.msg if isinstance(problem, CaseError) else "接班人的用户名或密码不对，或账号不可用"
        return html.Span(f"未签字：{said}", className="refused"), no_update
    return html.Span(words, className="done"), content(read(services, seen), seen.account, services.clock())


def _hand_over(pressed: Pressed, desk: ShiftDesk, services: Services, seen: Visit) -> str:
    now = services.clock()
    made = services.registry.shifts.handing(seen.scope, now)  # the digest is made at the moment of signing
    shift = desk.hand_over(seen.account, made.began_at, pressed.fields.get(NOTES, ""), made.digest, now)
    return f"已交班签字 {shift.no}，等待接班人签字"


def _take_over(pressed: Pressed, desk: ShiftDesk, services: Services, seen: Visit) -> str:
    return _taken(desk.take_over(pressed.no, seen.account, "session", services.clock()))


def _take_at_seat(pressed: Pressed, desk: ShiftDesk, services: Services, seen: Visit) -> str:
    """The incoming officer signs at this seat: his own password says that it is he; no session of his begins."""
    if services.registry.shifts.shift(pressed.no, seen.account.area) is None:
        raise UnknownShift(pressed.no)
    name, password, now = pressed.fields.get(NAME, "").strip(), pressed.fields.get(PASSWORD, ""), services.clock()
    if not name or not password:
        raise BadAction("请接班人填写用户名和密码", "name")
    token = services.accounts.sign_in(name, password, now)
    try:
        officer = services.accounts.session(token, now)
    finally:
        services.accounts.sign_out(token)
    if officer is None:
        raise SignInRefused
    return _taken(desk.take_over(pressed.no, officer, "seat", now))


def _withdraw(pressed: Pressed, desk: ShiftDesk, services: Services, seen: Visit) -> str:
    return f"已撤回 {desk.withdraw(pressed.no, seen.account, services.clock()).no}，仍由您值班"


def _taken(shift: Shift) -> str:
    return f"已接班 {shift.no}：{shift.outgoing} → {shift.incoming}，移交首问案件 {shift.moved} 件"


_DO = {"hand_over": _hand_over, "take_over": _take_over, "take_at_seat": _take_at_seat, "withdraw": _withdraw}


# the page -----------------------------------------------------------------------------------------------------


def read(services: Services, seen: Visit) -> Handing:
    """All that the page needs, within the visit's scope. Blocking."""
    return services.registry.shifts.handing(seen.scope, services.clock())


def content(made: Handing, account: Account, now: datetime) -> list[Component]:
    """The digest as it is now, to be signed; at the side the open handovers and the past ones."""
    since = "此前没有交接记录，按近 24 小时统计" if made.is_first else f"自 {moment_words(made.began_at, now)} 接班以来"
    waiting = [_open(shift, account, now) for shift in made.open_shifts]
    mine = any(shift.outgoing == account.name for shift in made.open_shifts)
    sign = [] if mine or account.role is not Role.DUTY else [_signing()]
    main = [
        html.H2("交班摘要"),
        html.P(f"{since} · 截至 {moment_words(now, now)}", className="since"),
        digest(made.digest),
    ]
    return [
        html.Div(main, className="handover-main"),
        html.Div([*waiting, *sign, html.H2("历次交接"), _past(made.past, now)], className="handover-side"),
    ]


def record(shift: Shift, now: datetime) -> list[Component]:
    """One handover as it was signed."""
    notes = [html.P(shift.notes, className="handover-notes")] if shift.notes else []
    head = html.H2(f"交接记录 {shift.no}")
    main = [head, html.P(_signed(shift, now), className="since"), *notes, digest(shift.digest)]
    return [
        html.Div(main, className="handover-main"),
        html.Div(html.A("← 回到交接班", href="/handover"), className="handover-side"),
    ]


def digest(sections: Sequence[Section]) -> Component:
    """Sections with their counts; those with nothing say so by a nought."""
    return html.Div([_section(section) for section in sections], className="digest")


def _section(section: Section) -> Component:
    lines = [
        html.Li([_link(line.number, line.words), html.Span(line.why, title=line.why)]) for line in section.lines[:SHOWN]
    ]
    left = len(section.lines) - len(lines)
    more = [html.P(f"另有 {left} 件", className="more")] if left > 0 else []
    head = html.H3([section.title, html.B([str(len(section.lines)), html.Small(UNITS.get(section.key, "件"))])])
    name = "" if section.lines else "none"
    return html.Section([head, html.Ol(lines), *more], className=name, **{"data-section": section.key})


def _link(number: str, words: str) -> Component:
    return (
        html.Span(words, title=number)
        if number.startswith("A")
        else html.A(words, href=f"/case/{number}", title=number)
    )


def _button(words: str, action: str, no: str) -> Component:
    return html.Button(words, id={"type": BUTTON, "action": action, "no": no}, n_clicks=0)


def _field(name: str, no: str) -> dict[str, str]:
    return {"type": FIELD, "name": name, "no": no}


def _signing() -> Component:
    notes = dcc.Textarea(
        id=_field(NOTES, ""), placeholder="交班说明：口头承诺、关注事项、设备情况……", maxLength=MOST_NOTES
    )
    says = html.P("签字后摘要与说明即固定；接班人签字后，您首问的未结案件一并移交。")
    return html.Section([html.H2("交班"), notes, says, _button("交班签字", "hand_over", "")], className="sign-off")


def _open(shift: Shift, account: Account, now: datetime) -> Component:
    late = now > shift.due_at
    stands = f"等待接班签字 · 已 {span_words(now - shift.handed_at)}{'（超过时限）' if late else ''}"
    head = [html.H2(f"{shift.no} · {shift.outgoing} 已交班"), html.P(stands)]
    notes = [html.P(shift.notes, className="handover-notes")] if shift.notes else []
    see = html.A("看签字时的摘要", href=f"/handover?no={shift.no}")
    ways = _ways(shift, account)
    return html.Section(
        [*head, *notes, see, *ways], className=f"sign-off{' late' if late else ''}", **{"data-shift": shift.no}
    )


def _ways(shift: Shift, account: Account) -> list[Component]:
    """The incoming officer signs in his own session, or at the outgoing one's seat by his own password."""
    if account.role is not Role.DUTY:
        return []
    if account.name != shift.outgoing:
        return [_button("接班签字", "take_over", shift.no)]
    seat = [
        dcc.Input(id=_field(NAME, shift.no), placeholder="接班人用户名", maxLength=64, autoComplete="off"),
        dcc.Input(
            id=_field(PASSWORD, shift.no),
            placeholder="接班人密码",
            type="password",
            maxLength=512,
            autoComplete="off",
        ),
        _button("接班人在本席签字", "take_at_seat", shift.no),
    ]
    return [html.Div(seat, className="by-seat"), _button("撤回交班", "withdraw", shift.no)]


def _past(past: Sequence[Shift], now: datetime) -> Component:
    if not past:
        return frame.nothing("还没有交接记录")
    rows = [
        html.Li([html.A(shift.no, href=f"/handover?no={shift.no}"), html.Span(_signed(shift, now))]) for shift in past
    ]
    return html.Ul(rows, className="past-shifts")


def _signed(shift: Shift, now: datetime) -> str:
    handed = f"{shift.outgoing} {moment_words(shift.handed_at, now)} 交班"
    if shift.withdrawn_at is not None:
        return f"{handed} · {moment_words(shift.withdrawn_at, now)} 撤回"
    if shift.taken_at is None:
        return f"{handed} · 等待接班签字"
    late = "（超过时限）" if shift.taken_at > shift.due_at else ""
    taken = f"{shift.incoming} {moment_words(shift.taken_at, now)} 接班{late}"
    return f"{handed} · {taken} · {HOW.get(shift.how, '')} · 移交 {shift.moved} 件"
