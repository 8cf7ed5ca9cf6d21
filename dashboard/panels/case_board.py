"""在办: open cases in their stages, most urgent first; where there is only one column, one list by urgency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.mediation import legal_light
from cases.model import OPEN_STAGES, Case, Stage, Standing, State
from cases.whistles import lateness
from dashboard.components import frame
from dashboard.components.signs import light
from dashboard.components.words import SEVERITY_NAMES, due_words, place_words, span_words
from dashboard.panels.stage_bars import WAITING_NAMES
from dashboard.picture import Picture

ID, TITLE, SOURCE = "case-board", "在办", "案件库"

URGENT, NEWEST = 40, 16
"""How many cards the wall holds: the most urgent, and always the newest, however far their deadline."""

JUST_IN = timedelta(minutes=2)


def layout() -> Component:
    """The board's place."""
    return frame.place(ID, TITLE, SOURCE)


def render(picture: Picture) -> dict[str, object]:
    """Stages with their cards; each card knows its rank over all stages, for the one-column form."""
    cases = [case for case in picture.board if case.is_open]
    shown = chosen(cases, picture)
    rank = {case.no: at for at, case in enumerate(shown)}
    stages = [column(stage, shown, cases, rank, picture) for stage in OPEN_STAGES]
    if not cases:
        return frame.filled(picture, TITLE, "", SOURCE, [frame.nothing("没有在办案件")])
    left = len(cases) - len(shown)
    note = f"按时限 · 共 {len(cases)} 件" + (f"，列出 {len(shown)}" if left else "")
    return frame.filled(picture, TITLE, note, SOURCE, [html.Div(stages, className="stages")])


def chosen(cases: Sequence[Case], picture: Picture) -> list[Case]:
    """The cards that fit: overdue and at risk first, then what has just come in, then by deadline."""
    newest = sorted(cases, key=lambda case: case.received_at, reverse=True)[:NEWEST]
    fitting = {case.no: case for case in [*cases[:URGENT], *newest]}
    place = {case.no: at for at, case in enumerate(cases)}
    return sorted(fitting.values(), key=lambda case: (_urgency(case, picture), place[case.no]))


def _urgency(case: Case, picture: Picture) -> int:
    if case.standing is Standing.OVERDUE:
        return 0
    if case.standing is Standing.AT_RISK:
        return 1
    just_in = case.stage is Stage.REPORTED and picture.as_of - case.received_at < JUST_IN
    return 2 if just_in else 3


def column(
    stage: Stage, shown: Sequence[Case], cases: Sequence[Case], rank: dict[str, int], picture: Picture
) -> Component:
    """One stage: its name, how many are in it, and its cards."""
    count = sum(case.stage is stage for case in cases)
    head = html.H3([WAITING_NAMES[stage], html.Small(f"{count} 件")])
    cards = [card(case, rank[case.no], picture) for case in shown if case.stage is stage]
    return html.Section([head, *(cards or [frame.nothing("无")])], className="stage", **{"data-stage": stage})


def card(case: Case, rank: int, picture: Picture, place: str = "card") -> Component:
    """One case in three lines: the clock, what, and where with whom."""
    clock = _clock(case, picture)
    marks = [html.Em(mark) for mark in _marks(case, picture)]
    box = [html.Span(className="box", title="选择（空格）")] if place == "inbox" else []
    where = place_words(case.grids, picture.grid_names, 1)
    who = picture.unit_names.get(case.unit or "") or picture.worker_names.get(case.worker or "") or "未派"
    return html.A(
        [
            html.Div(clock + box, className="clock"),
            html.B([*marks, *_what(case)]),
            html.Span(f"{where} · {who} · {WAITING_NAMES[case.stage]}"),
        ],
        id=f"{place}-{case.no}",
        href=f"/case/{case.no}",
        className=f"card {case.standing}",
        style={"order": rank},
        **{
            "data-case": case.no,
            "data-stage": case.stage,
            "data-standing": case.standing,
            "data-version": str(case.version),
        },
    )


def _clock(case: Case, picture: Picture) -> list[Component]:
    """The light and the words of the clock that counts just now: the law's of what is out, else the case's own."""
    out = next((each for each in picture.handoffs if each.case == case.no), None) if picture.handoffs else None
    legal = legal_light(out, picture.as_of) if out else None
    if out is None or out.due_at is None or legal is None:
        return [light(case.standing), html.Span(due_words(case, picture.as_of), className="due")]
    left = out.due_at - picture.as_of
    words = f"法定剩 {span_words(left)}" if left >= timedelta() else f"法定超 {span_words(-left)}"
    return [light(legal), html.Span(words, className="due")]


def _what(case: Case) -> list[Component | str]:
    """The kind first, since titles often begin with an address; not twice when the title names it."""
    kind = category_of(case.category).name
    return [case.title] if not case.title or kind in case.title else [kind, html.Span(case.title)]


def _marks(case: Case, picture: Picture) -> list[str]:
    marks = ["演练"] if case.exercise else []
    if case.stage is Stage.REPORTED and picture.as_of - case.received_at < JUST_IN:
        marks.append("新")
    if case.severity <= 2:
        marks.append(SEVERITY_NAMES[case.severity])
    if case.state is State.RETURNED:
        marks.append("退单")
    if case.pending:
        marks.append("待批准")
    if picture.whistles and any(each.case == case.no and lateness(each, picture.as_of) for each in picture.whistles):
        marks.append("吹哨超时")
    return marks
