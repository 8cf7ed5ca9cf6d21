"""Week by week: the cell against the same weeks of the year before, and against its siblings on one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component
from plotly.subplots import make_subplots

from cases.calendar import LOCAL
from cases.happenings import WEEK
from dashboard.cells import CellPast
from dashboard.components import chart, frame

MOST_SIBLINGS = 12
COLUMNS = 4


def layout(past: CellPast, names: Mapping[str, str]) -> Component:
    """The cell's own weeks, then each sibling's, most first; the running week is named as unfinished."""
    body: list[Component] = [chart.graph(_own(past), _says(past), f"{past.cell.name}-每周受理", 240), _numbers(past)]
    body += _unrecorded(past)
    if past.year_ago is None:
        body.append(frame.nothing("去年同期没有记录，不作比较"))
    if len(past.siblings) > 1:
        body += [html.H3(f"与同级比较（同一纵轴，蓝色为本网格，{_shown_words(past)}）"), _small_multiples(past, names)]
    return chart.panel("每周受理", past, body, note="末周未满")


def _unrecorded(past: CellPast) -> list[Component]:
    """Weeks before the first case on record are empty because nothing was kept, not because nothing happened."""
    first = past.mix.first_at
    if first is None or first < past.starts[0] + WEEK:
        return []
    return [frame.nothing(f"最早一件上报于 {first.astimezone(LOCAL):%Y-%m-%d}，此前没有记录，不等于没有发生")]


def _shown_words(past: CellPast) -> str:
    others = len(past.siblings) - 1
    return f"{others} 个同级" if others <= MOST_SIBLINGS else f"{others} 个同级中最多的 {MOST_SIBLINGS} 个"


def _labels(past: CellPast) -> list[str]:
    return [start.astimezone(LOCAL).strftime("%m-%d") for start in past.starts]


def _links(past: CellPast) -> list[str]:
    return [past.week_rows(number) for number in range(len(past.starts))]


def _own(past: CellPast) -> go.Figure:
    labels = _labels(past)
    figure = go.Figure(go.Bar(x=labels, y=past.weekly, customdata=_links(past), name="本期", marker_color=chart.MAIN))
    if past.year_ago is not None:
        line = {"color": chart.PAST, "dash": "dash", "width": 2}
        figure.add_scatter(x=labels, y=past.year_ago, mode="lines", name="去年同期", line=line)
    figure.update_xaxes(type="category", nticks=9)
    figure.update_layout(showlegend=True)
    return figure


def _says(past: CellPast) -> str:
    told = f"{len(past.starts)} 周共 {sum(past.weekly)} 件"
    return told if past.year_ago is None else f"{told}，去年同期 {sum(past.year_ago)} 件"


def _numbers(past: CellPast) -> Component:
    heads = ["周起", "件", *(["去年同期"] if past.year_ago is not None else [])]
    rows: list[list[object]] = []
    for number, (label, count) in enumerate(zip(_labels(past), past.weekly, strict=True)):
        row: list[object] = [label, chart.number(count, past.week_rows(number))]
        rows.append(row if past.year_ago is None else [*row, str(past.year_ago[number])])
    return chart.behind(f"数表：{_says(past)}", chart.table(heads, rows, "每周受理数"))


def _small_multiples(past: CellPast, names: Mapping[str, str]) -> Component:
    own = past.cell.code
    others = sorted((code for code in past.siblings if code != own), key=lambda code: -sum(past.siblings[code]))
    shown = [own, *others[:MOST_SIBLINGS]]
    rows = math.ceil(len(shown) / COLUMNS)
    figure = make_subplots(
        rows, COLUMNS, shared_yaxes="all", shared_xaxes="all", subplot_titles=[names.get(code, code) for code in shown],
        vertical_spacing=0.5 / max(rows, 2) / 1.5, horizontal_spacing=0.03,
    )  # fmt: skip
    for at, code in enumerate(shown):
        colour = chart.MAIN if code == own else chart.PAST
        figure.add_trace(
            _bars(past.siblings[code], _labels(past), colour, code, own), at // COLUMNS + 1, at % COLUMNS + 1
        )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(type="category", nticks=3)
    figure.update_annotations(font_size=13)
    says = "；".join(f"{names.get(code, code)} {sum(past.siblings[code])} 件" for code in shown)
    return chart.graph(figure, says, f"{past.cell.name}-同级每周", 90 + 110 * rows)


def _bars(counts: Sequence[int], labels: Sequence[str], colour: str, code: str, own: str) -> go.Bar:
    return go.Bar(
        x=labels, y=counts, marker_color=colour, customdata=[f"/grid/{code}"] * len(labels) if code != own else None
    )
