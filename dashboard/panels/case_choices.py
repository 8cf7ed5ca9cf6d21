"""Steps that ask for one of a few values: each value is a button that takes the step at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from cases.citizen import SCORE_NAMES
from cases.lifecycle import ACTION_NAMES
from cases.mediation import RESULTS
from cases.model import Action, Risk
from cases.schemes import SCHEMES
from dashboard.components.signs import RISK_MARKS, RISK_NAMES
from dashboard.dossier import Dossier
from dashboard.panels.case_ids import button_id


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a step, its words, and why it may be given (a reason's basis)."""

    value: str
    words: str
    basis: str = ""


KEYS: Mapping[Action, str] = {
    Action.ANSWER: ",",
    Action.ARRIVE: ".",
    Action.ASSESS: "i",
    Action.EVALUATE: "v",
    Action.MEDIATE: "h",
    Action.HAND_OFF: "",
    Action.REFUSE: "",
    Action.RETURN: "",
}
"""The steps with values in their order, and the key that opens each; refusing and returning keep their free words.

Of an answer or arrival awaited from one unit alone the value is no choice: the key takes the step.
"""
_SINGLE = frozenset({Action.ANSWER, Action.ARRIVE})

_FIXED: Mapping[Action, Sequence[Choice]] = {
    Action.ASSESS: [Choice(risk.value, f"{RISK_MARKS[risk]} {RISK_NAMES[risk]}风险") for risk in Risk],
    Action.EVALUATE: [Choice(str(score), f"{score} {words}") for score, words in SCORE_NAMES.items()],
    Action.MEDIATE: [Choice(result, words) for result, words in RESULTS.items()],
}
_ASKS: Mapping[Action, str] = {
    Action.ASSESS: "先在上面写明依据",
    Action.HAND_OFF: "先在上面写明理由",
    Action.REFUSE: "按清单选一条法定理由",
    Action.RETURN: "按清单选一条理由，不必另写",
}


def choices_of(action: Action, dossier: Dossier) -> Sequence[Choice]:
    """What a step may be given for this case: fixed values, the kinds of hand-off, the scheme's listed reasons."""
    if action is Action.HAND_OFF:
        return [Choice(kind.code, f"{kind.name} · {kind.party}", kind.source) for kind in dossier.kinds.values()]
    if action in (Action.ANSWER, Action.ARRIVE):
        return [Choice(unit, dossier.unit_names.get(unit, unit)) for unit in dossier.awaited.get(action, ())]
    reasons = SCHEMES[dossier.case.scheme].reasons.get(action)
    if reasons is not None:
        return [Choice(row.code, row.words, row.basis) for row in reasons.rows]
    return _FIXED.get(action, ())


def section(dossier: Dossier) -> Component | None:
    """A closed drawer for each such step that is possible now; nothing where none is."""
    drawers = [_step(action, dossier) for action in KEYS if action in dossier.actions]
    return html.Div(drawers, className="choices") if drawers else None


def _step(action: Action, dossier: Dossier) -> Component:
    choices = choices_of(action, dossier)
    if action not in _SINGLE or len(choices) != 1:
        return _drawer(action, dossier)
    [only] = choices
    words = [html.Kbd(KEYS[action]), f"{ACTION_NAMES[action]} · {only.words}"]
    pressed = button_id(dossier.case, action, only.value)
    return html.Button(words, id=pressed, className="action", **{"data-key": KEYS[action]})


def _drawer(action: Action, dossier: Dossier) -> Component:
    key = KEYS[action]
    head = html.Summary(
        [*([html.Kbd(key.upper())] if key else []), f"{ACTION_NAMES[action]}…", html.Small(_ASKS.get(action, ""))],
        **({"data-key": key} if key else {}),
    )
    rows = [
        html.Button(
            choice.words, id=button_id(dossier.case, action, choice.value), className="action", title=choice.basis
        )
        for choice in choices_of(action, dossier)
    ]
    return html.Details([head, html.Div(rows, className="actions")], **{"data-drawer": action.value})
