"""The lower part of the case pane: what happened so far, newest first, with who and why."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from cases.lifecycle import ACTION_NAMES
from cases.model import CHANNELS, Action, Event
from dashboard.components.words import STANDING_NAMES, moment_words
from dashboard.dossier import Dossier
from dashboard.people import SYSTEM


def section(dossier: Dossier) -> Component:
    """Every event of the case."""
    lines = [_event(event, dossier) for event in reversed(dossier.events)]
    return html.Section([html.H3(f"经过 · {len(lines)} 条"), html.Ol(lines)], className="story")


def _event(event: Event, dossier: Dossier) -> Component:
    named = event.changes.get("unit") or event.about.get("whistle") or ""
    unit = dossier.unit_names.get(str(named), "")
    to = f" → {unit}" if unit else ""
    if "standing" in event.changes and event.action is Action.CLOCK:
        to = " → " + STANDING_NAMES.get(event.changes["standing"], "")  # type: ignore[call-overload]
    why = [html.Q(event.why)] if event.why else []
    return html.Li(
        [
            html.Time(moment_words(event.at, dossier.now)),
            html.Span([html.B(ACTION_NAMES[event.action] + to), *why, html.Small(_by(event, dossier))]),
        ]
    )


def _by(event: Event, dossier: Dossier) -> str:
    if event.action is Action.REPORT and event.by not in dossier.people:
        return CHANNELS.get(dossier.case.channel, dossier.case.channel)  # a device's name says nothing to a person
    return {**SYSTEM, **dossier.people, **dossier.worker_names}.get(event.by, event.by)
