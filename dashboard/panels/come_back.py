"""Matters that came back within 30 days of their closing (G24): the closed cases and why; one key reopens or links."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from cases.duplicates import REPEAT_NEAR_M, REPEAT_WITHIN, repeats, told_by_case
from cases.model import Action, Case, CaseNo, Link, Scope
from cases.ports import Views
from dashboard.nearness import box_around, metres_between

REPEAT_KEY = "b"
MOST = 5
_NAMES: Mapping[Action, str] = {Action.REOPEN: "重开原案", Action.LINK: "关联", Action.MERGE: "并入重开的原案"}

Press = Callable[["ComeBack"], Mapping[str, object]]
"""The id of the button that takes a row's step."""


@dataclass(frozen=True, slots=True)
class ComeBack:
    """An earlier case of the same matter as it stands, and what is to be done: reopen it, link, or merge into it."""

    case: Case
    action: Action
    why: str


def of_case(case: Case, links: Sequence[Link], views: Views, scope: Scope) -> list[ComeBack]:
    """What came back with an open case, the strongest first; none of a closed one. Blocking."""
    if not case.is_open:
        return []
    tied = {link.case if link.other == case.no else link.other for link in links}
    reopened = [views.case(link, scope) for link in _repeats_of(case, links)]
    merged = [
        ComeBack(each, Action.MERGE, "已重开，与本案关联") for each in reopened if each is not None and each.is_open
    ]
    closed = [each for each in _closed_near(case, views, scope) if each.no not in tied]
    distances = [metres_between(case.place, each.place) for each in closed]
    by_number = {each.no: each for each in closed}
    found = repeats(told_by_case(case), [told_by_case(each) for each in closed], distances)
    return [*merged, *(ComeBack(by_number[each.no], each.action, each.why) for each in found)][:MOST]


def _repeats_of(case: Case, links: Sequence[Link]) -> list[CaseNo]:
    return [link.case if link.other == case.no else link.other for link in links if link.kind == "repeat"]


def _closed_near(case: Case, views: Views, scope: Scope) -> list[Case]:
    place, told = case.place, case.reporter
    phone = "" if told is None else told.phone
    return views.closed_near(
        scope, case.reported_at - REPEAT_WITHIN, box_around(place, REPEAT_NEAR_M), place.address, phone
    )


def section(rows: Sequence[ComeBack], press: Press, possible: Callable[[ComeBack], bool]) -> Component | None:
    """The rows under 30 天内重复; the first step that is possible has the key. None where nothing came back."""
    if not rows:
        return None
    keyed = next((row for row in rows if possible(row)), None)
    items = [_row(row, press(row) if possible(row) else None, row is keyed) for row in rows]
    head = html.H3(["30 天内重复", html.Small(f"{len(rows)} 件")])
    return html.Section([head, html.Ul(items)], className="doubles came-back")


def _row(row: ComeBack, pressed: Mapping[str, object] | None, is_keyed: bool) -> Component:
    link = html.A(row.case.title, href=f"/case/{row.case.no}", **{"data-plain": ""})
    words = html.Div([link, html.Span(row.why), html.Small(row.case.no)])
    if pressed is None:
        return html.Li(words)
    shown = [*([html.Kbd(REPEAT_KEY.upper())] if is_keyed else []), _NAMES[row.action]]
    keys = {"data-key": REPEAT_KEY} if is_keyed else {}
    return html.Li([words, html.Button(shown, id=pressed, className="action", **keys)])
