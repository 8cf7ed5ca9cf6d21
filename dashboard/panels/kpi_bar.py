"""Six figures, what waits for a person first and today after it, each a link to its rows."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import frame
from dashboard.components.signs import counting
from dashboard.picture import Picture

ID, TITLE, SOURCE = "kpi-bar", "今日", "案件库"

_CAME = (
    "今日上报，不含演练、作废、已并入他案的和子任务；指标“受理（排查）件数”按收到之日计，只有迟传的报告会归到不同的日"
)
_CLOSED = "今日结案，不论何日收到，不含演练、作废、已并入他案的和子任务；与指标“办结件数”同一口径"
"""What is counted, and where it can differ from the register's figure; the list behind a number leads to it."""


def layout() -> Component:
    """The figures' place at the top of the left column."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Reported and closed today; open, overdue, at risk and unplaced now; exercises never count."""
    return frame.filled(picture, TITLE, "", SOURCE, [html.Div(_tiles(picture), className="kpi-tiles")])


def _tiles(picture: Picture) -> list[Component]:
    figures = picture.figures
    return [
        _tile("超时", figures.overdue, _oldest(picture), "/duty?list=overdue", "late" if figures.overdue else ""),
        _tile("将超时", figures.at_risk, "过预警线", "/duty?list=at_risk", "near" if figures.at_risk else ""),
        _tile("在办", figures.open, "未结案", "/duty?list=open"),
        _tile("受理", figures.reported_today, _against(figures.reported_usual), "/duty?list=today", says=_CAME),
        _tile("办结", figures.closed_today, "今日结案", "/duty?list=done", says=_CLOSED),
        _tile("待定", figures.unplaced, "未落入网格", "/duty?list=unplaced"),
    ]


def _tile(label: str, value: int, note: object, href: str, tone: str = "", says: str = "") -> Component:
    number = html.Span([str(value), html.Small("件")], className="kpi-value")
    return html.A(
        [html.Span(label, className="kpi-label"), number, html.Span(note, className="kpi-note")],
        href=href,
        className=f"kpi {tone}".strip(),
        **({"title": says} if says else {}),
    )


def _against(usual: float | None) -> str:
    return "尚无往期" if usual is None else f"同期均值 {usual:.0f}"


def _oldest(picture: Picture) -> object:
    since = picture.figures.oldest_overdue_at
    return "无超时" if since is None else ["最久 ", counting(since, picture.as_of)]
