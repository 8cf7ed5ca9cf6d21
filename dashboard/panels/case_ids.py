"""The ids of what can be pressed and written in the case pane: they name the case and the version shown with it."""

from __future__ import annotations

from cases.model import Case

ID = "case-detail"
BUTTON = f"{ID}-action"
WORDS, UNIT, NUMBER, PARTNERS = f"{ID}-words", f"{ID}-unit", f"{ID}-number", f"{ID}-partners"


def button_id(case: Case, action: str, to: str = "") -> dict[str, object]:
    """The id of a button of the pane: which case as it was shown, what to do, to whom."""
    return {"type": BUTTON, "case": case.no, "version": case.version, "action": str(action), "to": to}
