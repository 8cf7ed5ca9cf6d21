"""Why a grid is called at a meeting; each number that is a figure of the register opens it."""

from __future__ import annotations

from datetime import datetime, timedelta

from dash import html
from dash.development.base_component import Component

from cases.agenda import Item, Part
from cases.calendar import LOCAL
from cases.indicators import Period, link_of


def reasons(item: Item, now: datetime) -> list[Component]:
    """The reasons of an item one after another, or that there is none."""
    if not item.parts:
        return [html.Span(item.reason)]
    told: list[Component] = []
    for part in item.parts:
        told += [html.Span("；")] if told else []
        told.append(_reason(part, item.grid, now))
    return told


def _reason(part: Part, grid: str, now: datetime) -> Component:
    id_, days = part.figure
    if not id_:
        return html.Span(part.reason)
    today = now.astimezone(LOCAL).date()
    link = link_of(id_, grid, Period(today - timedelta(days=days - 1), today))
    return html.A(part.reason, href=link, target="_blank", **{"data-figure": id_})
