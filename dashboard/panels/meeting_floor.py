"""The meeting's floor: the roll, and of the called grid what was promised and what is late, hard, silent, repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dash import Dash, html
from dash.development.base_component import Component

from cases.agenda import Item, Matters, Part, propose
from cases.decisions import Answerable, Decision, looked_back
from cases.meeting_desk import MeetingDesk
from cases.meetings import KINDS, PRESENCE, Meeting, next_of
from cases.model import Case, CaseNo
from cases.ports import Page
from dashboard.components import case_rows, frame
from dashboard.components.reasons import reasons
from dashboard.components.signs import light
from dashboard.components.words import clock_words, moment_words, span_words
from dashboard.services import Services
from dashboard.session import Visit

ID = "meeting-floor"
USUAL = "three_level"  # the kind whose agenda stands while nothing is held
SHOWN = 30
PROMISES = 12


@dataclass(frozen=True, slots=True)
class Floor:
    """All that the floor shows, read at one moment within the visit's scope."""

    meeting: Meeting | None
    agenda: Sequence[Item]
    called: str
    matters: Matters
    promises: Sequence[Decision]  # of earlier meetings, about or for the called grid
    made: Sequence[Decision]  # of this meeting
    known: Sequence[Answerable]
    upcoming: Sequence[tuple[str, datetime]]
    past: Sequence[Meeting]
    names: case_rows.Names
    now: datetime

    def name(self, code: str) -> str:
        """A grid's name."""
        return self.names.grids.get(code, code)

    def case(self, no: str) -> Case | None:
        """An open case of the called grid."""
        return next((case for case in self.matters.cases if case.no == no), None)


def door(services: Services) -> MeetingDesk:
    """The door through which meetings change."""
    return MeetingDesk(services.registry.meetings, services.desk.calendar, services.desk.tell)


def known_of(services: Services) -> list[Answerable]:
    """Who may be told to do something: every unit, and every grid of the first level. Blocking."""
    units = [Answerable(unit.id, unit.name) for unit in services.directory.units()]
    return units + [Answerable(grid.code, grid.name, is_grid=True) for grid in services.grids.grids(0)]


def codes_of(services: Services, seen: Visit) -> list[str]:
    """The grids of the first level that a visit may call."""
    book, area = services.grids, seen.scope.area
    return [g.code for g in book.grids(0) if book.within(g.code, area) or (area and book.within(area, g.code))]


def read(services: Services, seen: Visit, grid: str = "") -> Floor | None:
    """The floor as it is; `grid` is looked at where no meeting is held. None where there is no grid. Blocking."""
    now, kept = services.clock(), services.registry.meetings
    codes = codes_of(services, seen)
    if not codes:
        return None
    meeting = kept.open_meeting(seen.scope.area)
    by_grid = kept.matters(codes, seen.scope, now)
    agenda = meeting.agenda if meeting else propose(KINDS[USUAL].agenda, by_grid, now)
    wanted = meeting.called if meeting else grid
    called = wanted if wanted in codes else ("" if meeting else agenda[0].grid)
    earlier = kept.decisions(replace(seen.scope, area=called), limit=200) if called else []
    return Floor(
        meeting,
        [item for item in agenda if item.grid in codes],
        called,
        by_grid.get(called, Matters()),
        _promises(earlier, meeting),
        kept.decisions(seen.scope, meeting=meeting.no) if meeting else [],
        known_of(services),
        _upcoming(services, now),
        [] if meeting else kept.past(seen.scope.area, limit=3),
        case_rows.names_of(services, seen),
        now,
    )


def _promises(earlier: Sequence[Decision], meeting: Meeting | None) -> list[Decision]:
    """What is not yet verified of earlier meetings, and the newest that is."""
    before = [one for one in earlier if meeting is None or one.meeting != meeting.no]
    waiting = [one for one in before if one.verified_at is None]
    return [*waiting, *(one for one in before if one.verified_at is not None)][:PROMISES]


def _upcoming(services: Services, now: datetime) -> list[tuple[str, datetime]]:
    times = [(kind.name, next_of(kind, now, services.desk.calendar)) for kind in KINDS.values()]
    return sorted(((name, at) for name, at in times if at is not None), key=lambda each: each[1])[:3]


def layout(content: Sequence[Component] = ()) -> Component:
    """The floor's place."""
    return html.Div(list(content), id=ID, style={"display": "contents"})


def register(app: Dash, services: Services) -> None:
    """The line's callback draws the floor (dashboard/panels/meeting_line.py)."""


def content(floor: Floor) -> list[Component]:
    """The roll on the left, what must be spoken of in the middle."""
    held = {"data-held": floor.meeting.no} if floor.meeting else {}
    return [
        html.Div([_head(floor), *_roll(floor)], className="desk-left meeting-roll", **held),
        html.Div(
            spoken(floor),
            className="desk-middle scrolls meeting-called",
            **{"data-pickable": "", "data-lines": json.dumps(_lines(floor), ensure_ascii=False)},
        ),
    ]


def order(words: object, key: str, **what: object) -> Component:
    """A button that gives an order (assets/meeting.js); `key` "" has none."""
    mark = {"data-meeting": json.dumps(what, ensure_ascii=False)} | ({"data-key": key} if key else {})
    shown = [html.Kbd("↵" if key == "Enter" else key), words] if key else words
    return html.Button(shown, className="order", **mark)


def _minutes(floor: Floor) -> list[Component]:
    """The last meetings, each with its minutes."""
    return [
        html.Li(
            [
                f"{KINDS[each.kind].name} {moment_words(each.opened_at, floor.now)}",
                html.A("纪要", href=f"/meeting/{each.no}/minutes"),
            ]
        )
        for each in floor.past
        if each.kind in KINDS
    ]


# the roll ---------------------------------------------------------------------------------------------------


def _head(floor: Floor) -> Component:
    meeting = floor.meeting
    if meeting is None:
        coming = [html.Li([name, html.Span(moment_words(at, floor.now))]) for name, at in floor.upcoming]
        kinds = [order(kind.name, "o" if kind.id == USUAL else "", do="open", kind=kind.id) for kind in KINDS.values()]
        return html.Section(
            [html.H2("开会"), html.Div(kinds, className="kinds"), html.Ul(coming, className="coming")],
            className="panel",
        )
    words = f"{meeting.no} · {moment_words(meeting.opened_at, floor.now)} 开始"
    screen = html.A("第二屏", href="/meeting?screen=2", target="_blank")
    ways = html.Div([screen, order("结束会议", "", do="close", no=meeting.no)], className="ways")
    return html.Section([html.H2(KINDS[meeting.kind].name), html.P(words), ways], className="panel held")


def _roll(floor: Floor) -> list[Component]:
    """The order of talking, not a league table; the next one has the key."""
    later = _next(floor)
    here = dict(floor.meeting.roll) if floor.meeting else {}
    rows = [_call(item, floor, here.get(item.grid, ""), item.grid == later) for item in floor.agenda]
    came = sum(presence == "present" for presence in here.values())
    note = f"{len(floor.agenda)} 个" + (f" · 到会 {came}" if floor.meeting else " · 建议顺序")
    source = html.Span(f"案件库 · 截至 {clock_words(floor.now)}", className="source")
    head = html.Header([html.H2("点名"), html.Span(note, className="note"), source], className="panel-head")
    return [html.Section([head, html.Ol(rows, className="roll")], className="panel scrolls")]


def _next(floor: Floor) -> str:
    grids = [item.grid for item in floor.agenda]
    if floor.called not in grids:
        return grids[0] if grids else ""
    at = grids.index(floor.called) + 1
    return grids[at] if at < len(grids) else ""


def _call(item: Item, floor: Floor, presence: str, is_next: bool) -> Component:
    late = next((part.count for part in item.parts if part.key == "late"), 0)
    name = [html.B(floor.name(item.grid)), *([html.Em(PRESENCE[presence], className=presence)] if presence else [])]
    cells = [
        html.Span([*([html.Kbd("n")] if is_next else []), *name]),
        html.Small(item.reason, className="late" if late else ""),
    ]
    place = "call here" if item.grid == floor.called else "call"
    if floor.meeting is None:
        link = html.A(cells, href=f"/meeting?grid={item.grid}", **({"data-key": "n"} if is_next else {}))
        return html.Li(link, className=place)
    what = {"do": "call", "grid": item.grid, "no": floor.meeting.no}
    mark = {"data-meeting": json.dumps(what)} | ({"data-key": "n"} if is_next else {})
    return html.Li(html.Button(cells, **mark), className=place, **{"data-call": item.grid})


# what is spoken of ------------------------------------------------------------------------------------------


def spoken(floor: Floor) -> list[Component]:
    """The called grid: its reasons, what it promised last time and whether it did, then each list with its rows."""
    if not floor.called:
        return [
            html.Section(
                [html.H1("按 N 点名"), html.P("议程已按规则排好，可用 ↑ ↓ 调整所点单位的顺序")], className="panel"
            )
        ]
    item = next((each for each in floor.agenda if each.grid == floor.called), Item(floor.called, ()))
    return [
        html.Section(
            [html.H1(floor.name(floor.called)), html.P(reasons(item, floor.now), className="reason"), *_chairs(floor)],
            className="panel called",
            **{"data-called": floor.called},
        ),
        _kept(floor),
        *[_part(part, floor) for part in item.parts if part.cases],
        *_others(item, floor),
    ]


def _chairs(floor: Floor) -> list[Component]:
    """Presence and order, for the chair of an open meeting."""
    if floor.meeting is None:
        return []
    about = {"no": floor.meeting.no, "grid": floor.called}
    came = [order(words, "", do="presence", presence=key, **about) for key, words in PRESENCE.items()]
    moves = [order("↑", "", do="move", by=-1, **about), order("↓", "", do="move", by=1, **about)]
    return [html.Div([*came, *moves], className="ways")]


def _kept(floor: Floor) -> Component:
    """回头看: what was agreed before and whether it was done, before anything new is spoken of."""
    listed = [one for group in looked_back(floor.promises, floor.now).values() for one in group]
    rows = [html.Li(promise(one, floor.now), className="promise") for one in listed]
    body = html.Ul(rows, className="promises") if rows else frame.nothing("此前会议没有议定事项")
    done = sum(not one.is_open for one in floor.promises)
    note = f"{len(floor.promises)} 项，已办 {done} 项" if floor.promises else ""
    return html.Section([_title("上次议定 · 回头看", note), body], className="panel", **{"data-rows": "上次议定"})


def promise(one: Decision, now: datetime) -> list[Component]:
    """One decision in a line: its light, who, what, by when, and how it stands."""
    due = f"超时 {span_words(now - one.due_at)}" if one.is_open and now > one.due_at else moment_words(one.due_at, now)
    back = f" · 退回 {one.sent_back} 次" if one.sent_back else ""
    said = f"：{one.result}" if one.result else ""
    return [
        light(one.standing(now)),
        html.B(one.who),
        html.Span(one.text),
        html.Small(f"{due} · {one.state_words}{back}{said}", className=str(one.standing(now))),
    ]


def _title(title: str, note: str = "") -> Component:
    return html.Header([html.H2(title), html.Span(note, className="note")], className="panel-head")


def _part(part: Part, floor: Floor) -> Component:
    """A list of the agenda with the cases as they are now; those that are over since are left out and counted."""
    found = [case for no in part.cases if (case := floor.case(no)) is not None]
    over = len(part.cases) - len(found)
    page = Page(tuple(found[:SHOWN]), 1, len(found))
    title = part.title + (f"（另有 {over} 件已办结）" if over else "")
    return case_rows.table(title, page, floor.names, floor.now)


def _others(item: Item, floor: Floor) -> list[Component]:
    """What is open besides, so that nothing of the grid is out of sight."""
    told = {no for part in item.parts for no in part.cases}
    rest = [case for case in floor.matters.cases if case.no not in told]
    return [case_rows.table("其他在办", Page(tuple(rest[:SHOWN]), 1, len(rest)), floor.names, floor.now)]


def _lines(floor: Floor) -> Mapping[str, str]:
    """A line ready to be sent for each case (who has it, to finish it in three days), and a beginning under ""."""
    lines = {"": f"{floor.name(floor.called)} 办 "}
    for case in floor.matters.cases:
        who = floor.names.units.get(case.unit or "") or floor.name(floor.called)
        lines[case.no] = f"{who} 办 办结“{case.title}” 3个工作日内"
    return lines


def shown_case(floor: Floor) -> CaseNo | None:
    """The case on the second screen."""
    return CaseNo(floor.meeting.shown) if floor.meeting and floor.meeting.shown else None
