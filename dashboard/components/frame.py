"""The frame of a panel: its name, a note, where its figures come from and when, and the words when it has nothing.

The time of a panel is written by assets/live.js into `.as-of` (each frame carries it), so that unchanged panels
need not be sent again just to say a newer time.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.components.words import clock_words
from dashboard.picture import Picture

LIMIT_S = 15
"""A panel whose figures are older than this many seconds turns grey and says so."""


def place(panel: str, title: str, source: str, classes: str = "", limit_s: int = LIMIT_S) -> Component:
    """A panel before its first figures: it says that it is waiting, it does not look empty."""
    return html.Section(
        [head(title, "", source), html.P("正在读取…", className="waiting")],
        id=panel,
        className=f"panel {classes}".strip(),
        **{"aria-label": title, "data-limit": str(limit_s)},
    )


def head(title: str, note: str, source: str) -> Component:
    """A panel's first line: name on the left, note and source with time on the right."""
    told = [html.Span(note, className="note")] if note else []
    return html.Header(
        [html.H2(title), *told, html.Span(source, className="source"), html.Time(className="as-of")],
        className="panel-head",
    )


def filled(picture: Picture, title: str, note: str, source: str, body: Sequence[Component]) -> dict[str, object]:
    """The props of a panel with its figures; a failed read keeps the old ones and says since when."""
    return {"children": [head(title, note, source), *failure(picture), *body]}


def analysis(title: str, told: str, as_of: str, body: Sequence[Component]) -> Component:
    """A panel that is read once with its page: what it is made of, and as of when in words."""
    source = html.Span(f"案件库 · 截至 {as_of}", className="source")
    head = html.Header([html.H2(title), html.Span(told, className="note"), source], className="panel-head")
    return html.Section([head, *body], className="panel analysis")


def failure(picture: Picture) -> list[Component]:
    """Words over figures that could not be read anew; nothing while all is well."""
    if not picture.failed:
        return []
    since = f" · {clock_words(picture.failed_since)} 起" if picture.failed_since else ""
    return [html.P(f"{picture.failed}{since} · 以下为此前画面", className="failed", role="alert")]


def nothing(words: str) -> Component:
    """An empty list that says which empty it is."""
    return html.P(words, className="nothing")
