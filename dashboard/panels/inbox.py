"""The duty officer's inbox: red alerts, what nobody has accepted yet, what soon will be late, is late, came back."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.alerts import grouped, is_waiting
from cases.mediation import legal_light
from cases.model import AlertLevel, Case, Stage, Standing, State
from cases.whistles import lateness
from dashboard.components import frame
from dashboard.panels.alert_list import row as alert_row
from dashboard.panels.case_board import card
from dashboard.panels.stage_bars import WAITING_NAMES
from dashboard.picture import Picture

__all__ = ["ID", "WAITING_NAMES", "layout", "render"]

ID, TITLE, SOURCE = "inbox", "收件箱", "案件库"
SHOWN = 40
QUIET = (None, Standing.ON_TIME)


def layout() -> Component:
    """The inbox's place at the left of the desk."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Each case in one group, each group with its count and which empty it is; red alerts stand before all.

    A case with a late whistle, or out by a hand-off whose legal limit nears, comes up by that before all else.
    What only waits for a leader's approval has a group while there is any; a late one stays where it is, marked.
    """
    open_cases = [case for case in picture.board if case.is_open]
    called = {each.case: late for each in picture.whistles if (late := lateness(each, picture.as_of))}
    legal = {each.case: at for each in picture.handoffs if (at := legal_light(each, picture.as_of)) not in QUIET}
    cases = [case for case in open_cases if case.no not in called and case.no not in legal]
    new = [case for case in cases if case.stage is Stage.REPORTED]
    back = [case for case in cases if case.state is State.RETURNED]
    under_way = [case for case in cases if case.stage is not Stage.REPORTED and case.state is not State.RETURNED]
    new.sort(key=lambda case: (case.severity, case.received_at))
    groups = [
        *_red(picture),
        *_some("吹哨超时", [case for case in open_cases if case.no in called], picture),
        *_some("对接法定期限", [c for c in open_cases if c.no in legal and c.no not in called], picture),
        _group("待受理", new, "没有待受理案件", picture),
        _group("将超时", [c for c in under_way if c.standing is Standing.AT_RISK], "没有将超时案件", picture),
        _group("超时", [c for c in under_way if c.standing is Standing.OVERDUE], "没有超时案件", picture),
        _group("退单", back, "没有退回的案件", picture),
        *_some("待批准", [c for c in under_way if c.pending and c.standing is Standing.ON_TIME], picture),
    ]
    return frame.filled(picture, TITLE, "", SOURCE, [html.Div(groups, className="inbox-groups")])


def _some(title: str, cases: Sequence[Case], picture: Picture) -> list[Component]:
    """A group that is there only while it holds something."""
    return [_group(title, cases, "", picture)] if cases else []


def _red(picture: Picture) -> list[Component]:
    """Red alerts that nobody has answered; nothing where there are none: 预警 below lists them all."""
    waiting = [a for a in picture.alerts if a.level is AlertLevel.RED and is_waiting(a, picture.as_of)]
    if not waiting:
        return []
    rows = [
        alert_row(group, picture, at == 0) for at, group in enumerate(grouped(waiting, picture.as_of, picture.patience))
    ]
    head = html.H3(["红色预警", html.Small(f"{len(waiting)} 起")])
    return [html.Section([head, html.Ul(rows, className="rows")], className="red-alerts")]


def _group(title: str, cases: Sequence[Case], empty: str, picture: Picture) -> Component:
    cards = [card(case, rank, picture, "inbox") for rank, case in enumerate(cases[:SHOWN])]
    left = len(cases) - len(cards)
    more = [html.P(f"另有 {left} 件未列出", className="more")] if left else []
    return html.Section([html.H3([title, html.Small(f"{len(cases)} 件")]), *(cards or [frame.nothing(empty)]), *more])
