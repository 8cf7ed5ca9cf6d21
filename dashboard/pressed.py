"""Which of many like buttons a person pressed.

Dash calls a callback also when buttons appear, and a press that falls into that moment comes in one call with all of
them: `ctx.triggered_id` is then merely the first. Only a button that has been clicked counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from dash import ctx


def pressed_button() -> Mapping[str, object] | None:
    """The pattern id of the one button pressed in the running callback; None where none was, or it cannot be told."""
    clicked = [each["prop_id"] for each in ctx.triggered if each["value"] and each["prop_id"].endswith(".n_clicks")]
    found = ctx.triggered_prop_ids.get(clicked[0]) if len(clicked) == 1 else None
    return found if isinstance(found, Mapping) else None
