"""The card of a cell: what it is, how large, who lives there, whose party branch, and who is responsible today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from cases.calendar import LOCAL
from cases.indicators import Figure
from cases.masking import masked_name, masked_phone
from cases.model import Fix, GridWorker, WorkerStatus
from cases.registers import RegisterState
from dashboard.components import frame
from dashboard.components.words import clock_words, moment_words
from geo.distance import square_metres
from geo.grids import Grid

SHOWN = 12
UNKNOWN = "未登记"
PROPERTIES = (
    ("户数", ("households", "户数"), "户"),
    ("人口", ("population", "人口"), "人"),
    ("党组织", ("party_branch", "party_org", "党支部", "党组织"), ""),
)
"""What a grid folder may say of a grid: the word, the properties that mean it, the unit."""


@dataclass(frozen=True, slots=True)
class Post:
    """One person who is responsible, with the newest kept fix."""

    worker: GridWorker
    fix: Fix | None

    def is_present(self, now: datetime) -> bool:
        """On duty today: the newest fix is of today and does not say that he went."""
        if self.fix is None or self.fix.status is WorkerStatus.OFF_DUTY:
            return False
        return self.fix.at.astimezone(LOCAL).date() == now.astimezone(LOCAL).date()


FRESHNESS = "register_freshness"  # the indicator


def layout(grid: Grid, level: str, registers: Sequence[RegisterState], fresh: Figure, now: datetime) -> Component:
    """Area in km² (equal-area projection), and what is known; what is not says so."""
    area = f"{square_metres([grid.geometry])[0] / 1e6:.2f} km²"
    facts: list[tuple[str, object]] = [("层级", f"{level} · {grid.code}"), ("面积", area)]
    facts += [(word, _property(grid, names, unit)) for word, names, unit in PROPERTIES]
    people = next((state for state in registers if state.kind == "person" and state.count), None)
    if people is not None:
        facts.append(("在册人口", f"{people.count} 人"))
    facts.append(("资料更新", html.A(fresh.words, href=fresh.link, title=fresh.definition)))
    rows = [html.Div([html.Dt(word), html.Dd(told)]) for word, told in facts]
    return html.Section(
        [_head("网格卡片", "", f"网格底图 · {clock_words(now)}"), html.Dl(rows, className="facts")], className="panel"
    )


def _property(grid: Grid, names: Sequence[str], unit: str) -> str:
    told = next((grid.properties[name] for name in names if grid.properties.get(name) not in (None, "")), None)
    return UNKNOWN if told is None else f"{told}{f' {unit}' if unit else ''}"


def people(posts: Sequence[Post], names: Mapping[str, str], now: datetime, *, reveal: bool) -> Component:
    """Who is responsible, by role; a role of which nobody is here today is an unfilled post."""
    if not posts:
        return html.Section(
            [_head("责任人", "", ""), html.P("没有登记网格员，岗位空缺", className="near")], className="panel"
        )
    by_role: defaultdict[str, list[Post]] = defaultdict(list)
    for post in posts:
        by_role[post.worker.role].append(post)
    here = sum(post.is_present(now) for post in posts)
    groups = [_role(role, group, names, now, reveal=reveal) for role, group in by_role.items()]
    return html.Section([_head("责任人", f"{len(posts)} 人，今日在岗 {here} 人", "定位"), *groups], className="panel")


def _role(role: str, group: Sequence[Post], names: Mapping[str, str], now: datetime, *, reveal: bool) -> Component:
    here = sum(post.is_present(now) for post in group)
    state = html.Span(f"在岗 {here}/{len(group)}") if here else html.Span("今日无人到岗", className="near")
    shown = sorted(group, key=lambda post: (not post.is_present(now), post.worker.id))[:SHOWN]
    more = [html.P(f"另有 {len(group) - SHOWN} 人", className="nothing")] if len(group) > SHOWN else []
    lines = html.Ul([_line(post, names, now, reveal=reveal) for post in shown], className="people")
    return html.Div([html.H3([role, " ", state]), lines, *more])


def _line(post: Post, names: Mapping[str, str], now: datetime, *, reveal: bool) -> Component:
    worker = post.worker
    name, phone = (worker.name, worker.phone) if reveal else (masked_name(worker.name), masked_phone(worker.phone))
    where = names.get(worker.grid, "")
    return html.Li([html.B(name), html.Span(phone), html.Small(f"{_presence(post, now)} · {where}")])


def _presence(post: Post, now: datetime) -> str:
    if post.is_present(now):
        return "在岗"
    if post.fix is None or now - post.fix.at > timedelta(days=30):
        return "近期无定位"
    return f"未到岗，上次 {moment_words(post.fix.at, now)}"


def registers(states: Sequence[RegisterState], names: Mapping[str, str], code: str, now: datetime) -> Component:
    """人地物事组织: how many, how complete, how old; each opens its records."""
    rows = [_register(state, names[state.kind], code, now) for state in states]
    heads = html.Thead(html.Tr([html.Th(each) for each in ("底数", "条", "完整", "数据日期")]))
    table = html.Table([heads, html.Tbody(rows)], className="plain")
    return html.Section([_head("底数（人地物事组织）", "", f"登记册 · {clock_words(now)}"), table], className="panel")


def _register(state: RegisterState, name: str, code: str, now: datetime) -> Component:
    if not state.count:
        return html.Tr([html.Td(name), html.Td("0"), html.Td("—"), html.Td("没有导入")])
    age = f"{state.oldest:%Y-%m-%d}" if state.oldest is not None else "—"
    stale = html.Small(f" {state.stale} 条过期", className="near") if state.stale else ""
    link = html.A(str(state.count), href=f"/registers?kind={state.kind}&grid={code}", className="number")
    return html.Tr([html.Td(name), html.Td(link), html.Td(f"{state.completeness:.0%}"), html.Td([age, stale])])


def _head(title: str, note: str, source: str) -> Component:
    return html.Header(
        [html.H2(title), html.Span(note, className="note"), html.Span(source, className="source")],
        className="panel-head",
    )


def no_registers(now: datetime) -> Component:
    """For a cell that is not a grid."""
    return frame.nothing(f"圈定范围没有登记册 · {clock_words(now)}")
