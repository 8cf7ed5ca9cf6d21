"""Small forms whose press becomes an order in a store with what is written in them (assets/page_orders.js)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from cases.errors import CaseError
from dashboard.offloop import off_loop
from dashboard.services import Services
from dashboard.session import Visit, visit

Order = Mapping[str, object]
CarryOut = Callable[[Order, Services, Visit], list[Component]]


def panel(id: str, store: str, title: str, content: Sequence[Component] = ()) -> Component:
    """A panel of forms with what stands when the page was made; its presses go to the store of this id."""
    place = ordered(store, [html.Div(list(content), id=id), dcc.Store(id=store)])
    return html.Section(place, className="panel", **{"aria-label": title})


def obeys(app: Dash, services: Services, id: str, store: str, carry_out: CarryOut) -> None:
    """Let a panel do what was pressed, and show what `carry_out` (blocking) answers: the panel read anew."""

    @app.callback(Output(id, "children"), Input(store, "data"), prevent_initial_call=True)
    async def obey(order: Order | None) -> list[Component]:
        return await off_loop(carry_out, order or {}, services, visit())


def ordered(store: str, body: Sequence[Component], **attributes: str) -> Component:
    """A place whose presses go to the store of this id."""
    return html.Div(list(body), **{"data-orders": store, **attributes})


def form(fields: Sequence[Component], *presses: Component, key: str = "") -> Component:
    """Fields and the buttons that send them; another `key` empties the fields."""
    return html.Div(
        [*fields, html.Div(list(presses), className="ways")], className="page-form", key=key, **{"data-form": ""}
    )


def line(label: str, name: str, value: str = "", *, hint: str = "", most: int = 500, listed: str = "") -> Component:
    """One line of text; `listed` is the id of a list that completes it."""
    completing = {"list": listed} if listed else {}
    field = dcc.Input(name=name, value=value, placeholder=hint, maxLength=most, autoComplete="off", **completing)
    return html.Label([html.Span(label), field])


def choice(label: str, name: str, options: Mapping[str, str], chosen: str = "") -> Component:
    """One of several: {value: words}."""
    shown = [html.Option(words, value=value, selected=value == chosen) for value, words in options.items()]
    return html.Label([html.Span(label), html.Select(shown, name=name)])


def press(words: str, do: str, **what: object) -> Component:
    """A button that orders `do`."""
    told = json.dumps({"do": do, **what}, ensure_ascii=False)
    return html.Button(words, className="order", **{"data-page-order": told})


def said(order: Order, name: str) -> str:
    """A word of an order, "" where it has none or something else."""
    word = order.get(name)
    return word.strip() if isinstance(word, str) else ""


def attempt(act: Callable[[], str]) -> Component:
    """Do what was pressed; what came of it in words, or the rule's refusal."""
    try:
        return html.P(act(), className="done", role="status")
    except CaseError as problem:
        return html.P(f"未记录：{problem.msg}", className="refused", role="alert")
