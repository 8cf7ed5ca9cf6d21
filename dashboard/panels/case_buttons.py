"""What can be done with the case in the pane: its buttons with their keys, the fields some need, and the way back.

A button's id names the case and the version that were shown with it: whatever the pane shows by the time a press
arrives, it means the row that was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from cases.lifecycle import ACTION_NAMES
from cases.model import Action, Case, Stage
from dashboard.components import frame
from dashboard.components.dropdown import dropdown
from dashboard.dossier import Dossier, Undo
from dashboard.panels import case_choices
from dashboard.panels.case_ids import NUMBER, PARTNERS, UNIT, WORDS, button_id

REVEAL = "reveal"  # not an action of the life cycle: nothing of the case changes by it
UNDO_KEY = "u"

OFFERED: Mapping[Action, str] = {
    Action.ACCEPT: "s",
    Action.DISPATCH: "d",
    Action.SIGN: "q",
    Action.HANDLE: "f",
    Action.VERIFY: "v",
    Action.REWORK: "r",
    Action.CLOSE: "c",
    Action.RETURN: "b",
    Action.TRANSFER: "m",
    Action.URGE: "o",
    Action.SUPERVISE: "g",
    Action.PROMISE: "l",
    Action.WHISTLE: "w",
    Action.SPLIT: ";",
    Action.EXTEND: "e",
    Action.PROLONG: "e",
    Action.APPROVE: "z",
    Action.REJECT: "",
    Action.SUSPEND: "x",
    Action.RESUME: "x",
    Action.HAND_BACK: "y",
    Action.REFUSE: "",
    Action.VOID: "",
    Action.REOPEN: "",
    Action.UNMERGE: UNDO_KEY,
    Action.NOTE: "t",
    Action.REPORT_BACK: "",
    Action.ESCALATE: "",
    Action.SEND_BACK: "",
    Action.ARCHIVE: "",
}
"""The buttons in their order and the key of each; what a case allows is the life cycle's business, not this table's."""


_DAYS: Mapping[Action, str] = {Action.EXTEND: "延期天数", Action.PROMISE: "承诺几个工作日内答复"}
_UNIT_FOR: Mapping[Action, str] = {Action.DISPATCH: "派给", Action.TRANSFER: "转给", Action.SPLIT: "牵头"}
_PARTNERS_FOR: Mapping[Action, str] = {Action.WHISTLE: "吹哨叫", Action.SPLIT: "拆分给"}
"""What a chosen unit, several or a number would be for; only what is possible now is said. A whistle without
partners calls the one unit."""


def section(dossier: Dossier) -> Component:
    """The way back while it is open, the reason for the suggestion, the fields and the buttons."""
    shown = [action for action in OFFERED if action in dossier.actions]
    picked = [action for action in case_choices.KEYS if action in dossier.actions]
    back = _way_back(dossier.undo, dossier.case)
    if not (shown or picked):
        return html.Div([back, frame.nothing("您的岗位此刻没有可办的事项")], className="doing")
    buttons = [_button(action, dossier, action is shown[0]) for action in shown]
    parts = [back, _why(dossier), _fields(dossier), html.Div(buttons, className="actions")]
    return html.Div([*parts, case_choices.section(dossier)], className="doing")


def _way_back(undo: Undo | None, case: Case) -> Component | None:
    """撤回 with the seconds that are left (assets/operator_desk.js counts them); or why there is no way back."""
    if undo is None:
        return None
    if undo.until is None:
        return html.P(undo.why_not, className="no-way-back")
    return html.Button(
        [html.Kbd(UNDO_KEY.upper()), f"撤回“{ACTION_NAMES[undo.step]}”", html.Small(className="left")],
        id=button_id(case, Action.UNDO),
        className="action way-back",
        **{"data-key": UNDO_KEY, "data-until": undo.until.isoformat()},
    )


def _why(dossier: Dossier) -> Component | None:
    if dossier.suggestion is None or dossier.case.stage not in (Stage.REPORTED, Stage.ACCEPTED):
        return None
    return html.P(["建议派 ", html.B(dossier.suggestion.unit.name), f"：{dossier.suggestion.why}"], className="why")


def _fields(dossier: Dossier) -> Component:
    """What some actions need; keyed by case so that a half-written reason never lands in another case.

    The words outlive a redraw (a colleague's step, a turn of the clock) and a reload of this tab.
    """
    key = {"case": dossier.case.no}
    kept = {"persistence": dossier.case.no, "persistence_type": "session"}
    options = [{"label": unit.name, "value": unit.id} for unit in dossier.units]
    fields: list[Component] = [dcc.Textarea(id={"type": WORDS, **key}, placeholder="理由或内容", **kept)]
    if _possible({**_UNIT_FOR, **_PARTNERS_FOR}, dossier):
        best = dossier.suggestion.unit.id if dossier.suggestion else None
        unit = dropdown(options, best, id={"type": UNIT, **key}, clearable=False, maxHeight=240, **kept)
        fields.append(_named(_possible(_UNIT_FOR, dossier) or "单位", unit))
    if partners_for := _possible(_PARTNERS_FOR, dossier):
        more = {"id": {"type": PARTNERS, **key}, "multi": True, "placeholder": "不选即上面的单位", "maxHeight": 240}
        fields.append(_named(partners_for, dropdown(options, **more, **kept)))
    if days := _possible(_DAYS, dossier):
        number = dcc.Input(id={"type": NUMBER, **key}, type="number", min=1, max=60, placeholder="天数", **kept)
        fields.append(_named(days, number))
    return html.Div(fields, className="fields")


def _possible(words: Mapping[Action, str], dossier: Dossier) -> str:
    """The words of those steps that can be taken now; empty where none can."""
    return "／".join(said for action, said in words.items() if action in dossier.actions)


def _named(words: str, control: Component) -> Component:
    """A field with what it is for beside it: a placeholder is gone as soon as something is chosen."""
    return html.Div([html.Span(words), control], className="field", role="group", **{"aria-label": words})


def _button(action: Action, dossier: Dossier, is_first: bool) -> Component:
    key = OFFERED[action]
    words = ACTION_NAMES[action]
    if action is Action.DISPATCH and dossier.suggestion:
        words = f"派给 {dossier.suggestion.unit.name}"
    shown: Sequence[Component] = [html.Kbd(key.upper())] if key else []
    return html.Button(
        [*shown, words],
        id=button_id(dossier.case, action),
        className="action main" if is_first else "action",
        **({"data-key": key} if key else {}),
    )
