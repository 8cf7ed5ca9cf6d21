"""The duty officer's inbox: what nobody has accepted yet, what is late, what soon will be."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.model import Case, Stage, Standing
from dashboard.components import frame
from dashboard.panels.case_board import card
from dashboard.panels.stage_bars import WAITING_NAMES
from dashboard.picture import Picture

__all__ = ["ID", "WAITING_NAMES", "layout", "render"]

ID, TITLE, SOURCE = "inbox", "收件箱", "案件库"
SHOWN = 40


def layout() -> Component:
    """The inbox's place at the left of the desk."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Three groups, each with its count and which empty it is."""
    cases = [case for case in picture.board if case.is_open]
    new = [case for case in cases if case.stage is Stage.REPORTED]
    late = [case for case in cases if case.standing is Standing.OVERDUE and case.stage is not Stage.REPORTED]
    near = [case for case in cases if case.standing is Standing.AT_RISK and case.stage is not Stage.REPORTED]
    new.sort(key=lambda case: (case.severity, case.received_at))
    groups = [
        _group("待受理", new, "没有待受理案件", picture),
        _group("超时", late, "没有超时案件", picture),
        _group("将超时", near, "没有将超时案件", picture),
    ]
    return frame.filled(picture, TITLE, "", SOURCE, [html.Div(groups, className="inbox-groups")])


def _group(title: str, cases: Sequence[Case], empty: str, picture: Picture) -> Component:
    cards = [card(case, rank, picture, "inbox") for rank, case in enumerate(cases[:SHOWN])]
    left = len(cases) - len(cards)
    more = [html.P(f"另有 {left} 件未列出", className="more")] if left else []
    return html.Section([html.H3([title, html.Small(f"{len(cases)} 件")]), *(cards or [frame.nothing(empty)]), *more])
