"""What the head line says of the duty seat: nobody sits there, or a handover waits for its second signature."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.shifts import Shift
from dashboard.components import menu
from dashboard.components.signs import counting
from dashboard.picture import Picture

ID = menu.SEAT


def layout() -> Component:
    """A place in the head line, empty while the seat is manned and nothing waits."""
    return html.Div(id=ID, role="status")


def render(picture: Picture) -> dict[str, object]:
    """值班席无人, counting up since the last hand at the seat; 交接未签收, since it was handed over."""
    seat = picture.seat
    flags = [_waiting(shift, picture) for shift in seat.open_shifts[:1]]
    if seat.unmanned_since is not None:
        words = [html.Span("值班席无人"), html.Span(["已 ", counting(seat.unmanned_since, picture.as_of)])]
        flags.insert(0, html.Span(words, className="seat-flag late"))
    return {"children": flags}


def _waiting(shift: Shift, picture: Picture) -> Component:
    late = " late" if picture.as_of > shift.due_at else ""
    words = [html.A("交接未签收", href="/handover"), html.Span(["已 ", counting(shift.handed_at, picture.as_of)])]
    return html.Span(words, className=f"seat-flag{late}")
