"""A list that opens, searched by typing; Dash's own words for it are English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc

WORDS = {
    "search": "搜索",
    "clear_search": "清空搜索",
    "clear_selection": "清空所选",
    "select_all": "全选",
    "deselect_all": "全不选",
    "selected_count": "已选 {num_selected} 项",
    "no_options_found": "没有匹配的选项",
}


def dropdown(options: Sequence[Mapping[str, str]], value: str | None = None, **more: object) -> dcc.Dropdown:
    """One of `options` ([{"label", "value"}]), or several with `multi`; `more` is what dcc.Dropdown takes."""
    return dcc.Dropdown(options, value, labels=WORDS, **more)
