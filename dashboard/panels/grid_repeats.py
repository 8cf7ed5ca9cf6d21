"""What comes back: addresses with more than one case, and pairs close in space and time tested against chance."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from cases.categories import category_of
from cases.happenings import Happening
from cases.indicators import Narrowing
from dashboard.cells import CellPast
from dashboard.components import chart, frame
from dashboard.components.words import moment_words, span_words
from geo.distance import metres
from geo.near_repeats import WITHIN_DAYS, WITHIN_M, NearRepeats, near_repeats

SHOWN = 15
MOST_TESTED = 4_000  # beyond it the newest: pairs grow with the square


def by_address(past: CellPast) -> Component:
    """Addresses that come back, most first; each number opens its rows."""
    found = past.repeats
    if not found:
        return chart.panel("同一地址反复", past, [frame.nothing("没有一个地址有两件以上")])
    rows = [
        (
            row.address,
            chart.number(row.count, past.rows(Narrowing(address=row.address))),
            "、".join(category_of(kind).name for kind in row.kinds[:3]),
            moment_words(row.last_at, past.now),
        )
        for row in found[:SHOWN]
    ]
    shown = chart.table(("地址", "件", "类别", "最近一次"), rows, "反复的地址")
    return chart.panel("同一地址反复", past, [shown], note=f"{len(found)} 个地址，列出 {len(rows)} 个")


def by_nearness(past: CellPast) -> Component:
    """Near repeats of one kind group, whatever the address says, with Knox's test in words."""
    placed = [each for each in past.happenings if each.lon is not None][:MOST_TESTED]
    found = near_repeats(
        [each.lon or 0.0 for each in placed],
        [each.lat or 0.0 for each in placed],
        [each.reported_at.timestamp() / 86_400 for each in placed],
    )
    title = f"近重复（{WITHIN_M:.0f} 米、{WITHIN_DAYS:.0f} 天内）"
    body: list[Component] = [html.P(_words(found), className="verdict")]
    if found.pairs:
        body.append(_pairs(past, placed, found.pairs))
    return chart.panel(title, past, body, base=len(placed), note="有位置的案件；Knox 检验，时间置换 999 次")


def _words(found: NearRepeats) -> str:
    if not found.pairs:
        return "没有成对的案件"
    told = f"{len(found.pairs)} 对；时间随机时平均 {found.expected:.1f} 对；置换 p = {found.p:.3f}"
    return f"{told}：{'比偶然多，同处短期内会再发' if found.p <= 0.05 else '与偶然没有差别'}"


def _pairs(past: CellPast, placed: Sequence[Happening], pairs: Sequence[tuple[int, int]]) -> Component:
    near = sorted(pairs, key=lambda pair: metres(*_at(placed[pair[0]]), *_at(placed[pair[1]])))[:SHOWN]
    rows = [_pair(past, placed[one], placed[other]) for one, other in near]
    words = f"数表：{len(pairs)} 对，列出最近的 {len(rows)} 对"
    return chart.behind(words, chart.table(("前一件", "后一件", "相距", "相隔"), rows, "近重复的案件"))


def _pair(past: CellPast, one: Happening, other: Happening) -> tuple[object, ...]:
    first, second = sorted((one, other), key=lambda each: each.reported_at)
    far = f"{metres(*_at(first), *_at(second)):.0f} 米"
    return _case(first), _case(second), far, span_words(second.reported_at - first.reported_at)


def _case(one: Happening) -> Component:
    return html.A(f"{category_of(one.category).name} {one.no}", href=f"/case/{one.no}")


def _at(one: Happening) -> tuple[float, float]:
    return one.lon or 0.0, one.lat or 0.0
